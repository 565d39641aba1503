"""The command line: what a person types first."""

import http.client
import json
import os
import pty
import re
import socket
import subprocess
import sys
import threading

import pytest

from gateway import BINARY, KEY, PROVIDER_KEY, Process, accepts, config_for, free_port, request, wait_for


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


CONFIG = """providers: {p: {base_url: "http://127.0.0.1:1/v1"}}
deployments: {d: {provider: p, price: {input: 1, output: 1}}}
tiers: [small]
routes: {chat: {match: {models: [auto]}, tiers: {small: [d]}}}
"""


@pytest.mark.parametrize(
    "arguments, code, says",
    [
        (["sevre"], 2, "unknown command 'sevre'; did you mean 'serve'?"),
        (["--config", "good.yaml"], 2, "a command comes first"),
        (["serve", "--confg", "good.yaml"], 2, "unknown option '--confg'; did you mean --config?"),
        (["serve", "-config", "good.yaml"], 2, "did you mean --config?"),
        (["serve", "--config"], 2, "--config needs a value: --config FILE"),
        (["serve", "--config", "--demo"], 2, "--config needs a value"),
        (["serve"], 2, "--config is missing, and the current directory"),
        (["serve", "good.yaml"], 2, "unexpected 'good.yaml'"),
        (["serve", "--config", "good.yaml", "--config", "missing.yaml"], 1, "note: --config is given more than once: 'missing.yaml' counts"),
        (["serve", "good.yaml"], 2, "unexpected 'good.yaml'; did you mean --config good.yaml?"),
        (["serve", "--demo=yes"], 2, "--demo takes no value"),
        (["serve", "--config", "missing.yaml"], 1, "missing.yaml"),
        (["serve", "--config", "folder"], 1, "folder"),
        (["serve", "--demo", "--listen", "8080"], 2, "--listen '8080': it has no host; write HOST:PORT"),
        (["check"], 2, "FILE is missing, and the current directory"),
        (["check", "good.yaml", "other.yaml"], 2, "unexpected 'other.yaml'"),
        (["check", "good.yaml", "json"], 2, "'json'"),
        (["check", "folder"], 1, "folder"),
        (["ledger"], 2, "say what: verify, rebuild or export"),
        (["ledger", "verfy"], 2, "did you mean 'verify'?"),
        (["ledger", "verify"], 2, "give either --config FILE or --ledger DIR"),
        (["ledger", "verify", "--ledger", "good.yaml"], 3, "'good.yaml' is not a directory"),
        (["ledger", "verify", "--since", "1d", "--ledger", "folder"], 2, "unknown option '--since'"),
        (["report", "--ledger", "folder", "--by", "routes"], 2, "--by 'routes': write route, tier, deployment, key, model or day; did you mean 'route'?"),
        (["report", "--ledger", "folder", "--since", "yesterday"], 2, "--since 'yesterday': write it as 24h"),
        (["report", "--ledger", "folder", "--config", "good.yaml"], 2, "give either --config FILE or --ledger DIR"),
        (["report", "--config", "good.yaml"], 3, "good.yaml has no 'ledger'"),
        (["report", "--ledger", "missing"], 3, "'missing' is not a directory"),
        (["top", "--ledger", "folder", "--rows", "many"], 2, "--rows 'many': write a number from 1 on"),
        (["import", "litelm", "good.yaml"], 2, "did you mean 'litellm'?"),
        (["import", "litellm"], 2, "FILE is missing"),
        (["import", "litellm", "missing.yaml"], 3, "missing.yaml"),
        (["key", "new"], 2, "--name NAME is missing"),
        (["plan", "--cost-weak", "2000000", "--cost-strong", "1"], 2, "give a number from 0 to 1000000\n"),
        (["plan", "--cost-weak", "cheap", "--cost-strong", "1"], 2, "--cost-weak 'cheap': give a number"),
        (["simulate", "--seed", "x"], 2, "--seed takes a number, not 'x'"),
        (["experiment", "show", "--config", "good.yaml"], 2, "NAME is missing"),
        (["evalset", "build", "--config", "good.yaml", "--out", "set.jsonl"], 2, "--route NAME is missing"),
        (["eval", "--config", "good.yaml"], 2, "give either --data FILE or --ledger DIR"),
        (["explain", "--config", "good.yaml"], 1, "standard input is empty"),
        (["help", "sevre"], 2, "did you mean 'serve'?"),
        (["completion", "tcsh"], 2, "SHELL 'tcsh': write bash, zsh or fish"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_cure(tmp_path, arguments, code, says):
    (tmp_path / "good.yaml").write_text(CONFIG)
    (tmp_path / "other.yaml").write_text(CONFIG)
    (tmp_path / "folder").mkdir()
    done = triage(*arguments, cwd=tmp_path)
    assert done.returncode == code, done
    assert says in done.stderr, done.stderr
    assert done.stderr.count("\n") < 25, "the mistake is not lost in a page of help"


@pytest.mark.parametrize("words", [["serve", "--bogus", "--help"], ["serve", "x", "y", "-h"], ["-h", "serve"], ["help", "serve"], ["serve", "--config", "--help"]])
def test_help_is_given_wherever_it_is_asked_for(words):
    done = triage(*words)
    assert done.returncode == 0 and done.stdout.startswith("Usage: triage serve"), done


def test_help_of_a_command_of_a_command():
    done = triage("help", "ledger", "export")
    assert done.returncode == 0 and done.stdout.startswith("Usage: triage ledger export") and "--format" in done.stdout
    assert triage("ledger", "export", "-h").stdout == done.stdout
    assert "Examples:" in triage("help", "ledger").stdout


def test_version_in_all_spellings():
    assert triage("-V").stdout == triage("--version").stdout == triage("version").stdout != ""


def test_the_configuration_of_the_current_directory(tmp_path):
    (tmp_path / "triage.yaml").write_text(CONFIG)
    assert triage("check", cwd=tmp_path).stdout.startswith("triage.yaml: ok")
    done = triage("experiment", "list", cwd=tmp_path)
    assert done.returncode == 3 and "the configuration has no 'ledger'" in done.stderr
    (tmp_path / "triage.yaml").write_text("nonsense: 1\n")
    done = triage("serve", cwd=tmp_path)
    assert done.returncode == 1 and re.search(r"^triage\.yaml:1:1: error:", done.stderr)


def test_colours_are_for_terminals_that_have_them(tmp_path):
    (tmp_path / "bad.yaml").write_text("nonsense: 1\n")

    def seen(**environment):
        terminal, inner = pty.openpty()
        subprocess.run([BINARY, "check", "bad.yaml"], cwd=tmp_path, stdin=inner, stdout=inner, stderr=inner, env=environment, timeout=20)
        os.close(inner)
        text = os.read(terminal, 100_000).decode()
        os.close(terminal)
        assert "error:" in text
        return "\x1b[" in text

    assert seen(TERM="xterm")
    assert not seen(TERM="xterm", NO_COLOR="1") and not seen(TERM="dumb") and not seen()
    assert "\x1b[" not in triage("check", "bad.yaml", cwd=tmp_path, env={"TERM": "xterm"}).stderr


def test_output_that_cannot_be_written_is_an_error():
    with open("/dev/full", "w") as full:
        done = subprocess.run([BINARY, "schema"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
    assert done.returncode == 3 and "standard output cannot be written: No space left" in done.stderr
    # A reader that has enough ends the command, as any other in a pipe.
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {BINARY} schema | head -1"], capture_output=True, text=True, timeout=20)
    assert done.returncode in (0, 141) and done.stderr == ""


def test_closed_streams_are_not_mistaken_for_files(tmp_path):
    """A file that is opened first gets the number of a stream that is closed: what is printed would go there."""
    (tmp_path / "good.yaml").write_text(CONFIG)
    rows = tmp_path / "graded.jsonl"
    rows.write_text("".join(json.dumps({"logprobs": [-0.1 * i], "right": i % 3 > 0}) + "\n" for i in range(60)))
    done = subprocess.run(["bash", "-c", f"{BINARY} calibrate graded.jsonl --out out.json <&- >&- 2>&-"], cwd=tmp_path, timeout=20)
    assert done.returncode == 0
    whole = (tmp_path / "out.json").read_text()
    assert triage("calibrate", "graded.jsonl", cwd=tmp_path).stdout == whole
    for closed in ("<&-", ">&-", "2>&-"):
        assert subprocess.run(["bash", "-c", f"{BINARY} check good.yaml {closed}"], cwd=tmp_path, capture_output=True, timeout=20).returncode == 0


def test_a_gateway_serves_on_without_its_output(tmp_path, simulator):
    port, admin = free_port(), free_port()
    path = tmp_path / "triage.yaml"
    path.write_text(json.dumps(config_for(simulator.port, listen={"address": f"127.0.0.1:{port}"}, admin={"address": f"127.0.0.1:{admin}"})))
    for output in (">&- 2>&-", "> /dev/full 2> /dev/full"):
        child = subprocess.Popen(["bash", "-c", f"exec {BINARY} serve {output}"], cwd=tmp_path, stdin=subprocess.DEVNULL)
        wait_for(lambda: accepts(port), 15, "it listens")
        body = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
        assert request(port, "POST", "/v1/chat/completions", body)[0] == 200
        child.terminate()
        assert child.wait(20) == 0, output


def test_a_folder_that_cannot_be_written(tmp_path):
    done = triage("man", "--out", "/proc/triage")
    assert done.returncode == 3 and "/proc/triage" in done.stderr
    done = triage("key", "new", "--name", "bad name!")
    assert done.returncode == 2 and "bad name!" in done.stderr


@pytest.mark.parametrize(
    "change, code, says",
    [
        ({"nonsense": 1}, 1, "unknown key"),
        ({"listen": {"address": "0.0.0.0:0"}}, 1, "keys"),
        ("port", 3, "127.0.0.1:"),
    ],
)
def test_start_up_speaks_json_where_the_log_does(tmp_path, simulator, change, code, says):
    config = config_for(simulator.port, listen={"address": f"127.0.0.1:{free_port()}"}, admin={"address": f"127.0.0.1:{free_port()}"}, log={"format": "json"})
    if change == "port":
        change = {"listen": {"address": f"127.0.0.1:{simulator.port}"}}
    if "listen" in change and "0.0.0.0" in change["listen"]["address"]:
        del config["keys"]
    config.update(change)
    done = serve(tmp_path, json.dumps(config))
    assert done.returncode == code and done.stdout == ""
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert lines and all({"time", "level"} <= set(line) for line in lines)
    assert any(line["level"] == "error" and says in line["message"] for line in lines), lines


def test_a_gateway_that_runs_speaks_json(tmp_path, simulator):
    """Also of what goes wrong as it starts: a ledger that cannot be written does not keep it from serving."""
    port, admin = free_port(), free_port()
    config = config_for(simulator.port, listen={"address": f"127.0.0.1:{port}"}, admin={"address": f"127.0.0.1:{admin}"}, log={"format": "json"}, ledger={"dir": "/proc/no/such"})
    path = tmp_path / "triage.yaml"
    path.write_text(json.dumps(config))
    process = Process(["serve", "--config", path], tmp_path / "log", [port])
    wait_for(lambda: "/proc/no/such" in process.stderr(), 10, "it says what is wrong with the ledger")
    assert process.stop() == 0
    assert all({"time", "level"} <= set(json.loads(line)) for line in process.stderr().splitlines())


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
