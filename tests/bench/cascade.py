#!/usr/bin/env python3
"""What a cascade adds to the cheap deployment's latency where 10 % escalate: simulated providers, plain and streamed.

    tests/bench/cascade.py [--requests 400] [--at-once 8]

The aims: the route's median at most 1.2 times the cheap deployment's; that of the escalated ones at most twice that of cheap and
strong together. TRIAGE_BINARY names another binary than the release build's. docs/benchmarks.md reads the table.
"""

import argparse
import pathlib
import statistics
import tempfile

from cascade_parts import Gateway, ask_all, config_of, simulator

PRICE = {"input": 1, "output": 1}
MODELS = {
    "cheap": {"latency": "80ms", "ttft": "40ms", "tokens_per_second": 200, "answer_tokens": 60, "refusal": 0.1, "price": PRICE},
    "strong": {"latency": "120ms", "ttft": "80ms", "tokens_per_second": 100, "answer_tokens": 60, "price": PRICE},
}
TIERS = {"small": ["cheap"], "large": ["strong"]}
ROUTES = {
    "full": (TIERS, {"verify": "checks"}),
    "window": (TIERS, {"verify": "checks", "hold": {"tokens": 12}}),
}


def ms(times):
    return statistics.median(times) * 1000


def measure(port, questions, at_once, stream):
    """Lines of the table, and whether the aims are met."""
    ask = lambda model: ask_all(port, model, questions, stream, at_once)
    cheap, strong = ask("cheap"), ask("strong")
    usual, both = ms(a.whole for a in cheap), ms(a.whole for a in cheap) + ms(a.whole for a in strong)
    refused = [a.text.startswith("I'm sorry") for a in cheap]
    kind = "streamed" if stream else "plain"
    print(f"{kind}: cheap alone {usual:.0f} ms, strong alone {ms(a.whole for a in strong):.0f} ms", end="")
    print(f"; first event {ms(a.first for a in cheap):.0f} and {ms(a.first for a in strong):.0f} ms" if stream else "")
    met = True
    for route in ROUTES if stream else ["full"]:
        answers = ask(route)
        up = [a for a in answers if a.deployment == "strong"]
        if any("I'm sorry" in a.text for a in answers) or len(up) != sum(refused):
            raise SystemExit(f"{route}: {len(up)} escalated, {sum(refused)} were refused")
        ratio, worst = ms(a.whole for a in answers) / usual, ms(a.whole for a in up) / both
        met = met and ratio <= 1.2 and worst <= 2
        first = f", first event {ms(a.first for a in answers):.0f} ms" if stream else ""
        print(f"  {route:7s} median {ms(a.whole for a in answers):5.0f} ms = {ratio:.2f}x cheap (aim 1.2)   {len(up) / len(answers):.1%} escalated: "
              f"{ms(a.whole for a in up):5.0f} ms = {worst:.2f}x (cheap + strong) (aim 2){first}")
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--at-once", type=int, default=8)
    arguments = parser.parse_args()
    questions = [f"Tell me of the sea, number {i}" for i in range(arguments.requests)]
    with tempfile.TemporaryDirectory() as folder:
        provider = simulator(MODELS, pathlib.Path(folder))
        gateway = Gateway(config_of(provider.port, MODELS, ROUTES), pathlib.Path(folder))
        try:
            met = [measure(gateway.port, questions, arguments.at_once, stream) for stream in (False, True)]
        finally:
            gateway.stop()
            provider.stop()
    raise SystemExit(0 if all(met) else "an aim was missed")


if __name__ == "__main__":
    main()
