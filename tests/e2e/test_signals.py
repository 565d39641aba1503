"""What the ledger says of the quality of answers, plain and streamed, with and without a cascade."""

import pytest

from cascading import GOOD, REFUSAL, says
from test_llm_router import Here

SCHEMA = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}}}

CASES = [
    (says(GOOD), {}, {"refusal": False, "hedging": False, "truncated": False}),
    (says(REFUSAL), {}, {"refusal": True, "hedging": False, "truncated": False}),
    (says("I'm not sure, but I think it might be Lyon."), {}, {"refusal": False, "hedging": True, "truncated": False}),
    (says("Paris is the", finish="length"), {}, {"refusal": False, "hedging": False, "truncated": True}),
    (says('{"n": 1}'), {"response_format": SCHEMA}, {"refusal": False, "hedging": False, "truncated": False, "schema_failure": False}),
    (says('{"n": "one"}'), {"response_format": SCHEMA}, {"refusal": False, "hedging": False, "truncated": False, "schema_failure": True}),
]


def of_answer(record):
    """What is said of the answer, without what is said of the question."""
    return {name: value for name, value in record["signals"].items() if name not in ("retry", "turns")}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("cascade", [{}, {"cascade": {"verify": {"checks": {"required": "."}}, "escalations_max": 0}}])
def test_signals(start, tmp_path, stream, cascade):
    here = Here(start, tmp_path, routers=[{"fixed": {"tier": "small"}}], **cascade)
    for answer, more, _ in CASES:
        here.answers["weak"] = answer
        here.ask("What is the capital of France?", stream=stream, **more)
    found = {record["id"]: of_answer(record) for record in here.records(len(CASES))}
    assert list(found.values()) == [signals for _, _, signals in CASES]


def test_a_held_answers_signals_are_those_of_the_answer_that_was_given(start, tmp_path):
    here = Here(start, tmp_path, routers=[{"fixed": {"tier": "small"}}], cascade={"verify": "checks"})
    here.answers["weak"], here.answers["medium"] = says(REFUSAL), says(GOOD)
    here.ask("What is the capital of France?", stream=True)
    record = here.records(1)[0]
    assert [attempt["end"] for attempt in record["attempts"]] == ["rejected", "completed"]
    assert of_answer(record) == {"refusal": False, "hedging": False, "truncated": False}


def test_of_an_answer_that_did_not_end_nothing_is_said(start, tmp_path):
    here = Here(start, tmp_path, routers=[{"fixed": {"tier": "small"}}])
    here.answers["weak"] = here.answers["medium"] = here.answers["strong"] = lambda seen: b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
    body = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
    assert here.gateway.request("POST", "/v1/chat/completions", body)[0] >= 500
    assert of_answer(here.records(1)[0]) == {}


def test_a_question_that_is_asked_again(start, tmp_path):
    here = Here(start, tmp_path, routers=[{"fixed": {"tier": "small"}}])
    here.answers["weak"] = says(GOOD)
    ask = lambda text, stream=False, session=None, before=(), after=(), **more: here.gateway.request(
        "POST", "/v1/chat/completions",
        {"model": "auto", "stream": stream, "messages": [*before, {"role": "user", "content": text}, *after], **more},
        headers={"x-triage-session": session} if session else None)
    tool = [{"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c", "content": "42"}]
    expected = []
    for retry, turns, arguments in [
        (False, 1, {"text": "What is the capital of France?"}),
        (True, 1, {"text": "what is the capital of france", "stream": True}),
        (False, 1, {"text": "What is the capital of Germany?"}),
        (False, 1, {"text": "What is the capital of France?", "user": "ann"}),
        (True, 2, {"text": "What is the capital of France??", "user": "ann", "before": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hi"}]}),
        (False, 1, {"text": "What is the capital of France?", "user": "bob"}),
        (False, 1, {"text": "What is the capital of France?", "user": "bob", "session": "s"}),
        (True, 1, {"text": "What is the capital of France?", "user": "eve", "session": "s"}),
        (None, 1, {"text": "What is the capital of France?", "user": "ann", "after": tool}),
        (False, 1, {"text": "no, I meant the second one", "user": "ann"}),
    ]:
        assert ask(**arguments)[0] == 200
        expected.append((retry, turns))
    signals = [record["signals"] for record in here.records(len(expected))]
    assert [(each.get("retry"), each["turns"]) for each in signals] == expected


def test_side_by_side_and_over_and_over_is_no_retry(start, tmp_path):
    here = Here(start, tmp_path, routers=[{"fixed": {"tier": "small"}}])
    here.answers["weak"] = says(GOOD)
    for _ in range(8):
        here.ask("status of the job?")
    found = [record["signals"].get("retry") for record in here.records(8)]
    assert found == [False, True, True, True, None, None, None, None]
