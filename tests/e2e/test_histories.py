"""What conversations are made of besides text, with each client before each provider: turns of the assistant's that no SDK
gave, strange names and ids, media in results, hidden thoughts; errors of the gateway's own, models, counts."""

import copy
import json
import random

import pytest

for package in ("anthropic", "botocore", "google.genai"):
    pytest.importorskip(package, reason=f"the package {package} could not be installed")

import anthropic
import openai
from google.genai import errors

from gateway import KEY
from matrix import Matrix, Pair, user
from scripted import PROVIDERS, dialects, keeps_signatures
from scripted.exchange import Call, Media, Result, Text, Thought, Turn
from scripted.scenarios import ARGUMENTS, ODD, SAID
from sdk_clients import CLIENTS, Failed, Gemini, Question, Tool
from test_matrix import PNG, SCHEMA, WEATHER


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    made = Matrix(tmp_path_factory.mktemp("histories"))
    yield made
    made.close()


@pytest.fixture(params=PROVIDERS)
def provider(request):
    return request.param


@pytest.fixture(params=CLIENTS)
def client(request):
    return request.param


@pytest.fixture
def pair(matrix, client, provider):
    return Pair(matrix, client, provider, False)


def assistant(*blocks):
    return Turn("assistant", [Text(block) if isinstance(block, str) else block for block in blocks])


def test_turns_of_texts(pair):
    turns = [user("Hi " + ODD), assistant("Hello " + ODD), user("How are you?", " Well?"), assistant("Fine."), user("[text] Good.")]
    pair.ask(Question(turns))
    assert [(turn.role, turn.texts()) for turn in pair.asked.turns] == [(turn.role, turn.texts()) for turn in turns]


# Anthropic's ids, with 64 characters; what a client made of two; what is no word at all.
@pytest.mark.parametrize("ids", [["toolu_" + "x" * 58, "toolu_" + "x" * 57 + "y"], ["call_1|fc_2", "call_1|fc_3"], ["é 👋", "1"]], ids=["long", "double", "odd"])
def test_ids_of_elsewhere(pair, ids):
    if pair.own:
        pytest.skip("the client's bytes are passed on")
    calls = [Call("get_weather", {"city": city}, id) for id, city in zip(ids, ("Rome", "Oslo"))]
    question = Question([user("Hi"), assistant(*calls), user(*(Result(call.id, call.arguments["city"]) for call in calls)),
                         assistant("So."), user("[text] Good.")], tools=[WEATHER])  # fmt: skip
    sent = []
    for _ in range(2):
        pair.ask(question)
        assert [call.arguments for call in pair.asked.of(Call)] == [call.arguments for call in calls]
        assert [result.text for result in pair.asked.of(Result)] == ["Rome", "Oslo"]
        sent.append(pair.provider.requests[-1].body)
    assert sent[0] == sent[1]


@pytest.mark.parametrize("text", ["", " "], ids=["empty", "blank"])
def test_a_result_of_nothing(pair, text):
    if pair.own:
        pytest.skip("the client's bytes are passed on")
    pair.ask(Question([user("Hi"), assistant(Call("get_weather", {}, "call_1")), user(Result("call_1", text)), assistant("So."), user("[text] Good.")],
                      tools=[WEATHER]))  # fmt: skip
    result, = pair.asked.of(Result)
    assert result.text.strip() in ("", "no output")  # Bedrock refuses blank texts


def test_no_tools_are_declared_any_more(pair):
    if pair.own:
        pytest.skip("the client's bytes are passed on")
    pair.ask(Question([user("Hi"), assistant("I look.", Call("get_weather", ARGUMENTS, "call_1")), user(Result("call_1", "sunny"), "[text] So?")]))
    assert [json.dumps(call.arguments) for call in pair.asked.of(Call)] == [json.dumps(ARGUMENTS)]
    assert pair.asked.question() == "[text] So?"


NAMES = {"long": "read_" + "x" * 95, "digit": "7_wonders", "dotted": "files.read:all"}


@pytest.mark.parametrize("kind", NAMES)
def test_names_that_others_refuse(pair, kind):
    if "gemini" not in dialects():
        pytest.skip("this binary does not know that names differ")
    name = NAMES[kind]
    if kind == "dotted" and pair.client.form != "gemini" or kind == "long" and pair.client.form != "messages" or kind == "digit" and pair.client.form == "gemini":
        pytest.skip("a name that this client's API refuses")
    if pair.own or pair.name.startswith("vertex") and kind == "long" and pair.client.form == "messages" and "claude" in pair.name:
        pytest.skip("the client's bytes are passed on")
    question = Question([user("[call] Hi")], tools=[Tool(name, "Does it.", SCHEMA), Tool(name[:64] + "_", "Does not.", SCHEMA)][: 1 if kind == "dotted" else 2])
    said = pair.ask(question)
    assert [call.name for call in said.calls] == [name]
    declared = next(iter(pair.asked.tools))
    question.turns += [said.turn, user(Result(said.calls[0].id, "done"))]
    pair.ask(question)
    assert [call.name for call in pair.asked.of(Call)] == [declared]
    question.choice = name
    question.turns = [user("[text] Hi")]
    pair.ask(question)
    assert pair.asked.choice == declared or (pair.asked.choice, list(pair.asked.tools)) == ("required", [declared])


def test_an_image_in_a_result(pair):
    if pair.client.form == "chat":
        pytest.skip("chat completions have none")
    image = Media("image/png", PNG)
    pair.ask(Question([user("Hi"), assistant(Call("get_weather", {}, "call_1")), user(Result("call_1", "See.", media=[image]), "[text] So?")], tools=[WEATHER]))
    result, = pair.asked.of(Result)
    assert result.text == "See." and [*result.media, *pair.asked.of(Media)] == [image]
    assert pair.asked.question().endswith("[text] So?")


@pytest.mark.parametrize("client", [*CLIENTS, "forgetful"])
@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("provider", ["messages", "bedrock", "vertex-claude"])
def test_hidden_thoughts(matrix, client, provider, streamed):
    pair = Pair(matrix, client, provider, streamed)
    if not keeps_signatures():
        pytest.skip("this binary knows no origins of signatures")
    question = Question([user("[redacted] Hi")], tools=[WEATHER], thinks=True, max_tokens=4000)
    said = pair.ask(question)
    question.turns += [said.turn, user(Result(said.calls[0].id, "sunny"))]
    pair.ask(question)
    assert pair.asked.of(Thought) == [Thought("", pair.provider.signature(5), redacted=True)]


BODIES = {
    "chat": ("/v1/chat/completions", {
        "model": "M", "max_completion_tokens": 500, "temperature": 0.5, "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA}}],
        "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": [{"type": "text", "text": "[text] Hi"}]},
                     {"role": "assistant", "content": "A", "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\"b\": 1.0, \"a\": 2}"}}]},
                     {"role": "tool", "tool_call_id": "call_1", "content": "R"}]}),
    "responses": ("/v1/responses", {
        "model": "M", "max_output_tokens": 500, "temperature": 0.5, "store": False, "instructions": "S",
        "tools": [{"type": "function", "name": "f", "description": "d", "parameters": SCHEMA, "strict": True}],
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "[text] Hi"}]},
                  {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{\"b\": 1.0, \"a\": 2}"},
                  {"type": "function_call_output", "call_id": "call_1", "output": "R"}]}),
    "messages": ("/v1/messages", {
        "model": "M", "max_tokens": 500, "temperature": 0.5, "system": "S", "tools": [{"name": "f", "description": "d", "input_schema": SCHEMA}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "[text] Hi"}]},
                     {"role": "assistant", "content": [{"type": "tool_use", "id": "call_1", "name": "f", "input": {"b": 1.0, "a": 2}}]},
                     {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "R"}]}]}),
    "gemini": ("/v1beta/models/M:generateContent", {
        "systemInstruction": {"parts": [{"text": "S"}]}, "generationConfig": {"maxOutputTokens": 500, "temperature": 0.5},
        "tools": [{"functionDeclarations": [{"name": "f", "description": "d", "parametersJsonSchema": SCHEMA}]}],
        "contents": [{"role": "user", "parts": [{"text": "[text] Hi"}]}, {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"b": 1.0, "a": 2}}}]},
                     {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"output": "R"}}}]}]}),
}  # fmt: skip


def shuffled(value, dice):
    """The same with its members in another order, but for what is passed on as it is."""
    if isinstance(value, list):
        return [shuffled(each, dice) for each in value]
    if not isinstance(value, dict):
        return value
    names = list(value)
    dice.shuffle(names)
    kept = ("parameters", "input_schema", "parametersJsonSchema", "args", "response")
    return {name: value[name] if name in kept or name == "input" and isinstance(value[name], dict) else shuffled(value[name], dice) for name in names}


def test_the_same_question_gives_the_same_bytes(pair):
    """Whatever the order of its members: the provider's cache of prompts goes by bytes."""
    if pair.own:
        pytest.skip("the client's bytes are passed on")
    path, body = BODIES[pair.client.form]
    dice = random.Random(18)
    sent = set()
    for turn in range(6):
        asked = copy.deepcopy(body) if turn == 0 else shuffled(body, dice)
        if "model" in asked:
            asked["model"] = f"{pair.name}-route"
        status, _, answer = pair.matrix.gateway.request("POST", path.replace("M:", f"{pair.name}-route:"), asked)
        assert status == 200, answer
        assert pair.provider.faults == []
        sent.add(pair.provider.requests[-1].body)
    assert len(sent) == 1, b"\n".join(sent).decode()
    assert SAID not in pair.asked.question()


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_errors_of_the_gateway_are_the_clients(matrix, client, streamed):
    pair = Pair(matrix, client, "chat", streamed)
    with pytest.raises(Failed) as unknown:
        pair.client.ask("nobody", Question([user("Hi")]), streamed)
    assert unknown.value.status == 404 and "nobody" in unknown.value.message
    stranger = CLIENTS[client](matrix.tee.url, KEY + "x")
    with pytest.raises(Failed) as wrong:
        stranger.ask("chat", Question([user("Hi")]), streamed)
    assert wrong.value.status == 401
    kinds = {"chat": "invalid_request_error", "responses": "invalid_request_error", "messages": "not_found_error", "gemini": "NOT_FOUND"}
    assert unknown.value.kind == kinds[client]
    kinds = {"messages": "authentication_error", "gemini": "UNAUTHENTICATED"}
    assert wrong.value.kind == kinds.get(client, wrong.value.kind)


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_googles_chats_keep_what_was_said(matrix, provider, streamed):
    """They leave out a turn of which they find a part strange."""
    pair = Pair(matrix, "gemini", provider, streamed)
    chat = pair.client.sdk.chats.create(model=f"{provider}-route")
    for text in ("[text] Hi", "[odd] " + ODD, "[text] And now?"):
        said = list(chat.send_message_stream(text)) if streamed else [chat.send_message(text)]
        assert "".join(chunk.text or "" for chunk in said) == (ODD if "odd" in text else SAID)
    assert [turn.texts() for turn in pair.asked.turns] == ["[text] Hi", SAID, "[odd] " + ODD, ODD, "[text] And now?"]
    assert pair.provider.faults == []


def test_models(matrix, client):
    pair = Pair(matrix, client, "chat", False)
    sdk = pair.client.sdk
    if client == "gemini":
        listed = {model.name.removeprefix("models/") for model in sdk.models.list()}
        assert sdk.models.get(model="chat").name == "models/chat"
        with pytest.raises(errors.ClientError):
            sdk.models.get(model="nobody")
    else:
        listed = {model.id for model in sdk.models.list()}
        assert sdk.models.retrieve("chat").id == "chat"
        with pytest.raises((openai.NotFoundError, anthropic.NotFoundError)):
            sdk.models.retrieve("nobody")
    assert set(matrix.providers) <= listed


def test_tokens_are_counted(matrix, client, provider):
    if client not in ("messages", "gemini"):
        pytest.skip("this API counts none")
    pair = Pair(matrix, client, provider, False)
    if isinstance(pair.client, Gemini):
        counted = pair.client.sdk.models.count_tokens(model=f"{provider}-route", contents="Hello, you there.").total_tokens
    else:
        counted = pair.client.sdk.messages.count_tokens(model=f"{provider}-route", messages=[{"role": "user", "content": "Hello, you there."}]).input_tokens
    assert counted == 77 if provider == client else counted > 0
    assert pair.provider.faults == []
