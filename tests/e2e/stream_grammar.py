"""The grammar of the streams that clients get, in each of their forms: what may come, in which order, and that all of it fits
together. The values are held against the SDKs' own types.

    python tests/e2e/stream_grammar.py chat < stream
"""

import functools
import json
import re
import sys
import typing

from pydantic import TypeAdapter, ValidationError


class Wrong(Exception):
    pass


def need(condition, message):
    if not condition:
        raise Wrong(message)


def events(data, own=True):
    """The (name, data) of server-sent events. In what the gateway writes itself no text holds a character at which
    Python's splitlines() would end a line, because clients use it."""
    text = data.decode()  # strictly
    need(not own or not re.search("[\u2028\u2029\u0085\v\f\x1c-\x1e]", text), "an unescaped line end of Unicode's")
    text = text.replace("\r\n", "\n")
    need(not text or text.endswith("\n\n") or not own, "the last event has no end")
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if not lines:
            continue
        fields = [line.partition(": ")[::2] for line in lines]
        need({name for name, _ in fields} <= {"event", "data", "id", "retry"}, f"an event with the lines {lines}")
        names = [value for name, value in fields if name == "event"]
        need(len(names) <= 1, f"an event with {len(names)} names")
        yield names[0] if names else None, "\n".join(value for name, value in fields if name == "data")


@functools.cache
def _adapter(kind):
    return TypeAdapter(kind)


def of_type(kind, value):
    try:
        _adapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Wrong(f"{list(first['loc'])}: {first['msg']} in {json.dumps(value)[:300]}") from None


def chat(data, own=True, usage=None):
    """Returns whether the answer is whole; else it ended with an error. `usage`: whether the client asked for it."""
    from openai.types.chat import ChatCompletionChunk

    head, calls, finished, counted, done, failed, roles = None, {}, False, 0, False, False, 0
    for name, text in events(data, own):
        need(name is None, f"an event with the name {name}")
        need(not done and not failed, f"something behind the end: {text[:80]}")
        if text == "[DONE]":
            done = True
            continue
        chunk = json.loads(text)
        if "error" in chunk:
            need({"message", "type", "param", "code"} <= set(chunk["error"]), f"an error with {set(chunk['error'])}")
            failed = True
            continue
        if own:  # Azure's first one has no object
            of_type(ChatCompletionChunk, chunk)
        mine = (chunk["id"], chunk["model"], chunk["created"])
        need(head in (None, mine) or not own, f"chunks of {head} and of {mine}")
        head = mine
        need(chunk["choices"] or chunk.get("usage") or not own, "a chunk with nothing in it")
        if chunk.get("usage"):
            counted += 1
            need(usage is not False, "usage that nobody asked for")
            need(not own or finished, "usage before the end")
        for choice in chunk["choices"]:
            delta = choice["delta"]
            need(not finished or not any(delta.values()), f"a delta behind the finish reason: {delta}")
            if delta.get("role"):
                roles += 1
                need(delta["role"] == "assistant", f"the role {delta['role']}")
            need(roles or not own, "a delta before the role")
            for call in delta.get("tool_calls") or []:
                index = call["index"]
                if index not in calls:
                    need(index == len(calls), f"the call {index} is the {len(calls)}th")
                    need(call.get("id") and call["function"].get("name") and call.get("type") == "function", f"a call begins as {call}")
                    calls[index] = ""
                else:
                    need(not own or not (call.get("id") or call["function"].get("name")), f"a call is named again: {call}")
                    need(not own or index == len(calls) - 1, f"a call goes on behind the next: {call}")
                calls[index] += call["function"].get("arguments") or ""
            if choice.get("finish_reason"):
                finished = True
                need(not calls or choice["finish_reason"] in ("tool_calls", "length", "content_filter"), f"calls with {choice['finish_reason']}")
                need(choice["finish_reason"] != "tool_calls" or calls, "tool_calls without a call")
                whole = choice["finish_reason"] == "tool_calls"
                need(not whole or all(isinstance(json.loads(arguments), dict) for arguments in calls.values()), f"arguments: {calls}")
    need(done != failed, "neither [DONE] nor an error, or both")
    need(failed or finished, "[DONE] without a finish reason")
    need(failed or not usage or counted == 1, f"usage {counted} times")
    need(roles <= 1 or not own, f"{roles} roles")
    return done


def messages(data, own=True):
    from anthropic.types import RawMessageStreamEvent

    begun, kinds, block, content, reason, state = False, {}, None, "", None, ""
    deltas = {"text": {"text_delta", "citations_delta"}, "thinking": {"thinking_delta", "signature_delta"}, "tool_use": {"input_json_delta"}, "redacted_thinking": set()}
    for name, text in events(data, own):
        event = json.loads(text)
        kind = event["type"]
        need(name == kind, f"the event {kind} has the name {name}")
        need(state not in ("stopped", "failed"), f"{kind} behind the end")
        if kind == "error":
            need({"type", "message"} <= set(event["error"]), f"an error with {set(event['error'])}")
            state = "failed"
            continue
        if kind == "ping":
            continue
        if own:
            of_type(RawMessageStreamEvent, event)
        if kind == "message_start":
            need(not begun, "message_start twice")
            begun = True
            message = event["message"]
            need(message["content"] == [] and message["stop_reason"] is None and message["role"] == "assistant", f"begins with {message}")
            need({"input_tokens", "output_tokens"} <= set(message["usage"]), f"usage {message['usage']}")
            continue
        need(begun, f"{kind} before message_start")
        if kind == "content_block_start":
            need(block is None, "a block begins in another")
            need(event["index"] == len(kinds), f"the block {event['index']} is the {len(kinds)}th")
            block, content = event["content_block"], ""
            kinds[event["index"]] = block["type"]
            need(block["type"] != "tool_use" or (block["id"] and block["name"] and block["input"] == {}), f"a call begins as {block}")
            need(block["type"] not in ("text", "thinking") or block[block["type"]] == "", f"a block begins as {block}")
        elif kind == "content_block_delta":
            need(block is not None and event["index"] == len(kinds) - 1, f"a delta outside of its block: {event}")
            delta = event["delta"]
            need(delta["type"] in deltas.get(block["type"], {delta["type"]}), f"{delta['type']} in {block['type']}")
            need(block.get("signature") in (None, "") or delta["type"] != "thinking_delta", "thinking behind its signature")
            content += delta.get("partial_json", "")
            if delta["type"] == "signature_delta":
                need(delta["signature"], "an empty signature")
                block["signature"] = delta["signature"]
        elif kind == "content_block_stop":
            need(block is not None and event["index"] == len(kinds) - 1, f"the end of no block: {event}")
            need(block["type"] != "tool_use" or isinstance(json.loads(content or "{}"), dict), f"input {content}")
            block = None
        elif kind == "message_delta":
            need(block is None and reason is None, "message_delta in a block, or twice")
            reason = event["delta"]["stop_reason"]
            need(reason and "output_tokens" in event["usage"], f"ends as {event}")
            need(reason != "tool_use" or "tool_use" in kinds.values(), "tool_use without a call")
            need("tool_use" not in kinds.values() or reason != "end_turn", "calls with end_turn")
        else:
            need(kind == "message_stop", f"the event {kind}")
            need(reason, "message_stop without message_delta")
            state = "stopped"
    need(state, "neither message_stop nor an error")
    return state == "stopped"


def responses(data, own=True):
    from openai.types.responses import ResponseStreamEvent

    number, first, items, open_item, end = 0, None, [], None, None
    for name, text in events(data, own):
        event = json.loads(text)
        kind = event["type"]
        need(name == kind, f"the event {kind} has the name {name}")
        need(end is None, f"{kind} behind the end")
        of_type(ResponseStreamEvent, event)
        need(event.get("sequence_number") == number, f"{kind} has the number {event.get('sequence_number')} instead of {number}")
        number += 1
        if kind == "error":
            end = kind
        elif kind in ("response.created", "response.in_progress"):
            need((number, kind) in ((1, "response.created"), (2, "response.in_progress")), f"{kind} is the {number}th")
            first = first or event["response"]
            need(event["response"]["status"] == "in_progress" and event["response"]["output"] == [], f"begins as {event}")
        elif kind in ("response.completed", "response.incomplete", "response.failed"):
            end = kind
            response = event["response"]
            need(kind == f"response.{response['status']}", f"{kind} with the status {response['status']}")
            need(response["id"] == first["id"], "another id")
            if kind == "response.failed":
                need(response["error"]["code"] and response["error"]["message"], f"the error {response['error']}")
                continue
            need(open_item is None, "an item without its end")
            need(response["output"] == items or not own, f"output differs from the items: {response['output']} and {items}")
            need(response["usage"], "no usage")
        elif kind == "response.output_item.added":
            need(open_item is None, "an item begins in another")
            need(event["output_index"] == len(items), f"the item {event['output_index']} is the {len(items)}th")
            open_item = Item(event["item"])
        else:
            need(open_item is not None and event["output_index"] == len(items), f"{kind} outside of its item")
            if kind == "response.output_item.done":
                items.append(open_item.done(event["item"]))
                open_item = None
            else:
                open_item.inside(kind.removeprefix("response."), event)
    need(end, "no end")
    return end in ("response.completed", "response.incomplete")


class Item:
    """An item of Responses while it is told."""

    def __init__(self, item):
        self.item, self.parts, self.open, self.arguments, self.annotations = item, [], None, None, []
        need(not item.get("content") and not item.get("summary") and not item.get("arguments"), f"an item begins with {item}")
        need(item.get("status", "in_progress") == "in_progress", f"an item begins as {item.get('status')}")

    def inside(self, kind, event):
        need(event["item_id"] == self.item["id"], f"{kind} of {event['item_id']} in {self.item['id']}")
        about, _, what = kind.rpartition(".")
        index = event.get("content_index", event.get("summary_index"))
        if about == "function_call_arguments":
            need(self.item["type"] == "function_call", f"{kind} in {self.item['type']}")
            self.arguments = (self.arguments or "") + event["delta"] if what == "delta" else self.arguments or ""
            need(what == "delta" or event["arguments"] == self.arguments, f"arguments {event.get('arguments')!r}, told {self.arguments!r}")
            return
        need(index == len(self.parts), f"{kind} in the part {index} instead of {len(self.parts)}")
        if about == "output_text.annotation":
            need(self.open is not None, f"{kind} outside of its part")
            self.annotations.append(event["annotation"])
            need(event["annotation_index"] == len(self.annotations) - 1, f"the annotation {event['annotation_index']} is the {len(self.annotations)}th")
            need(0 <= event["annotation"]["start_index"] <= event["annotation"]["end_index"] <= len(self.open), f"a place outside of the text: {event}")
            return
        if what == "added":
            need(self.open is None, "a part begins in another")
            self.open = ""
            return
        need(self.open is not None, f"{kind} outside of its part")
        if kind in ("content_part.done", "reasoning_summary_part.done"):
            part = event["part"]
            need(part.get("text", part.get("refusal")) == self.open, f"a part ends as {part}, told {self.open!r}")
            need(part.get("annotations", []) == self.annotations, f"a part cites {part['annotations'] if 'annotations' in part else None}, told {self.annotations}")
            self.annotations = []
            self.parts.append(part)
            self.open = None
        elif what == "delta":
            self.open += event["delta"]
        elif what == "done":
            need(event.get("text", event.get("refusal")) == self.open, f"{kind} {event}, told {self.open!r}")

    def done(self, item):
        need(item["id"] == self.item["id"] and item["type"] == self.item["type"], f"{self.item} ends as {item}")
        need(self.open is None, "an item ends with an open part")
        if item["type"] == "function_call":
            need(item["arguments"] == (self.arguments or ""), f"arguments {item['arguments']!r}, told {self.arguments!r}")
            need(item["call_id"] == self.item["call_id"] and item["name"] == self.item["name"], f"{self.item} ends as {item}")
        elif item["type"] == "message":
            need(item["content"] == self.parts, f"{item['content']}, told {self.parts}")
        elif item["type"] == "reasoning":
            need(item["summary"] == self.parts or item.get("content"), f"{item['summary']}, told {self.parts}")
        need(item.get("status") != "in_progress", "an item ends in progress")
        return item


def gemini(data, own=True):
    from google.genai import types

    finished, failed, counted, heads = False, False, False, set()
    for name, text in gemini_values(data, own):
        need(name is None, f"an event with the name {name}")
        need(not failed, "something behind an error")
        value = json.loads(text)
        if "error" in value:
            need(list(value) == ["error"] and {"code", "message", "status"} <= set(value["error"]), f"an error {value}")
            need(text.lstrip().startswith('{"error"'), "an error that Google's SDK does not see")
            failed = True
            continue
        of_json(types.GenerateContentResponse, value)
        heads.add((value.get("responseId"), value.get("modelVersion")))
        need(len(heads) == 1 or not own, f"answers of {heads}")
        counted |= "usageMetadata" in value
        finished = blocked(value, finished) or candidates(value, finished)
    need(failed or finished, "no finish reason and no error")
    need(failed or counted, "no usage")
    return finished and not failed


def gemini_values(data, own):
    """Of a stream of events, or of one array."""
    if data.lstrip().startswith(b"["):
        yield from ((None, json.dumps(value)) for value in json.loads(data))
    else:
        need(not own or b"\n:" not in b"\n" + data, "a comment, which Google's SDK takes for JSON")
        yield from events(data, own)


def blocked(value, finished):
    if not (value.get("promptFeedback") or {}).get("blockReason"):
        return False
    need(not finished and not value.get("candidates"), "a blocked prompt with an answer")
    return True


def candidates(value, finished):
    for candidate in value.get("candidates", []):
        parts = candidate.get("content", {}).get("parts", [])
        need(not finished or not parts, "parts behind the finish reason")
        need(not parts or candidate["content"].get("role") == "model", f"the role {candidate['content'].get('role')}")
        for part in parts:
            need("functionCall" not in part or isinstance(part["functionCall"].get("args", {}), dict), f"args of {part}")
            need("text" not in part or part["text"] or part.get("thoughtSignature") or candidate.get("finishReason"), "an empty text")
        finished = finished or bool(candidate.get("finishReason"))
    return finished


def of_json(model, value):
    try:
        model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Wrong(f"{list(first['loc'])}: {first['msg']} in {json.dumps(value)[:300]}") from None


def plain(form, data):
    """An answer that is no stream."""
    value = json.loads(data)
    if form == "gemini":
        from google.genai import types

        return of_json(types.GenerateContentResponse, value)
    from anthropic.types import Message
    from openai.types.chat import ChatCompletion
    from openai.types.responses import Response

    of_type({"chat": ChatCompletion, "messages": Message, "responses": Response}[form], value)


CHECKS: dict[str, typing.Callable] = {"chat": chat, "messages": messages, "responses": responses, "gemini": gemini}

if __name__ == "__main__":
    try:
        print("whole" if CHECKS[sys.argv[1]](sys.stdin.buffer.read()) else "ended with an error")
    except Wrong as wrong:
        print(f"wrong: {wrong}")
        sys.exit(1)
