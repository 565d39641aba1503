"""A provider that records what reaches it, byte for byte, and answers what it is told to."""

import socket
import threading


class Seen:
    """One request as it arrived."""

    def __init__(self, head, body):
        self.line, _, fields = head.partition(b"\r\n")
        self.fields = [tuple(part.strip() for part in line.split(b":", 1)) for line in fields.split(b"\r\n") if line]
        self.body = body

    def field(self, name):
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)


class Upstream:
    """Listens on a port of its own; one thread a connection. `answer(seen)` gives the bytes of the response, at once or
    piece by piece; after them the connection stays open."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        self.connections = 0  # ever
        self.open = 0  # now
        self.cut = 0  # answers whose reader left before their end
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a piece does not wait for the last one's receipt
            self.connections += 1
            self.open += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            try:
                while head := self._head(stream):
                    seen = Seen(head, self._body(stream, head))
                    self.requests.append(seen)
                    self._send(connection, self.answer(seen))
            except OSError:
                pass
        self.open -= 1

    def _send(self, connection, answer):
        try:
            for piece in [answer] if isinstance(answer, bytes) else answer:
                connection.sendall(piece)
        except OSError:
            self.cut += 1
            raise

    @staticmethod
    def _head(stream):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return b""
            head += line
        return head[:-4]

    @staticmethod
    def _body(stream, head):
        fields = Seen(head, b"")
        if (fields.field(b"transfer-encoding") or b"").lower() == b"chunked":
            body = b""
            while size := int(stream.readline().split(b";")[0], 16):
                body += stream.read(size)
                stream.readline()
            stream.readline()
            return body
        return stream.read(int(fields.field(b"content-length") or 0))


def response(body, content_type="application/json", status="200 OK", extra=b""):
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n".encode()
    return head + extra + b"\r\n" + body
