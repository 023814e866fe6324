"""Retrieval heads on frozen weights: they learn what is there to learn, and nothing else changes."""

import argparse
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from memmamba_training.export.model_folder import write_heads, write_model
from memmamba_training.model.config import Config
from memmamba_training.model.loading import load_model
from memmamba_training.model.memmamba import MemMamba
from memmamba_training.model.safetensors import load_safetensors, save_safetensors
from memmamba_training.train import retrieval_head
from memmamba_training.train.retrieval_head import (
    Piece,
    copied,
    loss_of,
    mean,
    mixed,
    put,
    quality,
    scores,
    train,
)

LAYERS, NOTE_DIM, D_MODEL = 2, 8, 12


def write_piece(folder, number, rng, mixed):
    """Twelve gists of ten characters each; a query's stream is the gist of its answer times `mixed`."""
    gists = rng.normal(size=(LAYERS, 12, NOTE_DIM)).astype(np.float32)
    answers = rng.integers(12, size=6)
    streams = np.stack([gists[0, answers] @ mixed, rng.normal(size=(6, D_MODEL))], 1).astype(np.float32)
    path = Path(folder) / f"{number:04}.json"
    np.concatenate([gists.ravel(), streams.ravel()]).tofile(path.with_suffix(".f32"))
    queries = [
        {
            "form": "heading" if answer % 2 else "sentence",
            "paraphrased": False,
            "gold": [[int(10 * answer + 3), int(10 * answer + 7)]],
        }
        for answer in answers
    ]
    path.write_text(json.dumps({"gists": [[10 * j, 10 * j + 10] for j in range(12)], "queries": queries}))
    return path, answers


def heads_of(seed=0):
    torch.manual_seed(seed)
    config = Config(n_layer=4, d_model=D_MODEL, note_dim=NOTE_DIM, archive_layers=[1, 2], fact_layers=[3])
    model = MemMamba(config, retrieval=True)
    return [model.layers[layer].retrieval for layer in config.archive_layers]


class Heads(unittest.TestCase):
    def test_right_gists_are_those_of_the_answer(self):
        with tempfile.TemporaryDirectory() as folder:
            rng = np.random.default_rng(1)
            path, answers = write_piece(folder, 0, rng, rng.normal(size=(NOTE_DIM, D_MODEL)))
            piece = Piece(path, LAYERS, NOTE_DIM, D_MODEL)
        self.assertEqual(piece.gists.shape, (LAYERS, 12, NOTE_DIM))
        self.assertEqual(piece.queries.shape, (6, LAYERS, D_MODEL))
        self.assertEqual(piece.right.nonzero()[:, 1].tolist(), answers.tolist())

    def test_the_loss_is_of_all_layers_together(self):
        with tempfile.TemporaryDirectory() as folder:
            rng = np.random.default_rng(2)
            path, answers = write_piece(folder, 0, rng, rng.normal(size=(NOTE_DIM, D_MODEL)))
            piece = Piece(path, LAYERS, NOTE_DIM, D_MODEL)
        heads = heads_of()
        with torch.no_grad():
            loss, count = loss_of(heads, piece)
            exps = scores(heads, piece).double().exp()
        expected = sum(
            float(torch.log(exps[q].sum()) - torch.log(exps[q, :, answer].sum()))
            for q, answer in enumerate(answers)
        )
        self.assertEqual(int(count), 6)
        self.assertAlmostEqual(float(loss), expected, places=3)

    def test_learns_to_find_and_keeps_the_best(self):
        with tempfile.TemporaryDirectory() as folder:
            rng = np.random.default_rng(3)
            mixed = rng.normal(size=(NOTE_DIM, D_MODEL))
            paths = [write_piece(folder, number, rng, mixed)[0] for number in range(60)]
            pieces = [Piece(path, LAYERS, NOTE_DIM, D_MODEL) for path in paths]
        heads = heads_of()
        old, retrieval_head.RANKED = retrieval_head.RANKED, 1
        try:
            options = argparse.Namespace(lr=2e-2, rounds=12)
            history = train(heads, pieces[8:], pieces[:8], options, seed=0)
            self.assertLess(mean(history[0]), 0.4)
            self.assertGreater(max(map(mean, history)), 0.8)
            self.assertEqual(quality(heads, pieces[:8]), max(history, key=mean))
        finally:
            retrieval_head.RANKED = old

    def test_what_was_trained_is_averaged_and_mixed_with_what_stood_before(self):
        heads = heads_of()
        before, trained = copied(heads_of(1)), [copied(heads_of(seed)) for seed in (2, 3)]
        put(heads, mixed(before, trained, 0.7))
        for found, old, one, two in zip(copied(heads), before, *trained):
            self.assertTrue(torch.allclose(found, 0.3 * old + 0.35 * one + 0.35 * two, atol=1e-6))
        put(heads, mixed(before, trained, 0))
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(copied(heads), before)))


class Files(unittest.TestCase):
    def test_only_heads_are_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            config = Config(
                **{"n_layer": 4, "d_model": 16, "d_inner": 32, "vocab_size": 32, "note_dim": 8, "n_heads": 2},
                **{"head_dim": 4, "archive_layers": [1, 2], "fact_layers": [3]},
            )
            model = MemMamba(config, retrieval=True)
            write_model(folder / "a", model.state_dict(), config.to_json())
            before = load_safetensors(folder / "a" / "model.safetensors")
            # A matrix in eight bits must stay in eight bits.
            before["embedding.weight"] = np.ones((32, 16), np.int8)
            before["embedding.weight.step"] = np.full(32, 0.5, np.float32)
            save_safetensors(folder / "a" / "model.safetensors", before)
            name = "layers.2.retrieval.key.weight"
            write_heads(folder / "a", folder / "b", {name: torch.full((8, 8), 0.25)})
            after = load_safetensors(folder / "b" / "model.safetensors")
            self.assertEqual(list(before), list(after))
            for key, value in after.items():
                self.assertEqual(value.dtype, before[key].dtype)
                self.assertEqual(bool((value == before[key]).all()), key != name)
            key = load_model(folder / "b").layers[2].retrieval.key.weight
            self.assertEqual(float(key.sum()), 16)
            with self.assertRaises(ValueError):
                write_heads(folder / "a", folder / "b", {name: torch.zeros(4, 4)})


if __name__ == "__main__":
    unittest.main()
