"""OpenAI's Responses, as a provider that keeps nothing."""

import json
import re

from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming, ResponseCreateParamsStreaming

from scripted.chat import Chat, data_url, error_body
from scripted.conforms import need
from scripted.exchange import BROKE, Asked, Call, Refusal, Result, Text, Thought, Turn
from scripted.provider import Provider, dump, halves, sse


class Responses(Provider):
    dialect = "responses"

    def config(self):
        return {**super().config(), "base_url": f"http://127.0.0.1:{self.port}/v1"}

    def read(self, seen, body):
        need(seen.line == b"POST /v1/responses HTTP/1.1", f"{seen.line} is no question")
        self.typed(ResponseCreateParamsStreaming if body.get("stream") else ResponseCreateParamsNonStreaming, body)
        need(not body.get("previous_response_id"), "previous_response_id: nothing is kept here")
        asked = Asked(body["model"], bool(body.get("stream")), [])
        if body.get("instructions"):
            asked.system.append(body["instructions"])
        items = body["input"]
        for item in [{"role": "user", "content": items}] if isinstance(items, str) else items:
            self.item(asked, item)
        self.results_have_calls(asked)
        tools = body.get("tools", [])
        for name in [tool["name"] for tool in tools if tool["type"] == "function"] + [call.name for call in asked.of(Call)]:
            need(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name), f"the name {name}")
        asked.tools = {tool["name"]: tool["parameters"] for tool in tools if tool["type"] == "function"}
        choice = body.get("tool_choice", "auto")
        asked.choice = choice if isinstance(choice, str) else choice["name"]
        asked.parallel = body.get("parallel_tool_calls", True)
        form = body.get("text", {}).get("format", {"type": "text"})
        asked.schema = form["schema"] if form["type"] == "json_schema" else None
        asked.thinking = (body.get("reasoning") or {}).get("effort")
        asked.max_tokens, asked.temperature, asked.top_p = body.get("max_output_tokens"), body.get("temperature"), body.get("top_p")
        need(asked.max_tokens is None or asked.max_tokens >= 16, f"max_output_tokens {asked.max_tokens} is below 16")
        asked.encrypted = "reasoning.encrypted_content" in (body.get("include") or [])
        asked.stored = body.get("store", True)
        return asked

    def item(self, asked, item):
        kind = item.get("type", "message")
        if kind == "message":
            content = item["content"]
            parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
            if item["role"] in ("system", "developer"):
                asked.system += [part["text"] for part in parts]
                return
            need(parts, "a message without content")
            own = item["role"] == "assistant"
            need(own or all(part["type"].startswith("input_") for part in parts), f"a user's part of the type {parts[0]['type']}")
            need(not own or isinstance(content, str) or all(part["type"] in ("output_text", "refusal") for part in parts), "an assistant's input_text")
            self.add(asked, item["role"], [self.content_part(part) for part in parts])
        elif kind == "reasoning":
            need(item.get("encrypted_content"), f"Item with id '{item.get('id')}' not found: items are not persisted when store is false")
            thought = Thought("".join(part["text"] for part in item["summary"]), item["encrypted_content"])
            self.signed(thought)
            self.add(asked, "assistant", [thought])
        elif kind == "function_call":
            need(len(item["call_id"]) <= 64, f"the call_id {item['call_id']} has more than 64 characters")
            self.add(asked, "assistant", [Call(item["name"], json.loads(item["arguments"]), item["call_id"])])
        else:
            need(kind == "function_call_output", f"an item of the type {kind}")
            output = item["output"]
            parts = [{"type": "input_text", "text": output}] if isinstance(output, str) else output
            blocks = [self.content_part(part) for part in parts]
            text = "".join(block.text for block in blocks if isinstance(block, Text))
            self.add(asked, "user", [Result(item["call_id"], text, media=[block for block in blocks if not isinstance(block, Text)])])

    @staticmethod
    def add(asked, role, blocks):
        if asked.turns and asked.turns[-1].role == role:
            asked.turns[-1].blocks += blocks
        else:
            asked.turns.append(Turn(role, blocks))

    @staticmethod
    def content_part(part):
        if part["type"] == "refusal":
            return Refusal(part["refusal"])
        if part["type"] == "input_image":
            return data_url(part["image_url"])
        if part["type"] == "input_file":
            need(part.get("filename"), "a file without a name")
            return data_url(part["file_data"])
        return Text(part["text"])

    @staticmethod
    def results_have_calls(asked):
        called = {call.id for call in asked.of(Call)}
        answered = [result.call for result in asked.of(Result)]
        need(called == set(answered) and len(called) == len(answered), f"calls {called}, outputs of {answered}")
        for turn in asked.turns:
            if turn.role == "assistant":
                need(not isinstance(turn.blocks[-1], Thought), "a 'reasoning' item was provided without its required following item")

    def items(self, asked, answer):
        for number, block in enumerate(answer.blocks):
            if isinstance(block, Thought):
                summary = [{"type": "summary_text", "text": block.text}] if block.text else []
                yield {"type": "reasoning", "id": f"rs_{number}", "summary": summary, **({"encrypted_content": block.signature} if asked.encrypted else {})}
            elif isinstance(block, Call):
                yield {"type": "function_call", "id": f"fc_{number}", "call_id": block.id, "name": block.name,
                       "arguments": dump(block.arguments), "status": "completed"}  # fmt: skip
            else:
                part = {"type": "refusal", "refusal": block.text} if isinstance(block, Refusal) else {
                    "type": "output_text", "text": block.text, "annotations": self.annotations(block), "logprobs": []}  # fmt: skip
                yield {"type": "message", "id": f"msg_{number}", "role": "assistant", "status": "completed", "content": [part]}

    @staticmethod
    def annotations(block):
        if not block.page:
            return []
        return [{"type": "url_citation", "url": block.page[0], "title": block.page[1], "start_index": 0, "end_index": len(block.text)}]

    def whole(self, asked, answer):
        usage, total = answer.usage, answer.usage.input + answer.usage.read + answer.usage.write
        cut_short = answer.finish == "length"
        return {
            "id": f"resp_{self.name}", "object": "response", "created_at": self.began(), "model": self.model,
            "status": "incomplete" if cut_short else "completed", "incomplete_details": {"reason": "max_output_tokens"} if cut_short else None,
            "error": None, "instructions": None, "metadata": {}, "output": list(self.items(asked, answer)), "parallel_tool_calls": True,
            "previous_response_id": None, "reasoning": {"effort": None, "summary": None}, "store": asked.stored, "temperature": 1.0,
            "text": {"format": {"type": "text"}}, "tool_choice": "auto", "tools": [], "top_p": 1.0, "truncation": "disabled",
            "usage": {"input_tokens": total, "input_tokens_details": {"cached_tokens": usage.read, "cache_write_tokens": usage.write},
                      "output_tokens": usage.output, "output_tokens_details": {"reasoning_tokens": usage.reasoning},
                      "total_tokens": total + usage.output}}  # fmt: skip

    def plain(self, asked, answer):
        return dump(self.whole(asked, answer)).encode()

    def stream(self, asked, answer):
        whole = self.whole(asked, answer)
        begun = {**whole, "status": "in_progress", "incomplete_details": None, "output": [], "usage": None}
        events = [{"type": "response.created", "response": begun}, {"type": "response.in_progress", "response": begun}]
        for index, item in enumerate(whole["output"]):
            place = {"output_index": index, "item_id": item["id"]}
            empty = {"content": [], "summary": [], "arguments": ""}
            started = {**item, **{name: value for name, value in empty.items() if name in item}, **({"status": "in_progress"} if "status" in item else {})}
            events.append({"type": "response.output_item.added", "output_index": index, "item": started})
            events += self.inside(item, place)
            events.append({"type": "response.output_item.done", "output_index": index, "item": item})
        if answer.cut == "fails":
            error = {"code": "server_error", "message": BROKE}
            events[-1] = {"type": "response.failed", "response": {**begun, "status": "failed", "error": error}}
        elif answer.cut:
            events = events[:-1]
        else:
            events.append({"type": f"response.{whole['status']}", "response": whole})
        return sse([{**event, "sequence_number": number} for number, event in enumerate(events)], named=True)

    @staticmethod
    def inside(item, place):
        if item["type"] == "function_call":
            at, kind = place, "response.function_call_arguments"
            yield from ({"type": f"{kind}.delta", **at, "delta": piece} for piece in halves(item["arguments"]))
            yield {"type": f"{kind}.done", **at, "arguments": item["arguments"], "name": item["name"]}
            return
        reasoning = item["type"] == "reasoning"
        for number, part in enumerate(item["summary" if reasoning else "content"]):
            at = {**place, "summary_index" if reasoning else "content_index": number}
            name = "refusal" if part["type"] == "refusal" else "text"
            kind = {"summary_text": "response.reasoning_summary_text", "output_text": "response.output_text", "refusal": "response.refusal"}[part["type"]]
            about = "response.reasoning_summary_part" if reasoning else "response.content_part"
            logprobs = {"logprobs": []} if part["type"] == "output_text" else {}
            cited = part.get("annotations", [])
            yield {"type": f"{about}.added", **at, "part": {**part, name: "", **({"annotations": []} if cited else {})}}
            yield from ({"type": f"{kind}.delta", **at, "delta": piece, **logprobs} for piece in halves(part[name]))
            yield from ({"type": f"{kind}.annotation.added", **at, "annotation_index": place, "annotation": each} for place, each in enumerate(cited))
            yield {"type": f"{kind}.done", **at, name: part[name], **logprobs}
            yield {"type": f"{about}.done", **at, "part": part}

    def error(self, failure):
        return error_body(failure), b"x-request-id: req_scripted\r\n"


class OpenAI(Responses, Chat):
    """Both of its APIs."""

    dialect = "openai"

    def other(self, seen):
        return None

    def read(self, seen, body):
        chat = seen.line.split()[1] == b"/v1/chat/completions"
        asked = (Chat if chat else Responses).read(self, seen, body)
        asked.chat = chat
        return asked

    def plain(self, asked, answer):
        return (Chat if asked.chat else Responses).plain(self, asked, answer)

    def stream(self, asked, answer):
        return (Chat if asked.chat else Responses).stream(self, asked, answer)
