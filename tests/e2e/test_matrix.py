"""Every client before every provider: the official SDKs for Python, unmodified, and scripted providers that hold what they get
against the providers' own types and rules. What a stream is made of is checked, too."""

import json

import pytest

for package in ("anthropic", "botocore", "google.genai"):
    pytest.importorskip(package, reason=f"the package {package} could not be installed")

from matrix import Matrix, Pair, user
from scripted import PROVIDERS, keeps_signatures
from scripted.exchange import BROKE, Call, Media, Result, Thought
from scripted.scenarios import ARGUMENTS, CITED, CITIES, FAILURES, ODD, PAGE, RECORD, SAID
from sdk_clients import CLIENTS, Failed, Question, Tool

SCHEMA = {"type": "object", "properties": {"name": {"type": "string", "description": "Näme"}, "age": {"type": "integer"}},
          "required": ["name", "age"], "additionalProperties": False}  # fmt: skip
WEATHER = Tool("get_weather", "Tells the weather \u2028 of a city.", {
    "type": "object", "properties": {"city": {"type": "string", "enum": ["Rome", "Oslo", "Zürich 👋"]}, "days": {"type": ["integer", "null"]}},
    "required": ["city", "days"], "additionalProperties": False})  # fmt: skip
TIME = Tool("get-time_2", "Tells the time.", {"type": "object", "properties": {}, "required": [], "additionalProperties": False})
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fea7356bd80000000049454e44ae426082")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\xfb\xff\xfe"


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    made = Matrix(tmp_path_factory.mktemp("matrix"))
    yield made
    made.close()


@pytest.fixture(params=[False, True], ids=["plain", "streamed"])
def streamed(request):
    return request.param


@pytest.fixture(params=PROVIDERS)
def provider(request):
    return request.param


@pytest.fixture(params=CLIENTS)
def client(request):
    return request.param


@pytest.fixture
def pair(matrix, client, provider, streamed):
    return Pair(matrix, client, provider, streamed)


def test_text(pair):
    said = pair.ask(Question([user("[text] How are you?")], system="Be brief. \u2028👋", max_tokens=777))
    assert (said.text, said.finish, said.refused) == (SAID, "stop", False)
    count = said.usage
    assert count.input + count.read + count.write == (32 if pair.provider.writes else 27)
    assert (count.read, count.output) == (7, 11)
    if pair.client.form == "messages" and pair.provider.writes:
        assert count.write == 5
    asked = pair.asked
    assert asked.system == ["Be brief. \u2028👋"] and asked.question() == "[text] How are you?"
    assert (asked.max_tokens, asked.streamed) == (777, pair.streamed)
    assert (asked.tools, asked.schema, asked.thinking) == ({}, None, None)


def test_odd_texts_both_ways(pair):
    said = pair.ask(Question([user("[odd] " + ODD)]))
    assert said.text == ODD
    assert pair.asked.question() == "[odd] " + ODD


def test_citations(pair):
    if pair.name.startswith("bedrock"):
        pytest.skip("it cites no pages of the web")
    question = Question([user("[cited] How is it?")])
    said = pair.ask(question)
    assert (said.text, said.cited) == (CITED, [PAGE])
    # What comes back with the history troubles nobody, the provider that it would be passed on to least.
    question.turns += [said.turn, user("[text] And?")]
    assert pair.ask(question).text == SAID
    assert pair.asked.turns[1].texts() == CITED


def test_sampling(pair):
    stop = [] if "responses" in (pair.client.form, pair.name) else ["END", "\u2028 👋"]
    pair.ask(Question([user("[text] Hi")], temperature=0.5, top_p=0.25, stop=stop))
    assert (pair.asked.temperature, pair.asked.stop) == (0.5, stop)
    assert pair.asked.top_p in (0.25, None)
    assert pair.asked.top_p == 0.25 or "top_p" in pair.headers["x-triage-dropped"]


def test_length(pair):
    said = pair.ask(Question([user("[length] Tell it all.")], max_tokens=20))
    assert (said.text, said.finish) == ("This is told only to", "length")


def test_call(pair):
    question = Question([user("[call] And the weather?")], tools=[WEATHER, TIME])
    said = pair.ask(question)
    assert (said.text, said.finish) == ("I look.", "calls")
    assert [(call.name, call.arguments) for call in said.calls] == [("get_weather", ARGUMENTS)]
    # As texts: 7006652.0 is not 7006652, and members keep their order.
    assert json.dumps(said.calls[0].arguments) == json.dumps(ARGUMENTS)
    asked = pair.asked
    assert asked.tools == {tool.name: tool.schema for tool in question.tools} and asked.choice == "auto"
    question.turns += [said.turn, user(Result(said.calls[0].id, ODD))]
    assert pair.ask(question).text == ODD
    assert [json.dumps(call.arguments) for call in pair.asked.of(Call)] == [json.dumps(ARGUMENTS)]
    assert [result.text for result in pair.asked.of(Result)] == [ODD]
    assert pair.asked.turns[1].texts() == "I look."


def test_parallel_calls(pair):
    question = Question([user("[parallel] And the weather?")], tools=[WEATHER])
    said = pair.ask(question)
    assert said.finish == "calls" and [call.arguments for call in said.calls] == [{"city": city} for city in CITIES]
    ids = [call.id for call in said.calls]
    assert len(set(ids)) == 3 and all(ids) or pair.client.form == "gemini" and not any(ids)
    results = [Result(call.id, f"sunny in {call.arguments['city']}") for call in said.calls]
    results[1].failed = True
    # In another order than the calls, and with words of the user's behind them.
    question.turns += [said.turn, user(*([results[2], results[0], results[1]] if pair.client.form != "gemini" else results), "So?")]
    pair.ask(question)
    calls, answered = pair.asked.of(Call), pair.asked.of(Result)
    assert [call.arguments["city"] for call in calls] == CITIES
    names = {call.id: call.arguments["city"] for call in calls}
    for at, result in enumerate(answered):
        city = names[result.call] if all(names) and len(names) == 3 else CITIES[at]
        assert result.text == f"sunny in {city}"
    if pair.client.form in ("messages", "gemini") and pair.name not in ("chat", "azure", "responses"):
        assert [result.failed for result in sorted(answered, key=lambda each: each.text)] == [True, False, False]
    assert pair.asked.question() == "So?"


@pytest.mark.parametrize("choice", ["none", "required", "get_weather"])
def test_choice(matrix, client, provider, choice):
    pair = Pair(matrix, client, provider, False)
    pair.ask(Question([user("[text] Hi")], tools=[WEATHER, TIME], choice=choice))
    asked = pair.asked
    # Where there is no word for it, the tools are not offered, or only the one that is meant.
    if choice == "none" and asked.choice != "none":
        assert asked.tools == {}
    elif choice == "get_weather" and asked.choice == "required":
        assert set(asked.tools) == {"get_weather"}
    else:
        assert asked.choice == choice


def test_image_and_pdf(matrix, client, provider):
    pair = Pair(matrix, client, provider, False)
    pair.ask(Question([user("[text] What is it?", Media("image/png", PNG), Media("application/pdf", PDF))]))
    assert pair.asked.of(Media) == [Media("image/png", PNG), Media("application/pdf", PDF)]
    assert pair.asked.question() == "[text] What is it?"


def test_schema(pair):
    said = pair.ask(Question([user("[schema] Who?")], schema=SCHEMA))
    assert said.text == RECORD
    assert json.dumps(pair.asked.schema) == json.dumps(SCHEMA)


@pytest.mark.parametrize("client", [*CLIENTS, "forgetful"])
def test_thinking(matrix, client, provider, streamed):
    """What was thought comes back to its author with each result: the providers check it."""
    pair = Pair(matrix, client, provider, streamed)
    if client == "forgetful" and pair.provider.signs and not keeps_signatures():
        pytest.skip("this binary does not keep what clients lose")
    question = Question([user("[thinking] And the weather?")], tools=[WEATHER], thinks=True, max_tokens=4000)
    for step in range(2):
        said = pair.ask(question)
        assert pair.asked.thinking, "the provider was not told to think"
        assert said.finish == "calls" and [call.arguments for call in said.calls] == [{"city": CITIES[step]}]
        assert "".join(thought.text for thought in said.thoughts) in (f"Step {step}: hm \u2028 👋.", "") or pair.own
        question.turns += [said.turn, user(Result(said.calls[0].id, "sunny"))]
    said = pair.ask(question)
    assert said.text == SAID
    if pair.provider.signs:
        signatures = [thought.signature for thought in pair.asked.of(Thought) if thought.signature]
        assert signatures == [pair.provider.signature(0), pair.provider.signature(1)]


def test_refusal(pair):
    said = pair.ask(Question([user("[refusal] Do harm.")]))
    assert said.refused or said.finish == "refusal"


@pytest.mark.parametrize("word", FAILURES)
def test_failures(pair, word):
    failure = FAILURES[word]
    with pytest.raises(Failed) as failed:
        pair.ask(Question([user(f"[{word}] Hi")]))
    wanted = (503, 529) if failure.status == 529 else (500, 502) if failure.status == 500 else (failure.status,)
    assert failed.value.status in wanted
    assert failure.message in failed.value.message
    status, headers, body = pair.matrix.tee.answers()[-1]
    error = json.loads(body)["error"]
    if pair.client.form in ("chat", "responses"):
        assert {"message", "type", "param", "code"} <= set(error)
        assert word != "too_long" or not pair.own or error["code"] == "context_length_exceeded"
    elif pair.client.form == "messages":
        kinds = {400: "invalid_request_error", 429: "rate_limit_error", 500: "api_error", 502: "api_error", 503: "overloaded_error", 529: "overloaded_error"}
        assert error["type"] == kinds[failed.value.status]
    else:
        kinds = {400: ("INVALID_ARGUMENT", "FAILED_PRECONDITION"), 429: ("RESOURCE_EXHAUSTED",), 500: ("INTERNAL",), 502: ("INTERNAL", "UNAVAILABLE"), 503: ("UNAVAILABLE",), 529: ("UNAVAILABLE",)}
        assert error["status"] in kinds[status] and error["code"] == status


@pytest.mark.parametrize("word", ["ends", "breaks", "fails"])
def test_a_stream_that_is_cut_ends_with_an_error(matrix, client, provider, word):
    pair = Pair(matrix, client, provider, True)
    with pytest.raises(Failed) as failed:
        pair.ask(Question([user(f"[{word}] Hi")]))
    assert word != "fails" or BROKE in failed.value.message


def test_citations_of_another_model_do_not_go_to_claude(matrix, streamed):
    """They are in its clients' form, but it could not read their index."""
    question = Question([user("[cited] How is it?")])
    said = Pair(matrix, "messages", "chat", streamed).ask(question)
    assert said.cited == [PAGE]
    question.turns += [said.turn, user("[text] And?")]
    claude = Pair(matrix, "messages", "messages", streamed)
    assert claude.ask(question).text == SAID
    assert claude.asked.turns[1].texts() == CITED
