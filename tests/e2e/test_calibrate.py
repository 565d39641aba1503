"""`triage calibrate`: from graded answers to what the verifier `logprob` reads."""

import json
import math
import random

from test_cli import triage


def answers(path, count=2000):
    """Right with the probability that a curve gives of the mean log-probability."""
    chance = random.Random(20261123)
    with path.open("w") as out:
        for _ in range(count):
            mean = -2 * chance.random()
            right = chance.random() < 1 / (1 + math.exp(-(4 * mean + 3)))
            out.write(json.dumps({"logprobs": [mean - 0.1, mean + 0.1], "right": right}) + "\n")
    return path


def test_it_finds_the_curve(tmp_path):
    done = triage("calibrate", str(answers(tmp_path / "graded.jsonl")))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["kind"] == "platt" and abs(found["a"] - 4) < 0.8 and abs(found["b"] - 3) < 0.6, found
    assert "2000 answers" in done.stderr
    error = float(done.stderr.split("calibration error ")[1].split(",")[0])
    assert error < 0.06


def test_the_file_is_one_that_a_configuration_takes(tmp_path):
    graded, out = answers(tmp_path / "graded.jsonl"), tmp_path / "calibration.json"
    assert triage("calibrate", str(graded), "--kind", "isotonic", "--use", "min", "--out", str(out)).returncode == 0
    config = tmp_path / "triage.yaml"
    config.write_text(f"""
providers: {{p: {{base_url: "http://127.0.0.1:1/v1"}}}}
deployments:
  weak: {{provider: p, price: {{input: 1, output: 1}}, capabilities: [logprobs], context_window: 8192}}
  strong: {{provider: p, price: {{input: 2, output: 2}}, capabilities: [logprobs], context_window: 8192}}
routes:
  chat:
    match: {{models: [auto]}}
    tiers: {{small: [weak], large: [strong]}}
    routers: [fixed: {{tier: small}}]
    cascade: {{verify: {{logprob: {{use: min, calibration: {out}}}}}}}
""")
    done = triage("check", "--strict", str(config))
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_wrong_is_said_with_its_line(tmp_path):
    path = tmp_path / "graded.jsonl"
    for line, word in [("{}", "'right'"), ("x", "JSON"), ('{"right": true, "logprobs": []}', "empty"), ('{"right": 1}', "'right'")]:
        path.write_text('{"logprobs": [-1], "right": true}\n' + line + "\n")
        done = triage("calibrate", str(path))
        assert done.returncode == 3 and f"{path}:2: " in done.stderr and word in done.stderr
    path.write_text('{"logprobs": [-1], "right": true}\n')
    assert triage("calibrate", str(path)).returncode == 1
    assert triage("calibrate").returncode == 2
    assert triage("calibrate", str(path), "--kind", "other").returncode == 2
