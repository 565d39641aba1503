"""One tier before three bad providers and a good one: what a client gets, and what it costs the good one."""

import json
import re
import time

import pytest

from gateway import Process, config_for, free_port, request
from raw_load import Load, ask

THREADS = 32
BUDGET = 0.2
MODELS = {
    "flaky": {"latency": "5ms", "failure": 0.3},
    "hangs": {"latency": "1h"},
    "slow": {"latency": "20s"},
    "healthy": {"latency": "5ms"},
}


@pytest.fixture
def simulator(tmp_path):
    port = free_port()
    path = tmp_path / "simulate.yaml"
    path.write_text(json.dumps({"models": {name: {"answer_tokens": 8, **more} for name, more in MODELS.items()}}))
    process = Process(["simulate", "--config", str(path), "--listen", f"127.0.0.1:{port}"], tmp_path / "simulate", [port])
    process.port = port
    yield process
    process.stop()


def billing(simulator):
    return json.loads(request(simulator.port, "GET", "/simulate/billing", key=None)[2])


class Answers:
    """Asks; each third request is streamed. `by_healthy`: of each answer of the good provider, how many attempts it took."""

    def __init__(self):
        self.by_healthy = []  # appended to by all threads

    def ask(self, connection, number):
        streamed = number % 3 == 0
        message = {"role": "user", "content": f"What is {number}+1?"}
        answer = ask(connection, {"model": "auto", "messages": [message], "stream": streamed})
        if "x-triage-deployment: healthy" in answer:
            self.by_healthy.append(int(re.search(r"x-triage-attempts: (\d+)", answer)[1]))
        whole = '"finish_reason":"stop"' in answer and (not streamed or "data: [DONE]" in answer)
        return None if answer.startswith("HTTP/1.1 200 ") and whole else answer


def measure(gateway, simulator, requests):
    answers = Answers()
    load = Load(gateway.port, requests, THREADS, answers.ask)
    started = time.monotonic()
    load.start()
    load.join(120)
    took = time.monotonic() - started
    attempts = {name: int(gateway.metric("triage_attempts_total", deployment=name)) for name in MODELS}
    retries, fallbacks = (int(gateway.metric(f"triage_{what}_total", route="chat")) for what in ("retries", "fallbacks"))
    added = sum(taken > 1 for taken in answers.by_healthy)  # load that it got because another had failed
    print(f"\n{requests} requests in {took:.1f} s, {len(load.problems)} failed; attempts {attempts}, {retries} retries, "
          f"{fallbacks} fallbacks, of which {added} to the good one; p50 {load.quantile(0.5):.0f} ms, "
          f"p99 {load.quantile(0.99):.0f} ms, p99.9 {load.quantile(0.999):.0f} ms")  # fmt: skip
    assert len(load.problems) <= requests / 1000, load.problems[:3]
    assert retries <= BUDGET * requests + 3, "retries have a budget"
    assert added <= BUDGET * requests + 3
    assert sum(attempts.values()) == requests + retries + fallbacks
    calls = billing(simulator)["models"]["healthy"]["requests"]
    assert calls == len(answers.by_healthy) == attempts["healthy"], "each of its calls became an answer: none was wasted"
    return attempts


def config_with(simulator, tier):
    config = config_for(simulator.port)
    config["deployments"] = {name: {"provider": "sim", "model": name} for name in MODELS}
    timeouts = {"first_byte": "1s", "total": "20s"}
    route = {"match": {"models": ["auto"]}, "tiers": {"small": tier}, "timeouts": timeouts, "retry": {"budget": BUDGET}}
    return {**config, "routes": {"chat": route}}


def test_three_bad_providers_and_a_good_one(simulator, start):
    gateway = start(config_with(simulator, list(MODELS)))
    attempts = measure(gateway, simulator, 5_000)
    assert attempts["hangs"] + attempts["slow"] < 100, "those that only cost time are left alone"


@pytest.mark.parametrize("bad", ["flaky", "hangs", "slow"])
def test_a_bad_provider_that_should_serve_almost_all(simulator, start, bad):
    gateway = start(config_with(simulator, [{"deployment": bad, "weight": 1000}, "healthy"]))
    measure(gateway, simulator, 2_000)
