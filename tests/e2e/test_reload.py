"""A configuration that changes while the gateway runs."""

import json
import signal
import threading
import time

import pytest

from gateway import PROVIDER_KEY, Process, config_for, free_port, request, wait_for
from upstream import Upstream, response

CHAT = "/v1/chat/completions"
BODY = {"model": "auto", "messages": [{"role": "user", "content": "What is 2+2?"}]}
SYNTAX = "providers: {p: {base_url: [\n"


def config_of(port, deployment, **more):
    """`auto` goes to that deployment."""
    config = config_for(port, **more)
    config["routes"]["chat"]["tiers"]["small"] = [deployment]
    return config


def served_by(gateway):
    status, headers, body = gateway.request("POST", CHAT, BODY)
    assert status == 200, body
    return headers["x-triage-deployment"]


@pytest.fixture
def gateway(simulator, start):
    return start(config_of(simulator.port, "sim-small"))


def by_admin_api(gateway):
    status, answer = gateway.reload()
    assert (status, answer["changed"]) == (200, True), answer
    assert answer["version"] == gateway.ready()["version"]


def by_sighup(gateway):
    before = gateway.ready()["version"]
    gateway.child.send_signal(signal.SIGHUP)
    wait_for(lambda: gateway.ready()["version"] != before, 5, "SIGHUP reloads")


def by_file_change(gateway):
    before = gateway.ready()["version"]
    wait_for(lambda: gateway.ready()["version"] != before, 10, "a changed file is taken up")


@pytest.mark.parametrize("way", [by_admin_api, by_sighup, by_file_change])
def test_another_configuration_is_taken_up(simulator, gateway, way):
    assert served_by(gateway) == "sim-small"
    gateway.write(config_of(simulator.port, "sim-large"))
    way(gateway)
    assert served_by(gateway) == "sim-large"
    assert gateway.metric("triage_reloads_total", result="ok") == 1
    assert gateway.metric("triage_reloads_total", result="failed") == 0
    assert gateway.metric("triage_config_info") == 1


BROKEN = {
    "syntax": (SYNTAX, "gateway0.yaml:1:27: error: this '[' is never closed"),
    "unknown deployment": (lambda port: config_of(port, "sim-samll"), "unknown deployment 'sim-samll'"),
    "gone": (None, "cannot read this file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_file_changes_nothing(simulator, gateway, name):
    broken, message = BROKEN[name]
    before = gateway.ready()["version"]
    if broken is None:
        gateway.path.unlink()
    else:
        gateway.write(broken(simulator.port) if callable(broken) else broken)
    # once because the file changed, then because it is asked for
    wait_for(lambda: gateway.metric("triage_reloads_total", result="failed") == 1, 10, "the failure is counted")
    status, answer = gateway.reload()
    assert status == 422 and answer["error"]["code"] == "invalid_config" and message in answer["error"]["message"]
    gateway.child.send_signal(signal.SIGHUP)
    wait_for(lambda: gateway.metric("triage_reloads_total", result="failed") == 3, 5, "SIGHUP reloads")
    ready = gateway.ready()
    assert ready["version"] == before and ready["status"] == "ready" and message in ready["last_reload_error"]
    assert gateway.metric("triage_config_last_reload_ok") == 0
    assert served_by(gateway) == "sim-small"
    assert gateway.logs(message) and gateway.stderr().count(message) == 1, "logged once"
    assert gateway.reload(config_of(simulator.port, "sim-large"))[0] == 200
    assert gateway.ready()["last_reload_error"] is None and served_by(gateway) == "sim-large"


def test_all_mistakes_are_named(simulator, gateway):
    config = config_of(simulator.port, "nobody")
    config["aliases"] = {"x": "nothing"}
    status, answer = gateway.reload(config)
    assert status == 422 and "'nobody'" in answer["error"]["message"] and "'nothing'" in answer["error"]["message"]
    assert set(answer["error"]) == {"message", "type", "param", "code"}


PRICES = "date: 2026-01-01\nmodels:\n  sim-small: {input: 1, output: 2}\n"


def test_includes_secrets_and_prices_are_watched(simulator, start, tmp_path):
    secret, parts, prices = tmp_path / "secret", tmp_path / "parts", tmp_path / "prices.yaml"
    secret.write_text(PROVIDER_KEY)
    prices.write_text(PRICES)
    parts.mkdir()
    config = config_of(simulator.port, "sim-small", include=["parts/*.yaml"], prices={"file": "prices.yaml"})
    config["providers"]["sim"]["api_key"] = "${file:%s}" % secret
    gateway = start(config)
    for change in [
        lambda: (parts / "new.yaml").write_text("aliases: {quick: sim-medium}"),
        lambda: (parts / "new.yaml").write_text("aliases: {quick: sim-large}"),
        lambda: secret.write_text(PROVIDER_KEY + "2"),
        lambda: prices.write_text(PRICES.replace("2026-01-01", "2026-01-02")),
    ]:
        before = gateway.ready()["version"]
        change()
        wait_for(lambda: gateway.ready()["version"] != before, 10, "the change is taken up")
    status, headers, _ = gateway.request("POST", CHAT, {**BODY, "model": "quick"})
    assert (status, headers["x-triage-deployment"]) == (200, "sim-large")
    assert PROVIDER_KEY not in gateway.stderr()


def test_a_file_that_is_being_written_is_waited_for(simulator, gateway):
    text = json.dumps(config_of(simulator.port, "sim-large") | {"admin": {"address": f"127.0.0.1:{gateway.admin_port}"}})
    before = gateway.ready()["version"]
    for end in range(0, len(text), len(text) // 8):  # 3 s in all
        gateway.path.write_text(text[:end])
        time.sleep(0.4)
    gateway.path.write_text(text)
    wait_for(lambda: gateway.ready()["version"] != before, 10, "the whole file is taken up")
    assert gateway.metric("triage_reloads_total", result="failed") == 0


def test_what_only_a_start_can_change_is_said(simulator, gateway):
    config = config_of(simulator.port, "sim-large", listen={"loops": 3}, limits={"body": "1KiB"})
    status, answer = gateway.reload(config)
    assert (status, answer["at_next_start"]) == (200, ["listen.loops"])
    wait_for(lambda: "takes effect at the next start: listen.loops" in gateway.stderr(), 5, "the log says so")
    assert served_by(gateway) == "sim-large"
    status, _, _ = gateway.request("POST", CHAT, {**BODY, "user": "x" * 2000})
    assert status == 413, "limits are in force for new connections"
    assert gateway.reload()[1] == {"version": answer["version"], "changed": False, "at_next_start": ["listen.loops"]}


def test_the_admin_api_shows_no_secret_and_takes_no_orders_from_a_browser(gateway):
    status, answer = gateway.reload(headers={"Origin": "https://evil.example"})
    assert (status, answer["error"]["code"]) == (403, "origin_not_allowed")
    status, _, body = request(gateway.admin_port, "GET", "/admin/config", key=None)
    shown = json.loads(body)
    assert status == 200 and PROVIDER_KEY not in body.decode()
    assert shown["providers"]["sim"]["api_key"] == "***" and shown["listen"]["address"] == f"127.0.0.1:{gateway.port}"


def test_breakers_survive(simulator, start):
    config = config_of(simulator.port, "sim-medium", breaker={"consecutive": 2, "eject": "60s", "eject_max": "60s"})
    config["routes"]["chat"]["tiers"]["small"].append("sim-small")
    config["routes"]["chat"]["retry"] = {"attempts": 1}
    gateway = start(config)
    for _ in range(6):
        gateway.request("POST", CHAT, BODY, {"x-simulate": "status=500; model=sim-medium"})
    assert gateway.metric("triage_attempts_total", deployment="sim-medium") == 2, "ejected"
    config["aliases"] = {"other": "sim-large"}
    assert gateway.reload(config)[1]["changed"]
    assert [served_by(gateway) for _ in range(4)] == ["sim-small"] * 4
    assert gateway.metric("triage_attempts_total", deployment="sim-medium") == 2


def test_requests_under_way_end_as_they_began_and_new_ones_go_where_the_provider_is_now(simulator, start):
    answer = json.dumps({"id": "x", "object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}}]})
    other = Upstream(lambda seen: response(answer.encode()))
    gateway = start(config_of(simulator.port, "sim-small"))
    assert served_by(gateway) == "sim-small"
    came = []
    stall = {"x-simulate": "stall-after=5; stall-ms=1500"}
    under_way = threading.Thread(target=lambda: came.append(gateway.request("POST", CHAT, {**BODY, "stream": True}, stall)))
    under_way.start()
    wait_for(lambda: gateway.in_flight() == 1, 5, "a stream is under way")
    moved = config_of(other.port, "sim-small")
    moved["providers"]["sim"]["api_key"] = "sk-another"
    assert gateway.reload(moved)[1]["changed"]
    for _ in range(3):
        assert served_by(gateway) == "sim-small"
    assert [seen.field(b"authorization") for seen in other.requests] == [b"Bearer sk-another"] * 3
    under_way.join()
    assert came[0][0] == 200 and came[0][2].rstrip().endswith(b"data: [DONE]")
    other.close()


def test_demo_and_addresses_of_the_command_line_stay(tmp_path):
    port = free_port()
    admin = free_port(but=port)
    config = config_of(1, "sim-small", listen={"address": "127.0.0.1:1"}, admin={"address": "127.0.0.1:2"})
    path = tmp_path / "demo.yaml"
    path.write_text(json.dumps(config))
    arguments = ["serve", "--demo", "--config", str(path), "--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"]
    process = Process(arguments, tmp_path / "demo", [port, admin])
    try:
        assert request(port, "POST", CHAT, BODY)[0] == 200
        config["deployments"]["brand-new"] = {"provider": "sim"}
        config["routes"]["chat"]["tiers"]["small"] = ["brand-new"]
        path.write_text(json.dumps(config))
        status, _, answer = request(admin, "POST", "/admin/reload", key=None)
        assert (status, json.loads(answer)["at_next_start"]) == (200, [])
        status, headers, body = request(port, "POST", CHAT, BODY)
        assert (status, headers["x-triage-deployment"], json.loads(body)["model"]) == (200, "brand-new", "brand-new")
    finally:
        assert process.stop() == 0, process.stderr()
