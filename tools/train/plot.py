#!/usr/bin/env python3
"""Draws accuracy by the share of strong calls, for questions that the models were not fitted to, as an SVG file.

    python3 tools/train/plot.py --public ../shared/data/router --out docs/learned-routing.svg"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np  # noqa: E402

import rows as data  # noqa: E402
from measure import FOLDS, Set, Tools, gain_kept_out, wrong_kept_out  # noqa: E402
from metrics import folds_of  # noqa: E402
from numbers_of import numbers_of  # noqa: E402

WIDE, HIGH, LEFT, TOP, SIDE = 860, 330, 56, 40, 320
COLOURS = ("#888888", "#b58900", "#268bd2", "#2aa198", "#d33682")


def accuracy(score, weak, strong, points=101):
    """The accuracy where each share of the questions goes to the strong model, the highest scores first."""
    order = np.argsort(-score, kind="stable")
    gained = np.concatenate([[0], np.cumsum((strong - weak)[order])]) / len(score)
    return weak.mean() + np.interp(np.linspace(0, 1, points), np.linspace(0, 1, len(gained)), gained)


def panel(out, at, title, curves):
    low = min(values.min() for _, values in curves)
    high = max(values.max() for _, values in curves)
    left, bottom = LEFT + at * (SIDE + 90), TOP + HIGH - 90

    def place(share, value):
        return f"{left + share * SIDE:.1f},{bottom - (value - low) / (high - low) * (bottom - TOP):.1f}"

    out.append(f'<text x="{left}" y="{TOP - 14}" font-weight="bold">{title}</text>')
    out.append(f'<path d="M{left} {TOP}V{bottom}H{left + SIDE}" fill="none" stroke="currentColor"/>')
    for share in (0, 0.25, 0.5, 0.75, 1):
        out.append(f'<text x="{left + share * SIDE}" y="{bottom + 16}" text-anchor="middle">{share:.0%}</text>')
    for value in (low, (low + high) / 2, high):
        x, y = place(0, value).split(",")
        out.append(f'<text x="{float(x) - 6}" y="{float(y) + 4}" text-anchor="end">{value:.2f}</text>')
    for index, (name, values) in enumerate(curves):
        points = " ".join(place(i / (len(values) - 1), value) for i, value in enumerate(values))
        out.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[index]}" stroke-width="1.8"/>')
        x, y = left + (index % 2) * 165, bottom + 38 + (index // 2) * 17
        out.append(f'<path d="M{x} {y - 4}h18" stroke="{COLOURS[index]}" stroke-width="3"/><text x="{x + 24}" y="{y}">{name}</text>')


def curves_of(found, score, extra=()):
    weak, strong = found.weak, found.strong
    straight = np.linspace(weak.mean(), strong.mean(), 101)
    named = [("a coin", straight), ("length alone", accuracy(found.length(), weak, strong)),
             ("classifier", accuracy(score, weak, strong))]
    return named + [(name, accuracy(each, weak, strong)) for name, each in extra]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public", required=True, help="directory with the public sets")
    parser.add_argument("--triage", default="build/release/src/app/triage", help="the built program")
    parser.add_argument("--out", required=True, help="the SVG file")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    tools, seed = Tools(arguments.triage), arguments.seed
    mmlu, gsm = Set(tools, data.mmlu(arguments.public)), Set(tools, data.gsm8k(arguments.public))
    fold = folds_of(gsm.keys, FOLDS, "gsm8k")
    one, own = np.ones(len(gsm.rows)), gsm.numbers.answer
    both = numbers_of(tools.binary, tools.names, gsm.rows, second=True).answer
    cascades = [("cascade, verifier", wrong_kept_out(own, gsm.weak, one, fold, own, fold, seed)),
                ("cascade, second answer", wrong_kept_out(both, gsm.weak, one, fold, both, fold, seed))]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH + 50}" font-family="sans-serif" font-size="12" '
           'fill="currentColor" role="img" aria-label="Accuracy by the share of strong calls">',
           "<style>svg{color:#333;background:#fff}@media (prefers-color-scheme:dark){svg{color:#ddd;background:#111}}</style>"]
    score = gain_kept_out(mmlu, folds_of(mmlu.keys, FOLDS, "mmlu"), seed)
    panel(out, 0, "MMLU: accuracy by the share of strong calls", curves_of(mmlu, score))
    panel(out, 1, "GSM8K", curves_of(gsm, gain_kept_out(gsm, fold, seed), cascades))
    Path(arguments.out).write_text("\n".join(out) + "\n</svg>\n")


if __name__ == "__main__":
    main()
