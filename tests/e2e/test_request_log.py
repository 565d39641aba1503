"""One line a request: what it says, what it never says, and how many there are in a flood."""

import json
import re
import time

import pytest

from gateway import KEY, PROVIDER_KEY, Gateway, config_for, request, wait_for
from upstream import Upstream, response

FORGED = 'x" request id=req_forged outcome=ok\n2026-01-01 info request id=req_forged\r\x1b[2J\u009b\u2028'
ANSWER = {"id": "a", "object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop",
          "message": {"role": "assistant", "content": "the secret answer"}}], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}


def answer(seen):
    if b"make it fail" in seen.body:
        return response(json.dumps({"error": {"message": FORGED}}, ensure_ascii=False).encode(), status="500 Oops")
    if b"make it odd" in seen.body:
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n\"\x1b\n"
    return response(json.dumps(ANSWER).encode())


@pytest.fixture
def upstream():
    upstream = Upstream(answer)
    yield upstream
    upstream.close()


def start(upstream, tmp_path, **log):
    config = config_for(upstream.port, log=log)
    config["deployments"]["sim-small"]["price"] = {"input": 1, "output": 2}
    config["routes"]["chat"]["retry"] = {"attempts": 1}
    return Gateway(config, tmp_path)


def ask(gateway, text="the secret question", model="auto"):
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    return gateway.request("POST", "/v1/chat/completions", body)


def lines(gateway):
    return [json.loads(line) for line in gateway.stderr().splitlines() if line.startswith("{")]


def line_of(gateway, id):
    found = lambda: [line for line in lines(gateway) if line.get("id") == id and line.get("event") == "request"]
    wait_for(found, 5, f"a line about {id}")
    assert len(found()) == 1
    return found()[0]


def test_a_line_says_how_a_request_went(upstream, tmp_path):
    gateway = start(upstream, tmp_path, format="json")
    status, headers, _ = ask(gateway)
    line = line_of(gateway, headers["x-request-id"])
    assert status == 200
    assert line.pop("latency_ms") >= line.pop("ttft_ms") > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", line.pop("time"))
    assert line == {"level": "info", "event": "request", "id": headers["x-request-id"], "method": "POST",
                    "path": "/v1/chat/completions", "client": "127.0.0.1", "key": "e2e", "route": "chat",
                    "tier": "small", "deployment": "sim-small", "status": 200, "outcome": "ok", "attempts": 1,
                    "cost_usd": "0.000015000", "streamed": False}
    assert gateway.stop() == 0


def test_a_line_of_a_request_that_failed(upstream, tmp_path):
    gateway = start(upstream, tmp_path, format="json")
    for text in ("make it fail", "make it odd"):
        status, headers, _ = ask(gateway, text)
        assert status >= 500
        line = line_of(gateway, headers["x-request-id"])
        assert (line["outcome"], line["status"], line["attempts"]) == ("upstream_error", status, 1)
        attempt = [one for one in lines(gateway) if one.get("event") == "attempt" and one["id"] == line["id"]]
        assert len(attempt) == 1 and attempt[0]["deployment"] == "sim-small" and attempt[0]["level"] == "warning"
    _, headers, _ = ask(gateway, model="no-such-model" + FORGED)
    line = line_of(gateway, headers["x-request-id"])
    assert line["outcome"] == "client_error" and line["why"] == "'model' contains a control character"
    assert gateway.stop() == 0


@pytest.mark.parametrize("format", ["text", "json"])
def test_nothing_of_a_request_gets_into_the_log(upstream, tmp_path, format):
    gateway = start(upstream, tmp_path, format=format)
    for text in ("the secret question", "make it fail", "make it odd"):
        ask(gateway, text)
    ask(gateway, model=FORGED)
    ask(gateway, model="sim-nothing")
    gateway.request("GET", "/v1/models/%0areq_forged", headers={"x-triage-session": "s3ss", "x-header": "req_forged"})
    request(gateway.port, "GET", "/v1/models", key="tk-wrong-key-0123456789")
    assert gateway.stop() == 0
    text = gateway.stderr()
    for line in text.splitlines():
        if format == "json":
            json.loads(line)
        else:
            assert re.match(r"\d{4}-\d\d-\d\dT[\d:.+-]+ (info|warning|error) ", line), line
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", text)
    for secret in (KEY, PROVIDER_KEY, "secret question", "secret answer", "tk-wrong-key", "s3ss", "\nrequest id=req_forged"):
        assert secret not in text


def test_a_flood_of_requests_is_none_of_lines(upstream, tmp_path):
    gateway = start(upstream, tmp_path, format="json", requests_per_second=5, errors_per_second=3)
    started = time.monotonic()
    for number in range(60):
        assert ask(gateway)[0] == 200
        assert ask(gateway, model="no-such-model")[0] == 404
    seconds = int(time.monotonic() - started) + 2
    left_out = {of: gateway.metric("triage_log_limited_total", of=of) for of in ("ok", "error", "attempt")}
    assert gateway.stop() == 0
    seen = [line["outcome"] for line in lines(gateway) if line.get("event") == "request"]
    well, badly = seen.count("ok"), seen.count("client_error")
    assert 5 <= well <= 5 * seconds and well + left_out["ok"] == 60
    assert 3 <= badly <= 3 * seconds and badly + left_out["error"] == 60
    assert left_out["attempt"] == 0


def test_none_at_all(upstream, tmp_path):
    gateway = start(upstream, tmp_path, requests_per_second=0, errors_per_second=0)
    assert ask(gateway)[0] == 200
    assert ask(gateway, "make it fail")[0] >= 500
    assert gateway.stop() == 0
    assert gateway.stderr() == ""
