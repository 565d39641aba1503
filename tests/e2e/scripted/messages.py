"""Anthropic's Messages API."""

import base64
import json
import re

from anthropic.types.beta.message_create_params import MessageCreateParamsNonStreaming as BetaPlain
from anthropic.types.beta.message_create_params import MessageCreateParamsStreaming as BetaStreaming
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming, MessageCreateParamsStreaming

from gateway import PROVIDER_KEY
from scripted.conforms import need
from scripted.exchange import BROKE, Asked, Call, Media, Refusal, Result, Text, Thought, Turn
from scripted.provider import Provider, dump, halves, sse

FINISH = {"stop": "end_turn", "calls": "tool_use", "length": "max_tokens", "refusal": "refusal"}
CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def source(block):
    found = block["source"]
    if found["type"] == "text":
        return Media(found["media_type"], found["data"].encode())
    need(found["type"] == "base64", f"a source of the type {found['type']}")
    return Media(found["media_type"], base64.b64decode(found["data"], validate=True))


def usage_of(usage):
    return {"input_tokens": usage.input, "cache_read_input_tokens": usage.read, "cache_creation_input_tokens": usage.write,
            "cache_creation": {"ephemeral_5m_input_tokens": usage.write, "ephemeral_1h_input_tokens": 0},
            "output_tokens": usage.output, "service_tier": "standard"}  # fmt: skip


class Messages(Provider):
    dialect = "anthropic"
    cited = "EpsBCioIAhgBIiRk"  # the index of a page, which only it can read
    ids = "toolu_"
    writes = True
    tells_reasoning = False

    def authorized(self, seen):
        return seen.field(b"x-api-key") == PROVIDER_KEY.encode() and seen.field(b"authorization") is None

    def other(self, seen):
        if seen.line.split()[1].partition(b"?")[0] == b"/v1/messages/count_tokens":
            body = b'{"input_tokens": 77}'
            return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n" + body

    def path(self, seen, body):
        """The body as the types have it."""
        need(seen.line.split()[:1] == [b"POST"] and seen.line.split()[1].partition(b"?")[0] == b"/v1/messages", f"{seen.line} is no question")
        need(seen.field(b"anthropic-version"), "no anthropic-version")
        return body

    def read(self, seen, body):
        body = self.path(seen, body)
        # The SDK's types no longer have the members that only older models know.
        known = {name: value for name, value in body.items() if name not in ("temperature", "top_p", "top_k")}
        if seen.field(b"anthropic-beta"):
            self.typed(BetaStreaming if body.get("stream") else BetaPlain, known)
        else:
            self.typed(MessageCreateParamsStreaming if body.get("stream") else MessageCreateParamsNonStreaming, known)
        asked = Asked(body["model"], bool(body.get("stream")), [])
        system = body.get("system", [])
        asked.system = [system] if isinstance(system, str) else [block["text"] for block in system]
        need(all(text.strip() for text in asked.system), "an empty text in system")
        for message in body["messages"]:
            content = message["content"]
            blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
            need(blocks, "a message without content")
            if message["role"] == "system":
                asked.system += [block["text"] for block in blocks]
                continue
            turn = Turn(message["role"], [self.block(block) for block in blocks])
            if asked.turns and asked.turns[-1].role == turn.role:
                asked.turns[-1].blocks += turn.blocks
            else:
                asked.turns.append(turn)
        self.rules(asked, body)
        for name in [tool["name"] for tool in body.get("tools", [])]:
            need(re.fullmatch(r"[A-Za-z0-9_-]{1,128}", name), f"the name {name}")
        asked.tools = {tool["name"]: tool["input_schema"] for tool in body.get("tools", []) if "input_schema" in tool}
        need(all(schema.get("type") == "object" for schema in asked.tools.values()), "a schema that is not of type object")
        choice = body.get("tool_choice", {"type": "auto"})
        need("tools" in body or "tool_choice" not in body, "tool_choice without tools")
        asked.choice = choice["name"] if choice["type"] == "tool" else CHOICES[choice["type"]]
        asked.parallel = not choice.get("disable_parallel_tool_use", False)
        asked.schema = (body.get("output_config", {}).get("format") or {}).get("schema")
        asked.max_tokens, asked.temperature, asked.top_p = body["max_tokens"], body.get("temperature"), body.get("top_p")
        asked.stop = body.get("stop_sequences", [])
        need(all(text.strip() for text in asked.stop), "a blank stop sequence")
        return asked

    def block(self, block):
        kind = block["type"]
        if kind == "text":
            need(block["text"].strip(), "an empty text")
            need(all(each["encrypted_index"] == self.cited for each in block.get("citations") or []), f"Invalid encrypted_index in {block}")
            return Text(block["text"])
        if kind in ("image", "document"):
            return source(block)
        if kind == "thinking":
            self.signed(Thought(block["thinking"], block["signature"]))
            return Thought(block["thinking"], block["signature"])
        if kind == "redacted_thinking":
            return Thought("", block["data"], redacted=True)
        if kind == "tool_use":
            need(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", block["id"]), f"the id {block['id']}")
            need(re.fullmatch(r"[A-Za-z0-9_-]{1,128}", block["name"]), f"the name {block['name']}")
            return Call(block["name"], block["input"], block["id"])
        need(kind == "tool_result", f"a block of the type {kind}")
        content = block.get("content", "")
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        media = [source(part) for part in parts if part["type"] in ("image", "document")]
        return Result(block["tool_use_id"], "".join(part.get("text", "") for part in parts), bool(block.get("is_error")), media)

    def rules(self, asked, body):
        """What the types do not say."""
        need(asked.turns and asked.turns[0].role == "user", "the first message is not the user's")
        calls = []
        for turn in asked.turns:
            results = turn.of(Result)
            need(sorted(each.call for each in results) == sorted(calls), f"tool_use ids {calls}, results of {[each.call for each in results]}")
            need(all(isinstance(block, Result) for block in turn.blocks[: len(results)]), "results do not come first")
            calls = [call.id for call in turn.of(Call)]
            need(len(calls) == len(set(calls)), f"an id twice: {calls}")
        need(not calls, f"calls without results: {calls}")
        last = asked.turns[-1]
        need(last.role == "user" or last.texts() == last.texts().rstrip(), "the last text ends with white space")
        thinking = body.get("thinking") or {"type": "disabled"}
        asked.thinking = (thinking["type"], body.get("output_config", {}).get("effort")) if thinking["type"] != "disabled" else None
        if thinking["type"] == "enabled":
            need(1024 <= thinking["budget_tokens"] < body["max_tokens"], f"a budget of {thinking['budget_tokens']} before max_tokens {body['max_tokens']}")
            need(body.get("tool_choice", {"type": "auto"})["type"] in ("auto", "none"), "thinking with a forced tool")
            need(body.get("temperature", 1) == 1 and "top_k" not in body, "thinking with sampling")
            turn = next((turn for turn in reversed(asked.turns) if turn.role == "assistant"), None)
            if turn and turn.of(Call) and last.of(Result):
                need(isinstance(turn.blocks[0], Thought), "Expected `thinking` or `redacted_thinking`, but found `tool_use`")
        need(0 <= body.get("temperature", 1) <= 1, f"a temperature of {body.get('temperature')}")

    def content(self, answer):
        for block in answer.blocks:
            if isinstance(block, Thought) and block.redacted:
                yield {"type": "redacted_thinking", "data": block.signature}
            elif isinstance(block, Thought):
                yield {"type": "thinking", "thinking": block.text, "signature": block.signature}
            elif isinstance(block, Call):
                yield {"type": "tool_use", "id": block.id, "name": block.name, "input": block.arguments}
            elif isinstance(block, Text) and block.page:
                cited = {"type": "web_search_result_location", "url": block.page[0], "title": block.page[1], "cited_text": "sunny", "encrypted_index": self.cited}
                yield {"type": "text", "text": block.text, "citations": [cited]}
            else:
                yield {"type": "text", "text": block.text}

    def whole(self, answer):
        refused = [block for block in answer.blocks if isinstance(block, Refusal)]
        details = {"type": "refusal", "category": "bio", "explanation": refused[0].text} if refused else None
        return {"id": f"msg_{self.name}", "type": "message", "role": "assistant", "model": self.model, "content": list(self.content(answer)),
                "stop_reason": FINISH[answer.finish], "stop_sequence": None, "stop_details": details, "usage": usage_of(answer.usage)}  # fmt: skip

    def plain(self, asked, answer):
        return dump(self.whole(answer)).encode()

    def stream(self, asked, answer):
        whole = self.whole(answer)
        start = {**whole, "content": [], "stop_reason": None, "stop_details": None, "usage": {**whole["usage"], "output_tokens": 1}}
        events = [{"type": "message_start", "message": start}, {"type": "ping"}]
        kinds = {"text": "text_delta", "thinking": "thinking_delta", "signature": "signature_delta"}
        for index, block in enumerate(whole["content"]):
            begun = {**block, **{name: type(block[name])() for name in (*kinds, "input", "citations") if name in block}}
            deltas = [{"type": kind, name: piece} for name, kind in kinds.items() for piece in (halves(block.get(name, "")) if name != "signature" else [block[name]] if name in block else [])]
            deltas += [{"type": "citations_delta", "citation": each} for each in block.get("citations", [])]
            if "input" in block:
                deltas += [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *halves(dump(block["input"]))]]
            events += [{"type": "content_block_start", "index": index, "content_block": begun}]
            events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
            events += [{"type": "content_block_stop", "index": index}]
        if answer.cut == "fails":
            return sse([*events[:-1], {"type": "error", "error": {"type": "overloaded_error", "message": BROKE}}], named=True)
        if answer.cut:
            return sse(events[:-1], named=True)
        delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None, "stop_details": whole["stop_details"]}
        last = {"type": "message_delta", "delta": delta, "usage": {"output_tokens": answer.usage.output}}
        return sse([*events, last, {"type": "message_stop"}], named=True)

    def error(self, failure):
        kinds = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error", 500: "api_error", 529: "overloaded_error"}
        body = {"type": "error", "error": {"type": kinds[failure.status], "message": failure.message}, "request_id": "req_scripted"}
        return json.dumps(body).encode(), b"request-id: req_scripted\r\n"
