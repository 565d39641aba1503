"""Cascades before simulated providers: the official SDKs, the ledger against the providers' bill, many streams at once."""

import asyncio
import json
import os
import random
import socket
import subprocess
import threading
import time

import pytest
from gateway import BINARY, KEY, Process, free_port, key_config, request, wait_for
from openai import OpenAI
from test_sdk_others import PROGRAMS
from test_sdk_python import CALL_WEATHER, HELLO, WEATHER, Arguments

REQUESTS = int(os.environ.get("TRIAGE_REQUESTS", 400))
STREAMS = 1000
MODELS = {
    "weak": {"refusal": 0.3, "answer_tokens": 20, "price": {"input": 0.15, "output": 0.6}},
    "refusing": {"refusal": 1, "answer_tokens": 20},
    "second": {"quality": 0.7, "answer_tokens": 20, "price": {"input": 0.1, "output": 0.4}},
    "long": {"answer_tokens": 3000},
    "strong": {"answer_tokens": 30, "price": {"input": 2.5, "output": 10}},
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    folder = tmp_path_factory.mktemp("provider")
    (folder / "simulate.yaml").write_text(json.dumps({"models": MODELS}))
    port = free_port()
    process = Process(["simulate", "--config", str(folder / "simulate.yaml"), "--listen", f"127.0.0.1:{port}"], folder / "log", [port])
    process.port = port
    yield process
    process.stop()


def config_of(provider, cheap, **more):
    cascade = more.pop("cascade", {"verify": "checks"})
    return {
        "keys": [key_config()],
        "providers": {"sim": {"base_url": f"http://127.0.0.1:{provider.port}/v1"}},
        "deployments": {name: {"provider": "sim", **({"price": model["price"]} if "price" in model else {})} for name, model in MODELS.items()},
        "tiers": ["small", "large"],
        "routes": {"chat": {"match": {"models": ["auto"]}, "tiers": {"small": [cheap], "large": ["strong"]}, "sticky": "0s",
                            "routers": [{"fixed": {"tier": "small"}}], "cascade": cascade}},
        **more,
    }  # fmt: skip


@pytest.mark.parametrize("cheap, expected", [("second", "second"), ("refusing", "strong")], ids=["accepted", "escalated"])
def test_the_python_sdk_does_not_notice(start, provider, cheap, expected):
    gateway = start(config_of(provider, cheap, limits={"silence": "100ms"}))
    client = OpenAI(base_url=f"{gateway.url}/v1", api_key=KEY, max_retries=0, timeout=20)
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=HELLO)
    assert raw.headers["x-triage-deployment"] == expected
    whole = raw.parse().choices[0].message.content
    slow = {"x-simulate": "ttft-ms=400"}  # comments come first
    chunks = list(client.chat.completions.create(model="auto", messages=HELLO, stream=True, stream_options={"include_usage": True}, extra_headers=slow))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == whole
    assert [c.choices[0].finish_reason for c in chunks if c.choices].count("stop") == 1
    assert len({c.id for c in chunks}) == 1 and {c.model for c in chunks} == {expected}
    assert chunks[-1].usage.completion_tokens > 0
    with client.chat.completions.stream(model="auto", messages=HELLO, tools=[WEATHER], tool_choice=CALL_WEATHER) as stream:
        call = stream.get_final_completion().choices[0].message.tool_calls[0]
    Arguments.model_validate_json(call.function.arguments)
    call = client.chat.completions.create(model="auto", messages=HELLO, tools=[WEATHER], tool_choice=CALL_WEATHER).choices[0].message.tool_calls[0]
    Arguments.model_validate_json(call.function.arguments)


@pytest.mark.parametrize("cheap", ["second", "refusing"], ids=["accepted", "escalated"])
def test_the_node_sdk_does_not_notice(start, provider, cheap):
    command, folder = PROGRAMS["node"]()
    gateway = start(config_of(provider, cheap))
    wanted = ["chat", "chat_streamed", "tools", "tools_streamed", "json_schema"]
    environment = {**os.environ, "TRIAGE_BASE_URL": f"{gateway.url}/v1", "TRIAGE_ADMIN_URL": gateway.admin_url, "TRIAGE_KEY": KEY}
    done = subprocess.run([*command, *wanted], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [each["name"] for each in results] == wanted, done.stderr[-2000:]
    assert all(each["ok"] for each in results), results
    assert gateway.metric("triage_attempts_total", deployment=cheap, outcome="ok") == 6  # chat_streamed asks twice


def ask(port, number, chance):
    """One request of the mix on a socket of its own; some clients leave while their answer is held."""
    question = f"What is {chance.randint(2, 99)}*{chance.randint(2, 99)}? This is request {number}."
    body = {"model": "auto", "messages": [{"role": "user", "content": question}], "stream": chance.random() < 0.5}
    kind = chance.random()
    leave = body["stream"] and kind < 0.15
    misbehave = "stall-after=8; stall-ms=3000; model=weak" if leave else "cut-after=5; model=weak" if kind > 0.9 else ""
    fields = f"x-simulate: {misbehave}\r\n" if misbehave else ""
    text = json.dumps(body)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n{fields}"
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode())
        if leave:
            time.sleep(0.15)
            return "left"
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.count(b"[DONE]") == (1 if body["stream"] else 0) and b"I'm sorry" not in answer, answer
    return answer[9:12].decode()


def test_the_ledger_is_the_bill(start, provider, tmp_path):
    cascade = {"verify": {"all": ["checks", {"agreement": {"deployment": "second"}}]}}
    gateway = start(config_of(provider, "weak", cascade=cascade, ledger={"dir": str(tmp_path / "ledger")}))
    bill_of = lambda: json.loads(request(provider.port, "GET", "/simulate/billing", key=None)[2])["models"]
    before, outcomes, numbers = bill_of(), [], iter(range(REQUESTS))

    def work(seed):
        chance = random.Random(seed)
        for number in numbers:
            outcomes.append(ask(gateway.port, number, chance))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60 + REQUESTS / 5)
    assert len(outcomes) == REQUESTS and set(outcomes) == {"200", "left"}
    wait_for(lambda: gateway.in_flight() == 0, 20, "all requests ended")
    after = bill_of()
    gateway.stop()
    exported = subprocess.run([BINARY, "ledger", "export", "--ledger", tmp_path / "ledger"], capture_output=True, check=True, timeout=300)
    records = [json.loads(line) for line in exported.stdout.splitlines()]
    assert len(records) == REQUESTS
    attempts = [attempt for record in records for attempt in record["attempts"]]
    for name in ("weak", "second", "strong"):
        ours = [a for a in attempts if a["deployment"] == name]
        reported = [a for a in ours if a["usage_source"] == "reported"]
        theirs = lambda what: after[name]["reported"][what] - before[name]["reported"][what]
        crossed = theirs("requests") - len(reported)  # cancelled while the end of the answer was on its way
        assert 0 <= crossed <= max(2, sum(a["end"] == "cancelled" for a in ours) / 20), name
        if crossed == 0:
            assert sum(a["tokens"]["output"] for a in reported) == theirs("completion_tokens"), name
            assert sum(a["cost_nano_usd"] for a in reported) == theirs("cost_nano_usd"), name
    assert all(record["cost_nano_usd"] == sum(a["cost_nano_usd"] for a in record["attempts"]) for record in records)
    ends = {(a["purpose"], a["end"]) for a in attempts}
    assert {("answer", "completed"), ("answer", "rejected"), ("answer", "cancelled"), ("verify", "completed")} <= ends
    print(f"{len(records)} requests, {len(attempts)} attempts, {sum(a['cost_nano_usd'] for a in attempts)} nano-USD:"
          f" {({end: sum(a['end'] == end for a in attempts) for end in {a['end'] for a in attempts}})}")


def test_a_thousand_cascaded_streams_in_bounded_memory(start, provider):
    """All are held at the same moment, up to limits.held_total. What that takes: the held bytes in blocks that double, their
    text beside them, a call and a client each."""
    config = config_of(provider, "long")
    config["routes"]["chat"]["timeouts"] = {"connect": "20s"}  # hundreds escalate at once, on a machine that may be busy
    gateway = start(config)
    body = {"model": "auto", "stream": True, "messages": [{"role": "user", "content": "Tell me of the sea."}]}
    misbehave = "x-simulate: stall-after=500; stall-ms=8000\r\n"
    text = json.dumps(body)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n{misbehave}"
    sent = f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode()
    idle, most, held = gateway.memory_kib(), 0, 0

    async def one():
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(sent)
        answer = await reader.read()
        writer.close()
        whole = answer.startswith(b"HTTP/1.1 200") and answer.count(b"data: [DONE]") == 1 and answer.count(b'"finish_reason":"stop"') == 1
        return None if whole else answer[:300] + b" ... " + answer[-500:]

    async def watch():
        nonlocal most, held
        while True:
            most = max(most, gateway.memory_kib())
            held = max(held, await asyncio.to_thread(gateway.metric, "triage_held_bytes"))
            await asyncio.sleep(0.2)

    async def all_at_once():
        watching = asyncio.create_task(watch())
        done = await asyncio.wait_for(asyncio.gather(*(one() for _ in range(STREAMS))), 90)
        watching.cancel()
        return done

    done = asyncio.run(all_at_once())
    wrong = [answer for answer in done if answer is not None]
    assert not wrong, f"{len(wrong)} answers were not whole: {wrong[0]}"
    bound = 2.5 * held / 1024 + STREAMS * 100
    print(f"{STREAMS} streams: {held / 1024:.0f} KiB held, {idle} KiB idle, {most} KiB at most, {(most - idle) / STREAMS:.0f} KiB a stream")
    assert STREAMS * 20_000 < held <= 256 << 20, "they were not held together, or beyond the bound"
    assert most - idle < bound
    wait_for(lambda: gateway.metric("triage_held_bytes") == 0, 5, "nothing is held")
