"""The sentence encoder that teaches passage vectors; it does not ship."""

import json
from pathlib import Path

import torch
import torch.nn.functional as F


class SentenceEncoder:
    """all-MiniLM-L6-v2: mean of the last layer over a text's tokens, normed."""

    def __init__(self, folder, device):
        from safetensors.torch import load_file
        from transformers import BertConfig, BertModel

        config = BertConfig(**json.loads((Path(folder) / "config.json").read_text()))
        self.model = BertModel(config, add_pooling_layer=False)
        state = load_file(str(Path(folder) / "model.safetensors"))
        state = {
            k: v.float() for k, v in state.items() if not k.startswith("pooler") and "position_ids" not in k
        }
        self.model.load_state_dict(state)
        self.model = self.model.to(device).eval()
        if device == "cuda":
            self.model = self.model.half()

    @torch.no_grad()
    def __call__(self, ids):
        """ids (N, T) with 0 after the text → (N, 384) unit vectors, f32."""
        ids = ids.long()
        mask = (ids > 0).long()
        hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        weights = mask[..., None].float()
        return F.normalize((hidden * weights).sum(1) / weights.sum(1).clamp(min=1), dim=-1)
