"""The binary under test as child processes, and requests to it without an SDK."""

import hashlib
import http.client
import json
import os
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("TRIAGE_BINARY", ROOT / "build/release/src/app/triage"))
SHARED = pathlib.Path(os.environ.get("TRIAGE_SHARED", ROOT.parent / "shared"))

KEY = "tk-e2e-" + secrets.token_hex(16)
PROVIDER_KEY = "sk-upstream-" + secrets.token_hex(16)


def free_port(but=0):
    """One that nobody listens on, another than `but`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return port if port != but else free_port(but)


def wait_for(condition, seconds, what):
    """Polls until `condition()` is true; returns how long that took."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)
    return time.monotonic() - started


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Process:
    """`triage ARGUMENTS`, its output in files, stopped by SIGINT: it must then end with 0."""

    def __init__(self, arguments, log, ports, env=None):
        self.log = log
        self.out = open(log.with_suffix(".out"), "wb")
        self.err = open(log.with_suffix(".err"), "wb")
        self.child = subprocess.Popen(
            [BINARY, *arguments], stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err, env={**os.environ, **(env or {})}
        )
        for port in ports:
            wait_for(lambda: self.ended() or accepts(port), 15, f"{arguments} listens on port {port}")
        if self.ended():
            raise AssertionError(f"triage {' '.join(map(str, arguments))} ended with {self.child.returncode}:\n{self.stderr()}")

    def ended(self):
        return self.child.poll() is not None

    def stdout(self):
        return self.log.with_suffix(".out").read_text(errors="replace")

    def stderr(self):
        return self.log.with_suffix(".err").read_text(errors="replace")

    def logs(self, text, seconds=5):
        """Waits until the log says `text`: it is written beside the answers. Returns true."""
        wait_for(lambda: text in self.stderr(), seconds, f"{text!r} in the log")
        return True

    def memory_kib(self):
        status = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def stop(self, seconds=15):
        """Ctrl-C. Returns the exit code."""
        if not self.ended():
            self.child.send_signal(signal.SIGINT)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(f"did not end within {seconds} s of SIGINT:\n{self.stderr()[-2000:]}")
        finally:
            self.out.close()
            self.err.close()


class Gateway(Process):
    """`triage serve --config` with `config` (plain values; JSON is YAML) on ports of its own."""

    def __init__(self, config, folder, name="gateway"):
        self.port = free_port()
        self.admin_port = free_port(but=self.port)
        self.path = folder / f"{name}.yaml"
        self.write(config)
        super().__init__(["serve", "--config", str(self.path)], folder / name, [self.port, self.admin_port])
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin_url = f"http://127.0.0.1:{self.admin_port}"

    def write(self, config):
        """Replaces the configuration file; what the gateway does about it is the test's affair. Text goes in as it is."""
        self.path.write_text(config if isinstance(config, str) else self.text(config), errors="surrogateescape")

    def text(self, config):
        """A configuration as the file has it, with this gateway's addresses."""
        config = json.loads(json.dumps(config))
        config.setdefault("listen", {})["address"] = f"127.0.0.1:{self.port}"
        config.setdefault("admin", {})["address"] = f"127.0.0.1:{self.admin_port}"
        return json.dumps(config, indent=1)

    def reload(self, config=None, headers=None):
        """POST /admin/reload, of another configuration if given: (status, answer)."""
        if config is not None:
            self.write(config)
        status, _, body = request(self.admin_port, "POST", "/admin/reload", headers=headers, key=None)
        return status, json.loads(body)

    def ready(self):
        return json.loads(request(self.admin_port, "GET", "/health/ready", key=None)[2])

    def metric(self, name, **labels):
        """The sum of the samples of `name` that have these labels."""
        return metric(self.admin_port, name, **labels)

    def in_flight(self):
        return self.metric("triage_requests_in_flight", listener="gateway")

    def request(self, method, path, body=None, headers=None, key=KEY):
        return request(self.port, method, path, body, headers, key)


def metric(port, name, **labels):
    _, _, body = request(port, "GET", "/metrics", key=None)
    total, seen = 0.0, False
    for line in body.decode().splitlines():
        match = re.match(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)", line)
        if match and match.group(1) == name:
            has = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match.group(2) or ""))
            if all(has.get(key) == value for key, value in labels.items()):
                seen = True
                total += float(match.group(3))
    assert seen, f"no sample of {name} with {labels} in:\n{body.decode()[:3000]}"
    return total


def request(port, method, path, body=None, headers=None, key=KEY, timeout=15):
    """(status, headers in lower case, body) of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        given = dict(headers or {})
        if key:
            given.setdefault("Authorization", f"Bearer {key}")
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            given.setdefault("Content-Type", "application/json")
        connection.request(method, path, body, given)
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def key_config(key=KEY, name="e2e", **more):
    return {"name": name, "sha256": hashlib.sha256(key.encode()).hexdigest(), **more}


MODELS = ["sim-small", "sim-medium", "sim-large", "sim-embedding"]


def config_for(provider_port, **more):
    """Every simulated model as a deployment of its own name, `auto` as a route, files and audio passed through."""
    return {
        "keys": [key_config()],
        "providers": {"sim": {"dialect": "openai", "base_url": f"http://127.0.0.1:{provider_port}/v1", "api_key": PROVIDER_KEY}},
        "deployments": {model: {"provider": "sim", "model": model} for model in MODELS},
        "tiers": ["small"],
        "routes": {
            "chat": {"match": {"models": ["auto"]}, "tiers": {"small": ["sim-small"]}},
        },
        **more,
    }
