"""The dashboard on the admin address: what it serves, what it says, and who may not."""

import hashlib
import json
import time

import pytest

from gateway import config_for, request, wait_for
from ledger_lines import request as record
from ledger_lines import write_ledger

ADMIN_KEY = "tk-admin-dashboard"
HOSTILE = "</script><img src=x onerror=alert(1)>"
MARK = {"x-triage-dashboard": "1"}


def lines():
    """A few hundred requests of the last hour, some with names and texts that would be markup."""
    now = int(time.time() * 1000)
    out = []
    for number in range(300):
        more = {"time_unix_ms": now - (300 - number) * 10_000, "tier": "large" if number % 4 == 0 else "small"}
        if number % 10 == 0:
            more |= {"content": "full", "prompt": HOSTILE, "answer": HOSTILE, "model_requested": HOSTILE}
        if number % 30 == 0:
            more |= {"outcome": "upstream_error", "status": 502, "error": "upstream_error"}
        out.append(record(number, **more))
    event = {"kind": "feedback", "id": "req_10", "time_unix_ms": now - 1000, "key": None, "thumb": "down", "score": None}
    return out + [event | {"task_completed": None, "comment": HOSTILE, "corrected": None, "route": "chat", "experiment": None}]


@pytest.fixture
def shown(start, simulator, tmp_path):
    """shown(key=..., ledger=...) -> a gateway with a ledger that its database has taken up."""

    def begin(key=None, recorded=True):
        folder = tmp_path / "ledger"
        if recorded:
            write_ledger(folder, lines())
        admin = {"key": {"name": "ops", "sha256": hashlib.sha256(key.encode()).hexdigest()}} if key else {}
        gateway = start(config_for(simulator.port, ledger={"dir": str(folder)}, admin=admin))
        if recorded:
            wait_for(lambda: len(ask(gateway, "requests?rows=200")[1].get("rows", [])) == 200, 20, "the database has the journal")
        return gateway

    return begin


def ask(gateway, path, body=None, headers=None):
    method = "GET" if body is None else "POST"
    status, _, text = request(gateway.admin_port, method, f"/api/ui/{path}", body=body, headers={**MARK, **(headers or {})}, key=None)
    return status, json.loads(text)


def test_files_come_with_fields_that_keep_others_out(shown):
    gateway = shown(recorded=False)
    status, fields, body = request(gateway.admin_port, "GET", "/dashboard/", key=None)
    fields = {name.lower(): value for name, value in dict(fields).items()}
    assert status == 200 and b"<script type=\"module\" src=\"app.js\">" in body
    assert "default-src 'self'" in fields["content-security-policy"] and "frame-ancestors 'none'" in fields["content-security-policy"]
    assert "unsafe" not in fields["content-security-policy"] and fields["x-content-type-options"] == "nosniff"
    assert request(gateway.admin_port, "GET", "/dashboard/", headers={"if-none-match": fields["etag"]}, key=None)[0] == 304
    assert request(gateway.admin_port, "GET", "/", key=None)[0] == 308
    for name in ("app.js", "style.css", "overview.js", "icon.svg"):
        status, _, body = request(gateway.admin_port, "GET", f"/dashboard/{name}", key=None)
        assert status == 200 and b"http://" not in body.replace(b"http://www.w3.org/", b"") and b"https://" not in body, name


def test_pages_of_others_get_nothing(shown):
    gateway = shown()
    for headers in ({"host": "rebound.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        status, answer = ask(gateway, "requests", headers=headers)
        assert status in (403, 421) and "rows" not in answer, headers
    assert request(gateway.admin_port, "POST", "/api/ui/explain", body={"prompt": "x"}, key=None)[0] == 403  # as a form would
    assert request(gateway.admin_port, "OPTIONS", "/api/ui/explain", key=None)[0] in (204, 405)  # without a field that allows anything


def test_it_says_what_the_ledger_has(shown):
    gateway = shown()
    status, found = ask(gateway, "overview?last=21600")
    assert status == 200 and found["total"]["requests"] == 300 and found["total"]["errors"] == 10
    assert found["total"]["tiers"] == {"large": 75, "small": 225}
    assert found["total"]["cost_nano_usd"] == 75 * 10_000_000 + 225 * 1_000_000
    assert found["total"]["frontier_cost_nano_usd"] == 300 * 10_000_000
    assert found["savings"]["low"] < 1 - found["total"]["cost_nano_usd"] / found["total"]["frontier_cost_nano_usd"] < found["savings"]["high"]
    assert sum(step["requests"] for step in found["series"]) == 300
    seen, before = [], ""
    while True:
        page = ask(gateway, f"requests?rows=70{before}")[1]
        seen += [row["seq"] for row in page["rows"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == sorted(seen, reverse=True) and len(seen) == len(set(seen)) == 300
    assert len(ask(gateway, "requests?outcome=errors")[1]["rows"]) == 10
    assert [row["id"] for row in ask(gateway, "requests?thumb=down")[1]["rows"]] == ["req_10"]
    assert ask(gateway, f"requests?after={max(seen)}")[1]["rows"] == []
    assert ask(gateway, "requests?status=five")[0] == 400
    status, one = ask(gateway, "request?id=req_10")
    assert status == 200 and one["record"]["prompt"] == HOSTILE and one["feedback"][0]["comment"] == HOSTILE
    assert one["attempts"][0]["deployment"] == "cheap"
    assert ask(gateway, "request?id=req_nothing")[0] == 404


def test_texts_are_for_those_with_the_key_where_there_is_one(shown):
    gateway = shown(key=ADMIN_KEY)
    with_key = {"authorization": f"Bearer {ADMIN_KEY}"}
    one = ask(gateway, "request?id=req_10")[1]
    assert one["record"]["prompt"] is None and one["feedback"][0]["comment"] is None and one["texts_hidden"]
    assert all(row["prompt"] is None for row in ask(gateway, "requests")[1]["rows"])
    assert ask(gateway, "request?id=req_10", headers=with_key)[1]["record"]["prompt"] == HOSTILE
    assert ask(gateway, "names")[1]["has_key"] is False and ask(gateway, "names", headers=with_key)[1]["has_key"] is True


def test_the_explorer_says_what_explain_says(shown):
    gateway = shown(recorded=False)
    status, found = ask(gateway, "explain", {"prompt": "What is 12*7?", "model": "auto"})
    assert status == 200 and "chain" in found and "tiers" in found and "deployments" in found
    assert ask(gateway, "explain", {"prompt": "x", "key": "nobody"})[0] == 400


def test_a_candidate_is_checked_and_compared(shown):
    gateway = shown(key=ADMIN_KEY)
    with_key = {"authorization": f"Bearer {ADMIN_KEY}"}
    same = gateway.path.read_text()
    status, found = ask(gateway, "check", {"config": same}, with_key)
    assert status == 200 and found["check"]["ok"] and found["diff"]["same_for_traffic"] and found["diff"]["changes"] == []
    status, found = ask(gateway, "check", {"config": "routes: 5"}, with_key)
    assert status == 200 and not found["check"]["ok"] and found["diff"] is None
    assert "/proc/" not in json.dumps(found)
    status, found = ask(gateway, "check", {"config": "listen: {address: '${HOME}'}"})
    assert status == 401  # it would be read with the gateway's rights


def test_without_requests_there_are_no_figures_and_no_errors(shown):
    gateway = shown(recorded=False)
    status, found = ask(gateway, "overview")
    assert status == 200 and found["total"]["requests"] == 0 and found["savings"] is None and found["before"] is None
    assert ask(gateway, "requests")[1]["rows"] == []
    assert ask(gateway, "quality")[0] == 200 and ask(gateway, "standing")[0] == 200
