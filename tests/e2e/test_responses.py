"""Clients of the Responses API before servers that have it, may have it, and have it not."""

import json

import pytest
from gateway import KEY, Gateway, key_config
from upstream import Upstream, response

USAGE = {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 3, "output_tokens_details": {"reasoning_tokens": 1}, "total_tokens": 12}
CHAT = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}}


def made(model, status="completed"):
    item = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [{"type": "output_text", "text": "Hello", "annotations": []}]}
    return {"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": model, "output": [item] if status == "completed" else [], "usage": USAGE if status == "completed" else None, "odd": [1.0, "\u2028"]}


def events(*events):
    return response("".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in events).encode(), "text/event-stream")


class Server:
    """Has Responses (`has`), or says so with this status and body."""

    def __init__(self, has=True, status="404 Not Found", body=b'{"detail":"Not Found"}'):
        self.has, self.status, self.body, self.paths, self.bodies = has, status, body, [], []
        self.upstream = Upstream(self.answer)

    def answer(self, seen):
        path = seen.line.split()[1].decode()
        asked = json.loads(seen.body) if seen.body else {}
        self.paths.append(path)
        self.bodies.append(seen.body)
        if path == "/v1/chat/completions":
            return response(json.dumps(CHAT).encode())
        if not self.has:
            return response(self.body, status=self.status)
        if asked.get("background"):
            return response(json.dumps(made(asked["model"], "queued")).encode())
        if not asked.get("stream"):
            return response(json.dumps(made(asked["model"])).encode())
        begun = {"type": "response.created", "sequence_number": 0, "response": made(asked["model"], "in_progress")}
        delta = {"type": "response.output_text.delta", "sequence_number": 1, "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": "Hel", "logprobs": []}
        if asked["input"] == "cut":
            return events(begun, delta)
        return events(begun, delta, {"type": "response.completed", "sequence_number": 2, "response": made(asked["model"])})


@pytest.fixture
def start(tmp_path):
    running = []

    def go(*servers, **of_provider):
        config = {
            "keys": [key_config()],
            "providers": {f"p{i}": {"base_url": f"http://127.0.0.1:{server.upstream.port}/v1", **of_provider} for i, server in enumerate(servers)},
            "deployments": {f"d{i}": {"provider": f"p{i}", "model": f"model-{i}"} for i in range(len(servers))},
            "tiers": ["large"],
            "routes": {"chat": {"match": {"models": ["auto"]}, "tiers": {"large": [f"d{i}" for i in range(len(servers))]}}},
            "ledger": {"dir": str(tmp_path / "ledger")},
        }
        gateway = Gateway(config, tmp_path)
        running.append(gateway.stop)
        running.extend(server.upstream.close for server in servers)
        gateway.ready()
        return gateway

    yield go
    for stop in running:
        stop()


def ask(gateway, **members):
    status, headers, body = gateway.request("POST", "/v1/responses", {"model": "auto", "input": "Hi", **members}, key=KEY)
    return status, headers, body


def test_a_server_that_has_it_is_passed_on(start):
    server = Server()
    gateway = start(server)
    status, _, body = ask(gateway, unknown={"kept": 1.50})
    assert status == 200 and json.loads(body) == made("model-0")
    assert json.loads(server.bodies[0]) == {"model": "model-0", "input": "Hi", "unknown": {"kept": 1.5}}
    _, _, body = ask(gateway, stream=True)
    assert body.count(b"event: response.completed") == 1 and b"[DONE]" not in body
    assert json.loads(ask(gateway, background=True)[2])["status"] == "queued"
    assert ask(gateway, previous_response_id="resp_0")[0] == 200
    assert server.paths == ["/v1/responses"] * 4


@pytest.mark.parametrize("status", ["404 Not Found", "405 Method Not Allowed", "501 Not Implemented"])
def test_a_server_without_it_is_asked_for_chat_and_remembered(start, status):
    server = Server(False, status)
    gateway = start(server)
    for _ in range(2):
        code, headers, body = ask(gateway)
        assert code == 200, body
        assert json.loads(body)["output"][0]["content"][0]["text"] == "Hello"
    assert server.paths == ["/v1/responses", "/v1/chat/completions", "/v1/chat/completions"]
    code, _, body = ask(gateway, previous_response_id="resp_0")
    assert code == 400 and json.loads(body)["error"]["code"] == "untranslatable"
    assert json.loads(body)["error"]["param"] == "previous_response_id"


def test_a_model_that_is_not_there_is_no_missing_api(start):
    server = Server(False, body=b'{"error":{"message":"The model does not exist","code":"model_not_found"}}')
    gateway = start(server)
    assert ask(gateway)[0] >= 400
    server.has = True
    assert ask(gateway)[0] == 200
    assert set(server.paths) == {"/v1/responses"}


def test_a_server_that_is_said_not_to_have_it_is_not_tried(start):
    server = Server(False)
    gateway = start(server, responses=False)
    assert ask(gateway)[0] == 200
    assert server.paths == ["/v1/chat/completions"]


def test_a_stream_that_is_cut_fails_with_its_own_id_and_number(start):
    gateway = start(Server())
    _, _, body = ask(gateway, input="cut", stream=True)
    last = json.loads(body.strip().rsplit(b"data: ", 1)[1])
    assert (last["type"], last["sequence_number"]) == ("response.failed", 2)
    assert (last["response"]["id"], last["response"]["status"]) == ("resp_1", "failed")
    assert last["response"]["error"]["code"] == "server_error"


def test_functions_of_a_namespace_come_back_in_it(start):
    server = Server(False)
    gateway = start(server, responses=False)
    CHAT["choices"][0]["message"] = {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": {"name": "agents__spawn", "arguments": "{}"}}]}
    try:
        tools = [{"type": "namespace", "name": "agents", "tools": [{"type": "function", "name": "spawn", "parameters": {"type": "object"}}]}]
        _, _, body = ask(gateway, tools=tools)
    finally:
        CHAT["choices"][0]["message"] = {"role": "assistant", "content": "Hello"}
    call = json.loads(body)["output"][0]
    assert (call["type"], call["namespace"], call["name"]) == ("function_call", "agents", "spawn")
    assert json.loads(server.bodies[0])["tools"][0]["function"]["name"] == "agents__spawn"


def test_what_is_not_carried_is_named_or_refused(start):
    gateway = start(Server(False), responses=False)
    _, headers, _ = ask(gateway, truncation="auto", metadata={"a": "b"}, odd=1)
    assert {"truncation", "odd"} <= set(headers["x-triage-dropped"].replace(" ", "").split(","))
    for members, param in (({"tools": [{"type": "web_search"}]}, "tools"), ({"moderation": {"model": "m"}}, "moderation"), ({"conversation": "c"}, "previous_response_id"),
                           ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "previous_response_id")):
        status, _, body = ask(gateway, **members)
        assert status == 400 and json.loads(body)["error"]["code"] == "untranslatable", (members, body)
        assert json.loads(body)["error"]["param"] == param, members


def test_errors_have_openais_form(start):
    gateway = start(Server())
    status, _, body = gateway.request("POST", "/v1/responses", {"input": "Hi"}, key=KEY)
    assert status == 400 and json.loads(body)["error"]["param"] == "model"
    assert gateway.request("GET", "/v1/responses", key=KEY)[0] in (405, 426)


def test_custom_tools_cross_to_a_server_of_chat_completions(start):
    server = Server(False)
    gateway = start(server, responses=False)
    call = {"id": "c1", "type": "custom", "custom": {"name": "note", "input": "a \u2028 b"}}
    CHAT["choices"][0]["message"] = {"role": "assistant", "content": None, "tool_calls": [call]}
    try:
        _, headers, body = ask(gateway, tools=[{"type": "custom", "name": "note", "format": {"type": "text"}}])
        item = json.loads(body)["output"][0]
        asked = [{"role": "user", "content": "Hi"}, item, {"type": "custom_tool_call_output", "call_id": item["call_id"], "output": "done"}]
        ask(gateway, input=asked, tools=[{"type": "custom", "name": "note"}])
    finally:
        CHAT["choices"][0]["message"] = {"role": "assistant", "content": "Hello"}
    assert (item["type"], item["name"], item["input"]) == ("custom_tool_call", "note", "a \u2028 b")
    assert "x-triage-dropped" not in headers
    sent = json.loads(server.bodies[-1])
    assert sent["tools"] == [{"type": "custom", "custom": {"name": "note"}}]
    assert sent["messages"][1]["tool_calls"] == [call]
    assert sent["messages"][2] == {"role": "tool", "tool_call_id": "c1", "content": "done"}


class Keeper(Server):
    """Has Responses, and keeps those that it made: others it does not know."""

    def __init__(self, name):
        super().__init__()
        self.name, self.kept, self.fails = name, [], False

    def answer(self, seen):
        asked = json.loads(seen.body)
        self.bodies.append(seen.body)
        if self.fails:
            return response(b'{"error":{"message":"broken"}}', status="500 Internal Server Error")
        if asked.get("previous_response_id") not in (None, *self.kept):
            missing = {"error": {"message": "Previous response not found.", "type": "invalid_request_error", "param": "previous_response_id", "code": "previous_response_not_found"}}
            return response(json.dumps(missing).encode(), status="400 Bad Request")
        self.kept.append(f"resp_{self.name}_{len(self.kept)}")
        whole = {**made(asked["model"]), "id": self.kept[-1]}
        if not asked.get("stream"):
            return response(json.dumps(whole).encode())
        return events({"type": "response.created", "sequence_number": 0, "response": {**whole, "status": "in_progress", "output": []}},
                      {"type": "response.completed", "sequence_number": 1, "response": whole})  # fmt: skip


def id_of(body):
    return json.loads(body.strip().rsplit(b"data: ", 1)[-1])["response"]["id"] if body.startswith(b"event") else json.loads(body)["id"]


@pytest.mark.parametrize("stream", [False, True])
def test_what_a_provider_keeps_is_asked_of_that_provider(start, stream):
    servers = [Keeper("a"), Keeper("b")]
    gateway = start(*servers)
    first = [id_of(ask(gateway, stream=stream)[2]) for _ in range(6)]
    assert all(server.kept for server in servers), "both were asked"
    for _ in range(2):
        for response_id in first:
            status, _, body = ask(gateway, stream=stream, previous_response_id=response_id)
            assert status == 200 and id_of(body).split("_")[1] == response_id.split("_")[1]
    last = id_of(body)
    assert ask(gateway, previous_response_id=last)[0] == 200, "those that followed are known, too"
    # One that nobody knows goes to the first, whose words the client gets.
    status, _, body = ask(gateway, previous_response_id="resp_elsewhere")
    assert status == 400 and json.loads(body)["error"]["code"] == "previous_response_not_found"
    # Nobody else is asked for it.
    owner = servers[last.split("_")[1] == "b"]
    other = servers[owner is servers[0]]
    before, owner.fails = len(other.bodies), True
    assert ask(gateway, previous_response_id=last)[0] >= 500
    assert len(other.bodies) == before

