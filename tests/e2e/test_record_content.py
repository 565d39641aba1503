"""What the ledger keeps of prompts and answers: nothing, hashes, redacted texts, all."""

import hashlib
import hmac
import json
import sqlite3
import subprocess

import pytest

from gateway import BINARY, Gateway, config_for
from upstream import Upstream, response

KEY = "a key of the records, 32 bytes.."
QUESTION = [{"role": "user", "content": "I am jane@example.com,\ncall +49 30 901820 about EMP-1234"}]
ANSWER = "Dear jane@example.com, your card 4111 1111 1111 1111 was charged."


def answer(seen):
    if json.loads(seen.body).get("stream"):
        chunk = lambda delta, end=None: "data: " + json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": end}]}) + "\n\n"
        events = "".join(chunk({"content": word + " "}) for word in ANSWER.split(" ")[:-1])
        events += chunk({"content": ANSWER.split(" ")[-1]}) + chunk({}, "stop") + "data: [DONE]\n\n"
        return response(events.encode(), content_type="text/event-stream")
    message = {"role": "assistant", "content": ANSWER}
    return response(json.dumps({"choices": [{"index": 0, "finish_reason": "stop", "message": message}]}).encode())


@pytest.fixture
def gateway(tmp_path):
    upstream = Upstream(answer)
    config = config_for(upstream.port, ledger={"dir": str(tmp_path / "ledger")})
    records = {"off": "off", "hashed": {"content": "hashed", "key": KEY}, "full": "full", "short": {"content": "full", "most": "64B"},
               "redacted": {"content": "redacted", "patterns": ["EMP-[0-9]+"]}}
    config["routes"] = {name: {"match": {"models": [name]}, "tiers": {"small": ["sim-small"]}, "record": record}
                        for name, record in records.items()}
    gateway = Gateway(config, tmp_path)
    yield gateway
    gateway.stop()
    upstream.close()


def recorded(gateway, tmp_path, model, stream):
    body = {"model": model, "messages": QUESTION, "stream": stream}
    status, headers, _ = gateway.request("POST", "/v1/chat/completions", body)
    assert status == 200
    return headers["x-request-id"]


@pytest.mark.parametrize("stream", [False, True])
def test_what_is_kept(gateway, tmp_path, stream):
    ids = {model: recorded(gateway, tmp_path, model, stream) for model in ("off", "hashed", "redacted", "full", "short")}
    # A deployment by its own name has no route, so nothing says to keep its texts.
    ids["sim-small"] = recorded(gateway, tmp_path, "sim-small", stream)
    assert gateway.stop() == 0
    folder = tmp_path / "ledger"
    export = subprocess.run([BINARY, "ledger", "export", "--ledger", folder], capture_output=True, text=True, check=True).stdout
    by_id = {record["id"]: record for record in map(json.loads, export.splitlines())}
    with sqlite3.connect(f"file:{folder}/ledger.db?mode=ro", uri=True) as database:
        rows = {row[0]: row[1:] for row in database.execute("SELECT id, content, prompt, answer FROM requests")}
    for name in ("off", "sim-small"):
        assert "content" not in by_id[ids[name]] and "prompt" not in by_id[ids[name]]
        assert rows[ids[name]] == (None, None, None)
    for name in ("hashed", "redacted", "full", "short"):
        record = by_id[ids[name]]
        assert rows[ids[name]] == (record["content"], record["prompt"], record["answer"])
    full = by_id[ids["full"]]
    assert full["content"] == "full" and full["prompt"] == json.dumps(QUESTION) and full["answer"] == ANSWER
    redacted = by_id[ids["redacted"]]
    assert json.loads(redacted["prompt"]) == [{"role": "user", "content": "I am [email],\ncall [phone] about [redacted]"}]
    assert redacted["content"] == "redacted" and redacted["answer"] == "Dear [email], your card [card] was charged."
    mac = lambda text: hmac.new(KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
    hashed = by_id[ids["hashed"]]
    assert (hashed["content"], hashed["prompt"], hashed["answer"]) == ("hashed", mac(json.dumps(QUESTION)), mac(ANSWER))
    short = by_id[ids["short"]]
    assert short["answer"] == ANSWER[:64] + "\u2026[cut]" and short["prompt"].endswith("\u2026[cut]")
    for secret in (KEY, "jane@", "4111 1111"):
        assert secret not in gateway.stderr()
