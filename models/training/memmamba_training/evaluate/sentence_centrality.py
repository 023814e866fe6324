"""Orders sentences by centrality in the space of a sentence encoder, as a peer to compare with.

    python3 -m memmamba_training.evaluate.sentence_centrality MINILM SENTENCES.jsonl ORDERS.jsonl

MINILM is a folder with all-MiniLM-L6-v2 (config.json, model.safetensors, tokenizer.json). SENTENCES comes
from `npm run eval -- summaries DATA --parts labels --sentences FILE`, and ORDERS goes back to it as
`--orders`. Centrality is the sum of a sentence's cosines with all others (degree centrality, Erkan and Radev
2004, without a threshold).
"""

import argparse
import json

import torch

from ..corpus.tokenizer import load_tokenizer
from ..model.sentence_encoder import SentenceEncoder

LONGEST = 256  # tokens of a sentence, as the encoder was trained
TOGETHER = 64


def vectors(encoder, tokenizer, sentences, device):
    """(N, 384) unit vectors of the sentences."""
    found = []
    for at in range(0, len(sentences), TOGETHER):
        part = [e.ids for e in tokenizer.encode_batch(sentences[at : at + TOGETHER])]
        ids = torch.zeros(len(part), max(map(len, part)), dtype=torch.int32)
        for row, tokens in enumerate(part):
            ids[row, : len(tokens)] = torch.tensor(tokens)
        found.append(encoder(ids.to(device)).cpu())
    return torch.cat(found)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("encoder")
    parser.add_argument("sentences")
    parser.add_argument("out")
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    encoder = SentenceEncoder(options.encoder, device)
    tokenizer = load_tokenizer(f"{options.encoder}/tokenizer.json")
    tokenizer.enable_truncation(LONGEST)
    tokenizer.no_padding()
    with open(options.sentences) as lines, open(options.out, "w") as out:
        for section in map(json.loads, lines):
            found = vectors(encoder, tokenizer, section["sentences"], device)
            centrality = (found @ found.T).sum(1) - 1
            order = torch.argsort(centrality, descending=True, stable=True).tolist()
            line = {"id": section["id"], "method": "MiniLM centrality", "order": order}
            out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
