"""The sentence head's training: a direction that is there is found, and lands where the model reads it."""

import json
import lzma
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import torch

from memmamba_training.export.model_folder import write_model
from memmamba_training.model.config import Config
from memmamba_training.model.loading import load_model
from memmamba_training.model.memmamba import MemMamba, Trace
from memmamba_training.train import sentence_head

TRAINING = pathlib.Path(__file__).resolve().parents[2]


class Fit(unittest.TestCase):
    def test_finds_the_direction_that_labels_follow(self):
        torch.manual_seed(0)
        direction = torch.randn(6)
        parts = []
        for _ in range(20):
            x = torch.randn(40, 6)
            parts.append((x, x @ direction > 1))
        weight = sentence_head.fit(parts[:10], 1e-4)
        self.assertGreater(sentence_head.quality(weight, parts[10:]), 0.99)
        self.assertLess(sentence_head.quality(-weight, parts[10:]), 0.01)

    def test_ties_count_half(self):
        labels = torch.tensor([True, False, False])
        self.assertEqual(sentence_head.ranked(torch.tensor([1.0, 1.0, 0.0]), labels), 0.75)


class Script(unittest.TestCase):
    def test_writes_a_head_that_ranks_as_reported(self):
        torch.manual_seed(1)
        config = Config(
            n_layer=2, d_model=32, d_inner=64, dt_rank=2, vocab_size=64, archive_layers=[0, 1], fact_layers=[]
        )
        rng = np.random.default_rng(0)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            write_model(folder / "model", MemMamba(config).state_dict(), config.to_json())
            lines = []
            for number in range(40):
                tokens = rng.integers(0, 64, 80)
                ends = np.arange(9, 80, 10)
                # A sentence that ends in an even token is one of the extract.
                labels = [int(token % 2 == 0) for token in tokens[ends]]
                lines.append(
                    {
                        "id": str(number),
                        "family": "made",
                        "tokens": tokens.tolist(),
                        "ends": ends.tolist(),
                        "labels": labels,
                    }
                )
            with lzma.open(folder / "labels.jsonl.xz", "wt") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
            subprocess.run(
                [sys.executable, "-m", sentence_head.__name__, folder / "model", folder / "labels.jsonl.xz"]
                + [folder / "out", "--report", folder / "report.json"],
                check=True,
                cwd=TRAINING,
                stdout=subprocess.DEVNULL,
            )
            report = json.loads((folder / "report.json").read_text())
            self.assertGreater(report["ranked"]["trained"], 0.8)
            model = load_model(folder / "out")
            shares = []
            for line in lines:
                if sentence_head.held_out(line["id"]) or not 0 < sum(line["labels"]) < len(line["labels"]):
                    continue
                trace = Trace()
                with torch.no_grad():
                    model.hidden(torch.tensor([line["tokens"]]), trace=trace)
                    salience = model.salience(trace.normed)[0, line["ends"]]
                shares.append(sentence_head.ranked(salience, torch.tensor(line["labels"], dtype=torch.bool)))
            # The head is stored in f16.
            self.assertAlmostEqual(np.mean(shares), report["ranked"]["trained"], places=2)


if __name__ == "__main__":
    unittest.main()
