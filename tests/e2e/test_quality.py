"""SLOs, the report of them, and who costs most, by the binary."""

import json
import subprocess

import pytest

from gateway import BINARY, config_for, key_config, wait_for
from test_feedback import OTHER, ask, tell


def triage(*words, code=0):
    done = subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
    assert done.returncode == code, done
    return done.stdout if code == 0 else done.stderr


@pytest.fixture
def config(simulator, tmp_path):
    return config_for(simulator.port, keys=[key_config(), key_config(OTHER, "other")], ledger={"dir": str(tmp_path / "ledger")})


def test_an_slo_is_met_then_broken(start, config, tmp_path):
    config["routes"]["chat"]["quality"] = {"slo": [{"signal": "feedback", "value_min": 0.8}, {"signal": "refusal", "value_max": 0.5, "confidence": 0.9}]}
    gateway = start(config)
    state = lambda: gateway.metric("triage_slo_state", route="chat", signal="feedback", bound="min")
    assert state() == 0
    for thumb, expected in (("up", 1), ("down", 2)):
        for _ in range(60):
            assert tell(gateway, {"id": ask(gateway)[0], "thumb": thumb})[0] == 200
        wait_for(lambda: state() == expected, 5, f"state {expected}")
    for change in ("state=met before=unknown", "state=breached before=unknown"):
        assert gateway.logs(f'slo route=chat promise="feedback >= 0.8" {change}')
    assert gateway.metric("triage_slo_state", route="chat", signal="refusal", bound="max") == 1
    report = json.loads(triage("report", "--config", gateway.path, "--json"))
    assert [(slo["signal"], slo["state"], slo["values"]) for slo in report["slo"]] == [("feedback", "breached", 120), ("refusal", "met", 120)]
    assert report["slo"][0]["low"] < report["slo"][0]["mean"] < report["slo"][0]["high"] < 0.8
    assert "feedback >= 0.8" in triage("report", "--config", gateway.path)
    assert gateway.stop() == 0
    again = start(config)
    wait_for(lambda: again.metric("triage_slo_state", route="chat", signal="feedback", bound="min") == 2, 5, "the state is what it was")


def test_a_route_that_takes_no_feedback_or_only_for_a_while(start, config):
    config["routes"]["none"] = {"match": {"models": ["none"]}, "tiers": {"small": ["sim-small"]}, "quality": {"feedback": False}}
    config["routes"]["brief"] = {"match": {"models": ["brief"]}, "tiers": {"small": ["sim-small"]}, "quality": {"feedback_for": "1s"}}
    config["routes"]["plain"] = {"match": {"models": ["plain"]}, "tiers": {"small": ["sim-small"]}, "quality": {"feedback_texts": False}}
    gateway = start(config)
    for model in ("none", "brief"):
        request_id, _ = ask(gateway, model=model)
        closed = lambda: tell(gateway, {"id": request_id, "thumb": "up"})
        wait_for(lambda: closed()[0] == 403, 5, "it is closed")
        assert closed()[1]["error"]["code"] == "feedback_closed"
    request_id, _ = ask(gateway, model="plain")
    assert tell(gateway, {"id": request_id, "thumb": "up", "comment": "x"}) == (200, {"recorded": True, "left_out": ["comment"]})
    assert tell(gateway, {"id": request_id, "comment": "x"})[0] == 403


def test_who_costs_most(start, config, tmp_path):
    config["deployments"]["sim-large"]["price"] = {"input": 100, "output": 100}
    config["deployments"]["sim-small"]["price"] = {"input": 1, "output": 1}
    config["routes"]["dear"] = {"match": {"models": ["dear"]}, "tiers": {"small": ["sim-large"]}}
    gateway = start(config)
    for model, key in (("auto", OTHER), ("auto", OTHER), ("dear", None)):
        request_id, _ = ask(gateway, model=model, **({"key": key} if key else {}))
    tell(gateway, {"id": request_id, "thumb": "up"})
    assert gateway.stop() == 0
    top = json.loads(triage("top", "--config", gateway.path, "--json"))
    assert [(row["name"], row["requests"]) for row in top["route"]] == [("dear", 1), ("chat", 2)]
    assert [row["name"] for row in top["key"]] == ["e2e", "other"]
    assert top["route"][0]["share"] > 0.9 and top["route"][0]["quality"]["feedback"] == {"mean": 1, "values": 1}
    assert sum(row["cost_known_nano_usd"] for row in top["route"]) == top["total"]["cost_known_nano_usd"]
    by_deployment = json.loads(triage("top", "--ledger", tmp_path / "ledger", "--by", "deployment", "--since", "all", "--json"))
    assert by_deployment["deployment"][0]["name"] == "sim-large" and "route" not in by_deployment
    table = triage("top", "--config", gateway.path)
    assert "dear" in table and "100% of 1" in table and max(map(len, table.splitlines())) <= 100
    assert "write route, key or deployment" in triage("top", "--ledger", tmp_path / "ledger", "--by", "colour", code=2)
    assert "--rows 'x'" in triage("top", "--ledger", tmp_path / "ledger", "--rows", "x", code=2)
