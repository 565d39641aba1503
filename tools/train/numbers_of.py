"""Runs `triage features`: the only source of numbers, so that training and serving cannot differ."""

import json
import subprocess
import tempfile
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse


@dataclass
class Numbers:
    dense: np.ndarray        # [rows, features] float32
    ngrams: sparse.csr_matrix  # [rows, 2^bits] float32
    answer: np.ndarray       # [rows, answer features] float32; NaN for rows without an answer


class Names:
    """What `triage features --names` says."""

    def __init__(self, binary):
        told = json.loads(run(binary, "--names"))
        self.version = told["version"]
        self.bits = told["ngram_bits"]
        self.dense = [feature["name"] for feature in told["features"]]
        self.answer = [feature["name"] for feature in told["answer"]]


def run(binary, *arguments, stdin=None):
    done = subprocess.run([binary, "features", *arguments], stdin=stdin, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{binary} features: {done.stderr.strip()}")
    return done.stdout


def numbers_of(binary, names, rows, second=False):
    """`second`: the answer's numbers use `second_response`."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        for row in rows:
            members = ("prompt", "weak_response", "second_response")
            file.write(json.dumps({key: row[key] for key in members if row.get(key) is not None}) + "\n")
        file.seek(0)
        out = run(binary, *(["--second", "second_response"] if second else []), stdin=file)
    dense = np.empty((len(rows), len(names.dense)), np.float32)
    answer = np.full((len(rows), len(names.answer)), np.nan, np.float32)
    ids, values, starts = [], [], [0]
    for at, line in enumerate(out.splitlines()):
        told = json.loads(line)
        dense[at] = told["features"]
        if "answer" in told:
            answer[at] = told["answer"]
        ids += told["ngram_ids"]
        values += [told["ngram_value"]] * len(told["ngram_ids"])
        starts.append(len(ids))
    ngrams = sparse.csr_matrix((np.array(values, np.float32), np.array(ids, np.int32), starts),
                               shape=(len(rows), 1 << names.bits))
    return Numbers(dense, ngrams, answer)
