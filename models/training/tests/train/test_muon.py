"""Muon's update against a singular value decomposition, and a problem that it must solve."""

import unittest

import torch

from memmamba_training.model.config import Config
from memmamba_training.model.memmamba import MemMamba
from memmamba_training.train.muon import Muon, orthogonal
from memmamba_training.train.optimizer import optimizer_of


class Orthogonal(unittest.TestCase):
    def test_singular_values_near_one_and_the_same_directions(self):
        torch.manual_seed(0)
        for shape in ((3, 8, 24), (2, 24, 8), (4, 16, 16), (1, 1, 5)):
            given = torch.randn(shape)
            u, _, vh = torch.linalg.svd(given, full_matrices=False)
            got = orthogonal(given)
            values = torch.linalg.svdvals(got)
            self.assertGreater(values.min().item(), 0.3)
            self.assertLess(values.max().item(), 1.3)
            # u' got v is diagonal: the singular directions stay.
            inner = u.transpose(1, 2) @ got @ vh.transpose(1, 2)
            off = inner - torch.diag_embed(torch.diagonal(inner, dim1=1, dim2=2))
            self.assertLess(off.abs().max().item(), 1e-4)

    def test_scale_does_not_matter(self):
        given = torch.randn(2, 6, 10)
        torch.testing.assert_close(orthogonal(given), orthogonal(1e3 * given), rtol=1e-4, atol=1e-4)


class Updates(unittest.TestCase):
    def test_solves_least_squares(self):
        torch.manual_seed(1)
        target, x = torch.randn(12, 20), torch.randn(200, 20)
        weight = torch.nn.Parameter(torch.zeros(12, 20))
        optimizer = Muon([{"params": [weight]}], lr=0.1, weight_decay=0.0)
        for step in range(300):
            for group in optimizer.param_groups:
                group["lr"] = 0.1 * (1 - step / 300)
            optimizer.zero_grad()
            (x @ (weight - target).T).pow(2).mean().backward()
            optimizer.step()
        self.assertLess((weight - target).norm().item() / target.norm().item(), 0.02)

    def test_blocks_are_updated_as_if_they_were_matrices_of_their_own(self):
        torch.manual_seed(2)
        whole = torch.nn.Parameter(torch.randn(8, 5))
        halves = [torch.nn.Parameter(part.clone()) for part in whole.detach().split(4)]
        gradient = torch.randn(8, 5)
        whole.grad = gradient.clone()
        for half, part in zip(halves, gradient.split(4)):
            half.grad = part.clone()
        Muon([{"params": [whole], "parts": 2}], lr=0.01).step()
        Muon([{"params": halves}], lr=0.01).step()
        torch.testing.assert_close(whole.detach(), torch.cat([half.detach() for half in halves]))

    def test_every_parameter_of_a_model_is_in_one_group(self):
        config = Config(n_layer=2, d_model=32, d_inner=64, dt_rank=2, vocab_size=50)
        model = MemMamba(config, retrieval=False)
        optimizer = optimizer_of(model, 1e-3, "muon")
        held = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        self.assertEqual(len(held), len(set(map(id, held))))
        self.assertEqual({id(p) for p in held}, {id(p) for p in model.parameters()})

    def test_state_comes_back(self):
        torch.manual_seed(3)
        config = Config(n_layer=2, d_model=32, d_inner=64, dt_rank=2, vocab_size=50)
        model = MemMamba(config)
        tokens = torch.randint(0, 50, (1, 32))

        def advance(model, optimizer):
            optimizer.zero_grad()
            model(tokens).logsumexp(-1).mean().backward()
            optimizer.step()

        optimizer = optimizer_of(model, 1e-3, "muon")
        advance(model, optimizer)
        twin = MemMamba(config)
        twin.load_state_dict(model.state_dict())
        other = optimizer_of(twin, 1e-3, "muon")
        other.load_state_dict(optimizer.state_dict())
        advance(model, optimizer)
        advance(twin, other)
        for one, two in zip(model.parameters(), twin.parameters()):
            torch.testing.assert_close(one, two)


if __name__ == "__main__":
    unittest.main()
