"""What the benchmarks of cascades share: simulated providers behind the gateway, and questions put to it."""

import concurrent.futures
import http.client
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from gateway import BINARY, SHARED, Gateway, Process, free_port, request  # noqa: E402, F401


def simulator(models, folder, name="simulate"):
    """`triage simulate` with these models; `port` is where it listens."""
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps({"models": models}))
    port = free_port()
    process = Process(["simulate", "--config", str(path), "--listen", f"127.0.0.1:{port}"], folder / name, [port])
    process.port = port
    return process


def config_of(port, models, routes):
    """`routes`: {name: (tiers, cascade or None)}; a route starts at its first tier."""
    return {
        "providers": {"sim": {"base_url": f"http://127.0.0.1:{port}/v1"}},
        "deployments": {name: {"provider": "sim", "price": model["price"]} for name, model in models.items()},
        "tiers": ["small", "large"],
        "routes": {
            name: {"match": {"models": [name]}, "tiers": tiers, "sticky": "0s", "routers": [{"fixed": {"tier": next(iter(tiers))}}],
                   **({"cascade": cascade} if cascade else {})}
            for name, (tiers, cascade) in routes.items()
        },
    }  # fmt: skip


class Answer:
    """What came: its text, the deployment that gave it (the simulator's `model`), seconds to its first event and its end."""

    def __init__(self, connection, model, question, stream):
        body = json.dumps({"model": model, "stream": stream, "messages": [{"role": "user", "content": question}]})
        started = time.monotonic()
        connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        self.first, self.text, self.deployment = None, "", ""
        if not stream:
            self._take(json.loads(response.read()), "message")
        while stream and (line := response.readline()):
            if line.startswith(b"data: {"):
                self.first = self.first or time.monotonic() - started
                self._take(json.loads(line[6:]), "delta")
        self.whole = time.monotonic() - started
        if response.status != 200:
            sys.exit(f"status {response.status}: {self.text}")

    def _take(self, value, part):
        if "error" in value:
            sys.exit(f"an error instead of an answer: {value}")
        self.deployment = value.get("model") or self.deployment
        for choice in value["choices"]:
            self.text += choice[part].get("content") or ""


def ask_all(port, model, questions, stream, at_once):
    """The answers in the order of the questions."""
    local = threading.local()

    def ask(question):
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        return Answer(local.connection, model, question, stream)

    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(ask, questions))


def billed(port):
    """{model: (requests, nano-USD)} since the simulator's start."""
    models = json.loads(request(port, "GET", "/simulate/billing", key=None)[2])["models"]
    return {name: (bill["requests"], bill["cost_nano_usd"]) for name, bill in models.items()}
