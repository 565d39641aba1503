"""A provider of OpenAI's realtime API and of its responses over WebSockets. It records what reaches it; events of type
`test.*` make it misbehave."""

import http
import json
import socket
import threading

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response
from websockets.sync.server import serve

REALTIME_USAGE = {
    "total_tokens": 253,
    "input_tokens": 132,
    "output_tokens": 121,
    "input_token_details": {
        "text_tokens": 119,
        "audio_tokens": 13,
        "image_tokens": 0,
        "cached_tokens": 64,
        "cached_tokens_details": {"text_tokens": 60, "audio_tokens": 4, "image_tokens": 0},
    },
    "output_token_details": {"text_tokens": 30, "audio_tokens": 91},
}
RESPONSE_USAGE = {
    "input_tokens": 36,
    "input_tokens_details": {"cached_tokens": 10},
    "output_tokens": 87,
    "output_tokens_details": {"reasoning_tokens": 20},
    "total_tokens": 123,
}


class Session:
    """One connection as the provider saw it."""

    def __init__(self, request):
        self.path = request.path
        self.headers = list(request.headers.raw_items())
        self.events = []
        self.closed = None  # (code, reason), once it has ended
        self.done = threading.Event()
        self.latency = None

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def all(self):
        """Everything that the client's request said, as one text."""
        return self.path + "\n" + "\n".join(f"{name}: {value}" for name, value in self.headers) + json.dumps(self.events)


class RealtimeProvider:
    def __init__(self, subprotocols=("realtime",), ssl=None):
        self.sessions = []
        self.refusal = None  # (status, headers, body) for every handshake from now on
        self.server = serve(
            self._handle,
            "127.0.0.1",
            0,
            process_request=self._request,
            select_subprotocol=lambda connection, offered: next((each for each in offered if each in subprotocols), None),
            max_size=None,
            ping_interval=None,
            ssl=ssl,
        )
        self.port = self.server.socket.getsockname()[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()

    def _request(self, connection, request):
        connection.session = Session(request)
        self.sessions.append(connection.session)
        if self.refusal:
            status, headers, body = self.refusal
            connection.session.done.set()
            fields = Headers({**headers, "Content-Length": str(len(body)), "Connection": "close"})
            return Response(status, http.HTTPStatus(status).phrase, fields, body)
        return None

    def _handle(self, connection):
        session = connection.session
        realtime = session.path.startswith("/v1/realtime")
        send = lambda event: connection.send(json.dumps(event))
        try:
            if realtime:
                send({"type": "session.created", "event_id": "event_1", "session": {"type": "realtime", "id": "sess_1", "object": "realtime.session"}})
            for message in connection:
                event = json.loads(message)
                session.events.append(event)
                self._answer(connection, session, realtime, event, send)
        except ConnectionClosed:
            pass
        except OSError:
            pass
        finally:
            if connection.protocol.close_rcvd:
                session.closed = (connection.protocol.close_rcvd.code, connection.protocol.close_rcvd.reason)
            session.done.set()

    def _answer(self, connection, session, realtime, event, send):
        kind = event["type"]
        if kind == "session.update":
            send({"type": "session.updated", "event_id": "event_2", "session": {**event["session"], "object": "realtime.session"}})
        elif kind == "response.create" and realtime:
            self._speak(event, send)
        elif kind == "response.create":
            self._respond(event, send)
        elif kind == "test.close":
            connection.close(event["code"], event.get("reason", ""))
        elif kind == "test.cut":
            connection.socket.shutdown(socket.SHUT_RDWR)
        elif kind == "test.size":
            send({"type": "test.filler", "filler": "x" * event["size"]})
        elif kind == "test.binary":
            connection.send(bytes(range(256)))
        elif kind == "test.ping":
            pong = connection.ping(b"from the provider")
            session.latency = pong.wait(5)
            send({"type": "test.pong", "came": session.latency})
        elif kind == "test.begin":
            send({"type": "response.created", "event_id": "event_9", "response": {"id": "resp_9", "status": "in_progress"}})
        elif kind == "test.end":
            send({"type": "response.done", "event_id": "event_10", "response": {"id": "resp_9", "status": "completed", "usage": REALTIME_USAGE}})
        elif kind == "test.transcribed":
            send({"type": "conversation.item.input_audio_transcription.completed", "event_id": "event_11", "item_id": "item_1",
                  "content_index": 0, "transcript": "hello", "usage": {"type": "duration", "seconds": 2}})  # fmt: skip

    @staticmethod
    def _speak(event, send):
        response = {"id": "resp_1", "object": "realtime.response", "status": "in_progress", "output": [], "usage": None}
        send({"type": "response.created", "event_id": "event_3", "response": response})
        for delta in ("Zwölf ", "Boxkämpfer 🥊"):
            send({"type": "response.output_text.delta", "event_id": "event_4", "response_id": "resp_1", "item_id": "item_1",
                  "output_index": 0, "content_index": 0, "delta": delta})  # fmt: skip
        send({"type": "response.done", "event_id": "event_5", "response": {**response, "status": "completed", "usage": REALTIME_USAGE}})

    @staticmethod
    def _respond(event, send):
        response = {"id": "resp_2", "object": "response", "created_at": 1764000000, "status": "in_progress", "model": event["model"], "output": [],
                    "parallel_tool_calls": True, "tool_choice": "auto", "tools": []}  # fmt: skip
        send({"type": "response.created", "sequence_number": 0, "response": response})
        send({"type": "response.output_text.delta", "sequence_number": 1, "item_id": "msg_1", "output_index": 0, "content_index": 0,
              "delta": "Zwölf Boxkämpfer 🥊", "logprobs": []})  # fmt: skip
        send({"type": "response.completed", "sequence_number": 2, "response": {**response, "status": "completed", "usage": RESPONSE_USAGE}})
