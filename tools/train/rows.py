"""Labelled prompts: rows of the data form, read from files, and the public sets turned into such rows.

A row is a dict with
    prompt         text, or a list of messages
    weak, strong   how good the weak and the strong model's answers were, 0 to 1
    weak_response  the weak model's answer (optional; the verifier learns from rows that have it)
    group          what the prompt belongs to, such as a subject (optional)
and, added here,
    set            rows of one set share a pair of models, and so a base rate
    key            the question's text without case, punctuation and choices: rows with one key never stand on both
                   sides of a split
    weight         how much the row counts
"""

import gzip
import json
import math
import re


class RowError(Exception):
    """A row that cannot be used; the message names the file, the line, the member and the fix."""


def text_of(prompt):
    """All texts of a prompt, in order."""
    if isinstance(prompt, str):
        return prompt
    texts = []
    for message in prompt:
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, str):
            texts.append(content)
        elif isinstance(content, list):
            texts += [part.get("text") or "" for part in content if isinstance(part, dict)]
    return "\n".join(texts)


def key_of(prompt):
    stem = re.split(r"\n\(?A[.):]", text_of(prompt), maxsplit=1)[0]
    return re.sub(r"\W+", " ", stem.lower()).strip()


def read_rows(path):
    """The rows of a JSONL file, which may be gzipped."""
    rows = []
    with (gzip.open if str(path).endswith(".gz") else open)(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                rows.append(checked(line, f"{path}:{number}", str(path)))
    if not rows:
        raise RowError(f"{path}: no rows; a row is {{\"prompt\": ..., \"weak\": 0 or 1, \"strong\": 0 or 1}}")
    return rows


def checked(line, where, name):
    try:
        row = json.loads(line)
    except ValueError as error:
        raise RowError(f"{where}: no JSON: {error}") from None
    if not isinstance(row, dict):
        raise RowError(f"{where}: not an object; a row is {{\"prompt\": ..., \"weak\": 0 or 1, \"strong\": 0 or 1}}")
    if not isinstance(row.get("prompt"), (str, list)):
        raise RowError(f"{where}: 'prompt' is {type(row.get('prompt')).__name__}; it must be a text or a list of messages")
    for member in ("weak", "strong"):
        value = row.get(member)
        if not isinstance(value, (int, float)) or not math.isfinite(value) or not 0 <= value <= 1:
            raise RowError(f"{where}: '{member}' is {json.dumps(value)}; it must be a number from 0 to 1")
    for member in ("weak_response", "second_response"):
        if row.get(member) is not None and not isinstance(row[member], str):
            raise RowError(f"{where}: '{member}' is {type(row[member]).__name__}; it must be a text")
    out = {key: row[key] for key in ("prompt", "weak_response", "second_response") if row.get(key) is not None}
    out.update(weak=float(row["weak"]), strong=float(row["strong"]), set=name, key=key_of(row["prompt"]), weight=1.0)
    out["group"] = None if row.get("group") is None else f"{name}:{row['group']}"
    return out


# The public sets -----------------------------------------------------------------------------------------------------

PRO_WEAK, PRO_STRONG = "Mixtral-8x7B-Instruct-v0.1", "gemini-1.5-pro-002"
SECOND = "Qwen2-7B-Instruct"


def load(directory, name):
    with gzip.open(f"{directory}/{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def row(prompt, weak, strong, name, group=None, weight=1.0, **more):
    return dict(prompt=prompt, weak=float(weak), strong=float(strong), set=name, key=key_of(prompt),
                group=None if group is None else f"{name}:{group}", weight=weight, **more)


def mmlu(directory):
    return [row(r["prompt"], r["weak"], r["strong"], "mmlu", r["domain"]) for r in load(directory, "routellm_mmlu")]


def gsm8k(directory):
    """With the second opinion where ZeroEval has the question."""
    second = {key_of(r["question"]): r["models"][SECOND]["out"] for r in load(directory, "zeroeval_gsm")}
    rows = []
    for r in load(directory, "routellm_gsm8k"):
        made = row(r["prompt"], r["weak"], r["strong"], "gsm8k", weak_response=r["weak_response"])
        if made["key"] in second:
            made["second_response"] = second[made["key"]]
        rows.append(made)
    return rows


def choices_of(options):
    return "".join(f"\n{letter}. {option}" for letter, option in zip("ABCDEFGHIJ", options)) + "\nAnswer:"


def mmlu_pro(directory, choices=True, weak=PRO_WEAK):
    """With the choices in the prompt, or, as a set of its own, without."""
    rows = []
    for r in load(directory, "mmlupro_outcomes"):
        if r["correct"].get(PRO_STRONG) is None:
            continue
        prompt = r["question"] + (choices_of(r["options"]) if choices else "")
        rows.append(row(prompt, r["correct"][weak], r["correct"][PRO_STRONG], "mmlu-pro" if choices else "mmlu-pro-bare",
                        r["category"], weak_response=r["responses"][weak]))
    return rows


def pro_models(directory):
    return sorted(load(directory, "mmlupro_outcomes")[0]["responses"])


def zeroeval(directory, name, weight):
    """Every model's answer; there is no pair, so these teach the verifier alone."""
    rows = []
    for r in load(directory, f"zeroeval_{name}"):
        second = r["models"].get(SECOND, {}).get("out")
        for model, answer in r["models"].items():
            more = {"second_response": second} if second is not None and model != SECOND else {}
            rows.append(row(r["question"], answer["ok"], answer["ok"], f"zeroeval-{name}", weight=weight,
                            weak_response=answer["out"], **more))
    return rows
