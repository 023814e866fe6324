import random
import types
import unittest

import torch

from memmamba_training.datasets import passage_vectors
from memmamba_training.model.config import Config
from memmamba_training.model.memmamba import MemMamba
from memmamba_training.objectives.passage_vectors import passage_loss, summed_vectors


def small():
    torch.manual_seed(0)
    config = Config(n_layer=2, d_model=32, d_inner=64, dt_rank=4, cross_layer_every=2, chunk=32)
    return MemMamba(config, passages=True).eval()


class VectorsTest(unittest.TestCase):
    def test_a_vector_is_the_normed_sum_of_its_tokens(self):
        parts = torch.randn(2, 5, 4)
        of = torch.tensor([[0, 0, 2, 1, 1], [2, 2, 2, 1, 0]])
        found = summed_vectors(parts, of, 2)
        first = parts[0, 0] + parts[0, 1] + parts[1, 4]
        self.assertTrue(torch.allclose(found[0], first / first.norm(), atol=1e-6))
        self.assertEqual(found.shape, (2, 4))

    def test_sums_of_parts_of_a_passage_add_up(self):
        model = small()
        tokens = torch.randint(0, 100, (1, 32))
        with torch.no_grad():
            parts = model.passages.parts(model.hidden(tokens))
        whole = summed_vectors(parts, torch.zeros(1, 32, dtype=torch.long), 1)
        by_sixteen = parts[0].view(2, 16, -1).sum(1).sum(0)
        self.assertTrue(torch.allclose(whole[0], by_sixteen / by_sixteen.norm(), atol=1e-5))

    def test_queries_by_rule_are_about_another_mention(self):
        rng = random.Random(1)
        said = "Then the keeper Hugo Weber lit the great lamp of the northern pier again."
        far = "Long before that, Hugo Weber had sailed to the islands with his sister."
        text = "x " * 300 + said + " y" * 300
        document = text + "\n\n" + "z " * 500 + far
        query = passage_vectors.nearby(rng, document, "Hugo Weber", 0, len(text))
        self.assertIsNotNone(query)
        self.assertNotIn("lamp", query)
        self.assertIsNone(passage_vectors.nearby(rng, text, "Hugo Weber", 0, len(text)))

    def test_the_loss_falls_where_the_right_passage_is_nearest(self):
        model = small()
        count, queries = 6, 2
        tokens = torch.randint(0, 200, (1, 33))
        batch = {
            "tokens": tokens,
            "of": torch.arange(32)[None] // 8,
            "real": torch.tensor([True] * 4 + [False] * 2),
            "queries": torch.randint(0, 200, (queries, 8)),
            "part": torch.ones(queries, 8, dtype=torch.bool),
            "gold": torch.zeros(queries, count, dtype=torch.bool),
        }
        lift = torch.nn.Linear(model.passages.DIMS, 16, bias=False)
        for name, size in (("passage vectors", count), ("query vectors", queries)):
            batch[name] = torch.nn.functional.normalize(torch.randn(size, 16), dim=-1)
        with torch.no_grad():
            head = model.passages
            shown = summed_vectors(head.parts(model.hidden(tokens[:, :-1])), batch["of"], count)
            asked = head.parts(model.hidden(batch["queries"], pool=False), query=True)
            rows = torch.arange(queries)[:, None].expand(queries, 8)
            scores = summed_vectors(asked, rows, queries) @ shown[:4].T
            values = []
            for pick in (scores.argmax(-1), scores.argmin(-1)):
                batch["gold"].zero_()
                batch["gold"][torch.arange(queries), pick] = True
                _, parts, text = passage_loss(model, lift, batch, lambda u: u.sum() * 0)
                values.append(float(parts["contrast"]))
                share = torch.log_softmax(scores * head.scale.exp(), -1)[torch.arange(queries), pick]
                self.assertAlmostEqual(values[-1], float(-share.mean()), places=4)
        self.assertLess(*values)

    def test_names_are_spans_and_common_words_are_none(self):
        texts = types.SimpleNamespace(common={"the", "lamp", "was", "there"})
        text = "It was late, and Hugo Weber saw the lamp. Later, Hugo Weber left; the lamp was there."
        for seed in range(10):
            for span, places in passage_vectors.spans(random.Random(seed), texts, text):
                self.assertTrue(all(text.startswith(span, p) for p in places))
                self.assertFalse(texts.common.issuperset(span.split()))


if __name__ == "__main__":
    unittest.main()
