"""What of a MemMamba can be chosen: its sizes, and the options that the paper leaves open."""

import dataclasses
import json
from dataclasses import dataclass, field


@dataclass
class Config:
    name: str = "tiny"
    n_layer: int = 8
    d_model: int = 256
    d_inner: int = 512
    d_state: int = 16
    d_conv: int = 4
    dt_rank: int = 16
    vocab_size: int = 16384
    note_dim: int = 64
    pool_size: int = 50
    chunk: int = 32
    n_heads: int = 4
    head_dim: int = 32
    cross_layer_every: int = 4
    tau1: float = 0.0
    tau2: float = 0.0
    replacement: str = "priority"
    fact_layers: list = field(default_factory=lambda: [3, 7])
    archive_layers: list = field(default_factory=lambda: [2, 6])
    norm_eps: float = 1e-5

    def to_json(self):
        """The `config.json` that ships: the same fields in camel case."""
        fields = dataclasses.asdict(self)
        return {_camel(name): value for name, value in fields.items()}

    @staticmethod
    def from_json(path):
        with open(path) as file:
            given = json.load(file)
        names = {_camel(f.name): f.name for f in dataclasses.fields(Config)}
        return Config(**{names[key]: value for key, value in given.items()})


def _camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
