"""`triage replay --diff`: what a change of configuration would have cost and how good it would have been."""

import json
import os
import random
import subprocess
import time

import pytest

from cascading import cost
from gateway import BINARY
from ledger_lines import request, write_ledger

CANNOT = "cannot be told from these logs"
CONFIG = """
providers: {p: {dialect: openai, base_url: "http://127.0.0.1:1/v1"}}
deployments:
  cheap: {provider: p, price: {input: 1, output: 1}}
  dear: {provider: p, price: {input: 10, output: 30}}
tiers: [small, large]
routes:
  chat:
    match: {models: [auto]}
    tiers: {small: [cheap], large: [dear]}
    routers: ROUTERS
"""
SMALL, LARGE = "[{fixed: {tier: small}}]", "[{fixed: {tier: large}}]"
NOW = int(time.time() * 1000)


def rule(word):
    return "[{heuristic: {rules: [{name: hard, when: {keywords: [%s]}, tier: large}]}}, {fixed: {tier: small}}]" % word


def threshold(value):
    return '[{classifier: {model: "builtin:difficulty", thresholds: {large: %s}}}]' % value


@pytest.fixture
def here(tmp_path):
    class Here:
        def config(self, name, routers, change=lambda text: text):
            (tmp_path / name).write_text(change(CONFIG.replace("ROUTERS", routers)))
            return tmp_path / name

        def version(self, file):
            done = subprocess.run([BINARY, "check", file], capture_output=True, text=True)
            if "ONNX Runtime" in done.stderr:
                pytest.skip("there is no ONNX Runtime here")
            return done.stdout.split("version ")[1].split(":")[0]

        def ledger(self, lines):
            return write_ledger(tmp_path / "ledger", [*lines])

        def run(self, old, new, *more, ledger=tmp_path / "ledger"):
            return subprocess.run([BINARY, "replay", "--diff", old, new, "--ledger", ledger, *map(str, more)], capture_output=True, text=True, timeout=120)

        def found(self, *arguments, code=0):
            done = self.run(*arguments, "--json")
            assert done.returncode == code, (done.stdout, done.stderr)
            return json.loads(done.stdout)

    return Here()


def chain(tier, router="fixed", **more):
    return [{"router": router, "tier": tier, "score": None, "reason": "", **more}]


def requests(count, **changes):
    return [request(i, time_unix_ms=NOW - (count - i) * 1000, **{k: v(i) if callable(v) else v for k, v in changes.items()}) for i in range(count)]


def test_where_both_decide_the_same_the_log_tells(here):
    old, new = here.config("old.yaml", SMALL), here.config("new.yaml", SMALL + " # the same")
    here.ledger(requests(200, chain=chain("small"), signals=lambda i: {"refusal": i % 10 == 0}))
    found = here.found(old, new, "--max-cost", "0.0011", "--min-quality", "0.8")
    assert found["requests"] == 200 and found["told"] and found["decisions"]["same"] == 200
    assert found["cost_usd"]["new"]["doubly_robust"]["value"] == pytest.approx(0.001)
    assert found["quality"]["source"] == "signals" and found["quality"]["new"]["ips"]["value"] == pytest.approx(0.9)
    assert found["max_cost"]["result"] == "kept" and found["min_quality"]["result"] == "kept"
    assert here.found(old, new, "--max-cost", "0.0009", code=1)["max_cost"]["result"] == "violated"
    assert here.found(old, new, "--min-quality", "0.99", code=1)["min_quality"]["result"] == "violated"
    text = here.run(old, new).stdout
    assert CANNOT not in text and "both decide the same for 200 (100.0 %)" in text


def test_without_overlap_it_cannot_be_told_and_the_gate_says_no(here):
    old, new = here.config("old.yaml", SMALL), here.config("new.yaml", LARGE)
    here.ledger(requests(100, chain=chain("small")))
    done = here.run(old, new)
    assert done.returncode == 0 and CANNOT in done.stdout and "100 (100.0 %) go from small to large" in done.stdout
    for gate in (["--max-cost", "1000"], ["--min-quality", "0.01"]):
        done = here.run(old, new, *gate)
        assert done.returncode == 1 and f"{gate[0]} {gate[1]}: " in done.stdout and CANNOT in done.stdout
    found = here.found(old, new)
    assert found["verdict"] == CANNOT and not found["told"]
    assert found["cost_usd"]["new"]["doubly_robust"]["value"] is None and found["cost_usd"]["new"]["lacking_share"] == 1
    assert found["quality"]["new"]["bounds"] == [0, 1]


def test_a_threshold_is_replayed_from_recorded_scores(here):
    old, new, further = (here.config(f"{value}.yaml", threshold(value)) for value in (0.5, 0.6, 0.9))
    version = here.version(old)
    score = lambda i: (i % 100) / 100  # noqa: E731
    here.ledger(
        requests(
            400,
            tier=lambda i: "large" if score(i) >= 0.5 else "small",
            chain=lambda i: chain("large" if score(i) >= 0.5 else "small", "classifier", score=score(i), threshold=0.5, model="difficulty-0"),
            config_version=version,
        )
    )
    found = here.found(old, new)
    assert found["decisions"]["same"] == 360 and found["decisions"]["moves"] == [{"from": "large", "to": "small", "requests": 40}]
    assert found["cost_usd"]["old"]["told"] and found["cost_usd"]["new"]["lacking_share"] == pytest.approx(0.1)
    assert here.found(old, further)["cost_usd"]["new"]["lacking_share"] == pytest.approx(0.4)
    assert here.found(old, old)["told"]


def test_rules_are_replayed_on_recorded_text(here):
    old, new = here.config("old.yaml", rule("prove")), here.config("new.yaml", rule("show"))
    asked = lambda i: "prove it" if i % 4 == 0 else "show it" if i % 4 == 1 else "hello"  # noqa: E731
    lines = requests(
        100,
        tier=lambda i: "large" if i % 4 == 0 else "small",
        chain=lambda i: chain("large" if i % 4 == 0 else None, "heuristic") + ([] if i % 4 == 0 else chain("small")),
        content="full",
        prompt=lambda i: json.dumps([{"role": "user", "content": asked(i)}]),
        answer="yes",
    )
    here.ledger(lines)
    moves = {(move["from"], move["to"]): move["requests"] for move in here.found(old, new)["decisions"]["moves"]}
    assert moves == {("large", "small"): 25, ("small", "large"): 25}
    for each in lines:
        each |= {"content": "hashed", "prompt": "0" * 64}
    here.ledger(lines)
    done = here.run(old, new)
    assert CANNOT in done.stdout and "reads the text, which was not recorded" in done.stdout
    assert here.found(old, new)["decisions"]["undecided"] == 100


def in_experiment(count, seed=1, share=0.4):
    """Half of the requests are small talk; the treatment sends it to the small tier, control sends all to the large one."""
    draw = random.Random(seed)
    for i in range(count):
        arm = "treatment" if draw.random() < share else "control"
        talk = draw.random() < 0.5
        tier = "small" if talk and arm == "treatment" else "large"
        good = draw.random() < (0.9 if tier == "large" else 0.6)
        experiment = {"name": "e", "version": "v", "arm": arm, "unit": f"{draw.getrandbits(64):016x}", "share": share}
        yield request(
            i,
            time_unix_ms=NOW - (count - i) * 1000,
            tier=tier,
            chain=chain("large") if arm == "control" else chain(None, "heuristic") + chain("small") if talk else chain("large", "heuristic"),
            content="full",
            prompt=json.dumps([{"role": "user", "content": "hello" if talk else "prove it"}]),
            answer="yes",
            experiment=experiment,
        )
        yield {"kind": "grade", "id": f"req_{i}", "time_unix_ms": NOW, "route": "chat", "grader": "judge", "score": 1 if good else 0}


def test_an_experiment_gives_overlap(here):
    old, new, worse = here.config("old.yaml", LARGE), here.config("new.yaml", rule("prove")), here.config("worse.yaml", SMALL)
    here.ledger(in_experiment(2000))
    found = here.found(old, new)
    assert found["told"] and found["quality"]["source"] == "grades"
    assert any("its control decided as OLD would, its treatment as NEW would" in note for note in found["notes"])
    assert found["decisions"]["same"] == pytest.approx(1000, abs=120)
    for estimate in ("ips", "snips", "doubly_robust"):
        low, high = found["quality"]["new"][estimate]["interval"]
        assert low < 0.75 < high and high - low < 0.15
    low, high = found["cost_usd"]["difference"]["interval"]
    assert low < -0.0045 < high < 0
    # What neither arm did is not told.
    assert CANNOT in here.run(old, worse).stdout
    done = here.run(old, new, "--min-quality", "95%")
    assert done.returncode == 1 and "violated" in done.stdout
    assert here.run(old, new, "--min-quality", "0.65", "--max-cost", "90%").returncode == 0


def test_a_running_experiment_is_replayed(cascading, here, tmp_path):
    """Records of a gateway, whose arms are known by the experiment's version."""
    experiment = {
        "name": "all-large",
        "unit": {"header": "x-user"},
        "treatment": {"routers": [{"fixed": {"tier": "large"}}]},
        "stages": [{"share": 0.5, "at_least": "1h"}, {"share": 1}],
        "guardrails": [{"signal": "error", "margin": 0.5}],
    }
    gateway = cascading(experiment=experiment)
    for user in range(300):
        gateway.ask(headers={"x-user": f"user {user}"})
    gateway.records(300 + sum("kind" in each for each in gateway.journal()))
    config = json.loads(gateway.gateway.path.read_text())
    route = config["routes"]["chat"]
    del route["experiment"]
    route["routers"] = [{"fixed": {"tier": "large"}}]
    new = tmp_path / "new.yaml"
    new.write_text(json.dumps(config))
    done = here.run(gateway.gateway.path, new, "--json", ledger=gateway.ledger)
    found = json.loads(done.stdout)
    assert found["told"] and found["requests"] == 300, found
    assert any("were assigned to an arm" in note for note in found["notes"]) and not any("neither configuration" in note for note in found["notes"])
    assert found["cost_usd"]["old"]["snips"]["value"] * 1e9 == pytest.approx(cost("weak"))
    assert found["cost_usd"]["new"]["snips"]["value"] * 1e9 == pytest.approx(cost("strong"))
    assert found["decisions"]["moves"] == [{"from": "small", "to": "large", "requests": 300}]


def test_pairs_tell_what_the_other_tier_would_give(here):
    old, new = here.config("old.yaml", SMALL), here.config("new.yaml", LARGE)
    half = lambda tier, score: {"deployment": tier, "tier": tier, "score": score, "cost_nano_usd": 1000}  # noqa: E731
    lines = requests(100, chain=chain("small"))
    for i in range(0, 100, 2):
        pair = {"kind": "shadow", "cheap": half("small", 0.5), "strong": half("large", 0.8), "margin": 0.3, "picked": "strong", "given": "cheap"}
        lines.append(request(1000 + i, time_unix_ms=NOW, shadow_of=f"req_{i}", pair=pair, attempts=[]))
    here.ledger(lines)
    found = here.found(old, new)
    assert found["quality"]["source"] == "pairs" and found["quality"]["known"] == 50
    assert found["quality"]["difference"]["value"] == pytest.approx(0.3)
    assert not found["cost_usd"]["new"]["told"]


def test_new_prices_are_applied_to_the_same_tokens(here):
    old = here.config("old.yaml", SMALL)
    new = here.config("new.yaml", SMALL, lambda text: text.replace("{input: 1, output: 1}", "{input: 2, output: 4}"))
    here.ledger(requests(50, chain=chain("small"), cost=150_000))  # 100 + 50 tokens at 1
    found = here.found(old, new)
    assert found["cost_usd"]["old"]["doubly_robust"]["value"] == pytest.approx(0.00015)
    assert found["cost_usd"]["new"]["doubly_robust"]["value"] == pytest.approx(0.0004)


def test_weights_are_propensities(here):
    both = "tiers: {small: [{deployment: cheap, weight: %d}, {deployment: dear, weight: %d}], large: [dear]}"
    change = lambda a, b: lambda text: text.replace("tiers: {small: [cheap], large: [dear]}", both % (a, b))  # noqa: E731
    old, new = here.config("old.yaml", SMALL, change(1, 1)), here.config("new.yaml", SMALL, change(1, 3))
    version = here.version(old)
    here.ledger(requests(400, chain=chain("small"), config_version=version, deployment=lambda i: ["cheap", "dear"][i % 2], cost=lambda i: [10**6, 10**7][i % 2]))
    found = here.found(old, new)
    assert found["told"]
    assert found["cost_usd"]["old"]["doubly_robust"]["value"] == pytest.approx(0.0055)
    assert found["cost_usd"]["new"]["snips"]["value"] == pytest.approx(0.001 / 4 + 0.01 * 3 / 4)
    assert found["cost_usd"]["new"]["doubly_robust"]["value"] == pytest.approx(0.00775, rel=0.01)


def test_a_cascade_that_differs_is_not_the_same_decision(here):
    old = here.config("old.yaml", SMALL)
    new = here.config("new.yaml", SMALL, lambda text: text + "    cascade: {verify: checks}\n")
    here.ledger(requests(100, chain=chain("small")))
    assert CANNOT in here.run(old, new).stdout
    assert here.found(new, new)["told"]


def test_an_empty_ledger_and_wrong_use(here, tmp_path):
    old, new = here.config("old.yaml", SMALL), here.config("new.yaml", LARGE)
    here.ledger(requests(3, chain=chain("small"), route="other"))
    done = here.run(old, new, "--min-quality", "0.5")
    assert done.returncode == 1 and CANNOT in done.stdout
    assert here.run(old, new, "--min-quality", "good").returncode == 2
    assert here.run(old, new, "--route", "nosuch").returncode == 2
    assert here.run(old, new, ledger=tmp_path / "nowhere").returncode == 3
    (tmp_path / "bad.yaml").write_text("routes: 7\n")
    assert here.run(old, tmp_path / "bad.yaml").returncode == 1
    assert subprocess.run([BINARY, "replay", old, new], capture_output=True).returncode == 2


def test_intervals_cover_through_the_command(here):
    """With TRIAGE_REPLAY_RUNS=2000 all of issue 17's runs; tests/unit/offline/replay_test.cpp does them in one process."""
    runs = int(os.environ.get("TRIAGE_REPLAY_RUNS", "40"))
    old, new = here.config("old.yaml", LARGE), here.config("new.yaml", rule("prove"))
    covered = {"ips": 0, "snips": 0, "doubly_robust": 0}
    error = plain_error = 0.0
    for run in range(runs):
        lines = list(in_experiment(300, seed=run))
        here.ledger(lines)
        found = here.found(old, new)
        for name in covered:
            low, high = found["quality"]["new"][name]["interval"]
            covered[name] += low <= 0.75 <= high
        # Plain replay: the mean over the requests that happened to get what NEW would do.
        same = [grade["score"] for asked, grade in zip(lines[::2], lines[1::2]) if (asked["tier"] == "small") == ("hello" in asked["prompt"])]
        error += (found["quality"]["new"]["doubly_robust"]["value"] - 0.75) ** 2
        plain_error += (sum(same) / len(same) - 0.75) ** 2
    print({name: count / runs for name, count in covered.items()})
    least = 0.93 * runs - 3 * (0.05 * 0.95 * runs) ** 0.5 * (runs < 2000)
    assert all(count >= least for count in covered.values()), covered
    assert error < plain_error, (error, plain_error)
