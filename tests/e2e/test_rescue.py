"""Streams that a provider cuts off on their way to the client, on a route that rescues them, through the running binary.
S08 and S14 are scenarios of FailoverBench's catalogue."""

import json
import time

import pytest
from openai import OpenAI

from cascading import brief, chunk, event, events_of, in_chunk, text_of
from gateway import KEY, SHARED, config_for, wait_for
from upstream import Upstream, response

WORDS = [f" word{i}" for i in range(60)]
TEXT = "".join(WORDS)
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def scenario(name):
    path = SHARED / "data/failover/catalogue.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return next(each for each in json.loads(path.read_text())["scenarios"] if each["id"] == name)


def tells(words, cut=False, wait=0.0, stall=0.0):
    """A stream of these words: broken off behind the last (after `stall` seconds), or ended as it should be."""

    def answer(_):
        time.sleep(wait)
        yield STREAM + in_chunk(event(chunk({"role": "assistant", "content": ""})))
        for word in words:
            yield in_chunk(event(chunk({"content": word})))
        if cut:
            time.sleep(stall)
            raise OSError("cut")
        yield in_chunk(event(chunk({}, "stop")) + b"data: [DONE]\n\n") + b"0\r\n\r\n"

    return answer


def goes_on(seen):
    """Goes on with what the assistant has said, or tells the whole."""
    last = json.loads(seen.body)["messages"][-1]
    said = last["content"] if last["role"] == "assistant" else ""
    assert TEXT.startswith(said)
    return tells(WORDS[said.count(" ") :])(seen)


def refuses(seen):
    if json.loads(seen.body)["messages"][-1]["role"] != "assistant":
        return tells(WORDS)(seen)
    error = {"message": "This model does not support assistant message prefill.", "type": "invalid_request_error"}
    return response(json.dumps({"error": error}).encode(), status="400 Bad Request")


@pytest.fixture
def pair(start):
    """pair(first, second, rescue, capabilities) -> gateway, the two providers"""
    opened = []

    def make(first, second, rescue, capabilities=(), **route):
        providers = [Upstream(first), Upstream(second)]
        opened.extend(providers)
        config = config_for(providers[0].port)
        config["providers"] = {f"p{i}": {"base_url": f"http://127.0.0.1:{each.port}/v1"} for i, each in enumerate(providers)}
        config["deployments"] = {"one": {"provider": "p0"}, "other": {"provider": "p1", "capabilities": list(capabilities)}}
        config["tiers"] = ["small", "large"]
        config["routes"]["chat"].update(
            tiers={"small": ["one"], "large": ["other"]},
            routers=[{"fixed": {"tier": "small"}}],
            rescue=rescue,
            **route,
        )
        config["limits"] = {"silence": "1s"}
        return start(config), *providers

    yield make
    for each in opened:
        each.close()


def ask(gateway, **more):
    """(events, seconds): the data of each event"""
    started = time.monotonic()
    body = {"model": "auto", "stream": True, "messages": [{"role": "user", "content": "Count"}], **more}
    status, headers, raw = gateway.request("POST", "/v1/chat/completions", body)
    assert status == 200 and headers["content-type"].startswith("text/event-stream"), raw
    return raw.decode(), time.monotonic() - started


def is_clear_error(raw):
    data = [line[6:] for line in raw.splitlines() if line.startswith("data: ")]
    said = "".join(each["choices"][0]["delta"].get("content", "") for each in map(json.loads, data[:-1]))
    return "[DONE]" not in data and json.loads(data[-1])["error"]["code"] == "upstream_truncated" and TEXT.startswith(said)


def rescues(gateway, result):
    return gateway.metric("triage_rescues_total", route="chat", result=result)


def test_s08_splice_gives_the_whole_answer(pair):
    bound = scenario("S08")["max_wall_s"]
    gateway, one, other = pair(tells(WORDS[:40], cut=True), tells(WORDS), "splice")
    raw, seconds = ask(gateway)
    assert text_of(raw, True) == TEXT and seconds < bound
    events = events_of(raw)  # one beginning, one end
    assert {each["id"] for each in events} == {"c"} and len(one.requests) == len(other.requests) == 1
    assert other.requests[0].body.replace(b'"other"', b"") == one.requests[0].body.replace(b'"one"', b"")
    assert (rescues(gateway, "rescued"), rescues(gateway, "failed")) == (1, 0)


def test_s08_another_answer_is_never_glued_on(pair):
    bound = scenario("S08")["max_wall_s"]
    gateway, _, other = pair(tells(WORDS[:40], cut=True), tells(WORDS[:30] + [" but"] + WORDS), "splice")
    raw, seconds = ask(gateway)
    assert is_clear_error(raw) and seconds < bound
    assert (rescues(gateway, "rescued"), rescues(gateway, "failed")) == (0, 1)
    assert gateway.metric("triage_attempts_total", deployment="other", outcome="ok") == 1, "that was no failure of its own"


def test_s14_who_can_go_on_is_asked_to(pair):
    bound = scenario("S14")["max_wall_s"]
    gateway, _, other = pair(tells(WORDS[:40], cut=True), goes_on, "prefill", ["prefill"])
    raw, seconds = ask(gateway)
    assert text_of(raw, True) == TEXT and seconds < bound
    assert json.loads(other.requests[0].body)["messages"][-1] == {"role": "assistant", "content": "".join(WORDS[:40])}


def test_s14_an_echo_is_not_sent_twice(pair):
    scenario("S14")
    gateway, _, _ = pair(tells(WORDS[:40], cut=True), tells(WORDS), "prefill", ["prefill"])
    assert text_of(ask(gateway)[0], True) == TEXT


@pytest.mark.parametrize("capabilities, asked", [(["prefill"], 1), ([], 0)])
def test_s14_a_refused_prefill_is_a_clear_error_and_no_400(pair, capabilities, asked):
    bound = scenario("S14")["max_wall_s"]
    gateway, _, other = pair(tells(WORDS[:40], cut=True), refuses, "prefill", capabilities)
    raw, seconds = ask(gateway)
    assert is_clear_error(raw) and "prefill" not in raw and seconds < bound
    assert len(other.requests) == asked


def test_the_official_sdk_reads_a_rescued_stream_without_noticing(pair):
    gateway, _, _ = pair(tells(WORDS[:40], cut=True), tells(WORDS, wait=1.5), "splice")
    client = OpenAI(base_url=f"{gateway.url}/v1", api_key=KEY, max_retries=0, timeout=20)
    with client.chat.completions.stream(model="auto", messages=[{"role": "user", "content": "Count"}]) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.content == TEXT and final.choices[0].finish_reason == "stop"
    pieces = list(client.chat.completions.create(model="auto", messages=[{"role": "user", "content": "Count"}], stream=True))
    assert "".join(each.choices[0].delta.content or "" for each in pieces) == TEXT


def test_a_stalled_stream_is_rescued_and_the_client_hears_comments_meanwhile(pair):
    timeouts = {"first_byte": "5s", "idle": "500ms", "total": "20s"}
    gateway, _, _ = pair(tells(WORDS[:40], cut=True, stall=5), tells(WORDS, wait=1.5), "splice", timeouts=timeouts)
    raw, seconds = ask(gateway)
    assert text_of(raw, True) == TEXT and 1.9 < seconds < 4
    assert "\n:" in raw, "a comment after a second of silence"


def test_a_client_that_leaves_meanwhile_cancels_the_second_call(pair):
    gateway, _, other = pair(tells(WORDS[:40], cut=True), lambda seen: slowly(), "splice")
    client = OpenAI(base_url=f"{gateway.url}/v1", api_key=KEY, max_retries=0, timeout=20)
    stream = client.chat.completions.create(model="auto", messages=[{"role": "user", "content": "Count"}], stream=True)
    for piece in stream:
        if piece.choices[0].delta.content == WORDS[39]:
            break
    wait_for(lambda: other.requests, 5, "the second call")
    stream.close()
    wait_for(lambda: other.cut == 1 and gateway.in_flight() == 0, 5, "its end")
    assert gateway.metric("triage_requests_total", route="chat", outcome="cancelled") == 1
    assert rescues(gateway, "failed") == 0


def slowly():
    yield STREAM
    for word in WORDS:
        yield in_chunk(event(chunk({"content": word})))
        time.sleep(0.2)


def test_simulated_models_say_the_same_twice(simulator, start):
    config = config_for(simulator.port)
    config["routes"]["chat"].update(rescue="splice")
    gateway = start(config)
    body = {"model": "auto", "messages": [{"role": "user", "content": "Tell me of the sea"}]}
    _, _, plain = gateway.request("POST", "/v1/chat/completions", body)
    cut = {"x-simulate": f"cut-after=5; first=1; key={time.time_ns()}"}
    _, headers, raw = gateway.request("POST", "/v1/chat/completions", {**body, "stream": True}, cut)
    assert text_of(raw, True) == text_of(plain, False)
    assert headers["x-triage-attempts"] == "1" and gateway.metric("triage_attempts_total", deployment="sim-small") == 3
    assert gateway.metric("triage_held_bytes") == 0


def test_a_cascade_that_has_let_its_window_through_is_rescued(cascading):
    here = cascading({"hold": {"tokens": 8}}, rescue="splice")
    here.weak.answer, here.strong.answer = tells(WORDS[:40], cut=True), tells(WORDS)
    assert here.ask(stream=True)[2] == TEXT
    record = here.records()[0]
    assert brief(record) == [("weak", "first", "truncated"), ("strong", "rescue", "completed")]
    assert record["outcome"] == "ok" and record["finish_reason"] == "stop"
