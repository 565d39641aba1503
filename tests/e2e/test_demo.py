"""`triage serve --demo --traffic`: what there is to see within half a minute."""

import json

import pytest

from gateway import Process, free_port, metric, request, wait_for

SECONDS = 30
MARK = {"x-triage-dashboard": "1"}


@pytest.fixture(scope="module")
def lively(tmp_path_factory):
    """(process, port, admin port) of a demo with simulated users."""
    port = free_port()
    admin = free_port(but=port)
    arguments = ["serve", "--demo", "--traffic", "--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"]
    process = Process(arguments, tmp_path_factory.mktemp("demo") / "log", [port, admin])
    yield process, port, admin
    process.stop()


def ask(admin, path):
    status, _, text = request(admin, "GET", f"/api/ui/{path}", headers=MARK, key=None)
    assert status == 200, text
    return json.loads(text)


def seen(admin):
    """What kinds of records the ledger has."""
    out = set()
    before = ""
    for _ in range(10):
        page = ask(admin, f"requests?rows=200{before}")
        for row in page["rows"]:
            out |= {f"route {row['route']}", f"tier {row['tier']}", f"outcome {row['outcome']}"}
            if row["arm"]:
                out.add(f"{row['route']} {row['arm']}")
            if row["streamed"]:
                out.add("streamed")
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    return out


WANTED = {"route chat", "route support", "route reports", "tier small", "tier medium", "tier large", "outcome ok", "outcome client_error",
          "support control", "support treatment", "reports control", "reports treatment", "streamed"}


def test_records_of_every_kind_come_within_half_a_minute(lively):
    process, _, admin = lively
    missing = set(WANTED)

    def all_came():
        missing.difference_update(seen(admin))
        return not missing

    wait_for(all_came, SECONDS, missing)
    wait_for(lambda: metric(admin, "triage_cascades_total", route="chat", result="escalated") > 0, SECONDS, "an escalation")
    wait_for(lambda: metric(admin, "triage_feedback_total", result="recorded") > 20, SECONDS, "feedback")
    quality = ask(admin, "quality?last=3600")["total"]
    assert quality["feedback"]["values"] > 0 and 0 < quality["feedback"]["mean"] < 1
    overview = ask(admin, "overview?last=3600")
    assert overview["total"]["cost_nano_usd"] < overview["total"]["frontier_cost_nano_usd"]
    assert not process.ended()


def test_it_says_where_the_dashboard_is(lively):
    process, _, admin = lively
    assert f"http://127.0.0.1:{admin}/dashboard/" in process.stdout()
    assert request(admin, "GET", "/dashboard/", key=None)[0] == 200
    wait_for(lambda: "Simulated users ask" in process.stdout(), 20, "the tour")


@pytest.mark.parametrize("path, body", [
    ("/v1/chat/completions", {"model": "no-such-model", "messages": [{"role": "user", "content": "hi"}]}),
    ("/v1/messages", {"model": "no-such-model", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}),
    ("/v1/responses", {"model": "no-such-model", "input": "hi"}),
    ("/v1/embeddings", {"model": "no-such-model", "input": "hi"}),
])
def test_models_that_nobody_has_are_refused_as_in_earnest(lively, path, body):
    status, _, text = request(lively[1], "POST", path, body, key=None)
    assert status == 404 and b"no-such-model" in text, text


@pytest.mark.parametrize("model", ["auto", "gpt-4o", "claude-sonnet-4-5", "support", "reports", "sim-large"])
def test_models_that_it_has_answer(lively, model):
    body = {"model": model, "messages": [{"role": "user", "content": "What is 12*7?"}]}
    status, _, text = request(lively[1], "POST", "/v1/chat/completions", body, key=None)
    assert status == 200, text


def test_it_ends_at_once_and_takes_its_ledger_with_it(lively):
    process, _, _ = lively
    assert process.stop(10) == 0


def test_traffic_is_for_the_demo_alone(tmp_path):
    for arguments in (["serve", "--traffic", "--config", "x.yaml"], ["serve", "--demo", "--traffic", "--config", "x.yaml"]):
        with pytest.raises(AssertionError, match="ended with 2"):
            Process(arguments, tmp_path / "log", [free_port()])
