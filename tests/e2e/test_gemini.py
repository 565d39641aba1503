"""Gemini's API before providers of its own dialect and of OpenAI's, as bytes: what an SDK hides. The matrix of SDKs has the rest."""

import json

import pytest

from gateway import KEY, PROVIDER_KEY, config_for
from upstream import Upstream, response

HEAD = {"modelVersion": "gemini-e2e", "responseId": "r1"}
USAGE = {"promptTokenCount": 9, "candidatesTokenCount": 4, "thoughtsTokenCount": 3, "totalTokenCount": 16}
HELLO = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}


def object_of(text, **more):
    return {"candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "index": 0, **more}], "usageMetadata": USAGE, **HEAD}


WHOLE = json.dumps(object_of("Hello \u2028 there", finishReason="STOP"), indent=1).encode()
PIECES = [json.dumps(object_of(text), indent=1) for text in ("Hel", "lo ")] + [json.dumps(object_of("there", finishReason="STOP"))]
EVENTS = "".join(f"data: {json.dumps(json.loads(piece))}\n\n" for piece in PIECES).encode()
ARRAY = ("[" + "\n,\r\n".join(PIECES) + "\n]\n").encode()


def error(code, status, message, **more):
    return json.dumps({"error": {"code": code, "message": message, "status": status, **more}}).encode()


def chunked(pieces, content_type):
    yield f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    for piece in pieces:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def google(seen):
    """Gemini's API, scripted by the last text."""
    if seen.field(b"x-goog-api-key") != PROVIDER_KEY.encode() or seen.field(b"authorization") is not None:
        return response(error(403, "PERMISSION_DENIED", "no"), status="403 Forbidden")
    path, _, query = seen.line.split()[1].decode().partition("?")
    method = path.rpartition(":")[2]
    if method == "countTokens":
        return response(b'{"totalTokens": 31}')
    asked = json.loads(seen.body)["contents"][-1]["parts"][-1].get("text")
    if asked == "busy":
        detail = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}
        return response(error(429, "RESOURCE_EXHAUSTED", "Quota exceeded", details=[detail]), status="429 Too Many Requests")
    if asked == "malformed":
        return response(json.dumps({"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}], **HEAD}).encode())
    if method == "generateContent":
        return response(WHOLE)
    if asked == "cut":
        return chunked([EVENTS[: EVENTS.index(b"\n\n") + 24]], "text/event-stream")  # within the second event
    return chunked([EVENTS[:70], EVENTS[70:]], "text/event-stream") if "alt=sse" in query else chunked([ARRAY[:70], ARRAY[70:]], "application/json")


def chat(seen):
    """A provider of chat completions."""
    head = {"id": "chatcmpl-1", "model": "gpt-e2e", "created": 1}
    usage = {"prompt_tokens": 30, "completion_tokens": 5, "total_tokens": 35}
    if not json.loads(seen.body).get("stream"):
        return response(json.dumps({**head, "choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}], "usage": usage}).encode())
    chunks = [{**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Ye"}, "finish_reason": None}]},
              {**head, "choices": [{"index": 0, "delta": {"content": "s."}, "finish_reason": "stop"}]}, {**head, "choices": [], "usage": usage}]
    return response(("".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n").encode(), "text/event-stream")


@pytest.fixture(scope="module")
def providers():
    own, other = Upstream(google), Upstream(chat)
    yield own, other
    own.close()
    other.close()


@pytest.fixture
def gateway(providers, simulator, start):
    own, other = providers
    config = config_for(simulator.port, breaker={"rest_max": "0s"})
    config["providers"] |= {
        "google": {"dialect": "gemini", "base_url": f"http://127.0.0.1:{own.port}", "api_key": PROVIDER_KEY},
        "chat": {"base_url": f"http://127.0.0.1:{other.port}/v1", "api_key": PROVIDER_KEY},
    }
    config["deployments"] |= {"flash": {"provider": "google", "model": "gemini-e2e"}, "gpt": {"provider": "chat", "model": "gpt-e2e"}}
    config["tiers"] = ["small", "large"]
    config["routes"]["both"] = {"match": {"models": ["gemini-*"]}, "tiers": {"small": ["flash"], "large": ["gpt"]},
                                "routers": [{"fixed": {"tier": "small"}}], "retry": {"attempts": 1}}  # fmt: skip
    own.requests.clear()
    other.requests.clear()
    return start(config)


def ask(gateway, model, body, method="generateContent", query="", version="v1beta", **how):
    return gateway.request("POST", f"/{version}/models/{model}:{method}{query}", body, **how)


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_its_own_provider_gets_the_clients_bytes(gateway, providers, version):
    body = b'{ "contents":[{"parts":[{"text":"Hi"}]}],  "made_up":{"a":1.0}, "generation_config":{"top_k":40.0} }'
    status, headers, answer = ask(gateway, "flash", body, version=version, headers={"Content-Type": "application/json", "x-goog-api-client": "e2e"})
    assert (status, answer) == (200, WHOLE)
    seen = providers[0].requests[-1]
    assert seen.line == f"POST /{version}/models/gemini-e2e:generateContent HTTP/1.1".encode()
    assert seen.body == body
    assert seen.field(b"x-goog-api-client") == b"e2e"
    assert headers["x-triage-deployment"] == "flash"


def test_streams_of_its_own_provider_come_as_they_are(gateway):
    status, headers, answer = ask(gateway, "flash", HELLO, "streamGenerateContent", "?alt=sse")
    assert (status, answer) == (200, EVENTS)
    assert headers["content-type"].startswith("text/event-stream")
    status, headers, answer = ask(gateway, "flash", HELLO, "streamGenerateContent")
    assert (status, answer.strip()) == (200, ARRAY.strip())
    assert headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("query", ["?alt=sse", ""])
def test_a_stream_of_another_dialect_in_both_framings(gateway, query):
    status, headers, answer = ask(gateway, "gpt", HELLO, "streamGenerateContent", query)
    assert status == 200
    if query:
        assert headers["content-type"].startswith("text/event-stream")
        assert all(line.startswith("data: ") for line in answer.decode().split("\r\n") if line)
        objects = [json.loads(line[6:]) for line in answer.decode().split("\r\n") if line]
    else:
        assert headers["content-type"].startswith("application/json")
        objects = json.loads(answer)
    parts = [part for each in objects for part in each["candidates"][0]["content"]["parts"]]
    assert "".join(part["text"] for part in parts) == "Yes."
    assert objects[-1]["candidates"][0]["finishReason"] == "STOP"
    assert objects[-1]["usageMetadata"] == {"promptTokenCount": 30, "candidatesTokenCount": 5, "totalTokenCount": 35}


def test_the_key_comes_three_ways_and_goes_nowhere(gateway, providers):
    for query, headers in (("", {"x-goog-api-key": KEY}), (f"?key={KEY}", {}), (f"?a=1&key={KEY}&b=2", {}), ("", {"Authorization": f"Bearer {KEY}"})):
        status, _, answer = ask(gateway, "flash", HELLO, query=query, key=None, headers=headers)
        assert status == 200, answer
        seen = providers[0].requests[-1]
        assert KEY.encode() not in seen.line and not any(KEY.encode() in value for _, value in seen.fields)
        assert seen.line.split()[1].endswith(b"?a=1&b=2") == ("&b" in query)
    status, _, answer = ask(gateway, "flash", HELLO, key=None)
    assert status == 401
    assert json.loads(answer)["error"]["status"] == "UNAUTHENTICATED"


def test_tokens_are_counted_by_the_provider_else_estimated(gateway, providers):
    status, headers, answer = ask(gateway, "flash", HELLO, "countTokens")
    assert (status, json.loads(answer)) == (200, {"totalTokens": 31})
    assert providers[0].requests[-1].line == b"POST /v1beta/models/gemini-e2e:countTokens HTTP/1.1"
    nested = {"generateContentRequest": {"model": "models/flash", **HELLO}}
    assert ask(gateway, "flash", nested, "countTokens")[0] == 200
    assert json.loads(providers[0].requests[-1].body)["generateContentRequest"]["model"] == "models/gemini-e2e"
    status, headers, answer = ask(gateway, "gpt", HELLO, "countTokens")
    assert status == 200 and json.loads(answer)["totalTokens"] > 0
    assert headers["x-triage-estimated"] == "totalTokens"


def test_models_in_geminis_form(gateway):
    for path, headers in (("/v1beta/models", {}), ("/v1/models", {"x-goog-api-key": KEY})):
        status, _, answer = gateway.request("GET", path, headers=headers, key=None if headers else KEY)
        assert status == 200
        listed = [model["name"] for model in json.loads(answer)["models"]]
        assert {"models/auto", "models/triage/both", "models/flash"} <= set(listed)
    assert json.loads(gateway.request("GET", "/v1beta/models/flash")[2])["name"] == "models/flash"
    assert gateway.request("GET", "/v1beta/models/none")[0] == 404
    assert json.loads(gateway.request("GET", "/v1/models")[2])["object"] == "list"


def test_what_no_provider_can_be_told_is_refused_by_name(gateway):
    status, _, answer = ask(gateway, "gpt", {**HELLO, "tools": [{"googleSearch": {}}]})
    assert status == 400
    assert json.loads(answer)["error"]["status"] == "INVALID_ARGUMENT"
    assert ask(gateway, "flash", {**HELLO, "tools": [{"googleSearch": {}}]})[0] == 200
    status, headers, _ = ask(gateway, "gpt", {**HELLO, "safetySettings": [{"category": "C", "threshold": "T"}], "made_up": 1})
    assert status == 200
    assert {"safetySettings", "made_up"} <= set(headers["x-triage-dropped"].replace(" ", "").split(","))


def test_errors_keep_what_google_says(gateway):
    status, _, answer = ask(gateway, "flash", {"contents": [{"parts": [{"text": "busy"}]}]})
    said = json.loads(answer)["error"]
    assert (status, said["status"], said["message"]) == (429, "RESOURCE_EXHAUSTED", "Quota exceeded")
    assert said["details"][0]["retryDelay"] == "34s"
    for path in ("/v1beta/models/nobody:generateContent", "/v1beta/nothing"):
        status, _, answer = gateway.request("POST", path, HELLO)
        assert (status, json.loads(answer)["error"]["status"]) == (404, "NOT_FOUND")


def test_an_answer_that_came_to_nothing_is_asked_for_elsewhere(gateway, providers):
    status, headers, answer = ask(gateway, "gemini-any", {"contents": [{"parts": [{"text": "malformed"}]}]})
    assert (status, headers["x-triage-deployment"]) == (200, "gpt"), answer
    assert json.loads(answer)["candidates"][0]["content"]["parts"] == [{"text": "Yes."}]


@pytest.mark.parametrize("query", ["?alt=sse", ""])
def test_a_cut_stream_ends_in_an_error(gateway, query):
    status, _, answer = ask(gateway, "flash", {"contents": [{"parts": [{"text": "cut"}]}]}, "streamGenerateContent", query)
    assert status == 200
    assert b'{"error":{"code":502' in answer


def test_one_question_is_the_same_bytes_to_gemini(gateway, providers):
    members = {"temperature": 0.5, "max_tokens": 9, "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
               "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Hi"}]}  # fmt: skip
    for order in (members, dict(reversed(members.items()))):
        status, _, answer = gateway.request("POST", "/v1/chat/completions", {"model": "flash", **order})
        assert status == 200, answer
        assert json.loads(answer)["choices"][0]["message"]["content"] == "Hello \u2028 there"
        assert json.loads(answer)["usage"]["completion_tokens"] == 7
    first, second = providers[0].requests[-2:]
    assert first.body == second.body
    assert first.line == b"POST /v1beta/models/gemini-e2e:generateContent HTTP/1.1"


def test_the_record_has_the_bill(gateway, providers):
    status, headers, _ = ask(gateway, "flash", HELLO)
    assert status == 200 and headers["x-triage-attempts"] == "1"
    assert gateway.metric("triage_tokens_total", deployment="flash", kind="output") == 7
