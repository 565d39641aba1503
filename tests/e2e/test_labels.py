"""`triage export --labels`: from recorded pairs to labelled questions that `triage eval` and `plan` read."""

import json
import subprocess

import pytest
from cascading import BETTER, GOOD, REFUSAL, cost, says
from gateway import BINARY, wait_for

PAIRS = {"share": 1, "daily_budget_usd": 100, "picker": {"scorer": {"verify": "checks"}}}


def triage(*arguments):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20)


def exported(here, *more):
    done = triage("export", "--labels", "--ledger", here.ledger, *more)
    assert done.returncode == 0, done
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture
def recorded(cascading):
    def make(content="full", kind="ensemble"):
        return cascading(tiers_only=("weak", "strong"), record={"content": content}, **{kind: PAIRS})

    return make


def test_pairs_become_rows(recorded, tmp_path):
    here = recorded()
    here.weak.answer, here.strong.answer = says(REFUSAL), says(BETTER)
    asked = [{"role": "user", "content": "Is 7 <prime>?"}]
    here.ask(messages=asked)
    here.weak.answer, here.strong.answer = says(GOOD), says(REFUSAL)
    here.ask(messages=[{"role": "user", "content": "And 9?"}])
    here.records(2)
    rows, _ = exported(here)
    assert [(row["weak"] > row["strong"], row["source"], row["route"]) for row in rows] == [(False, "ensemble", "chat"), (True, "ensemble", "chat")]
    assert rows[0]["prompt"] == asked and rows[0]["weak_response"] == REFUSAL and rows[0]["strong_response"] == BETTER
    assert rows[0]["cost_weak"] * 1e9 == pytest.approx(cost("weak")) and rows[0]["cost_strong"] * 1e9 == pytest.approx(cost("strong"))
    assert exported(here, "--route", "other")[0] == []

    data = tmp_path / "rows.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = tmp_path / "triage.yaml"
    config.write_text(
        'providers: {p: {base_url: "http://127.0.0.1:1/v1"}}\ndeployments: {a: {provider: p}, b: {provider: p}}\ntiers: [small, large]\n'
        "routes: {chat: {tiers: {small: [a], large: [b]}, routers: [{fixed: {tier: small}}]}}\n"
    )
    found = json.loads(triage("eval", "--config", config, "--data", data, "--json").stdout)
    assert found["rows"] == 2 and found["weak"]["cost_usd"] * 1e9 == pytest.approx(cost("weak"))

    straight = json.loads(triage("eval", "--config", config, "--ledger", here.ledger, "--json").stdout)
    assert straight["rows"] == 2 and straight["weak"] == found["weak"]

    planned = triage("plan", "--ledger", here.ledger, "--json")
    assert planned.returncode == 0, planned
    planned = json.loads(planned.stdout)
    assert planned["requests_a_day"] == 2 and planned["cost_strong_usd"] * 1e9 == pytest.approx(cost("strong"))
    assert planned["quality"]["weak"] == pytest.approx(sum(row["weak"] for row in rows) / 2)


def test_shadows_become_rows(recorded):
    here = recorded("redacted", "shadow")
    here.weak.answer, here.strong.answer = says(GOOD), says(BETTER)
    here.ask(messages=[{"role": "user", "content": "Mail me at jo@example.org"}])
    wait_for(lambda: len(here.journal()) >= 2, 10, "the shadow is recorded")
    rows, _ = exported(here)
    assert [row["source"] for row in rows] == ["shadow"] and rows[0]["prompt"][0]["content"] == "Mail me at [email]"


@pytest.mark.parametrize("content", ["off", "hashed"])
def test_without_texts_there_are_no_rows(cascading, content):
    record = {"content": content, **({"key": "k" * 32} if content == "hashed" else {})}
    here = cascading(tiers_only=("weak", "strong"), record=record, ensemble=PAIRS)
    here.ask()
    here.records(1)
    rows, said = exported(here)
    assert rows == [] and "1 are left out because their text was not recorded" in said and "record: {content:" in said


def test_cut_texts_are_left_out(cascading):
    here = cascading(tiers_only=("weak", "strong"), record={"content": "full", "text_max": "1KiB"}, ensemble=PAIRS)
    here.ask(messages=[{"role": "user", "content": "word " * 1000}])
    here.records(1)
    rows, said = exported(here)
    assert rows == [] and "text_max" in said


def test_wrong_use(tmp_path):
    assert triage("export", "--ledger", tmp_path).returncode == 2
    assert triage("export", "--labels").returncode == 2
    done = triage("export", "--labels", "--ledger", tmp_path)
    assert done.returncode == 3 and "not a ledger" in done.stderr
