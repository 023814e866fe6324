"""Prints the results of `long_context.py` as the Markdown tables of the documentation.

    python3 -m memmamba_training.evaluate.tables docs/results/tiny/evaluation.json
"""

import argparse
import json

from .recall_tasks import RULER


def share(cell, key):
    low, high = (round(100 * bound) for bound in cell["interval"])
    return f"{round(100 * cell[key])} [{low}, {high}]"


def passkey(result):
    cells = {(c["length"], c["template"], c["pool"]): c for c in result["passkey"]}
    absent = {cell["length"]: cell for cell in result.get("absent", ())}
    rows = []
    for length in sorted({cell["length"] for cell in result["passkey"]}):
        row = [f"{length:,}"]
        for template, pool in (("deci", True), ("seen", True), ("held", True), ("deci", False)):
            cell = cells.get((length, template, pool))
            row.append(share(cell, "exact") if cell else "–")
        held = cells.get((length, "held", True))
        row.append(f"{round(100 * held['kept'])}" if held and held["kept"] is not None else "–")
        row.append(share(absent[length], "none") if length in absent else "–")
        rows.append(row)
    head = ["tokens", "DeciMamba's statement", "templates seen", "templates held out", "pool off"]
    return table([*head, "held out: kept", "no key: ` none`"], rows)


def bits(result):
    rows = []
    on = {cell["context"]: cell for cell in result["bitsPerByte"][0]["contexts"]}
    off = {}
    if len(result["bitsPerByte"]) > 1:
        off = {cell["context"]: cell for cell in result["bitsPerByte"][1]["contexts"]}
    for context, cell in on.items():
        low, high = cell["changeFrom4000"]
        change = "" if context == 4000 else f"{low:+.4f} … {high:+.4f}"
        other = f"{off[context]['bitsPerByte']:.4f}" if off else "–"
        rows.append(
            [f"{context:,}", f"{cell['bitsPerByte']:.4f}", change, f"{cell['perplexity']:.1f}", other]
        )
    head = [
        "tokens of context",
        "bits per byte",
        "change from 4,000",
        "perplexity",
        "bits per byte, pool off",
    ]
    return table(head, rows)


def ruler(result):
    cells = {(cell["length"], cell["task"]): cell for cell in result["ruler"]}
    rows = [
        [f"{length:,}", *(share(cells[length, task], "exact") for task in RULER)]
        for length in sorted({length for length, _ in cells})
    ]
    return table(["tokens", *RULER], rows)


def documents(result):
    cells = {(cell["noise"], cell["pool"]): cell for cell in result["documents"]}
    rows = [
        [str(noise), f"{cells[noise, True]['tokens']:,}"]
        + [share(cells[noise, pool], "exact") for pool in (True, False)]
        for noise in sorted({noise for noise, _ in cells})
    ]
    return table(["documents of noise", "tokens", "pool on", "pool off"], rows)


def depths(result):
    """Passkeys in DeciMamba's words by length and depth, the pool on."""
    cells = [cell for cell in result["passkey"] if cell["template"] == "deci" and cell["pool"]]
    cells.sort(key=lambda cell: cell["length"])
    names = list(cells[0]["depths"])
    rows = [[f"{c['length']:,}", str(c["n"]), *(f"{100 * c['depths'][d]:.0f}" for d in names)] for c in cells]
    return table(["tokens", "n", *(f"depth {name}" for name in names)], rows)


TABLES = {
    "passkey": (passkey, depths),
    "bitsPerByte": (bits,),
    "ruler": (ruler,),
    "documents": (documents,),
}


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", help="what long_context.py wrote")
    with open(parser.parse_args().results) as file:
        found = json.load(file)
    print("\n\n".join(make(found) for part, makes in TABLES.items() if part in found for make in makes))


if __name__ == "__main__":
    main()
