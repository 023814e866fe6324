"""Packages import downwards only, and importing one needs no file beside the code."""

import ast
import os
import subprocess
import sys
import unittest
from pathlib import Path

TRAINING = Path(__file__).resolve().parents[1]
CODE = TRAINING / "memmamba_training"

# Package → those that it may import besides itself.
MAY_IMPORT = {
    "kernels": set(),
    "corpus": set(),
    "facts": set(),
    "model": {"kernels"},
    "datasets": {"corpus", "facts"},
    "objectives": {"kernels", "model"},
    "export": {"model"},
    "train": {"corpus", "datasets", "export", "model", "objectives"},
    "evaluate": {"corpus", "datasets", "facts", "kernels", "model", "objectives", "train"},
}
# What only a machine with a GPU or more packages than the tests need can import.
ELSEWHERE = ("kernels.cuda", "evaluate.gpu_kernels", "evaluate.passkey_heatmap")


def imports(path):
    """The packages that a module imports with two dots: all imports between packages are written so."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            yield from [node.module.split(".")[0]] if node.module else [name.name for name in node.names]


class Packages(unittest.TestCase):
    def test_import_downwards(self):
        folders = {path.parent.name for path in CODE.glob("*/__init__.py")}
        self.assertEqual(folders, set(MAY_IMPORT))
        for package, allowed in MAY_IMPORT.items():
            for path in (CODE / package).glob("*.py"):
                self.assertLessEqual(set(imports(path)), allowed, path)

    def test_every_module_is_imported_without_models_beside_it(self):
        modules = [path.relative_to(TRAINING).with_suffix("") for path in sorted(CODE.glob("*/*.py"))]
        names = [".".join(module.parts) for module in modules]
        names = [name for name in names if not name.endswith(ELSEWHERE)]
        # Neither a tokenizer nor the folder of the models is there.
        environment = os.environ | {"MEMMAMBA_TOKENIZER": "/nowhere", "PYTHONPATH": str(TRAINING)}
        code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
        subprocess.run([sys.executable, "-c", code, *names], env=environment, cwd="/", check=True)

    def test_a_job_says_where_it_expected_the_tokenizer(self):
        environment = os.environ | {
            "MEMMAMBA_TOKENIZER": "/nowhere/tokenizer.json",
            "PYTHONPATH": str(TRAINING),
        }
        command = [sys.executable, "-m", "memmamba_training.corpus.tokenize_shards", "OUT", "SHARD"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no tokenizer at /nowhere/tokenizer.json; name one with --tokenizer", done.stderr)


if __name__ == "__main__":
    unittest.main()
