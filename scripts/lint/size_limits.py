"""A rule for flake8: the size of functions and classes, with the limits of `eslint.config.js`."""

import ast

MOST = {"function": 50, "class": 250}


class SizeLimits:
    """Reports functions and classes of more lines than they may have, decorators aside, docstrings not."""

    def __init__(self, tree):
        self.tree = tree

    def run(self):
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                kind, code = "function", "SIZ001"
            elif isinstance(node, ast.ClassDef):
                kind, code = "class", "SIZ002"
            else:
                continue
            lines = node.end_lineno - node.lineno + 1
            if lines > MOST[kind]:
                text = f"{code} a {kind} of {lines} lines; {MOST[kind]} at most"
                yield node.lineno, node.col_offset, text, type(self)
