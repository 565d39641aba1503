"""The front on raw sockets: HTTP/1.1 as RFC 9112 has it and no looser, bounds, and connections that misbehave."""

import base64
import json
import re
import socket
import time

import pytest

from gateway import KEY, SHARED, Gateway, config_for, request, wait_for
from upstream import Upstream, response

ANSWER = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "sim-small",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}  # fmt: skip
CHAT = json.dumps({"model": "auto", "messages": [{"role": "user", "content": "hi"}]}).encode()
# What an honest refusal may say; 404 and the like would mean that the request was taken for a good one.
REFUSALS = {400, 408, 413, 414, 417, 431, 501, 505}


def vectors(name):
    path = SHARED / "data/http" / name
    return json.loads(path.read_text()) if path.is_file() else None


VECTORS = vectors("request_vectors.json")
needs_vectors = pytest.mark.skipif(VECTORS is None, reason=f"no {SHARED}/data/http/request_vectors.json (set TRIAGE_SHARED)")


@pytest.fixture(scope="module")
def upstream():
    provider = Upstream(lambda seen: response(json.dumps(ANSWER).encode()))
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def gateway(upstream, tmp_path_factory):
    """Without keys, so that no refusal is owed to a missing one, and with short deadlines."""
    config = config_for(upstream.port, keys=[], limits=SHORT)
    process = Gateway(config, tmp_path_factory.mktemp("wire"))
    yield process
    assert process.stop() == 0, process.stderr()


SHORT = {"head_timeout": "1s", "body_idle": "1s", "keep_alive_idle": "2s", "body": "1MiB"}


class Wire:
    """A connection to the gateway."""

    def __init__(self, port, timeout=8):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.closed = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data, one_by_one=False):
        """Sends all that the other side takes."""
        try:
            if one_by_one:
                for index in range(len(data)):
                    self.socket.sendall(data[index : index + 1])
            else:
                self.socket.sendall(data)
        except OSError:
            pass

    def receive(self):
        """Reads once; False when the other side has closed."""
        try:
            piece = self.socket.recv(65536)
        except TimeoutError:
            raise AssertionError(f"nothing came and nothing closed; so far: {self.received[-500:]!r}") from None
        except ConnectionResetError:
            piece = b""
        self.received += piece
        self.closed = not piece
        return bool(piece)

    def until_closed(self):
        while self.receive():
            pass
        return self.received

    def response(self, head_only=False):
        """The next response: (status, {name: value}, body)."""
        while b"\r\n\r\n" not in self.received:
            assert self.receive(), f"closed before a response: {self.received!r}"
        head, _, rest = self.received.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = int(re.match(r"HTTP/1\.1 (\d{3}) ", lines[0]).group(1))
        fields = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        length = 0 if head_only or status in (100, 204, 304) else int(fields["content-length"])
        while len(rest) < length:
            assert self.receive(), "closed inside a body"
            rest = self.received.partition(b"\r\n\r\n")[2]
        self.received = rest[length:]
        return status, fields, rest[:length]


def responses(received):
    """Statuses and bodies of a whole connection, as far as they are framed by length."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status = int(re.match(rb"HTTP/1\.1 (\d{3}) ", head).group(1))
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
        count = int(length.group(1)) if length else 0
        if status >= 200:
            found.append((status, rest[:count]))
        received = rest[count:]
    return found


def chat(extra=b"", body=CHAT):
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
        + extra + b"Content-Length: %d\r\n\r\n" % len(body) + body
    )  # fmt: skip


def send_vector(gateway, data, one_by_one=False):
    """All responses of a connection on which `data` was sent, and no more."""
    with Wire(gateway.port) as wire:
        wire.send(data, one_by_one)
        return responses(wire.until_closed())


def aimed(data):
    """The same request at an API path, if its request line has the usual form: what slips through reaches the provider."""
    return re.sub(rb"\A(\w+) \S+ (HTTP/1\.[01]\r\n)", rb"POST /v1/chat/completions \2", data, count=1)


def is_refused(vector, found):
    """Every answer but the last belongs to a good request ahead of the bad one."""
    good = len(vector["judge"]["requests"])
    return bool(found) and found[-1][0] in REFUSALS and len(found) <= good + 1


@needs_vectors
@pytest.mark.parametrize("aim", [False, True], ids=["as written", "at the API"])
def test_rejected_vectors(gateway, upstream, aim):
    wrong = []
    for vector in VECTORS:
        if vector["judge"]["outcome"] != "reject":
            continue
        data = base64.b64decode(vector["b64"])
        before = len(upstream.requests)
        found = send_vector(gateway, aimed(data) if aim else data)
        if not is_refused(vector, found) or (len(upstream.requests) > before and not vector["judge"]["requests"]):
            wrong.append(f"{vector['id']}: {[status for status, _ in found]}, {len(upstream.requests) - before} upstream: {data[:160]!r} ({vector['judge']['reason']})")
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:20])


def test_refusals_are_errors_of_the_api(gateway):
    [(status, body)] = send_vector(gateway, b"GET /v1/models HTTP/1.1\r\nHost : a\r\n\r\n")
    error = json.loads(body)["error"]
    assert status == 400
    assert set(error) == {"message", "type", "param", "code"} and error["code"] == "malformed_http"


def was_accepted(vector, found):
    good = vector["judge"]["requests"]
    answers = found[: len(good)]
    return len(answers) == len(good) and all(b'"malformed_http"' not in body and status not in {408, 431, 505} for status, body in answers)


@needs_vectors
def test_accepted_vectors(gateway):
    """They may ask for what does not exist, but they are HTTP. Those with more fields than limits.head_fields are left out."""
    wrong = []
    for vector in VECTORS:
        if vector["judge"]["outcome"] == "accept" and all(good["n_headers"] <= 100 for good in vector["judge"]["requests"]):
            data = base64.b64decode(vector["b64"])
            with Wire(gateway.port) as wire:
                wire.send(data)
                wire.socket.shutdown(socket.SHUT_WR)
                found = responses(wire.until_closed())
            if not was_accepted(vector, found):
                wrong.append(f"{vector['id']}: {found} for {data[:200]!r}")
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:20])


@needs_vectors
def test_incomplete_vectors_end(gateway):
    wrong = []
    waiting = []
    for vector in VECTORS:
        if vector["judge"]["outcome"] == "incomplete":
            wire = Wire(gateway.port)
            wire.send(base64.b64decode(vector["b64"]))
            waiting.append((vector, wire))
    for vector, wire in waiting:
        with wire:
            found = responses(wire.until_closed())
        if found and found[-1][0] not in REFUSALS | {401, 404, 405}:
            wrong.append(f"{vector['id']}: {found}")
    assert not wrong, "\n".join(wrong)


@needs_vectors
def test_one_byte_at_a_time(gateway):
    wrong = []
    for index, vector in enumerate(VECTORS):
        if index % 7 or vector["judge"]["outcome"] != "reject" or len(vector["b64"]) > 2000:
            continue
        data = base64.b64decode(vector["b64"])
        found, whole = send_vector(gateway, data, one_by_one=True), send_vector(gateway, data)
        if [status for status, _ in found] != [status for status, _ in whole]:
            wrong.append(f"{vector['id']}: {found}, whole {whole}")
    assert not wrong, "\n".join(wrong)


def test_byte_at_a_time_good_request(gateway):
    with Wire(gateway.port) as wire:
        wire.send(chat(), one_by_one=True)
        assert wire.response()[0] == 200


def test_keep_alive_and_pipelining(gateway):
    with Wire(gateway.port) as wire:
        wire.send(chat() + b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n" + b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n" + chat())
        answers = [wire.response() for _ in range(4)]
        assert [status for status, _, _ in answers] == [200, 200, 404, 200]
        assert json.loads(answers[0][2])["object"] == "chat.completion" and json.loads(answers[1][2])["object"] == "list"
        assert len({fields["x-request-id"] for _, fields, _ in answers}) == 4
        wire.send(chat(b"Connection: close\r\n"))
        assert wire.response()[0] == 200
        assert wire.until_closed() == b""


def test_http_10_closes(gateway):
    with Wire(gateway.port) as wire:
        wire.send(b"GET /v1/models HTTP/1.0\r\n\r\n")
        assert responses(wire.until_closed())[0][0] == 200


def test_chunked_body(gateway, upstream):
    chunks = b"".join(b"%x;note=1\r\n%s\r\n" % (len(part), part) for part in (CHAT[:5], CHAT[5:])) + b"0\r\nx-trailer: 1\r\n\r\n"
    with Wire(gateway.port) as wire:
        wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + chat())
        assert wire.response()[0] == 200
        assert wire.response()[0] == 200
    seen = upstream.requests[-2]
    assert int(seen.field(b"content-length")) == len(seen.body) and seen.field(b"transfer-encoding") is None
    assert seen.field(b"x-trailer") is None


def test_hop_by_hop_fields_stay_here(gateway, upstream):
    with Wire(gateway.port) as wire:
        wire.send(chat(b"Connection: keep-alive, X-Private\r\nX-Private: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Authorization: x\r\nAuthorization: Bearer client\r\n"))
        assert wire.response()[0] == 200
    seen = upstream.requests[-1]
    for name in (b"x-private", b"keep-alive", b"te", b"proxy-authorization", b"proxy-connection"):
        assert seen.field(name) is None, name
    assert b"Bearer client" not in [value for _, value in seen.fields]


def test_body_goes_upstream_as_written(gateway, upstream):
    body = b'{ "unknown":1.50e+01 ,"messages":[{"role":"user","content":"\\u00e9\\/"}],"model" : "auto", "seed":12345678901234567890 }'
    with Wire(gateway.port) as wire:
        wire.send(chat(body=body))
        assert wire.response()[0] == 200
    assert upstream.requests[-1].body == body.replace(b'"auto"', b'"sim-small"')


def test_expect_continue(gateway):
    head, _, body = chat(b"Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    with Wire(gateway.port) as wire:
        wire.send(head + b"\r\n\r\n")
        assert wire.response()[0] == 100
        wire.send(body)
        assert wire.response()[0] == 200


def test_head(gateway):
    with Wire(gateway.port) as wire:
        wire.send(b"HEAD /v1/models HTTP/1.1\r\nHost: a\r\n\r\n")
        status, fields, _ = wire.response(head_only=True)
        assert status == 200 and int(fields["content-length"]) > 0
        wire.send(chat())
        assert wire.response()[0] == 200, "the next response begins right behind the head"


def test_cors(start, upstream):
    gateway = start(config_for(upstream.port, listen={"cors": {"origins": ["https://app.example"]}}))
    preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    status, fields, _ = gateway.request("OPTIONS", "/v1/chat/completions", headers=preflight, key=None)
    assert status in (200, 204) and fields["access-control-allow-origin"] == "https://app.example"
    assert "POST" in fields["access-control-allow-methods"] and "authorization" in fields["access-control-allow-headers"].lower()
    _, fields, _ = gateway.request("GET", "/v1/models", headers={"Origin": "https://app.example"})
    assert fields["access-control-allow-origin"] == "https://app.example"
    _, fields, _ = gateway.request("GET", "/v1/models", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in fields


def test_dripping_head_ends_in_time(gateway):
    began = time.monotonic()
    with Wire(gateway.port) as wire:
        wire.socket.settimeout(0.1)
        while time.monotonic() - began < 4 and not wire.closed:
            wire.send(b"GET /v1/models HTTP/1.1\r\nHost: a\r\nX-Drip: "[: 1 + int((time.monotonic() - began) * 10)][-1:])
            try:
                wire.receive()
            except AssertionError:
                pass
        assert wire.closed and 0.8 < time.monotonic() - began < 3
        assert responses(wire.received)[0][0] == 408


def test_stalled_body_ends_in_time(gateway):
    began = time.monotonic()
    with Wire(gateway.port) as wire:
        wire.send(chat()[:-1])
        assert responses(wire.until_closed())[0][0] == 408
    assert 0.8 < time.monotonic() - began < 3


def test_idle_connection_is_closed(gateway):
    began = time.monotonic()
    with Wire(gateway.port) as wire:
        wire.send(chat())
        assert wire.response()[0] == 200
        assert wire.until_closed() == b"", "silently"
    assert 1.8 < time.monotonic() - began < 4


@pytest.mark.parametrize("chunked", [False, True])
def test_body_too_large(gateway, upstream, chunked):
    before = len(upstream.requests)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"
    with Wire(gateway.port) as wire:
        if chunked:
            wire.send(head + b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n%s\r\n" % (b"x" * 65536) * 17)
        else:
            wire.send(head + b"Content-Length: 1048577\r\n\r\n")
        status, body = responses(wire.until_closed())[-1]
    assert status == 413 and json.loads(body)["error"]["code"] == "body_too_large"
    assert len(upstream.requests) == before


@pytest.mark.parametrize(
    "fields, status",
    [(b"X-Long: " + b"a" * 17000 + b"\r\n", 431), (b"".join(b"X-%d: 1\r\n" % n for n in range(101)), 431), (b"Expect: tea\r\n", 417)],
    ids=["long", "many", "expectation"],
)
def test_heads_that_are_refused(gateway, fields, status):
    assert send_vector(gateway, b"GET /v1/models HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n")[-1][0] == status


def test_target_too_long(gateway):
    assert send_vector(gateway, b"GET /" + b"a" * 17000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")[-1][0] == 414


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"{}", b'{"model":"auto"}{', b'{"model":"auto","model":"sim-large"}', b'{"model":"au\xffto"}', b'{"model":7}',
     b'{"model":"auto","a":' + b"[" * 5000 + b"]" * 5000 + b"}"],
)  # fmt: skip
def test_bodies_that_are_refused(gateway, upstream, body):
    before = len(upstream.requests)
    with Wire(gateway.port) as wire:
        wire.send(chat(body=body))
        status, _, answer = wire.response()
        assert status == 400 and set(json.loads(answer)["error"]) == {"message", "type", "param", "code"}
        wire.send(chat())
        assert wire.response()[0] == 200, "the connection goes on"
    assert len(upstream.requests) == before + 1


def test_too_many_in_flight(start, simulator):
    gateway = start(config_for(simulator.port, limits={"requests_in_flight": 2}))
    waiting = [Wire(gateway.port) for _ in range(2)]
    for wire in waiting:
        wire.send(chat(b"Authorization: Bearer %s\r\nx-simulate: delay-ms=3000\r\n" % KEY.encode()))
    wait_for(lambda: gateway.in_flight() == 2, 2, "two requests are in flight")
    began = time.monotonic()
    status, fields, body = gateway.request("POST", "/v1/chat/completions", CHAT)
    assert time.monotonic() - began < 0.5
    assert status == 503 and int(fields["retry-after"]) >= 1 and json.loads(body)["error"]["code"] == "overloaded"
    for wire in waiting:
        wire.socket.close()
    wait_for(lambda: gateway.in_flight() == 0, 1, "requests end after their clients have gone")
    assert gateway.request("POST", "/v1/chat/completions", CHAT)[0] == 200


def test_too_many_connections(start, upstream):
    gateway = start(config_for(upstream.port, limits={"connections": 4}))
    held = [Wire(gateway.port) for _ in range(4)]
    wait_for(lambda: gateway.metric("triage_connections_open", listener="gateway") == 4, 2, "four connections are open")
    with Wire(gateway.port) as wire:
        assert all(status == 503 for status, _ in responses(wire.until_closed()))
    for wire in held:
        wire.socket.close()
    wait_for(lambda: gateway.metric("triage_connections_open", listener="gateway") == 0, 2, "connections are closed")
    assert gateway.request("GET", "/v1/models")[0] == 200


def test_client_that_does_not_read(start, tmp_path):
    """Neither memory nor the provider is held for longer than the write stall."""
    event = b"data: " + json.dumps({"id": "1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "x" * 60000}}]}).encode() + b"\n\n"
    stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + event * 1000
    provider = Upstream(lambda seen: stream)
    gateway = start(config_for(provider.port, limits={"write_stall": "1s"}))
    before = gateway.memory_kib()
    body = CHAT.replace(b"}]}", b'}],"stream":true}')
    with Wire(gateway.port) as wire:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.send(chat(b"Authorization: Bearer %s\r\n" % KEY.encode(), body))
        wait_for(lambda: gateway.in_flight() == 1, 2, "the request is in flight")
        time.sleep(0.5)
        assert gateway.memory_kib() - before < 20_000
        wait_for(lambda: gateway.in_flight() == 0, 5, "the stalled client is dropped")
    provider.close()


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", b"stream"], ids=["waiting", "whole", "streamed"])
def test_client_that_leaves_ends_the_call(start, sent):
    """In every phase the provider sees its connection closed within a second."""
    event = b'data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'
    streamed = sent == b"stream"
    if streamed:
        sent = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(event), event)
    provider = Upstream(lambda seen: sent)
    gateway = start(config_for(provider.port))
    body = CHAT.replace(b"}]}", b'}],"stream":true}') if streamed else CHAT
    with Wire(gateway.port) as wire:
        wire.send(chat(b"Authorization: Bearer %s\r\n" % KEY.encode(), body))
        wait_for(lambda: provider.requests and provider.open == 1, 2, "the provider is asked")
        time.sleep(0.1)
        if streamed:
            assert wire.receive()
        assert provider.open == 1 and gateway.in_flight() == 1
    wait_for(lambda: provider.open == 0, 1, "the provider's connection is closed")
    wait_for(lambda: gateway.in_flight() == 0, 1, "the request has ended")
    provider.close()


def test_clients_that_leave_early(gateway):
    """A reset in the middle of a body, and at once after connecting: nothing stays behind."""
    for data in (b"", b"GET", chat()[:-5]):
        wire = Wire(gateway.port)
        wire.send(data)
        wire.socket.close()
    wait_for(lambda: gateway.in_flight() == 0, 2, "no request is left")
    assert gateway.request("GET", "/v1/models", key=None)[0] == 200


def test_drain(simulator, tmp_path):
    """A request in flight when the gateway is told to stop still gets its answer."""
    gateway = Gateway(config_for(simulator.port), tmp_path)
    with Wire(gateway.port) as wire:
        wire.send(chat(b"Authorization: Bearer %s\r\nx-simulate: delay-ms=700\r\n" % KEY.encode()))
        wait_for(lambda: gateway.in_flight() == 1, 2, "the request is in flight")
        gateway.child.send_signal(2)
        assert wire.response()[0] == 200
    assert gateway.stop() == 0


def test_admin(gateway):
    assert request(gateway.admin_port, "GET", "/health/live", key=None)[0] == 200
    assert request(gateway.admin_port, "GET", "/health/ready", key=None)[0] == 200
    status, fields, body = request(gateway.admin_port, "GET", "/metrics", key=None)
    assert status == 200 and fields["content-type"].startswith("text/plain; version=0.0.4")
    for line in body.decode().splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .*|[a-zA-Z_:][\w:]*(\{.*\})? [-+.\w]+", line), line
    assert request(gateway.port, "GET", "/metrics", key=None)[0] == 404, "only on the admin address"
