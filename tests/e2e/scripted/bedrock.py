"""Amazon Bedrock's Converse and ConverseStream, signed."""

import base64
import binascii
import json
import re
import struct
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session
import botocore.validate

from gateway import PROVIDER_KEY
from scripted.conforms import need
from scripted.exchange import BROKE, Asked, Call, Invalid, Media, Refusal, Result, Text, Thought, Turn
from scripted.provider import Provider, dump, halves

REGION, ACCESS_KEY, TOKEN = "eu-central-1", "AKIDEXAMPLE", "session-token-of-the-tests"
FINISH = {"stop": "end_turn", "calls": "tool_use", "length": "max_tokens", "refusal": "content_filtered"}
TYPES = {"jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp", "pdf": "application/pdf", "txt": "text/plain"}

service = botocore.session.get_session().get_service_model("bedrock-runtime")


def checked(value, shape, name):
    """`value` with bytes where it has base64; raises Invalid for what botocore's validator does not look at."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        return {key: checked(each, shape.members[key], f"{name}.{key}") if key in shape.members else each for key, each in value.items()}
    if kind == "list" and isinstance(value, list):
        return [checked(each, shape.member, f"{name}[{at}]") for at, each in enumerate(value)]
    if kind == "blob":
        need(isinstance(value, str), f"{name} is no base64")
        return base64.b64decode(value, validate=True)
    if kind == "string":
        need(not shape.enum or value in shape.enum, f"{name}: {value!r} is none of {shape.enum}")
        pattern = shape.metadata.get("pattern")
        need(not pattern or re.fullmatch(pattern, value), f"{name}: {value!r} does not fit {pattern}")
        need(len(value) <= shape.metadata.get("max", len(value)), f"{name} is too long")
    return value


def valid(operation, body):
    shape = service.operation_model(operation).input_shape
    found = botocore.validate.ParamValidator().validate(checked(body, shape, operation), shape)
    if found.has_errors():
        raise Invalid(found.generate_report())


def frame(kind, name, payload):
    """One message of the event stream: sums, headers, payload."""
    headers = b""
    for key, value in ((":message-type", kind), (":event-type" if kind == "event" else ":exception-type", name), (":content-type", "application/json")):
        headers += bytes([len(key)]) + key.encode() + b"\x07" + struct.pack("!H", len(value)) + value.encode()
    body = dump({**payload, "p": "abcdefgh"[: len(payload) + 1]}).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(body), len(headers))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + headers + body
    return message + struct.pack("!I", binascii.crc32(message))


class Bedrock(Provider):
    dialect = "bedrock"
    ids = "tooluse_"
    writes = True
    tells_reasoning = False
    stream_type = "application/vnd.amazon.eventstream"

    def __init__(self, name, script):
        super().__init__(name, script)
        self.model = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"

    def config(self):
        return {"dialect": "bedrock", "base_url": f"http://127.0.0.1:{self.port}", "region": REGION, "access_key_id": ACCESS_KEY,
                "secret_access_key": PROVIDER_KEY, "session_token": TOKEN}  # fmt: skip

    def authorized(self, seen):
        given = (seen.field(b"authorization") or b"").decode()
        match = re.fullmatch(rf"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/\d{{8}}/{REGION}/bedrock/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{{64}})", given)
        if not match:
            return False
        names = match[1].split(";")
        headers = {name: (seen.field(name.encode()) or b"").decode() for name in names}
        need({"host", "x-amz-date", "x-amz-security-token"} <= set(names), f"signed are only {names}")
        credentials = botocore.credentials.Credentials(ACCESS_KEY, PROVIDER_KEY, TOKEN)
        request = botocore.awsrequest.AWSRequest("POST", f"http://{headers['host']}{seen.line.split()[1].decode()}", headers, seen.body)
        request.context["timestamp"] = headers["x-amz-date"]
        auth = botocore.auth.SigV4Auth(credentials, "bedrock", REGION)
        wanted = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        need(wanted == match[2], f"The request signature we calculated does not match: {auth.canonical_request(request)}")
        return True

    def read(self, seen, body):
        path = seen.line.split()[1].decode()
        match = re.fullmatch(r"/model/([^/]+)/(converse|converse-stream)", path)
        need(match and urllib.parse.unquote(match[1]) == self.model, f"{path} is no question to {self.model}")
        streamed = match[2] == "converse-stream"
        valid("ConverseStream" if streamed else "Converse", {**body, "modelId": self.model})
        asked = Asked(self.model, streamed, [])
        asked.system = [block["text"] for block in body.get("system", []) if "text" in block]
        for message in body["messages"]:
            need(message["content"], "a message without content")
            turn = Turn(message["role"], [block for each in message["content"] for block in self.block(each)])
            documents = ["document" in each for each in message["content"]]
            need(not any(documents) or turn.texts(), "a document without a text beside it")
            asked.turns.append(turn)
        names = [each["document"]["name"] for message in body["messages"] for each in message["content"] if "document" in each]
        need(len(names) == len(set(names)), f"documents of one name: {names}")
        self.rules(asked, body)
        specs = [tool["toolSpec"] for tool in body.get("toolConfig", {}).get("tools", []) if "toolSpec" in tool]
        asked.tools = {spec["name"]: spec["inputSchema"]["json"] for spec in specs}
        choice = body.get("toolConfig", {}).get("toolChoice", {"auto": {}})
        asked.choice = choice["tool"]["name"] if "tool" in choice else "required" if "any" in choice else "auto"
        text = body.get("outputConfig", {}).get("textFormat", {})
        asked.schema = json.loads(text["structure"]["jsonSchema"]["schema"]) if text else None
        config = body.get("inferenceConfig", {})
        asked.max_tokens, asked.temperature, asked.top_p = config.get("maxTokens"), config.get("temperature"), config.get("topP")
        asked.stop = config.get("stopSequences", [])
        self.extra(asked, body.get("additionalModelRequestFields", {}))
        return asked

    def extra(self, asked, fields):
        """What goes to the model as it is: here Anthropic's words."""
        known = {"thinking", "top_k", "anthropic_beta", "output_config"}
        need(set(fields) <= known, f"extraneous key {set(fields) - known} is not permitted")
        thinking = fields.get("thinking")
        asked.thinking = (thinking["type"], fields.get("output_config")) if thinking else None
        if thinking and thinking["type"] == "enabled":
            need(1024 <= thinking["budget_tokens"] < asked.max_tokens, f"a budget of {thinking['budget_tokens']} before {asked.max_tokens}")
            need(asked.temperature in (None, 1) and "top_k" not in fields, "thinking with sampling")
            need(asked.choice == "auto", "thinking with a forced tool")
            turn = next((turn for turn in reversed(asked.turns) if turn.role == "assistant"), None)
            if turn and turn.of(Call) and asked.turns[-1].of(Result):
                need(isinstance(turn.blocks[0], Thought), "Expected `thinking` or `redacted_thinking`, but found `tool_use`")

    def block(self, block):
        (kind, value), = block.items()
        if kind == "text":
            need(value.strip(), "The text field in the ContentBlock object is blank")
            yield Text(value)
        elif kind in ("image", "document"):
            yield Media(TYPES[value["format"]], base64.b64decode(value["source"]["bytes"]))
        elif kind == "reasoningContent" and "redactedContent" in value:
            yield Thought("", value["redactedContent"], redacted=True)
        elif kind == "reasoningContent":
            thought = Thought(value["reasoningText"]["text"], value["reasoningText"].get("signature", ""))
            self.signed(thought)
            yield thought
        elif kind == "toolUse":
            need(isinstance(value["input"], dict), "The format of the value at toolUse.input is invalid. Provide a json object")
            yield Call(value["name"], value["input"], value["toolUseId"])
        elif kind == "toolResult":
            text = "".join(part["text"] if "text" in part else dump(part["json"]) if "json" in part else "" for part in value["content"])
            media = [found for part in value["content"] if "image" in part or "document" in part for found in self.block(part)]
            need(all(part.get("text", "x").strip() for part in value["content"]), "a blank result")
            yield Result(value["toolUseId"], text, value.get("status") == "error", media)
        else:
            need(kind == "cachePoint", f"a block of the kind {kind}")

    @staticmethod
    def rules(asked, body):
        need(asked.turns[0].role == "user", "A conversation must start with a user message")
        need(all(a.role != b.role for a, b in zip(asked.turns, asked.turns[1:])), "roles do not alternate")
        calls = []
        for turn in asked.turns:
            results = turn.of(Result)
            need(sorted(each.call for each in results) == sorted(calls), f"Expected toolResult blocks for {calls}, found {[each.call for each in results]}")
            calls = [call.id for call in turn.of(Call)]
        need(not calls, f"toolUse without toolResult: {calls}")
        used = asked.of(Call) or asked.of(Result)
        need(not used or "toolConfig" in body, "The toolConfig field must be defined when using toolUse and toolResult content blocks.")
        need(asked.turns[-1].role == "user" or asked.turns[-1].texts() == asked.turns[-1].texts().rstrip(), "the last text ends with white space")

    def content(self, answer):
        for block in answer.blocks:
            if isinstance(block, Thought):
                yield {"reasoningContent": {"redactedContent": block.signature} if block.redacted else {
                    "reasoningText": {"text": block.text, "signature": block.signature}}}  # fmt: skip
            elif isinstance(block, Call):
                yield {"toolUse": {"toolUseId": block.id, "name": block.name, "input": block.arguments}}
            elif isinstance(block, (Text, Refusal)):
                yield {"text": block.text}

    @staticmethod
    def usage(answer):
        count = answer.usage
        total = count.input + count.read + count.write + count.output
        return {"inputTokens": count.input, "outputTokens": count.output, "totalTokens": total, "cacheReadInputTokens": count.read,
                "cacheWriteInputTokens": count.write, "serverToolUsage": {}}  # fmt: skip

    def plain(self, asked, answer):
        message = {"role": "assistant", "content": list(self.content(answer))}
        return dump({"output": {"message": message}, "stopReason": FINISH[answer.finish], "usage": self.usage(answer), "metrics": {"latencyMs": 5}}).encode()

    def stream(self, asked, answer):
        events = [("messageStart", {"role": "assistant"})]
        for index, block in enumerate(self.content(answer)):
            (kind, value), = block.items()
            if kind == "toolUse":
                events.append(("contentBlockStart", {"start": {"toolUse": {"toolUseId": value["toolUseId"], "name": value["name"]}}, "contentBlockIndex": index}))
                deltas = [{"toolUse": {"input": piece}} for piece in halves(dump(value["input"]))]
            elif kind == "text":
                deltas = [{"text": piece} for piece in halves(value)]
            elif "redactedContent" in value:
                deltas = [{"reasoningContent": value}]
            else:
                deltas = [{"reasoningContent": {"text": piece}} for piece in halves(value["reasoningText"]["text"])]
                deltas.append({"reasoningContent": {"signature": value["reasoningText"]["signature"]}})
            events += [("contentBlockDelta", {"delta": delta, "contentBlockIndex": index}) for delta in deltas]
            events.append(("contentBlockStop", {"contentBlockIndex": index}))
        if answer.cut:
            events = events[:-1]
        else:
            events += [("messageStop", {"stopReason": FINISH[answer.finish]}), ("metadata", {"usage": self.usage(answer), "metrics": {"latencyMs": 5}})]
        failed = frame("exception", "modelStreamErrorException", {"message": BROKE}) if answer.cut == "fails" else b""
        return b"".join(frame("event", name, payload) for name, payload in events) + failed

    def error(self, failure):
        kinds = {400: "ValidationException", 401: "UnrecognizedClientException", 429: "ThrottlingException", 500: "InternalServerException",
                 529: "ServiceUnavailableException"}  # fmt: skip
        fields = f"x-amzn-errortype: {kinds[failure.status]}:http://internal.amazon.com/coral/com.amazon.bedrock/\r\nx-amzn-requestid: req\r\n"
        return json.dumps({"message": failure.message}).encode(), fields.encode()


class BedrockKey(Bedrock):
    """With an API key instead of signatures."""

    def config(self):
        return {"dialect": "bedrock", "base_url": f"http://127.0.0.1:{self.port}", "region": REGION, "api_key": PROVIDER_KEY}

    def authorized(self, seen):
        return Provider.authorized(self, seen)
