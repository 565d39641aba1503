"""What all scripted providers have in common."""

import base64
import json
import time

from gateway import KEY, PROVIDER_KEY
from scripted.exchange import Failure, Invalid
from scripted.conforms import need, typed
from upstream import Upstream, response

REASONS = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error",
           503: "Service Unavailable", 529: "Overloaded"}  # fmt: skip


def dump(value):
    """JSON whose texts are raw, but for one character that stands there as two surrogates."""
    return json.dumps(value, ensure_ascii=False).replace("👋", "\\ud83d\\udc4b")


def sse(values, named=False, end=""):
    """Server-sent events, with the values' `type` as their names."""
    lines = "".join((f"event: {value['type']}\n" if named else "") + f"data: {dump(value)}\n\n" for value in values)
    return (lines + end).encode()


def halves(text):
    """A text in two pieces, as streams bring it."""
    middle = len(text) // 2
    return [piece for piece in (text[:middle], text[middle:]) if piece]


def pieces(data):
    """Bytes in pieces that end anywhere: within a character, an escape, a line."""
    size = max(len(data) // 3, 1) | 1
    return [data[at : at + size] for at in range(0, len(data), size)]


class Provider(Upstream):
    """One of a dialect's form. `script(asked, provider)` gives an Answer or a Failure. What came is in `asked`, what is wrong
    with it in `faults`."""

    dialect = ""
    signs = True  # thoughts carry what only their author can read
    ids = "call_"  # what the ids of its calls begin with
    writes = False  # tells what was written to its cache
    tells_reasoning = True
    every = {}  # all providers by name, to know their signatures

    def __init__(self, name, script):
        self.name = name
        self.model = f"{name}-model"
        self.script = script
        self.typed = typed
        self.forget()
        Provider.every[name] = self
        super().__init__(self.respond)

    def forget(self):
        self.asked, self.faults, self.requests = [], [], []

    def config(self):
        return {"dialect": self.dialect, "base_url": f"http://127.0.0.1:{self.port}", "api_key": PROVIDER_KEY}

    def deployment(self):
        return {"provider": self.name, "model": self.model, "context_window": 100000, "price": {"input": 1, "output": 2}}

    def signature(self, number=0):
        """Base64 with every character in which its alphabets differ, unless the dialect says otherwise."""
        return base64.b64encode(b"\xfb\xff\xfe" + f"{self.name} {number}".encode() + b"\xfb\xef\xff").decode()

    # What each dialect has of its own.

    def authorized(self, seen):
        return seen.field(b"authorization") == b"Bearer " + PROVIDER_KEY.encode()

    def read(self, seen, body):
        """Asked; raises Invalid."""
        raise NotImplementedError

    def plain(self, asked, answer):
        """The bytes of a body."""
        raise NotImplementedError

    def stream(self, asked, answer):
        """The bytes of a body."""
        raise NotImplementedError

    def error(self, failure):
        """The bytes of a body, and header fields."""
        raise NotImplementedError

    def other(self, seen):
        """An answer to what is no question to the model, or None."""

    stream_type = "text/event-stream"

    def respond(self, seen):
        if (other := self.other(seen)) is not None:
            return other
        try:
            need(self.authorized(seen), f"{seen.line.decode()} without the provider's key: {seen.fields}")
            need(KEY.encode() not in repr(seen.fields).encode() + seen.line + seen.body, "the gateway's key is sent on")
            need(seen.body.decode() is not None, "not UTF-8")
            asked = self.read(seen, json.loads(seen.body))
            self.foreign(seen.body.decode())
        except (Invalid, ValueError, KeyError, TypeError) as fault:
            self.faults.append(f"{type(fault).__name__}: {fault}")
            return self.failed(Failure(400, f"{self.name} has this against the request: {fault}"))
        self.asked.append(asked)
        answer = self.script(asked, self)
        if isinstance(answer, Failure):
            return self.failed(answer)
        if not asked.streamed:
            return response(self.plain(asked, answer), extra=b"x-provider: scripted\r\n")
        return self.streamed(self.stream(asked, answer), answer.cut == "breaks")

    def failed(self, failure):
        body, fields = self.error(failure)
        if failure.retry_after:
            fields += f"retry-after: {failure.retry_after}\r\n".encode()
        status = 503 if failure.status == 529 and self.dialect != "anthropic" else failure.status
        return response(body, status=f"{status} {REASONS[status]}", extra=fields)

    def streamed(self, body, breaks):
        yield f"HTTP/1.1 200 OK\r\nContent-Type: {self.stream_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        for piece in pieces(body):
            yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        if breaks:
            raise ConnectionError
        yield b"0\r\n\r\n"

    def foreign(self, text):
        """Signatures of other providers' stay with these."""
        for other in Provider.every.values():
            if other is not self and other.signs:
                for number in range(9):
                    sign = other.signature(number)
                    need(sign not in text and sign.replace("+", "-").replace("/", "_") not in text, f"{other.name}'s signature")

    def signed(self, thought):
        """That a thought in the history is as it was made."""
        known = [self.signature(number) for number in range(9)]
        need(thought.signature in known, f"a thought with the signature {thought.signature!r}")

    @staticmethod
    def began():
        return int(time.time())
