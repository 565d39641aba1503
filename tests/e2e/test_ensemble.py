"""Requests that two tiers answer: the better answer is given (ensemble), or both are only compared (shadow)."""

import json
import re
import signal
import subprocess
import time

import pytest
from cascading import BETTER, GOOD, REFUSAL, Open, broken, cost, says, spent
from gateway import BINARY, wait_for

BOTH = pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
CHECKS = {"scorer": {"verify": "checks"}}
THREE = ("weak", "medium", "strong")
ALL = {"share": 1, "daily_budget_usd": 100}


def rows(record):
    return [(a["purpose"], a["deployment"], a["end"]) for a in record["attempts"]]


@pytest.fixture
def ensemble(cascading):
    def make(picker=CHECKS, tiers=("weak", "strong"), limits=None, route=None, **more):
        return cascading(tiers=tiers, tiers_only=("weak", "strong"), limits=limits, ensemble={**ALL, "picker": picker, **more}, **(route or {}))

    return make


@pytest.fixture
def shadow(cascading):
    def make(picker=CHECKS, tiers=("weak", "strong"), limits=None, route=None, **more):
        given = {**ALL, **more, **({"picker": picker} if picker else {})}
        return cascading(tiers=tiers, tiers_only=("weak", "strong"), limits=limits, shadow=given, **(route or {}))

    return make


def scores(cheap_says, cheap, strong):
    """A judge that gives the cheap answer, known by what it says, and the strong one these scores, in whichever order."""

    def answer(seen):
        shown = json.loads(seen.body)["messages"][1]["content"]
        first = re.search(r"<<<first answer \w+>>>\n(.*?)\n<<<end", shown, re.S).group(1)
        one, two = (cheap, strong) if first == cheap_says else (strong, cheap)
        return says(json.dumps({"first": one, "second": two}))(seen)

    return answer


@BOTH
@pytest.mark.parametrize("weak, strong, picked", [(GOOD, REFUSAL, "cheap"), (REFUSAL, BETTER, "strong"), (GOOD, BETTER, "strong")])
def test_the_better_answer_is_given(ensemble, stream, weak, strong, picked):
    here = ensemble()
    here.weak.answer, here.strong.answer = says(weak), says(strong)
    status, fields, text = here.ask(stream)
    assert (status, text) == (200, weak if picked == "cheap" else strong)
    assert (fields["x-triage-tier"], fields["x-triage-deployment"], fields["x-triage-attempts"]) == (("small", "weak", "2") if picked == "cheap" else ("large", "strong", "2"))
    assert float(fields["x-triage-cost-usd"]) * 1e9 == pytest.approx(cost("weak") + cost("strong"))
    (record,) = here.records()
    purpose = ("answer", "ensemble") if picked == "cheap" else ("ensemble", "answer")
    assert rows(record) == [(purpose[0], "weak", "completed"), (purpose[1], "strong", "completed")]
    assert spent(record) == cost("weak") + cost("strong")
    pair = record["pair"]
    assert (pair["kind"], pair["picked"], pair["given"]) == ("ensemble", picked, picked)
    assert pair["margin"] == pair["strong"]["score"] - pair["cheap"]["score"]
    assert (pair["cheap"]["cost_nano_usd"], pair["strong"]["cost_nano_usd"]) == (cost("weak"), cost("strong"))
    assert "answer" not in pair["cheap"] and "shadow_of" not in record
    assert record["frontier_cost_nano_usd"] == cost("strong") and record["outcome"] == "ok"
    assert here.gateway.metric("triage_pairs_total", route="chat", kind="ensemble", picked=picked) == 1


@BOTH
@pytest.mark.parametrize("cheap, strong, picked", [(0.9, 0.5, "cheap"), (0.5, 0.9, "strong"), (0.7, 0.7, "strong")])
def test_a_model_compares_in_both_orders(ensemble, stream, cheap, strong, picked):
    here = ensemble({"llm": {"deployment": "medium"}}, THREE)
    here.providers["medium"].answer = scores(GOOD, cheap, strong)
    assert here.ask(stream)[2] == (GOOD if picked == "cheap" else BETTER)
    (record,) = here.records()
    assert rows(record)[2:] == [("ensemble", "medium", "completed")] * 2
    assert spent(record) == cost("weak") + cost("strong") + 2 * cost("medium")
    pair = record["pair"]
    assert (pair["cheap"]["score"], pair["strong"]["score"], pair["picked"]) == (cheap, strong, picked)
    assert pair["margin"] == pytest.approx(strong - cheap) and "medium" in pair["reason"]


def test_a_judge_that_prefers_the_first_decides_nothing(ensemble):
    here = ensemble({"llm": {"deployment": "medium"}}, THREE)
    here.providers["medium"].answer = says('{"first": 0.9, "second": 0.2}')
    assert here.ask()[2] == BETTER
    pair = here.records()[0]["pair"]
    assert pair["margin"] == 0 and "neither is better in both orders" in pair["reason"]


def test_without_scores_the_strong_answer_is_given(ensemble):
    here = ensemble({"llm": {"deployment": "medium"}}, THREE)
    here.providers["medium"].answer = says("The first one!")
    assert here.ask()[2] == BETTER
    pair = here.records()[0]["pair"]
    assert (pair["picked"], pair["given"], pair["margin"]) == (None, "strong", None)


def test_both_are_asked_at_the_same_time(ensemble):
    here = ensemble()
    here.weak.answer, here.strong.answer = says(GOOD, before=0.6), says(BETTER, before=0.6)
    started = time.monotonic()
    here.ask()
    assert time.monotonic() - started < 1.1


def test_a_streaming_client_hears_something_meanwhile(ensemble):
    here = ensemble(limits={"silence": "200ms"})
    here.weak.answer, here.strong.answer = says(GOOD, before=0.7), says(BETTER, before=0.7)
    answer = Open(here)
    assert "\n:" in answer.read(0.5) and "[DONE]" not in answer.seen.decode()
    assert answer.read(3).count("[DONE]") == 1


@BOTH
@pytest.mark.parametrize("fails, given, text", [("weak", "strong", BETTER), ("strong", "cheap", GOOD)])
def test_one_answer_is_enough(ensemble, stream, fails, given, text):
    here = ensemble()
    here.providers[fails].answer = broken
    assert here.ask(stream)[2] == text
    pair = here.records()[0]["pair"]
    assert (pair["picked"], pair["given"]) == (None, given)
    assert pair["strong" if fails == "strong" else "cheap"] is None


@BOTH
def test_no_answer_is_the_error_of_the_strong_one(ensemble, stream):
    here = ensemble()
    here.weak.answer = here.strong.answer = broken
    status, _, text = here.ask(stream)
    assert status >= 500 and "error" in text
    (record,) = here.records()
    assert record["outcome"] == "upstream_error" and record["pair"]["given"] is None


def test_a_client_that_leaves_cancels_both(ensemble):
    here = ensemble()
    here.weak.answer, here.strong.answer = says(GOOD, before=3), says(BETTER, before=3)
    answer = Open(here)
    answer.read(0.5)
    answer.close()
    (record,) = here.records()
    assert record["outcome"] == "cancelled" and record["cancelled"]
    assert {a["end"] for a in record["attempts"]} == {"cancelled"} and len(record["attempts"]) == 2


def test_the_share_is_drawn_by_the_request_id(ensemble):
    here = ensemble(share=0.3)
    ids = {}
    for _ in range(200):
        _, fields, _ = here.ask()
        ids[fields["x-request-id"]] = fields["x-triage-attempts"] == "2"
    assert 35 <= sum(ids.values()) <= 86  # 0.3 of 200, four standard deviations
    assert {r["id"]: "pair" in r for r in here.records()} == ids


def test_beyond_the_budget_the_route_goes_on_as_without(ensemble):
    each = cost("weak") + cost("strong")
    here = ensemble(daily_budget_usd=3.5 * each / 1e9)
    for _ in range(8):
        assert here.ask(max_tokens=10)[0] == 200
    paired = ["pair" in record for record in here.records()]
    assert paired == [True] * 4 + [False] * 4
    labels = {"route": "chat", "kind": "ensemble"}
    assert here.gateway.metric("triage_pairs_over_budget_total", **labels) == 4
    assert here.gateway.metric("triage_pair_cost_nano_usd_total", **labels) == 4 * each


@pytest.mark.parametrize("database", ["as it is", "deleted"])
def test_the_budget_of_the_day_outlives_a_restart(start, ensemble, database):
    each = cost("weak") + cost("strong")
    here = ensemble(daily_budget_usd=2.5 * each / 1e9)
    for _ in range(2):
        here.ask(max_tokens=10)
    assert here.gateway.stop() == 0
    if database == "deleted":
        for path in here.ledger.glob("ledger.db*"):
            path.unlink()
    here.gateway = start(json.loads(here.gateway.path.read_text()))
    for _ in range(3):
        here.ask(max_tokens=10)
    assert ["pair" in record for record in here.records()] == [True] * 3 + [False] * 2


@pytest.mark.parametrize("fields", [{"x-triage-tier": "small"}, {"x-triage-cascade": "off"}])
def test_a_client_that_chooses_gets_what_it_chose(ensemble, fields):
    here = ensemble(route={"routers": [{"header": {"name": "x-triage-tier"}}, {"fixed": {"tier": "small"}}]})
    assert here.ask(headers=fields)[2] == GOOD
    assert here.strong.requests == [] and "pair" not in here.records()[0]


def test_answers_are_recorded_as_the_route_says(ensemble):
    here = ensemble(route={"record": {"content": "redacted"}})
    here.weak.answer = says("Write to ann@example.org.")
    here.ask()
    (record,) = here.records()
    pair = record["pair"]
    assert pair["strong"]["answer"] == BETTER == record["answer"] and "ann@example.org" not in pair["cheap"]["answer"]
    assert pair["cheap"]["answer"].startswith("Write to ")


def shadows_of(here, answered):
    """(the requests' records, the shadows' records) once all are there."""
    records = here.records(answered)
    return [r for r in records if "shadow_of" not in r], [r for r in records if "shadow_of" in r]


@BOTH
def test_a_shadow_follows_the_answer(shadow, stream):
    here = shadow()
    here.strong.answer = says(BETTER, before=0.7)
    started = time.monotonic()
    status, fields, text = here.ask(stream)
    assert (status, text, fields["x-triage-attempts"]) == (200, GOOD, "1") and time.monotonic() - started < 0.6
    (request,), (cast,) = shadows_of(here, 2)
    assert rows(request) == [("answer", "weak", "completed")] and "pair" not in request
    assert cast["shadow_of"] == request["id"] == fields["x-request-id"] and cast["id"] != request["id"]
    assert rows(cast) == [("shadow", "strong", "completed")] and cast["route"] == "chat"
    pair = cast["pair"]
    assert (pair["kind"], pair["picked"], pair["given"], pair["margin"]) == ("shadow", "strong", "cheap", 0)
    assert (pair["cheap"]["deployment"], pair["strong"]["deployment"]) == ("weak", "strong")
    assert (pair["cheap"]["cost_nano_usd"], pair["strong"]["cost_nano_usd"]) == (cost("weak"), cost("strong"))
    assert spent(request) == cost("weak") and spent(cast) == cost("strong")
    assert json.loads(here.strong.requests[0].body)["messages"] == here.body()["messages"]


def test_an_answer_of_the_strong_tier_is_compared_with_the_cheap_one(shadow):
    here = shadow({"llm": {"deployment": "medium"}}, THREE, route={"routers": [{"fixed": {"tier": "large"}}]})
    here.providers["medium"].answer = scores(GOOD, 0.8, 0.6)
    assert here.ask()[2] == BETTER
    _, (cast,) = shadows_of(here, 2)
    assert rows(cast) == [("shadow", "weak", "completed"), ("shadow", "medium", "completed"), ("shadow", "medium", "completed")]
    assert (cast["pair"]["picked"], cast["pair"]["given"]) == ("cheap", "strong")
    assert spent(cast) == cost("weak") + 2 * cost("medium")


def test_a_shadow_without_a_picker_only_records(shadow):
    here = shadow(None, route={"record": {"content": "full"}})
    here.ask()
    _, (cast,) = shadows_of(here, 2)
    assert (cast["pair"]["picked"], cast["pair"]["cheap"]["answer"], cast["pair"]["strong"]["answer"]) == (None, GOOD, BETTER)
    assert "capital of France" in cast["prompt"]


def test_a_shadow_that_fails_harms_nobody(shadow):
    here = shadow()
    here.strong.answer = broken
    assert here.ask()[2] == GOOD
    _, (cast,) = shadows_of(here, 2)
    assert (cast["outcome"], cast["pair"]["strong"], cast["pair"]["picked"]) == ("upstream_error", None, None)


def test_no_more_shadows_than_the_limit(shadow):
    here = shadow(limits={"shadows": 2})
    here.strong.answer = says(BETTER, before=4.0)
    for _ in range(5):
        here.ask()
    assert here.gateway.metric("triage_limit_hits_total", listener="gateway", limit="shadows") == 3
    requests, cast = shadows_of(here, 7)
    assert (len(requests), len(cast)) == (5, 2)


def test_shadows_are_no_requests_in_the_report_but_cost(shadow):
    here = shadow()
    for _ in range(3):
        here.ask()
    shadows_of(here, 6)
    said = subprocess.run([BINARY, "report", "--ledger", here.ledger, "--json"], capture_output=True, text=True, check=True)
    total = json.loads(said.stdout)["total"]
    assert total["requests"] == 3 and total["cost_nano_usd"] == 3 * (cost("weak") + cost("strong"))
    assert here.gateway.metric("triage_requests_total", route="chat", outcome="ok") == 3


@pytest.mark.parametrize("grace, end, spends", [("5s", "completed", True), ("200ms", "cancelled", False)])
def test_a_shadow_under_way_when_the_gateway_stops_is_recorded(shadow, grace, end, spends):
    here = shadow(limits={"drain": grace})
    here.strong.answer = says(BETTER, before=1.2)
    here.ask()
    wait_for(lambda: len(here.strong.requests) == 1, 2, "the shadow's call")
    here.gateway.child.send_signal(signal.SIGTERM)
    assert here.gateway.child.wait(8) == 0
    _, (cast,) = shadows_of(here, 2)
    assert cast["attempts"][0]["end"] == end and (cast["cost_nano_usd"] == cost("strong")) == spends


def test_what_the_providers_bill_is_in_the_ledger(cascading):
    """Every call of pairs: answers given, not given, failed, of shadows; and the judge's."""
    both = {"share": 0.4, "daily_budget_usd": 100, "picker": {"llm": {"deployment": "medium"}}}
    here = cascading(tiers=THREE, tiers_only=("weak", "strong"), ensemble=both, shadow=both, cascade={"escalations_max": 1})
    here.providers["medium"].answer = scores(GOOD, 0.9, 0.4)
    here.weak.answer = lambda seen: says(GOOD if len(here.weak.requests) % 3 else REFUSAL)(seen)
    for i in range(60):
        here.ask(stream=i % 2 == 0)
    assert here.gateway.stop() == 0  # when the shadows have ended
    records = here.journal()
    cast = sum("shadow_of" in record for record in records)
    billed = sum(len(peer.requests) * cost(name) for name, peer in here.providers.items())
    assert sum(spent(record) for record in records) == billed
    assert {a["purpose"] for r in records for a in r["attempts"]} == {"answer", "ensemble", "shadow"} and cast > 5 and len(records) == 60 + cast
