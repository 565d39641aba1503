"""One gateway with every client before it and every provider behind it, and what is looked at in each exchange."""

import pytest

import stream_grammar
from gateway import KEY, Gateway, key_config
from scripted import PROVIDERS, dialects, scripted, speaks
from scripted.exchange import Text, Turn
from scripted.scenarios import script
from sdk_clients import CLIENTS, Chat
from tee import Tee

# Providers whose form a client speaks: its bytes are passed on.
OWN = {"chat": ("chat", "azure"), "responses": ("responses",), "messages": ("messages", "vertex-claude"), "gemini": ("gemini", "vertex-gemini")}


class Matrix:
    """One gateway, all clients, all providers."""

    def __init__(self, folder):
        self.providers = scripted(script, folder)
        models = {name: {**each.deployment(), "thinking": "adaptive" if name in ("chat", "azure", "responses") else "budget"} for name, each in self.providers.items()}
        for name in ("gemini", "vertex-gemini"):
            models.get(name, {}).pop("thinking", None)
        self.gateway = Gateway({
            "keys": [key_config()], "breaker": {"rest_max": "0s"}, "tiers": ["small"],
            "providers": {name: each.config() for name, each in self.providers.items()},
            "deployments": models,
            "routes": {name: {"match": {"models": [f"{name}-route"]}, "tiers": {"small": [name]}, "retry": {"attempts": 1}} for name in models},
        }, folder)  # fmt: skip
        self.tee = Tee(self.gateway.port)
        self.clients = {name: each(self.tee.url, KEY) for name, each in CLIENTS.items() if speaks(self.gateway, each.path)}
        if "chat" in self.clients:
            self.clients["forgetful"] = Chat(self.tee.url, KEY, forgetful=True)

    def close(self):
        self.tee.close()
        assert self.gateway.stop() == 0, self.gateway.stderr()
        for each in self.providers.values():
            each.close()


class Pair:
    """A client before a provider."""

    def __init__(self, matrix, client, provider, streamed):
        if provider not in matrix.providers:
            pytest.skip(f"this binary has no dialect '{PROVIDERS[provider].dialect}', only {dialects()}")
        if client not in matrix.clients:
            pytest.skip(f"this binary does not speak {CLIENTS[client].path}")
        self.matrix, self.client, self.provider, self.streamed = matrix, matrix.clients[client], matrix.providers[provider], streamed
        self.name, self.own = provider, provider in OWN[self.client.form]
        for each in matrix.providers.values():
            each.forget()
        matrix.tee.forget()

    def ask(self, question):
        """What the SDK makes of the answer."""
        try:
            return self.client.ask(f"{self.name}-route", question, self.streamed)
        finally:
            assert self.provider.faults == []
            self.check()

    def check(self):
        """The bytes of the last answer."""
        answers = self.matrix.tee.answers()
        assert answers, "no answer came"
        status, headers, body = answers[-1]
        assert status != 200 or headers["x-triage-deployment"] == self.name
        if status == 200 and headers["content-type"].startswith("text/event-stream"):
            more = {"usage": True} if self.client.form == "chat" else {}
            try:
                stream_grammar.CHECKS[self.client.form](body, own=not self.own, **more)
            except stream_grammar.Wrong as wrong:
                raise AssertionError(f"{wrong}, in {body.decode(errors='replace')}") from None
        elif status == 200:
            stream_grammar.plain(self.client.form, body)

    @property
    def asked(self):
        """What the provider got last."""
        return self.provider.asked[-1]

    @property
    def headers(self):
        return self.matrix.tee.answers()[-1][1]


def user(*blocks):
    return Turn("user", [Text(block) if isinstance(block, str) else block for block in blocks])
