"""Prints the docstrings of Python files as JSON: `python3 scripts/prose/docstrings.py FILE…`."""

import ast
import json
import sys
from pathlib import Path

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings(path: str) -> list[dict]:
    """Every docstring of a file, with the line on which it begins (from 1)."""
    found = []
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        text = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
        if text:
            found.append({"file": path, "line": node.body[0].lineno, "text": text})
    return found


if __name__ == "__main__":
    json.dump([entry for path in sys.argv[1:] for entry in docstrings(path)], sys.stdout)
