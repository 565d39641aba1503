"""Calls of APIs that pass through: which model they get, what is said of them, who is asked when a deployment is dead."""

import json
import socket
import subprocess
import time

import pytest

from gateway import BINARY, KEY, free_port, key_config, wait_for
from upstream import Upstream, response

BOUND = "tk-bound-" + "b" * 32
USAGE = {"input_tokens": 1000, "output_tokens": 500, "output_tokens_details": {"reasoning_tokens": 100}}
SPEECH = b"\xff\xf3noise"


def answer(seen):
    path = seen.line.split()[1].split(b"?")[0]
    if path == b"/v1/responses/compact":
        body = json.loads(seen.body)
        made = {"id": "resp_1", "object": "response", "model": body["model"], "output": [], "usage": USAGE}
        if not body.get("stream"):
            return response(json.dumps(made).encode())
        events = [{"type": "response.created", "response": {"id": "resp_1", "usage": None}}, {"type": "response.completed", "response": made}]
        text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
        return response(text.encode(), "text/event-stream")
    if path == b"/v1/audio/speech":
        return response(SPEECH, "audio/mpeg")
    if path == b"/v1/broken":
        return response(b'{"error":{"message":"no","type":"server_error","param":null,"code":null}}', status="500 Internal Server Error")
    return response(b'{"object":"list","data":[]}')


def config_of(upstream, tmp_path, other=None, **more):
    providers = {"p": {"dialect": "openai", "base_url": f"http://127.0.0.1:{upstream.port}/v1", "api_key": "sk-provider-secret"}}
    providers["q"] = {"dialect": "openai", "base_url": f"http://127.0.0.1:{other or upstream.port}/v1"}
    paths = ["/v1/audio/*", "/v1/files*", "/v1/batches", "/v1/moderations", "/v1/broken"]
    return {
        "keys": [key_config(), key_config(BOUND, "bound", routes=["cheap", "media"])],
        "providers": providers,
        "deployments": {
            "mini": {"provider": "p", "model": "mini-id", "price": {"input": 0.2, "output": 0.8}},
            "dear": {"provider": "p", "model": "o3-pro", "price": {"input": 20, "output": 80}},
            "one": {"provider": "p", "model": "tts-1"},
            "two": {"provider": "q", "model": "tts-1"},
        },
        "tiers": ["small", "large"],
        "routes": {
            "cheap": {"match": {"models": ["auto"], "paths": ["/v1/responses*", "/v1/chat/*"]}, "tiers": {"small": ["mini"], "large": ["dear"]},
                      "routers": [{"fixed": {"tier": "small"}}]},
            "media": {"match": {"paths": paths}, "tiers": {"small": ["one", "two"]}},
        },
        "ledger": {"dir": str(tmp_path / "ledger")},
        **more,
    }


@pytest.fixture
def upstream():
    made = Upstream(answer)
    yield made
    made.close()


def records_of(gateway, tmp_path):
    assert gateway.stop() == 0
    export = subprocess.run([BINARY, "ledger", "export", "--ledger", tmp_path / "ledger"], capture_output=True, text=True, check=True).stdout
    return {record["id"]: record for record in map(json.loads, export.splitlines())}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_bound_key_gets_the_model_of_its_route(start, upstream, tmp_path, stream):
    gateway = start(config_of(upstream, tmp_path))

    def ask(model, key):
        return gateway.request("POST", "/v1/responses/compact", {"model": model, "input": "hi", "stream": stream}, key=key)

    for model in ("o3-pro", "dear", "triage/media", "gpt-4o"):
        status, fields, body = ask(model, BOUND)
        error = json.loads(body)["error"]
        assert (status, error["code"]) in [(403, "route_not_allowed"), (404, "model_not_found")], (model, body)
        assert error["param"] == "model" and "x-triage-deployment" not in fields
    assert upstream.requests == []
    ids = {}
    for model in ("auto", "triage/cheap", "mini"):
        status, fields, body = ask(model, BOUND)
        assert (status, fields["x-triage-deployment"], fields["x-triage-tier"]) == (200, "mini", "small")
        ids[model] = fields["x-request-id"]
    assert [json.loads(seen.body)["model"] for seen in upstream.requests] == ["mini-id"] * 3
    status, fields, _ = ask("dear", KEY)
    assert (status, fields["x-triage-deployment"]) == (200, "dear")
    records = records_of(gateway, tmp_path)
    for model, id in ids.items():
        record = records[id]
        attempt = record["attempts"][0]
        assert (record["model_requested"], record["streamed"], attempt["model"], attempt["deployment"]) == (model, stream, "mini-id", "mini")
        assert (attempt["usage_source"], attempt["tokens"]["input"], attempt["tokens"]["reasoning"]) == ("reported", 1000, 100)
        assert record["cost_nano_usd"] == 200 * 1000 + 800 * 500
    refused = [record for record in records.values() if record["outcome"] == "client_error"]
    assert sorted(record["model_requested"] for record in refused) == ["dear", "gpt-4o", "o3-pro", "triage/media"]
    assert all(record["attempts"] == [] for record in refused)


def test_what_is_not_known_is_null_and_counted(start, upstream, tmp_path):
    gateway = start(config_of(upstream, tmp_path))
    asked = [("/v1/audio/speech", {"model": "gpt-4o-mini-tts", "input": "x"}, "gpt-4o-mini-tts"), ("/v1/moderations", {"input": "x"}, None)]
    ids = {}
    for path, body, _ in asked:
        status, fields, _ = gateway.request("POST", path, body)
        assert status == 200 and fields["x-triage-route"] == "media"
        assert not {"x-triage-deployment", "x-triage-tier", "x-triage-router"} & set(fields)
        ids[path] = fields["x-request-id"]
    assert json.loads(upstream.requests[0].body)["model"] == "gpt-4o-mini-tts"
    assert gateway.metric("triage_unknown_prices_total") == 2
    records = records_of(gateway, tmp_path)
    for path, _, model in asked:
        record = records[ids[path]]
        attempt = record["attempts"][0]
        assert (record["model_requested"], attempt["model"], attempt["usage_source"]) == (model, model, "none")
        assert {attempt["deployment"], attempt["tier"], attempt["cost_nano_usd"], record["tier"], record["cost_nano_usd"], record["frontier_cost_nano_usd"]} == {None}
        assert set(attempt["tokens"].values()) == {None}
    report = subprocess.run([BINARY, "report", "--ledger", tmp_path / "ledger", "--by", "deployment", "--json"], capture_output=True, text=True, check=True).stdout
    assert '"one"' not in report and '"two"' not in report and '"mini"' not in report


FORM = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nnoise\r\n--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{}\r\n--B--\r\n"
MULTIPART = {"Content-Type": "multipart/form-data; boundary=B"}


def test_the_model_of_a_form(start, upstream, tmp_path):
    gateway = start(config_of(upstream, tmp_path))
    ask = lambda model: gateway.request("POST", "/v1/audio/transcriptions", FORM.format(model), MULTIPART, key=BOUND)
    assert ask("triage/media")[0] == ask("tts-1")[0] == 200
    assert [seen.body for seen in upstream.requests] == [FORM.format("tts-1").encode()] * 2
    assert ask("whisper-1")[0] == ask("dear")[0] == 403
    broken = FORM.replace("--B\r\nContent-Disposition: form-data; name=\"model\"", "--B\nContent-Disposition: form-data; name=\"model\"").format("dear")
    status, _, body = gateway.request("POST", "/v1/audio/transcriptions", broken, MULTIPART, key=BOUND)
    assert (status, json.loads(body)["error"]["code"]) == (400, "invalid_value")
    assert len(upstream.requests) == 2


@pytest.mark.parametrize(
    "path",
    ["/v1/chat/completions/", "//v1/chat/completions", "/v1//chat/completions", "/v1/%63hat/completions", "/v1/./chat/completions",
     "/v1/x/../chat/completions", "/v1/Chat/Completions", "/V1/chat/completions", "/v1/chat/completions;x", "/v1/chat;x/completions",
     "/v1/chat/completions%20", "/v1/v1/chat/completions", "/v1/chat%2fcompletions", "/v1/chat\\completions"],
)
def test_other_spellings_of_a_path_are_refused(start, upstream, tmp_path, path):
    gateway = start(config_of(upstream, tmp_path))
    with socket.create_connection(("127.0.0.1", gateway.port), 10) as connection:
        body = json.dumps({"model": "o3-pro", "messages": []})
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {BOUND}\r\nContent-Type: application/json\r\n"
            f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        status = int(connection.makefile("rb").readline().split()[1])
    assert status in (400, 403, 404)
    assert upstream.requests == []


def test_a_question_mark_at_the_end_is_the_same_path(start, upstream, tmp_path):
    gateway = start(config_of(upstream, tmp_path))
    status, _, body = gateway.request("POST", "/v1/chat/completions?", {"model": "o3-pro", "messages": []}, key=BOUND)
    assert (status, json.loads(body)["error"]["code"]) == (404, "model_not_found")


CALLS = {
    "GET": ("GET", "/v1/files", None, None),
    "a question to a model": ("POST", "/v1/audio/speech", json.dumps({"model": "tts-1"}), {"Content-Type": "application/json"}),
    "a form": ("POST", "/v1/audio/transcriptions", FORM.format("tts-1"), MULTIPART),
    "an upload": ("POST", "/v1/files", FORM.format("none"), MULTIPART),
    "a batch": ("POST", "/v1/batches", json.dumps({"input_file_id": "file-1"}), {"Content-Type": "application/json"}),
}


@pytest.mark.parametrize("call", CALLS, ids=list(CALLS))
def test_one_of_two_deployments_is_dead(start, upstream, tmp_path, call):
    gateway = start(config_of(upstream, tmp_path, other=free_port(), breaker={"consecutive": 5, "eject": "1m", "eject_max": "1m"}))
    method, path, body, fields = CALLS[call]
    assert [gateway.request(method, path, body, fields)[0] for _ in range(60)] == [200] * 60
    assert len(upstream.requests) == 60
    assert body is None or {seen.body for seen in upstream.requests} == {body.encode()}
    assert gateway.metric("triage_attempts_total", deployment="two", outcome="upstream_error") == 5, "then it is ejected"
    assert gateway.metric("triage_fallbacks_total", route="media") == 5
    records = records_of(gateway, tmp_path)
    assert sorted({len(record["attempts"]) for record in records.values()}) == [1, 2]


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests"])
def test_a_failure_after_which_a_call_is_not_made_again(start, upstream, tmp_path, status):
    failing = Upstream(lambda seen: response(b'{"error":{"message":"no"}}', status=status))
    gateway = start(config_of(upstream, tmp_path, other=failing.port, breaker={"consecutive": 1000, "calls_min": 1000}))

    def failed(call):
        method, path, body, fields = CALLS[call]
        return sum(gateway.request(method, path, body, fields)[0] != 200 for _ in range(8))

    assert failed("GET") == failed("a question to a model") == failed("a form") == 0
    time.sleep(1.2)  # after a 429 the deployment rests for a second
    before = len(failing.requests)
    assert failed("an upload") == len(failing.requests) - before > 0
    before = len(failing.requests)
    assert failed("a batch") == len(failing.requests) - before > 0
    failing.close()


def test_a_path_that_fails_does_not_eject_the_model(start, upstream, tmp_path):
    gateway = start(config_of(upstream, tmp_path))
    for _ in range(12):
        assert gateway.request("POST", "/v1/broken", {"input": "x"})[0] == 500
    time.sleep(1.1)  # the gauge is measured each second
    assert gateway.metric("triage_breaker_state", deployment="one") == 0


def slow(gateway, key, length=200):
    connection = socket.create_connection(("127.0.0.1", gateway.port), 10)
    head = f"POST /v1/responses/compact HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    connection.sendall(head.encode() + b"{")
    return connection


def refused(connection):
    connection.settimeout(0.5)
    try:
        return connection.recv(4096)
    except TimeoutError:
        return b""


def test_one_key_has_a_share_of_the_bodies_that_come(start, upstream, tmp_path):
    gateway = start(config_of(upstream, tmp_path, limits={"connections": 40, "key_share": 0.25}))
    ask = lambda key: gateway.request("POST", "/v1/responses/compact", {"model": "auto"}, key=key)
    held = [slow(gateway, BOUND) for _ in range(14)]
    time.sleep(1.5)  # a refusal waits a second for the rest of a small body
    answers = [refused(connection) for connection in held]
    over = [text for text in answers if text]
    assert len(over) == 4
    for text in over:
        assert text.startswith(b"HTTP/1.1 503") and b"limits.key_share" in text and b"retry-after: 1" in text
    assert gateway.metric("triage_limit_hits_total", listener="gateway", limit="key_share") == 4
    assert [ask(KEY)[0] for _ in range(10)] == [200] * 10
    assert ask(BOUND)[0] in (200, 503), "by whether its body is there with its head"
    for connection in held:
        connection.close()
    wait_for(lambda: ask(BOUND)[0] == 200, 5, "the share is free again")


def test_one_key_has_a_share_of_the_room_for_bodies(start, upstream, tmp_path):
    gateway = start(config_of(upstream, tmp_path, limits={"bodies_total": "8MiB", "key_share": 0.5}))
    piece = b" " * (3 << 20)
    held = [slow(gateway, BOUND, 5 << 20) for _ in range(2)]
    for connection in held:
        try:
            connection.sendall(piece)
        except OSError:
            pass
    answers = [refused(connection) for connection in held]
    assert sorted(bool(text) for text in answers) == [False, True]
    assert b"limits.key_share" in max(answers)
    body = json.dumps({"model": "auto", "input": "x" * (3 << 20)})
    assert gateway.request("POST", "/v1/responses/compact", body, {"Content-Type": "application/json"})[0] == 200
    for connection in held:
        connection.close()


def test_one_key_alone_has_everything(start, upstream, tmp_path):
    config = config_of(upstream, tmp_path, limits={"connections": 40, "key_share": 0.25})
    config["keys"] = config["keys"][1:]
    gateway = start(config)
    held = [slow(gateway, BOUND) for _ in range(20)]
    assert not any(refused(connection) for connection in held[-3:])
    for connection in held:
        connection.close()


def test_pages_cannot_use_a_gateway_without_keys(start, upstream, tmp_path):
    config = config_of(upstream, tmp_path, listen={"hosts": ["llm.example"], "cors": {"origins": ["https://ui.example"]}})
    config["keys"] = []
    gateway = start(config)

    def ask(host, origin=None, method="GET"):
        fields = {"Host": host, **({"Origin": origin} if origin else {})}
        status, _, body = gateway.request(method, "/v1/files", None, fields, key=None)
        return "" if status == 200 else json.loads(body)["error"]["code"]

    for host in ("localhost", f"127.0.0.1:{gateway.port}", "[::1]:1", "host.docker.internal:8080", "gateway", "llm.example", "10.0.0.3:80"):
        assert ask(host) == "", host
    for host in ("evil.example", "127.0.0.1.nip.io", "localhost.evil.example"):
        assert ask(host) == ask(host, f"http://{host}", "POST") == "host_not_allowed", host
    for origin in ("http://localhost:3000", "https://ui.example", "https://llm.example", "app://desk", "http://gateway"):
        assert ask("gateway", origin, "POST") == "", origin
    for origin in ("https://evil.example", "null", "http://10.0.0.9"):
        assert ask("localhost", origin, "POST") == "origin_not_allowed", origin
    before = len(upstream.requests)
    status, _, _ = gateway.request("POST", "/v1/chat/completions", {"model": "auto", "messages": []}, {"Host": "evil.example"}, key=None)
    assert (status, len(upstream.requests)) == (421, before)


def test_a_gateway_with_keys_answers_to_any_host(start, upstream, tmp_path):
    gateway = start(config_of(upstream, tmp_path))
    fields = {"Host": "llm.example.com", "Origin": "https://ui.example.com"}
    assert gateway.request("GET", "/v1/files", None, fields)[0] == 200
    assert gateway.request("GET", "/v1/files", None, fields, key=None)[0] == 401
