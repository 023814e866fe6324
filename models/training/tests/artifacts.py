"""Where the tests find the models that ship."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
ARTIFACTS = REPOSITORY / "models" / "artifacts"
TOKENIZER = ARTIFACTS / "tiny" / "tokenizer.json"
