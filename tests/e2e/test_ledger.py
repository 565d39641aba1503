"""The ledger from outside: what was answered is recorded once, whatever happens to the gateway; the commands on it."""

import csv
import io
import json
import pathlib
import sqlite3
import subprocess
import threading
import time

import pytest

from gateway import BINARY, MODELS, Gateway, config_for, request, wait_for

CHAT = {"model": "auto", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 8}


def triage(*arguments, code=0):
    """`triage ARGUMENTS`: (stdout, stderr) once it ended with `code`."""
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout, done.stderr


def exported(folder):
    return [json.loads(line) for line in triage("ledger", "export", "--ledger", folder)[0].splitlines()]


def rows(folder):
    with sqlite3.connect(f"file:{folder}/ledger.db?mode=ro", uri=True) as database:
        return [row[0] for row in database.execute("SELECT id FROM requests ORDER BY seq")]


@pytest.fixture
def ledger_config(simulator, tmp_path):
    config = config_for(simulator.port, ledger={"dir": str(tmp_path / "ledger")})
    for model in MODELS:
        config["deployments"][model]["price"] = {"input": 0.5, "output": 1.5}
    return config


def ask(gateway, **more):
    """The id of one whole answer."""
    status, headers, body = gateway.request("POST", "/v1/chat/completions", {**CHAT, **more})
    assert status == 200, body
    return headers["x-request-id"]


def test_each_answer_is_one_record_and_the_commands_agree(start, ledger_config, tmp_path):
    folder = tmp_path / "ledger"
    gateway = start(ledger_config)
    ids = [ask(gateway, stream=i % 2 == 0) for i in range(40)]
    gateway.request("POST", "/v1/chat/completions", b"{")

    # Beside the running gateway.
    wait_for(lambda: len(exported(folder)) == 41, 10, "41 records in the journal")
    report = json.loads(triage("report", "--ledger", folder, "--json")[0])["total"]
    assert report["outcomes"] == {"client_error": 1, "ok": 40}
    assert "a gateway writes there" in triage("ledger", "verify", "--ledger", folder)[0]
    assert "another process writes there" in triage("ledger", "rebuild", "--ledger", folder, code=3)[1]

    assert gateway.stop() == 0
    records = exported(folder)
    assert [record["id"] for record in records if record["outcome"] == "ok"] == ids
    assert rows(folder) == [record["id"] for record in records]
    out, _ = triage("ledger", "verify", "--ledger", folder)
    assert out.startswith("41 records (1..41)") and out.endswith("ok\n"), out

    cost = sum(record["cost_nano_usd"] for record in records if record["outcome"] == "ok")
    assert cost > 0
    for by in ["route", "tier", "deployment", "key", "model", "day"]:
        report = json.loads(triage("report", "--ledger", folder, "--by", by, "--json")[0])
        assert report["total"]["cost_nano_usd"] == cost
        assert sum(row["requests"] for row in report["rows"]) == 41
        table = triage("report", "--ledger", folder, "--by", by)[0]
        assert max(map(len, table.splitlines())) <= 100, table
    config = tmp_path / "gateway0.yaml"
    assert triage("report", "--config", config)[0].splitlines()[2:] == triage("report", "--ledger", folder)[0].splitlines()[2:]

    table = list(csv.DictReader(io.StringIO(triage("ledger", "export", "--ledger", folder, "--format", "csv")[0])))
    assert [row["id"] for row in table] == [record["id"] for record in records]
    assert [json.loads(row["attempts"]) for row in table] == [record["attempts"] for record in records]

    assert "41 records" in triage("ledger", "rebuild", "--ledger", folder)[0]
    assert json.loads(triage("report", "--ledger", folder, "--json")[0])["total"]["cost_nano_usd"] == cost


def test_kill_9_under_load_loses_and_doubles_nothing(ledger_config, tmp_path):
    folder = tmp_path / "ledger"
    answered = []

    def load(gateway, stop):
        while not stop.is_set():
            try:
                answered.append(ask(gateway, stream=len(answered) % 3 == 0))
            except Exception:  # it was killed
                time.sleep(0.001)

    for life in range(6):
        gateway = Gateway(ledger_config, tmp_path, f"life{life}")
        stop = threading.Event()
        threads = [threading.Thread(target=load, args=(gateway, stop)) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.15 + 0.1 * life)
        gateway.child.kill()
        gateway.child.wait()
        stop.set()
        for thread in threads:
            thread.join()

    assert len(answered) > 30  # the load was there; how much of it is the machine's affair
    for _ in range(2):  # as the last one left it, and after a start and an orderly end
        ids = [record["id"] for record in exported(folder)]
        assert len(ids) == len(set(ids)), "doubled"
        assert not set(answered) - set(ids), "lost"
        last = Gateway(ledger_config, tmp_path, "last")
        assert last.stop() == 0, last.stderr()
    assert sorted(rows(folder)) == sorted(ids)
    triage("ledger", "verify", "--ledger", folder)


def test_sync_each_answers_after_the_journal_has_it(start, ledger_config, tmp_path):
    ledger_config["ledger"]["sync"] = "each"
    gateway = start(ledger_config)
    for _ in range(10):
        assert ask(gateway) in [record["id"] for record in exported(tmp_path / "ledger")]


def test_a_directory_that_cannot_be_used_stops_nobody(start, ledger_config, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    ledger_config["ledger"]["dir"] = str(in_the_way / "ledger")
    gateway = start(ledger_config)
    ids = [ask(gateway) for _ in range(10)]
    _, _, body = request(gateway.admin_port, "GET", "/health/ready", key=None)
    assert "Not a directory" in str(json.loads(body)), body
    assert gateway.metric("triage_ledger_working") == 0
    in_the_way.unlink()
    wait_for(lambda: gateway.metric("triage_ledger_working") == 1, 10, "the ledger is written")
    assert gateway.stop() == 0
    assert [record["id"] for record in exported(in_the_way / "ledger")] == ids


def test_wrong_use_is_said(tmp_path):
    assert "give either" in triage("report", code=2)[1]
    assert "is not a directory" in triage("report", "--ledger", tmp_path / "none", code=3)[1]
    assert "--by 'colour'" in triage("report", "--ledger", tmp_path, "--by", "colour", code=2)[1]
    assert "--since 'soon'" in triage("report", "--ledger", tmp_path, "--since", "soon", code=2)[1]
    assert "verify, rebuild or export" in triage("ledger", "--ledger", tmp_path, code=2)[1]
    assert "jsonl or csv" in triage("ledger", "export", "--ledger", tmp_path, "--format", "xml", code=2)[1]
    assert "--kind 'colour'" in triage("ledger", "export", "--ledger", tmp_path, "--kind", "colour", code=2)[1]
    for words in (["report"], ["ledger", "verify"], ["ledger", "rebuild"], ["ledger", "export"]):
        said = triage(*words, "--ledger", tmp_path, code=3)[1]
        assert f"'{tmp_path}' is not a ledger" in said and "ledger.db" in said
    assert not list(pathlib.Path(tmp_path).iterdir()), "reading makes nothing"


def test_since_takes_durations_and_dates(start, ledger_config, tmp_path):
    gateway = start(ledger_config)
    ask(gateway)
    assert gateway.stop() == 0
    for since, records in {"1h": 1, "2020-01-01": 1, "2020-01-01T12:30Z": 1, "2100-01-01T00:00:00": 0}.items():
        assert len(triage("ledger", "export", "--ledger", tmp_path / "ledger", "--since", since)[0].splitlines()) == records
        report = json.loads(triage("report", "--ledger", tmp_path / "ledger", "--since", since, "--json")[0])
        assert report["total"]["requests"] == records
