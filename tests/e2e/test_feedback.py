"""POST /v1/feedback: what apps say of answers, by either id, once, and only of their own requests."""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from openai import OpenAI

from gateway import BINARY, KEY, Gateway, config_for, key_config, request, wait_for
from upstream import Upstream, response

HELLO = [{"role": "user", "content": "Say hello to the tests."}]
OTHER = "tk-e2e-other-0123456789abcdef"


@pytest.fixture
def config(simulator, tmp_path):
    return config_for(simulator.port, keys=[key_config(), key_config(OTHER, "other")], ledger={"dir": str(tmp_path / "ledger")})


def lines(folder, kind="feedback"):
    """The journal's lines of that kind."""
    out = []
    for segment in sorted(pathlib.Path(folder, "journal").glob("*.jsonl")):
        for line in segment.read_text().splitlines():
            if (parsed := json.loads(line)).get("kind", "request") == kind:
                out.append(parsed)
    return out


def ask(gateway, key=KEY, **more):
    """(x-request-id, completion id) of an answer."""
    status, headers, body = gateway.request("POST", "/v1/chat/completions", {"model": "auto", "messages": HELLO, **more}, key=key)
    assert status == 200, body
    return headers["x-request-id"], json.loads(body)["id"]


def tell(gateway, body, key=KEY):
    status, _, answer = gateway.request("POST", "/v1/feedback", body, key=key)
    return status, json.loads(answer)


def test_the_sdk_sends_it_by_either_id(start, config, tmp_path):
    gateway = start(config)
    client = OpenAI(base_url=f"{gateway.url}/v1", api_key=KEY)
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=HELLO)
    request_id, completion = raw.headers["x-request-id"], raw.parse()
    assert completion.id != request_id
    sent = client.post("/feedback", cast_to=object, body={"id": request_id, "thumb": "up"})
    assert sent == {"recorded": True}
    client.post("/feedback", cast_to=object, body={"id": completion.id, "score": 0.5, "task_completed": True, "comment": "good", "corrected": "better"})
    wait_for(lambda: len(lines(tmp_path / "ledger")) == 2, 5, "both are in the journal")
    first, last = lines(tmp_path / "ledger")
    assert (first["id"], first["thumb"], first["score"]) == (request_id, "up", None)
    assert {name: last[name] for name in ("id", "key", "route", "thumb", "score", "task_completed", "comment", "corrected")} == {
        "id": request_id, "key": "e2e", "route": "chat", "thumb": "up", "score": 0.5, "task_completed": True, "comment": "good", "corrected": "better"}
    [record] = [line for line in lines(tmp_path / "ledger", "request") if line["id"] == request_id]
    assert record["completion_id"] == completion.id


def test_right_after_the_answer_a_thousand_times(start, config, tmp_path):
    gateway = start(config)

    def both(number):
        ids = ask(gateway)
        return tell(gateway, {"id": ids[number % 2], "thumb": "down" if number % 3 else "up"})

    with ThreadPoolExecutor(16) as pool:
        assert set(map(str, pool.map(both, range(1000)))) == {str((200, {"recorded": True}))}
    wait_for(lambda: len(lines(tmp_path / "ledger")) == 1000, 10, "all are in the journal")
    assert gateway.metric("triage_feedback_total", result="recorded") == 1000
    assert gateway.stop() == 0
    with sqlite3.connect(f"file:{tmp_path}/ledger/ledger.db?mode=ro", uri=True) as database:
        joined = database.execute("SELECT count(*) FROM feedback JOIN requests ON feedback.id = requests.id").fetchone()[0]
    assert joined == 1000


def test_a_stream_can_be_judged_before_its_end(start, config, tmp_path):
    going_on = threading.Event()

    def answer(seen):
        chunk = lambda content, end=None: "data: " + json.dumps({"id": "chatcmpl-slow", "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": end}]}) + "\n\n"
        first, last = chunk("No").encode(), (chunk("t so", "stop") + "data: [DONE]\n\n").encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {len(first + last)}\r\n\r\n"
        yield head.encode() + first
        going_on.wait(10)
        yield last

    upstream = Upstream(answer)
    config["providers"]["sim"]["base_url"] = f"http://127.0.0.1:{upstream.port}/v1"
    gateway = start(config)
    client = OpenAI(base_url=f"{gateway.url}/v1", api_key=KEY)
    with client.chat.completions.create(model="auto", messages=HELLO, stream=True) as stream:
        first = next(iter(stream))
        assert tell(gateway, {"id": first.id, "thumb": "down"}) == (200, {"recorded": True})
        assert tell(gateway, {"id": stream.response.headers["x-request-id"], "thumb": "down"}) == (200, {"recorded": True})
        going_on.set()
    wait_for(lambda: len(lines(tmp_path / "ledger")) == 1, 5, "one line")
    upstream.close()


def test_the_same_again_is_no_second_one_also_after_a_crash(config, tmp_path):
    gateway = Gateway(config, tmp_path, "first")
    ids = ask(gateway)
    said = {"id": ids[0], "thumb": "up", "score": 0.75}
    for _ in range(3):
        assert tell(gateway, said) == (200, {"recorded": True})
    assert tell(gateway, {**said, "id": ids[1]}) == (200, {"recorded": True})
    assert tell(gateway, {"id": ids[0], "score": 0.75}) == (200, {"recorded": True}), "said before"
    os.kill(gateway.child.pid, signal.SIGKILL)
    gateway.child.wait()
    second = Gateway(config, tmp_path, "second")
    assert tell(second, said) == (200, {"recorded": True})
    assert tell(second, {"id": ids[1], "thumb": "down"}) == (200, {"recorded": True})
    assert second.stop() == 0
    assert [(line["id"], line["thumb"], line["score"]) for line in lines(tmp_path / "ledger")] == [
        (ids[0], "up", 0.75), (ids[0], "down", 0.75)]


def test_two_at_once_are_one(start, config, tmp_path):
    gateway = start(config)
    asked = [ask(gateway)[0] for _ in range(20)]

    def send():
        for request_id in asked:
            assert tell(gateway, {"id": request_id, "task_completed": True}) == (200, {"recorded": True})

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(lambda: gateway.metric("triage_feedback_total", result="repeated") == 100, 5, "all have ended")
    assert gateway.stop() == 0
    assert sorted(line["id"] for line in lines(tmp_path / "ledger")) == sorted(asked)


def test_another_keys_request_looks_like_an_unknown_one(start, config, tmp_path):
    gateway = start(config)
    ids = ask(gateway)
    unknown = tell(gateway, {"id": "req_00000000000000000000", "thumb": "up"}, OTHER)
    assert unknown[0] == 404 and unknown[1]["error"]["code"] == "request_not_found" and unknown[1]["error"]["param"] == "id"
    for each in ids:
        assert tell(gateway, {"id": each, "thumb": "up"}, OTHER) == unknown
    assert tell(gateway, {"id": ids[0], "thumb": "up"}, "tk-wrong")[0] == 401
    assert gateway.stop() == 0
    again = start(config)
    for each in ids:
        assert tell(again, {"id": each, "thumb": "up"}, OTHER) == unknown
        assert tell(again, {"id": each, "thumb": "up"})[0] == 200


def test_without_keys_any_request(start, config):
    del config["keys"]
    gateway = start(config)
    ids = ask(gateway, key=None)
    assert tell(gateway, {"id": ids[1], "thumb": "up"}, key=None) == (200, {"recorded": True})


def test_failed_requests_and_other_apis_can_be_judged(start, config, tmp_path):
    gateway = start(config)
    status, headers, body = gateway.request("POST", "/v1/completions", {"model": "sim-small", "prompt": "Once"})
    assert status == 200
    assert tell(gateway, {"id": json.loads(body)["id"], "thumb": "up"})[0] == 200
    status, embedded, _ = gateway.request("POST", "/v1/embeddings", {"model": "sim-embedding", "input": "Once"})
    assert status == 200
    assert tell(gateway, {"id": embedded["x-request-id"], "score": 1})[0] == 200
    status, failed, _ = gateway.request("POST", "/v1/chat/completions", {"model": "auto", "messages": [{"role": "user", "content": "simulate: status 400"}]})
    assert tell(gateway, {"id": failed["x-request-id"], "thumb": "down"})[0] == 200


@pytest.mark.parametrize("stream", [False, True])
def test_answers_of_another_api_have_their_ids(start, config, tmp_path, stream):
    gateway = start(config)
    status, headers, body = gateway.request("POST", "/v1/messages", {"model": "auto", "max_tokens": 50, "messages": HELLO, "stream": stream})
    assert status == 200, body
    first = next(line[6:] for line in body.decode().splitlines() if line.startswith("data: ") and "message_start" in line) if stream else body
    message = json.loads(first)["message"] if stream else json.loads(first)
    assert tell(gateway, {"id": message["id"], "thumb": "up"}) == (200, {"recorded": True})
    wait_for(lambda: lines(tmp_path / "ledger"), 5, "the line")
    assert lines(tmp_path / "ledger")[0]["id"] == headers["x-request-id"]


@pytest.mark.parametrize("body, code, param", [
    ({"thumb": "up"}, "missing_required_parameter", "id"),
    ({"id": "x"}, "missing_required_parameter", "thumb"),
    ({"id": "x", "thumb": "UP"}, "invalid_value", "thumb"),
    ({"id": "x", "score": 2}, "invalid_value", "score"),
    ({"id": "x", "thumbs": "up"}, "invalid_value", "thumbs"),
    ([], "invalid_json", None),
])
def test_mistakes_are_named(gateway_with_ledger, body, code, param):
    status, answer = tell(gateway_with_ledger, body)
    assert status == 400
    assert (answer["error"]["code"], answer["error"]["param"], answer["error"]["type"]) == (code, param, "invalid_request_error")


@pytest.fixture(scope="module")
def gateway_with_ledger(simulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mistakes")
    gateway = Gateway(config_for(simulator.port, ledger={"dir": str(folder / "ledger")}), folder)
    yield gateway
    assert gateway.stop() == 0


def test_other_methods_and_a_gateway_without_a_ledger(start, config, gateway_with_ledger):
    status, headers, _ = gateway_with_ledger.request("GET", "/v1/feedback")
    assert status == 405 and headers["allow"] == "POST"
    del config["ledger"]
    status, answer = tell(start(config), {"id": "x", "thumb": "up"})
    assert status == 404 and "`ledger.dir`" in answer["error"]["message"]


def test_texts_are_redacted_unless_the_route_keeps_them(start, config, tmp_path):
    config["routes"]["full"] = {"match": {"models": ["full"]}, "tiers": {"small": ["sim-small"]}, "record": {"content": "full", "text_max": "64B"}}
    gateway = start(config)
    comment = "write to jane@example.com"
    for model, kept in (("auto", "write to [email]"), ("full", comment)):
        request_id, _ = ask(gateway, model=model)
        assert tell(gateway, {"id": request_id, "comment": comment, "corrected": comment})[0] == 200
        wait_for(lambda: lines(tmp_path / "ledger") and lines(tmp_path / "ledger")[-1]["id"] == request_id, 5, "the line")
        assert (lines(tmp_path / "ledger")[-1]["comment"], lines(tmp_path / "ledger")[-1]["corrected"]) == (kept, kept)
        status, answer = tell(gateway, {"id": request_id, "comment": "x" * 70_000})
        assert (status, answer["error"]["param"]) == (400, "comment")


def test_labels_for_training_have_it(start, config, tmp_path):
    config["tiers"] = ["small", "large"]
    config["routes"]["chat"] = {"match": {"models": ["auto"]}, "tiers": {"small": ["sim-small"], "large": ["sim-large"]},
                                "routers": [{"fixed": {"tier": "small"}}], "record": "full"}
    gateway = start(config)
    request_id, _ = ask(gateway)
    tell(gateway, {"id": request_id, "thumb": "up"})
    tell(gateway, {"id": request_id, "thumb": "down"})
    assert gateway.stop() == 0
    out = subprocess.run([BINARY, "export", "--labels", "--config", gateway.path, "--partial"], capture_output=True, text=True, check=True).stdout
    [row] = [row for row in map(json.loads, out.splitlines()) if row["id"] == request_id and row["source"] == "feedback"]
    assert row["weak"] == 0, "the last word counts"


def test_a_browser_may_ask_first(start, config):
    config["listen"] = {"cors": {"origins": ["https://app.example"]}}
    gateway = start(config)
    origin = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    status, headers, _ = gateway.request("OPTIONS", "/v1/feedback", headers=origin, key=None)
    assert status == 204 and headers["access-control-allow-origin"] == "https://app.example"
    request_id, _ = ask(gateway)
    status, headers, _ = gateway.request("POST", "/v1/feedback", {"id": request_id, "thumb": "up"}, headers={"Origin": "https://app.example"})
    assert status == 200 and headers["access-control-allow-origin"] == "https://app.example"


def test_ids_that_a_provider_uses_twice_mean_the_newest(start, config, tmp_path):
    body = json.dumps({"id": "chatcmpl-1", "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}]})
    upstream = Upstream(lambda seen: response(body.encode()))
    config["providers"]["sim"]["base_url"] = f"http://127.0.0.1:{upstream.port}/v1"
    gateway = start(config)
    asked = [ask(gateway)[0] for _ in range(3)]
    ask(gateway, key=OTHER)
    assert tell(gateway, {"id": "chatcmpl-1", "thumb": "up"})[0] == 200
    wait_for(lambda: lines(tmp_path / "ledger"), 5, "the line")
    assert [line["id"] for line in lines(tmp_path / "ledger")] == [asked[-1]]
    upstream.close()
