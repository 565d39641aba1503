#!/usr/bin/env python3
"""Prints what learned routing reaches on the public sets: APGR and CPT as RouteLLM computes them, with 95 % bootstrap
intervals over the questions, all for questions that the model was not fitted to.

    python3 tools/train/measure.py --public ../shared/data/router

Splits are by the question's text (ten folds), or leave whole subjects or categories out. The recipes are
those of train.py."""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np  # noqa: E402

import rows as data  # noqa: E402
from difficulty import fit_expert, predict  # noqa: E402
from metrics import apgr_at_cost, folds_of, interval, summary  # noqa: E402
from numbers_of import Names, numbers_of  # noqa: E402
from train import OTHERS  # noqa: E402
from verifier import fit_answer_trees  # noqa: E402

FOLDS = 10
BUDGET = 1531  # labels that RouteLLM's MMLU-augmented routers were given
START = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - START:5.0f} s] {text}", file=sys.stderr, flush=True)


class Set:
    """Rows of one set with their numbers."""

    def __init__(self, tools, rows):
        self.tools, self.rows = tools, rows
        self.numbers = numbers_of(tools.binary, tools.names, rows)
        self.weak = np.array([row["weak"] for row in rows])
        self.strong = np.array([row["strong"] for row in rows])
        self.keys = [row["key"] for row in rows]
        self.groups = np.array([str(row["group"]) for row in rows])

    def take(self, at):
        return self.numbers.dense[at], self.numbers.ngrams[at], [self.rows[i] for i in np.flatnonzero(at)]

    def length(self):
        return self.numbers.dense[:, self.tools.names.dense.index("bytes")]


def gain_kept_out(found, fold, seed):
    """The gain of each row, by an expert that saw no row of its fold."""
    score = np.zeros(len(found.rows))
    for k in np.unique(fold):
        expert = fit_expert(*found.take(fold != k), seed)
        score[fold == k] = predict(expert, found.numbers.dense[fold == k], found.numbers.ngrams[fold == k])[:, 0]
    return score


def group_mean_kept_out(found, fold):
    score = np.zeros(len(found.rows))
    gain = found.strong - found.weak
    for k in np.unique(fold):
        learn = fold != k
        for group in np.unique(found.groups):
            mine = learn & (found.groups == group)
            score[(fold == k) & (found.groups == group)] = (gain[mine].sum() + 10 * gain[learn].mean()) / (mine.sum() + 10)
    return score


def transferred(tools, sources, target, seed):
    """The gain by an expert that saw only other sets, and none of the target's questions."""
    known = set(target.keys)
    dense, ngrams, rows = [], [], []
    from scipy.sparse import vstack
    for source in sources:
        part = source.take(np.array([key not in known for key in source.keys]))
        dense.append(part[0])
        ngrams.append(part[1])
        rows += part[2]
    expert = fit_expert(np.vstack(dense), vstack(ngrams).tocsr(), rows, seed)
    return predict(expert, target.numbers.dense, target.numbers.ngrams)[:, 0]


def subjects_apart(groups, count, seed):
    names, index = np.unique(groups, return_inverse=True)
    return np.random.default_rng(seed).permutation(len(names))[index] % count


class Table:
    def __init__(self):
        self.targets_missed = []
        print(f"| {'data':20} | {'row':58} | APGR (95 %)         | CPT20 | CPT50 | CPT80 (95 %)        | reach |")
        print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)

    def row(self, name, what, score, weak, strong, reach=None):
        found, (low, high) = summary(score, weak, strong), interval(score, weak, strong)
        self.line(name, what, found, low, high, reach)

    def line(self, name, what, found, low, high, reach):
        told = ""
        if reach:
            area, most = reach
            told = f"APGR >= {area}" + (f", CPT80 <= {most}" if most else "")
            missed = [f"APGR by {area - found[0]:.3f}"] if found[0] < area else []
            missed += [f"CPT80 by {found[3] - most:.1f}"] if most and found[3] > most else []
            told += ": missed " + ", ".join(missed) if missed else ": reached"
        print(f"| {name:20} | {what:58} | {found[0]:.3f} ({low[0]:.3f}-{high[0]:.3f}) | {found[1]:5.1f} | {found[2]:5.1f} | "
              f"{found[3]:.1f} ({low[3]:.1f}-{high[3]:.1f}) | {told} |", flush=True)


def equal_cost(found, gain, output_tokens, draws=500):
    """Says what the ranks `gain` and `gain_per_cost` of the classifier reach at equal cost, by the prices of GPT-4 Turbo (10 and
    30 USD a million tokens) and of Mixtral-8x7B (0.24), with four bytes a token and answers of so many tokens."""
    gain = gain - gain.mean() + (found.strong - found.weak).mean()
    extra = (np.expm1(found.length()) / 4 * (10 - 0.24) + output_tokens * (30 - 0.24)) / 1e6
    ranks = {"gain": gain, "gain_per_cost": gain / extra}
    for name, score in ranks.items():
        random = np.random.default_rng(7)
        size = len(score)
        drawn = [apgr_at_cost(score[at], found.weak[at], found.strong[at], extra[at])
                 for at in (random.integers(0, size, size) for _ in range(draws))]
        low, high = np.quantile(drawn, [0.025, 0.975])
        say(f"MMLU at equal cost, answers of {output_tokens} tokens, rank {name}: APGR "
            f"{apgr_at_cost(score, found.weak, found.strong, extra):.3f} ({low:.3f}-{high:.3f})")


def oracle(found, seed):
    """Knows both outcomes; ties are in random order."""
    return found.strong - found.weak + np.random.default_rng(seed).random(len(found.rows)) * 1e-6


def measure_mmlu(table, mmlu, others, seed):
    weak, strong = mmlu.weak, mmlu.strong
    fold = folds_of(mmlu.keys, FOLDS, "mmlu")
    score = gain_kept_out(mmlu, fold, seed)
    table.row("MMLU", "prompt only", score, weak, strong, (0.69, 55))
    for output_tokens in (5, 100, 500):
        equal_cost(mmlu, score, output_tokens)
    subject = group_mean_kept_out(mmlu, fold)
    table.row("MMLU", "prompt, and its subject told", score + subject, weak, strong)
    say("MMLU: unseen subjects")
    for count, what in ((FOLDS, "unseen subjects, ten groups of them"), (len(np.unique(mmlu.groups)), "unseen subjects, one at a time")):
        table.row("MMLU", what, gain_kept_out(mmlu, subjects_apart(mmlu.groups, count, seed), seed), weak, strong, (0.63, None))
    say("MMLU: few labels")
    table.line("MMLU", f"{BUDGET:,} labels only, mean of ten draws", *few_labels(mmlu, seed), (0.63, None))
    level = {group: strong[mmlu.groups == group].mean() for group in np.unique(mmlu.groups)}
    lowest = sorted(level, key=level.get)
    failed = [group for group in lowest if level[group] < 0.2]
    for left_out, what in ((failed, f"without the {len(failed)} subject(s) where strong scores under 20 %"),
                           (lowest[:8], "without the eight subjects where strong scores lowest")):
        at = ~np.isin(mmlu.groups, left_out)
        part = Set(mmlu.tools, [mmlu.rows[i] for i in np.flatnonzero(at)])
        score = gain_kept_out(part, fold[at], seed)
        table.row("MMLU", what, score, part.weak, part.strong, (0.63, None))
    table.row("MMLU", "length alone", mmlu.length(), weak, strong)
    table.row("MMLU", "mean of the subject", subject, weak, strong)
    table.row("MMLU", "no MMLU labels: learnt from GSM8K and MMLU-Pro", transferred(mmlu.tools, others, mmlu, seed), weak, strong)
    table.row("MMLU", "oracle", oracle(mmlu, seed), weak, strong)


def few_labels(found, seed, draws=10):
    """Learnt from BUDGET rows, judged on all questions that are not among them."""
    results = []
    for draw in range(draws):
        chosen = np.zeros(len(found.rows), bool)
        chosen[np.random.default_rng(seed + draw).permutation(len(found.rows))[:BUDGET]] = True
        known = {found.keys[i] for i in np.flatnonzero(chosen)}
        rest = np.array([key not in known for key in found.keys])
        expert = fit_expert(*found.take(chosen), seed)
        score = predict(expert, found.numbers.dense[rest], found.numbers.ngrams[rest])[:, 0]
        results.append((summary(score, found.weak[rest], found.strong[rest]),
                        *interval(score, found.weak[rest], found.strong[rest], draws=50)))
    return np.mean(results, axis=0)


def wrong_kept_out(answer, right, weight, fold, judged, fold_judged, seed):
    """P(wrong) as log-odds for `judged`, learnt from `answer` of other folds."""
    score = np.zeros(len(judged))
    for k in np.unique(fold_judged):
        learn = fold != k
        model = fit_answer_trees(answer[learn], right[learn], weight[learn], seed)
        score[fold_judged == k] = -model.raw(judged[fold_judged == k])
    return score


def measure_gsm8k(table, gsm, others, directory, seed):
    weak, strong, tools = gsm.weak, gsm.strong, gsm.tools
    fold = folds_of(gsm.keys, FOLDS, "gsm8k")
    table.row("GSM8K", "prompt only", gain_kept_out(gsm, fold, seed), weak, strong)
    table.row("GSM8K", "length alone", gsm.length(), weak, strong)
    table.row("GSM8K", "no GSM8K labels: learnt from MMLU and MMLU-Pro", transferred(tools, others, gsm, seed), weak, strong)
    one = np.ones(len(gsm.rows))
    own = gsm.numbers.answer
    table.row("GSM8K", "cascade with the verifier", wrong_kept_out(own, weak, one, fold, own, fold, seed), weak, strong, (0.75, 44))
    say("GSM8K: other models' answers")
    pool = data.zeroeval(directory, "gsm", OTHERS)
    pool_fold = np.concatenate([fold, folds_of([row["key"] for row in pool], FOLDS, "gsm8k")])
    right = np.concatenate([weak, [row["weak"] for row in pool]])
    weight = np.concatenate([one, [row["weight"] for row in pool]])
    pooled = np.vstack([own, numbers_of(tools.binary, tools.names, pool).answer])
    score = wrong_kept_out(pooled, right, weight, pool_fold, own, fold, seed)
    table.row("GSM8K", "cascade, other models' answers pooled", score, weak, strong, (0.79, 38))
    both = numbers_of(tools.binary, tools.names, gsm.rows, second=True).answer
    table.row("GSM8K", "cascade + second cheap opinion (Qwen2-7B)", wrong_kept_out(both, weak, one, fold, both, fold, seed), weak, strong, (0.91, 27))
    pooled = np.vstack([both, numbers_of(tools.binary, tools.names, pool, second=True).answer])
    score = wrong_kept_out(pooled, right, weight, pool_fold, both, fold, seed)
    table.row("GSM8K", "cascade + second opinion, answers pooled", score, weak, strong, (0.91, 27))
    agree = both[:, tools.names.answer.index("second_agrees")]
    table.row("GSM8K", "second opinion alone, ties by length", -agree + 1e-3 * gsm.length(), weak, strong)
    table.row("GSM8K", "oracle", oracle(gsm, seed), weak, strong)


def measure_pro(table, pro, bare, others, directory, seed):
    weak, strong, tools = pro.weak, pro.strong, pro.tools
    fold = folds_of(pro.keys, FOLDS, "mmlu-pro")
    apart = subjects_apart(pro.groups, len(np.unique(pro.groups)), seed)
    for name, found in (("MMLU-Pro", pro), ("MMLU-Pro, no choices", bare)):
        table.row(name, "prompt only", gain_kept_out(found, fold, seed), weak, strong)
        say(f"{name}: answers")
        answers, right, weight = [found.numbers.answer], [weak], [np.ones(len(weak))]
        for model in data.pro_models(directory):
            if model != data.PRO_WEAK:
                more = data.mmlu_pro(directory, found is pro, model)
                answers.append(numbers_of(tools.binary, tools.names, more).answer)
                right.append(np.array([row["weak"] for row in more]))
                weight.append(np.full(len(more), OTHERS))
        pooled = np.vstack(answers), np.concatenate(right), np.concatenate(weight)
        own = found.numbers.answer
        times = len(answers)
        score = wrong_kept_out(*pooled, np.tile(fold, times), own, fold, seed)
        table.row(name, "cascade with the verifier", score, weak, strong)
        score = wrong_kept_out(*pooled, np.tile(apart, times), own, apart, seed)
        table.row(name, "cascade, unseen categories", score, weak, strong, (0.60, None))
    table.row("MMLU-Pro", "length alone", pro.length(), weak, strong)
    table.row("MMLU-Pro", "mean of the category", group_mean_kept_out(pro, fold), weak, strong)
    table.row("MMLU-Pro", "no MMLU-Pro labels: learnt from MMLU and GSM8K", transferred(tools, others, pro, seed), weak, strong)
    table.row("MMLU-Pro", "oracle", oracle(pro, seed), weak, strong)


class Tools:
    def __init__(self, binary):
        self.binary, self.names = binary, Names(binary)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public", required=True, help="directory with the public sets")
    parser.add_argument("--triage", default="build/release/src/app/triage", help="the built program")
    parser.add_argument("--only", choices=("mmlu", "gsm8k", "mmlu-pro"), help="these rows alone")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    tools = Tools(arguments.triage)
    say("reading the sets")
    mmlu, gsm = Set(tools, data.mmlu(arguments.public)), Set(tools, data.gsm8k(arguments.public))
    pro, bare = (Set(tools, data.mmlu_pro(arguments.public, choices)) for choices in (True, False))
    table = Table()
    if arguments.only in (None, "mmlu"):
        measure_mmlu(table, mmlu, (gsm, pro), arguments.seed)
    if arguments.only in (None, "gsm8k"):
        measure_gsm8k(table, gsm, (mmlu, pro), arguments.public, arguments.seed)
    if arguments.only in (None, "mmlu-pro"):
        measure_pro(table, pro, bare, (mmlu, gsm), arguments.public, arguments.seed)


if __name__ == "__main__":
    main()
