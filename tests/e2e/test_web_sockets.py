"""/v1/realtime and /v1/responses over WebSockets, with the `websockets` package, OpenAI's SDK and Node's `ws` as clients."""

import concurrent.futures
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest

websockets = pytest.importorskip("websockets")
from openai import AsyncOpenAI, OpenAI  # noqa: E402
from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

from gateway import KEY, PROVIDER_KEY, ROOT, Gateway, free_port, key_config, wait_for  # noqa: E402
from realtime_provider import REALTIME_USAGE, RESPONSE_USAGE, RealtimeProvider  # noqa: E402

AUTH = {"Authorization": f"Bearer {KEY}"}
PRICE = {"input": 4, "input_cached": 0.4, "output": 16, "input_audio": 32, "output_audio": 64}
# 119 text and 13 audio tokens, of which 60 and 4 came from the cache: each token is billed once.
TALK_COST = 59 * 4000 + 64 * 400 + 9 * 32_000 + 30 * 16_000 + 91 * 64_000  # nano-USD
ANSWER_COST = 26 * 4000 + 10 * 400 + 87 * 16_000


@pytest.fixture
def provider():
    made = RealtimeProvider()
    yield made
    made.close()


def config_for(folder, *ports, **more):
    """Deployments talk0, talk1, ... at providers on these ports, tried in this order; `auto` is a route to them."""
    return {
        "keys": [key_config(), key_config("tk-bound-key", "bound", routes=["talk"])],
        "providers": {
            f"p{i}": {"dialect": "openai", "base_url": f"http://127.0.0.1:{port}/v1", "api_key": PROVIDER_KEY} for i, port in enumerate(ports)
        },
        "deployments": {f"talk{i}": {"provider": f"p{i}", "model": f"gpt-realtime-{i}", "price": PRICE} for i in range(len(ports))},
        "tiers": ["small"],
        "routes": {
            "talk": {
                "match": {"models": ["auto"]},
                "tiers": {"small": [{"deployment": f"talk{i}", "weight": 0 if i else 1} for i in range(len(ports))]},
            }
        },
        "ledger": {"dir": str(folder / "ledger"), "sync": "each"},
        **more,
    }


@pytest.fixture
def gateway(provider, start, tmp_path):
    return start(config_for(tmp_path, provider.port))


def url(gateway, path="/v1/realtime", query="?model=auto"):
    return f"ws://127.0.0.1:{gateway.port}{path}{query}"


def dial(gateway, path="/v1/realtime", query="?model=auto", headers=AUTH, **more):
    return connect(url(gateway, path, query), additional_headers=headers, compression=None, max_size=None, open_timeout=15, **more)


def say(client, event_type, **members):
    client.send(json.dumps({"type": event_type, **members}))


def hear(client, event_type=None, timeout=10):
    """The next event, or the next of that type."""
    while True:
        event = json.loads(client.recv(timeout))
        if event_type in (None, event["type"]):
            return event


def refused(gateway, **more):
    """(status, the error) of a connection that is not accepted."""
    with pytest.raises(InvalidStatus) as caught:
        dial(gateway, **more)
    response = caught.value.response
    return response.status_code, json.loads(response.body)["error"]


def records(tmp_path, count=1):
    """The ledger's records of requests, once there are `count`."""

    def read():
        lines = [json.loads(line) for file in sorted((tmp_path / "ledger/journal").glob("*.jsonl")) for line in file.read_bytes().splitlines()]
        return [line for line in lines if "attempts" in line]

    wait_for(lambda: len(read()) >= count, 10, f"{count} records")
    found = read()
    assert len(found) == count
    return found


def test_realtime_is_relayed_both_ways_and_recorded(gateway, provider, tmp_path):
    with dial(gateway) as client:
        assert hear(client)["type"] == "session.created"
        say(client, "session.update", session={"type": "realtime", "model": "auto", "instructions": "Zwölf 🥊"})
        assert hear(client)["session"]["model"] == "gpt-realtime-0"
        say(client, "response.create")
        assert [hear(client)["type"] for _ in range(3)] == ["response.created", "response.output_text.delta", "response.output_text.delta"]
        assert hear(client)["response"]["usage"] == REALTIME_USAGE
        say(client, "test.binary")
        assert client.recv(10) == bytes(range(256))
    session = provider.sessions[0]
    assert session.done.wait(10)
    assert session.closed[0] == 1000
    assert session.path == "/v1/realtime?model=gpt-realtime-0"
    assert session.events[0]["session"] == {"type": "realtime", "model": "gpt-realtime-0", "instructions": "Zwölf 🥊"}
    assert session.header("Authorization") == f"Bearer {PROVIDER_KEY}"
    assert session.header("Host") == f"127.0.0.1:{provider.port}"
    assert session.header("Sec-WebSocket-Extensions") is None
    assert KEY not in session.all()
    (record,) = records(tmp_path)
    assert (record["path"], record["model_requested"], record["route"], record["outcome"], record["status"]) == (
        "/v1/realtime", "auto", "talk", "ok", 101,
    )  # fmt: skip
    (attempt,) = record["attempts"]
    assert (attempt["deployment"], attempt["model"], attempt["status"], attempt["end"]) == ("talk0", "gpt-realtime-0", 101, "completed")
    tokens = attempt["tokens"]
    assert (tokens["input"], tokens["input_cached"], tokens["output"]) == (132, 64, 121)
    assert record["cost_nano_usd"] == TALK_COST


def test_the_costs_of_several_responses_add_up(gateway, tmp_path):
    with dial(gateway) as client:
        for _ in range(3):
            say(client, "response.create")
            hear(client, "response.done")
    (record,) = records(tmp_path)
    assert record["cost_nano_usd"] == 3 * TALK_COST
    assert gateway.metric("triage_tokens_total", deployment="talk0", kind="output") == 3 * 121
    assert gateway.metric("triage_requests_total", route="talk", outcome="ok") == 1


def test_a_deployment_by_its_own_name_and_a_route_by_its_name(gateway, provider):
    for name in ("talk0", "triage/talk"):
        with dial(gateway, query=f"?model={name}") as client:
            hear(client)
    assert [session.path for session in provider.sessions] == ["/v1/realtime?model=gpt-realtime-0"] * 2


def test_the_rest_of_the_query_stays_and_a_key_in_it_does_not(gateway, provider):
    with dial(gateway, query="?intent=x%20y&model=%61uto&api-key=tk-secret&b=1") as client:
        hear(client)
    assert provider.sessions[0].path == "/v1/realtime?intent=x%20y&model=gpt-realtime-0&b=1"


def test_a_key_in_a_subprotocol_authenticates_and_stays(gateway, provider):
    offered = ["realtime", f"openai-insecure-api-key.{KEY}", "openai-organization.org-x", "openai-project.proj-x", "openai-beta.realtime-v1"]
    with dial(gateway, headers={}, subprotocols=offered) as client:
        assert client.subprotocol == "realtime"
        hear(client)
    session = provider.sessions[0]
    assert session.header("Sec-WebSocket-Protocol") == "realtime, openai-beta.realtime-v1"
    assert KEY not in session.all() and "org-x" not in session.all() and "proj-x" not in session.all()


def test_a_client_that_offers_subprotocols_gets_one(start, tmp_path):
    silent = RealtimeProvider(subprotocols=())
    with dial(start(config_for(tmp_path, silent.port)), subprotocols=["realtime"]) as client:
        assert client.subprotocol == "realtime"
    silent.close()


def test_beta_headers_reach_the_provider_and_the_clients_secrets_do_not(gateway, provider):
    headers = {**AUTH, "OpenAI-Beta": "realtime=v1", "OpenAI-Organization": "org-x", "Cookie": "a=b", "X-Client-Request-Id": "kept"}
    with dial(gateway, headers=headers, origin="http://127.0.0.1:1") as client:
        assert client.response.headers["x-triage-deployment"] == "talk0"
        assert client.response.headers["x-request-id"].startswith("req_")
    session = provider.sessions[0]
    assert (session.header("OpenAI-Beta"), session.header("X-Client-Request-Id")) == ("realtime=v1", "kept")
    assert [session.header(name) for name in ("OpenAI-Organization", "Cookie", "Origin")] == [None] * 3


@pytest.mark.parametrize("key", [{}, {"Authorization": "Bearer wrong"}])
def test_without_a_good_key_there_is_no_connection(gateway, provider, tmp_path, key):
    status, error = refused(gateway, headers=key)
    assert (status, error["code"]) == (401, "invalid_api_key")
    status, error = refused(gateway, headers={}, subprotocols=["realtime", "openai-insecure-api-key.wrong"])
    assert (status, error["code"]) == (401, "invalid_api_key")
    assert not provider.sessions
    assert [record["error"] for record in records(tmp_path, 2)] == ["invalid_api_key"] * 2


def test_unknown_and_missing_models_are_refused(gateway, tmp_path):
    assert refused(gateway, query="?model=other")[1]["code"] == "model_not_found"
    status, error = refused(gateway, query="")
    assert (status, error["code"], error["param"]) == (400, "missing_required_parameter", "model")
    assert refused(gateway, query="?model=auto&model=talk0")[1]["code"] == "invalid_value"
    assert refused(gateway, query="?model=talk0", headers={"Authorization": "Bearer tk-bound-key"})[1]["code"] == "route_not_allowed"
    assert [record["status"] for record in records(tmp_path, 4)] == [404, 400, 400, 403]


def test_another_model_in_an_event_is_refused_in_words(gateway, provider):
    with dial(gateway) as client:
        hear(client)
        say(client, "session.update", session={"model": "gpt-expensive"})
        error = hear(client)
        assert (error["type"], error["error"]["code"], error["error"]["param"]) == ("error", "invalid_value", "model")
        say(client, "session.update", session={"model": "talk0-unknown"}, model="auto")
        assert hear(client)["type"] == "error"
        client.send("{no json")
        assert hear(client)["error"]["code"] == "invalid_json"
        say(client, "session.update", session={"model": "gpt-realtime-0"})
        assert hear(client)["type"] == "session.updated"
    assert len(provider.sessions[0].events) == 1


def test_another_deployment_is_asked_before_the_provider_has_accepted(start, tmp_path):
    down, limited, good = free_port(), RealtimeProvider(), RealtimeProvider()
    limited.refusal = (429, {"Content-Type": "application/json"}, b'{"error":{"message":"slow down","type":"rate_limit","param":null,"code":"x"}}')
    gateway = start(config_for(tmp_path, down, limited.port, good.port))
    with dial(gateway) as client:
        assert client.response.headers["x-triage-deployment"] == "talk2"
        hear(client)
    assert good.sessions[0].path == "/v1/realtime?model=gpt-realtime-2"
    (record,) = records(tmp_path)
    assert [(attempt["deployment"], attempt["cause"], attempt["status"], attempt["end"]) for attempt in record["attempts"]] == [
        ("talk0", "first", None, "failed"), ("talk1", "fallback", 429, "failed"), ("talk2", "fallback", 101, "completed"),
    ]  # fmt: skip
    assert record["cost_nano_usd"] == 0
    for each in (limited, good):
        each.close()


def test_a_providers_refusal_reaches_the_client_without_its_key(gateway, provider, tmp_path):
    body = json.dumps({"error": {"message": f"bad session for {PROVIDER_KEY}", "type": "invalid_request_error", "param": None, "code": "bad"}})
    provider.refusal = (400, {"Content-Type": "application/json", "Set-Cookie": "a=b"}, body.encode())
    with pytest.raises(InvalidStatus) as caught:
        dial(gateway)
    response = caught.value.response
    assert response.status_code == 400 and "set-cookie" not in response.headers
    assert json.loads(response.body)["error"]["code"] == "bad" and PROVIDER_KEY.encode() not in response.body
    (record,) = records(tmp_path)
    assert (record["outcome"], record["attempts"][0]["status"], record["cost_nano_usd"]) == ("client_error", 400, 0)


def test_an_answer_that_is_no_upgrade_is_the_providers_fault(gateway, provider):
    provider.refusal = (200, {"Content-Type": "text/html"}, b"<title>hello</title>")
    status, error = refused(gateway)
    assert (status, error["code"]) == (502, "upstream_bad_response")


@pytest.mark.parametrize("code, reason", [(1000, "bye"), (1001, ""), (3000, "zwölf 🥊"), (4008, "x" * 123)])
def test_close_codes_pass_both_ways(gateway, provider, tmp_path, code, reason):
    with dial(gateway) as client:
        hear(client)
        say(client, "test.close", code=code, reason=reason)
        with pytest.raises(ConnectionClosed) as caught:
            hear(client)
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (code, reason)
    with dial(gateway) as client:
        hear(client)
        client.close(code, reason)
    assert provider.sessions[1].done.wait(10)
    assert provider.sessions[1].closed == (code, reason)
    assert [record["outcome"] for record in records(tmp_path, 2)] == ["ok", "ok"]


def test_a_cut_provider_is_told_with_1011(gateway, tmp_path):
    with dial(gateway) as client:
        hear(client)
        say(client, "test.cut")
        with pytest.raises(ConnectionClosed) as caught:
            hear(client)
    assert caught.value.rcvd.code == 1011
    (record,) = records(tmp_path)
    assert (record["outcome"], record["error"], record["attempts"][0]["end"]) == ("upstream_error", "upstream_truncated", "truncated")


def test_a_client_that_is_cut_off_is_told_to_the_provider_with_1001(gateway, provider, tmp_path):
    client = dial(gateway)
    hear(client)
    client.socket.shutdown(socket.SHUT_RDWR)
    assert provider.sessions[0].done.wait(10)
    assert provider.sessions[0].closed[0] == 1001
    (record,) = records(tmp_path)
    assert (record["outcome"], record["cancelled"], record["attempts"][0]["end"]) == ("cancelled", True, "cancelled")


def test_a_response_that_is_left_is_of_unknown_cost(gateway, tmp_path):
    with dial(gateway) as client:
        say(client, "response.create")
        hear(client, "response.done")
        say(client, "test.begin")
        hear(client, "response.created")
    (record,) = records(tmp_path)
    assert (record["outcome"], record["cost_nano_usd"]) == ("cancelled", None)
    assert record["attempts"][0]["tokens"]["output"] == 121


def test_a_transcription_by_another_model_makes_the_cost_unknown(gateway, tmp_path):
    with dial(gateway) as client:
        say(client, "test.transcribed")
        hear(client, "conversation.item.input_audio_transcription.completed")
    (record,) = records(tmp_path)
    assert (record["outcome"], record["cost_nano_usd"]) == ("ok", None)


def test_pings_are_answered_on_both_sides(gateway):
    with dial(gateway, ping_interval=None) as client:
        hear(client)
        assert client.ping(b"from the client").wait(5)
        say(client, "test.ping")
        assert hear(client, "test.pong")["came"]


def test_silent_peers_are_pinged_and_given_up(provider, start, tmp_path):
    gateway = start(config_for(tmp_path, provider.port, limits={"silence": "300ms"}))
    with dial(gateway, ping_interval=None) as client:
        hear(client)
        time.sleep(1.5)  # both answer the gateway's pings
        say(client, "response.create")
        hear(client, "response.done")
    with socket.create_connection(("127.0.0.1", gateway.port)) as mute:
        mute.sendall(raw_request(gateway))
        mute.settimeout(10)
        seen = b""
        while chunk := mute.recv(4096):  # it answers no ping
            seen += chunk
    assert b"\x89\x00" in seen
    assert [record["outcome"] for record in records(tmp_path, 2)] == ["ok", "cancelled"]


def raw_request(gateway, path="/v1/realtime?model=auto", method="GET", more="", drop=(), key=KEY):
    fields = {
        "Host": f"127.0.0.1:{gateway.port}", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Authorization": f"Bearer {key}",
    }  # fmt: skip
    lines = [f"{name}: {value}" for name, value in fields.items() if name not in drop]
    return (f"{method} {path} HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n" + more + "\r\n").encode()


def raw_answer(gateway, *arguments, **more):
    """(status line, fields in lower case, body) of a raw request."""
    with socket.create_connection(("127.0.0.1", gateway.port), 10) as connection:
        connection.sendall(raw_request(gateway, *arguments, **more))
        connection.settimeout(10)
        seen = b""
        while b"\r\n\r\n" not in seen:
            seen += connection.recv(4096)
        head, _, body = seen.partition(b"\r\n\r\n")
        line, *rest = head.decode().split("\r\n")
        fields = {name.lower(): value for name, value in (each.split(": ", 1) for each in rest)}
        while len(body) < int(fields.get("content-length", 0)):
            body += connection.recv(4096)
        return line, fields, body


def test_the_handshake_is_that_of_rfc_6455(gateway):
    line, fields, _ = raw_answer(gateway, more="Sec-WebSocket-Extensions: permessage-deflate\r\n")
    assert line == "HTTP/1.1 101 Switching Protocols"
    assert fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert "sec-websocket-extensions" not in fields and "content-length" not in fields and "transfer-encoding" not in fields


def test_other_upgrades_are_refused_in_words(gateway, tmp_path):
    def error(answer):
        line, fields, body = answer
        return int(line.split()[1]), json.loads(body)["error"]["code"], fields

    for path in ("/v1/chat/completions", "/v1/models", "/v1/realtime/calls", "/v1/nothing"):
        assert error(raw_answer(gateway, path))[:2] == (400, "invalid_value"), path
    assert error(raw_answer(gateway, drop=["Upgrade"], more="Upgrade: foo/2\r\n"))[:2] == (400, "invalid_value")
    assert error(raw_answer(gateway, method="POST", more="Content-Length: 0\r\n"))[:2] == (400, "invalid_value")
    assert error(raw_answer(gateway, drop=["Sec-WebSocket-Key"]))[:2] == (400, "invalid_value")
    assert error(raw_answer(gateway, drop=["Sec-WebSocket-Key"], more="Sec-WebSocket-Key: short\r\n"))[:2] == (400, "invalid_value")
    status, code, fields = error(raw_answer(gateway, drop=["Sec-WebSocket-Version"], more="Sec-WebSocket-Version: 8\r\n"))
    assert (status, code, fields["sec-websocket-version"], fields["upgrade"]) == (426, "upgrade_required", "13", "websocket")
    for drop in (["Upgrade"], ["Connection"]):
        assert error(raw_answer(gateway, drop=drop))[:2] == (426, "upgrade_required")
    status, body = raw_answer(gateway, "/v1/messages")[::2]
    assert " 400 " in status and json.loads(body)["type"] == "error"  # Anthropic's form
    status, _, body = gateway.request("GET", "/v1/models", headers={"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c"})
    assert status == 200  # an offer, which may be passed over
    assert all(record["outcome"] == "client_error" for record in records(tmp_path, 13)[:12])


def test_an_upgraded_connection_sends_no_second_request_through(gateway, provider):
    with socket.create_connection(("127.0.0.1", gateway.port), 10) as connection:
        connection.sendall(raw_request(gateway, "/v1/chat/completions") + b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.settimeout(5)
        assert b"400 Bad Request" in connection.recv(65536)
    assert not provider.sessions


def test_messages_up_to_the_limit_pass_and_larger_ones_do_not(provider, start, tmp_path):
    gateway = start(config_for(tmp_path, provider.port, limits={"web_socket_message": "1MiB"}))
    room = 1024 * 1024
    with dial(gateway) as client:
        hear(client)
        say(client, "session.update", session={"filler": "y" * (room - 200)})
        assert len(hear(client)["session"]["filler"]) == room - 200
        say(client, "test.size", size=room - 100)
        assert len(hear(client)["filler"]) == room - 100
        with pytest.raises(ConnectionClosed) as caught:
            say(client, "session.update", session={"filler": "y" * room})
            hear(client)
        assert caught.value.rcvd.code == 1009
    assert provider.sessions[0].done.wait(10) and provider.sessions[0].closed[0] == 1001
    with dial(gateway) as client:
        hear(client)
        say(client, "test.size", size=room)
        with pytest.raises(ConnectionClosed) as caught:
            hear(client)
        assert caught.value.rcvd.code == 1011
    assert [(record["outcome"], record["error"]) for record in records(tmp_path, 2)] == [
        ("client_error", "body_too_large"), ("upstream_error", "upstream_too_large"),
    ]  # fmt: skip
    wait_for(lambda: gateway.metric("triage_limit_hits_total", limit="web_socket_message") == 2, 5, "both are counted")


def test_there_are_so_many_connections_and_no_more(provider, start, tmp_path):
    gateway = start(config_for(tmp_path, provider.port, limits={"web_sockets": 2, "key_share": 1}))
    with dial(gateway), dial(gateway) as client:
        assert gateway.metric("triage_web_sockets_open") == 2
        status, error = refused(gateway)
        assert (status, error["code"]) == (503, "overloaded")
        hear(client)
    wait_for(lambda: gateway.metric("triage_web_sockets_open") == 0, 5, "both are closed")
    with dial(gateway) as client:
        hear(client)
    assert gateway.metric("triage_limit_hits_total", limit="web_sockets") == 1


def test_one_key_does_not_take_all_connections(provider, start, tmp_path):
    gateway = start(config_for(tmp_path, provider.port, limits={"web_sockets": 4}))
    with dial(gateway), dial(gateway):
        status, error = refused(gateway)
        assert (status, error["code"]) == (503, "overloaded") and "limits.key_share" in error["message"]
        with dial(gateway, headers={"Authorization": "Bearer tk-bound-key"}) as other:
            hear(other)
    wait_for(lambda: gateway.metric("triage_web_sockets_open") == 0, 5, "all are closed")
    with dial(gateway) as client:
        hear(client)
    assert gateway.metric("triage_limit_hits_total", limit="key_share") == 1


def test_an_idle_connection_is_closed(provider, start, tmp_path):
    gateway = start(config_for(tmp_path, provider.port, limits={"web_socket_idle": "500ms"}))
    with dial(gateway) as client:
        hear(client)
        with pytest.raises(ConnectionClosed) as caught:
            hear(client)
    assert caught.value.rcvd.code == 1001 and "web_socket_idle" in caught.value.rcvd.reason
    wait_for(lambda: gateway.metric("triage_limit_hits_total", limit="web_socket_idle") == 1, 5, "the limit is counted")
    assert records(tmp_path)[0]["outcome"] == "ok"


def test_a_client_that_does_not_read_holds_up_its_provider_and_nobody_else(provider, start, tmp_path):
    gateway = start(config_for(tmp_path, provider.port, limits={"write_stall": "2s"}))
    stalled = dial(gateway, max_queue=1)
    before = gateway.memory_kib()
    for _ in range(60):
        say(stalled, "test.size", size=1_000_000)
    time.sleep(1)
    assert gateway.memory_kib() - before < 30_000
    with dial(gateway) as client:
        say(client, "response.create")
        hear(client, "response.done")
    wait_for(lambda: len(records_now(tmp_path)) == 2, 15, "the client that does not read is disconnected")
    assert {record["outcome"] for record in records_now(tmp_path)} == {"ok", "cancelled"}
    stalled.socket.close()


def records_now(tmp_path):
    lines = [json.loads(line) for file in (tmp_path / "ledger/journal").glob("*.jsonl") for line in file.read_bytes().splitlines()]
    return [line for line in lines if "attempts" in line]


def test_many_connections_at_once(gateway, tmp_path):
    def talk(_):
        with dial(gateway) as client:
            for _ in range(5):
                say(client, "response.create")
                hear(client, "response.done")

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        list(pool.map(talk, range(72)))
    for record in records(tmp_path, 72):
        assert record["cost_nano_usd"] == 5 * TALK_COST


def test_at_the_end_a_connection_is_closed_with_1001(provider, start, tmp_path):
    gateway = start(config_for(tmp_path, provider.port))
    with dial(gateway) as client:
        hear(client)
        gateway.child.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as caught:
            hear(client)
        assert caught.value.rcvd.code == 1001
    assert provider.sessions[0].done.wait(10) and provider.sessions[0].closed[0] == 1001
    assert gateway.child.wait(10) == 0
    assert records(tmp_path)[0]["outcome"] == "ok"


def test_at_the_end_a_response_under_way_is_waited_for(provider, start, tmp_path):
    gateway = start(config_for(tmp_path, provider.port))
    with dial(gateway) as client:
        hear(client)
        say(client, "test.begin")
        hear(client, "response.created")
        gateway.child.send_signal(signal.SIGTERM)
        time.sleep(0.7)
        say(client, "test.end")
        hear(client, "response.done")
        with pytest.raises(ConnectionClosed) as caught:
            hear(client)
        assert caught.value.rcvd.code == 1001
    assert gateway.child.wait(10) == 0
    assert records(tmp_path)[0]["cost_nano_usd"] == TALK_COST


def test_a_response_that_takes_longer_than_the_drain_is_cut(provider, start, tmp_path):
    gateway = start(config_for(tmp_path, provider.port, limits={"drain": "500ms"}))
    with dial(gateway) as client:
        say(client, "test.begin")
        hear(client, "response.created")
        gateway.child.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as caught:
            hear(client)
        assert caught.value.rcvd.code == 1001
    assert gateway.child.wait(10) == 0
    assert (records(tmp_path)[0]["error"], records(tmp_path)[0]["cost_nano_usd"]) == ("shutting_down", None)


def test_a_successor_takes_over_and_connections_are_closed_with_1012(provider, start, tmp_path):
    gateway = start(config_for(tmp_path, provider.port))
    with dial(gateway) as idle, dial(gateway) as busy:
        hear(idle)
        hear(busy)
        say(busy, "test.begin")
        hear(busy, "response.created")
        gateway.child.send_signal(signal.SIGUSR2)
        with pytest.raises(ConnectionClosed) as caught:
            hear(idle, timeout=20)
        assert caught.value.rcvd.code == 1012
        with dial(gateway) as new:  # from here on the successor takes them
            hear(new)
        say(busy, "test.end")
        hear(busy, "response.done")
        with pytest.raises(ConnectionClosed) as caught:
            hear(busy)
        assert caught.value.rcvd.code == 1012
    assert gateway.child.wait(20) == 0
    successor = int(re.search(r"SIGUSR2: process (\d+) starts", gateway.stderr())[1])
    os.kill(successor, signal.SIGTERM)
    found = records(tmp_path, 3)
    assert sorted(record["cost_nano_usd"] or 0 for record in found) == [0, 0, TALK_COST]


def test_a_reload_leaves_open_connections_alone(provider, gateway, tmp_path):
    with dial(gateway) as client:
        hear(client)
        changed = config_for(tmp_path, provider.port)
        changed["deployments"]["talk0"]["model"] = "gpt-next"
        assert gateway.reload(changed)[0] == 200
        say(client, "response.create")
        hear(client, "response.done")
        with dial(gateway) as other:
            hear(other)
    assert provider.sessions[1].path == "/v1/realtime?model=gpt-next"


# Responses over WebSockets


def respond(client, model="auto", **more):
    say(client, "response.create", model=model, input=[{"role": "user", "content": "Zwölf 🥊"}], **more)
    events = []
    while not events or events[-1]["type"] not in ("response.completed", "error"):
        events.append(hear(client))
    return events


def test_responses_name_their_model_in_the_first_event(gateway, provider, tmp_path):
    with dial(gateway, "/v1/responses", "") as client:
        first = respond(client)
        assert [event["type"] for event in first] == ["response.created", "response.output_text.delta", "response.completed"]
        assert first[-1]["response"]["usage"] == RESPONSE_USAGE
        again = respond(client, previous_response_id="resp_2")
        assert again[-1]["type"] == "response.completed"
    session = provider.sessions[0]
    assert session.done.wait(10) and session.path == "/v1/responses"
    assert [event["model"] for event in session.events] == ["gpt-realtime-0"] * 2
    assert session.events[1]["previous_response_id"] == "resp_2"
    (record,) = records(tmp_path)
    assert (record["path"], record["model_requested"], record["outcome"]) == ("/v1/responses", "auto", "ok")
    assert record["attempts"][0]["tokens"]["reasoning"] == 40
    assert record["cost_nano_usd"] == 2 * ANSWER_COST


def test_a_first_event_that_cannot_be_routed_is_answered_with_an_error(gateway, provider, tmp_path):
    for model, code in (("other", "model_not_found"), (None, "missing_required_parameter")):
        with dial(gateway, "/v1/responses", "") as client:
            say(client, "response.create", **({"model": model} if model else {}), input="x")
            error = hear(client)
            assert (error["type"], error["error"]["code"]) == ("error", code)
            with pytest.raises(ConnectionClosed) as caught:
                hear(client)
            assert caught.value.rcvd.code == 1008
    assert not provider.sessions
    assert [record["error"] for record in records(tmp_path, 2)] == ["model_not_found", "missing_required_parameter"]


def test_responses_fail_over_before_the_provider_has_accepted(start, tmp_path):
    good = RealtimeProvider()
    gateway = start(config_for(tmp_path, free_port(), good.port))
    with dial(gateway, "/v1/responses", "") as client:
        assert respond(client)[-1]["type"] == "response.completed"
    assert good.sessions[0].events[0]["model"] == "gpt-realtime-1"
    assert [attempt["end"] for attempt in records(tmp_path)[0]["attempts"]] == ["failed", "completed"]
    good.close()


def test_responses_without_a_provider_end_with_1011(start, tmp_path):
    with dial(start(config_for(tmp_path, free_port())), "/v1/responses", "") as client:
        error = respond(client)[-1]
        assert (error["status"], error["error"]["code"]) == (502, "upstream_unreachable")
        with pytest.raises(ConnectionClosed) as caught:
            hear(client)
    assert caught.value.rcvd.code == 1011
    assert records(tmp_path)[0]["outcome"] == "upstream_error"


def test_a_connection_without_a_first_event_ends_in_the_ledger(gateway, tmp_path):
    with dial(gateway, "/v1/responses", ""):
        pass
    assert records(tmp_path)[0]["outcome"] in ("ok", "cancelled")


# TLS on both sides


def test_both_sides_over_tls(start, tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    secure = RealtimeProvider(ssl=server)
    config = config_for(tmp_path, secure.port)
    config["providers"]["p0"] |= {"base_url": f"https://localhost:{secure.port}/v1", "ca_file": str(tmp_path / "cert.pem")}
    config["listen"] = {"tls": {"cert": str(tmp_path / "cert.pem"), "key": str(tmp_path / "key.pem")}}
    gateway = start(config)
    trust = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    with connect(f"wss://localhost:{gateway.port}/v1/realtime?model=auto", additional_headers=AUTH, ssl=trust, max_size=None) as client:
        hear(client)
        say(client, "response.create")
        hear(client, "response.done")
        say(client, "test.size", size=3_000_000)
        assert len(hear(client)["filler"]) == 3_000_000
        say(client, "session.update", session={"filler": "y" * 3_000_000})
        assert len(hear(client)["session"]["filler"]) == 3_000_000
    secure.close()


# The official SDKs


def test_openais_python_sdk_talks(gateway, provider):
    with OpenAI(api_key=KEY, base_url=f"{gateway.url}/v1").realtime.connect(model="auto") as connection:
        assert connection.recv().type == "session.created"
        connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        connection.conversation.item.create(item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Zwölf 🥊"}]})
        connection.response.create()
        texts = []
        for event in connection:
            if event.type == "response.output_text.delta":
                texts.append(event.delta)
            if event.type == "response.done":
                assert event.response.usage.total_tokens == 253
                break
        assert "".join(texts) == "Zwölf Boxkämpfer 🥊"


def test_openais_python_sdk_gets_responses(gateway):
    with OpenAI(api_key=KEY, base_url=f"{gateway.url}/v1").responses.connect() as connection:
        connection.response.create(model="auto", input="Zwölf 🥊")
        for event in connection:
            if event.type == "response.completed":
                assert event.response.usage.total_tokens == 123
                break


def test_openais_async_python_sdk_talks(gateway):
    import asyncio

    async def talk():
        client = AsyncOpenAI(api_key=KEY, base_url=f"{gateway.url}/v1")
        async with client.realtime.connect(model="auto") as connection:
            await connection.response.create()
            async for event in connection:
                if event.type == "response.done":
                    return event.response.usage.total_tokens

    assert asyncio.run(talk()) == 253


def test_node(gateway, provider):
    folder = ROOT / "build/e2e-node-ws"
    if not shutil.which("npm"):
        pytest.skip("no Node here")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "tests/e2e/node-ws", folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    if not (folder / "node_modules/ws").is_dir():
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], cwd=folder, capture_output=True, text=True, timeout=300)
        if done.returncode:
            pytest.skip(f"npm install: {done.stderr[-300:]}")
    done = subprocess.run(
        ["node", "talk.mjs"], cwd=folder, env={**os.environ, "BASE": gateway.url, "KEY": KEY}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == {
        "ws": "Zwölf Boxkämpfer 🥊", "subprotocol": "realtime", "close": [4001, "done"], "responses": 123, "refused": 401,
    }  # fmt: skip
    assert all(KEY not in session.all() for session in provider.sessions)
