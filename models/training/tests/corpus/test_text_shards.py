"""Documents are read once and given out in parts, with the questions about them."""

import json
import lzma
import random
import tempfile
import unittest
from pathlib import Path

from memmamba_training.corpus.text_shards import LONG, TextShards, read_documents


class TextShardsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, shard, *documents):
        with lzma.open(self.folder / f"{shard}-0.jsonl.xz", "wt", encoding="utf-8") as file:
            for name, text in documents:
                file.write(json.dumps({"id": name, "domain": shard, "text": text}) + "\n")

    def test_documents_of_all_shards_are_split_with_their_questions(self):
        long = "Ein Satz über Häfen. " * LONG
        self.write("books", ("a", long), ("b", "short"))
        self.write("docs", ("c", long))
        questions = self.folder / "questions.jsonl"
        questions.write_text("".join(json.dumps({"doc": name}) + "\n" for name in "abca"))
        documents = read_documents(self.folder)
        kept = TextShards(documents, questions, lambda name: name != "c")
        left = TextShards(documents, questions, lambda name: name == "c")
        self.assertEqual(set(kept.documents), {"a", "b"})
        self.assertEqual([q["doc"] for q in kept.questions], ["a", "b", "a"])
        self.assertEqual([q["doc"] for q in left.questions], ["c"])
        # What is short is asked about, and nothing is drawn from it.
        self.assertEqual({kept.draw(random.Random(i)) for i in range(20)}, {long})

    def test_a_folder_without_shards_is_refused(self):
        with self.assertRaisesRegex(FileNotFoundError, str(self.folder)):
            read_documents(self.folder)


if __name__ == "__main__":
    unittest.main()
