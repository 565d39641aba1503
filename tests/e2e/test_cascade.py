"""A cascade through the running binary: what the client gets, what the providers see, what the record says."""

import json
import time

import pytest
from cascading import BETTER, GOOD, LOOK_UP, REFUSAL, Open, brief, broken, cost, events_of, says, spent, text_of
from gateway import wait_for

BOTH = pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])


@BOTH
def test_a_good_answer_of_the_cheap_tier_is_all(cascading, stream):
    here = cascading()
    status, fields, text = here.ask(stream)
    assert (status, text) == (200, GOOD)
    assert (fields["x-triage-tier"], fields["x-triage-deployment"], fields["x-triage-attempts"]) == ("small", "weak", "1")
    assert here.strong.requests == []
    (record,) = here.records()
    assert brief(record) == [("weak", "first", "completed")] and record["tier"] == "small"
    assert record["attempts"][0]["verdict"] == "no check objects"
    assert spent(record) == cost("weak")
    wait_for(lambda: here.gateway.metric("triage_cascades_total", route="chat", result="accepted") == 1, 5, "counted")
    wait_for(lambda: here.gateway.metric("triage_held_bytes") == 0, 5, "nothing is held")


@BOTH
def test_a_rejected_answer_is_asked_for_one_tier_up(cascading, stream):
    here = cascading()
    here.weak.answer = says(REFUSAL)
    status, fields, text = here.ask(stream)
    assert (status, text) == (200, BETTER)
    assert (fields["x-triage-tier"], fields["x-triage-deployment"], fields["x-triage-attempts"]) == ("large", "strong", "2")
    (record,) = here.records()
    assert brief(record) == [("weak", "first", "rejected"), ("strong", "escalation", "completed")]
    assert record["tier"] == "large" and record["outcome"] == "ok"
    assert "refus" in record["attempts"][0]["verdict"]
    assert spent(record) == cost("weak") + cost("strong")
    if not stream:
        assert fields["x-triage-cost-usd"] == f"{spent(record) / 1e9:.9f}"
    wait_for(lambda: here.gateway.metric("triage_cascades_total", route="chat", result="escalated") == 1, 5, "counted")
    wait_for(lambda: here.gateway.metric("triage_escalation_ratio", route="chat") == 1, 5, "the share is shown")


@BOTH
def test_it_climbs_as_far_as_it_may(cascading, stream):
    here = cascading({"escalations_max": 2}, tiers=("weak", "medium", "strong"))
    here.weak.answer = here.providers["medium"].answer = says(REFUSAL)
    assert here.ask(stream)[2] == BETTER
    assert brief(here.records()[0]) == [("weak", "first", "rejected"), ("medium", "escalation", "rejected"), ("strong", "escalation", "completed")]


@BOTH
def test_the_rejected_answer_is_better_than_an_error(cascading, stream):
    here = cascading()
    here.weak.answer, here.strong.answer = says(REFUSAL), broken
    status, fields, text = here.ask(stream)
    assert (status, text) == (200, REFUSAL)
    assert (fields["x-triage-deployment"], fields["x-triage-tier"], fields["x-triage-attempts"]) == ("weak", "small", "2")
    (record,) = here.records()
    assert brief(record) == [("weak", "first", "completed"), ("strong", "escalation", "failed")] and record["tier"] == "small"
    assert "refus" in record["attempts"][0]["verdict"] and record["outcome"] == "ok"
    assert spent(record) == cost("weak")


@BOTH
def test_a_cheap_tier_that_fails_is_passed_over_and_the_answer_from_above_is_not_held(cascading, stream):
    here = cascading()
    here.weak.answer, here.strong.answer = broken, says(REFUSAL, pause=0.1)
    if stream:
        answer = Open(here)
        early = answer.read(0.4)
        assert "I'm" in early and "help" not in early, early
        assert REFUSAL == text_of(answer.read(5), True)
    else:
        assert here.ask()[2] == REFUSAL  # the strongest tier is not verified
    assert brief(here.records()[0]) == [("weak", "first", "failed"), ("strong", "fallback", "completed")]


def test_a_client_that_leaves_while_its_answer_is_held(cascading):
    here = cascading()
    here.weak.answer = says(" ".join(["word"] * 200), pause=0.02)
    client = Open(here)
    wait_for(lambda: here.gateway.metric("triage_held_bytes") > 0, 5, "something is held")
    assert "word" not in client.read(0.3)
    client.close()
    wait_for(lambda: here.weak.cut == 1, 5, "the provider's call is cut")
    (record,) = here.records()
    assert brief(record) == [("weak", "first", "cancelled")] and record["cancelled"] and record["outcome"] == "cancelled"
    assert record["attempts"][0]["usage_source"] == "estimated" and spent(record) > 0
    assert here.strong.requests == []
    wait_for(lambda: here.gateway.metric("triage_held_bytes") == 0, 5, "nothing is held")


@BOTH
def test_a_key_may_switch_it_off_or_force_it(cascading, stream):
    here = cascading()
    here.weak.answer = says(REFUSAL)
    assert here.ask(stream, {"x-triage-cascade": "off"})[2] == REFUSAL
    here.weak.answer = says(GOOD)
    assert here.ask(stream, {"x-triage-cascade": "force"})[2] == BETTER
    assert [brief(record) for record in here.records()] == [[("weak", "first", "completed")], [("strong", "escalation", "completed")]]


def test_a_key_without_that_power_may_not(cascading):
    here = cascading()
    here.weak.answer = says(REFUSAL)
    assert here.ask(headers={"x-triage-cascade": "off"}, key="tk-bound")[2] == BETTER
    here.weak.answer = says(GOOD)
    assert here.ask(headers={"x-triage-cascade": "force"}, key="tk-bound")[2] == GOOD


@BOTH
def test_an_answer_larger_than_may_be_held_is_asked_for_above(cascading, stream):
    here = cascading(limits={"held": "2KiB"})
    here.weak.answer = says(" ".join(f"number {i} of the list" for i in range(300)))
    assert here.ask(stream)[2] == BETTER
    (record,) = here.records()
    assert brief(record) == [("weak", "first", "rejected"), ("strong", "escalation", "completed")]
    assert record["attempts"][0]["verdict"] == "the answer is larger than limits.held"
    assert here.gateway.metric("triage_limit_hits_total", limit="held") == 1


def test_with_no_room_left_the_next_tier_is_asked_at_once(cascading):
    here = cascading(limits={"held": "1MiB", "held_total": "1MiB"})
    here.weak.answer = says(GOOD, pause=0.3)
    slow = Open(here)
    wait_for(lambda: here.gateway.metric("triage_held_bytes") > 0, 5, "something is held")
    assert here.ask()[2] == BETTER and len(here.weak.requests) == 1
    assert here.gateway.metric("triage_limit_hits_total", limit="held_total") == 1
    assert text_of(slow.read(10), True) == GOOD


def test_all_that_is_held_together_stays_within_its_bound(cascading):
    """Each began when there was room; together they outgrow it: the one that would exceed it is asked for above."""
    here = cascading(limits={"held": "700KiB", "held_total": "1MiB"})
    here.weak.answer = says(words=["x" * 1000 + " "] * 600, pause=0.005)
    both = [Open(here) for _ in range(2)]
    most, answers = 0, ["", ""]
    until = time.monotonic() + 20
    while time.monotonic() < until and not all(answer.endswith("0\r\n\r\n") for answer in answers):
        most = max(most, here.gateway.metric("triage_held_bytes"))
        answers = [each.read(0.02) for each in both]
    assert 0 < most <= 1 << 20
    assert any(BETTER in answer for answer in map(lambda raw: text_of(raw, True), answers))
    assert any("no room" in (a["verdict"] or "") for record in here.records() for a in record["attempts"])


def test_a_window_lets_the_answer_through_once_its_beginning_is_good(cascading):
    here = cascading({"hold": {"tokens": 8}})
    text = "Paris has been the capital of France for most of a thousand years, and it lies on the Seine."
    here.weak.answer = says(text, finish="length", pause=0.1)  # what is wrong with its end comes too late
    answer = Open(here)
    early = answer.read(1.5)
    assert "Paris" in early and "Seine" not in early
    events = events_of(answer.read(5))
    assert "".join(e["choices"][0]["delta"].get("content") or "" for e in events if e["choices"]) == text
    (record,) = here.records()
    assert brief(record) == [("weak", "first", "completed")] and record["finish_reason"] == "length"
    assert here.strong.requests == []
    wait_for(lambda: here.gateway.metric("triage_held_bytes") == 0, 5, "nothing is held")


def test_a_window_may_be_a_time(cascading):
    here = cascading({"hold": {"ms": 300}})
    here.weak.answer = says("Paris is the capital of France and a city on the Seine.", pause=0.1)
    answer = Open(here)
    assert "Paris" not in answer.read(0.15)
    early = answer.read(0.6)
    assert "Paris" in early and "Seine" not in early
    answer.read(5)


def test_a_beginning_that_is_refused_is_cut_off(cascading):
    here = cascading({"hold": {"tokens": 8}})
    here.weak.answer = says(REFUSAL + " Really" + " not" * 300, pause=0.02)
    status, _, text = here.ask(stream=True)
    assert (status, text) == (200, BETTER)
    wait_for(lambda: here.weak.cut == 1, 5, "the provider's call is cut")
    (record,) = here.records()
    assert brief(record) == [("weak", "first", "rejected"), ("strong", "escalation", "completed")]
    weak = record["attempts"][0]
    assert "refus" in weak["verdict"] and weak["usage_source"] == "estimated"
    assert 8 <= weak["tokens"]["output"] < 60 and spent(record) == weak["cost_nano_usd"] + cost("strong")


def test_without_a_hold_streams_go_straight_and_plain_answers_are_verified(cascading):
    here = cascading({"hold": "none"})
    here.weak.answer = says(REFUSAL)
    assert here.ask(stream=True)[2] == REFUSAL
    assert here.ask()[2] == BETTER


@pytest.mark.parametrize("hold", ["full", {"tokens": 2}], ids=["full", "window"])
def test_tool_calls_are_never_half_released(cascading, hold):
    here = cascading({"hold": hold})
    here.weak.answer = says(calls=[("look_up", '{"place": "Paris"}')], pause=0.2)
    answer = Open(here, tools=[LOOK_UP])
    assert "tool_calls" not in answer.read(0.6)
    events = events_of(answer.read(5))
    parts = [call for e in events if e["choices"] for call in e["choices"][0]["delta"].get("tool_calls", [])]
    assert json.loads("".join(part["function"]["arguments"] for part in parts)) == {"place": "Paris"}
    here.weak.answer = says(calls=[("look_up", '{"palace": "Paris"}')])
    here.strong.answer = says(calls=[("look_up", '{"place": "Lyon"}')])
    better = Open(here, tools=[LOOK_UP]).read(5)
    assert "Lyon" in "".join(p["function"]["arguments"] for e in events_of(better) if e["choices"] for p in e["choices"][0]["delta"].get("tool_calls", []))
    assert "palace" not in better
    assert [len(record["attempts"]) for record in here.records()] == [1, 2]


def test_a_tool_call_behind_the_window_waits_until_it_is_whole(cascading):
    here = cascading({"hold": {"tokens": 2}})
    here.weak.answer = says("Let me look that up.", calls=[("look_up", '{"place": "Paris"}')], pause=0.15)
    answer = Open(here, tools=[LOOK_UP])
    wait_for(lambda: "up." in answer.read(0.05), 5, "the text is through")
    assert "tool_calls" not in answer.read(0.3)
    events = events_of(answer.read(5))
    assert "tool_calls" in json.dumps(events)
    wait_for(lambda: here.gateway.metric("triage_held_bytes") == 0, 5, "nothing is held")


@pytest.mark.parametrize("first, expected", [(GOOD, GOOD), (REFUSAL, BETTER)], ids=["accepted", "escalated"])
def test_comments_while_held_then_one_clean_answer(cascading, first, expected):
    here = cascading(limits={"silence": "100ms"})
    here.weak.answer = says(first, pause=0.1)
    answer = Open(here)
    early = answer.read(0.5)
    assert early.startswith("HTTP/1.1 200") and "\n:" in early and "data:" not in early
    assert text_of(answer.read(5), True) == expected
    assert answer.seen.count(b"HTTP/1.1") == 1


@BOTH
def test_a_deadline_while_the_next_tier_is_asked_gives_what_is_there(cascading, stream):
    here = cascading()
    here.weak.answer, here.strong.answer = says(REFUSAL), says(BETTER, before=3)
    started = time.monotonic()
    status, _, text = here.ask(stream, {"x-triage-timeout-ms": "600"})
    assert (status, text) == (200, REFUSAL) and 0.5 < time.monotonic() - started < 2
    (record,) = here.records()
    assert brief(record) == [("weak", "first", "completed"), ("strong", "escalation", "failed")]


@BOTH
def test_a_deadline_before_anything_is_held_is_an_error(cascading, stream):
    here = cascading()
    here.weak.answer = says(GOOD, before=3)
    status, _, text = here.ask(stream, {"x-triage-timeout-ms": "300"})
    assert status == 504 and "timeout" in text


def test_too_many_escalations_are_warned_of(cascading):
    here = cascading({"escalation_share": 0.3, "escalation_window": 100})
    here.weak.answer = says(REFUSAL)
    for _ in range(60):
        assert here.ask()[0] == 200
    wait_for(lambda: "escalates more than 30 %" in here.gateway.stderr() + here.gateway.stdout(), 5, "a warning")
    assert (here.gateway.stderr() + here.gateway.stdout()).count("escalates more than") == 1


@BOTH
def test_an_agent_that_a_rule_pins_to_a_tier_has_nowhere_to_escalate_to(cascading, stream):
    rule = {"name": "agent", "when": {"tools": True}, "tier": "small", "ceiling": "small"}
    here = cascading(routers=[{"heuristic": {"rules": [rule]}}, {"fixed": {"tier": "small"}}])
    here.weak.answer = says(REFUSAL)
    assert here.ask(stream, tools=[LOOK_UP])[2] == REFUSAL
    assert here.ask(stream)[2] == BETTER
