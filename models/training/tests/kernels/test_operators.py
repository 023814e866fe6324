"""The plain operators against arithmetic written out by hand, in float64."""

import math
import unittest

import torch

from memmamba_training.kernels import operators

torch.manual_seed(0)


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def scan_inputs(length, channels=3, states=4):
    return (
        normal(2, length, channels),
        normal(2, length, channels) * 3,
        normal(channels),
        -torch.exp(normal(channels, states)),
        normal(2, length, states),
        normal(2, length, states),
        normal(channels),
        normal(2, length, channels),
    )


class SelectiveScan(unittest.TestCase):
    def test_is_the_convolution_with_its_decays(self):
        # h_t = Σ_{i ≤ t} exp(A ΣΔ_{i < j ≤ t}) Δ_i u_i B_i: the recurrence, unrolled.
        u, raw, bias, a, b, c, d, z = scan_inputs(5)
        y, h = operators.selective_scan_loop(u, raw, bias, a, b, c, d, z)
        delta = torch.log1p(torch.exp(raw + bias))
        for t in range(5):
            state = torch.zeros(2, *a.shape, dtype=torch.float64)
            for i in range(t + 1):
                elapsed = delta[:, i + 1 : t + 1].sum(1)
                decay = torch.exp(elapsed[..., None] * a)
                state += decay * (delta[:, i] * u[:, i])[..., None] * b[:, i, None, :]
            want = (state * c[:, t, None, :]).sum(-1) + d * u[:, t]
            want = want * z[:, t] * torch.sigmoid(z[:, t])
            torch.testing.assert_close(y[:, t], want)
        torch.testing.assert_close(h, state)

    def test_gradients_agree_with_finite_differences(self):
        inputs = [x.requires_grad_() for x in scan_inputs(4, channels=2, states=3)]
        self.assertTrue(torch.autograd.gradcheck(lambda *x: operators.selective_scan_loop(*x)[0], inputs))

    def test_extreme_steps_stay_finite(self):
        u, raw, bias, a, b, c, d, z = scan_inputs(6)
        for shift in (-100.0, 100.0):
            y, h = operators.selective_scan_loop(u, raw + shift, bias, a, b, c, d, z)
            self.assertTrue(bool(torch.isfinite(y).all() and torch.isfinite(h).all()))


class CausalConv(unittest.TestCase):
    def test_every_tap(self):
        x, weight, bias = normal(1, 6, 2), normal(2, 4), normal(2)
        got = operators.causal_conv_plain(x, weight, bias)
        for t in range(6):
            for e in range(2):
                total = float(bias[e])
                for k in range(4):
                    if t - 3 + k >= 0:
                        total += float(weight[e, k] * x[0, t - 3 + k, e])
                self.assertAlmostEqual(float(got[0, t, e]), total / (1 + math.exp(-total)), 12)


class PrefixPools(unittest.TestCase):
    def brute(self, scores, chunk, size, tau1, replacement):
        """Every chunk's pool by sorting all tokens so far."""
        pools = []
        for end in range(chunk, len(scores) + 1, chunk):
            tokens = range(end)
            if replacement == "fifo":
                kept = [t for t in tokens if scores[t] > 0][::-1]
            else:
                kept = [t for t in tokens if 1 / (1 + math.exp(-scores[t])) > tau1]
                kept.sort(key=lambda t: (-scores[t], t))
            kept = kept[:size]
            pools.append(kept + [-1] * (size - len(kept)))
        return pools

    def test_equals_sorting_everything(self):
        for replacement in ("priority", "fifo"):
            for tau1 in (0.0, 0.5):
                # Rounded, so that there are many ties.
                scores = torch.randn(2, 48).mul(2).round()
                got = operators.prefix_pools(scores, 8, 5, tau1, replacement)
                for row in range(2):
                    want = self.brute(scores[row].tolist(), 8, 5, tau1, replacement)
                    self.assertEqual(got[row].tolist(), want)


if __name__ == "__main__":
    unittest.main()
