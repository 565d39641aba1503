"""config/crossing.example.yaml: a conversation with thoughts and tools goes through a failover to another provider, a cascade
and a failover behind it to two more, and comes back to the first, with each client."""

import pytest

for package in ("anthropic", "botocore", "google.genai"):
    pytest.importorskip(package, reason=f"the package {package} could not be installed")

import yaml

import stream_grammar
from gateway import KEY, PROVIDER_KEY, ROOT, Gateway, key_config
from matrix import user
from scripted import BedrockKey, Gemini, Messages, OpenAI, dialects, speaks
from scripted.exchange import Answer, Call, Failure, Result, Text, Thought
from sdk_clients import CLIENTS, Question, Tool
from tee import Tee

EXAMPLE = ROOT / "config/crossing.example.yaml"
KINDS = {"google": Gemini, "openai": OpenAI, "anthropic": Messages, "amazon": BedrockKey}
TASK = Tool("look_up", "Looks something up.", {"type": "object", "properties": {"step": {"type": "integer"}}, "required": ["step"], "additionalProperties": False})


def script(asked, provider):
    """Thinks and looks something up, or what `does` says."""
    step = len([turn for turn in asked.turns if turn.role == "assistant"])
    if provider.does == "overloaded":
        return Failure(529, "Overloaded.")
    if provider.does == "refuses":
        return Answer([Text("I'm sorry, but I can't help with that.")])
    thought = Thought(f"Step {step}.", provider.signature(step))
    if provider.does == "ends":
        return Answer([thought, Text("All is found.")])
    return Answer([thought, Call("look_up", {"step": step}, f"{provider.ids}{step}" if provider.ids else "")], "calls")


class Setting:
    def __init__(self, folder):
        self.folder = folder
        example = yaml.safe_load(EXAMPLE.read_text())
        self.providers = {name: KINDS[name](name, script) for name in example["providers"]}
        for name, each in example["providers"].items():
            own = self.providers[name].config()
            example["providers"][name] = {**each, "base_url": own["base_url"], "api_key": PROVIDER_KEY}
        for each in example["deployments"].values():
            self.providers[each["provider"]].model = each["model"]
        example |= {"keys": [key_config()], "breaker": {"rest_max": "0s"}}
        example["routes"]["chat"] |= {"retry": {"attempts": 1}, "sticky": "0s"}  # it comes back at once
        self.gateway = Gateway(example, folder)
        self.tee = Tee(self.gateway.port)

    def does(self, **each):
        for name, provider in self.providers.items():
            provider.does = each.get(name, "works")

    def close(self):
        self.tee.close()
        assert self.gateway.stop() == 0, self.gateway.stderr()
        for each in self.providers.values():
            each.close()


@pytest.fixture
def setting(tmp_path_factory):
    missing = {each.dialect for each in KINDS.values()} - set(dialects())
    if missing:
        pytest.skip(f"this binary has no dialect {missing}")
    made = Setting(tmp_path_factory.mktemp("example"))
    yield made
    made.close()


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("client", CLIENTS)
def test_the_conversation_goes_on_elsewhere_and_comes_back(setting, client, streamed):
    if not speaks(setting.gateway, CLIENTS[client].path):
        pytest.skip(f"this binary does not speak {CLIENTS[client].path}")
    for each in setting.providers.values():
        each.forget()
    its = CLIENTS[client](setting.tee.url, KEY)
    question = Question([user("Look everything up.")], tools=[TASK], thinks=True, max_tokens=4000)
    went = []

    def say(**does):
        setting.does(**does)
        setting.tee.forget()
        said = its.ask("auto", question, streamed)
        (status, headers, body), = setting.tee.answers()
        went.append(headers["x-triage-deployment"])
        if streamed:
            own = (client, went[-1]) in (("gemini", "flash"), ("messages", "sonnet"), ("responses", "mini"), ("chat", "mini"))
            assert stream_grammar.CHECKS[client](body, own=not own)
        question.turns.append(said.turn)
        if said.calls:
            question.turns.append(user(*(Result(call.id, f"found {call.arguments['step']}") for call in said.calls)))
        return said

    say()
    say(google="overloaded")
    say(google="overloaded", openai="refuses", anthropic="overloaded")
    said = say(google="ends", openai="overloaded")
    assert went == ["flash", "mini", "sonnet-eu", "flash"]
    assert said.text == "All is found."
    for name, provider in setting.providers.items():
        assert provider.faults == [], name
    google, last = setting.providers["google"], setting.providers["google"].asked[-1]
    assert [thought.signature for thought in last.of(Thought) if thought.signature] == [google.signature(0)]
    assert [call.arguments["step"] for call in last.of(Call)] == [0, 1, 2]
    assert [result.text for result in last.of(Result)] == ["found 0", "found 1", "found 2"]
