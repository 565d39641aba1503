"""OpenAI's chat completions."""

import base64
import json
import re

from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming, CompletionCreateParamsStreaming

from gateway import PROVIDER_KEY
from scripted.conforms import need
from scripted.exchange import BROKE, Asked, Call, Media, Refusal, Result, Text, Thought, Turn
from scripted.provider import Provider, dump, halves, sse

FINISH = {"stop": "stop", "calls": "tool_calls", "length": "length", "refusal": "stop"}


def data_url(url):
    match = re.fullmatch(r"data:([\w/+.-]+);base64,([A-Za-z0-9+/]+=*)", url)
    need(match, f"no data URL: {url[:40]}")
    return Media(match[1], base64.b64decode(match[2], validate=True))


def error_body(failure):
    kinds = {400: "invalid_request_error", 401: "invalid_request_error", 429: "requests", 500: "server_error", 529: "server_error"}
    codes = {429: "rate_limit_exceeded", 401: "invalid_api_key"}
    code = "context_length_exceeded" if "too long" in failure.message else codes.get(failure.status)
    error = {"message": failure.message, "type": kinds[failure.status], "param": None, "code": code}
    return json.dumps({"error": error}).encode()


def usage_of(usage):
    total = usage.input + usage.read + usage.write
    return {"prompt_tokens": total, "completion_tokens": usage.output, "total_tokens": total + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.read, "cache_write_tokens": usage.write},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning}}  # fmt: skip


class Chat(Provider):
    dialect = "openai"
    signs = False

    def config(self):
        return {**super().config(), "base_url": f"http://127.0.0.1:{self.port}/v1"}

    def other(self, seen):
        """It has no Responses: a gateway that asks there first is told so."""
        if seen.line.split()[1].partition(b"?")[0] == b"/v1/responses":
            return self.nothing()

    def nothing(self):
        return b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n" + b'{"detail":"Not Found"}'

    def path(self, seen):
        need(seen.line == b"POST /v1/chat/completions HTTP/1.1", f"{seen.line} is no question")

    def read(self, seen, body):
        self.path(seen)
        # What it says itself it takes back, though the types have no such members.
        plain = [{name: value for name, value in message.items() if name not in ("reasoning_content", "annotations")} for message in body["messages"]]
        self.typed(CompletionCreateParamsStreaming if body.get("stream") else CompletionCreateParamsNonStreaming, {**body, "messages": plain})
        asked = Asked(body["model"], bool(body.get("stream")), [])
        for message in body["messages"]:
            self.message(asked, message)
        self.results_follow_calls(body["messages"])
        for name in [tool["function"]["name"] for tool in body.get("tools", [])] + [call.name for call in asked.of(Call)]:
            need(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name), f"the name {name}")
        asked.tools = {tool["function"]["name"]: tool["function"].get("parameters") for tool in body.get("tools", [])}
        choice = body.get("tool_choice", "auto")
        asked.choice = choice if isinstance(choice, str) else choice["function"]["name"]
        asked.parallel = body.get("parallel_tool_calls", True)
        form = body.get("response_format", {"type": "text"})
        asked.schema = form["json_schema"]["schema"] if form["type"] == "json_schema" else None
        asked.thinking = body.get("reasoning_effort")
        need(not ("max_tokens" in body and "max_completion_tokens" in body), "max_tokens and max_completion_tokens")
        asked.max_tokens = body.get("max_completion_tokens", body.get("max_tokens"))
        asked.temperature, asked.top_p = body.get("temperature"), body.get("top_p")
        stop = body.get("stop") or []
        asked.stop = [stop] if isinstance(stop, str) else stop
        need(len(asked.stop) <= 4, "at most 4 stop sequences")
        asked.usage = bool((body.get("stream_options") or {}).get("include_usage"))
        return asked

    def message(self, asked, message):
        role, content = message["role"], message.get("content")
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
        if role in ("system", "developer"):
            asked.system += [part["text"] for part in parts]
        elif role == "tool":
            need(content is not None, "a result without content")
            asked.turns.append(Turn("user", [Result(message["tool_call_id"], "".join(part["text"] for part in parts))]))
        elif role == "user":
            need(content, "a user's message without content")
            asked.turns.append(Turn("user", [self.part(part) for part in parts]))
        else:
            blocks = [Text(part["text"]) if part["type"] == "text" else Refusal(part["refusal"]) for part in parts]
            blocks += [Refusal(message["refusal"])] if message.get("refusal") else []
            for call in message.get("tool_calls", []):
                need(len(call["id"]) <= 40, f"the id {call['id']} has more than 40 characters")
                blocks.append(Call(call["function"]["name"], json.loads(call["function"]["arguments"] or "{}"), call["id"]))
            need(blocks, "an assistant's message with nothing in it")
            asked.turns.append(Turn("assistant", blocks))

    @staticmethod
    def part(part):
        if part["type"] == "text":
            return Text(part["text"])
        if part["type"] == "image_url":
            return data_url(part["image_url"]["url"])
        need(part["type"] == "file", f"a part of the type {part['type']}")
        need(part["file"].get("filename"), "a file without a name")
        return data_url(part["file"]["file_data"])

    @staticmethod
    def results_follow_calls(messages):
        open_calls = set()
        for message in messages:
            if message["role"] == "tool":
                need(message["tool_call_id"] in open_calls, f"a result of no call before it: {message['tool_call_id']}")
                open_calls.remove(message["tool_call_id"])
                continue
            need(not open_calls, f"calls without results: {open_calls}")
            ids = [call["id"] for call in message.get("tool_calls", [])]
            need(len(ids) == len(set(ids)), f"an id twice: {ids}")
            open_calls = set(ids)
        need(not open_calls, f"calls without results: {open_calls}")

    def message_of(self, answer):
        message = {"role": "assistant", "content": None, "refusal": None, "annotations": []}
        for block in answer.blocks:
            if isinstance(block, Thought):
                message["reasoning_content"] = message.get("reasoning_content", "") + block.text
            elif isinstance(block, Text):
                message["content"] = (message["content"] or "") + block.text
                if block.page:
                    place = {"url": block.page[0], "title": block.page[1], "start_index": 0, "end_index": len(block.text)}
                    message["annotations"].append({"type": "url_citation", "url_citation": place})
            elif isinstance(block, Refusal):
                message["refusal"] = block.text
            else:
                function = {"name": block.name, "arguments": dump(block.arguments)}
                message.setdefault("tool_calls", []).append({"id": block.id, "type": "function", "function": function})
        return message

    def head(self, kind):
        return {"id": f"chatcmpl-{self.name}", "object": kind, "created": self.began(), "model": self.model}

    def plain(self, asked, answer):
        choice = {"index": 0, "message": self.message_of(answer), "logprobs": None, "finish_reason": FINISH[answer.finish]}
        return dump({**self.head("chat.completion"), "choices": [choice], "usage": usage_of(answer.usage)}).encode()

    def stream(self, asked, answer):
        message, deltas = self.message_of(answer), [{"role": "assistant", "content": "", "refusal": None}]
        for name in ("reasoning_content", "content", "refusal"):
            deltas += [{name: piece} for piece in halves(message.get(name) or "")]
        for index, call in enumerate(message.get("tool_calls", [])):
            begun = {**call, "function": {"name": call["function"]["name"], "arguments": ""}}
            deltas.append({"tool_calls": [{"index": index, **begun}]})
            deltas += [{"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in halves(call["function"]["arguments"])]
        deltas += [{"annotations": message["annotations"]}] if message["annotations"] else []
        chunks = [[delta, None] for delta in deltas]
        if not answer.cut:
            chunks.append([{}, FINISH[answer.finish]])
        head = self.head("chat.completion.chunk")
        chunks = [{**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]} for delta, finish in chunks]
        if answer.cut:
            return sse(chunks + ([{"error": {"message": BROKE, "type": "server_error", "param": None, "code": None}}] if answer.cut == "fails" else []))
        if asked.usage:
            chunks.append({**head, "choices": [], "usage": usage_of(answer.usage)})
        return sse(chunks, end="data: [DONE]\n\n")

    def error(self, failure):
        return error_body(failure), b"x-request-id: req_scripted\r\n"


class Azure(Chat):
    """The same at Azure's addresses: the path chooses the model."""

    dialect = "azure"
    version = "2024-10-21"

    def config(self):
        return {"dialect": "azure", "base_url": f"http://127.0.0.1:{self.port}", "api_key": PROVIDER_KEY, "api_version": self.version}

    def authorized(self, seen):
        return seen.field(b"api-key") == PROVIDER_KEY.encode() and seen.field(b"authorization") is None

    def other(self, seen):
        if b"/responses" in seen.line:
            return self.nothing()

    def path(self, seen):
        wanted = f"POST /openai/deployments/{self.model}/chat/completions?api-version={self.version} HTTP/1.1"
        need(seen.line.decode() == wanted, f"{seen.line} instead of {wanted}")

    def error(self, failure):
        if failure.status == 400 and "filter" in failure.message:
            inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": True, "severity": "high"}}}
            error = {"message": failure.message, "type": None, "param": "prompt", "code": "content_filter", "status": 400, "innererror": inner}
            return json.dumps({"error": error}).encode(), b""
        return super().error(failure)

    def stream(self, asked, answer):
        """The first chunk says what the filter found in the prompt, and has no choice."""
        first = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]}
        return sse([first]) + super().stream(asked, answer)
