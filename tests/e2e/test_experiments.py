"""Experiments with the binary: a worse treatment is rolled back by the gateway itself, at every stage; an equal and cheaper
one gets everybody. Neither kill -9, a reload, a restart nor a hand-over changes that."""

import hashlib
import hmac
import http.server
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import threading
import time

import pytest

from gateway import BINARY, KEY, Gateway, Process, config_for, free_port, request, wait_for
from judging import CALL_NANO_USD, JUDGE, RIGHT, WRONG, Judging
from test_restart import adopt_orphans, end, succeed, successors  # noqa: F401 (a fixture)

PRICES = {"dear": {"input": 10, "output": 30}, "cheap": {"input": 1, "output": 3}}


@pytest.fixture(scope="module")
def providers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("providers")
    port = free_port()
    models = {
        "dear": {"price": PRICES["dear"], "answer_tokens": 8},
        "cheap": {"price": PRICES["cheap"], "answer_tokens": 8},
        "refuser": {"price": PRICES["cheap"], "answer_tokens": 8, "refusal": 0.6},
        "failing": {"price": PRICES["cheap"], "answer_tokens": 8, "failure": 0.6},
    }
    path = folder / "simulate.yaml"
    path.write_text(json.dumps({"models": models}))
    process = Process(["simulate", "--config", str(path), "--listen", f"127.0.0.1:{port}"], folder / "log", [port])
    yield port
    assert process.stop() == 0, process.stderr()


def stage(share, at_least="1s", units_min=20):
    return {"share": share, "at_least": at_least, "units_min": units_min}


def config_with(port, folder, treatment="cheap", stages=None, guardrails=None, **more):
    config = config_for(port, ledger={"dir": str(folder / "ledger")}, log={"requests_per_second": 0, "errors_per_second": 0})
    config["deployments"] = {
        name: {"provider": "sim", "model": name, "price": PRICES.get(name, PRICES["cheap"])}
        for name in ("dear", "cheap", "refuser", "failing")
    }
    config["breaker"] = {"consecutive": 1000, "calls_min": 100000}
    config["tiers"] = ["large"]
    config["routes"] = {
        "chat": {
            "match": {"models": ["auto"]},
            "tiers": {"large": ["dear"]},
            "retry": {"attempts": 1},
            "experiment": {
                "name": "cheaper",
                "treatment": {"tiers": {"large": [treatment]}},
                "unit": [{"header": "x-user-id"}],
                "stages": stages or [stage(0.2), stage(0.5), {"share": 1}],
                "guardrails": guardrails or [{"signal": "refusal", "margin": 0.1}, {"signal": "error", "margin": 0.1}],
                "window": "0s",
                **more,
            },
        }
    }
    return config


BODY = {"model": "auto", "messages": [{"role": "user", "content": "hello"}]}


class Traffic:
    """New users ask, one request each. `thumb(arm)`: what they say of the answer; None: nothing."""

    def __init__(self, port, thumb=None, threads=4):
        self.port, self.thumb, self.stopping = port, thumb, False
        self.arms, self.lock = {"control": 0, "treatment": 0, None: 0}, threading.Lock()
        self.problems = []
        self.threads = [threading.Thread(target=self._run, args=(i,), daemon=True) for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def _run(self, seed):
        chance = random.Random(seed + time.monotonic_ns())
        while not self.stopping:
            user = f"user-{chance.getrandbits(60):x}"
            body = {**BODY, "messages": [{"role": "user", "content": f"hello {user}"}]}
            try:
                status, headers, _ = request(self.port, "POST", "/v1/chat/completions", body, {"x-user-id": user})
                arm = headers.get("x-triage-arm")
                with self.lock:
                    self.arms[arm] += 1
                thumb = self.thumb(arm) if self.thumb and status == 200 else None
                if thumb:
                    said = request(self.port, "POST", "/v1/feedback", {"id": headers["x-request-id"], "thumb": thumb})
                    if said[0] != 200:
                        self.problems.append(said)
            except OSError:
                time.sleep(0.02)  # the gateway was killed, or restarts

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive()


@pytest.fixture
def traffic():
    running = []

    def begin(*arguments, **more):
        running.append(Traffic(*arguments, **more))
        return running[-1]

    yield begin
    for each in running:
        each.stop()
        assert not each.problems, each.problems[:3]


def shown(gateway, name="cheaper"):
    status, _, body = request(gateway.admin_port, "GET", f"/admin/experiments/{name}", key=None)
    return json.loads(body) if status == 200 else {"state": "?", "stage": -1, "share_in_force": 0, "decisions": []}


def state(gateway):
    return shown(gateway)["state"]


def change(gateway, action, reason=None, key=None, name="cheaper"):
    body = {"reason": reason} if reason else None
    status, _, answer = request(gateway.admin_port, "POST", f"/admin/experiments/{name}/{action}", body, key=key)
    return status, json.loads(answer)


def is_at(found, wanted):
    """Also in force: what the journal says is in force a moment later."""
    return found["state"] == wanted and found["share_in_force"] == found["share"]


def until(gateway, wanted, seconds=40):
    try:
        wait_for(lambda: is_at(shown(gateway), wanted), seconds, f"state {wanted}")
    except AssertionError as late:
        raise AssertionError(f"{late}, but {json.dumps(shown(gateway))[:4000]}") from None
    return shown(gateway)


def decisions(gateway):
    return [decision["action"] for decision in shown(gateway)["decisions"]]


def arms_of(gateway, users=30):
    """The arms that requests of new users get now."""
    found = set()
    for user in range(users):
        headers = request(gateway.port, "POST", "/v1/chat/completions", BODY, {"x-user-id": f"probe-{user}"})[1]
        found.add(headers.get("x-triage-arm"))
    return found


def run_cli(*arguments, env=None):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60, env={**os.environ, **(env or {})})


@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize("treatment, by", [("refuser", {"refusal"}), ("failing", {"error", "disaster"})])
def test_a_worse_treatment_is_rolled_back_at_every_stage(providers, start, traffic, tmp_path, share, treatment, by):
    stages = [stage(share, "1h"), {"share": 1}]
    gateway = start(config_with(providers, tmp_path, treatment, stages))
    traffic(gateway.port)
    found = until(gateway, "rolled_back")
    last = found["decisions"][-1]
    assert last["action"] == "rollback" and last["actor"] is None
    assert last["reason"].split(":")[0] in by
    assert found["share_in_force"] == 0
    assert gateway.metric("triage_experiment_share", experiment="cheaper") == 0
    assert gateway.metric("triage_experiment_decisions_total", experiment="cheaper", action="rollback") == 1
    assert arms_of(gateway) == {"control"}


def test_feedback_alone_rolls_back_at_the_second_stage(providers, start, traffic, tmp_path):
    gateway = start(config_with(providers, tmp_path, guardrails=[{"signal": "feedback", "margin": 0.05}],
                                stages=[stage(0.3), stage(0.5, "1h"), {"share": 1}]))
    chance = random.Random(4)
    bad = threading.Event()

    def thumb(arm):
        liked = 0.2 if bad.is_set() and arm == "treatment" else 0.9
        return "up" if chance.random() < liked else "down"

    traffic(gateway.port, thumb)
    wait_for(lambda: shown(gateway)["stage"] == 1, 40, "the second stage")
    bad.set()
    found = until(gateway, "rolled_back")
    assert found["decisions"][-1]["reason"].startswith("feedback: evidence")


def test_the_judge_alone_rolls_back(start, tmp_path):
    here = Judging({"weak": WRONG, "strong": RIGHT})
    experiment = {
        "name": "cheaper",
        "control": {"routers": [{"fixed": {"tier": "large"}}]},
        "treatment": {"routers": [{"fixed": {"tier": "small"}}]},
        "unit": [{"header": "x-user-id"}],
        "stages": [stage(0.3, "1h"), {"share": 1}],
        "guardrails": [{"signal": "judge", "margin": 0.05}],
        "window": "0s",
    }
    gateway = start(here.config(tmp_path, {"judge": JUDGE}, experiment=experiment))
    until(gateway, "running", 5)
    began = time.monotonic()
    for user in range(2000):
        assert time.monotonic() - began < 60, json.dumps(shown(gateway))[:3000]
        body = {**BODY, "messages": [{"role": "user", "content": f"What is the capital of France? {user}"}]}
        assert gateway.request("POST", "/v1/chat/completions", body, {"x-user-id": f"user-{user}"}, key=None)[0] == 200
        if user % 20 == 0 and state(gateway) == "rolled_back":
            break
    found = until(gateway, "rolled_back", 10)
    assert found["decisions"][-1]["reason"].startswith("judge: evidence")
    # A request costs its own call and its grade.
    each = found["cost"]["control"]
    assert each["cost_usd"] == pytest.approx(each["requests"] * CALL_NANO_USD * 2e-9, rel=0.3)
    here.provider.close()


def test_an_equal_and_cheaper_one_gets_everybody(providers, start, traffic, tmp_path):
    config = config_with(providers, tmp_path, stages=[stage(0.1), stage(0.3), stage(0.5), {"share": 1}])
    gateway = start(config)
    traffic(gateway.port)
    found = until(gateway, "promoted")
    assert decisions(gateway) == ["start", "advance", "advance", "promote"]
    assert found["share_in_force"] == 1 and "write it into the route" in found["advice"]
    assert found["cost"]["saved"]["low"] > 0.85
    headers = request(gateway.port, "POST", "/v1/chat/completions", BODY, {"x-user-id": "somebody"})[1]
    assert headers["x-triage-deployment"] == "cheap"
    report = run_cli("report", "--config", gateway.path)
    assert "experiment cheaper on route 'chat'" in report.stdout
    assert re.search(r"saved (89|90|91)(\.\d)? % \[.* %, .* %\], 95 %", report.stdout), report.stdout
    rows = json.loads(run_cli("report", "--config", gateway.path, "--json").stdout)["experiments"]
    assert rows[0]["cost"]["saved"]["low"] < rows[0]["cost"]["saved"]["share"] < rows[0]["cost"]["saved"]["high"]


def test_kill_9_changes_nothing(providers, traffic, tmp_path):
    """Killed at any moment, it goes on where it was: the rollout to its end, and a rollback stays one."""
    config = config_with(providers, tmp_path, stages=[stage(0.2, "2s"), stage(0.5, "2s"), {"share": 1}])
    gateway = Gateway(config, tmp_path)
    ports = gateway.port, gateway.admin_port
    traffic(gateway.port)
    pause = random.Random(9)
    for number in range(4):
        time.sleep(0.7 + pause.random())
        before = shown(gateway)
        gateway.child.kill()
        gateway.child.wait()
        gateway = again(gateway, tmp_path, f"after{number}", ports)
        after = shown(gateway)
        assert after["stage"] >= before["stage"] and after["version"] == before["version"]
        assert [each["action"] for each in after["decisions"]][: len(before["decisions"])] == [each["action"] for each in before["decisions"]]
        if state(gateway) == "promoted":
            break
    until(gateway, "promoted")
    assert decisions(gateway) == ["start", "advance", "promote"]
    assert gateway.stop() == 0


def again(gateway, folder, name, ports, config=None):
    """The same configuration and ledger in another process, on the same ports."""

    class Again(Gateway):
        def __init__(self):
            self.port, self.admin_port = ports
            self.path = gateway.path
            if config is not None:
                self.write(config)
            Process.__init__(self, ["serve", "--config", str(self.path)], folder / name, ports)
            self.admin_url = f"http://127.0.0.1:{self.admin_port}"

    return Again()


def test_a_rollback_outlives_kill_9_restart_and_reload(providers, traffic, tmp_path):
    config = config_with(providers, tmp_path, "failing", [stage(0.5, "1h"), {"share": 1}])
    gateway = Gateway(config, tmp_path)
    ports = gateway.port, gateway.admin_port
    users = traffic(gateway.port)
    wait_for(lambda: users.arms["treatment"] > 3, 20, "some treated requests")
    gateway.child.kill()
    gateway.child.wait()
    gateway = again(gateway, tmp_path, "second", ports)
    until(gateway, "rolled_back")
    gateway.child.kill()
    gateway.child.wait()
    gateway = again(gateway, tmp_path, "third", ports)
    assert state(gateway) == "rolled_back" and arms_of(gateway) == {"control"}
    gateway.child.send_signal(signal.SIGHUP)
    assert arms_of(gateway) == {"control"}
    status, answer = change(gateway, "start")
    assert status == 409 and "change its configuration" in answer["error"]["message"]
    # A new version waits for a person; the old configuration is still rolled back.
    fresh = config_with(providers, tmp_path, "cheap", [stage(0.5, "1h"), {"share": 1}])
    assert gateway.reload(fresh)[0] == 200
    until(gateway, "waiting", 5)
    assert arms_of(gateway) == {"control"}
    assert gateway.reload(config)[0] == 200
    until(gateway, "rolled_back", 5)
    assert arms_of(gateway) == {"control"}
    assert gateway.reload(fresh)[0] == 200
    until(gateway, "waiting", 5)
    status, answer = change(gateway, "start", "checked by hand")
    assert status == 200 and answer["state"] == "running", answer
    assert (answer["decisions"][-1]["actor"], answer["decisions"][-1]["reason"]) == ("admin", "checked by hand")
    wait_for(lambda: arms_of(gateway) == {"control", "treatment"}, 5, "treated users")
    assert gateway.stop() == 0
    # All copies of the checkpoint's state agree with the journal alone.
    listed = json.loads(run_cli("experiment", "show", "cheaper", "--config", gateway.path, "--json").stdout)
    (tmp_path / "ledger" / "experiments.checkpoint").unlink()
    alone = json.loads(run_cli("experiment", "show", "cheaper", "--config", gateway.path, "--json").stdout)
    for figures in (listed, alone):
        figures.pop("memory_bytes")
    assert listed == alone


def test_a_switch_takes_less_than_a_second(providers, start, traffic, tmp_path):
    gateway = start(config_with(providers, tmp_path, stages=[stage(0.5, "1h"), {"share": 1}]))
    wait_for(lambda: arms_of(gateway) == {"control", "treatment"}, 5, "treated users")
    traffic(gateway.port)
    began = time.monotonic()
    status, answer = change(gateway, "rollback", "enough")
    assert status == 200 and answer["share_in_force"] == 0
    assert arms_of(gateway) == {"control"}
    assert time.monotonic() - began < 1


def test_sighup_in_the_middle_keeps_the_evidence(providers, start, traffic, tmp_path):
    config = config_with(providers, tmp_path, stages=[stage(0.5, "1h"), {"share": 1}])
    gateway = start(config)
    users = traffic(gateway.port)
    wait_for(lambda: users.arms["treatment"] > 30, 20, "treated users")
    wait_for(lambda: shown(gateway)["guardrails"][0]["control"]["outcomes"] > 0, 20, "outcomes")
    before = shown(gateway)
    config["log"]["requests_per_second"] = 1
    assert gateway.reload(config)[0] == 200
    after = shown(gateway)
    assert after["version"] == before["version"] and after["state"] == "running"
    assert after["guardrails"][0]["control"]["outcomes"] >= before["guardrails"][0]["control"]["outcomes"] > 0
    route = config["routes"]["chat"]
    experiment = route.pop("experiment")
    assert gateway.reload(config)[0] == 200
    assert arms_of(gateway) == {None}
    route["experiment"] = experiment
    assert gateway.reload(config)[0] == 200
    wait_for(lambda: arms_of(gateway) == {"control", "treatment"}, 5, "treated users")
    assert decisions(gateway) == ["start"]


CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
static volatile long* offset;
__attribute__((constructor)) static void begin(void) {
  int file = open(getenv("CLOCK_OFFSET"), O_RDONLY);
  offset = mmap(0, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
}
int clock_gettime(clockid_t id, struct timespec* out) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  int done = real(id, out);
  if ((id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) && offset) out->tv_sec += *offset;
  return done;
}
time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
"""


class SystemClock:
    """The gateway's own clock of the day, which the test can set; the monotonic one stays as it is."""

    def __init__(self, folder):
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            pytest.skip("no C compiler")
        source, library, self.offset = folder / "clock.c", folder / "clock.so", folder / "offset"
        source.write_text(CLOCK)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        self.set(0)
        self.env = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(self.offset)}

    def set(self, seconds):
        with open(self.offset, "r+b" if self.offset.exists() else "wb") as file:
            file.write(struct.pack("<q", seconds))


def test_clock_jumps_in_the_middle(providers, traffic, tmp_path):
    clock = SystemClock(tmp_path)
    config = config_with(providers, tmp_path, guardrails=[{"signal": "feedback", "margin": 0.05}],
                         stages=[stage(0.5, "12h"), {"share": 1}], window="1s")

    class WithClock(Gateway):
        def __init__(self):
            self.port = free_port()
            self.admin_port = free_port(but=self.port)
            self.path = tmp_path / "gateway.yaml"
            self.write(config)
            Process.__init__(self, ["serve", "--config", str(self.path)], tmp_path / "gateway", [self.port, self.admin_port], clock.env)

    gateway = WithClock()
    chance, bad = random.Random(6), threading.Event()

    def thumb(arm):
        liked = 0.1 if bad.is_set() and arm == "treatment" else 0.9
        return "up" if chance.random() < liked else "down"

    users = traffic(gateway.port, thumb)
    wait_for(lambda: users.arms["treatment"] > 30, 20, "treated users")
    for day in (1, 2, -3):
        clock.set(day * 86400)
        time.sleep(1.5)
        found = shown(gateway)
        assert (found["state"], found["stage"]) == ("running", 0), found["decisions"]
        assert found["stage_elapsed_ms"] < 60_000
        assert any("time:" in each for each in found["waits_for"])
    before = found["guardrails"][0]["observations"]
    wait_for(lambda: shown(gateway)["guardrails"][0]["observations"] > before, 10, "windows end, three days ago")
    bad.set()
    until(gateway, "rolled_back")
    users.stop()
    assert gateway.stop() == 0
    lines = run_cli("ledger", "export", "--config", gateway.path, "--kind", "request").stdout.splitlines()
    times = [json.loads(line)["time_unix_ms"] for line in lines]
    assert max(times) - min(times) > 4 * 86_400_000, "the clock did jump"


def test_sigusr2_in_the_middle(providers, traffic, tmp_path):
    config = config_with(providers, tmp_path, "failing", [stage(0.5, "1h"), {"share": 1}])
    gateway = Gateway(config, tmp_path)
    users = traffic(gateway.port)
    wait_for(lambda: users.arms["treatment"] > 2, 20, "treated users")
    new = succeed(gateway, gateway.child.pid)
    try:
        until(gateway, "rolled_back")
        newer = succeed(gateway, new)
        new = newer
        assert state(gateway) == "rolled_back" and arms_of(gateway) == {"control"}
        assert decisions(gateway) == ["start", "rollback"]
    finally:
        users.stop()
        end(new)


def test_the_command_line(providers, start, tmp_path):
    secret = "tk-admin-secret"
    config = config_with(providers, tmp_path, stages=[stage(0.5, "1h"), {"share": 1}])
    config["admin"] = {"key": {"name": "ops", "sha256": hashlib.sha256(secret.encode()).hexdigest()}}
    gateway = start(config)
    until(gateway, "running", 5)
    where = ["--config", gateway.path]
    assert "cheaper on route 'chat': running, stage 1 of 2, share 50 %" in run_cli("experiment", "list", *where).stdout
    refused = run_cli("experiment", "pause", "cheaper", *where)
    assert refused.returncode == 1 and "TRIAGE_ADMIN_KEY" in refused.stderr
    key = {"TRIAGE_ADMIN_KEY": secret}
    paused = run_cli("experiment", "pause", "cheaper", *where, "--reason", "lunch", env=key)
    assert paused.returncode == 0 and ": paused" in paused.stdout, paused.stderr
    assert arms_of(gateway) == {"control"}
    assert "pause to 0 % by ops: lunch" in run_cli("experiment", "show", "cheaper", *where).stdout
    assert run_cli("experiment", "start", "cheaper", *where, env=key).returncode == 0
    assert run_cli("experiment", "promote", "cheaper", *where, env=key).returncode == 0
    again_ = run_cli("experiment", "start", "cheaper", *where, env=key)
    assert again_.returncode == 1 and "is promoted" in again_.stderr
    assert run_cli("experiment", "rollback", "cheaper", *where, env=key).returncode == 0
    assert run_cli("experiment", "show", "other", *where).returncode == 1
    assert run_cli("experiment", "destroy", "cheaper", *where).returncode == 2
    forecast = run_cli("experiment", "forecast", "cheaper", *where, "--json")
    assert forecast.returncode == 0, forecast.stderr
    assert [each["signal"] for each in json.loads(forecast.stdout)["stages"][0]["guardrails"]] == ["refusal", "error"]
    gateway.stop()
    offline = run_cli("experiment", "show", "cheaper", *where)
    assert offline.returncode == 0 and "rolled_back" in offline.stdout and "no gateway runs" in offline.stderr
    changed = run_cli("experiment", "start", "cheaper", *where, env=key)
    assert changed.returncode == 3 and "no gateway runs" in changed.stderr


def test_the_webhook_is_told(providers, start, tmp_path):
    told, fail = [], [2]

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            fail[0] -= 1
            self.send_response(503 if fail[0] >= 0 else 204)
            self.end_headers()
            if fail[0] < 0:
                told.append((self.path, dict(self.headers), body))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    secret = "0123456789abcdef0123456789abcdef"
    webhook = {"url": f"http://127.0.0.1:{server.server_port}/hook", "secret": secret}
    gateway = start(config_with(providers, tmp_path, stages=[stage(0.5, "1h"), {"share": 1}], webhook=webhook))
    until(gateway, "running", 5)
    change(gateway, "rollback", "enough")
    wait_for(lambda: len(told) == 2, 20, "two decisions")
    for path, headers, body in told:
        signed = headers["x-triage-timestamp"].encode() + b"." + body
        assert headers["x-triage-signature"] == "sha256=" + hmac.new(secret.encode(), signed, "sha256").hexdigest()
        assert path == "/hook"
    decisions = {decision["action"]: decision for decision in (json.loads(body) for _, _, body in told)}
    assert decisions.keys() == {"start", "rollback"}, "in whatever order, since posts that fail are tried again"
    assert decisions["rollback"]["reason"] == "enough" and "guardrails" in decisions["rollback"]["figures"]
    assert gateway.metric("triage_webhook_posts_total", result="sent") == 2
    server.shutdown()
