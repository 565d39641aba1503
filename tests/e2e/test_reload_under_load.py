"""Reloads while requests are served: none fails, and none sees two versions.

Version N of the configuration names everything with N: route, tier, deployment, model. A request that mixed two versions
would show it in its answer. The provider keeps its name and moves with every version between two simulators, of which one
knows the even models and one the odd ones: a connection that was kept for the wrong one would end in a 404."""

import json
import re
import signal
import time

from gateway import Process, config_for, free_port, wait_for
from raw_load import Load, ask

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

SHOWN = [r"x-triage-route: r-(\d+)", r"x-triage-tier: t-(\d+)", r"x-triage-deployment: d-(\d+)", r'"model":"m-(\d+)"']


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


class Versions:
    acknowledged = 0  # certainly in force
    offered = 0  # possibly in force

    def __init__(self):
        self.served = set()

    def ask(self, connection, number):
        """Each fifth is streamed."""
        oldest = self.acknowledged
        streamed = number % 5 == 0
        answer = ask(connection, {"model": "auto", "messages": [{"role": "user", "content": "hi"}], "stream": streamed})
        seen = [set(re.findall(pattern, answer)) for pattern in SHOWN]
        versions = set().union(*seen)
        if not answer.startswith("HTTP/1.1 200 ") or not all(seen) or len(versions) != 1:
            return answer
        if streamed and "data: [DONE]" not in answer:
            return answer
        version = int(versions.pop())
        self.served.add(version)
        return None if oldest <= version <= self.offered else f"version {version}, not {oldest} to {self.offered}"


def reload_by_signal(gateway, result):
    before = gateway.metric("triage_reloads_total", result=result)
    gateway.child.send_signal(signal.SIGHUP)
    wait_for(lambda: gateway.metric("triage_reloads_total", result=result) > before, 10, "SIGHUP reloads")


def test_no_request_fails_and_none_sees_two_versions(start, tmp_path):
    ports, processes = simulators(tmp_path)
    gateway = start(configuration(0, ports))
    versions = Versions()
    load = Load(gateway.port, REQUESTS, THREADS, versions.ask)
    started = time.monotonic()
    load.start()
    for n in range(1, RELOADS + 1):
        due = n * REQUESTS // (RELOADS + 1)
        wait_for(lambda due=due: load.taken >= due or not load.running(), 60, "requests are served")
        broken = n % 4 == 3
        text = gateway.text(configuration(n, ports))
        if broken:
            text = BROKEN[n // 4](text)
        else:
            versions.offered = n
        if n % 3:
            status, answer = gateway.reload(text)
            assert status == (422 if broken else 200), answer
        else:
            gateway.write(text)
            reload_by_signal(gateway, "failed" if broken else "ok")
        if not broken:
            versions.acknowledged = n
    load.join(60)
    print(f"{len(load.seconds)} requests in {time.monotonic() - started:.1f} s, {RELOADS} reloads, {len(load.problems)} "
          f"problems, p50 {load.quantile(0.5):.1f} ms, p99 {load.quantile(0.99):.1f} ms")  # fmt: skip
    assert not load.problems, load.problems[:3]
    assert len(load.seconds) == REQUESTS
    assert versions.served == {n for n in range(RELOADS + 1) if n % 4 != 3}, "every good version has served"
    assert gateway.metric("triage_reloads_total", result="ok") == RELOADS - RELOADS // 4
    assert gateway.metric("triage_reloads_total", result="failed") == RELOADS // 4
    for repaired in ("triage_retries_total", "triage_fallbacks_total"):
        assert gateway.metric(repaired) == 0, "nothing had to be repaired"
    for process in processes:
        assert process.stop() == 0
