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


def modules_imported(path):
    """The modules of this code that a module imports, within functions too, as paths."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level > 0:
            folder = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            named = [folder / f"{name.name}.py" for name in node.names]
            yield from (found for found in [folder.with_suffix(".py"), *named] if found.is_file())


def cycle(start, imported):
    """A way along imports from a module back to it, or None."""
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop()
        for found in imported[way[-1]]:
            if found == start:
                return [module.stem for module in [*way, found]]
            if found not in seen:
                seen.add(found)
                ways.append([*way, found])
    return None


class Packages(unittest.TestCase):
    def test_imports_make_no_cycle(self):
        imported = {path: list(modules_imported(path)) for path in CODE.rglob("*.py")}
        self.assertGreater(sum(map(len, imported.values())), 100)
        for path in imported:
            self.assertIsNone(cycle(path, imported))

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
