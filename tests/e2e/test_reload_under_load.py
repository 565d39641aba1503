"""Reloads while requests are served: none fails, and none sees two versions.

Version N of the configuration names everything with N: route, tier, deployment, model. A request that mixed two versions
would show it in its answer. The provider keeps its name and moves with every version between two simulators, of which one
knows the even models and one the odd ones: a connection that was kept for the wrong one would end in a 404."""

import json
import re
import signal
import socket
import threading
import time

from gateway import KEY, Process, config_for, free_port, wait_for

REQUESTS = 12_000
RELOADS = 20
THREADS = 6

BROKEN = [
    lambda text: text[: len(text) // 2],
    lambda text: text.replace('"deployment": "d-', '"deployment": "nobody-'),
    lambda text: text.replace('"tiers"', '"tires"'),
    lambda text: text.replace('"auto"', '"\udc80"'),
    lambda text: "",
]


def configuration(version, ports):
    config = config_for(ports[version % 2])
    config["listen"] = {"loops": 2}
    config["tiers"] = [f"t-{version}"]
    config["deployments"] = {f"d-{version}": {"provider": "sim", "model": f"m-{version}"}}
    members = [{"deployment": f"d-{version}", "weight": 1}]
    config["routes"] = {f"r-{version}": {"match": {"models": ["auto"]}, "tiers": {f"t-{version}": members}}}
    return config


def simulators(folder):
    """Two, of even and of odd models: their ports and processes."""
    ports, processes = [], []
    for parity in range(2):
        path = folder / f"simulate{parity}.yaml"
        models = {f"m-{n}": {"latency": "3ms", "answer_tokens": 8} for n in range(parity, RELOADS + 1, 2)}
        path.write_text(json.dumps({"coalesce": True, "models": models}))
        ports.append(free_port(but=ports[0] if ports else 0))
        arguments = ["simulate", "--config", str(path), "--listen", f"127.0.0.1:{ports[-1]}"]
        processes.append(Process(arguments, folder / f"simulate{parity}", ports[-1:]))
    return ports, processes


class Client(threading.Thread):
    """Asks on one connection, one request after the other; each fifth is streamed."""

    def __init__(self, load):
        super().__init__(daemon=True)
        self.load, self.problems, self.seconds, self.versions = load, [], [], set()

    def run(self):
        try:
            with socket.create_connection(("127.0.0.1", self.load.port), 10) as connection:
                while self.load.take():
                    self.ask(connection, streamed=self.load.taken % 5 == 0)
        except OSError as failure:
            self.problems.append(f"connection: {failure!r}")

    def ask(self, connection, streamed):
        body = json.dumps({"model": "auto", "messages": [{"role": "user", "content": "hi"}], "stream": streamed})
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
        oldest, started = self.load.acknowledged, time.monotonic()
        connection.sendall((head + body).encode())
        answer = self.read(connection, streamed)
        self.seconds.append(time.monotonic() - started)
        seen = {name: set(re.findall(pattern, answer)) for name, pattern in SHOWN.items()}
        versions = set().union(*seen.values())
        if not answer.startswith("HTTP/1.1 200 ") or not all(seen.values()) or len(versions) != 1:
            self.problems.append(answer)
            return
        version = int(versions.pop())
        self.versions.add(version)
        if not oldest <= version <= self.load.offered:
            self.problems.append(f"version {version}, not {oldest} to {self.load.offered}")

    @staticmethod
    def read(connection, streamed):
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += Client.more(connection)
        head, _, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        while len(body) < int(length[1]) if length else not body.endswith(b"\r\n0\r\n\r\n"):
            body += Client.more(connection)
        assert not streamed or length or body.rstrip().endswith(b"data: [DONE]\n\n\r\n0")
        return (head + b"\r\n\r\n" + body).decode()

    @staticmethod
    def more(connection):
        piece = connection.recv(65536)
        if not piece:
            raise OSError("closed by the gateway")
        return piece


SHOWN = {
    "route": r"x-triage-route: r-(\d+)",
    "tier": r"x-triage-tier: t-(\d+)",
    "deployment": r"x-triage-deployment: d-(\d+)",
    "model": r'"model":"m-(\d+)"',
}


class Load:
    def __init__(self, port):
        self.port = port
        self.lock, self.taken = threading.Lock(), 0
        self.acknowledged = self.offered = 0  # versions: certainly in force, possibly in force
        self.clients = [Client(self) for _ in range(THREADS)]

    def take(self):
        with self.lock:
            self.taken += 1
            return self.taken <= REQUESTS

    def reached(self, count):
        return self.taken >= count or not any(client.is_alive() for client in self.clients)


def reload_by_signal(gateway, result):
    before = gateway.metric("triage_reloads_total", result=result)
    gateway.child.send_signal(signal.SIGHUP)
    wait_for(lambda: gateway.metric("triage_reloads_total", result=result) > before, 10, "SIGHUP reloads")


def test_no_request_fails_and_none_sees_two_versions(start, tmp_path):
    ports, processes = simulators(tmp_path)
    gateway = start(configuration(0, ports))
    load = Load(gateway.port)
    started = time.monotonic()
    for client in load.clients:
        client.start()
    for n in range(1, RELOADS + 1):
        wait_for(lambda n=n: load.reached(n * REQUESTS // (RELOADS + 1)), 60, "requests are served")
        broken = n % 4 == 3
        text = gateway.text(configuration(n, ports))
        if broken:
            text = BROKEN[n // 4](text)
        else:
            load.offered = n
        if n % 3:
            status, answer = gateway.reload(text)
            assert status == (422 if broken else 200), answer
        else:
            gateway.write(text)
            reload_by_signal(gateway, "failed" if broken else "ok")
        if not broken:
            load.acknowledged = n
    for client in load.clients:
        client.join(60)
    took = time.monotonic() - started

    problems = [problem for client in load.clients for problem in client.problems]
    seconds = sorted(second for client in load.clients for second in client.seconds)
    versions = set().union(*(client.versions for client in load.clients))
    print(f"{len(seconds)} requests in {took:.1f} s, {RELOADS} reloads, {len(problems)} problems, "
          f"p50 {seconds[len(seconds) // 2] * 1000:.1f} ms, p99 {seconds[len(seconds) * 99 // 100] * 1000:.1f} ms")  # fmt: skip
    assert not problems, problems[:3]
    assert len(seconds) == REQUESTS
    assert versions == {n for n in range(RELOADS + 1) if n % 4 != 3}, "every good version has served"
    assert gateway.metric("triage_reloads_total", result="ok") == RELOADS - RELOADS // 4
    assert gateway.metric("triage_reloads_total", result="failed") == RELOADS // 4
    for repaired in ("triage_retries_total", "triage_fallbacks_total"):
        assert gateway.metric(repaired) == 0, "nothing had to be repaired"
    for process in processes:
        assert process.stop() == 0
