"""Failing over, through the running binary: providers that misbehave in the ways of FailoverBench's catalogue (S01 ...)
and what a client sees. One simulated provider; `x-simulate: model=sim-small` makes only the first choice misbehave."""

import json
import time
import uuid

import pytest

from gateway import config_for, wait_for
from upstream import Upstream, response

PLAIN, STREAM = "plain", "stream"
both = pytest.mark.parametrize("mode", [PLAIN, STREAM])


@pytest.fixture
def gateway(simulator, start):
    config = config_for(simulator.port)
    config["tiers"] = ["small", "large"]
    config["routes"] = {
        "chat": {
            "match": {"models": ["auto"]},
            "tiers": {"small": ["sim-small"], "large": ["sim-large"]},
            "routers": [{"fixed": {"tier": "small"}}],
            "timeouts": {"first_byte": "1500ms", "idle": "1500ms", "total": "20s"},
        }
    }
    return start(config)


class Answer:
    def __init__(self, status, headers, body, seconds):
        self.status, self.headers, self.body, self.seconds = status, headers, body.decode(), seconds
        self.streamed = headers.get("content-type", "").startswith("text/event-stream")
        events = [line[6:] for line in self.body.splitlines() if line.startswith("data: ")] if self.streamed else []
        self.done = events[-1:] == ["[DONE]"]
        chunks = [json.loads(event) for event in events if event != "[DONE]"]
        whole = None if self.streamed else json.loads(self.body)
        self.error = next((chunk["error"] for chunk in (chunks if self.streamed else [whole]) if chunk.get("error")), None)
        answers = [chunk for chunk in chunks if chunk.get("choices")] if self.streamed else [whole]
        self.model = answers[0].get("model") if answers else None
        finish = [choice["finish_reason"] for answer in answers for choice in answer.get("choices", [])]
        # What an app would take for a whole answer.
        self.success = status == 200 and not self.error and bool(finish) and finish[-1] is not None
        self.success = self.success and (self.done or not self.streamed)

    @property
    def attempts(self):
        return int(self.headers.get("x-triage-attempts", 0))


def ask(gateway, mode, simulate, model="auto", key=None):
    body = {"model": model, "messages": [{"role": "user", "content": "Tell me of the sea"}], "stream": mode == STREAM}
    started = time.monotonic()
    status, headers, text = gateway.request("POST", "/v1/chat/completions", body, {"x-simulate": simulate})
    return Answer(status, headers, text, time.monotonic() - started)


def once(directive):
    return f"{directive}; first=1; key={uuid.uuid4().hex}; model=sim-small"


@both
def test_s01_429_with_retry_after_goes_elsewhere_at_once(gateway, mode):
    answer = ask(gateway, mode, once("status=429; retry-after=5"))
    assert answer.success and answer.model == "sim-large" and answer.attempts == 2 and answer.seconds < 3
    # and leaves the deployment alone for what was asked
    assert ask(gateway, mode, "").model == "sim-large"


@both
def test_s01_429_with_retry_after_is_waited_for_where_nobody_else_can_answer(gateway, mode):
    answer = ask(gateway, mode, once("status=429; retry-after=2"), model="sim-small")
    assert answer.success and answer.attempts == 2 and 1.8 < answer.seconds < 6


@both
def test_s02_429_for_ever_is_not_hammered(gateway, mode):
    answer = ask(gateway, mode, "status=429", model="sim-small")
    assert answer.status == 429 and "retry-after" in answer.headers and answer.error["code"]
    assert gateway.metric("triage_attempts_total", deployment="sim-small") <= 2
    assert ask(gateway, mode, "status=429; model=sim-small").model == "sim-large"


@both
@pytest.mark.parametrize("fault", ["status=500", "status=503", "drop"])
def test_s03_s05_one_failure_is_retried_at_the_same_deployment(gateway, mode, fault):
    answer = ask(gateway, mode, once(fault))
    assert answer.success and answer.model == "sim-small" and answer.attempts == 2


@both
@pytest.mark.parametrize("fault", ["status=503", "drop", "html", "error-body", "status=401"])
def test_s04_s16_the_next_deployment_answers_and_says_so(gateway, mode, fault):
    answer = ask(gateway, mode, f"{fault}; model=sim-small")
    assert answer.success and answer.model == "sim-large"
    assert answer.headers["x-triage-deployment"] == "sim-large" and answer.headers["x-triage-tier"] == "large"


def test_a_model_may_end_at_once(gateway):
    answer = ask(gateway, PLAIN, "empty; model=sim-small")
    assert answer.success and answer.model == "sim-small" and answer.attempts == 1


@both
def test_s04_nowhere_to_go_shows_the_providers_own_error(gateway, mode):
    answer = ask(gateway, mode, "status=503; code=overloaded_here")
    assert answer.status == 503 and answer.error["code"] == "overloaded_here" and not answer.success


@both
def test_s06_a_silent_deployment_is_given_up_once_and_another_answers(gateway, mode):
    answer = ask(gateway, mode, "delay-ms=60000; model=sim-small")
    assert answer.success and answer.model == "sim-large" and answer.attempts == 2 and answer.seconds < 6


def test_s07_a_slow_first_token_is_waited_for(gateway):
    answer = ask(gateway, STREAM, "ttft-ms=1200; model=sim-small")
    assert answer.success and answer.model == "sim-small"


@pytest.mark.parametrize("fault", ["cut-after=5", "stall-after=5", "malformed-at=5", "error-after=5"])
def test_s08_s09_s10_a_broken_stream_never_looks_whole(gateway, fault):
    answer = ask(gateway, STREAM, f"{fault}; model=sim-small")
    assert answer.error and not answer.done and not answer.success and answer.seconds < 8
    assert ask(gateway, STREAM, "").success, "alive afterwards"


def test_s08_a_plain_answer_that_is_cut_is_asked_for_elsewhere(gateway):
    answer = ask(gateway, PLAIN, "cut-after=5; model=sim-small")
    assert answer.success and answer.model == "sim-large"


def test_s11_a_stream_without_done_is_finished(gateway):
    answer = ask(gateway, STREAM, "no-done; model=sim-small")
    assert answer.success and answer.seconds < 8


@both
@pytest.mark.parametrize("code", ["context_length_exceeded", "content_policy_violation"])
def test_s12_s13_the_requests_own_fault_is_passed_on_once(gateway, mode, code):
    answer = ask(gateway, mode, f"status=400; code={code}; model=sim-small")
    assert answer.status == 400 and answer.error["code"] == code
    assert gateway.metric("triage_attempts_total", deployment="sim-small") == 1


@both
def test_s14_another_deployment_never_gets_half_an_answer_to_go_on_with(simulator, start, mode):
    def answer(seen):
        if json.loads(seen.body)["messages"][-1]["role"] == "assistant":
            error = {"message": "This model does not support assistant message prefill.", "type": "invalid_request_error"}
            return response(json.dumps({"error": error}).encode(), status="400 Bad Request")
        message = {"role": "assistant", "content": "All of it."}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return response(json.dumps({"id": "x", "object": "chat.completion", "model": "other", "choices": [choice]}).encode())

    other = Upstream(answer)
    config = config_for(simulator.port)
    config["providers"]["other"] = {"base_url": f"http://127.0.0.1:{other.port}/v1"}
    config["deployments"]["other"] = {"provider": "other"}
    config["tiers"] = ["small", "large"]
    config["routes"]["chat"].update(
        tiers={"small": ["sim-small"], "large": ["other"]}, routers=[{"fixed": {"tier": "small"}}], retry={"attempts": 1}
    )
    got = ask(start(config), mode, "cut-after=5; model=sim-small")
    other.close()
    assert "prefill" not in got.body
    if mode == STREAM:
        assert got.error and not got.success and not got.done, "as S08: a clear error"
    else:
        assert got.success and got.model == "other", "asked for anew, from the start"
    for seen in other.requests:
        assert [message["role"] for message in json.loads(seen.body)["messages"]] == ["user"]


def test_s15_a_flapping_deployment_is_left_alone_and_found_again(gateway):
    for _ in range(10):
        assert ask(gateway, PLAIN, "status=503; model=sim-small").model == "sim-large"
    attempts = gateway.metric("triage_attempts_total", deployment="sim-small")
    assert attempts <= 8, "its breaker opened"
    wait_for(lambda: ask(gateway, PLAIN, "").model == "sim-small", 30, "it serves again")


def test_the_clients_own_deadline_bounds_all_attempts(gateway):
    body = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
    started = time.monotonic()
    headers = {"x-simulate": "delay-ms=60000", "x-triage-timeout-ms": "700"}
    status, _, text = gateway.request("POST", "/v1/chat/completions", body, headers)
    assert status == 504 and json.loads(text)["error"]["code"].startswith("upstream_") and time.monotonic() - started < 3
