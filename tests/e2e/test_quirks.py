"""What a server takes otherwise than its dialect says, in requests that are passed on."""

import json

import pytest
from gateway import KEY, Gateway, key_config
from upstream import Upstream, response

CHAT = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}]}
CALL = {"id": "call_AbCdEfGh12345678", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TALK = [{"role": "user", "content": "q"}, {"role": "assistant", "content": None, "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": CALL["id"], "content": "r"},
        {"role": "user", "content": "and? 1.50"}, {"role": "system", "content": "Be brief."}]  # fmt: skip


@pytest.fixture
def server():
    made = Upstream(lambda seen: response(json.dumps(CHAT).encode()))
    yield made
    made.close()


@pytest.fixture
def start(server, tmp_path):
    running = []

    def go(**deployment):
        dialect = deployment.pop("dialect", "openai")
        gateway = Gateway({
            "keys": [key_config()], "providers": {"p": {"dialect": dialect, "base_url": f"http://127.0.0.1:{server.port}/v1"}},
            "deployments": {"d": {"provider": "p", "model": "m", **deployment}},
        }, tmp_path)  # fmt: skip
        running.append(gateway)
        return gateway

    yield go
    for gateway in running:
        assert gateway.stop() == 0, gateway.stderr()


def told(gateway, server, **members):
    status, headers, body = gateway.request("POST", "/v1/chat/completions", {"model": "d", **members}, key=KEY)
    assert status == 200, body
    return json.loads(server.requests[-1].body), headers


def test_mistral_gets_its_words_ids_and_messages(start, server):
    gateway = start(dialect="mistral")
    sent, headers = told(gateway, server, messages=TALK, max_completion_tokens=9, seed=7, user="u", odd=[1.50, "kept"])
    assert (sent["max_tokens"], sent["random_seed"], sent["odd"]) == (9, 7, [1.5, "kept"])
    assert not {"max_completion_tokens", "seed", "user"} & set(sent)
    assert headers["x-triage-dropped"] == "user"
    call, result, reply, asked, system = sent["messages"][1:]
    nine = call["tool_calls"][0]["id"]
    assert len(nine) == 9 and nine.isalnum() and result["tool_call_id"] == nine
    assert (reply["role"], asked, system) == ("assistant", TALK[3], {"role": "user", "content": "<system>\nBe brief.\n</system>"})
    assert told(gateway, server, messages=TALK)[0]["messages"] == sent["messages"], "the same in every turn"


def test_a_model_without_sampling_is_not_told_of_it(start, server):
    sent, headers = told(start(sampling=False), server, messages=TALK, temperature=0.2, max_tokens=9)
    assert "temperature" not in sent and sent["max_tokens"] == 9 and sent["messages"] == TALK
    assert headers["x-triage-dropped"] == "temperature"


def test_without_a_row_all_bytes_stay(start, server):
    members = {"messages": TALK, "max_completion_tokens": 9, "seed": 7, "user": "u", "temperature": 0.2, "reasoning_effort": "minimal"}
    sent, headers = told(start(), server, **members)
    assert sent == {"model": "m", **members} and "x-triage-dropped" not in headers
