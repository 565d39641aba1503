"""A scripted provider that speaks Anthropic's Messages API."""

import json

from gateway import PROVIDER_KEY
from upstream import response

USAGE = {"input_tokens": 20, "cache_read_input_tokens": 7, "cache_creation_input_tokens": 5, "output_tokens": 11}
TEXT = "Grüße \u2028 👋 \\ \"quoted\"\n"


def message(content, reason="end_turn"):
    return {"type": "message", "id": "msg_1", "role": "assistant", "model": "claude-e2e", "content": content,
            "stop_reason": reason, "stop_sequence": None, "usage": USAGE}


def sse(events):
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events).encode()


def events_of(whole, cut=False):
    """A message as its stream."""
    start = {**whole, "content": [], "stop_reason": None, "usage": {**USAGE, "output_tokens": 1}}
    events = [{"type": "message_start", "message": start}, {"type": "ping"}]
    for index, block in enumerate(whole["content"]):
        begun = {**block, **{name: type(block[name])() for name in ("text", "thinking", "signature", "input") if name in block}}
        events.append({"type": "content_block_start", "index": index, "content_block": begun})
        deltas = {"text": "text_delta", "thinking": "thinking_delta", "signature": "signature_delta"}
        for name, kind in deltas.items():
            if name in block:
                half = len(block[name]) // 2
                for piece in (block[name][:half], block[name][half:]):
                    events.append({"type": "content_block_delta", "index": index, "delta": {"type": kind, name: piece}})
        if "input" in block:
            text = json.dumps(block["input"])
            for piece in ("", text[:3], text[3:]):
                delta = {"type": "input_json_delta", "partial_json": piece}
                events.append({"type": "content_block_delta", "index": index, "delta": delta})
        events.append({"type": "content_block_stop", "index": index})
    if cut:
        return events
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    return events + [{"type": "message_delta", "delta": delta, "usage": {"output_tokens": USAGE["output_tokens"]}},
                     {"type": "message_stop"}]


def answer(seen):
    """Scripted by the first words of the last user's text."""
    if seen.line.split()[1].partition(b"?")[0] != b"/v1/messages" or seen.field(b"x-api-key") != PROVIDER_KEY.encode():
        return response(b'{"type":"error","error":{"type":"authentication_error","message":"no"}}', status="401 Unauthorized")
    body = json.loads(seen.body)
    last = body["messages"][-1]["content"]
    asked = next((block["text"] for block in last if block["type"] == "text"), "") if isinstance(last, list) else last
    whole = message([{"type": "text", "text": TEXT}])
    if asked == "overloaded":
        error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"}
        return response(json.dumps(error).encode(), status="529 Overloaded")
    if asked == "too long":
        error = {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"}}
        return response(json.dumps(error).encode(), status="400 Bad Request")
    if asked == "call":
        calls = [{"type": "tool_use", "id": f"toolu_{city}", "name": "get_weather", "input": {"city": city}} for city in ("Rome", "Oslo")]
        thought = {"type": "thinking", "thinking": "Two cities.", "signature": "c2ln+/="}
        whole = message([thought, {"type": "text", "text": "I look."}, *calls], "tool_use")
    if not body.get("stream"):
        return response(json.dumps(whole).encode(), extra=b"request-id: req_1\r\n")
    return response(sse(events_of(whole, cut=asked == "cut")), "text/event-stream")
