"""A reader in a model's folder is the adapter that was trained, to the rounding of its bits."""

import pathlib
import shutil
import tempfile
import unittest

import numpy as np
import torch

from memmamba_training.export.micro_model import micro_model, micro_reader
from memmamba_training.export.model_folder import write_adapter
from memmamba_training.export.reader import export
from memmamba_training.model import quantization
from memmamba_training.model.loading import load_model, load_reader
from memmamba_training.model.safetensors import load_safetensors, save_safetensors
from tests.artifacts import REPOSITORY

MICRO_FOLDER = REPOSITORY / "test/fixtures/micro"


class Reader(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.run, self.model = pathlib.Path(self.folder.name, "run"), pathlib.Path(self.folder.name, "model")
        shutil.copytree(MICRO_FOLDER, self.model)
        self.trained = micro_reader(micro_model(1), 7)
        write_adapter(self.run, self.trained)

    def tearDown(self):
        self.folder.cleanup()

    def hidden(self, model):
        tokens = torch.arange(40)[None] % 97
        with torch.no_grad():
            return model.hidden(tokens, pool=False)

    def test_sixteen_bits_are_what_was_trained(self):
        export(self.run, self.model, bits=16)
        trained, loaded = self.hidden(self.trained), self.hidden(load_reader(self.model))
        torch.testing.assert_close(loaded, trained, rtol=0, atol=0.02)
        # The model beside it is another, and stays what it was.
        self.assertGreater((self.hidden(load_model(self.model)) - trained).abs().max().item(), 0.5)
        plain, committed = load_model(self.model), load_model(MICRO_FOLDER)
        self.assertTrue(torch.equal(self.hidden(plain), self.hidden(committed)))

    def test_eight_bits_are_half_as_large_and_within_half_a_step(self):
        export(self.run, self.model, bits=16)
        sixteen = load_safetensors(self.model / "reader.safetensors")
        eight = export(self.run, self.model)
        self.assertEqual(eight["layers.0.in_proj.up"].dtype, np.int8)
        for name, value in quantization.dequantize(eight).items():
            step = eight.get(f"{name}.step", np.zeros(1))[:, None] if value.ndim == 2 else 0
            error = np.abs(value.astype(np.float32) - sixteen[name].astype(np.float32))
            self.assertTrue((error <= step / 2 * (1 + 1e-4) + 1e-6).all(), name)

    def test_it_belongs_to_its_model(self):
        tensors = load_safetensors(self.run / "reader.safetensors")
        tensors["norm.weight"] = tensors["norm.weight"][:-1]
        save_safetensors(self.run / "reader.safetensors", tensors)
        with self.assertRaisesRegex(ValueError, "norm.weight has the shape"):
            export(self.run, self.model)
        tensors["norm.weight"] = np.full(32, np.inf, np.float16)
        save_safetensors(self.run / "reader.safetensors", tensors)
        with self.assertRaisesRegex(ValueError, "what is no number"):
            export(self.run, self.model)


if __name__ == "__main__":
    unittest.main()
