"""A second call where the first is slow to begin: who answers, what becomes of the other, what both cost."""

import json
import time

import pytest

from gateway import wait_for
from upstream import Upstream, response

ANSWER = {"object": "chat.completion", "usage": {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}}


def answer_of(model, seconds):
    """A provider that takes `seconds()` for an answer that names it."""

    def answer(seen):
        time.sleep(seconds())
        choice = {"index": 0, "message": {"role": "assistant", "content": model}, "finish_reason": "stop"}
        body = json.dumps({**ANSWER, "model": model, "choices": [choice]}).encode()
        if json.loads(seen.body).get("stream"):
            delta = {"model": model, "choices": [{"index": 0, "delta": {"content": model}, "finish_reason": "stop"}]}
            usage = {"choices": [], "usage": ANSWER["usage"]}
            body = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in (delta, usage)) + b"data: [DONE]\n\n"
            return response(body, "text/event-stream")
        return response(body)

    return answer


class Pair:
    """Two providers, behind one tier or behind two; the route hedges as `hedge` says."""

    def __init__(self, start, folder, hedge, two_tiers=False):
        self.slow_seconds, self.quick_seconds = 0.0, 0.0
        self.slow = Upstream(answer_of("slow", lambda: self.slow_seconds))
        self.quick = Upstream(answer_of("quick", lambda: self.quick_seconds))
        price = {"input": 1, "output": 10}
        one_tier = {"small": [{"deployment": "slow", "weight": 1_000_000}, "quick"]}
        self.ledger = folder / "ledger"
        self.gateway = start(
            {
                "providers": {name: {"base_url": f"http://127.0.0.1:{peer.port}/v1"} for name, peer in self.peers()},
                "deployments": {name: {"provider": name, "price": price} for name, _ in self.peers()},
                "routes": {
                    "chat": {
                        "match": {"models": ["auto"]},
                        "tiers": {"small": ["slow"], "large": ["quick"]} if two_tiers else one_tier,
                        "routers": [{"fixed": {"tier": "small"}}],
                        "hedge": hedge,
                    }
                },
                "ledger": {"dir": str(self.ledger)},
            }
        )

    def peers(self):
        return [("slow", self.slow), ("quick", self.quick)]

    def ask(self, stream=False, session="none"):
        """(deployment that answered, the whole body, seconds)"""
        body = {"model": "auto", "stream": stream, "messages": [{"role": "user", "content": "hello there"}]}
        started = time.monotonic()
        status, headers, text = self.gateway.request("POST", "/v1/chat/completions", body, {"x-triage-session": session})
        assert status == 200, text
        return headers["x-triage-deployment"], text.decode(), time.monotonic() - started

    def records(self, count):
        def read():
            lines = [line for path in sorted(self.ledger.glob("journal/*.jsonl")) for line in path.read_text().splitlines()]
            return [json.loads(line) for line in lines]

        wait_for(lambda: len(read()) >= count, 5, f"{count} records in the journal")
        return read()

    def close(self):
        self.slow.close()
        self.quick.close()


@pytest.fixture
def pair(start, tmp_path):
    made = []

    def make(hedge, **more):
        made.append(Pair(start, tmp_path, hedge, **more))
        return made[0]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize("stream", [False, True])
def test_the_quicker_one_answers_and_the_slower_is_cancelled_and_billed(pair, stream):
    here = pair({"after": "50ms", "budget": 1})
    here.slow_seconds = 5
    deployment, text, seconds = here.ask(stream)
    assert deployment == "quick" and seconds < 2
    assert "slow" not in text
    assert here.gateway.metric("triage_hedges_total", result="won") == 1
    (record,) = here.records(1)
    first, second = record["attempts"]
    assert (first["deployment"], first["cause"], first["end"]) == ("slow", "first", "cancelled")
    assert (second["deployment"], second["cause"], second["end"]) == ("quick", "hedge", "completed")
    assert first["usage_source"] == "estimated" and first["cost_nano_usd"] > 0
    assert second["usage_source"] == "reported" and second["cost_nano_usd"] == 1000 * 1000 + 10 * 10000
    assert record["cost_nano_usd"] == first["cost_nano_usd"] + second["cost_nano_usd"]
    wait_for(lambda: here.gateway.metric("triage_attempts_total", deployment="slow", outcome="cancelled") == 1, 5, "counted")


def test_a_first_that_answers_after_all_wins(pair):
    here = pair({"after": "50ms", "budget": 1})
    here.slow_seconds, here.quick_seconds = 0.4, 5
    assert here.ask()[0] == "slow"
    assert here.gateway.metric("triage_hedges_total", result="lost") == 1


def test_a_conversation_stays_where_its_answer_came_from(pair):
    here = pair({"after": "50ms", "budget": 1}, two_tiers=True)
    here.slow_seconds, here.quick_seconds = 0.4, 5
    assert here.ask(session="s")[0] == "slow"  # the second call, to the higher tier, lost
    here.slow_seconds = 0
    assert here.ask(session="s")[0] == "slow"
    first, second = here.records(2)
    assert [attempt["deployment"] for attempt in first["attempts"]] == ["slow", "quick"] and first["tier"] == "small"
    assert [attempt["deployment"] for attempt in second["attempts"]] == ["slow"]


def test_a_quick_first_is_left_alone(pair):
    here = pair({"after": "2s", "budget": 1})
    assert all(here.ask()[0] == "slow" for _ in range(5))
    assert len(here.quick.requests) == 0


def test_silence_beyond_the_deployments_own_p95_starts_the_second(pair):
    here = pair({"quantile": 0.95, "least": "1ms", "budget": 1})
    for _ in range(20):  # without `after` nothing is hedged until so many times are known
        assert here.ask()[0] == "slow"
    here.slow_seconds = 5
    deployment, _, seconds = here.ask()
    assert deployment == "quick" and seconds < 2


def test_second_calls_stay_within_their_budget(pair):
    here = pair({"after": "30ms", "quantile": 1, "budget": 0.25})
    here.slow_seconds, here.quick_seconds = 0.15, 0.3
    for _ in range(20):  # all of them slow, and too few to know a quantile
        here.ask()
    assert 4 <= len(here.quick.requests) <= 6  # a quarter; one in any case


def test_a_failed_first_does_not_wait_for_the_clock(pair):
    here = pair({"after": "10s", "budget": 1})
    here.slow.close()
    here.slow.answer = lambda seen: response(b"{}", status="500 Broken")
    deployment, _, seconds = here.ask()
    assert deployment == "quick" and seconds < 2
