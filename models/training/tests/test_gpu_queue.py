"""Commands side by side: each sees one GPU, all run even if one fails."""

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

from memmamba_training import gpu_queue
from memmamba_training.evaluate import ablations
from memmamba_training.objectives import memory


class Jobs(unittest.TestCase):
    def test_each_sees_one_gpu_and_a_failure_stops_nothing(self):
        commands = [
            "echo gpu $CUDA_VISIBLE_DEVICES",
            "exit 3",
            "sleep 0.2; echo $CUDA_VISIBLE_DEVICES",
            "echo",
        ]
        with tempfile.TemporaryDirectory() as logs:
            with contextlib.redirect_stdout(io.StringIO()) as said:
                self.assertEqual(gpu_queue.run_all(commands, 2, logs), [0, 3, 0, 0])
            self.assertRegex((Path(logs) / "0.log").read_text(), r"gpu [01]")
            self.assertIn(Path(logs, "2.log").read_text().strip(), ("0", "1"))
        self.assertEqual(said.getvalue().count("ended with"), 4)

    def test_some_share_a_gpu(self):
        with tempfile.TemporaryDirectory() as logs:
            # Each waits for the other: they end only side by side.
            meet = "touch {0}/{1}; for i in $(seq 200); do [ -e {0}/{2} ] && exit 0; sleep 0.05; done; exit 1"
            commands = [meet.format(logs, "a", "b"), meet.format(logs, "b", "a")]
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(gpu_queue.run_all(commands, 1, logs, each=2), [0, 0])


class Ablations(unittest.TestCase):
    def test_leave_out_what_there_is(self):
        for _, flags in ablations.VARIANTS.values():
            if "--without" in flags:
                self.assertIn(flags.split()[1], memory.SHARES)

    def test_table_shows_what_has_come_in(self):
        cell = {"n": 10, "interval": [0.7, 1.0]}
        result = {
            "passkey": [{"length": 2048, "exact": 0.9, **cell}],
            "absent": [],
            "documents": [{"noise": 50, "exact": 0.64}],
            "bitsPerByte": [{"contexts": [{"context": 4000, "bitsPerByte": 1.5}]}],
        }
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / ablations.slug("pool of 10")
            path.mkdir()
            (path / "result.json").write_text(json.dumps(result))
            row = ["pool of 10", "90 [70, 100]", "–", "–", "–", "1.5000", "–", "64", "–", "–"]
            self.assertEqual(list(ablations.rows(folder)), [row])

    def test_several_evaluations_of_one_run(self):
        for of, _ in ablations.AGAIN.values():
            self.assertIn(of, ablations.VARIANTS)


if __name__ == "__main__":
    unittest.main()
