"""The committed graphs, checksums and golden files are what the programs beside this file make."""

import hashlib
import json
import pathlib
import tempfile
import unittest

import numpy as np
import onnx
import torch

from memmamba_training.export import dense_graphs
from memmamba_training.export.micro_model import MICRO, micro_model
from memmamba_training.model.loading import load_model, load_reader
from memmamba_training.model.memmamba import Trace
from memmamba_training.model.safetensors import load_safetensors, split
from tests.artifacts import ARTIFACTS, REPOSITORY

MICRO_FOLDER = REPOSITORY / "test/fixtures/micro"
SHIPPED = sorted(path.parent for path in ARTIFACTS.glob("*/model.safetensors"))
FOLDERS = [MICRO_FOLDER, *SHIPPED]


class ModelFiles(unittest.TestCase):
    def test_graphs(self):
        for folder in FOLDERS:
            config = json.loads((folder / "config.json").read_text())
            graphs = dense_graphs.graphs(config)
            committed = {path.stem: onnx.load(path) for path in (folder / "graphs").glob("*.onnx")}
            self.assertEqual(sorted(graphs), sorted(committed), folder)
            for name, model in graphs.items():
                # Versions of the onnx package may add fields around the graph.
                self.assertEqual(model.graph, committed[name].graph, f"{folder}: {name}")
                self.assertEqual(list(model.opset_import), list(committed[name].opset_import))

    def test_checksums(self):
        for folder in FOLDERS:
            sums = json.loads((folder / "checksums.json").read_text())["files"]
            graphs = {f"graphs/{path.name}" for path in (folder / "graphs").glob("*.onnx")}
            self.assertLessEqual(graphs | {"config.json", "model.safetensors"}, set(sums))
            for name, expected in sums.items():
                actual = hashlib.sha256((folder / name).read_bytes()).hexdigest()
                self.assertEqual(actual, expected, f"{folder / name}")

    def test_golden_files_belong_to_the_weights(self):
        for folder in FOLDERS:
            reference = load_safetensors(folder / "golden/reference.safetensors")
            model = load_model(folder)
            # A chunk is enough to tell other weights, and takes a moment.
            chunk = model.config.chunk
            batch = torch.from_numpy(reference["tokens"][:chunk].astype(np.int64))[None]
            trace = Trace()
            with torch.no_grad():
                best = model.logits(model.hidden(batch, trace=trace))[0].topk(2, -1).values
                salience = model.salience(trace.normed)[0] if model.has_sentence_head else None
            margin = (best[:, 0] - best[:, 1]).numpy()
            np.testing.assert_allclose(margin, reference["margin"][:chunk], atol=1e-3)
            self.assertEqual("salience" in reference, salience is not None, folder)
            if salience is not None:
                np.testing.assert_allclose(salience.numpy(), reference["salience"][:chunk], atol=1e-3)
            self.assertEqual("read_none" in reference, (folder / "reader.safetensors").exists(), folder)
            if "read_none" in reference:
                self.check_reader(folder, reference)

    def check_reader(self, folder, reference):
        reader = load_reader(folder)
        asked, to = reference["read_places"][-1]
        ids = torch.from_numpy(reference["read_tokens"][-1].astype(np.int64))
        ids = ids[ids >= 0]
        with torch.no_grad():
            u = reader.hidden(ids[None], pool=False)
            _, ends, none = reader.reader(u, torch.tensor([asked - 1]), torch.tensor([len(ids) - 1]))
        np.testing.assert_allclose(none.numpy(), reference["read_none"][-1:], atol=1e-3)
        np.testing.assert_allclose(ends[0, asked:to], reference["read_end"][-1, asked:to], atol=1e-3)

    def test_a_file_in_parts_reads_as_a_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.safetensors"
            path.write_bytes((MICRO_FOLDER / "model.safetensors").read_bytes())
            whole = load_safetensors(path)
            split(path, 60_000)
            self.assertEqual(len(list(pathlib.Path(folder).iterdir())), 3)
            for name, value in load_safetensors(path).items():
                np.testing.assert_array_equal(value, whole[name])

    def test_micro_model(self):
        weights = load_safetensors(MICRO_FOLDER / "model.safetensors")
        state = micro_model(1).state_dict()
        self.assertEqual(sorted(weights), sorted(state))
        self.assertEqual(json.loads((MICRO_FOLDER / "config.json").read_text()), MICRO.to_json())


if __name__ == "__main__":
    unittest.main()
