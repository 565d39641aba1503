"""TLS on both sides: the listener's certificate and its renewal, the provider's certificate and its checks."""

import http.client
import http.server
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

from gateway import BINARY, KEY, config_for, wait_for

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl command to make certificates with")

BODY = json.dumps({"model": "auto", "messages": [{"role": "user", "content": "hi"}]})
ANSWER = json.dumps({"id": "x", "object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}}]}).encode()


def certificate(folder, name, host="127.0.0.1"):
    """(certificate, key) files, self-signed for `host`."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    alternative = f"IP:{host}" if host[0].isdigit() else f"DNS:{host}"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-keyout", key, "-out", cert, "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


def ask(port, cert, maximum=None):
    """(status, subject of the certificate that was served)."""
    context = ssl.create_default_context(cafile=cert)
    if maximum:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = maximum
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=10)
    try:
        connection.connect()
        served = dict(part[0] for part in connection.sock.getpeercert()["subject"])["commonName"]
        connection.request("POST", "/v1/chat/completions", BODY, {"Authorization": f"Bearer {KEY}"})
        return connection.getresponse().status, served
    finally:
        connection.close()


def test_listener_serves_tls_and_takes_up_a_renewed_certificate(simulator, start, tmp_path):
    cert, key = certificate(tmp_path, "first")
    gateway = start(config_for(simulator.port, listen={"tls": {"cert": str(cert), "key": str(key)}}))
    assert ask(gateway.port, cert) == (200, "first")
    with pytest.raises(ssl.SSLError):
        ask(gateway.port, cert, ssl.TLSVersion.TLSv1_1)

    time.sleep(0.05)  # another modification time
    cert.write_text("no certificate at all")
    time.sleep(3)
    good = tmp_path / "kept.pem"
    second, second_key = certificate(tmp_path, "second")
    with pytest.raises(ssl.SSLError):  # the old certificate is still served, and `second` does not trust it
        ask(gateway.port, second)
    shutil.copy(second_key, key)
    shutil.copy(second, cert)
    shutil.copy(second, good)

    def renewed():
        try:
            return ask(gateway.port, good) == (200, "second")
        except ssl.SSLError:
            return False

    wait_for(renewed, 10, "the renewed certificate is served")


@pytest.fixture
def tls_provider(tmp_path):
    """start(host of the certificate) -> (port, certificate file)."""
    servers = []

    class Answer(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(ANSWER)))
            self.end_headers()
            self.wfile.write(ANSWER)

        def log_message(self, *_):
            pass

    def begin(host):
        cert, key = certificate(tmp_path, f"provider-{host}", host)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server.server_address[1], cert

    yield begin
    for server in servers:
        server.shutdown()


def provider_config(port, **more):
    config = config_for(port)
    config["providers"]["sim"].update(base_url=f"https://127.0.0.1:{port}/v1", **more)
    return config


def test_provider_over_tls_is_verified(start, tls_provider):
    port, cert = tls_provider("127.0.0.1")
    trusted = start(provider_config(port, ca_file=str(cert)))
    assert trusted.request("POST", "/v1/chat/completions", json.loads(BODY))[0] == 200
    untrusted = start(provider_config(port))
    status, _, body = untrusted.request("POST", "/v1/chat/completions", json.loads(BODY))
    assert status == 502
    assert json.loads(body)["error"]["code"] == "upstream_tls_failed"


def test_provider_with_another_hosts_certificate_is_refused(start, tls_provider):
    port, cert = tls_provider("other.example")
    gateway = start(provider_config(port, ca_file=str(cert)))
    status, _, body = gateway.request("POST", "/v1/chat/completions", json.loads(BODY))
    assert (status, json.loads(body)["error"]["code"]) == (502, "upstream_tls_failed")


@pytest.fixture
def tls_gateway(simulator, start, tmp_path):
    """start(**more of listen.tls) -> (gateway, certificate file)"""

    def begin(**more):
        cert, key = certificate(tmp_path, "listener")
        return start(config_for(simulator.port, listen={"tls": {"cert": str(cert), "key": str(key), **more}})), cert

    return begin


def handshake(port, cert, ciphers=None, version=None):
    """The suite that was agreed on, or None."""
    context = ssl.create_default_context(cafile=cert)
    if version:
        context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers + ":@SECLEVEL=0")
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
            return tls.cipher()[0]
    except (ssl.SSLError, ConnectionResetError):
        return None


def test_suites_are_those_of_rfc_9325(tls_gateway):
    gateway, cert = tls_gateway()
    old = ssl.TLSVersion.TLSv1_2
    assert handshake(gateway.port, cert, version=old) in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384")
    assert handshake(gateway.port, cert) in ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256")
    for weak in ("AES128-GCM-SHA256", "AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "AES256-SHA256"):
        assert handshake(gateway.port, cert, weak, old) is None, weak


def test_suites_and_versions_are_configurable(tls_gateway):
    gateway, cert = tls_gateway(ciphers="ECDHE-ECDSA-AES256-SHA384", min_version="1.2")
    assert handshake(gateway.port, cert, version=ssl.TLSVersion.TLSv1_2) == "ECDHE-ECDSA-AES256-SHA384"
    modern, cert = tls_gateway(min_version="1.3")
    assert handshake(modern.port, cert, version=ssl.TLSVersion.TLSv1_2) is None
    assert handshake(modern.port, cert) is not None


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH", "PRI"])
def test_plain_http_on_a_tls_port_is_told_so(tls_gateway, method):
    gateway, cert = tls_gateway()
    with socket.create_connection(("127.0.0.1", gateway.port), 10) as connection:
        connection.sendall(f"{method} /v1/models HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 400 ") and b"https://" in answer
    assert ask(gateway.port, cert)[0] == 200


def test_an_early_answer_to_an_upload_under_tls(tls_gateway):
    gateway, cert = tls_gateway()
    context = ssl.create_default_context(cafile=cert)
    for _ in range(3):
        connection = http.client.HTTPSConnection("127.0.0.1", gateway.port, context=context, timeout=30)
        connection.request("POST", "/v1/chat/completions", b"x" * 25_000_000, {"Authorization": "Bearer wrong"})
        response = connection.getresponse()
        assert response.status == 401 and json.loads(response.read())["error"]["code"] == "invalid_api_key"
        connection.close()


def test_a_silent_client_of_a_tls_port_is_dropped(simulator, start, tmp_path):
    cert, key = certificate(tmp_path, "listener")
    listen = {"tls": {"cert": str(cert), "key": str(key)}}
    gateway = start(config_for(simulator.port, listen=listen, limits={"head_timeout": "500ms"}))
    for first in (b"", b"\x16\x03\x01"):
        with socket.create_connection(("127.0.0.1", gateway.port), 10) as connection:
            connection.sendall(first)
            connection.settimeout(5)
            assert connection.recv(1) == b""
    assert gateway.metric("triage_limit_hits_total", listener="gateway", limit="head_timeout") == 2


def check(config, tmp_path):
    path = tmp_path / "checked.yaml"
    path.write_text(json.dumps(config, indent=1))
    return subprocess.run([BINARY, "check", path], capture_output=True, text=True, timeout=20)


def test_check_finds_what_serve_would(tmp_path):
    cert, key = certificate(tmp_path, "one")
    _, other = certificate(tmp_path, "two")
    locked = tmp_path / "locked.key"
    subprocess.run(["openssl", "pkey", "-in", key, "-aes128", "-passout", "pass:x", "-out", locked], check=True, capture_output=True)
    empty = tmp_path / "empty.pem"
    empty.write_text("-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n")

    def told(**tls):
        config = config_for(1, listen={"tls": {"cert": str(cert), "key": str(key), **{name: str(value) for name, value in tls.items()}}})
        done = check(config, tmp_path)
        messages = done.stderr.splitlines()
        return done.returncode, "\n".join(line for line in messages if "price" not in line)

    assert told() == (0, "")
    for tls, why in [
        ({"key": other}, "does not belong to certificate"),
        ({"key": locked}, "is encrypted"),
        ({"cert": empty}, "cannot use certificate chain"),
        ({"ciphers": "nonsense"}, "names no suite"),
        ({"min_version": "1.1"}, "1.1"),
    ]:
        code, messages = told(**tls)
        assert code == 1 and re.match(r"\S+checked.yaml:\d+:\d+: error: ", messages) and why in messages, messages
    code, messages = told(ciphers="AES128-SHA")
    assert code == 0 and "warning: listen.tls.ciphers has AES128-SHA" in messages
    config = config_for(1)
    config["providers"]["sim"].update(base_url="https://127.0.0.1:1/v1", ca_file=str(empty))
    done = check(config, tmp_path)
    assert done.returncode == 1 and "providers.sim.ca_file: cannot use" in done.stderr, done.stderr
