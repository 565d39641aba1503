"""Gemini's generateContent."""

import base64
import json
import re

from google.genai import types

from gateway import PROVIDER_KEY
from scripted.conforms import modelled, need
from scripted.exchange import BROKE, Asked, Call, Media, Refusal, Result, Text, Thought, Turn
from scripted.provider import Provider, dump, halves, sse
from upstream import response

FINISH = {"stop": "STOP", "calls": "STOP", "length": "MAX_TOKENS", "refusal": "SAFETY"}
MEMBERS = {"contents": list[types.Content], "systemInstruction": types.Content, "tools": list[types.Tool], "toolConfig": types.ToolConfig,
           "generationConfig": types.GenerationConfig, "safetySettings": list[types.SafetySetting], "labels": dict[str, str], "cachedContent": str}  # fmt: skip
# What Google's own SDK sends for histories that come from elsewhere.
SKIP = "skip_thought_signature_validator"


def bytes_of(text):
    return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)


def camel(value):
    """Members as proto3's JSON writes them: a client may also use the names of the definition."""
    if isinstance(value, list):
        return [camel(each) for each in value]
    if not isinstance(value, dict):
        return value
    free = ("args", "response", "parametersJsonSchema", "responseJsonSchema", "parameters_json_schema", "response_json_schema", "properties")
    out = {}
    for name, each in value.items():
        first, *rest = name.split("_")
        out[first + "".join(part.title() for part in rest)] = each if name in free else camel(each)
    return out


class Gemini(Provider):
    dialect = "gemini"
    ids = ""  # none

    def __init__(self, name, script):
        super().__init__(name, script)
        self.model = "gemini-3-pro-preview"

    def authorized(self, seen):
        return seen.field(b"x-goog-api-key") == PROVIDER_KEY.encode() and seen.field(b"authorization") is None

    def other(self, seen):
        if seen.line.split()[1].endswith(b":countTokens"):
            return response(b'{"totalTokens": 77}')

    def path(self, seen, method):
        wanted = f"/v1beta/models/{self.model}:{method}"
        found = seen.line.split()[1].decode()
        need(found in (wanted, wanted.replace("v1beta", "v1")), f"{found} instead of {wanted}")

    def streams(self, seen):
        streamed = b":streamGenerateContent" in seen.line
        self.path(seen, "streamGenerateContent?alt=sse" if streamed else "generateContent")
        return streamed

    def read(self, seen, body):
        streamed = self.streams(seen)
        unread = set(body) - set(MEMBERS)
        body = camel(body)
        need(set(body) <= set(MEMBERS), f'Invalid JSON payload received. Unknown name "{unread}"')
        for name, value in body.items():
            modelled(MEMBERS[name], value, name)
        asked = Asked(self.model, streamed, [])
        asked.system = [part["text"] for part in body.get("systemInstruction", {}).get("parts", [])]
        need("systemInstruction" not in body or any(asked.system), "an empty systemInstruction")
        need(body.get("contents"), "contents is not specified")
        for content in body["contents"]:
            need(content.get("parts"), "a content without parts")
            role = {"model": "assistant", "user": "user", "function": "user", None: "user"}[content.get("role")]
            blocks = [block for part in content["parts"] for block in self.part(part)]
            if asked.turns and asked.turns[-1].role == role == "assistant":
                asked.turns[-1].blocks += blocks  # the SDK's chats keep a stream so: a content a chunk
                continue
            need(not any(isinstance(block, Result) for block in blocks) or all(isinstance(block, Result) for block in blocks),
                 "a content with functionResponse and other parts")  # fmt: skip
            asked.turns.append(Turn(role, blocks))
        self.rules(asked)
        functions = [each for tool in body.get("tools", []) for each in tool.get("functionDeclarations", [])]
        for name in [each["name"] for each in functions] + [call.name for call in asked.of(Call)]:
            need(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}", name), f"the name {name}")
        need(not any("parameters" in each and "parametersJsonSchema" in each for each in functions), "parameters twice")
        asked.tools = {each["name"]: each.get("parametersJsonSchema", each.get("parameters")) for each in functions}
        calling = body.get("toolConfig", {}).get("functionCallingConfig", {})
        allowed = calling.get("allowedFunctionNames", [])
        need(not allowed or calling["mode"] in ("ANY", "VALIDATED"), "allowedFunctionNames without ANY")
        asked.choice = allowed[0] if allowed else {"ANY": "required", "NONE": "none"}.get(calling.get("mode"), "auto")
        self.settings(asked, body.get("generationConfig", {}))
        return asked

    @staticmethod
    def settings(asked, config):
        asked.schema = config.get("responseJsonSchema", config.get("responseSchema"))
        need(asked.schema is None or config.get("responseMimeType") == "application/json", "a schema without its type")
        thinking = config.get("thinkingConfig", {})
        need(not ("thinkingBudget" in thinking and "thinkingLevel" in thinking), "thinkingBudget and thinkingLevel")
        asked.thinking = thinking.get("thinkingLevel", thinking.get("thinkingBudget"))
        asked.max_tokens, asked.temperature, asked.top_p = config.get("maxOutputTokens"), config.get("temperature"), config.get("topP")
        asked.stop = config.get("stopSequences", [])
        need(len(asked.stop) <= 5, "at most 5 stop sequences")

    def part(self, part):
        sign = part.get("thoughtSignature")
        if sign and sign != SKIP:
            thought = Thought("", base64.b64encode(bytes_of(sign)).decode())
            self.signed(thought)
            yield thought
        kinds = [name for name in ("text", "inlineData", "functionCall", "functionResponse", "fileData") if name in part]
        need(len(kinds) == 1, f"a part with {kinds}")
        value = part[kinds[0]]
        if kinds == ["text"]:
            if value:  # its own streams end with an empty one, which the SDK's chats send back
                yield Thought(value) if part.get("thought") else Text(value)
        elif kinds == ["inlineData"]:
            yield Media(value["mimeType"], bytes_of(value["data"]))
        elif kinds == ["functionCall"]:
            call = Call(value["name"], value.get("args", {}), value.get("id", ""))
            call.sign = sign
            yield call
        else:
            need(kinds == ["functionResponse"], f"a part with {kinds}")
            answer = value["response"]
            media = [Media(each["inlineData"]["mimeType"], bytes_of(each["inlineData"]["data"])) for each in value.get("parts", [])]
            text = answer.get("error", answer.get("output", answer.get("result", answer.get("content"))))
            yield Result(value["name"], text if isinstance(text, str) else dump(answer), "error" in answer, media)

    @staticmethod
    def rules(asked):
        need(asked.turns[0].role == "user", "the first content is not the user's")
        pairs = zip(asked.turns, asked.turns[1:])
        need(all(a.role != b.role or a.of(Result) for a, b in pairs), f"roles do not alternate: {[turn.role for turn in asked.turns]}")
        calls = []
        for turn in asked.turns:
            results = turn.of(Result)
            need([each.call for each in results] == calls, f"functionCall parts {calls}, functionResponse parts {[each.call for each in results]}")
            calls = [call.name for call in turn.of(Call)]
        need(not calls, "functionCall parts without their functionResponse parts")
        # Signatures are required in the current turn: behind the user's last words.
        spoken = max((at for at, turn in enumerate(asked.turns) if turn.role == "user" and not turn.of(Result)), default=0)
        for turn in asked.turns[spoken:]:
            first = next(iter(turn.of(Call)), None)
            need(first is None or first.sign, f"Function call is missing a thought_signature in functionCall parts: {first}")

    def parts(self, answer):
        calls = any(isinstance(block, Call) for block in answer.blocks)
        thought = any(isinstance(block, Thought) for block in answer.blocks)
        sign, out = "", []
        for block in answer.blocks:
            if isinstance(block, Call) and calls and not thought:
                sign, calls = self.signature(8), False  # the first call is always signed
            if isinstance(block, Thought):
                sign = block.signature
                out += [{"text": block.text, "thought": True}] if block.text else []
                continue
            part = {"functionCall": {"name": block.name, "args": block.arguments}} if isinstance(block, Call) else {"text": block.text}
            out.append({**part, **({"thoughtSignature": sign} if sign else {})})
            sign = ""
        return out

    def whole(self, answer, parts, finish, usage=True):
        count, total = answer.usage, answer.usage.input + answer.usage.read + answer.usage.write
        candidate = {"index": 0, **({"content": {"role": "model", "parts": parts}} if parts else {}), **({"finishReason": finish} if finish else {})}
        cited = [block for block in answer.blocks if isinstance(block, Text) and block.page]
        if finish and cited:
            place = {"segment": {"endIndex": len(cited[0].text.encode()), "text": cited[0].text}, "groundingChunkIndices": [0]}
            candidate["groundingMetadata"] = {"groundingChunks": [{"web": {"uri": cited[0].page[0], "title": cited[0].page[1]}}], "groundingSupports": [place]}
        figures = {"promptTokenCount": total, "candidatesTokenCount": count.output - count.reasoning, "totalTokenCount": total + count.output,
                   **({"cachedContentTokenCount": count.read} if count.read else {}),
                   **({"thoughtsTokenCount": count.reasoning} if count.reasoning else {})}  # fmt: skip
        return {"candidates": [candidate], "usageMetadata": figures, "modelVersion": self.model, "responseId": f"{self.name}-1"}

    def blocked(self, answer):
        """A prompt that is not answered at all."""
        out = self.whole(answer, [], None)
        del out["candidates"]
        return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **out}

    def chunks(self, answer):
        if any(isinstance(block, Refusal) for block in answer.blocks):
            return [self.blocked(answer)]
        parts = []
        for part in self.parts(answer):
            if part.get("text"):
                parts += [{**{k: v for k, v in part.items() if k == "thought"}, "text": piece} for piece in halves(part["text"])]
                parts += [{"text": "", "thoughtSignature": part["thoughtSignature"]}] if "thoughtSignature" in part else []
            else:
                parts.append(part)
        chunks = [self.whole(answer, [part], None) for part in parts]
        if not answer.cut:
            chunks[-1] = self.whole(answer, [parts[-1]], FINISH[answer.finish])
        return chunks

    def plain(self, asked, answer):
        if any(isinstance(block, Refusal) for block in answer.blocks):
            return dump(self.blocked(answer)).encode()
        return dump(self.whole(answer, self.parts(answer), FINISH[answer.finish])).encode()

    def stream(self, asked, answer):
        chunks = self.chunks(answer)
        if answer.cut == "fails":
            chunks.append({"error": {"code": 503, "message": BROKE, "status": "UNAVAILABLE"}})
        return sse(chunks).replace(b"\n", b"\r\n")

    def error(self, failure):
        words = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 529: "UNAVAILABLE"}
        code = 503 if failure.status == 529 else failure.status
        error = {"code": code, "message": failure.message, "status": words[failure.status]}
        if failure.retry_after:
            error["details"] = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{failure.retry_after}s"}]
        return json.dumps({"error": error}).encode(), b""
