"""Who is asked, when, and for how long: rests, silent hosts, dead tiers of a conversation, answers that take long to begin, and
what a provider refuses although no client asked for it. Through the running binary, before scripted providers."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cascading import in_chunk, says
from gateway import key_config, request, wait_for
from upstream import Upstream, response

PLAIN, STREAM = False, True
both = pytest.mark.parametrize("stream", [PLAIN, STREAM])
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def failing(status, body=b'{"error": {"message": "no"}}', extra=b""):
    return lambda seen: response(body, status=status, extra=extra)


def silent(seen):
    time.sleep(20)
    raise OSError


class Here:
    """A gateway before `providers` {name: answer}; each deployment is called as its provider, but for `more` of one."""

    def __init__(self, start, folder, providers, tiers, deployments=None, **config):
        self.peers = {name: Upstream(answer) for name, answer in providers.items()}
        self.ledger = folder / "ledger"
        route = {"match": {"models": ["auto"]}, "tiers": tiers, **config.pop("route", {})}
        price = {"price": {"input": 1, "output": 4}}
        self.gateway = start(
            {
                "keys": [key_config()],
                "providers": {name: {"base_url": f"http://127.0.0.1:{peer.port}/v1"} for name, peer in self.peers.items()},
                "deployments": {name: {"provider": name, **price} for name in providers} if deployments is None else deployments,
                "tiers": list(tiers),
                "routes": {"chat": route},
                "ledger": {"dir": str(self.ledger)},
                **config,
            }
        )

    def ask(self, stream=PLAIN, model="auto", fields=None, timeout=15, **more):
        body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": "Where?"}], **more}
        began = time.monotonic()
        status, headers, text = request(self.gateway.port, "POST", "/v1/chat/completions", body, fields, timeout=timeout)
        return status, headers, text.decode(), time.monotonic() - began

    def calls(self, name):
        return len(self.peers[name].requests)

    def close(self):
        for peer in self.peers.values():
            peer.close()

    def records(self, count):
        def read():
            lines = [line for path in sorted(self.ledger.rglob("*.jsonl")) for line in path.read_text().splitlines()]
            return [record for record in map(json.loads, lines) if "attempts" in record]

        wait_for(lambda: len(read()) >= count, 10, f"{count} records")
        return read()


@pytest.fixture
def here(start, tmp_path):
    made = []

    def make(*arguments, **more):
        made.append(Here(start, tmp_path, *arguments, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


# ---- rests


def limited(seconds, status="429 Too Many Requests"):
    return failing(status, extra=b"Retry-After: %d\r\n" % seconds)


@both
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Unavailable", "529 Overloaded"])
def test_where_all_rest_the_client_is_told_the_soonest_and_nobody_is_called(here, stream, status):
    at = here({"a": limited(7, status), "b": limited(60, status), "c": limited(20, status)}, {"small": ["a", "b"], "large": ["c"]},
              route={"routers": [{"fixed": {"tier": "small"}}], "retry": {"wait_max": "1s"}})  # fmt: skip
    for _ in range(25):
        status, headers, text, took = at.ask(stream)
        assert status in (429, 503, 529) and 5 <= int(headers["retry-after"]) <= 7 and json.loads(text)["error"]["message"]
        assert took < 2
    assert [at.calls(name) for name in "abc"] == [1, 1, 1]
    assert at.ask(stream, model="b")[0] == 429 and at.calls("b") == 1, "nor by its own name"


def test_a_rest_has_a_longest_and_is_no_death_sentence(here):
    at = here({"a": limited(3600)}, {"small": ["a"]}, breaker={"rest_max": "1s"})
    assert at.ask()[1]["retry-after"] == "1"
    at.peers["a"].answer = says("Here.")
    assert at.ask()[0] == 429
    time.sleep(1.1)
    assert at.ask()[0] == 200 and at.calls("a") == 2


def test_a_short_rest_is_waited_for_where_nobody_else_can_answer_and_a_long_one_is_not(here):
    at = here({"a": limited(1)}, {"small": ["a"]})
    first = []

    def once(seen):
        first.append(seen)
        return limited(1)(seen) if len(first) == 1 else says("Here.")(seen)

    at.peers["a"].answer = once
    status, headers, _, took = at.ask()
    assert status == 200 and 0.9 < took < 3 and headers["x-triage-attempts"] == "2"
    at.peers["a"].answer = limited(30)
    status, headers, _, took = at.ask()
    assert status == 429 and took < 1 and headers["retry-after"] == "30"


# ---- a provider that says nothing, under many deployments


def test_a_silent_provider_under_eight_deployments(here):
    names = [f"s{i}" for i in range(8)]
    deployments = {name: {"provider": "silent"} for name in names} | {"good": {"provider": "good"}}
    at = here({"silent": silent, "good": says("Here.")}, {"small": [*names, "good"]}, deployments,
              route={"timeouts": {"first_byte": "500ms", "total": "3s"}})  # fmt: skip
    for stream in (PLAIN, STREAM) * 4:
        status, headers, _, took = at.ask(stream)
        assert status == 200 and headers["x-triage-deployment"] == "good" and took < 1.5
    with ThreadPoolExecutor(20) as pool:
        assert [answer[0] for answer in pool.map(lambda _: at.ask(), range(20))] == [200] * 20
    assert at.calls("silent") <= 10, "five of them tell, and later a probe or two"
    state = {"origin": f"http://127.0.0.1:{at.peers['silent'].port}"}
    wait_for(lambda: at.gateway.metric("triage_origin_breaker_state", **state) > 0, 3, "the gauge is a second old at most")


@both
def test_every_provider_has_its_share_of_the_time(here, stream):
    names = ["a", "b", "c"] if stream else ["a"]
    limits = {"first_byte": "1s", "total": "3s"} if stream else {"total": "3s"}
    at = here({**{name: silent for name in names}, "good": says("Here.")}, {"small": names, "large": ["good"]},
              route={"routers": [{"fixed": {"tier": "small"}}], "timeouts": limits})  # fmt: skip
    status, _, text, took = at.ask(stream)
    assert status == 200 and "Here" in text and took < 3


def test_a_hurried_client_ejects_nobody(here):
    at = here({"a": says("Here.", before=0.4)}, {"small": ["a"]})
    for stream in (PLAIN, STREAM) * 6:
        assert at.ask(stream, fields={"x-triage-timeout-ms": "100"})[0] == 504
    time.sleep(1.1)  # the gauge is a second old at most
    assert at.gateway.metric("triage_breaker_state", deployment="a") == 0
    assert at.gateway.metric("triage_origin_breaker_state") == 0
    assert at.ask()[0] == 200


# ---- a conversation whose tier is dead


@both
@pytest.mark.parametrize("dead", ["failing", "resting", "unreachable", "silent"])
def test_a_conversation_does_not_stay_with_a_dead_tier(here, dead, stream):
    at = here({"weak": says("Here."), "strong": says("There.")}, {"small": ["weak"], "large": ["strong"]},
              route={"routers": ["header", {"fixed": {"tier": "small"}}], "timeouts": {"first_byte": "500ms", "total": "5s"}})  # fmt: skip
    talk = {"x-triage-session": "s"}
    assert at.ask(stream, fields={**talk, "x-triage-tier": "large"})[1]["x-triage-deployment"] == "strong"
    time.sleep(0.1)  # it is remembered once the answer is out
    assert at.ask(stream, fields=talk)[1]["x-triage-deployment"] == "strong", "it stays"
    strong = at.peers["strong"]
    strong.answer = {"failing": failing("500 Broken"), "resting": limited(60), "silent": silent}.get(dead, failing("500 Broken"))
    if dead == "unreachable":
        strong.close()
        strong.answer = lambda seen: (_ for _ in ()).throw(OSError())
    before = at.calls("strong")
    for _ in range(12):
        status, headers, _, took = at.ask(stream, fields=talk)
        assert status == 200 and headers["x-triage-deployment"] == "weak" and took < 2
        if at.calls("strong") - before == 1:
            time.sleep(0.3)  # what answered is remembered once the answer is out
    assert at.calls("strong") - before <= 2, "asked once more, as the conversation was there"
    assert at.ask(stream, fields={"x-triage-session": "other"})[1]["x-triage-attempts"] == "1"


# ---- answers that take long to begin


def test_a_whole_answer_may_take_longer_than_a_stream_may_be_silent(here):
    at = here({"a": says("Here.", before=31), "b": says("There.")}, {"small": ["a"], "large": ["b"]},
              route={"routers": [{"fixed": {"tier": "small"}}]})  # fmt: skip
    with ThreadPoolExecutor(2) as pool:
        plain, stream = pool.submit(at.ask, PLAIN, timeout=60), pool.submit(at.ask, STREAM, timeout=60)
        status, headers, _, _ = plain.result()
        assert status == 200 and headers["x-triage-deployment"] == "a" and headers["x-triage-attempts"] == "1"
        assert "There" in stream.result()[2], "a stream's head has 30 s"


def head_first(seconds):
    """A whole answer whose head comes at once."""

    def answer(seen):
        whole = says("Here.")(seen)
        head, _, body = whole.partition(b"\r\n\r\n")
        yield head + b"\r\n\r\n"
        time.sleep(seconds)
        yield body

    return answer


def test_silence_behind_the_head_of_a_whole_answer_is_not_idleness(here):
    at = here({"a": head_first(1.5)}, {"small": ["a"]}, route={"timeouts": {"idle": "300ms"}, "retry": {"attempts": 1}})
    assert at.ask()[0] == 200


def test_what_a_cut_call_may_have_cost_is_estimated_and_says_so(here):
    at = here({"a": says("word " * 100, pause=0.01)}, {"small": ["a"]}, route={"timeouts": {"total": "4s"}, "retry": {"attempts": 1}})
    assert at.ask(STREAM)[0] == 200  # 10 tokens: too few to say how fast it writes
    at.peers["a"].answer = silent
    assert at.ask(max_tokens=4000)[0] == 504
    cut = at.records(2)[1]["attempts"][0]
    assert cut["usage_source"] == "estimated" and cut["end"] == "failed"
    assert 150 <= cut["tokens"]["output"] <= 250, "50 tokens a second"
    assert cut["cost_nano_usd"] == cut["tokens"]["input"] * 1000 + cut["tokens"]["output"] * 4000
    assert at.ask(max_tokens=7)[0] == 504
    assert at.records(3)[2]["attempts"][0]["tokens"]["output"] == 7


# ---- a head that nothing follows


def only_comments(seen):
    yield STREAM_HEAD
    for _ in range(60):
        yield in_chunk(b": ping\n\n")
        time.sleep(0.1)


def only_head(seen):
    yield STREAM_HEAD
    time.sleep(6)


@pytest.mark.parametrize("answer", [only_head, only_comments])
def test_a_stream_without_an_event_is_asked_for_elsewhere(here, answer):
    at = here({"a": answer, "b": says("There.")}, {"small": ["a"], "large": ["b"]},
              route={"routers": [{"fixed": {"tier": "small"}}], "timeouts": {"first_event": "1s"}})  # fmt: skip
    status, _, text, took = at.ask(STREAM)
    assert status == 200 and "There" in text and took < 3 and "[DONE]" in text
    status, _, text, took = at.ask(STREAM, model="a", fields={"x-triage-timeout-ms": "2000"})
    assert "upstream_" in text and took < 4


def test_hedging_does_not_take_a_head_for_an_answer(here):
    at = here({"a": only_comments, "b": says("There.")}, {"small": ["a"], "large": ["b"]},
              route={"routers": [{"fixed": {"tier": "small"}}], "timeouts": {"first_event": "1s"}, "hedge": {"after": "10s"}})  # fmt: skip
    assert "There" in at.ask(STREAM)[2]


# ---- what no client asked for


NAMED = "stream_options"
WORDINGS = {
    "openai": (400, {"error": {"message": f"Unrecognized request argument supplied: {NAMED}", "type": "invalid_request_error", "param": None, "code": None}}),
    "openai, newer": (400, {"error": {"message": f"Unknown parameter: '{NAMED}'.", "type": "invalid_request_error", "param": NAMED, "code": "unknown_parameter"}}),
    "azure": (400, {"error": {"code": "BadRequest", "message": f"Unrecognized request argument supplied: {NAMED}"}}),
    "pydantic 2": (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", NAMED], "msg": "Extra inputs are not permitted", "input": {"include_usage": True}}]}),
    "pydantic 1": (422, {"detail": [{"loc": ["body", NAMED], "msg": "extra fields not permitted", "type": "value_error.extra"}]}),
    "vllm": (400, {"object": "error", "message": f"[{{'type': 'extra_forbidden', 'loc': ('body', '{NAMED}'), 'msg': 'Extra inputs are not permitted'}}]", "type": "BadRequestError", "code": 400}),
    "mistral": (422, {"object": "error", "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", NAMED], "msg": "Extra inputs are not permitted"}]}, "type": "invalid_request_error"}),
    "tgi": (422, f"Failed to deserialize the JSON body into the target type: unknown field `{NAMED}`, expected one of `model`, `messages` at line 1 column 20"),
    "llama.cpp": (500, {"error": {"code": 500, "message": f"unsupported param: {NAMED}", "type": "server_error"}}),
    "cohere": (400, {"message": f"invalid request: unknown field '{NAMED}'"}),
    "python": (500, f"TypeError: create() got an unexpected keyword argument '{NAMED}'"),
    "text without a name": (400, "Extra inputs are not permitted"),
    "a schema's": (400, {"error": {"message": "Additional properties are not allowed"}}),
}  # fmt: skip


def refusing(status, words, member):
    body = (words if isinstance(words, str) else json.dumps(words)).encode()

    def answer(seen):
        return response(body, status=f"{status} No") if member in json.loads(seen.body) else says("Here.")(seen)

    return answer


@pytest.mark.parametrize("server", WORDINGS)
def test_usage_of_a_stream_is_not_asked_for_where_it_is_refused(here, server):
    at = here({"a": refusing(*WORDINGS[server], NAMED)}, {"small": ["a"]}, route={"retry": {"attempts": 1, "budget": 0, "budget_min": 0}})
    for calls in (2, 3, 4):
        status, _, text, _ = at.ask(STREAM)
        assert status == 200 and "[DONE]" in text and at.calls("a") == calls, "once is enough"
    attempts = [[attempt["cause"] for attempt in record["attempts"]] for record in at.records(3)]
    assert attempts == [["first", "retry"], ["first"], ["first"]]
    assert at.gateway.metric("triage_attempts_total", deployment="a", outcome="upstream_error") == 0
    assert at.gateway.logs("refuses stream_options")


def test_the_configuration_may_say_so(here):
    deployments = {"a": {"provider": "a", "refuses": [NAMED]}}
    at = here({"a": refusing(*WORDINGS["openai"], NAMED)}, {"small": ["a"]}, deployments)
    assert at.ask(STREAM)[0] == 200 and at.calls("a") == 1


def test_what_the_client_asked_for_itself_is_its_own_affair(here):
    at = here({"a": refusing(*WORDINGS["openai"], NAMED)}, {"small": ["a"]})
    status, _, text, _ = at.ask(STREAM, stream_options={"include_usage": True})
    assert status == 400 and NAMED in text and at.calls("a") == 1


@both
def test_a_verifiers_log_probabilities_are_not_asked_for_where_they_are_refused(here, stream):
    refusal = (400, {"error": {"message": "logprobs are not supported by this model", "code": "unsupported_parameter"}})
    at = here({"weak": refusing(*refusal, "logprobs"), "strong": says("There.")}, {"small": ["weak"], "large": ["strong"]},
              route={"routers": [{"fixed": {"tier": "small"}}], "cascade": {"verify": {"logprob": {"at_least": 0.5}}}})  # fmt: skip
    for calls in (2, 3):
        assert at.ask(stream)[0] == 200 and at.calls("weak") == calls
