"""The command line: what a person types first."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading

import pytest

from gateway import BINARY, KEY, PROVIDER_KEY, Process, config_for, free_port, request, wait_for


def triage(*arguments, **more):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20, **more)


@pytest.mark.parametrize("command", [[], ["serve"], ["simulate"], ["key"], ["key", "new"], ["prices"], ["check"], ["explain"], ["health"], ["features"], ["similarity"], ["schema"], ["version"], ["eval"], ["sweep"], ["plan"], ["export"]])
def test_help(command):
    done = triage(*command, "--help")
    assert done.returncode == 0 and done.stderr == ""
    assert " ".join(["triage", *command]) in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [[], ["no-such-command"], ["serve"], ["serve", "--no-such-option"], ["serve", "--config"], ["serve", "--demo", "left over"],
     ["check"], ["check", "a", "b"], ["check", "--no-such-option", "a"], ["check", "--diff", "a"],
     ["check", "--diff", "--strict", "a", "b"], ["schema", "x"], ["eval"], ["eval", "--config", "f"], ["sweep", "x"], ["plan", "x"], ["export"],
     ["health", "x"], ["health", "--admin", "nonsense"], ["key"], ["key", "old"], ["key", "new"], ["simulate", "--listen", "nonsense"], ["serve", "--demo", "--listen", "127.0.0.1:99999"], ["version", "x"], ["--version", "x"]],
)  # fmt: skip
def test_wrong_use(arguments):
    done = triage(*arguments)
    assert done.returncode == 2, done
    assert done.stdout == "" and done.stderr


def test_version():
    done = triage("version")
    assert done.returncode == 0 and re.match(r"triage \d+\.\d+\.\d+", done.stdout)


def test_new_key_works(tmp_path, simulator):
    """What `key new` prints goes into the config as it is."""
    done = triage("key", "new", "--name", "checkout", "--routes", "chat")
    assert done.returncode == 0, done
    secret = re.search(r"tk_[A-Za-z0-9_-]{43}", done.stdout + done.stderr).group(0)
    line = re.search(r"^\s*(- \{name: checkout, .*\})\s*$", done.stdout + done.stderr, re.M).group(1)
    assert secret not in line
    port, admin = free_port(), free_port()
    config = config_for(simulator.port, listen={"address": f"127.0.0.1:{port}"}, admin={"address": f"127.0.0.1:{admin}"})
    del config["keys"]
    path = tmp_path / "triage.yaml"
    path.write_text(f"keys:\n  {line}\n" + "".join(f"{key}: {json.dumps(value)}\n" for key, value in config.items()))
    process = Process(["serve", "--config", path], tmp_path / "log", [port])
    body = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
    assert request(port, "POST", "/v1/chat/completions", body, key=secret)[0] == 200
    assert request(port, "POST", "/v1/chat/completions", body, key=secret[:-1] + "!")[0] == 401
    assert request(port, "POST", "/v1/chat/completions", body, key=None)[0] == 401
    assert request(port, "POST", "/v1/chat/completions", {**body, "model": "sim-large"}, key=secret)[0] == 403, "only its routes"
    assert process.stop() == 0


def test_bad_key_name():
    assert triage("key", "new", "--name", "no spaces, please").returncode in (1, 2)


def serve(tmp_path, text):
    path = tmp_path / "triage.yaml"
    path.write_text(text)
    return triage("serve", "--config", path)


BASE = 'providers: {p: {dialect: openai, base_url: "http://127.0.0.1:1/v1"}}\ndeployments: {m: {provider: p, model: m}}\n'


@pytest.mark.parametrize("address", ["0.0.0.0:%d", "[::]:%d"])
def test_open_address_needs_keys(tmp_path, address):
    done = serve(tmp_path, f'listen: {{address: "{address % free_port()}"}}\n' + BASE)
    assert done.returncode == 1
    assert "keys" in done.stderr and "unauthenticated" in done.stderr


@pytest.mark.parametrize(
    "text, where, says",
    [
        ("listne: {}\n" + BASE, r":1:1: error:", "listen"),
        (BASE + 'listen:\n  adress: "127.0.0.1:1"\n', r":4:3: error:", "address"),
        (BASE + "limits: {body: 20}\n", r":3:\d+: error:", "MiB"),
        (BASE.replace("provider: p,", "provider: q,"), r":2:\d+: error:", "q"),
        (BASE.replace("openai,", "opnai,"), r":1:\d+: error:", "openai"),
        (BASE + "keys: [{name: a, sha256: zz}]\n", r":3:\d+: error:", "sha256"),
        (BASE + "providers: {}\n", r":3:\d+: error:", "providers"),
        (BASE.replace("http://127.0.0.1:1/v1", "${NO_SUCH_VARIABLE_HERE}"), r":1:\d+: error:", "NO_SUCH_VARIABLE_HERE"),
        ("providers: {p: [}\n", r":1:\d+: error:", ""),
    ],
)
def test_config_errors_say_where(tmp_path, text, where, says):
    done = serve(tmp_path, text)
    assert done.returncode == 1, done
    assert re.search(r"triage\.yaml" + where, done.stderr), done.stderr
    assert says in done.stderr and done.stdout == ""


def test_missing_config():
    done = triage("serve", "--config", "/no/such/file.yaml")
    assert done.returncode in (1, 3) and "/no/such/file.yaml" in done.stderr


def test_port_in_use(tmp_path, simulator):
    config = config_for(simulator.port, listen={"address": f"127.0.0.1:{simulator.port}"}, admin={"address": f"127.0.0.1:{free_port()}"})
    # SO_REUSEPORT must not let a second program share the port in silence.
    done = serve(tmp_path, json.dumps(config))
    assert done.returncode == 3 and str(simulator.port) in done.stderr


def test_secrets_are_not_printed(tmp_path, simulator):
    port, admin = free_port(), free_port()
    path = tmp_path / "triage.yaml"
    path.write_text(json.dumps(config_for(simulator.port, listen={"address": f"127.0.0.1:{port}"}, admin={"address": f"127.0.0.1:{admin}"})))
    process = Process(["serve", "--config", path], tmp_path / "log", [port, admin])
    request(port, "POST", "/v1/chat/completions", {"model": "auto", "messages": []})
    metrics = request(admin, "GET", "/metrics")[2].decode()
    assert process.stop() == 0
    for text in (process.stdout(), process.stderr(), metrics):
        assert PROVIDER_KEY not in text and KEY not in text


def printed(demo, pattern):
    """What the demo says, once it has said it: it listens before it does."""
    wait_for(lambda: re.search(pattern, demo.stdout(), re.S | re.M), 10, pattern)
    return re.search(pattern, demo.stdout(), re.S | re.M).group(0)


def test_demo_prints_a_curl_line_that_works(demo, tmp_path):
    line = printed(demo, r"^ *curl (?:[^\n]*\\\n)*[^\n]*$")
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=20, cwd=tmp_path)
    assert done.returncode == 0 and '"chat.completion' in done.stdout, done


def test_demo_prints_a_snippet_that_works(demo, tmp_path):
    snippet = printed(demo, r"^ *from openai import OpenAI$.*?^ *print\(.*?$")
    indent = re.match(" *", snippet).group(0)
    (tmp_path / "snippet.py").write_text("\n".join(line.removeprefix(indent) for line in snippet.split("\n")))
    done = subprocess.run([sys.executable, "snippet.py"], capture_output=True, text=True, timeout=30, cwd=tmp_path, env={**os.environ, "OPENAI_API_KEY": ""})
    assert done.returncode == 0 and done.stdout.strip(), done


def test_demo_answers_what_it_lists(demo):
    listed = json.loads(request(8080, "GET", "/v1/models", key=None)[2])["data"]
    names = {model["id"] for model in listed}
    assert {"auto", "sim-small", "sim-medium", "sim-large", "sim-embedding"} <= names
    for name in (name for name in names if "embedding" not in name):
        body = {"model": name, "messages": [{"role": "user", "content": "hi"}]}
        assert request(8080, "POST", "/v1/chat/completions", body, key=None)[0] == 200, name


def test_open_address_without_keys_if_the_config_says_so(tmp_path):
    port = free_port()
    path = tmp_path / "triage.yaml"
    path.write_text(f'listen: {{address: "0.0.0.0:{port}", unauthenticated: allow}}\nadmin: {{address: "127.0.0.1:{free_port()}"}}\n' + BASE)
    process = Process(["serve", "--config", path], tmp_path / "log", [port])
    assert request(port, "GET", "/v1/models", key=None)[0] == 200
    assert process.stop() == 0


def test_sigterm_ends_with_0(tmp_path):
    port = free_port()
    process = Process(["simulate", "--listen", f"127.0.0.1:{port}"], tmp_path / "log", [port])
    process.child.terminate()
    assert process.child.wait(5) == 0


def test_stops_with_open_connections(tmp_path):
    """Ctrl-C ends at once when nothing is in flight, though clients keep their connections."""
    port = free_port()
    process = Process(["simulate", "--listen", f"127.0.0.1:{port}"], tmp_path / "log", [port])
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/v1/models")
    connection.getresponse().read()
    assert process.stop(3) == 0
    connection.close()


def test_health(gateway, simulator):
    done = triage("health", "--admin", f"127.0.0.1:{gateway.admin_port}")
    assert done.returncode == 0 and json.loads(done.stdout)["status"] == "ready", done
    done = triage("health", "--admin", f"localhost:{gateway.admin_port}")
    assert done.returncode == 0, done
    done = triage("health", "--admin", f"127.0.0.1:{free_port()}")
    assert done.returncode == 3 and "refused" in done.stderr and done.stdout == "", done
    done = triage("health", "--admin", f"127.0.0.1:{simulator.port}")
    assert done.returncode == 3 and "no admin address" in done.stderr, done


def answers_once(answer):
    """A server that gives these bytes to its first client and, unless there are none, ends the connection: its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with listener:
            client, _ = listener.accept()
            with client:
                client.recv(4096)
                client.sendall(answer)
                if not answer:
                    client.recv(1)  # until the client gives up

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


@pytest.mark.parametrize(
    "answer, code, says",
    [
        (b'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 21\r\n\r\n{"status":"stopping"}', 1, ""),
        (b"SSH-2.0-OpenSSH_9.2\r\n", 3, "does not answer as a gateway"),
        (b"", 3, "no answer within"),
    ],
)
def test_health_of_others(answer, code, says):
    done = triage("health", "--admin", f"127.0.0.1:{answers_once(answer)}")
    assert done.returncode == code and says in done.stderr, done
    assert ("stopping" in done.stdout) == (code == 1), done
