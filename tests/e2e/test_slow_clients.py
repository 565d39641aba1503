"""Clients that send slowly, or much, or end their side early: what they get, and what everyone else still gets."""

import http.client
import json
import socket
import time

import pytest

from gateway import KEY, config_for, request, wait_for

CHAT = json.dumps({"model": "auto", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 4}).encode()


def head(length, path="/v1/chat/completions", key=KEY, more=""):
    return (
        f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n{more}"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def connect(gateway):
    return socket.create_connection(("127.0.0.1", gateway.port), 30)


def until_closed(connection):
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


def asks(gateway):
    return gateway.request("POST", "/v1/chat/completions", json.loads(CHAT))[0]


def test_slow_bodies_take_no_places(simulator, start):
    gateway = start(config_for(simulator.port, limits={"requests_in_flight": 20, "body_idle": "3s"}))
    slow = [connect(gateway) for _ in range(200)]
    for connection in slow:
        connection.sendall(head(100) + b"{")
    time.sleep(0.3)
    assert gateway.in_flight() == 0
    assert [asks(gateway) for _ in range(5)] == [200] * 5
    until = time.monotonic() + 6
    left = list(slow)
    while left and time.monotonic() < until:  # one more byte each second keeps none of them
        time.sleep(1)
        for connection in left:
            try:
                connection.sendall(b" ")
            except OSError:
                pass
        left = [connection for connection in left if not answered(connection)]
    assert left == []
    assert gateway.metric("triage_limit_hits_total", listener="gateway", limit="body_rate") == 200


def answered(connection):
    connection.setblocking(False)
    try:
        return connection.recv(12) in (b"HTTP/1.1 408", b"")
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.setblocking(True)


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_half_sent_bodies_have_one_bound(simulator, start, chunked):
    gateway = start(config_for(simulator.port, limits={"bodies_total": "64MiB"}))
    before = gateway.memory_kib()
    piece = b"x" * (19 << 20)
    framing = "Transfer-Encoding: chunked\r\n" if chunked else ""
    first = head(20 << 20) if not chunked else head(0, more=framing).replace(b"Content-Length: 0\r\n", b"")
    held, refused = [], 0
    for _ in range(16):
        connection = connect(gateway)
        try:
            connection.sendall(first + (b"%x\r\n" % (20 << 20) if chunked else b"") + piece)
        except OSError:
            pass
        held.append(connection)
    time.sleep(1)
    for connection in held:
        connection.settimeout(0.3)
        try:
            answer = connection.recv(4096)
        except TimeoutError:
            continue
        assert status_of(answer) == 503 and b"limits.bodies_total" in answer and b"\r\nretry-after: " in answer
        refused += 1
    assert refused == 16 - 3
    assert gateway.metric("triage_limit_hits_total", listener="gateway", limit="bodies_total") == refused
    assert gateway.metric("triage_bodies_held_bytes", listener="gateway") <= 64 << 20
    assert gateway.memory_kib() - before < 200 << 10
    assert asks(gateway) == 200  # small ones are not touched
    for connection in held:
        connection.close()
    wait_for(lambda: gateway.metric("triage_bodies_held_bytes", listener="gateway") == 0, 5, "the room is free again")


@pytest.mark.parametrize("what", ["too large", "no key", "no path"])
def test_an_early_answer_to_an_upload_is_read_by_http_client(simulator, start, what):
    gateway = start(config_for(simulator.port))
    path = "/v1/nothing/here" if what == "no path" else "/v1/chat/completions"
    key = "wrong" if what == "no key" else KEY
    for _ in range(5):
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
        connection.request("POST", path, b"x" * 25_000_000, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
        response = connection.getresponse()
        assert response.status == {"too large": 413, "no key": 401, "no path": 404}[what]
        assert json.loads(response.read())["error"]["code"]
        connection.close()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_half_closing_client_gets_its_answer(simulator, start, stream):
    gateway = start(config_for(simulator.port))
    body = json.dumps({**json.loads(CHAT), "stream": stream}).encode()
    with connect(gateway) as connection:
        connection.sendall(head(len(body)) + body)
        connection.shutdown(socket.SHUT_WR)
        answer = until_closed(connection)
    assert status_of(answer) == 200
    assert (b"data: [DONE]" if stream else b'"finish_reason"') in answer


def test_two_pipelined_requests_before_a_half_close(simulator, start):
    gateway = start(config_for(simulator.port))
    with connect(gateway) as connection:
        connection.sendall(2 * (head(len(CHAT)) + CHAT))
        connection.shutdown(socket.SHUT_WR)
        answer = until_closed(connection)
    assert answer.count(b"HTTP/1.1 200 ") == 2


def test_the_admin_address_is_read_under_its_own_names_only(simulator, start):
    gateway = start(config_for(simulator.port, admin={"hosts": ["ops.internal"]}))

    def ask(host, path="/admin/config"):
        return request(gateway.admin_port, "GET", path, headers={"Host": host}, key=None)[0]

    assert [ask(host) for host in ("localhost", f"127.0.0.1:{gateway.admin_port}", "[::1]:1", "OPS.internal:9090")] == [200] * 4
    assert [ask(host) for host in ("evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1")] == [421] * 4
    assert ask("evil.example", "/metrics") == ask("evil.example", "/health/live") == 421
    config = config_for(simulator.port, admin={"hosts": ["other.internal"]})
    assert gateway.reload(config)[0] == 200
    assert ask("ops.internal") == 421 and ask("other.internal") == 200


@pytest.mark.parametrize("method", ["CONNECT", "TRACE"])
def test_methods_of_proxies(simulator, start, method):
    config = config_for(simulator.port)
    config["routes"]["passing"] = {"match": {"paths": ["/v1/*"]}, "tiers": {"small": ["sim-small"]}}
    gateway = start(config)
    with connect(gateway) as connection:
        target = "a:443" if method == "CONNECT" else "/v1/files"
        connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: a:443\r\nConnection: close\r\n\r\n".encode())
        answer = until_closed(connection)
    assert status_of(answer) == 405 and b"\r\nallow: GET, HEAD, POST" in answer
    status, fields, _ = gateway.request("GET", "/v1/chat/completions")
    assert (status, fields["allow"]) == (405, "POST")
