#!/usr/bin/env python3
"""From labelled prompts to models: NAME.onnx with its calibration inside, and NAME.md, its card.

    python3 tools/train/train.py --public ../shared/data/router --out config/models
    python3 tools/train/train.py --rows labels.jsonl --out models        # what `triage export --labels` writes

Deterministic for one seed and one version of the packages in requirements.txt."""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np  # noqa: E402

import rows as data  # noqa: E402
from card import answer_metrics, card, counted, difficulty_metrics  # noqa: E402
from difficulty import fit_difficulty  # noqa: E402
from numbers_of import Names, numbers_of  # noqa: E402
from onnx_graph import answer_graph, difficulty_graph, run_answer, run_difficulty  # noqa: E402
from verifier import fit_verifier  # noqa: E402

LEAST_ROWS = 200
BARE = 0.1    # weight of MMLU-Pro without its choices
OTHERS = 0.2  # weight of an answer by a model that is not the pair's weak one
START = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - START:5.0f} s] {text}", flush=True)


def difficulty_rows(arguments):
    if not arguments.public:
        return [row for path in arguments.rows for row in data.read_rows(path)]
    bare = data.mmlu_pro(arguments.public, choices=False)
    for row in bare:
        row["weight"] = BARE
    return data.mmlu(arguments.public) + data.gsm8k(arguments.public) + data.mmlu_pro(arguments.public) + bare


def answer_rows(arguments):
    """Rows with an answer; `weak` says whether it is right."""
    if not arguments.public:
        rows = [row for path in arguments.rows for row in data.read_rows(path)]
    else:
        rows = data.gsm8k(arguments.public)
        for choices in (True, False):
            for model in data.pro_models(arguments.public):
                for row in data.mmlu_pro(arguments.public, choices, model):
                    row["weight"] = (1 if model == data.PRO_WEAK else OTHERS) * (1 if choices else 0.5)
                    row["set"] += "" if model == data.PRO_WEAK else ", other models"
                    rows.append(row)
        for name in ("gsm", "math-l5", "crux"):
            rows += data.zeroeval(arguments.public, name, OTHERS)
    return [row for row in rows if row.get("weak_response") is not None]


def check(rows, kind):
    if len(rows) < LEAST_ROWS:
        raise data.RowError(f"{len(rows)} rows to learn from for {kind}; at least {LEAST_ROWS} are needed")
    for member in ("weak", "strong") if kind == "difficulty" else ("weak",):
        if len({row[member] for row in rows}) == 1:
            raise data.RowError(f"'{member}' is {rows[0][member]} in every row: there is nothing to learn for {kind}")


def write(model, path):
    blob = model.SerializeToString(deterministic=True)
    path.write_bytes(blob)
    return len(blob)


def agree(told, expected, what):
    """The graph must say what the Python model says."""
    worst = float(np.max(np.abs(np.asarray(told) - expected)))
    if worst > 1e-4:
        raise SystemExit(f"{what}: the ONNX graph differs from the model by {worst}")
    say(f"ONNX Runtime and the model differ by at most {worst:.1e}")


def train_difficulty(arguments, names, command):
    rows = difficulty_rows(arguments)
    check(rows, "difficulty")
    say(f"difficulty: {counted(rows)}")
    numbers = numbers_of(arguments.triage, names, rows)
    model, kept_out = fit_difficulty(numbers.dense, numbers.ngrams, rows, names.dense.index("choices"), arguments.seed, say)
    name = f"{arguments.name}difficulty"
    graph = difficulty_graph(model, names, name, counted(rows))
    path = arguments.out / f"{name}.onnx"
    size = write(graph, path)
    sample = np.arange(0, len(rows), max(1, len(rows) // 2000))
    agree(run_difficulty(path, numbers.dense[sample], numbers.ngrams[sample]),
          model.heads(numbers.dense[sample], numbers.ngrams[sample]), name)
    text = card("difficulty", graph, rows, difficulty_metrics(rows, kept_out), size, command)
    (arguments.out / f"{name}.md").write_text(text)
    say(f"wrote {path} ({size / 1000:.0f} kB)")


def train_answer(arguments, names, command):
    rows = answer_rows(arguments)
    if not rows:
        say("no row has 'weak_response': no model for answers is made")
        return
    check(rows, "answers")
    say(f"answers: {counted(rows)}")
    numbers = numbers_of(arguments.triage, names, rows)
    with_second = [row for row in rows if row.get("second_response") is not None]
    answer = numbers.answer
    if with_second:
        answer = np.vstack([answer, numbers_of(arguments.triage, names, with_second, second=True).answer])
        rows = rows + [dict(row, set=row["set"] + ", with a second answer") for row in with_second]
    right = np.array([row["weak"] for row in rows])
    model, kept_out = fit_verifier(answer, rows, right, arguments.seed, say)
    name = f"{arguments.name}verifier"
    graph = answer_graph(model, names, name, counted(rows))
    path = arguments.out / f"{name}.onnx"
    size = write(graph, path)
    sample = np.arange(0, len(rows), max(1, len(rows) // 2000))
    agree(run_answer(path, answer[sample]), model.score(answer[sample]), name)
    (arguments.out / f"{name}.md").write_text(card("answer", graph, rows, answer_metrics(rows, kept_out, right), size, command))
    say(f"wrote {path} ({size / 1000:.0f} kB)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--public", help="directory with the public sets")
    source.add_argument("--rows", action="append", help="JSONL file of labelled prompts; may be given again")
    parser.add_argument("--out", type=Path, required=True, help="directory for the models")
    parser.add_argument("--name", default="", help="prefix of the files' names")
    parser.add_argument("--only", choices=("difficulty", "verifier"))
    parser.add_argument("--triage", default="build/release/src/app/triage", help="the built program")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    command = " ".join(["python3 tools/train/train.py", *sys.argv[1:]])
    arguments.out.mkdir(parents=True, exist_ok=True)
    names = Names(arguments.triage)
    try:
        if arguments.only != "verifier":
            train_difficulty(arguments, names, command)
        if arguments.only != "difficulty":
            train_answer(arguments, names, command)
    except (data.RowError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
