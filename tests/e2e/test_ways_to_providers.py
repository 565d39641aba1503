"""How providers are reached and who is asked: several keys, ordered tiers, cheaper tiers in the end, proxies with a
password and from the environment, client certificates."""

import base64
import http.server
import json
import os
import shutil
import socket
import ssl
import threading

import pytest

from gateway import Gateway, request, wait_for
from test_tls import certificate
from upstream import Upstream, response

ASK = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
FIRST, SECOND = "sk-first-0123456789", "sk-second-0123456789"


def answer(model="m"):
    return response(
        json.dumps(
            {
                "id": "x",
                "object": "chat.completion",
                "model": model,
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            }
        ).encode()
    )


def refusal(status, extra=b""):
    return response(b'{"error":{"message":"no"}}', status=status, extra=extra)


def config(provider, route=None, deployments=("a", "b", "c"), **more):
    return {
        "providers": {"p": provider},
        "deployments": {name: {"provider": "p", "price": {"input": 1, "output": 1}} for name in deployments},
        "tiers": ["small", "large"],
        "routes": {
            "chat": {
                "match": {"models": ["auto"]},
                "tiers": {"small": ["c"], "large": ["a", "b"]},
                "routers": [{"fixed": {"tier": "large"}}],
                "retry": {"attempts": 1},
                **(route or {}),
            }
        },
        **more,
    }


def ask(gateway):
    status, headers, body = gateway.request("POST", "/v1/chat/completions", ASK, key=None)
    return status, headers, body.decode()


def failing(models):
    """Answers unless `models` has the one that is asked for."""
    return lambda seen: refusal("503 No") if json.loads(seen.body)["model"] in models else answer()


def records(folder):
    lines = []
    for segment in sorted((folder / "journal").glob("*.jsonl")):
        lines += [json.loads(line) for line in segment.read_text().splitlines()]
    return [line for line in lines if "kind" not in line]


@pytest.mark.parametrize("status", ["401 No", "403 No", "429 No"])
def test_a_key_that_is_refused_rests_and_another_is_used(start, tmp_path, status):
    bad = FIRST.encode()
    upstream = Upstream(lambda seen: refusal(status) if bad in seen.field(b"authorization") else answer())
    keys = [FIRST, {"name": "spare", "key": SECOND}]
    ledger = tmp_path / "ledger"
    gateway = start(
        config({"base_url": f"http://127.0.0.1:{upstream.port}/v1", "keys": keys}, ledger={"dir": str(ledger)})
    )
    for _ in range(4):
        code, headers, _ = ask(gateway)
        assert (code, headers["x-triage-tier"]) == (200, "large")
    used = [seen.field(b"authorization").split()[1].decode() for seen in upstream.requests]
    assert used == [FIRST, SECOND, SECOND, SECOND, SECOND]
    assert gateway.metric("triage_provider_key_rests_total", provider="p", key="1") == 1
    assert gateway.metric("triage_provider_key_calls_total", provider="p", key="spare") == 4
    wait_for(lambda: len(records(ledger)) == 4, 10, "the journal has the requests")
    first = records(ledger)[0]["attempts"]
    assert [each["provider_key"] for each in first] == ["1", "spare"]
    everything = gateway.stderr() + "".join(path.read_text() for path in (ledger / "journal").glob("*.jsonl"))
    everything += request(gateway.admin_port, "GET", "/admin/config", key=None)[2].decode()
    assert FIRST not in everything and SECOND not in everything
    assert gateway.logs("provider_key=1")
    upstream.close()


def test_a_listed_tier_asks_the_next_only_when_the_first_cannot(start):
    down = set()
    upstream = Upstream(lambda seen: failing(down)(seen))
    gateway = start(config({"base_url": f"http://127.0.0.1:{upstream.port}/v1"}, {"order": "listed"}))
    assert [ask(gateway)[1]["x-triage-deployment"] for _ in range(6)] == ["a"] * 6
    down.add("a")
    assert ask(gateway)[1]["x-triage-deployment"] == "b"
    down.clear()
    assert ask(gateway)[1]["x-triage-deployment"] == "a"
    upstream.close()


def test_a_limit_is_left_alone_and_the_next_of_a_listed_tier_is_asked(start):
    def limited(seen):
        return refusal("429 No", b"Retry-After: 60\r\n") if json.loads(seen.body)["model"] == "a" else answer()

    upstream = Upstream(limited)
    gateway = start(config({"base_url": f"http://127.0.0.1:{upstream.port}/v1"}, {"order": "listed"}))
    assert [ask(gateway)[1]["x-triage-deployment"] for _ in range(3)] == ["b"] * 3
    assert [json.loads(seen.body)["model"] for seen in upstream.requests] == ["a", "b", "b", "b"]
    upstream.close()


def test_cheaper_tiers_are_asked_only_by_the_routes_word(start, tmp_path):
    upstream = Upstream(failing({"a", "b"}))
    provider = {"base_url": f"http://127.0.0.1:{upstream.port}/v1"}
    gateway = start(config(provider))
    assert ask(gateway)[0] == 503
    ledger = tmp_path / "ledger"
    gateway = start(config(provider, {"fallback": "any"}, ledger={"dir": str(ledger)}))
    status, headers, _ = ask(gateway)
    assert (status, headers["x-triage-tier"], headers["x-triage-deployment"]) == (200, "small", "c")
    assert headers["x-triage-attempts"] == "3"
    assert gateway.metric("triage_cheaper_fallbacks_total", route="chat") == 1
    wait_for(lambda: records(ledger), 10, "the journal has the request")
    record = records(ledger)[0]
    assert record["tier"] == "small" and record["attempts"][-1]["cause"] == "fallback"
    assert "fell to 'small'" in record["chain"][0]["reason"]
    upstream.close()


class Proxy:
    """Answers CONNECT to any host by a tunnel to `port`, if it is told who asks."""

    def __init__(self, port, credentials=None):
        self.asked = []
        self.port_behind, self.credentials = port, credentials
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, client):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = client.recv(1)
            if not piece:
                return
            head += piece
        self.asked.append(head.decode())
        wanted = self.credentials and f"Proxy-Authorization: Basic {base64.b64encode(self.credentials.encode()).decode()}\r\n"
        if wanted and wanted not in head.decode():
            client.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            return client.close()
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        behind = socket.create_connection(("127.0.0.1", self.port_behind))
        for source, sink in ((client, behind), (behind, client)):
            threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def _copy(source, sink):
        try:
            while piece := source.recv(65536):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def test_a_proxy_gets_user_and_password_and_nobody_else_does(start, tmp_path):
    upstream = Upstream(lambda seen: answer())
    proxy = Proxy(upstream.port, "me:pa:ss-word")
    (tmp_path / "password").write_text("pa:ss-word\n")
    provider = {"base_url": "http://provider.test/v1", "proxy": f"http://127.0.0.1:{proxy.port}", "proxy_user": "me"}
    gateway = start(config({**provider, "proxy_password": f"${{file:{tmp_path}/password}}"}))
    assert ask(gateway)[0] == 200
    assert proxy.asked[0].startswith("CONNECT provider.test:80 HTTP/1.1\r\n")
    assert all(b"proxy-authorization" != name.lower() for seen in upstream.requests for name, _ in seen.fields)
    wrong = start(config({**provider, "proxy_password": "wrong-password"}))
    status, _, body = ask(wrong)
    assert status == 502 and wrong.logs("proxy_password")
    for text in (body, wrong.stderr(), gateway.stderr()):
        assert "wrong-password" not in text and "pa:ss-word" not in text
    upstream.close()


def test_the_environments_proxy_counts_by_choice(tmp_path, monkeypatch):
    upstream = Upstream(lambda seen: answer())
    proxy = Proxy(upstream.port, "user:secret")
    monkeypatch.setenv("http_proxy", f"http://user:secret@127.0.0.1:{proxy.port}")
    monkeypatch.setenv("no_proxy", "direct.test")
    of = lambda host, **more: config({"base_url": f"http://{host}/v1"}, {"timeouts": {"total": "3s"}}, **more)
    cases = [
        (of("provider.test", proxy_from_environment=True), 200),
        (of("provider.test"), 502),
        (of("direct.test", proxy_from_environment=True), 502),
    ]
    for number, (each, expected) in enumerate(cases):
        gateway = Gateway(each, tmp_path, f"proxied{number}")
        status, _, body = ask(gateway)
        assert status == expected, body
        assert "secret" not in gateway.stderr() + body
        assert gateway.stop() == 0
    assert len(proxy.asked) == 1
    upstream.close()


class Mutual:
    """An HTTPS provider that asks its clients for a certificate signed by `trusted`."""

    def __init__(self, own, trusted):
        self.names = []
        mutual = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                subject = dict(part[0] for part in self.connection.getpeercert()["subject"])
                mutual.names.append(subject["commonName"])
                self.rfile.read(int(self.headers["content-length"]))
                head, _, body = answer().partition(b"\r\n\r\n")
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*own)
        context.verify_mode = ssl.CERT_REQUIRED
        for each in trusted:
            context.load_verify_locations(each)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl command to make certificates with")
def test_a_client_certificate_is_shown_and_its_renewal_too(start, tmp_path):
    own = certificate(tmp_path, "server")
    old, new = certificate(tmp_path, "old", "gateway.test"), certificate(tmp_path, "new", "gateway.test")
    stranger = certificate(tmp_path, "stranger", "gateway.test")
    upstream = Mutual(own, [old[0], new[0]])
    files = {"client_cert": str(tmp_path / "used.pem"), "client_key": str(tmp_path / "used.key")}

    def show(pair):
        for source, target in zip(pair, files.values()):
            shutil.copy(source, target + ".part")
            os.replace(target + ".part", target)

    show(old)
    provider = {"base_url": f"https://127.0.0.1:{upstream.port}/v1", "ca_file": str(own[0])}
    gateway = start(config({**provider, "tls": files}))
    assert ask(gateway)[0] == 200
    show(new)
    assert ask(gateway)[0] == 200
    assert upstream.names == ["old", "new"]
    show(stranger)
    assert ask(gateway)[0] == 502
    assert gateway.logs("did not take the gateway's")
    none = start(config(provider))
    assert ask(none)[0] == 502
    assert none.logs("asks for a client certificate, and the gateway has none")
    upstream.close()
