"""The official SDKs for Python, unmodified, each behind the same question and answer."""

import base64
import json
from dataclasses import dataclass, field

import anthropic
import openai
from google import genai
from google.genai import errors, types

from scripted.exchange import Call, Media, Result, Text, Thought, Usage


@dataclass
class Tool:
    name: str
    description: str
    schema: dict


@dataclass
class Spoken:
    """A turn of the assistant's as the SDK gave it."""

    turn: object


@dataclass
class Question:
    turns: list  # Turn of the user's, Spoken
    system: str = ""
    tools: list = field(default_factory=list)
    choice: str = "auto"
    schema: dict | None = None
    thinks: bool = False
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: list = field(default_factory=list)


@dataclass
class Said:
    text: str = ""
    refused: bool = False
    calls: list = field(default_factory=list)
    thoughts: list = field(default_factory=list)
    finish: str = ""  # stop, calls, length, refusal
    usage: Usage | None = None
    turn: object = None
    cited: list = field(default_factory=list)  # (address, title) of pages


class Failed(Exception):
    def __init__(self, status, kind, message, body=None):
        super().__init__(f"{status} {kind}: {message}")
        self.status, self.kind, self.message, self.body = status, kind, message, body


def given(**members):
    return {name: value for name, value in members.items() if value not in (None, [], "", {})}


def encoded(media):
    return base64.b64encode(media.data).decode()


def url(media):
    return f"data:{media.type};base64,{encoded(media)}"


class Chat:
    """openai's chat completions. With `forgetful`, the history keeps only what every client keeps."""

    form, path = "chat", "/v1/chat/completions"

    def __init__(self, base_url, key, forgetful=False):
        self.sdk = openai.OpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0, timeout=20)
        self.forgetful = forgetful

    def messages(self, question):
        if question.system:
            yield {"role": "system", "content": question.system}
        for turn in question.turns:
            if isinstance(turn, Spoken):
                yield turn.turn
                continue
            if turn.role == "assistant":
                calls = [{"id": call.id, "type": "function", "function": {"name": call.name, "arguments": json.dumps(call.arguments)}} for call in turn.of(Call)]
                yield {"role": "assistant", "content": turn.texts(), **({"tool_calls": calls} if calls else {})}
                continue
            for result in turn.of(Result):
                yield {"role": "tool", "tool_call_id": result.call, "content": result.text}
            parts = [part for block in turn.blocks for part in self.part(block)]
            if parts:
                yield {"role": "user", "content": parts[0]["text"] if len(parts) == 1 else parts}

    @staticmethod
    def part(block):
        if isinstance(block, Text):
            yield {"type": "text", "text": block.text}
        if isinstance(block, Media) and block.type.startswith("image/"):
            yield {"type": "image_url", "image_url": {"url": url(block)}}
        elif isinstance(block, Media):
            yield {"type": "file", "file": {"filename": "report.pdf", "file_data": url(block)}}

    def asked(self, model, question):
        function = [{"name": tool.name, "description": tool.description, "parameters": tool.schema, "strict": True} for tool in question.tools]
        named = question.choice not in ("auto", "none", "required")
        choice = {"type": "function", "function": {"name": question.choice}} if named else question.choice
        form = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": question.schema}} if question.schema else None
        return given(
            model=model, messages=list(self.messages(question)), tools=[{"type": "function", "function": each} for each in function],
            tool_choice=None if question.choice == "auto" else choice, response_format=form, reasoning_effort="low" if question.thinks else None,
            max_completion_tokens=question.max_tokens, temperature=question.temperature, top_p=question.top_p, stop=question.stop,
        )  # fmt: skip

    def ask(self, model, question, streamed):
        asked = self.asked(model, question)
        try:
            if not streamed:
                return self.said(self.sdk.chat.completions.create(**asked))
            with self.sdk.chat.completions.stream(stream_options={"include_usage": True}, **asked) as stream:
                for _ in stream:
                    pass
                return self.said(stream.get_final_completion())
        except openai.LengthFinishReasonError as error:  # what .stream() makes of these two
            return self.said(error.completion)
        except openai.ContentFilterFinishReasonError:
            return Said(refused=True, finish="refusal")
        except openai.APIStatusError as error:
            raise Failed(error.status_code, error.type, error.message, error.body) from None
        except openai.APIError as error:
            raise Failed(0, error.type, error.message, error.body) from None

    def said(self, completion):
        choice, count = completion.choices[0], completion.usage
        message = choice.message.model_dump(exclude_none=True)
        message.pop("parsed", None)
        for call in message.get("tool_calls", []):
            call["function"].pop("parsed_arguments", None)
            call.pop("index", None)
        details = count.prompt_tokens_details.model_dump() if count.prompt_tokens_details else {}
        read, write = details.get("cached_tokens") or 0, details.get("cache_write_tokens") or 0
        blocks = message.get("thinking_blocks", [])
        thoughts = [Thought(block.get("thinking", ""), block.get("signature", block.get("data", ""))) for block in blocks]
        finish = {"tool_calls": "calls", "content_filter": "refusal"}.get(choice.finish_reason, choice.finish_reason)
        said = Said(
            message.get("content") or "", bool(message.get("refusal")) or finish == "refusal",
            [Call(each["function"]["name"], json.loads(each["function"]["arguments"]), each["id"]) for each in message.get("tool_calls", [])],
            thoughts or ([Thought(message["reasoning_content"])] if message.get("reasoning_content") else []), finish,
            Usage(count.prompt_tokens - read - write, read, write, count.completion_tokens),
        )  # fmt: skip
        if self.forgetful:
            message = given(role="assistant", content=message.get("content"), tool_calls=[
                {"id": each["id"], "type": "function", "function": {name: each["function"][name] for name in ("name", "arguments")}}
                for each in message.get("tool_calls", [])])  # fmt: skip
        said.turn = Spoken(message)
        said.cited = [(each["url_citation"]["url"], each["url_citation"]["title"]) for each in message.get("annotations") or []]
        return said


class Responses:
    """openai's Responses, without a store: what was thought comes encrypted."""

    form, path = "responses", "/v1/responses"

    def __init__(self, base_url, key):
        self.sdk = openai.OpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0, timeout=20)

    def items(self, question):
        for turn in question.turns:
            if isinstance(turn, Spoken):
                yield from turn.turn
                continue
            if turn.role == "assistant":
                if turn.texts():
                    yield {"role": "assistant", "content": turn.texts()}
                yield from ({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": json.dumps(call.arguments)} for call in turn.of(Call))
                continue
            for result in turn.of(Result):
                parts = [part for block in [Text(result.text), *result.media] for part in self.part(block)]
                yield {"type": "function_call_output", "call_id": result.call, "output": parts if result.media else result.text}
            parts = [part for block in turn.blocks for part in self.part(block)]
            if parts:
                yield {"role": "user", "content": parts}

    @staticmethod
    def part(block):
        if isinstance(block, Text):
            yield {"type": "input_text", "text": block.text}
        if isinstance(block, Media) and block.type.startswith("image/"):
            yield {"type": "input_image", "image_url": url(block), "detail": "auto"}
        elif isinstance(block, Media):
            yield {"type": "input_file", "filename": "report.pdf", "file_data": url(block)}

    def asked(self, model, question):
        tools = [{"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.schema, "strict": True} for tool in question.tools]
        named = question.choice not in ("auto", "none", "required")
        form = {"type": "json_schema", "name": "answer", "strict": True, "schema": question.schema} if question.schema else None
        return {"store": False, **given(
            model=model, input=list(self.items(question)), instructions=question.system, tools=tools,
            tool_choice={"type": "function", "name": question.choice} if named else None if question.choice == "auto" else question.choice,
            text={"format": form} if form else None, reasoning={"effort": "low", "summary": "auto"} if question.thinks else None,
            include=["reasoning.encrypted_content"] if question.thinks else None,
            max_output_tokens=question.max_tokens, temperature=question.temperature, top_p=question.top_p,
        )}  # fmt: skip

    def ask(self, model, question, streamed):
        asked = self.asked(model, question)
        try:
            if not streamed:
                return self.said(self.sdk.responses.create(**asked))
            last = None
            with self.sdk.responses.stream(**asked) as stream:
                for event in stream:
                    last = getattr(event, "response", last) if event.type in ("response.completed", "response.incomplete", "response.failed") else last
            if last is None:
                raise Failed(0, "none", "the stream had no end")
            return self.said(last)
        except openai.APIStatusError as error:
            raise Failed(error.status_code, error.type, error.message, error.body) from None
        except openai.APIError as error:
            raise Failed(0, error.type, error.message, error.body) from None

    def said(self, response):
        if response.status == "failed":
            raise Failed(0, response.error.code, response.error.message)
        said, count = Said(), response.usage
        for item in response.output:
            if item.type == "message":
                said.text += "".join(part.text for part in item.content if part.type == "output_text")
                said.refused |= any(part.type == "refusal" for part in item.content)
                said.cited += [(each.url, each.title) for part in item.content if part.type == "output_text" for each in part.annotations]
            elif item.type == "function_call":
                said.calls.append(Call(item.name, json.loads(item.arguments), item.call_id))
            else:
                said.thoughts.append(Thought("".join(part.text for part in item.summary), item.encrypted_content or ""))
        assert said.text == response.output_text
        reason = response.incomplete_details.reason if response.status == "incomplete" else ""
        said.refused |= reason == "content_filter"
        said.finish = "refusal" if said.refused else "length" if reason else "calls" if said.calls else "stop"
        read, write = count.input_tokens_details.cached_tokens, count.input_tokens_details.cache_write_tokens or 0
        said.usage = Usage(count.input_tokens - read - write, read, write, count.output_tokens)
        strange = {"parsed", "parsed_arguments"}
        dump = [item.model_dump(exclude_none=True) for item in response.output]
        said.turn = Spoken([{**{name: value for name, value in item.items() if name not in strange},
                             **({"content": [{name: value for name, value in part.items() if name not in strange} for part in item["content"]]} if item["type"] == "message" else {})}
                            for item in dump])  # fmt: skip
        return said


class Messages:
    """anthropic's Messages."""

    form, path = "messages", "/v1/messages"

    def __init__(self, base_url, key):
        self.sdk = anthropic.Anthropic(base_url=base_url, api_key=key, max_retries=0, timeout=20)

    def messages(self, question):
        for turn in question.turns:
            if isinstance(turn, Spoken):
                yield {"role": "assistant", "content": turn.turn}
            else:
                yield {"role": turn.role, "content": [self.block(block) for block in turn.blocks]}

    @staticmethod
    def block(block):
        if isinstance(block, Text):
            return {"type": "text", "text": block.text}
        if isinstance(block, Call):
            return {"type": "tool_use", "id": block.id, "name": block.name, "input": block.arguments}
        if isinstance(block, Result):
            content = [Messages.block(each) for each in [Text(block.text), *block.media]] if block.media else block.text
            return {"type": "tool_result", "tool_use_id": block.call, "content": content, **({"is_error": True} if block.failed else {})}
        kind = "image" if block.type.startswith("image/") else "document"
        return {"type": kind, "source": {"type": "base64", "media_type": block.type, "data": encoded(block)}}

    def asked(self, model, question):
        tools = [{"name": tool.name, "description": tool.description, "input_schema": tool.schema} for tool in question.tools]
        choices = {"auto": None, "none": {"type": "none"}, "required": {"type": "any"}}
        return given(
            model=model, messages=list(self.messages(question)), max_tokens=question.max_tokens or 4000, tools=tools, system=question.system,
            tool_choice=choices.get(question.choice, {"type": "tool", "name": question.choice}),
            output_config={"format": {"type": "json_schema", "schema": question.schema}} if question.schema else None,
            thinking={"type": "enabled", "budget_tokens": 2000} if question.thinks else None,
            extra_body=given(temperature=question.temperature, top_p=question.top_p), stop_sequences=question.stop,
        )  # fmt: skip

    def ask(self, model, question, streamed):
        asked = self.asked(model, question)
        try:
            if not streamed:
                return self.said(self.sdk.messages.create(**asked))
            with self.sdk.messages.stream(**asked) as stream:
                text = "".join(stream.text_stream)
                said = self.said(stream.get_final_message())
            assert text == said.text
            return said
        except anthropic.APIStatusError as error:
            body = error.body if isinstance(error.body, dict) else {}
            detail = body.get("error", {})
            raise Failed(error.status_code, detail.get("type"), detail.get("message", error.message), body) from None
        except anthropic.APIError as error:
            raise Failed(0, "", error.message, error.body) from None

    def said(self, message):
        said, count = Said(), message.usage
        for block in message.content:
            if block.type == "text":
                said.text += block.text
                said.cited += [(each.url, each.title) for each in block.citations or []]
            elif block.type == "tool_use":
                said.calls.append(Call(block.name, block.input, block.id))
            else:
                said.thoughts.append(Thought(getattr(block, "thinking", ""), getattr(block, "signature", "") or getattr(block, "data", "")))
        said.finish = {"end_turn": "stop", "tool_use": "calls", "max_tokens": "length"}.get(message.stop_reason, message.stop_reason)
        said.refused = said.finish == "refusal"
        said.usage = Usage(count.input_tokens, count.cache_read_input_tokens or 0, count.cache_creation_input_tokens or 0, count.output_tokens)
        said.turn = Spoken([block.model_dump(exclude_none=True) for block in message.content])
        return said


class Gemini:
    """google-genai's generate_content. A stream's history has a content a chunk, as the SDK's own chats keep it."""

    form, path = "gemini", "/v1beta/models/{model}:generateContent"
    refusals = {"SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "RECITATION", "SPII"}

    def __init__(self, base_url, key):
        self.sdk = genai.Client(api_key=key, vertexai=False, http_options=types.HttpOptions(base_url=base_url, timeout=20000))

    def contents(self, question, names):
        for turn in question.turns:
            if isinstance(turn, Spoken):
                yield from turn.turn
                continue
            for kinds in (Result, (Text, Call, Media)):  # results stand alone
                parts = [self.part(block, names) for block in turn.blocks if isinstance(block, kinds)]
                if parts:
                    yield types.Content(role="model" if turn.role == "assistant" else "user", parts=parts)

    @staticmethod
    def part(block, names):
        if isinstance(block, Text):
            return types.Part(text=block.text)
        if isinstance(block, Call):
            return types.Part(function_call=types.FunctionCall(id=block.id or None, name=block.name, args=block.arguments))
        if isinstance(block, Media):
            return types.Part.from_bytes(data=block.data, mime_type=block.type)
        answer = {"error" if block.failed else "output": block.text}
        media = [types.FunctionResponsePart(inline_data=types.FunctionResponseBlob(mime_type=each.type, data=each.data)) for each in block.media]
        return types.Part(function_response=types.FunctionResponse(id=block.call or None, name=names[block.call], response=answer, parts=media or None))

    def asked(self, model, question):
        functions = [types.FunctionDeclaration(name=tool.name, description=tool.description, parameters_json_schema=tool.schema) for tool in question.tools]
        modes = {"auto": "AUTO", "none": "NONE"}
        calling = types.FunctionCallingConfig(
            mode=modes.get(question.choice, "ANY"),
            allowed_function_names=None if question.choice in ("auto", "none", "required") else [question.choice])  # fmt: skip
        config = types.GenerateContentConfig(
            system_instruction=question.system or None, tools=[types.Tool(function_declarations=functions)] if functions else None,
            tool_config=types.ToolConfig(function_calling_config=calling) if question.choice != "auto" else None,
            response_mime_type="application/json" if question.schema else None, response_json_schema=question.schema,
            thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_level="LOW") if question.thinks else None,
            max_output_tokens=question.max_tokens, temperature=question.temperature, top_p=question.top_p, stop_sequences=question.stop or None,
        )  # fmt: skip
        spoken = [part for turn in question.turns if isinstance(turn, Spoken) for content in turn.turn for part in content.parts or []]
        calls = [part.function_call for part in spoken if part.function_call]
        calls += [call for turn in question.turns if not isinstance(turn, Spoken) for call in turn.of(Call)]
        return {"model": model, "contents": list(self.contents(question, {call.id or "": call.name for call in calls})), "config": config}

    def ask(self, model, question, streamed):
        asked = self.asked(model, question)
        try:
            if not streamed:
                return self.said([self.sdk.models.generate_content(**asked)])
            return self.said(list(self.sdk.models.generate_content_stream(**asked)))
        except errors.APIError as error:
            body = error.details if isinstance(error.details, dict) else {}
            raise Failed(error.code, error.status, error.message, body) from None

    def said(self, chunks):
        said, last = Said(turn=Spoken([])), chunks[-1]
        sign = None
        for chunk in chunks:
            said.refused |= bool(chunk.prompt_feedback and chunk.prompt_feedback.block_reason)
            candidate = (chunk.candidates or [None])[0]
            if candidate and candidate.content and candidate.content.parts:
                said.turn.turn.append(candidate.content)
                for part in candidate.content.parts:
                    sign = part.thought_signature or sign
                    if part.function_call:
                        said.calls.append(Call(part.function_call.name, part.function_call.args or {}, part.function_call.id or ""))
                    elif part.thought:
                        said.thoughts.append(Thought(part.text or ""))
                    elif part.text:
                        said.text += part.text
            if candidate and candidate.grounding_metadata:
                said.cited += [(each.web.uri, each.web.title) for each in candidate.grounding_metadata.grounding_chunks or []]
            if candidate and candidate.finish_reason:
                said.finish = {"STOP": "stop", "MAX_TOKENS": "length"}.get(candidate.finish_reason.value, candidate.finish_reason.value)
        if sign:
            said.thoughts = said.thoughts or [Thought("")]
            said.thoughts[-1].signature = base64.b64encode(sign).decode()
        if said.refused or said.finish in self.refusals:
            said.refused, said.finish = True, "refusal"
        elif said.calls and said.finish == "stop":
            said.finish = "calls"
        if not said.finish:
            raise Failed(0, "none", "the stream had no end")
        count = last.usage_metadata
        read = count.cached_content_token_count or 0
        said.usage = Usage(count.prompt_token_count - read, read, 0, (count.candidates_token_count or 0) + (count.thoughts_token_count or 0))
        return said


CLIENTS = {each.form: each for each in (Chat, Responses, Messages, Gemini)}
