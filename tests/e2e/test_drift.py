"""The watch for drift, with durations scaled down: windows of 20 ms in place of an hour."""

import json
import subprocess
import time

import pytest

from cascading import REFUSAL, says
from gateway import BINARY, request, wait_for

DRIFT = {"window": "20ms", "reference": 60, "false_alarm_every": "1h"}


def state(here, what):
    return here.gateway.metric("triage_drift_state", route="chat", what=what)


def ask_until(here, condition, what, most=3000):
    for _ in range(most):
        here.ask()
        if condition():
            return
    raise AssertionError(f"not after {most} requests: {what}")


def report(here, *more):
    done = subprocess.run([BINARY, "report", "--ledger", here.ledger, *more], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done
    return done.stdout


def problems(here):
    return here.gateway.ready()["problems"]


def test_a_change_is_found_told_and_kept(cascading):
    here = cascading(quality={"drift": DRIFT})
    ask_until(here, lambda: state(here, "escalation") == 1, "the reference is learned")
    assert state(here, "refusal") == 1 and state(here, "judge") == 0
    assert here.gateway.metric("triage_drift_alarms_total", route="chat", what="escalation") == 0
    here.weak.answer = says(REFUSAL)
    ask_until(here, lambda: state(here, "escalation") == 2, "escalations become more frequent")
    wait_for(lambda: "drift of escalation" in here.gateway.stderr(), 5, "a line in the log")
    assert here.gateway.metric("triage_drift_alarms_total", route="chat", what="escalation") == 1
    assert any("route 'chat': escalation" in each for each in problems(here))
    assert "escalations have become more frequent" in report(here)
    told = json.loads(report(here, "--json"))["drift"]
    assert told["routes"]["chat"]["states"]["escalation"] == "drifted"
    alarm = told["alarms"][-1]
    assert alarm["what"] == "escalation" and alarm["before"] < 0.05 < alarm["now"]
    # The new way is learned, and is no drift.
    ask_until(here, lambda: state(here, "escalation") == 1, "the new reference is learned")
    here.gateway.stop()
    assert json.loads(report(here, "--json"))["drift"]["routes"]["chat"]["states"]["escalation"] == "steady"


def test_the_state_survives_kill_and_restart(cascading):
    here = cascading(quality={"drift": DRIFT})
    ask_until(here, lambda: state(here, "refusal") == 1, "the reference is learned")
    time.sleep(0.3)  # until the journal has been followed
    here.gateway.child.kill()
    here.gateway.child.wait()
    here.gateway.child.returncode = 0  # as was wanted
    again = cascading(quality={"drift": DRIFT})  # of other ports, but the same policy
    again.ask()
    wait_for(lambda: state(again, "refusal") == 1, 5, "the reference is there at once")


def test_another_policy_is_learned_anew(cascading):
    here = cascading(quality={"drift": DRIFT})
    ask_until(here, lambda: state(here, "refusal") == 1, "the reference is learned")
    config = json.loads(here.gateway.path.read_text())
    config["routes"]["chat"]["routers"] = [{"fixed": {"tier": "large"}}]
    here.gateway.reload(config)
    here.ask()
    wait_for(lambda: state(here, "refusal") == 0, 5, "another policy is learned anew")


def test_a_router_that_sends_all_to_one_tier(cascading):
    rule = {"name": "hard", "when": {"keywords": ["prove"]}, "tier": "large"}
    routers = [{"heuristic": {"rules": [rule]}}, {"fixed": {"tier": "small"}}]
    here = cascading(quality={"drift": DRIFT}, routers=routers)
    ask_until(here, lambda: state(here, "constant") == 2, "all go to one tier", most=1500)
    wait_for(lambda: "drift of constant" in here.gateway.stderr(), 5, "a line in the log")
    fixed = cascading(quality={"drift": DRIFT})  # has nothing to choose
    for _ in range(600):
        fixed.ask()
    assert state(fixed, "constant") != 2


@pytest.mark.parametrize("action, wanted", [("warn", "running"), ("freeze", "held"), ("rollback", "rolled_back")])
def test_an_alarm_stops_the_routes_experiment(cascading, action, wanted):
    experiment = {
        "name": "slower",
        "unit": {"header": "x-user"},  # which no request has: each is a unit of its own
        "treatment": {"timeouts": {"total": "299s"}},
        "stages": [{"share": 0.2, "at_least": "1h"}, {"share": 1}],
        "guardrails": [{"signal": "error", "margin": 0.5}],
    }
    here = cascading(quality={"drift": {**DRIFT, "action": action}}, experiment=experiment)
    listed = lambda: json.loads(request(here.gateway.admin_port, "GET", "/admin/experiments", key=None)[2])["experiments"][0]
    ask_until(here, lambda: state(here, "escalation") == 1, "the reference is learned")
    assert listed()["state"] == "running"
    here.weak.answer = says(REFUSAL)
    ask_until(here, lambda: state(here, "escalation") == 2, "escalations become more frequent")
    wait_for(lambda: listed()["state"] == wanted, 5, wanted)
    decisions = [each for each in here.journal() if each.get("kind") == "experiment" and each["actor"] == "drift"]
    assert [each["action"] for each in decisions] == {"warn": [], "freeze": ["hold"], "rollback": ["rollback"]}[action]
    assert all("escalation" in each["reason"] for each in decisions)
