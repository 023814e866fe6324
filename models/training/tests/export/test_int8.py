"""Weights in eight bits are within half a step of what they were; what is written is a whole model."""

import json
import pathlib
import tempfile
import unittest

import numpy as np
import torch

from memmamba_training.export.int8 import MAX_BYTES, export, shortened, write_dequantized
from memmamba_training.export.micro_model import MICRO, micro_model
from memmamba_training.export.model_folder import write_model
from memmamba_training.model import quantization
from memmamba_training.model.loading import load_model
from memmamba_training.model.memmamba import Trace
from memmamba_training.model.safetensors import load_safetensors
from tests.artifacts import ARTIFACTS


class Quantization(unittest.TestCase):
    def test_every_weight_is_within_half_a_step(self):
        weights = np.random.default_rng(1).normal(size=(7, 33)).astype(np.float16)
        weights[3] *= 1000
        weights[5] = 0
        given = {"layers.0.in_proj.weight": weights, "layers.0.D": np.ones(3, np.float16)}
        quantized = quantization.quantize(given)
        self.assertEqual(quantized["layers.0.in_proj.weight"].dtype, np.int8)
        self.assertIs(quantized["layers.0.D"], given["layers.0.D"])
        steps = quantized["layers.0.in_proj.weight.step"]
        self.assertEqual((steps.dtype, steps.shape, steps[5]), (np.float32, (7,), 0))
        back = quantization.dequantize(quantized)
        self.assertEqual(sorted(back), sorted(given))
        error = np.abs(back["layers.0.in_proj.weight"] - weights.astype(np.float32))
        self.assertTrue((error <= steps[:, None] / 2 * (1 + 1e-5)).all())
        # The largest of each row is the largest integer.
        largest = np.abs(quantized["layers.0.in_proj.weight"]).max(1)
        np.testing.assert_array_equal(largest, [127, 127, 127, 127, 127, 0, 127])

    def test_dequantized_weights_are_a_fixed_point(self):
        weights = np.random.default_rng(2).normal(size=(5, 40)).astype(np.float32)
        once = quantization.quantize({"embedding.weight": weights})
        twice = quantization.quantize(quantization.dequantize(once))
        np.testing.assert_array_equal(once["embedding.weight"], twice["embedding.weight"])


class GoldenText(unittest.TestCase):
    def test_the_short_text_states_and_asks(self):
        text = np.arange(1000, 2000)
        text[300:305] = text[-6:-1] = [1, 2, 3, 4, 5]
        short = shortened(text, 512)
        self.assertEqual(len(short), 512)
        np.testing.assert_array_equal(short[32:37], text[300:305])
        np.testing.assert_array_equal(short[128:], text[-384:])


class Export(unittest.TestCase):
    def test_a_model_with_heads(self):
        with tempfile.TemporaryDirectory() as folder:
            models = pathlib.Path(folder, "models.json")
            models.write_text('["tiny"]')
            master, out = pathlib.Path(folder, "master"), pathlib.Path(folder, "out")
            model = micro_model(1)
            model.add_retrieval()
            self.assertTrue(model.has_sentence_head)
            write_model(master, model.state_dict(), MICRO.to_json())
            tokens = np.random.default_rng(1).integers(0, MICRO.vocab_size, 264)
            tensors = export(master, out, tokens, every=66)
            listed = set(json.loads((out / "checksums.json").read_text())["files"])
            self.assertLessEqual({"config.json", "model.safetensors", "graphs/head.onnx"}, listed)
            self.assertEqual(json.loads(models.read_text()), ["out", "tiny"])
            self.assertEqual(tensors["layers.0.retrieval.query.weight"].dtype, np.float16)
            loaded = load_model(out)
            self.assertTrue(loaded.retrieves)
            self.assertTrue(loaded.has_sentence_head)
            for layer in MICRO.archive_layers:
                # A row of weights is as small as a vector: it stays as it was trained.
                name = f"layers.{layer}.sentence.weight"
                self.assertEqual(tensors[name].dtype, np.float16)
                torch.testing.assert_close(
                    loaded.state_dict()[name], model.state_dict()[name], rtol=0, atol=0
                )
            write_dequantized(out / "f32", (out / "config.json").read_text(), tensors)
            for name, value in load_model(out / "f32").state_dict().items():
                torch.testing.assert_close(value, loaded.state_dict()[name], rtol=0, atol=0)
            # The golden file belongs to these weights, not to the master's.
            batch = torch.from_numpy(tokens)[None]
            reference = load_safetensors(out / "golden/reference.safetensors")
            with torch.no_grad():
                trace = Trace()
                logits = loaded.logits(loaded.hidden(batch, trace=trace))[0, 65]
                master_logits = load_model(master).logits(load_model(master).hidden(batch))[0, 65]
            np.testing.assert_allclose(reference["logits"][0], logits.numpy(), atol=1e-4)
            salience = loaded.salience(trace.normed)[0].numpy()
            np.testing.assert_allclose(reference["salience"], salience, atol=1e-4)
            change = (logits - master_logits).abs().max().item()
            self.assertGreater(change, 1e-3)
            self.assertLess(change, 1)

    def test_the_models_that_ship_are_listed(self):
        folders = sorted(path.parent.name for path in ARTIFACTS.glob("*/model.safetensors"))
        self.assertEqual(json.loads((ARTIFACTS / "models.json").read_text()), folders)

    def test_what_ships_in_eight_bits_is_small_enough(self):
        for path in ARTIFACTS.glob("*/model.safetensors"):
            self.assertLessEqual(path.stat().st_size, MAX_BYTES, path)


if __name__ == "__main__":
    unittest.main()
