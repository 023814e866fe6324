"""The tokenizer that all models share: where its file lies, and token ids with their offsets.

The file is `--tokenizer`, else what the variable MEMMAMBA_TOKENIZER names, else that of the `tiny` model. It
is looked for when a job runs and not on import.
"""

import argparse
import os
from pathlib import Path

VARIABLE = "MEMMAMBA_TOKENIZER"
SHIPPED = Path(__file__).resolve().parents[3] / "artifacts" / "tiny" / "tokenizer.json"


def default_path():
    """Where `tokenizer.json` is expected if no option names it."""
    return Path(os.environ.get(VARIABLE) or SHIPPED)


def existing(path):
    """A path, if a file lies there. FileNotFoundError: none does."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no tokenizer at {path}; name one with --tokenizer or {VARIABLE}")
    return path


def add_tokenizer_option(parser):
    """Gives a job the option `--tokenizer`."""
    parser.add_argument(
        "--tokenizer",
        type=_option,
        default=str(default_path()),  # checked too, as it is a text
        help=f"tokenizer.json; by default ${VARIABLE}, else that of the tiny model",
    )


def _option(text):
    try:
        return existing(text)
    except FileNotFoundError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def load_tokenizer(path):
    """The `tokenizers` library's tokenizer of a file. FileNotFoundError: there is none."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(existing(path)))


class Tokens:
    """The shared tokenizer with `encode(text)` → ids and (start, end) of each in characters."""

    def __init__(self, path):
        self.tokenizer = load_tokenizer(path)
        self.tokenizer.no_padding()

    def encode(self, text):
        found = self.tokenizer.encode(text)
        return found.ids, found.offsets
