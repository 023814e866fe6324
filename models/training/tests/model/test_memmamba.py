"""Properties of the reference model that everything else relies on."""

import copy
import unittest

import torch

from memmamba_training.model.config import Config
from memmamba_training.model.memmamba import MemMamba, Trace
from memmamba_training.model.state_pool import PoolAttention, Pools, folded_bias


def small(**changes):
    torch.manual_seed(1)
    sizes = dict(n_layer=4, d_model=24, d_inner=48, dt_rank=2, vocab_size=61, note_dim=8)
    pool = dict(pool_size=5, chunk=8, n_heads=2, head_dim=6, cross_layer_every=2)
    model = MemMamba(Config(**(sizes | pool | changes)))
    with torch.no_grad():
        for layer in model.layers:
            # Strong memory paths: at their initial size an error in them could pass unseen.
            layer.note.score.weight.normal_()
            for attention in (layer.token_attention, getattr(layer, "layer_attention", None)):
                if attention is not None:
                    attention.o.weight.normal_(std=0.3)
    return model.requires_grad_(False).eval()


class Model(unittest.TestCase):
    def setUp(self):
        self.tokens = torch.randint(0, 61, (2, 45), generator=torch.Generator().manual_seed(2))

    def test_nothing_depends_on_later_tokens(self):
        model = small()
        whole = model(self.tokens)
        for length in (1, 7, 8, 9, 31):
            part = model(self.tokens[:, :length])
            torch.testing.assert_close(part, whole[:, :length], rtol=1e-4, atol=1e-4)

    def test_first_chunk_reads_nothing(self):
        model = small()
        on, off = model(self.tokens), model(self.tokens, pool=False)
        torch.testing.assert_close(on[:, :8], off[:, :8])
        self.assertGreater(float((on[:, 8:] - off[:, 8:]).abs().max()), 1e-3)

    def test_a_shut_gate_skips_the_token_read(self):
        model = small(tau2=1.0, cross_layer_every=0)
        torch.testing.assert_close(model(self.tokens), model(self.tokens, pool=False))

    def test_an_empty_pool_reads_as_zero(self):
        model = small(tau1=1.0)
        torch.testing.assert_close(model(self.tokens), model(self.tokens, pool=False))

    def test_the_trace_holds_every_layer(self):
        trace = Trace()
        small()(self.tokens, trace=trace)
        self.assertEqual([s.shape for s in trace.scores], [(2, 45)] * 4)
        self.assertEqual([p.shape for p in trace.positions], [(2, 6, 5)] * 4)
        sums = trace.weights[2].sum(-1)
        torch.testing.assert_close(sums[:, 1:], torch.ones_like(sums[:, 1:]))
        self.assertEqual(float(sums[:, 0].abs().max()), 0.0)

    def test_the_trace_keeps_weights_of_the_layers_that_it_is_asked_for(self):
        model = small()
        every, some = Trace(), Trace(weighed=[1, 3])
        torch.testing.assert_close(
            model(self.tokens, trace=every), model(self.tokens, trace=some), rtol=0, atol=0
        )
        self.assertEqual([w is not None for w in some.weights], [False, True, False, True])
        torch.testing.assert_close(some.weights[3], every.weights[3], rtol=0, atol=0)

    def test_salience_is_the_sum_of_the_archive_layers_rows(self):
        model = small(archive_layers=[1, 3])
        self.assertFalse(model.has_sentence_head)
        model.add_sentence_head()
        self.assertTrue(model.has_sentence_head)
        trace = Trace()
        before = model(self.tokens, trace=trace)
        torch.testing.assert_close(model.salience(trace.normed), torch.zeros(2, 45), rtol=0, atol=0)
        with torch.no_grad():
            for index in (1, 3):
                model.layers[index].sentence.weight.normal_()
                model.layers[index].sentence.bias.normal_()
        expected = 0
        for index in (1, 3):
            # What the note block reads, by hand from the stream behind the scan.
            weight, bias = (
                model.state_dict()[f"layers.{index}.sentence.{name}"] for name in ("weight", "bias")
            )
            self.assertEqual((weight.shape, bias.shape), ((1, 24), (1,)))
            expected = expected + (trace.normed[index] * weight[0]).sum(-1) + bias
        torch.testing.assert_close(model.salience(trace.normed), expected, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(model(self.tokens), before, rtol=0, atol=0)
        # A head that is there stays as it was trained.
        model.add_sentence_head()
        torch.testing.assert_close(model.salience(trace.normed), expected, rtol=1e-5, atol=1e-5)

    def test_salience_is_in_f32_under_autocast(self):
        model = small(archive_layers=[1])
        model.add_sentence_head()
        with torch.no_grad():
            model.layers[1].sentence.weight.normal_()
        v = torch.randn(2, 45, 24)
        with torch.autocast("cpu", torch.bfloat16):
            salience = model.salience({1: v})
        torch.testing.assert_close(salience, model.salience({1: v}), rtol=0, atol=0)
        self.assertEqual(salience.dtype, torch.float32)

    def test_config_survives_its_file(self):
        import json
        import tempfile

        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(small(tau1=0.25).config.to_json(), file)
            file.flush()
            self.assertEqual(Config.from_json(file.name), small(tau1=0.25).config)


class Folded(unittest.TestCase):
    """Attention with its bias folded into the product, against the plain one."""

    def test_reads_the_same_with_the_same_gradients(self):
        torch.manual_seed(0)
        for dims in (6, 7, 32):
            config = Config(d_model=24, note_dim=8, n_heads=2, head_dim=dims)
            plain = PoolAttention(config, gated=False).double()
            folded = copy.deepcopy(plain)
            # The first pool is empty, the second partly filled.
            positions = torch.tensor([[[-1] * 5, [3, 1, -1, -1, -1], [4, 3, 2, 1, 0]]]).expand(2, 3, 5)
            given = (torch.randn(2, 12, 24), torch.randn(2, 3, 5, 8), torch.rand(2, 3, 5) * 60 - 30)
            given = (*given, torch.rand(2, 12, 1))
            direction = torch.randn(2, 12, 24).double()
            found = []
            for attention, method in ((plain, plain.forward), (folded, folded.folded)):
                v, notes, scores, gate = (x.double().requires_grad_() for x in given)
                read = method(v, Pools(notes, scores, positions), gate)
                read = read[0] if isinstance(read, tuple) else read
                read.backward(direction)
                inputs = (v, notes, scores, gate, *attention.parameters())
                found.append([read.detach(), *(x.grad for x in inputs)])
            torch.testing.assert_close(*found)
            self.assertEqual(float(found[1][0][:, :4].abs().max()), 0)

    def test_two_columns_hold_the_bias_to_16_bits(self):
        bias = -torch.rand(1000).mul(8).exp() + 1
        columns = folded_bias(bias, torch.bfloat16)
        self.assertEqual((columns.shape, columns.dtype), ((1000, 8), torch.bfloat16))
        torch.testing.assert_close(columns.float().sum(-1), bias, rtol=2**-16, atol=1e-6)


if __name__ == "__main__":
    unittest.main()
