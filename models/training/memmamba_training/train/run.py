"""What every run keeps: its folder with log, checkpoint and model, and its tokens a second."""

import json
import time

import torch

from ..export.model_folder import write_adapter, write_model


class RunFolder:
    """RUN/log.jsonl, RUN/checkpoint.pt and RUN/model, which the process with `writes` alone writes."""

    def __init__(self, path, writes):
        self.path, self.writes = path, writes
        path.mkdir(parents=True, exist_ok=True)
        self.checkpoint = path / "checkpoint.pt"
        self.log = open(path / "log.jsonl", "a") if writes else None
        self.saved_at = time.time()

    def load(self, device):
        """What `save` was given last, or None in a new run."""
        return torch.load(self.checkpoint, map_location=device) if self.checkpoint.exists() else None

    def save(self, state, model, adapter=False):
        """Writes the checkpoint and the f16 model, or its adapter alone; a reader never sees half a
        checkpoint."""
        part = self.path / "checkpoint.part"
        torch.save(state, part)
        part.rename(self.checkpoint)
        if adapter:
            write_adapter(self.path / "adapter", model)
        else:
            write_model(self.path / "model", model.state_dict(), model.config.to_json())
        self.saved_at = time.time()

    def note(self, entry):
        """One more line of the log, printed too."""
        print(json.dumps(entry), flush=True)
        self.log.write(json.dumps(entry) + "\n")
        self.log.flush()


class Throughput:
    """Tokens a second since the last look."""

    def __init__(self, tokens):
        self.restart(tokens)

    def restart(self, tokens):
        """Leaves out what came between: a check, or a checkpoint."""
        self.start, self.tokens = time.time(), tokens

    def since(self, tokens):
        """Tokens a second up to `tokens` in all, rounded; the next look counts from here."""
        rate = round((tokens - self.tokens) / (time.time() - self.start))
        self.restart(tokens)
        return rate


def rounded(parts):
    """The parts of a loss for the log."""
    return {name: round(float(value), 4) for name, value in parts.items()}
