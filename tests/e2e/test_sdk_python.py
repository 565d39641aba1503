"""The official OpenAI SDK for Python, unmodified: only its base URL points at the gateway."""

import base64
import ssl
import subprocess
import threading
import time

import openai
import pydantic
import pytest
from openai import OpenAI

from gateway import KEY, PROVIDER_KEY, config_for, wait_for
from passthrough import SPEECH, UPLOAD, passthrough_gateway

HELLO = [{"role": "user", "content": "Say hello to the tests."}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather at a place.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
        },
    },
}
CALL_WEATHER = {"type": "function", "function": {"name": "get_weather"}}
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class City(pydantic.BaseModel):
    name: str
    population: int
    districts: list[str]


class Arguments(pydantic.BaseModel):
    city: str
    days: int


@pytest.fixture(scope="module")
def client(gateway):
    return client_of(gateway)


def client_of(gateway, **more):
    return OpenAI(base_url=f"{gateway.url}/v1", **{"api_key": KEY, "max_retries": 0, "timeout": 20, **more})


def misbehave(what):
    return {"x-simulate": what}


def test_chat(client):
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=HELLO)
    answer = raw.parse()
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0
    assert raw.headers["x-request-id"] == answer._request_id
    assert raw.headers["x-triage-route"] == "chat"
    assert raw.headers["x-triage-deployment"] == "sim-small"


@pytest.mark.parametrize("model", ["sim-medium", "triage/chat"])
def test_chat_by_name(client, model):
    assert client.chat.completions.create(model=model, messages=HELLO).choices[0].message.content


def test_chat_streamed(client):
    chunks = list(client.chat.completions.create(model="auto", messages=HELLO, stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == client.chat.completions.create(model="auto", messages=HELLO).choices[0].message.content
    assert [chunk.choices[0].finish_reason for chunk in chunks].count("stop") == 1
    assert all(chunk.usage is None for chunk in chunks), "usage was not asked for"


def test_chat_streamed_with_usage(client):
    chunks = list(client.chat.completions.create(model="auto", messages=HELLO, stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_chat_stream_arrives_token_by_token(client):
    began = time.monotonic()
    arrivals = [time.monotonic() - began for _ in client.chat.completions.create(model="sim-large", messages=HELLO, stream=True)]
    assert len(arrivals) > 3
    assert arrivals[0] < arrivals[-1] / 2, "the first chunk came with the last"


def test_several_choices(client):
    answer = client.chat.completions.create(model="auto", messages=HELLO, n=2)
    assert [choice.index for choice in answer.choices] == [0, 1]


def test_logprobs(client):
    answer = client.chat.completions.create(model="auto", messages=HELLO, logprobs=True, top_logprobs=2)
    tokens = answer.choices[0].logprobs.content
    assert tokens and all(token.logprob <= 0 for token in tokens)


def test_tools(client):
    answer = client.chat.completions.create(model="auto", messages=HELLO, tools=[WEATHER], tool_choice=CALL_WEATHER)
    call = answer.choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather"
    Arguments.model_validate_json(call.function.arguments)
    answer = client.chat.completions.create(
        model="auto",
        messages=[*HELLO, answer.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "Sunny."}],
        tools=[WEATHER],
    )
    assert answer.choices[0].message.content


def test_tools_streamed(client):
    with client.chat.completions.stream(model="auto", messages=HELLO, tools=[WEATHER], tool_choice=CALL_WEATHER) as stream:
        answer = stream.get_final_completion()
    call = answer.choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather"
    Arguments.model_validate_json(call.function.arguments)


def test_json_schema(client):
    city = client.chat.completions.parse(model="auto", messages=HELLO, response_format=City).choices[0].message.parsed
    assert isinstance(city, City)


def test_json_schema_streamed(client):
    with client.chat.completions.stream(model="auto", messages=HELLO, response_format=City) as stream:
        assert isinstance(stream.get_final_completion().choices[0].message.parsed, City)


@pytest.mark.parametrize("size", [len(PIXEL), 3_000_000])
def test_image(client, size):
    image = base64.b64encode(PIXEL.ljust(size, b"\0")).decode()
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}},
    ]
    assert client.chat.completions.create(model="auto", messages=[{"role": "user", "content": content}]).choices[0].message.content


def test_embeddings(client):
    # Without encoding_format the SDK asks for base64 and decodes it; both spellings must agree.
    packed = client.embeddings.create(model="sim-embedding", input=["one", "two"])
    floats = client.embeddings.create(model="sim-embedding", input=["one", "two"], encoding_format="float")
    assert len(packed.data) == 2 and packed.usage.prompt_tokens > 0
    assert packed.data[0].embedding == pytest.approx(floats.data[0].embedding, abs=1e-6)
    assert packed.data[0].embedding != packed.data[1].embedding


def test_legacy_completion(client):
    assert client.completions.create(model="sim-small", prompt="Once upon a time").choices[0].text
    chunks = list(client.completions.create(model="sim-small", prompt="Once upon a time", stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices)


def test_models(client):
    names = [model.id for model in client.models.list()]
    assert {"auto", "sim-small", "sim-medium", "sim-large", "sim-embedding"} <= set(names)
    for name in ("sim-small", "triage/chat"):
        assert client.models.retrieve(name).id == name
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("no-such-model")


def expect_error(kind, code, call):
    with pytest.raises(kind) as caught:
        call()
    body = caught.value.body
    assert set(body) == {"message", "type", "param", "code"} and body["message"]
    if code:
        assert body["code"] == code
    assert caught.value.response.headers["x-request-id"]
    return caught.value


def test_wrong_key(gateway):
    for key in ("wrong", KEY[:-1], KEY + "x", PROVIDER_KEY):
        client = client_of(gateway, api_key=key)
        error = expect_error(openai.AuthenticationError, "invalid_api_key", lambda: client.chat.completions.create(model="auto", messages=HELLO))
        assert key not in str(error)


def test_unknown_model(client):
    expect_error(openai.NotFoundError, "model_not_found", lambda: client.chat.completions.create(model="no-such-model", messages=HELLO))


def test_bad_request(client):
    expect_error(openai.BadRequestError, None, lambda: client.chat.completions.create(model="auto", messages=HELLO, extra_body={"model": 7}))


@pytest.mark.parametrize(
    "status, kind",
    [
        (400, openai.BadRequestError),
        (403, openai.PermissionDeniedError),
        (404, openai.InternalServerError),  # the gateway's own model is not known there: 502
        (409, openai.ConflictError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_provider_error(client, status, kind, stream):
    error = expect_error(
        kind,
        None,
        lambda: client.chat.completions.create(model="auto", messages=HELLO, stream=stream, extra_headers=misbehave(f"status={status}; retry-after=1")),
    )
    assert error.status_code == (502 if status == 404 else status)
    if status in (429, 503):
        assert error.response.headers["retry-after"] == "1"


def test_sdk_retries_after_429(client):
    """The SDK's own retry, led by our retry-after: the simulator fails the first request only."""
    headers = misbehave(f"status=429; retry-after=1; first=1; key={time.time_ns()}")
    began = time.monotonic()
    answer = client.with_options(max_retries=2).chat.completions.create(model="auto", messages=HELLO, extra_headers=headers)
    assert answer.choices[0].message.content
    assert time.monotonic() - began >= 0.9


def test_timeout(client, gateway):
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.5).chat.completions.create(model="auto", messages=HELLO, extra_headers=misbehave("delay-ms=5000"))
    wait_for(lambda: gateway.in_flight() == 0, 1, "the request ends after its client has gone")


def test_cancel_mid_stream(client, gateway):
    stream = client.chat.completions.create(model="auto", messages=HELLO, stream=True, extra_headers=misbehave("stall-after=2"))
    next(stream)
    assert gateway.in_flight() == 1
    stream.close()
    wait_for(lambda: gateway.in_flight() == 0, 1, "the request ends after its client has gone")


def test_cut_stream_is_an_error(client):
    texts = []
    with pytest.raises((openai.APIError, Exception)) as caught:
        for chunk in client.chat.completions.create(model="auto", messages=HELLO, stream=True, extra_headers=misbehave("cut-after=3")):
            texts.append(chunk.choices[0].delta.content)
            assert chunk.choices[0].finish_reason is None
    assert texts and not isinstance(caught.value, AssertionError)


def test_cut_answer_is_an_error(client):
    with pytest.raises(openai.APIError):
        client.chat.completions.create(model="auto", messages=HELLO, extra_headers=misbehave("cut-after=3"))


def test_many_at_once(client):
    """More requests than loops, plain and streamed: each gets its own answer."""
    expected = {}
    for number in range(16):
        messages = [{"role": "user", "content": f"Question {number}"}]
        expected[number] = client.chat.completions.create(model="sim-small", messages=messages).choices[0].message.content
    wrong = []

    def ask(number):
        messages = [{"role": "user", "content": f"Question {number}"}]
        chunks = client.chat.completions.create(model="sim-small", messages=messages, stream=True)
        if "".join(chunk.choices[0].delta.content or "" for chunk in chunks) != expected[number]:
            wrong.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_over_tls(start, simulator, tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-out", cert, "-keyout", key],
        check=True, capture_output=True,
    )  # fmt: skip
    gateway = start(config_for(simulator.port, listen={"tls": {"cert": str(cert), "key": str(key)}}))
    trusting = openai.DefaultHttpxClient(verify=ssl.create_default_context(cafile=cert))
    client = OpenAI(base_url=f"https://localhost:{gateway.port}/v1", api_key=KEY, max_retries=0, timeout=20, http_client=trusting)
    assert client.chat.completions.create(model="auto", messages=HELLO).choices[0].message.content
    assert list(client.chat.completions.create(model="auto", messages=HELLO, stream=True))
    strict = OpenAI(base_url=f"https://localhost:{gateway.port}/v1", api_key=KEY, max_retries=0, timeout=20)
    with pytest.raises(openai.APIConnectionError):
        strict.models.list()


@pytest.fixture(scope="module")
def passing(tmp_path_factory):
    yield from passthrough_gateway(tmp_path_factory.mktemp("passthrough"))


def test_file_upload(passing):
    gateway, upstream = passing
    uploaded = client_of(gateway).files.create(file=("notes.jsonl", UPLOAD), purpose="batch")
    assert uploaded.bytes == len(UPLOAD)
    seen = upstream.requests[-1]
    assert seen.line == b"POST /v1/files HTTP/1.1"
    assert seen.field(b"content-type").startswith(b"multipart/form-data; boundary=")
    assert UPLOAD in seen.body
    assert seen.field(b"authorization") == b"Bearer " + PROVIDER_KEY.encode()
    assert KEY.encode() not in b"".join(b"%s: %s" % field for field in seen.fields)


def test_speech(passing):
    gateway, _ = passing
    assert client_of(gateway).audio.speech.create(model="tts", voice="alloy", input="Hello").read() == SPEECH
