"""Restarts under load, a new connection for each request: none is refused or reset, no answer is cut, and each is in the
ledger once. By SIGUSR2, and with sockets that belong to whoever starts the gateway, as systemd's do."""

import collections
import ctypes
import fcntl
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

from gateway import BINARY, KEY, MODELS, Gateway, Process, config_for, free_port, request, wait_for

PR_SET_CHILD_SUBREAPER = 36
THREADS = 8


@pytest.fixture(autouse=True, scope="module")
def adopt_orphans():
    """A successor outlives the gateway that started it: then it is our child, and its exit code ours to read."""
    prctl = ctypes.CDLL(None).prctl
    assert prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    yield
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


class Load:
    """Asks until told to stop, some of it streamed. `ids`: of answers that came whole; `problems`: all else."""

    def __init__(self, port):
        self.port, self.stopping = port, False
        self.ids, self.problems = [], []
        self.threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(THREADS)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()

    def _run(self, number):
        while not self.stopping:
            number += THREADS
            try:
                answer = ask_once(self.port, number % 4 == 0)
            except OSError as failure:
                self.problems.append(repr(failure))
                continue
            found = re.search(r"(?i)\r\nx-request-id: (\S+)\r\n", answer)
            whole = '"finish_reason":"length"' in answer and ("data: [DONE]" in answer) == (number % 4 == 0)
            if answer.startswith("HTTP/1.1 200 ") and whole and found:
                self.ids.append(found[1])
            else:
                self.problems.append(answer)


def chat_body(stream, model="auto"):
    return json.dumps({"model": model, "messages": [{"role": "user", "content": "hello"}], "max_tokens": 8, "stream": stream})


def ask_once(port, stream, model="auto", timeout=30):
    body = chat_body(stream, model)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer.decode()


@pytest.fixture
def config(tmp_path):
    """Before a provider that answers in 20 ms; `slow` takes seconds for a stream."""
    port = free_port()
    path = tmp_path / "simulate.yaml"
    models = {model: {"latency": "20ms", "answer_tokens": 8} for model in MODELS}
    models["slow"] = {"latency": "20ms", "answer_tokens": 30, "tokens_per_second": 15}
    path.write_text(json.dumps({"models": models}))
    simulator = Process(["simulate", "--config", str(path), "--listen", f"127.0.0.1:{port}"], tmp_path / "simulate", [port])
    config = config_for(port, ledger={"dir": str(tmp_path / "ledger")}, log={"requests_per_second": 0})
    config["deployments"]["slow"] = {"provider": "sim", "model": "slow"}
    yield config
    assert simulator.stop() == 0, simulator.stderr()


class KeepAlive(Load):
    """The same over connections that stay open until the gateway says close, as the pools of SDKs do."""

    def _run(self, number):
        connection = None
        while not self.stopping:
            number += THREADS
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                stream = number % 4 == 0
                connection.request("POST", "/v1/chat/completions", chat_body(stream), {"Authorization": f"Bearer {KEY}"})
                response = connection.getresponse()
                body = response.read().decode()
                whole = '"finish_reason":"length"' in body and ("data: [DONE]" in body) == stream
                if response.status == 200 and whole:
                    self.ids.append(response.getheader("x-request-id"))
                else:
                    self.problems.append(f"{response.status} {body}")
                if response.will_close:
                    connection = connection.close()
            except (OSError, http.client.HTTPException) as failure:
                self.problems.append(repr(failure))
                connection = connection.close()


def records(folder):
    done = subprocess.run([BINARY, "ledger", "export", "--ledger", folder], capture_output=True, text=True, timeout=60, check=True)
    return collections.Counter(json.loads(line)["id"] for line in done.stdout.splitlines())


def verified(folder):
    return subprocess.run([BINARY, "ledger", "verify", "--ledger", folder], capture_output=True, text=True, timeout=60)


def exit_code(pid, seconds=20):
    """Of a child, adopted or not, once it has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    raise AssertionError(f"{pid} has not ended within {seconds} s")


def successors(gateway):
    return [int(pid) for pid in re.findall(r"SIGUSR2: process (\d+) starts", gateway.stderr())]


def succeed(gateway, pid, count=1):
    """SIGUSR2 to `pid`: the new one's pid, once the old one has ended with 0."""
    before = len(successors(gateway))
    os.kill(pid, signal.SIGUSR2)
    wait_for(lambda: len(successors(gateway)) == before + 1, 10, "a successor")
    new = successors(gateway)[-1]
    code = gateway.child.wait(20) if pid == gateway.child.pid else exit_code(pid)
    assert code == 0, gateway.stderr()
    return new


def end(pid):
    os.kill(pid, signal.SIGTERM)
    assert exit_code(pid) == 0


@pytest.fixture
def gateway(config, tmp_path):
    config["listen"] = {"loops": 2}
    gateway = Gateway(config, tmp_path)
    yield gateway
    for pid in {gateway.child.pid, *successors(gateway)}:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


def test_sigusr2_refuses_nothing_and_loses_nothing(gateway, config, tmp_path):
    load = Load(gateway.port)
    pid = gateway.child.pid
    slow = []
    for loops in (2, 1, 3, 2):  # the same, fewer than sockets are passed on, more
        time.sleep(0.5)
        gateway.write({**config, "listen": {"loops": loops}})
        stream = threading.Thread(target=lambda: slow.append(ask_once(gateway.port, True, "slow")))
        stream.start()
        time.sleep(0.3)  # under way: it ends in the old process
        pid = succeed(gateway, pid)
        stream.join()
    time.sleep(0.5)
    load.stop()
    time.sleep(1.2)  # until the records of the last one that ended were collected
    assert gateway.ready()["problems"] == []
    end(pid)
    assert load.problems == []
    assert len(slow) == 4 and all("data: [DONE]" in answer for answer in slow)
    asked = load.ids + [re.search(r"(?i)\r\nx-request-id: (\S+)\r\n", answer)[1] for answer in slow]
    assert records(tmp_path / "ledger") == collections.Counter(asked)
    found = verified(tmp_path / "ledger")
    assert found.returncode == 0, found.stdout
    print(f"{len(asked)} requests through 4 restarts: none refused or reset, none lost or doubled")


def test_sigusr2_fails_no_request_of_a_busy_connection(gateway, tmp_path):
    load = KeepAlive(gateway.port)
    pid = gateway.child.pid
    for _ in range(6):
        time.sleep(0.5)
        pid = succeed(gateway, pid)
    time.sleep(0.5)
    load.stop()
    time.sleep(1.2)
    end(pid)
    assert load.problems == []
    assert records(tmp_path / "ledger") == collections.Counter(load.ids)
    print(f"{len(load.ids)} requests on kept connections through 6 restarts: none failed")


def test_a_successor_that_cannot_start_changes_nothing(gateway, config):
    load = Load(gateway.port)
    gateway.write("listen: {address: nonsense")
    os.kill(gateway.child.pid, signal.SIGUSR2)
    wait_for(lambda: "cannot take over, this one goes on: it ended before it served" in gateway.stderr(), 10, "that it failed")
    time.sleep(0.3)
    assert gateway.child.poll() is None
    gateway.write(config)
    pid = succeed(gateway, gateway.child.pid)
    time.sleep(0.3)
    load.stop()
    assert load.problems == [] and load.ids
    end(pid)


def test_what_is_idle_is_closed_and_what_is_open_but_silent_waits_for_a_moment(gateway):
    silent = socket.create_connection(("127.0.0.1", gateway.port))
    asking = socket.create_connection(("127.0.0.1", gateway.port))
    time.sleep(0.2)
    os.kill(gateway.child.pid, signal.SIGUSR2)
    wait_for(lambda: "this one finishes what is under way" in gateway.stderr(), 10, "the successor serves")
    asking.sendall(b"GET /v1/models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + KEY.encode() + b"\r\n\r\n")
    answer = b""
    while piece := asking.recv(65536):
        answer += piece
    assert answer.startswith(b"HTTP/1.1 200 ") and b"onnection: close" in answer
    assert silent.recv(1) == b""
    assert gateway.child.wait(5) == 0
    end(successors(gateway)[-1])


def test_sigterm_while_a_successor_starts_ends_both(gateway):
    os.kill(gateway.child.pid, signal.SIGUSR2)
    os.kill(gateway.child.pid, signal.SIGTERM)
    assert gateway.child.wait(15) == 0
    for pid in successors(gateway):
        try:
            assert exit_code(pid) != 0
        except ChildProcessError:
            pass  # its parent saw its end
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", gateway.port), 1).close()


class Activation:
    """Who holds the listening sockets and starts the gateway with them, as systemd does; and hears what it says."""

    def __init__(self, folder, api=("127.0.0.1", 0), names="api:admin"):
        self.folder, self.names = folder, names
        self.sockets = [socket.create_server(api, backlog=512), socket.create_server(("127.0.0.1", 0))]
        self.port, self.admin_port = (one.getsockname()[1] for one in self.sockets)
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(str(folder / "notify"))
        self.told.settimeout(15)
        self.pids = []

    def start(self, config, **environment):
        path = self.folder / "activated.yaml"
        path.write_text(json.dumps(config))
        high = [fcntl.fcntl(one.fileno(), fcntl.F_DUPFD_CLOEXEC, 100) for one in self.sockets]
        actions = [(os.POSIX_SPAWN_DUP2, descriptor, 3 + place) for place, descriptor in enumerate(high)]
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        actions += [(os.POSIX_SPAWN_OPEN, to, self.folder / "activated.log", flags, 0o600) for to in (1, 2)]
        environment = {**os.environ, "LISTEN_FDS": "2", "LISTEN_FDNAMES": self.names, "NOTIFY_SOCKET": str(self.folder / "notify"),
                       **environment}
        words = ["sh", "-c", 'export LISTEN_PID=${PRETEND:-$$}; exec "$@"', "sh", str(BINARY), "serve", "--config", str(path)]
        self.pids.append(os.posix_spawn("/bin/sh", words, environment, file_actions=actions))
        for descriptor in high:
            os.close(descriptor)
        return self.pids[-1]

    def hear(self):
        return self.told.recv(1000).decode()

    def log(self):
        return (self.folder / "activated.log").read_text()


@pytest.fixture
def activation(tmp_path):
    activation = Activation(tmp_path)
    yield activation
    for pid in activation.pids:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


def test_a_restart_with_sockets_that_were_passed_in(activation, config, tmp_path):
    load = Load(activation.port)  # the first wait for the gateway to start
    for _ in range(3):
        pid = activation.start(config)
        assert activation.hear() == f"READY=1\nMAINPID={pid}"
        assert request(activation.admin_port, "GET", "/health/ready", key=None)[0] == 200
        time.sleep(0.7)
        os.kill(pid, signal.SIGTERM)
        assert activation.hear() == "STOPPING=1"
        assert exit_code(pid) == 0, activation.log()
    pid = activation.start(config)
    assert activation.hear() == f"READY=1\nMAINPID={pid}"
    os.kill(pid, signal.SIGUSR2)
    told = re.fullmatch(r"READY=1\nMAINPID=(\d+)", activation.hear())
    assert exit_code(pid) == 0, activation.log()
    time.sleep(1.5)
    load.stop()
    end(int(told[1]))
    assert load.problems == []
    assert records(tmp_path / "ledger") == collections.Counter(load.ids)
    print(f"{len(load.ids)} requests through 3 restarts with passed sockets and one by SIGUSR2")


def test_sigterm_fails_no_request_that_is_on_its_way(activation, config):
    load = KeepAlive(activation.port)  # the sockets outlive the gateway: what waits is served by the next one
    for _ in range(4):
        pid = activation.start(config)
        assert activation.hear().startswith("READY=1")
        time.sleep(0.7)
        os.kill(pid, signal.SIGTERM)
        assert activation.hear() == "STOPPING=1"
        assert exit_code(pid) == 0, activation.log()
    pid = activation.start(config)
    assert activation.hear().startswith("READY=1")
    time.sleep(0.5)
    load.stop()
    end(pid)
    assert load.problems == [] and load.ids


def test_two_sockets_without_names_are_told_apart_by_their_order(tmp_path, config):
    activation = Activation(tmp_path, names="triage.socket:triage.socket")
    pid = activation.start(config)
    assert activation.hear().startswith("READY=1")
    assert request(activation.port, "GET", "/v1/models")[0] == 200
    assert request(activation.admin_port, "GET", "/health/live", key=None)[0] == 200
    end(pid)


def test_sockets_for_another_process_are_left_alone(tmp_path, config):
    activation = Activation(tmp_path)
    port, admin = free_port(), free_port()
    config = {**config, "listen": {"address": f"127.0.0.1:{port}"}, "admin": {"address": f"127.0.0.1:{admin}"}}
    pid = activation.start(config, PRETEND="1")
    assert activation.hear().startswith("READY=1")
    assert request(port, "GET", "/v1/models")[0] == 200
    end(pid)


def test_a_socket_that_others_can_reach_needs_keys(tmp_path, config):
    activation = Activation(tmp_path, api=("0.0.0.0", 0))
    pid = activation.start({**config, "keys": []})
    assert exit_code(pid) == 1
    assert "anyone who reaches 0.0.0.0 could spend your money" in activation.log()


def test_what_is_no_listening_socket_is_refused(tmp_path, config):
    activation = Activation(tmp_path)
    activation.sockets[1] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    pid = activation.start(config)
    assert exit_code(pid) == 3
    assert "descriptor 4 was passed in (LISTEN_FDS), but it is not for TCP" in activation.log()
