#!/usr/bin/env python3
"""Cascades over recorded answers: questions through the gateway, the recordings served by `triage simulate`'s replay.

    tests/bench/cascade_accuracy.py [--questions N] [--at-once 16]

For every way to answer, plain and streamed: how many answers are right (the recording says so, the text that came is compared with
it), how many questions the strong model got, what all calls cost; and what routing at random with the same share of strong calls
would have got. Needs ../shared/data/router (or $TRIAGE_SHARED); without it there is nothing to measure, and it says so.
"""

import argparse
import gzip
import json
import pathlib
import tempfile

from cascade_parts import SHARED, Gateway, ask_all, billed, config_of, simulator

DATA = SHARED / "data/router"
WEAK, SECOND, STRONG = {"input": 0.05, "output": 0.08}, {"input": 0.1, "output": 0.1}, {"input": 2.5, "output": 10}
TIERS = {"small": ["weak"], "large": ["strong"]}
AGREEMENT = {"agreement": {"deployment": "second"}}


def lines(name):
    with gzip.open(DATA / name, "rt") as file:
        return [json.loads(line) for line in file]


def routellm():
    """{question: {model: (answer, right)}}"""
    return {each["prompt"].strip(): {"weak": (each["weak_response"], each["weak"]), "strong": (each["strong_response"], each["strong"])}
            for each in lines("routellm_gsm8k.jsonl.gz")}  # fmt: skip


def zeroeval():
    names = {"weak": "Meta-Llama-3.1-8B-Instruct", "second": "gemma-2-9b-it", "strong": "gpt-4o-2024-08-06"}
    out = {}
    for each in lines("zeroeval_gsm.jsonl.gz"):
        given = {role: each["models"].get(name) for role, name in names.items()}
        if all(given.values()):
            out[each["question"].strip()] = {role: (answer["out"], answer["ok"]) for role, answer in given.items()}
    return out


SETS = {
    "routellm_gsm8k (Mixtral-8x7B, GPT-4)": (routellm, {"weak": WEAK, "strong": STRONG}, {"checks": "checks"}),
    "zeroeval_gsm (Llama-3.1-8B, gemma-2-9b, gpt-4o)": (
        zeroeval,
        {"weak": WEAK, "second": SECOND, "strong": STRONG},
        {"checks": "checks", "agreement": AGREEMENT, "checks+agreement": {"all": ["checks", AGREEMENT]}},
    ),
}


def models_of(questions, prices, folder):
    """Each model replays what it said."""
    for name in prices:
        with open(folder / f"{name}.jsonl", "w") as file:
            for question, said in questions.items():
                file.write(json.dumps({"prompt": question, "answer": said[name][0].strip() or " "}) + "\n")
    return {name: {"replay": str(folder / f"{name}.jsonl"), "price": price} for name, price in prices.items()}


def run(name, arguments, folder):
    read, prices, cascades = SETS[name]
    questions = dict(list(read().items())[: arguments.questions])
    models = models_of(questions, prices, folder)
    routes = {verify: (TIERS, {"verify": spec}) for verify, spec in cascades.items()}
    provider = simulator(models, folder)
    gateway = Gateway(config_of(provider.port, models, routes), folder)
    print(f"{name}: {len(questions)} questions")
    print(f"  {'':30s} {'right':>7s} {'strong':>7s} {'cost':>8s}   at random, same share: right, cost")
    try:
        for stream in (False, True):
            measured = {}
            for way in ["weak", "strong", *routes]:
                before = billed(provider.port)
                answers = ask_all(gateway.port, way, list(questions), stream, arguments.at_once)
                after = billed(provider.port)
                for answer, said in zip(answers, questions.values()):
                    if answer.text.strip() != said[answer.deployment][0].strip():
                        raise SystemExit(f"another answer than {answer.deployment} gave:\n{answer.text}\n{said[answer.deployment][0]}")
                right = sum(said[answer.deployment][1] for answer, said in zip(answers, questions.values())) / len(questions)
                share = (after["strong"][0] - before["strong"][0]) / len(questions)
                cost = sum(after[model][1] - before[model][1] for model in models) / 1e9
                measured[way] = (right, share, cost)
                mix = lambda i: measured["weak"][i] + share * (measured["strong"][i] - measured["weak"][i])
                random = f"   {mix(0):6.1%} {mix(2):8.4f}" if way in routes else ""
                label = way if way in routes else f"always {way}"
                print(f"  {label + (', streamed' if stream else ', plain'):30s} {right:7.1%} {share:7.1%} {cost:8.4f}{random}", flush=True)
    finally:
        gateway.stop()
        provider.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--questions", type=int, default=10**9, help="of each set, at most")
    parser.add_argument("--at-once", type=int, default=16)
    arguments = parser.parse_args()
    if not DATA.is_dir():
        raise SystemExit(f"nothing measured: {DATA} is not there")
    for name in SETS:
        with tempfile.TemporaryDirectory() as folder:
            run(name, arguments, pathlib.Path(folder))


if __name__ == "__main__":
    main()
