"""Cascades whose verifiers ask a model, or change what is asked: what goes out, what it costs, what a deadline does."""

import json
import time

import pytest
from cascading import BETTER, GOOD, REFUSAL, Open, brief, broken, cost, says, spent, text_of

BOTH = pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
ASKED = {"agreement": {"deployment": "medium"}}
THREE = ("weak", "medium", "strong")


def purposes(record):
    return [(a["purpose"], a["deployment"], a["end"]) for a in record["attempts"]]


@pytest.fixture
def agreeing(cascading):
    """weak and strong as tiers, medium only as the second opinion."""
    here = cascading({"verify": ASKED}, tiers=THREE, tiers_only=("weak", "strong"))
    here.weak.answer, here.second = says("The answer is 42."), here.providers["medium"]
    return here


@BOTH
def test_two_that_agree_are_enough(agreeing, stream):
    agreeing.second.answer = says("So the answer is: 42")
    status, fields, text = agreeing.ask(stream)
    assert (status, text, fields["x-triage-deployment"]) == (200, "The answer is 42.", "weak")
    assert not json.loads(agreeing.second.requests[0].body).get("stream")
    (record,) = agreeing.records()
    assert purposes(record) == [("answer", "weak", "completed"), ("verify", "medium", "completed")]
    assert record["attempts"][0]["score"] == 1 and record["tier"] == "small"
    assert spent(record) == cost("weak") + cost("medium")


def test_a_comment_to_the_client_does_not_disturb_the_second(agreeing):
    agreeing.weak.answer, agreeing.second.answer = says("The answer is 42.", pause=0.1), says("So the answer is: 42")
    answer = Open(agreeing)
    assert text_of(answer.read(5), True) == "The answer is 42." and b"\n:" in answer.seen
    assert purposes(agreeing.records()[0]) == [("answer", "weak", "completed"), ("verify", "medium", "completed")]


@BOTH
def test_two_that_differ_are_not(agreeing, stream):
    agreeing.second.answer = says("So the answer is: 41")
    assert agreeing.ask(stream)[2] == BETTER
    (record,) = agreeing.records()
    assert purposes(record) == [("answer", "weak", "rejected"), ("verify", "medium", "completed"), ("answer", "strong", "completed")]
    assert record["attempts"][0]["score"] == 0 and "medium" in record["attempts"][0]["verdict"]
    assert spent(record) == cost("weak") + cost("medium") + cost("strong")


@BOTH
def test_a_second_opinion_that_fails_is_none(agreeing, stream):
    agreeing.second.answer = broken
    assert agreeing.ask(stream)[2] == BETTER


@BOTH
def test_a_deadline_while_the_second_is_asked_gives_what_is_there(agreeing, stream):
    agreeing.second.answer = says("It must be 42.", before=3)
    started = time.monotonic()
    status, _, text = agreeing.ask(stream, {"x-triage-timeout-ms": "600"})
    assert (status, text) == (200, "The answer is 42.") and 0.5 < time.monotonic() - started < 2
    assert agreeing.strong.requests == []
    assert purposes(agreeing.records()[0])[1] == ("verify", "medium", "failed")


def test_a_window_waits_for_who_needs_the_end(cascading):
    here = cascading({"verify": {"all": ["checks", ASKED]}, "hold": {"tokens": 2}}, tiers=THREE, tiers_only=("weak", "strong"))
    here.weak.answer = says("Here it is: the answer is 42.", pause=0.02)
    here.providers["medium"].answer = says("So the answer is: 41")
    assert here.ask(stream=True)[2] == BETTER


@BOTH
@pytest.mark.parametrize("confidence, expected", [("0.95", GOOD), ("0.2", BETTER)])
def test_the_client_never_sees_a_confidence(cascading, stream, confidence, expected):
    here = cascading({"verify": "self"})
    here.weak.answer = says(f"{GOOD}\n\nConfidence: {confidence}")
    status, _, text = here.ask(stream)
    assert (status, text.strip()) == (200, expected)
    asked = json.loads(here.weak.requests[0].body)["messages"]
    assert "Confidence" in asked[0]["content"] and asked[0]["role"] == "system"
    assert all("Confidence" not in request.body.decode() for request in here.strong.requests)
    assert here.records()[0]["attempts"][0]["score"] == float(confidence)


def test_nobody_is_asked_for_a_confidence_that_could_not_be_cut_off(cascading):
    here = cascading({"verify": "self", "hold": "none"})
    assert here.ask(stream=True)[2] == GOOD
    assert b"Confidence" not in here.weak.requests[0].body


VERDICTS = {"accept": '{"verdict": "accept", "confidence": 0.9}', "reject": '{"verdict": "reject", "confidence": 0.9}'}


@BOTH
@pytest.mark.parametrize("verdict, on_error, expected", [
    ("accept", "escalate", GOOD), ("reject", "escalate", BETTER), ("no verdict at all", "escalate", BETTER), ("no verdict at all", "accept", GOOD),
])  # fmt: skip
def test_a_model_that_judges(cascading, stream, verdict, on_error, expected):
    here = cascading({"verify": {"llm": {"deployment": "medium", "on_error": on_error}}}, tiers=THREE, tiers_only=("weak", "strong"))
    here.providers["medium"].answer = says(VERDICTS.get(verdict, verdict))
    assert here.ask(stream)[2] == expected
    record = here.records()[0]
    assert purposes(record)[1] == ("verify", "medium", "completed")
    assert spent(record) == cost("weak") + cost("medium") + (cost("strong") if expected == BETTER else 0)


def test_a_judge_is_only_asked_where_the_checks_find_nothing(cascading):
    here = cascading({"verify": {"all": ["checks", {"llm": {"deployment": "medium"}}]}}, tiers=THREE, tiers_only=("weak", "strong"))
    here.weak.answer = says(REFUSAL)
    assert here.ask()[2] == BETTER
    assert here.providers["medium"].requests == []
    assert brief(here.records()[0]) == [("weak", "first", "rejected"), ("strong", "escalation", "completed")]
