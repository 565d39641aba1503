"""`triage explain` says what `triage serve` does."""

import itertools
import json
import subprocess

import pytest

from gateway import BINARY, KEY, Process, config_for, free_port, key_config

TEXTS = [
    "Hello there",
    "Prove that the square root of two is irrational.",
    "```python\ndef f(x):\n    return x\n```\nWhy does this Python function fail?",
    "What is 12 * (3 + 4)? Show $\\frac{1}{2}$.",
    "word " * 3000,
]
MORE = [
    {},
    {"max_tokens": 5},
    {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]},
    {"metadata": {"team": "legal-eu"}},
    {"model": "gpt-4"},
    {"model": "triage/other"},
    {"model": "sim-medium"},
]
HEADERS = [{}, {"x-triage-tier": "large"}, {"x-team": "red"}]


def config(port):
    return config_for(
        port,
        deployments={name: {"provider": "sim", "model": "at-once"} for name in ("sim-small", "sim-medium", "sim-large")},
        keys=[key_config(), key_config(KEY + "2", "bound", routes=["chat"], may=[])],
        tiers=["small", "medium", "large"],
        specialists=["code"],
        routes={
            "team": {"match": {"models": ["auto"], "headers": {"x-team": "red"}}, "tiers": {"medium": ["sim-medium"]}},
            "chat": {
                "match": {"models": ["auto", "gpt-*"]},
                "tiers": {"small": ["sim-small"], "medium": ["sim-medium"], "large": ["sim-large"], "code": ["sim-large"]},
                "routers": [
                    "header",
                    {
                        "heuristic": {
                            "rules": [
                                {"name": "long", "when": {"tokens": {"gt": 1000}}, "floor": "medium"},
                                {"name": "proof", "when": {"keywords": ["prove"]}, "tier": "large"},
                                {"name": "code", "when": {"code": True}, "tier": "code"},
                                {"name": "short", "when": {"max_tokens": {"lt": 9}}, "ceiling": "small"},
                                {"name": "lawyers", "when": {"metadata": {"team": "legal-*"}}, "floor": "large"},
                                {"name": "maths", "when": {"math": True}, "floor": "medium"},
                            ]
                        }
                    },
                    {"fixed": {"tier": "small"}},
                ],
            },
            "other": {"match": {"models": ["o*"]}, "tiers": {"large": ["sim-large"]}},
        },
    )


def explain(path, body, *arguments):
    text = body if isinstance(body, str) else json.dumps(body)
    return subprocess.run([BINARY, "explain", "--config", str(path), *arguments], input=text, capture_output=True, text=True, timeout=20)


@pytest.fixture
def written(tmp_path):
    def write(values):
        path = tmp_path / "explained.yaml"
        path.write_text(json.dumps(values))
        return path

    return write


@pytest.fixture
def at_once(tmp_path):
    """The port of a simulated provider that answers at once."""
    path, port = tmp_path / "simulate.yaml", free_port()
    path.write_text("models: {at-once: {}}\n")
    process = Process(["simulate", "--config", str(path), "--listen", f"127.0.0.1:{port}"], tmp_path / "simulator", [port])
    yield port
    assert process.stop() == 0


@pytest.mark.parametrize("turn", [0, 1])
def test_it_is_what_the_gateway_does(at_once, start, written, turn):
    values = config(at_once)
    gateway, path = start(values), written(values)
    chosen = set()
    for i, (text, more) in enumerate(itertools.product(TEXTS, MORE)):
        headers = HEADERS[(i + turn) % len(HEADERS)]
        key, name = ((KEY, "e2e"), (KEY + "2", "bound"))[(i // 3 + turn) % 2]
        body = {"model": "auto", "messages": [{"role": "user", "content": text}], **more}
        status, fields, answer = gateway.request("POST", "/v1/chat/completions", body, headers, key)
        named = [word for header in headers.items() for word in ("--header", ": ".join(header))]
        done = explain(path, body, "--key", name, "--json", *named)
        said = json.loads(done.stdout)
        assert done.returncode == (0 if status == 200 else 1) and said["ok"] == (status == 200)
        if status != 200:
            error = json.loads(answer)["error"]
            assert (said["refused"]["status"], said["refused"]["code"]) == (status, error["code"])
            assert said["refused"]["message"] == error["message"]
            chosen.add(error["code"])
            continue
        first = said["deployments"][0]
        assert first["place"] == 1 and fields["x-triage-deployment"] == first["deployment"]
        for field, value in (("route", said["route"]), ("tier", first["tier"]), ("router", said["router"])):
            assert fields.get(f"x-triage-{field}") == value, (field, text[:30], more, headers)
        chosen.add((said["route"], first["tier"], said["router"]))
    assert len(chosen) >= 8, chosen


def test_text(written):
    path = written(config(1))
    done = explain(path, {"model": "auto", "messages": [{"role": "user", "content": "Prove it."}]}, "--key", "e2e")
    assert done.returncode == 0 and done.stderr == ""
    for line in (
        "route: 'chat'",
        "  team            no: a header of match.headers is missing or another",
        "  header          passes: the request has no x-triage-tier",
        "    proof         holds: tier large",
        "    code          no: code is false",
        "tier: large, by heuristic: rule proof",
    ):
        assert line in done.stdout.splitlines(), done.stdout
    assert "not known: it has no price" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 120


@pytest.mark.parametrize(
    "body, arguments, code",
    [
        ("{", [], "invalid_json"),
        ("{}", [], "missing_required_parameter"),
        ({"model": "nobody"}, [], "model_not_found"),
        ({"model": "sim-large"}, ["--key", "bound"], "route_not_allowed"),
        ({"model": "auto"}, ["--header", "authorization: Bearer nonsense"], "invalid_api_key"),
        ("", ["--path", "/v1/files"], "not_found"),
        (json.dumps({"model": "auto", "x": "x" * 3000}), [], "body_too_large"),
    ],
)
def test_refused(written, body, arguments, code):
    path = written({**config(1), "limits": {"body": "2KiB"}})
    done = explain(path, body, "--json", *arguments)
    assert done.returncode == 1 and done.stderr == ""
    said = json.loads(done.stdout)
    assert not said["ok"] and said["refused"]["code"] == code
    text = explain(path, body, *arguments)
    assert text.returncode == 1 and f"{code}: {said['refused']['message']}" in text.stdout


@pytest.mark.parametrize(
    "arguments", [["--header", "no colon"], ["--header", ": x"], ["--key", "nobody"], ["--path", "/metrics"], ["--path", "/v1/models"],
                  ["--output-tokens", "many"], ["left over"]],
)  # fmt: skip
def test_wrong_use(written, arguments):
    done = explain(written(config(1)), {"model": "auto"}, *arguments)
    assert done.returncode == 2 and done.stdout == "" and done.stderr


def test_bad_config(written):
    done = explain(written({"providers": {}}), {"model": "auto"})
    assert done.returncode == 1 and done.stdout == "" and ": error: " in done.stderr
    assert subprocess.run([BINARY, "explain"], capture_output=True, stdin=subprocess.DEVNULL, timeout=20).returncode == 2


def test_the_length_of_the_answer_can_be_given(written):
    values = config(1)
    values["deployments"]["sim-small"]["price"] = {"input": 0, "output": 2}
    path, body = written(values), {"model": "auto", "messages": []}
    for arguments, more, tokens, origin in (
        ([], {}, 500, "assumed"),
        ([], {"max_tokens": 7, "n": 2}, 14, "max_tokens"),
        (["--output-tokens", "40"], {"max_tokens": 7}, 40, "--output-tokens"),
    ):
        said = json.loads(explain(path, {**body, **more}, "--json", *arguments).stdout)
        assert (said["assumed"]["output_tokens"], said["assumed"]["output_from"]) == (tokens, origin)
        assert said["tiers"][0] == {"tier": "small", "can_take_it": True, "cost_nano_usd": tokens * 2000}


def test_what_becomes_of_answers(tmp_path):
    path = tmp_path / "gateway.json"
    given = config(1)
    prices = {"price": {"input": 1, "output": 2}}
    given["deployments"] = {name: {**each, **prices} for name, each in given["deployments"].items()}
    judge = {"picker": {"llm": {"deployment": "sim-medium"}}, "daily_budget_usd": 2.5}
    given["routes"]["chat"].update(cascade={"verify": "checks"}, ensemble={"share": 0.005, "cheap": "medium", **judge}, rescue="splice")
    path.write_text(json.dumps(given))
    body = {"model": "auto", "messages": [{"role": "user", "content": "Hello"}]}
    said = explain(path, body).stdout
    assert "\nanswers\n  cascade         verified by 'checks', escalations: at most 1\n" in said
    assert "\n  ensemble        0.5 % of its requests: medium and large, compared by 'llm', for $2.5 a day\n  rescue          splice\n" in said
    answers = json.loads(explain(path, body, "--json").stdout)["answers"]
    assert answers["cascade"] == {"verify": "checks", "escalations_max": 1} and answers["shadow"] is None
    assert answers["ensemble"]["strong"] == "large" and answers["rescue"] == "splice"


def test_what_quirks_drop_and_change(tmp_path):
    """What the table says of a provider, for a request that has to be translated for it."""
    price = {"input": 1, "output": 1}
    config = {
        "providers": {"mistral": {"base_url": "https://api.mistral.ai/v1", "api_key": "k"}, "own": {"base_url": "http://127.0.0.1:1/v1"}},
        "deployments": {"m": {"provider": "mistral", "model": "mistral-small-latest", "price": price}, "plain": {"provider": "own", "price": price}},
        "tiers": ["small"],
        "routes": {"chat": {"match": {"models": ["auto"]}, "tiers": {"small": ["m", "plain"]}}},
    }
    call = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}
    body = {
        "model": "auto",
        "max_tokens": 100,
        "top_k": 3,
        "metadata": {"user_id": "u"},
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [result, {"type": "text", "text": "and?"}]},
        ],
    }
    (tmp_path / "triage.yaml").write_text(json.dumps(config))

    def run(*arguments):
        done = subprocess.run([BINARY, "explain", "--path", "/v1/messages", *arguments], input=json.dumps(body), capture_output=True, text=True, cwd=tmp_path, timeout=20)
        assert done.returncode == 0, done
        return done.stdout

    said = {each["deployment"]: each for each in json.loads(run("--json"))["deployments"]}
    assert said["plain"]["drops"] == "top_k" and said["plain"]["changes"] == []
    assert said["m"]["drops"] == "top_k, user"
    assert said["m"]["changes"] == ["ids of calls become nine characters", 'between a tool\'s result and the user the assistant says "OK."']
    assert "would not be told: top_k, user\n       ids of calls become nine characters\n" in run()
