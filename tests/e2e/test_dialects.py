"""The OpenAI SDK before a provider that speaks Anthropic's Messages API."""

import base64
import json

import openai
import pytest
from openai import OpenAI

from anthropic_provider import TEXT, answer
from gateway import KEY, PROVIDER_KEY, config_for
from upstream import Upstream

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


@pytest.fixture(scope="module")
def provider():
    upstream = Upstream(answer)
    yield upstream
    upstream.close()


@pytest.fixture
def gateway(provider, simulator, start):
    config = config_for(simulator.port)
    config["providers"]["claude"] = {"dialect": "anthropic", "base_url": f"http://127.0.0.1:{provider.port}", "api_key": PROVIDER_KEY}
    config["deployments"]["claude"] = {"provider": "claude", "model": "claude-sonnet-4-5"}
    config["deployments"]["claude-new"] = {"provider": "claude", "model": "claude-opus-5"}
    config["tiers"] = ["small", "large"]
    config["routes"]["both"] = {
        "match": {"models": ["both"]},
        "tiers": {"small": ["claude"], "large": ["sim-large"]},
        "routers": [{"fixed": {"tier": "small"}}],
        "retry": {"attempts": 1},
    }
    provider.requests.clear()
    return start(config)


@pytest.fixture
def client(gateway):
    return OpenAI(base_url=f"{gateway.url}/v1", api_key=KEY, max_retries=0, timeout=20)


def said(text):
    return [{"role": "user", "content": text}]


def collected(chunks):
    """What a client puts together of a stream: (message, finish reason, usage)."""
    out, finish, usage = {"content": "", "tool_calls": {}, "thinking_blocks": []}, None, None
    for chunk in chunks:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            delta = choice.delta.model_dump()
            out["content"] += delta.get("content") or ""
            out["thinking_blocks"] += delta.get("thinking_blocks") or []
            for call in delta.get("tool_calls") or []:
                mine = out["tool_calls"].setdefault(call["index"], {"id": "", "name": "", "arguments": ""})
                mine["id"] += call.get("id") or ""
                mine["name"] += call["function"].get("name") or ""
                mine["arguments"] += call["function"].get("arguments") or ""
            finish = choice.finish_reason or finish
    return out, finish, usage


def test_text(client, provider):
    raw = client.chat.completions.with_raw_response.create(model="claude", messages=said("Hi"), seed=7, user="u1")
    whole = raw.parse()
    assert whole.choices[0].message.content == TEXT
    assert whole.choices[0].finish_reason == "stop"
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens, whole.usage.total_tokens) == (32, 11, 43)
    assert whole.usage.prompt_tokens_details.cached_tokens == 7
    assert raw.headers["x-triage-dropped"] == "seed"
    assert raw.headers["x-triage-deployment"] == "claude"
    sent = provider.requests[-1]
    assert sent.field(b"anthropic-version") == b"2023-06-01"
    assert sent.field(b"authorization") is None
    assert not [name for name, _ in sent.fields if name.lower().startswith(b"x-stainless")]
    assert json.loads(sent.body) == {
        "model": "claude-sonnet-4-5", "max_tokens": 64000, "metadata": {"user_id": "u1"},
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]}


def test_text_streamed(client):
    stream = client.chat.completions.create(model="claude", messages=said("Hi"), stream=True, stream_options={"include_usage": True})
    out, finish, usage = collected(stream)
    assert (out["content"], finish) == (TEXT, "stop")
    assert (usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details.cached_tokens) == (32, 11, 7)


@pytest.mark.parametrize("streamed", [False, True])
def test_tools_there_and_back(client, provider, streamed):
    asked = dict(model="claude", tools=[WEATHER], reasoning_effort="low")
    answered = client.chat.completions.create(messages=said("call"), stream=streamed, **asked)
    if streamed:
        out, finish, _ = collected(answered)
        calls = [{"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}
                 for call in out["tool_calls"].values()]
        turn = {"role": "assistant", "content": out["content"], "tool_calls": calls, "thinking_blocks": out["thinking_blocks"]}
    else:
        turn, finish = answered.choices[0].message.model_dump(exclude_none=True), answered.choices[0].finish_reason
    assert finish == "tool_calls"
    results = [{"role": "tool", "tool_call_id": call["id"], "content": "sunny"} for call in turn["tool_calls"]]
    client.chat.completions.create(messages=[*said("call"), turn, *results], **asked)
    sent = json.loads(provider.requests[-1].body)
    assert sent["thinking"] == {"type": "enabled", "budget_tokens": 12800}
    assert sent["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "Two cities.", "signature": "c2ln+/="}, {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "toolu_Rome", "name": "get_weather", "input": {"city": "Rome"}},
        {"type": "tool_use", "id": "toolu_Oslo", "name": "get_weather", "input": {"city": "Oslo"}}]
    assert [block["tool_use_id"] for block in sent["messages"][2]["content"]] == ["toolu_Rome", "toolu_Oslo"]


def test_image_and_schema(client, provider):
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
    content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}]
    client.chat.completions.create(
        model="claude-new", messages=[{"role": "user", "content": content}], temperature=0.2, reasoning_effort="high",
        response_format={"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": schema}})
    sent = json.loads(provider.requests[-1].body)
    source = sent["messages"][0]["content"][1]["source"]
    assert base64.b64decode(source["data"]) == base64.b64decode(PIXEL) and source["media_type"] == "image/png"
    assert sent["thinking"] == {"type": "adaptive"}
    assert sent["output_config"] == {"effort": "high", "format": {"type": "json_schema", "schema": schema}}
    assert "temperature" not in sent


def test_what_cannot_be_said_goes_elsewhere_or_is_refused(client, provider):
    raw = client.chat.completions.with_raw_response.create(model="both", messages=said("Hi"), n=2)
    assert raw.headers["x-triage-deployment"] == "sim-large"
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="claude", messages=said("Hi"), n=2)
    assert refused.value.code == "untranslatable" and refused.value.param == "n"
    assert "'claude'" in refused.value.message and "anthropic" in refused.value.message
    assert provider.requests == []


def test_failover_crosses_dialects(client):
    raw = client.chat.completions.with_raw_response.create(model="both", messages=said("overloaded"))
    assert raw.headers["x-triage-deployment"] == "sim-large"
    assert raw.headers["x-triage-attempts"] == "2"


def test_errors_are_openais(client):
    with pytest.raises(openai.InternalServerError) as overloaded:
        client.chat.completions.create(model="claude", messages=said("overloaded"))
    assert overloaded.value.status_code == 529 and overloaded.value.type == "overloaded_error"
    with pytest.raises(openai.BadRequestError, match="prompt is too long"):
        client.chat.completions.create(model="claude", messages=said("too long"))


def test_a_stream_that_is_cut_ends_with_an_error(client):
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(model="claude", messages=said("cut"), stream=True))
