import unittest

import torch

from memmamba_training.objectives.share import shared


class ShareTest(unittest.TestCase):
    def test_the_value_stays_and_a_share_of_the_gradient_goes_on(self):
        for share in (0.0, 0.1, 1.0):
            u = torch.randn(3, requires_grad=True)
            weight = torch.randn(3, requires_grad=True)
            found = shared(u, share)
            self.assertTrue(torch.allclose(found, u))
            (found * weight).sum().backward()
            self.assertTrue(torch.allclose(u.grad, share * weight))
            self.assertTrue(torch.allclose(weight.grad, u))


if __name__ == "__main__":
    unittest.main()
