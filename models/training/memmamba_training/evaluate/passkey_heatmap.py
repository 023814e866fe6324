"""Draws passkeys by depth and length, a grid for each kind of template, as an SVG.

    /usr/bin/python3 -m memmamba_training.evaluate.passkey_heatmap \\
        docs/results/base/evaluation.json OUT.svg

Needs Debian's python3-matplotlib, which only this picture does. Every cell says its share in figures too, so
colour is not the only sign.
"""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

KINDS = {"deci": "DeciMamba's statement", "seen": "templates seen", "held": "templates held out"}
# Text stays text, and the same results give the same file.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "memmamba", "font.family": "sans-serif"})


def shares(result, template):
    """Lengths, depths, and by these the share found, None where it was not measured."""
    cells = {c["length"]: c for c in result["passkey"] if c["template"] == template and c["pool"]}
    lengths = sorted({c["length"] for c in result["passkey"]})
    depths = list(next(iter(cells.values()))["depths"])
    table = [[cells[n]["depths"][d] if n in cells else None for n in lengths] for d in depths]
    return lengths, depths, table


def short(length):
    if length == 1 << 20:
        return "1M"
    return f"{length // 1024}k" if length % 1024 == 0 else f"{round(length / 1000)}k"


def draw(result, target, title):
    figure, axes = pyplot.subplots(len(KINDS), 1, figsize=(8, 6.4), sharex=True, constrained_layout=True)
    for axis, (template, name) in zip(axes, KINDS.items()):
        lengths, depths, table = shares(result, template)
        values = [[float("nan") if share is None else share for share in row] for row in table]
        axis.imshow(values, cmap="viridis", vmin=0, vmax=1, aspect="auto")
        for y, row in enumerate(table):
            for x, share in enumerate(row):
                text = "–" if share is None else f"{100 * share:.0f}"
                dark = share is not None and share < 0.6
                axis.text(
                    x, y, text, ha="center", va="center", color="white" if dark else "black", fontsize=9
                )
        axis.set_yticks(range(len(depths)), [f"depth {float(depth):g}" for depth in depths])
        axis.set_title(f"{title}, {name}: found in % of the documents", fontsize=10, loc="left")
        axis.set_xticks(range(len(lengths)), [short(length) for length in lengths])
        axis.tick_params(length=0)
    axes[-1].set_xlabel("tokens")
    figure.savefig(target, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="MODEL/results/FILE.json, what long_context.py wrote")
    parser.add_argument("out", help="SVG to write")
    options = parser.parse_args()
    draw(json.loads(options.results.read_text()), options.out, options.results.absolute().parts[-3])


if __name__ == "__main__":
    main()
