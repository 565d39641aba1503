"""The 16 faults of FailoverBench's catalogue (failoverbench/failoverbench @2b80bfc9, MIT: scenarios/catalogue.yaml, methodology
v0.1) against config/failover.example.yaml as it is shipped, with two walls in place of its providers: the first misbehaves, the
second is well. Passed is what passes there: the client has the whole answer (S13: the provider's own error), and every check
holds, the advisory ones too. Times are those of its profile `full`; the outage of S15 is that of `fast`."""

import json
import pathlib
import re
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway import ROOT, SHARED, Process, free_port, request
from upstream import Upstream, response

WORDS = [f"word{i}" for i in range(60)]
ANSWER = " ".join(WORDS)
CUT_AFTER, STALL_AFTER, MALFORMED_AT = 40, 20, 10
OUTAGE, STALL, SILENCE, SLOW = 6, 30, 120, 20  # seconds
RESET = object()


def error(status, message, code, extra=b""):
    body = json.dumps({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})
    return response(body.encode(), status=status, extra=extra)


class Wall(Upstream):
    """Answers in sixty words, or as `fault(number)` of the request says: bytes to send, a way to stream, or None."""

    def __init__(self, fault=lambda number: None, prefill=True):
        self.fault, self.prefill, self.times, self.over = fault, prefill, [], threading.Event()
        super().__init__(self._answer)

    def close(self):
        self.over.set()
        super().close()

    def _answer(self, seen):
        self.times.append(time.monotonic())
        asked = json.loads(seen.body)
        if asked["messages"][-1]["role"] == "assistant" and not self.prefill:
            return error("400 Bad Request", "This model does not support assistant message prefill.", "invalid_prefill")
        fault = self.fault(len(self.times))
        if isinstance(fault, bytes) or fault is RESET:
            return fault
        return self._stream(asked, fault) if asked.get("stream") else self._whole(asked)

    def _send(self, connection, answer):
        if answer is RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise OSError
        super()._send(connection, answer)

    def _whole(self, asked):
        choice = {"index": 0, "message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}
        return response(json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": asked["model"], "choices": [choice],
                                    "usage": {"prompt_tokens": 9, "completion_tokens": 60, "total_tokens": 69}}).encode())  # fmt: skip

    def _stream(self, asked, fault):
        def chunk(**more):
            whole = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": asked["model"], **more}
            return framed(f"data: {json.dumps(whole)}\n\n")

        def framed(text):
            return b"%x\r\n%s\r\n" % (len(text), text.encode())

        def choice(delta, finish=None):
            return chunk(choices=[{"index": 0, "delta": delta, "finish_reason": finish}])

        if fault == "no answer":
            self.over.wait(SILENCE)
            raise OSError
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        if fault == "slow":
            self.over.wait(SLOW)
        yield choice({"role": "assistant", "content": ""})
        for i, word in enumerate(WORDS):
            if fault == "cut" and i == CUT_AFTER:
                raise OSError
            if fault == "stall" and i == STALL_AFTER:
                self.over.wait(STALL)
                raise OSError
            if fault == "malformed" and i == MALFORMED_AT:
                yield framed('data: {"id": "c", "choices": [{"delta": {"content": \n\n')
            yield choice({"content": word if i == 0 else " " + word})
            time.sleep(0.005)
        yield choice({}, "stop")
        if asked.get("stream_options", {}).get("include_usage"):
            yield chunk(choices=[], usage={"prompt_tokens": 9, "completion_tokens": 60, "total_tokens": 69})
        yield b"0\r\n\r\n" if fault == "no done" else framed("data: [DONE]\n\n") + b"0\r\n\r\n"


class Answer:
    """As the bench's client reads it: the last word on an answer is its error, its text, or nothing."""

    def __init__(self, port, max_wall):
        began = time.monotonic()
        body = {"model": "auto", "stream": True, "stream_options": {"include_usage": True}, "messages": [{"role": "user", "content": "Well?"}]}
        self.status, _, raw = request(port, "POST", "/v1/chat/completions", body, key=None, timeout=max_wall)
        self.took = time.monotonic() - began
        self.error = self.usage = self.model = None
        self.text = ""
        if self.status != 200:
            self.error = json.loads(raw)["error"]
        for event in re.findall(r"^data: (\{.*)", raw.decode(), re.M) if self.status == 200 else []:
            chunk = json.loads(event)
            self.error = self.error or chunk.get("error")
            self.model = chunk.get("model") or self.model
            self.usage = chunk.get("usage") or self.usage
            self.text += "".join(choice["delta"].get("content") or "" for choice in chunk.get("choices") or [])
        self.whole = self.error is None and self.text == ANSWER


class Run:
    """One fault: a gateway and two walls of its own."""

    def __init__(self, folder, fault, prefill=True):
        self.first, self.second = Wall(fault), Wall(prefill=prefill)
        text = (ROOT / "config/failover.example.yaml").read_text()
        for url, wall in (("https://api.openai.com/v1", self.first), ("https://openrouter.ai/api/v1", self.second)):
            assert text.count(url) == 1
            text = text.replace(url, f"http://127.0.0.1:{wall.port}/v1")
        folder.mkdir()
        (folder / "failover.yaml").write_text(text)
        self.port, admin = free_port(), free_port()
        ports = ["--listen", f"127.0.0.1:{self.port}", "--admin", f"127.0.0.1:{admin}"]
        keys = {"OPENAI_API_KEY": "sk-first", "OPENROUTER_API_KEY": "sk-second"}
        self.gateway = Process(["serve", "--config", str(folder / "failover.yaml"), *ports], folder / "log", [self.port], keys)

    def close(self):
        self.first.close()
        self.second.close()
        assert self.gateway.stop() == 0

    def ask(self, max_wall=130):
        return Answer(self.port, max_wall)

    def attempts_within(self, seconds):
        return sum(at - self.first.times[0] < seconds for at in self.first.times)


def once(fault):
    return lambda number: fault if number == 1 else None


def always(fault):
    return lambda number: fault


def s01(run):
    answer = run.ask()
    assert answer.whole and answer.took < 20
    assert len(run.first.times) >= 2 and run.first.times[1] - run.first.times[0] >= 1.8, "asked again when it had rested"
    assert run.attempts_within(1.5) <= 2


def s02(run):
    answer = run.ask()
    assert answer.whole and run.attempts_within(3) <= 4 and len(run.first.times) <= 6


def s03(run):
    assert run.ask().whole and len(run.first.times) >= 2


def rescued(run):
    assert run.ask().whole and len(run.first.times) <= 6


def s06(run):
    answer = run.ask()
    assert answer.whole and answer.took < 100 and len(run.first.times) == 1


def s07(run):
    answer = run.ask()
    assert answer.whole and answer.took < 15


def s09(run):
    answer = run.ask()
    assert answer.whole and answer.took < 45


def s11(run):
    answer = run.ask()
    assert answer.whole and answer.took < 8 and answer.usage


def s12(run):
    assert run.ask().whole and len(run.first.times) == 1


def s13(run):
    answer = run.ask()
    assert answer.status == 400 and answer.error["code"] == "content_policy_violation"
    assert len(run.first.times) == 1 and not run.second.times


def s15(run):
    began, answers = time.monotonic(), []
    for i in range(10):
        time.sleep(max(0, began + 1.2 * i - time.monotonic()))
        answers.append(run.ask(max_wall=10))
    assert all(answer.whole for answer in answers)
    while not any(at - began > OUTAGE for at in run.first.times):
        assert time.monotonic() - began < OUTAGE + 30, "it is found again"
        assert run.ask().whole
        time.sleep(1)
    assert sum(at - began < OUTAGE for at in run.first.times) <= 2 * 5, "and left alone meanwhile"


def s16(run):
    answer = run.ask()
    assert answer.whole and answer.model == "openai/gpt-4o-mini" and answer.usage and len(run.first.times) <= 6


def flaps():
    began = time.monotonic()
    down = error("503 Service Unavailable", "The engine is currently overloaded.", "overloaded")
    return lambda number: down if time.monotonic() - began < OUTAGE else None


LIMITED = error("429 Too Many Requests", "Rate limit reached.", "rate_limit_exceeded")
RESTS = error("429 Too Many Requests", "Rate limit reached. Please retry after 2 seconds.", "rate_limit_exceeded", b"Retry-After: 2\r\n")
DOWN = error("503 Service Unavailable", "The engine is currently overloaded.", "overloaded")
FAULT = error("500 Internal Server Error", "The server had an error while processing your request.", None)
TOO_LONG = error("400 Bad Request", "This model's maximum context length is 8192 tokens. However, your messages resulted in 9631 tokens. "
                 "Please reduce the length of the messages.", "context_length_exceeded")  # fmt: skip
FILTERED = error("400 Bad Request", "Your request was rejected as a result of our safety system.", "content_policy_violation")

SCENARIOS = {
    "S01 429 with Retry-After": (lambda: once(RESTS), s01),
    "S02 429 for ever": (lambda: always(LIMITED), s02),
    "S03 500 once": (lambda: once(FAULT), s03),
    "S04 503 for ever": (lambda: always(DOWN), rescued),
    "S05 reset before an answer": (lambda: once(RESET), rescued),
    "S06 no answer": (lambda: always("no answer"), s06),
    "S07 slow first token": (lambda: always("slow"), s07),
    "S08 stream cut": (lambda: always("cut"), rescued),
    "S09 stream stalls": (lambda: always("stall"), s09),
    "S10 malformed chunk": (lambda: always("malformed"), rescued),
    "S11 no [DONE]": (lambda: always("no done"), s11),
    "S12 context length": (lambda: always(TOO_LONG), s12),
    "S13 content filter": (lambda: always(FILTERED), s13),
    "S14 no prefill": (lambda: always("cut"), rescued),
    "S15 flapping": (flaps, s15),
    "S16 accounting": (lambda: always(DOWN), s16),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Of each scenario the exception that it ended with, or None. All are run at the same time."""
    folder = tmp_path_factory.mktemp("catalogue")

    def result(name):
        fault, check = SCENARIOS[name]
        run = Run(pathlib.Path(folder, name[:3]), fault(), prefill=not name.startswith("S14"))
        try:
            check(run)
            run.first.fault = always(None)
            assert run.ask(max_wall=10).whole, "alive afterwards"
        except Exception as failed:  # told by its own test
            return failed
        finally:
            run.close()

    with ThreadPoolExecutor(len(SCENARIOS)) as pool:
        return dict(zip(SCENARIOS, pool.map(result, SCENARIOS)))


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_shipped_example_passes(results, name):
    if results[name]:
        raise results[name]


def test_these_are_the_catalogues_faults():
    path = SHARED / "data/failover/catalogue.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    assert [scenario["id"] for scenario in json.loads(path.read_text())["scenarios"]] == [name[:3] for name in SCENARIOS]
