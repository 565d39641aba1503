"""A route whose cheap tier is verified before its answer goes out, before two scripted providers."""

import json
import re
import socket
import time

from gateway import KEY, key_config, wait_for
from upstream import Upstream, response

PRICES = {"weak": 1, "medium": 3, "strong": 10}  # nano-USD a token, thousands
TOKENS = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
GOOD = "Paris is the capital of France."
BETTER = "It is Paris, on the Seine."
REFUSAL = "I'm sorry, but I can't help with that."
LOOK_UP = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}}}  # fmt: skip


def cost(model):
    """Nano-USD of one answer that came whole."""
    return 1010 * PRICES[model] * 1000


def chunk(delta, finish=None):
    return {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def event(value):
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def in_chunk(piece):
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def says(text="", calls=(), finish=None, pause=0.0, before=0.0, words=None):
    """An answer of this text and of tool calls [(name, arguments)], plain or streamed as asked: `before` seconds until it
    begins, `pause` seconds between two events."""
    finish = finish or ("tool_calls" if calls else "stop")

    def plain():
        listed = [{"id": f"call_{i}", "type": "function", "function": {"name": name, "arguments": given}} for i, (name, given) in enumerate(calls)]
        message = {"role": "assistant", "content": text or None, **({"tool_calls": listed} if listed else {})}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return response(json.dumps({"id": "c", "object": "chat.completion", "choices": [choice], "usage": TOKENS}).encode())

    def streamed():
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        deltas = [{"role": "assistant", "content": ""}]
        deltas += [{"content": word} for word in words or re.findall(r"\s*\S+", text)]
        for i, (name, given) in enumerate(calls):
            deltas.append({"tool_calls": [{"index": i, "id": f"call_{i}", "type": "function", "function": {"name": name, "arguments": ""}}]})
            deltas += [{"tool_calls": [{"index": i, "function": {"arguments": part}}]} for part in (given[:5], given[5:])]
        for delta in deltas:
            yield in_chunk(event(chunk(delta)))
            time.sleep(pause)
        yield in_chunk(event(chunk({}, finish)) + event({"choices": [], "usage": TOKENS}) + b"data: [DONE]\n\n") + b"0\r\n\r\n"

    def answer(seen):
        time.sleep(before)
        return streamed() if json.loads(seen.body).get("stream") else plain()

    return answer


def broken(_):
    return response(b'{"error": {"message": "out of order"}}', status="500 Broken")


class Open:
    """A streamed request on a socket of its own, read as it comes."""

    def __init__(self, here, fields="", **more):
        here.asked += 1
        body = json.dumps(here.body(stream=True, **more))
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n{fields}"
        self.socket = socket.create_connection(("127.0.0.1", here.gateway.port), 15)
        self.socket.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        self.seen = b""

    def read(self, seconds):
        """What has come after so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                piece = self.socket.recv(65536)
            except TimeoutError:
                break
            if not piece:
                break
            self.seen += piece
        return self.seen.decode()

    def close(self):
        self.socket.close()


class Cascading:
    """The tiers small (weak), large (strong), with `medium` between them if asked for; `tiers_only`: those that are tiers."""

    def __init__(self, start, folder, cascade=None, limits=None, tiers=("weak", "strong"), tiers_only=None, **route):
        self.providers = {name: Upstream(says(GOOD if name == "weak" else BETTER)) for name in tiers}
        members = tiers_only or tiers
        self.weak, self.strong = self.providers["weak"], self.providers["strong"]
        names = {"weak": "small", "medium": "medium", "strong": "large"}
        self.ledger = folder / "ledger"
        self.gateway = start(
            {
                "keys": [key_config(), key_config("tk-bound", "bound", may=[])],
                "providers": {name: {"base_url": f"http://127.0.0.1:{peer.port}/v1"} for name, peer in self.providers.items()},
                "deployments": {name: {"provider": name, "price": {"input": PRICES[name], "output": PRICES[name]}} for name in tiers},
                "tiers": [names[name] for name in members],
                "routes": {
                    "chat": {
                        "match": {"models": ["auto"]},
                        "tiers": {names[name]: [name] for name in members},
                        "routers": [{"fixed": {"tier": "small"}}],
                        "sticky": "0s",
                        "retry": {"attempts": 1},
                        "cascade": {"verify": "checks", **(cascade or {})},
                        **route,
                    }
                },
                "limits": limits or {},
                "ledger": {"dir": str(self.ledger)},
            }
        )
        self.asked = 0

    def body(self, stream=False, **more):
        return {"model": "auto", "stream": stream, "messages": [{"role": "user", "content": "What is the capital of France?"}], **more}

    def ask(self, stream=False, headers=None, key=None, **more):
        """(status, headers, what the answer says)"""
        self.asked += 1
        given = {"key": key} if key else {}
        status, fields, raw = self.gateway.request("POST", "/v1/chat/completions", self.body(stream, **more), headers, **given)
        return status, fields, text_of(raw, stream) if status == 200 else raw.decode()

    def journal(self):
        lines = [line for path in sorted(self.ledger.glob("journal/*.jsonl")) for line in path.read_text().splitlines()]
        return [json.loads(line) for line in lines]

    def records(self, count=None):
        """Of the requests so far."""
        count = self.asked if count is None else count
        wait_for(lambda: len(self.journal()) >= count, 5, f"{count} records in the journal")
        assert len(self.journal()) == count
        return self.journal()

    def close(self):
        for peer in self.providers.values():
            peer.close()


def events_of(raw):
    """The events of a stream, which must be one answer: one beginning, one end."""
    text = raw.decode() if isinstance(raw, bytes) else raw
    data = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
    assert data[-1] == "[DONE]" and data.count("[DONE]") == 1, text
    events = [json.loads(each) for each in data[:-1]]
    choices = [each["choices"][0] for each in events if each.get("choices")]
    assert sum(choice["finish_reason"] is not None for choice in choices) == 1, text
    assert sum(choice["delta"].get("role") == "assistant" for choice in choices) == 1, text
    return events


def text_of(raw, stream):
    if not stream:
        return json.loads(raw)["choices"][0]["message"]["content"]
    return "".join(each["choices"][0]["delta"].get("content") or "" for each in events_of(raw) if each.get("choices"))


def brief(record):
    return [(a["deployment"], a["cause"], a["end"]) for a in record["attempts"]]


def spent(record):
    assert record["cost_nano_usd"] == sum(a["cost_nano_usd"] for a in record["attempts"])
    return record["cost_nano_usd"]
