"""What providers say of tokens and money, and how they say it, over real connections: the ledger's figures."""

import gzip
import json
import zlib

import pytest

from gateway import Gateway, config_for, wait_for
from test_ledger import exported
from upstream import Upstream, response

USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
COST = 100 * 1000 + 10 * 10000
CHOICE = {"index": 0, "message": {"role": "assistant", "content": "one two three four"}, "finish_reason": "stop"}


def whole(usage, **more):
    return json.dumps({"id": "c", "object": "chat.completion", "choices": [CHOICE], "usage": usage, **more}).encode()


def event(**chunk):
    return b"data: " + json.dumps({"id": "c", **chunk}).encode() + b"\n\n"


def text(content, finish=None, **more):
    return event(choices=[{"index": 0, "delta": {"content": content}, "finish_reason": finish, **more}])


DONE = b"data: [DONE]\n\n"


@pytest.fixture
def billed(tmp_path):
    """Asks with one canned answer of the provider: (status, body, the attempts of its record)."""
    canned = [b""]
    upstream = Upstream(lambda seen: canned[0])
    config = config_for(upstream.port, ledger={"dir": str(tmp_path / "ledger")})
    price = {"input": 1, "output": 10, "input_cached": 0.1, "cache_write": 1.25, "service_tiers": {"flex": {"input": 0.5, "output": 5}}}
    config["deployments"]["sim-small"]["price"] = price
    gateway = Gateway(config, tmp_path)

    def ask(answer, **more):
        canned[0] = answer
        before = len(upstream.requests)
        body = {"model": "auto", "messages": [{"role": "user", "content": "Hello there"}], **more}
        status, headers, said = gateway.request("POST", "/v1/chat/completions", body)
        found = []
        wait_for(lambda: found.extend(r for r in exported(tmp_path / "ledger") if r["id"] == headers["x-request-id"]) or found, 10, "the record")
        assert len(upstream.requests) == before + len(found[0]["attempts"])
        return status, said, found[0]["attempts"]

    ask.upstream = upstream
    yield ask
    assert gateway.stop() == 0, gateway.stderr()
    upstream.close()


@pytest.mark.parametrize("usage, tokens, cost", [
    ({"prompt_tokens": 50, "completion_tokens": 100, "total_tokens": 10150, "cache_read_input_tokens": 10000}, (10050, 10000, 0, 100), 50 * 1000 + 10000 * 100 + 100 * 10000),
    ({"prompt_tokens": 50, "completion_tokens": 100, "total_tokens": 150, "cache_read_input_tokens": 10000}, (10050, 10000, 0, 100), 50 * 1000 + 10000 * 100 + 100 * 10000),
    ({"prompt_tokens": 50, "completion_tokens": 100, "total_tokens": 10150, "cache_creation_input_tokens": 10000}, (10050, 0, 10000, 100), 50 * 1000 + 10000 * 1250 + 100 * 10000),
    ({"input_tokens": 50, "output_tokens": 100, "cache_read_input_tokens": 40}, (90, 40, 0, 100), 50 * 1000 + 40 * 100 + 100 * 10000),
    ({"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100, "num_cached_tokens": 900}, (1000, 900, 0, 100), 100 * 1000 + 900 * 100 + 100 * 10000),
])  # fmt: skip
def test_caches_are_billed_wherever_they_are_named(billed, usage, tokens, cost):
    status, _, attempts = billed(response(whole(usage)))
    said = attempts[0]["tokens"]
    assert (status, said["input"], said["input_cached"], said["cache_write"], said["output"]) == (200, *tokens)
    assert (said["reasoning"], attempts[0]["cost_nano_usd"], attempts[0]["usage_source"]) == (0, cost, "reported")


@pytest.mark.parametrize("events", [
    [text("one two"), text("", "stop", usage=USAGE), DONE],
    [event(choices=[{"index": 0, "delta": {"content": "one"}, "finish_reason": None}], usage={"prompt_tokens": 100, "completion_tokens": 0, "total_tokens": 100}), event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}], usage={"prompt_tokens": 0, "completion_tokens": 10, "total_tokens": 110}), DONE],
    [text("one two", "stop"), event(choices=[], usage=USAGE), event(choices=[], usage={"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}), DONE],
    [text("one two", "stop"), event(usage=USAGE), DONE],
])  # fmt: skip
def test_the_largest_figures_of_a_stream_count(billed, events):
    _, body, attempts = billed(response(b"".join(events), "text/event-stream"), stream=True)
    assert (attempts[0]["cost_nano_usd"], attempts[0]["usage_source"]) == (COST, "reported")
    assert all(b'"delta"' in said for said in body.split(b"\n\n") if b"usage" in said), "no event of usage alone: nobody asked"


def test_zeros_beside_words_are_estimated(billed):
    zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    for answer, more in [(response(whole(zeros)), {}), (response(text("one two three four", "stop") + event(choices=[], usage=zeros) + DONE, "text/event-stream"), {"stream": True})]:
        _, _, attempts = billed(answer, **more)
        assert attempts[0]["usage_source"] == "estimated"
        assert attempts[0]["tokens"]["input"] > 0 and attempts[0]["tokens"]["output"] in (3, 4, 5)


def test_a_providers_own_cost_and_the_service_tier_are_kept(billed):
    _, _, attempts = billed(response(whole({**USAGE, "cost": 0.00042}, service_tier="flex")), service_tier="flex")
    assert attempts[0]["provider_cost_nano_usd"] == 420_000
    assert attempts[0]["cost_nano_usd"] == 100 * 500 + 10 * 5000
    assert attempts[0]["service_tier"] == attempts[0]["service_tier_asked"] == "flex"
    _, _, attempts = billed(response(whole({**USAGE, "citation_tokens": 9, "cost": {"total_cost": 0.00042}}, service_tier="priority")))
    assert (attempts[0]["cost_nano_usd"], attempts[0]["cost_source"]) == (420_000, "provider")
    _, _, attempts = billed(response(whole(USAGE, service_tier="priority")), service_tier="priority")
    assert attempts[0]["cost_nano_usd"] is None


@pytest.mark.parametrize("coding, compress", [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", lambda body: zlib.compress(body)[2:-4])])
def test_compressed_answers_are_read(billed, coding, compress):
    extra = f"Content-Encoding: {coding}\r\n".encode()
    status, body, attempts = billed(response(compress(whole(USAGE)), extra=extra))
    assert (status, body, len(attempts), attempts[0]["cost_nano_usd"]) == (200, whole(USAGE), 1, COST)
    assert billed.upstream.requests[-1].field(b"accept-encoding") == b"identity"
    events = text("one two", "stop") + event(choices=[], usage=USAGE) + DONE
    status, body, attempts = billed(response(compress(events), "text/event-stream", extra=extra), stream=True)
    assert (status, body, len(attempts), attempts[0]["cost_nano_usd"]) == (200, text("one two", "stop") + DONE, 1, COST)
    status, body, _ = billed(response(compress(b'{"error":{"message":"no such thing"}}'), status="400 Bad Request", extra=extra))
    assert (status, json.loads(body)["error"]["message"]) == (400, "no such thing")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_no_fault(billed, value):
    logprobs = {"content": [{"token": "one", "logprob": float(value.replace("Infinity", "inf"))}]}
    answer = json.dumps({"choices": [{**CHOICE, "logprobs": logprobs}], "usage": USAGE})
    assert value in answer
    status, body, attempts = billed(response(answer.encode()))
    assert (status, len(attempts), attempts[0]["cost_nano_usd"]) == (200, 1, COST)
    assert json.loads(body)["choices"][0]["logprobs"]["content"][0]["logprob"] is None
    events = text("one", "stop", logprobs=logprobs) + event(choices=[], usage=USAGE) + DONE
    status, body, attempts = billed(response(events, "text/event-stream"), stream=True)
    assert (status, len(attempts), attempts[0]["cost_nano_usd"]) == (200, 1, COST)
    assert json.loads(body.split(b"\n\n")[0][6:])["choices"][0]["logprobs"]["content"][0]["logprob"] is None


def test_bytes_that_are_no_text_are_replaced(billed):
    status, body, attempts = billed(response(whole(USAGE).replace(b"two", b"tw\xff")))
    assert (status, len(attempts), attempts[0]["cost_nano_usd"]) == (200, 1, COST)
    assert json.loads(body.decode())["choices"][0]["message"]["content"] == "one tw\ufffd three four"
