"""The retrieval head's training: begins as the model's head, learns what is there, changes nothing else."""

import json
import lzma
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import torch

import retrieval_head
from bpe import AsciiBPE
from model import Config, MemMamba, Trace
from model_files import load_safetensors, write_model
from retrieval_head import TOKENIZER, Asked, Variant
from test_queries import prose
from words import Words

HERE = pathlib.Path(__file__).parent
SMALL = dict(n_layer=2, d_model=32, d_inner=64, dt_rank=2, chunk=16, fact_layers=[1], archive_layers=[0, 1])


def model_of(**changes):
    torch.manual_seed(0)
    return MemMamba(Config(**{**SMALL, **changes}), retrieval=True)


def traced(rows, length, width=32):
    trace = Trace()
    trace.scores = [torch.randn(rows, length) for _ in range(2)]
    trace.notes = [torch.randn(rows, length, 64) for _ in range(2)]
    trace.normed = {layer: torch.randn(rows, length, width) for layer in range(2)}
    return trace


def write_shards(folder, documents=3):
    bpe = AsciiBPE(TOKENIZER)
    ids = [bpe.encode(prose(random.Random(seed), 200))[0] for seed in range(documents)]
    np.concatenate(ids).astype(np.uint16).tofile(folder / "docs-0.bin")
    np.cumsum([0] + [len(part) for part in ids[:-1]]).astype(np.int64).tofile(folder / "docs-0.idx")


class Inputs(unittest.TestCase):
    def test_candidates_are_what_the_archive_keeps(self):
        config = model_of().config
        trace = traced(2, 60)
        # Three chunks of 16 and one of two tokens; what comes after 50 is the query's.
        found = retrieval_head.candidates(config, trace, 1, 50)
        notes, first, after = found["note"]
        self.assertEqual(first.shape, (2, 14))
        for row in range(2):
            for start, size in ((0, 4), (16, 4), (32, 4), (48, 2)):
                chunk = trace.scores[1][row, start : min(start + 16, 50)]
                best = set((start + chunk.topk(size).indices).tolist())
                inside = first[row][(first[row] >= start) & (first[row] < start + 16)]
                self.assertEqual(set(inside.tolist()), best)
        self.assertTrue(torch.equal(notes[1, 5], trace.notes[1][1, first[1, 5]]))
        self.assertTrue(torch.equal(found["stream"][0][1, 5], trace.normed[1][1, first[1, 5]]))
        means, first, after = found["chunk"]
        self.assertEqual(list(zip(first[0].tolist(), after[0].tolist()))[-2:], [(32, 48), (48, 50)])
        self.assertTrue(torch.allclose(means[1, 3], trace.normed[1][1, 48:50].mean(0)))

    def test_queries_are_read_at_their_end_and_in_the_mean(self):
        v = torch.randn(2, 30, 4)
        found = retrieval_head.asked(v, torch.tensor([0, 1]), torch.tensor([5, 20]), torch.tensor([7, 29]))
        self.assertTrue(torch.equal(found["last"], torch.stack([v[0, 7], v[1, 29]])))
        self.assertTrue(torch.allclose(found["mean"], torch.stack([v[0, 5:8].mean(0), v[1, 20:].mean(0)])))

    def test_only_the_text_before_a_query_takes_part_of_its_own_row(self):
        batch = {
            "tokens": torch.zeros(2, 40, dtype=torch.long),
            "query": torch.tensor([[20, 24], [30, 40]]),
            "passage": torch.tensor([[2, 5], [8, 12]]),
        }
        first = torch.tensor([[3, 10, 22, 26], [3, 10, 29, 35]])
        right, allowed, own = retrieval_head.masks(batch, torch.tensor([0, 1]), first, first + 1)
        self.assertEqual(right.long().tolist(), [[1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0, 0]])
        # Neither what comes later nor the queries' own tokens, of any row.
        self.assertEqual(allowed.long().tolist(), [[1, 1, 0, 0, 1, 1, 1, 0], [1, 1, 0, 1, 1, 1, 1, 0]])
        self.assertEqual(own.long().tolist(), [[1] * 4 + [0] * 4, [0] * 4 + [1] * 4])

    def test_batches_mark_queries_and_what_is_reworded(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            write_shards(folder)
            source = iter(Asked(folder, [(1024, 4), (2048, 2)], 16, 0, {"walked": "strolled"}))
            reader, shown = Words(TOKENIZER), []
            for shape in ((4, 1024), (2, 2048), (4, 1024)):
                batch = next(source)
                self.assertEqual(batch["tokens"].shape, shape)
                for row, (start, after), (low, high) in zip(*(batch[n] for n in ("row", "query", "passage"))):
                    shown.append(reader.text(batch["tokens"][row, start:after])[0])
                    self.assertRegex(shown[-1], r"^\n\nFind: .*\n$")
                    self.assertTrue(0 <= low < high <= start)
            text = "".join(shown)
            self.assertTrue("strolled" in text and "walked" in text)


class Heads(unittest.TestCase):
    def test_begin_as_the_model_ranks(self):
        model = model_of()
        head, summary = model.layers[1].retrieval, model.layers[1].note.summary
        torch.nn.init.normal_(head.key.weight)
        v, query = torch.randn(20, 32), torch.randn(5, 32)
        expected = head.queries(query) @ head.keys(summary(v)).T
        for text, inputs in (("", summary(v)), ("keys=stream,hidden=8", v), ("keys=chunk,query=mean", v)):
            space = retrieval_head.heads_of(Variant.parse(text), model)[1]
            self.assertTrue(torch.allclose(space(query, inputs), expected, atol=1e-4), text)

    def test_learn_what_links_queries_and_passages(self):
        model = model_of()
        variants = [Variant.parse("keys=stream,softmax=layer"), Variant.parse("keys=stream,negatives=own")]
        heads = [retrieval_head.heads_of(variant, model) for variant in variants]
        optimizer = torch.optim.Adam([p for spaces in heads for p in spaces.parameters()], 1e-2)
        secret = torch.randn(32, 32)
        for _ in range(120):
            v = torch.randn(4, 30, 32)
            first = torch.arange(30).expand(4, -1)
            right = torch.randint(0, 30, (4,))
            query = torch.zeros(4, 32)
            query += v[torch.arange(4), right] @ secret
            batch = {
                "tokens": torch.zeros(4, 40, dtype=torch.long),
                "row": torch.arange(4),
                "query": torch.tensor([[32, 40]] * 4),
                "passage": torch.stack([right, right + 1], 1),
            }
            layers = [({"last": query}, {"stream": (v, first, first + 1)})] * 2
            results = retrieval_head.losses_of(variants, heads, layers, batch)
            optimizer.zero_grad()
            sum(loss for loss, _ in results).backward()
            optimizer.step()
        self.assertEqual([float(hit) for _, hit in results], [1.0, 1.0])

    def test_what_stands_everywhere_is_not_asked_for(self):
        reword = retrieval_head.reworder({"walked": "strolled", "old": "aged"})
        rng = random.Random(0)
        self.assertIsNone(reword(rng, "Parameters"))
        said = {reword(rng, "Garrow walked with Old Hollis") for _ in range(40)}
        self.assertEqual(said, {"Garrow walked with Old Hollis", "Garrow strolled with Old Hollis"})

    def test_ranks_are_of_places_as_they_are_shown(self):
        self.assertEqual(retrieval_head.joined([4, 9, 5, 3, 6, 8, 7]), [[3, 5], [7, 9], [6, 6]])
        scores = np.array([0.1, 0.9, 0.2, -np.inf, 0.8])
        # 1; 4; 2 joins 1; 0 joins them.
        self.assertEqual(retrieval_head.rank(scores, {0}), 1)
        self.assertEqual(retrieval_head.rank(scores, {4}), 2)
        self.assertEqual(retrieval_head.rank(scores, {0}, merged=1), 4)
        self.assertEqual(retrieval_head.rank(scores, {3}), float("inf"))


class Script(unittest.TestCase):
    def test_changes_the_head_and_nothing_else(self):
        model = model_of()
        bpe = AsciiBPE(TOKENIZER)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            write_model(folder / "model", model.state_dict(), model.config.to_json())
            write_shards(folder)
            tokens = bpe.encode(prose(random.Random(9), 20))[0]
            query = {"form": "sentence", "paraphrased": False, "tokens": bpe.encode("\n\nFind: hall\n")[0]}
            line = {"length": "1k", "tokens": tokens, "queries": [{**query, "right": [1]}]}
            line["passages"] = [[at, min(at + 40, len(tokens))] for at in range(0, len(tokens), 40)]
            with lzma.open(folder / "labels.jsonl.xz", "wt") as file:
                file.write(json.dumps(line) + "\n")
            subprocess.run(
                [sys.executable, HERE / "retrieval_head.py", folder / "model", folder, folder / "out"]
                + ["--head", "lr=0.01", "--head", "keys=chunk,query=both,dim=128,hidden=8"]
                + ["--eval", folder / "labels.jsonl.xz", "--shapes", "1024x2", "--steps", "4"]
                + ["--warmup", "1", "--workers", "0", "--eval-every", "2", "--log-every", "1"],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            report = json.loads((folder / "out" / "report.json").read_text())
            self.assertEqual([head["keys"] for head in report["heads"]], ["note", "chunk"])
            self.assertEqual(report["heads"][0]["after"]["byKind"]["sentence"]["queries"], 1)
            was, now = (
                load_safetensors(folder / name / "model.safetensors") for name in ("model", "out/model")
            )
        self.assertEqual(was.keys(), now.keys())
        changed = {name for name in was if not np.array_equal(was[name], now[name])}
        self.assertTrue(changed and all(".retrieval." in name for name in changed))


if __name__ == "__main__":
    unittest.main()
