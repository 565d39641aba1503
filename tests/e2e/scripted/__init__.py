"""Scripted providers of each dialect. Each reads a request as its API has it, holds it against the types of the provider's
own SDK and the rules that the types do not show, and answers what the script says, in its own form."""

import functools
import json
import subprocess

from gateway import BINARY, KEY, request
from scripted.bedrock import Bedrock, BedrockKey
from scripted.chat import Azure, Chat
from scripted.gemini import Gemini
from scripted.messages import Messages
from scripted.responses import OpenAI, Responses
from scripted.vertex import VertexClaude, VertexGemini

PROVIDERS = {
    "chat": Chat, "responses": Responses, "messages": Messages, "gemini": Gemini, "bedrock": Bedrock, "azure": Azure,
    "vertex-gemini": VertexGemini, "vertex-claude": VertexClaude,
}  # fmt: skip
ALL = {**PROVIDERS, "bedrock-key": BedrockKey, "openai": OpenAI}


@functools.cache
def schema():
    return json.loads(subprocess.run([BINARY, "schema"], capture_output=True, check=True).stdout)


def dialects():
    """Those that the binary knows."""
    dialect = schema()["properties"]["providers"]["additionalProperties"]["properties"]["dialect"]
    return next(each["enum"] for each in dialect["anyOf"] if "enum" in each)


def keeps_signatures():
    """Whether the gateway keeps what clients lose of answers."""
    return "signatures" in json.dumps(schema()["properties"]["limits"])


def speaks(gateway, path):
    """Whether the gateway knows that API: it then finds fault with a body that is none."""
    status, _, _ = request(gateway.port, "POST", path.replace("{model}", "chat"), b"?", {"content-type": "application/json"}, KEY)
    return status == 400


def scripted(script, folder, names=tuple(PROVIDERS)):
    """Those of the providers whose dialects the binary knows, by name."""
    made = {name: ALL[name](name, script) for name in names if ALL[name].dialect in dialects()}
    for each in made.values():
        if hasattr(each, "account"):
            each.account(folder)
    return made
