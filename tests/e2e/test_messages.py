"""The official Anthropic SDK for Python, unmodified, before providers of its own dialect and of OpenAI's."""

import json

import anthropic
import pytest
from anthropic import Anthropic

from anthropic_provider import TEXT, answer, events_of, message, sse
from gateway import KEY, PROVIDER_KEY, config_for
from upstream import Upstream, response

WEATHER = {"name": "get_weather", "description": "The weather.", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
HELLO = [{"role": "user", "content": "Say hello to the tests."}]


def chat_answer(seen, text=TEXT):
    """A provider of chat completions that calls a tool, then answers."""
    body = json.loads(seen.body)
    last = body["messages"][-1]
    delta = {"role": "assistant", "content": text}
    finish = "stop"
    if body.get("tools") and last["role"] == "user":
        calls = [{"index": i, "id": f"call_{i}", "type": "function", "function": {"name": "get_weather", "arguments": json.dumps({"city": city})}}
                 for i, city in enumerate(("Rome", "Oslo"))]
        delta, finish = {"role": "assistant", "content": "I look.", "tool_calls": calls}, "tool_calls"
    usage = {"prompt_tokens": 30, "completion_tokens": 5, "total_tokens": 35, "prompt_tokens_details": {"cached_tokens": 10}}
    head = {"id": "chatcmpl-1", "model": "gpt-e2e", "created": 1}
    if not body.get("stream"):
        choice = {"index": 0, "message": delta, "finish_reason": finish}
        return response(json.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage}).encode())
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
              {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
              {**head, "choices": [], "usage": usage}]
    events = "".join(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    return response(events.encode(), "text/event-stream")


@pytest.fixture(scope="module")
def providers():
    own, chat = Upstream(answer), Upstream(chat_answer)
    yield own, chat
    own.close()
    chat.close()


@pytest.fixture
def gateway(providers, simulator, start):
    own, chat = providers
    config = config_for(simulator.port)
    config["providers"] |= {
        "claude": {"dialect": "anthropic", "base_url": f"http://127.0.0.1:{own.port}/v1", "api_key": PROVIDER_KEY},
        "chat": {"base_url": f"http://127.0.0.1:{chat.port}/v1", "api_key": PROVIDER_KEY},
    }
    config["deployments"] |= {
        "claude": {"provider": "claude", "model": "claude-sonnet-4-5"},
        "gpt": {"provider": "chat", "model": "gpt-e2e"},
    }
    config["tiers"] = ["small", "large"]
    config["routes"]["both"] = {
        "match": {"models": ["claude-*"]},
        "tiers": {"small": ["claude"], "large": ["gpt"]},
        "routers": [{"fixed": {"tier": "small"}}],
        "retry": {"attempts": 1},
    }
    own.requests.clear()
    chat.requests.clear()
    return start(config)


@pytest.fixture
def client(gateway):
    return Anthropic(base_url=gateway.url, api_key=KEY, max_retries=0, timeout=20)


def texts(answered):
    return "".join(block.text for block in answered.content if block.type == "text")


@pytest.mark.parametrize("model", ["claude-x", "gpt", "auto"])
def test_text(client, model):
    raw = client.messages.with_raw_response.create(model=model, max_tokens=99, messages=HELLO)
    answered = raw.parse()
    assert answered.type == "message" and answered.role == "assistant" and answered.stop_reason == "end_turn"
    assert texts(answered)
    assert answered.usage.input_tokens > 0 and answered.usage.output_tokens > 0
    assert raw.headers["x-triage-deployment"] == {"claude-x": "claude", "gpt": "gpt", "auto": "sim-small"}[model]


@pytest.mark.parametrize("model", ["claude-x", "gpt", "auto"])
def test_text_streamed(client, model):
    with client.messages.stream(model=model, max_tokens=99, messages=HELLO) as stream:
        text = "".join(stream.text_stream)
        answered = stream.get_final_message()
    assert texts(answered) == text and text
    assert answered.stop_reason == "end_turn"
    assert answered.usage.output_tokens > 0
    if model != "auto":
        assert text == TEXT


def test_the_same_dialect_is_passed_byte_for_byte(gateway, providers):
    own, _ = providers
    body = b'{ "max_tokens":9,"model":"claude-x", "messages":[{"role":"user","content":"H\\u0069"}],"stream":true ,"odd":1.0}'
    status, headers, answered = gateway.request("POST", "/v1/messages?beta=true", body, {"x-api-key": KEY, "anthropic-beta": "b1", "content-type": "application/json"}, key=None)
    assert status == 200 and headers["content-type"].startswith("text/event-stream")
    assert answered == sse(events_of(message([{"type": "text", "text": TEXT}])))
    sent = own.requests[-1]
    assert sent.body == body.replace(b'"claude-x"', b'"claude-sonnet-4-5"')
    assert sent.line.split()[1] == b"/v1/messages?beta=true"
    assert sent.field(b"x-api-key") == PROVIDER_KEY.encode() and sent.field(b"anthropic-beta") == b"b1"
    assert sent.field(b"anthropic-version") == b"2023-06-01"


@pytest.mark.parametrize("streamed", [False, True])
def test_tools_before_chat_completions(client, providers, streamed):
    _, chat = providers
    asked = dict(model="gpt", max_tokens=99, tools=[WEATHER], system="Be brief.")
    if streamed:
        with client.messages.stream(messages=HELLO, **asked) as stream:
            answered = stream.get_final_message()
    else:
        answered = client.messages.create(messages=HELLO, **asked)
    assert answered.stop_reason == "tool_use"
    calls = [block for block in answered.content if block.type == "tool_use"]
    assert [call.input for call in calls] == [{"city": "Rome"}, {"city": "Oslo"}]
    assert (answered.usage.input_tokens, answered.usage.cache_read_input_tokens, answered.usage.output_tokens) == (20, 10, 5)
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "sunny"} for call in calls]
    turn = {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in answered.content]}
    client.messages.create(messages=[*HELLO, turn, {"role": "user", "content": results}], **asked)
    sent = json.loads(chat.requests[-1].body)
    assert [message["role"] for message in sent["messages"]] == ["system", "user", "assistant", "tool", "tool"]
    assert sent["model"] == "gpt-e2e" and sent["max_tokens"] == 99
    assert chat.requests[-1].field(b"authorization") == b"Bearer " + PROVIDER_KEY.encode()


def test_a_conversation_with_thoughts_and_tools_crosses_dialects(client, providers):
    own, chat = providers
    asked = dict(max_tokens=4000, tools=[WEATHER], thinking={"type": "enabled", "budget_tokens": 2000})
    conversation = [{"role": "user", "content": "call"}]

    def say(model):
        raw = client.messages.with_raw_response.create(model=model, messages=conversation, **asked)
        answered = raw.parse()
        conversation.append({"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in answered.content]})
        calls = [block.id for block in answered.content if block.type == "tool_use"]
        if calls:
            results = [{"type": "tool_result", "tool_use_id": call, "content": "sunny"} for call in calls]
            conversation.append({"role": "user", "content": results})
        return raw

    say("claude")
    crossed = say("gpt")
    assert crossed.headers["x-triage-dropped"] == "thinking_blocks, thinking"
    sent = json.loads(chat.requests[-1].body)["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "tool"]
    assert [call["id"] for call in sent[1]["tool_calls"]] == ["toolu_Rome", "toolu_Oslo"] and "Two cities" not in json.dumps(sent)
    conversation.append({"role": "user", "content": "And now?"})
    say("claude")
    thought = json.loads(own.requests[-1].body)["messages"][1]["content"][0]
    assert (thought["type"], thought["signature"]) == ("thinking", "c2ln+/=")


def test_failover_crosses_dialects(client):
    raw = client.messages.with_raw_response.create(model="claude-x", max_tokens=9, messages=[{"role": "user", "content": "overloaded"}])
    assert raw.headers["x-triage-deployment"] == "gpt" and texts(raw.parse()) == TEXT


def test_errors_are_anthropics(client, gateway):
    with pytest.raises(anthropic.NotFoundError) as unknown:
        client.messages.create(model="nobody", max_tokens=9, messages=HELLO)
    assert unknown.value.body["error"]["type"] == "not_found_error"
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long"):
        client.messages.create(model="claude", max_tokens=9, messages=[{"role": "user", "content": "too long"}])
    with pytest.raises(anthropic.BadRequestError, match="untranslat|no word for"):
        client.messages.create(model="gpt", max_tokens=9, messages=HELLO, tools=[{"type": "web_search_20250305", "name": "web_search"}])
    with pytest.raises(anthropic.AuthenticationError) as wrong:
        Anthropic(base_url=gateway.url, api_key="wrong", max_retries=0).messages.create(model="gpt", max_tokens=9, messages=HELLO)
    assert wrong.value.body["error"]["type"] == "authentication_error"


def test_a_stream_that_is_cut_ends_with_an_error(client):
    with pytest.raises(anthropic.APIError):
        with client.messages.stream(model="claude", max_tokens=9, messages=[{"role": "user", "content": "cut"}]) as stream:
            stream.get_final_message()


def test_models_and_tokens(client, gateway):
    listed = client.models.list()
    assert {"auto", "claude", "gpt"} <= {model.id for model in listed.data}
    assert client.models.retrieve("gpt").display_name == "gpt"
    assert client.messages.count_tokens(model="gpt", messages=HELLO).input_tokens > 0
    status, headers, body = gateway.request("POST", "/v1/messages/count_tokens", {"model": "gpt", "messages": HELLO})
    assert status == 200 and headers["x-triage-estimated"] == "input_tokens" and json.loads(body)["input_tokens"] > 0


@pytest.mark.parametrize("streamed", [False, True])
def test_cascade_crosses_dialects(providers, simulator, start, streamed):
    own, _ = providers
    refusing = Upstream(lambda seen: chat_answer(seen, "I cannot help with that."))
    config = config_for(simulator.port)
    config["providers"] |= {
        "claude": {"dialect": "anthropic", "base_url": f"http://127.0.0.1:{own.port}", "api_key": PROVIDER_KEY},
        "chat": {"base_url": f"http://127.0.0.1:{refusing.port}/v1", "api_key": PROVIDER_KEY},
    }
    config["deployments"] |= {"claude": {"provider": "claude", "model": "claude-sonnet-4-5"}, "gpt": {"provider": "chat", "model": "gpt-e2e"}}
    config["tiers"] = ["small", "large"]
    config["routes"]["chat"] |= {"tiers": {"small": ["gpt"], "large": ["claude"]}, "cascade": {"verify": "checks"},
                                 "routers": [{"fixed": {"tier": "small"}}]}
    gateway = start(config)
    body = {"model": "auto", "max_tokens": 99, "stream": streamed, "messages": HELLO}
    for path in ("/v1/messages", "/v1/chat/completions"):
        status, headers, answered = gateway.request("POST", path, body)
        assert (status, headers["x-triage-deployment"], headers["x-triage-attempts"]) == (200, "claude", "2")
        assert b"I cannot" not in answered and answered.count(b"message_stop") == (2 if streamed and path == "/v1/messages" else 0)
    refusing.close()


def test_the_record_is_as_for_chat(client, gateway):
    client.messages.create(model="claude-x", max_tokens=9, messages=HELLO)
    assert gateway.metric("triage_requests_total", route="both", outcome="ok") == 1
    assert gateway.metric("triage_tokens_total", deployment="claude", kind="input_cached") == 7
