"""What clients and load balancers knock with: paths without a version, greetings, compressed bodies, HEAD, odd header fields."""

import gzip
import json
import zlib

import pytest

from gateway import config_for
from upstream import Upstream, response

ANSWER = json.dumps({"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
    {"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}})
CHAT = {"model": "auto", "messages": [{"role": "user", "content": "Hi"}]}


def packed_by_gzip(raw):
    return gzip.compress(raw, mtime=0)  # the same bytes each time: they name the test


def bare_deflate(raw):
    """As some clients send it, without zlib's head."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(raw) + packer.flush()


def answer(seen):
    if seen.line.startswith(b"HEAD"):
        return b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12345\r\n\r\n"
    return response(ANSWER.encode())


@pytest.fixture(scope="module")
def upstream():
    fake = Upstream(answer)
    yield fake
    fake.close()


@pytest.fixture
def gateway(start, upstream):
    config = config_for(upstream.port, limits={"body": "64KiB"})
    config["deployments"]["sim-small"]["capabilities"] = ["tools"]
    config["routes"]["chat"]["match"]["models"] = ["auto", "gpt-*"]
    config["routes"]["files"] = {"match": {"paths": ["/v1/files*"]}, "tiers": {"small": ["sim-small"]}}
    return start(config)


def test_paths_without_a_version(gateway, upstream):
    status, _, body = gateway.request("POST", "/chat/completions", CHAT)
    assert status == 200 and json.loads(body)["choices"][0]["message"]["content"] == "hi"
    assert upstream.requests[-1].line == b"POST /v1/chat/completions HTTP/1.1"
    status, _, body = gateway.request("GET", "/models")
    assert status == 200 and json.loads(body)["data"][0]["id"] == "auto"
    assert gateway.request("POST", "/no/such/path", CHAT)[0] == 404


def test_greetings_need_no_key_and_say_nothing(gateway):
    for path in ("/", "/health"):
        status, headers, body = gateway.request("GET", path, key=None)
        assert status == 200 and headers["content-type"] == "application/json"
        assert set(json.loads(body)) <= {"status", "name", "api", "models"}
        assert gateway.request("HEAD", path, key=None)[0] == 200
        assert gateway.request("DELETE", path, key=None)[0] == 405
        assert gateway.request("POST", path, b"x")[0] == 404


def test_a_model_that_a_pattern_takes(gateway):
    status, _, body = gateway.request("GET", "/v1/models/gpt-4o")
    assert status == 200 and json.loads(body)["id"] == "gpt-4o"
    assert gateway.request("GET", "/v1/models/claude-9")[0] == 404


def test_head_keeps_the_length(gateway):
    status, headers, body = gateway.request("HEAD", "/v1/files/f1/content")
    assert status == 200 and headers["content-length"] == "12345" and body == b""


@pytest.mark.parametrize(("coding", "pack"), [
    ("gzip", packed_by_gzip), ("x-gzip", packed_by_gzip), ("deflate", zlib.compress),
    ("deflate", bare_deflate), ("identity", bytes)])
def test_a_compressed_body_is_read(gateway, upstream, coding, pack):
    raw = json.dumps(CHAT).encode()
    status, _, body = gateway.request("POST", "/v1/chat/completions", pack(raw), {"Content-Encoding": coding, "Content-Type": "application/json"})
    assert status == 200, body
    seen = upstream.requests[-1]
    assert json.loads(seen.body)["messages"] == CHAT["messages"]
    assert seen.field(b"content-encoding") is None and int(seen.field(b"content-length")) == len(seen.body)


@pytest.mark.parametrize(("coding", "packed", "status", "code"), [
    ("br", b"\x0b\x02\x80{}\x03", 415, "unsupported_content_coding"),
    ("zstd", b"\x28\xb5\x2f\xfd", 415, "unsupported_content_coding"),
    ("gzip, gzip", packed_by_gzip(packed_by_gzip(b"{}")), 415, "unsupported_content_coding"),
    ("gzip", packed_by_gzip(json.dumps(CHAT).encode())[:-12], 400, "invalid_value"),
    ("gzip", packed_by_gzip(b" " * 1_000_000), 413, "body_too_large"),
    ("deflate", b"no deflate at all, whatever it says", 400, "invalid_value"),
])
def test_a_compressed_body_that_cannot_be_read(gateway, upstream, coding, packed, status, code):
    before = len(upstream.requests)
    said, headers, body = gateway.request("POST", "/v1/chat/completions", packed, {"Content-Encoding": coding})
    assert (said, json.loads(body)["error"]["code"]) == (status, code)
    assert len(upstream.requests) == before
    assert (headers.get("accept-encoding") == "gzip, deflate") == (status == 415)


def test_top_logprobs_of_none_asks_for_nothing(gateway):
    assert gateway.request("POST", "/v1/chat/completions", {**CHAT, "top_logprobs": 0})[0] == 200
    assert gateway.request("POST", "/v1/chat/completions", {**CHAT, "logprobs": True, "top_logprobs": 2})[0] == 400


def test_what_the_clients_side_adds_stays_here(start, upstream):
    config = config_for(upstream.port)
    config["providers"]["sim"]["forward"] = ["http-referer", "x-app-*"]
    gateway = start(config)
    private = {"Origin": "http://127.0.0.1", "Referer": "http://a/", "Sec-Fetch-Site": "same-site", "CF-Connecting-IP": "10.0.0.1", "True-Client-IP": "10.0.0.1",
               "X-Client-IP": "10.0.0.1", "Cf-Access-Jwt-Assertion": "eyJ", "X-Goog-IAP-JWT-Assertion": "eyJ", "X-Amzn-Oidc-Data": "eyJ",
               "X-MS-Token-AAD-Id-Token": "eyJ", "X-Auth-Request-Access-Token": "eyJ", "Sec-WebSocket-Protocol": "openai-insecure-api-key.sk-1"}
    wanted = {"HTTP-Referer": "https://app", "X-App-Name": "a", "OpenAI-Beta": "b", "Idempotency-Key": "k", "User-Agent": "mine"}
    status, _, body = gateway.request("POST", "/v1/chat/completions", CHAT, {**private, **wanted})
    assert status == 200, body
    seen = upstream.requests[-1]
    for name in private:
        assert seen.field(name.encode()) is None, name
    for name, value in wanted.items():
        assert seen.field(name.encode()) == value.encode(), name
