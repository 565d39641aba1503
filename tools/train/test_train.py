"""Tests of tools/train: python3 -m pytest tools/train/test_train.py. They need the packages of requirements.txt and, for the
last one, the built program in TRIAGE_BINARY; they are skipped without."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

for package in ("numpy", "scipy", "sklearn", "lightgbm", "onnx", "onnxruntime"):
    pytest.importorskip(package)
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import scipy.sparse as sparse  # noqa: E402

import rows as data  # noqa: E402
from difficulty import fit_difficulty, fit_linear  # noqa: E402
from metrics import apgr, calibration_error, cpt, curve, folds_of  # noqa: E402
from onnx_graph import answer_graph, difficulty_graph, run_answer, run_difficulty  # noqa: E402
from trees import threshold_of  # noqa: E402
from verifier import fit_verifier  # noqa: E402

BITS = 8


class Names:
    version, bits = 1, BITS
    dense = ["length", "choices", "noise"]
    answer = ["wrong", "noise"]


def made_up(count, seed=3):
    """Prompts whose gain depends on the length, on one n-gram and on the form."""
    random = np.random.default_rng(seed)
    dense = random.random((count, 3)).astype(np.float32)
    dense[:, 1] = np.repeat([0, 4, 10], [count // 3, count // 3, count - 2 * (count // 3)])
    ngrams = sparse.random(count, 1 << BITS, 0.05, "csr", np.float32, random_state=seed)
    ngrams.data[:] = 0.3
    gain = 0.2 + 0.5 * (dense[:, 0] > 0.6) + 0.2 * (dense[:, 1] > 5)
    weak = (random.random(count) < 0.5).astype(float)
    strong = np.maximum(weak, random.random(count) < gain).astype(float)
    rows = [dict(weak=w, strong=s, set="made up", group=f"g{i % 7}", key=str(i), weight=1.0)
            for i, (w, s) in enumerate(zip(weak, strong))]
    return dense, ngrams, rows


def quiet(_):
    pass


@pytest.mark.parametrize("count", [600, 3000])  # one expert for all forms, one for each
def test_the_difficulty_graph_says_what_the_model_says(tmp_path, count):
    dense, ngrams, rows = made_up(count)
    model, kept_out = fit_difficulty(dense, ngrams, rows, 1, 1, quiet)
    assert len(model.experts) == (1 if count == 600 else 3)
    graph = difficulty_graph(model, Names, "tiny", "made up")
    (tmp_path / "m.onnx").write_bytes(graph.SerializeToString())
    weak, strong = run_difficulty(tmp_path / "m.onnx", dense, ngrams)
    expected = model.heads(dense, ngrams)
    assert np.abs(weak - expected[0]).max() < 1e-5 and np.abs(strong - expected[1]).max() < 1e-5
    assert weak.min() >= 0 and strong.max() <= 1.00001
    label = np.array([row["strong"] - row["weak"] for row in rows])
    assert np.corrcoef(kept_out[:, 0], label)[0, 1] > 0.2, "nothing was learnt"
    told = {entry.key: entry.value for entry in graph.metadata_props}
    assert told["triage.kind"] == "difficulty" and told["triage.features"] == "1" and told["triage.version"].startswith("tiny-")


def test_the_answer_graph_says_what_the_model_says(tmp_path):
    random = np.random.default_rng(5)
    answer = random.random((900, 2)).astype(np.float32)
    right = (random.random(900) < 0.9 - 0.8 * (answer[:, 0] > 0.5)).astype(float)
    rows = [dict(key=str(i), weight=1.0) for i in range(900)]
    model, kept_out = fit_verifier(answer, rows, right, 1, quiet)
    (tmp_path / "m.onnx").write_bytes(answer_graph(model, Names, "tiny", "made up").SerializeToString())
    assert np.abs(run_answer(tmp_path / "m.onnx", answer) - model.score(answer)).max() < 1e-5
    assert calibration_error(kept_out, right) < 0.08


def test_the_same_seed_gives_the_same_bytes():
    made = [difficulty_graph(fit_difficulty(*made_up(600), 1, 1, quiet)[0], Names, "tiny", "x") for _ in range(2)]
    assert made[0].SerializeToString(deterministic=True) == made[1].SerializeToString(deterministic=True)
    other = difficulty_graph(fit_difficulty(*made_up(600), 1, 2, quiet)[0], Names, "tiny", "x")
    assert other.metadata_props[3].value != made[0].metadata_props[3].value, "the version does not tell models apart"


def test_thresholds_split_float32_as_they_split_doubles():
    for value in np.random.default_rng(1).random(1000) * 10:
        at = np.float32(threshold_of(value))
        assert float(at) <= value < float(np.nextafter(at, np.float32(np.inf)))


def test_linear_weights_ignore_the_sets_base_rates():
    random = np.random.default_rng(2)
    ngrams = sparse.csr_matrix((random.random((400, 16)) < 0.2).astype(np.float32))
    sets = np.repeat(["a", "b"], 200)
    table, _ = fit_linear(ngrams, np.where(sets == "a", 1.0, 0.0), sets, np.ones(400))
    assert not table.any()


def test_apgr_and_cpt_on_cases_worked_by_hand():
    weak, strong = np.zeros(1000), np.repeat([1.0, 0.0], 500)
    score = np.arange(1000, 0, -1.0)  # the first 500 profit, and score highest
    share, accuracy = curve(score, weak, strong)
    assert share[0] == 0 and share[-1] == 1 and len(share) == 11
    assert accuracy[5] == pytest.approx(0.5, abs=0.002)
    assert apgr(score, weak, strong) == pytest.approx(0.75, abs=0.005)
    assert cpt(score, weak, strong, 0.5) == pytest.approx(25, abs=0.3)
    assert apgr(-score, weak, strong) == pytest.approx(0.25, abs=0.005)


def test_rows_of_one_question_share_a_fold():
    choices = "Which one?\nA. this\nB. that\nAnswer:"
    assert data.key_of(choices) == data.key_of("which ONE") == data.key_of([{"role": "user", "content": choices}])
    keys = [f"q{i % 50}" for i in range(500)]
    folds = folds_of(keys, 5)
    assert all(len({folds[i] for i in range(500) if keys[i] == key}) == 1 for key in keys) and set(folds) == set(range(5))


@pytest.mark.parametrize("line, complaint", [
    ("{", "no JSON"), ("[1]", "not an object"), ('{"weak": 0, "strong": 1}', "'prompt' is NoneType"),
    ('{"prompt": "a", "weak": 2, "strong": 1}', "'weak' is 2"), ('{"prompt": "a", "weak": 0}', "'strong' is null"),
    ('{"prompt": "a", "weak": NaN, "strong": 1}', "'weak' is NaN"),
    ('{"prompt": "a", "weak": 0, "strong": 1, "weak_response": 5}', "'weak_response' is int")])
def test_a_bad_row_is_named_with_its_line(tmp_path, line, complaint):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"prompt": "fine", "weak": 0, "strong": 1}\n' + line + "\n")
    with pytest.raises(data.RowError, match=f"rows.jsonl:2: .*{complaint}"):
        data.read_rows(path)


binary = pytest.mark.skipif("TRIAGE_BINARY" not in os.environ, reason="TRIAGE_BINARY names no built program")


@binary
def test_one_command_makes_models_of_rows(tmp_path):
    random = np.random.default_rng(4)
    rows = tmp_path / "rows.jsonl"
    with rows.open("w") as file:
        for i in range(300):
            hard = i % 2
            prompt = f"Calculate {i} times {i + 3} and explain why." if hard else f"Say hello to guest number {i}."
            right = float(random.random() < (0.2 if hard else 0.9))
            file.write(json.dumps({"prompt": prompt, "weak": right, "strong": 1 - (i % 11 == 0), "weak_response": f"It is {i}."}) + "\n")
    script = Path(__file__).parent / "train.py"
    command = [sys.executable, str(script), "--rows", str(rows), "--out", str(tmp_path), "--triage", os.environ["TRIAGE_BINARY"]]
    subprocess.run(command, check=True, capture_output=True)
    for name in ("difficulty", "verifier"):
        onnx.checker.check_model(onnx.load(tmp_path / f"{name}.onnx"))
        assert "rows.jsonl" in (tmp_path / f"{name}.md").read_text()
