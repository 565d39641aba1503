"""TLS on both sides: the listener's certificate and its renewal, the provider's certificate and its checks."""

import http.client
import http.server
import json
import shutil
import ssl
import subprocess
import threading
import time

import pytest

from gateway import KEY, config_for, wait_for

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
