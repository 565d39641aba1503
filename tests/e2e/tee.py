"""A relay in front of the gateway that keeps what it answers, byte for byte."""

import socket
import threading


class Tee:
    def __init__(self, port):
        self.to = port
        self.kept = []  # what was answered on each connection since the last `forget()`
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def forget(self):
        for each in self.kept:
            each.clear()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            gateway = socket.create_connection(("127.0.0.1", self.to))
            for each in (client, gateway):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            kept = bytearray()
            self.kept.append(kept)
            threading.Thread(target=self._copy, args=(client, gateway, None), daemon=True).start()
            threading.Thread(target=self._copy, args=(gateway, client, kept), daemon=True).start()

    @staticmethod
    def _copy(source, target, kept):
        try:
            while piece := source.recv(65536):
                if kept is not None:
                    kept += piece
                target.sendall(piece)
        except OSError:
            pass
        for each in (source, target):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    def answers(self):
        """(status, headers, body) of each response since `forget()`; a body that was cut off is as long as it came."""
        return [answer for kept in self.kept for answer in responses(bytes(kept))]


def responses(data):
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body, data = chunked(data)
        else:
            size = int(headers.get("content-length", 0))
            body, data = data[:size], data[size:]
        yield int(line.split()[1]), headers, body


def chunked(data):
    body = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        size = int(size.split(b";")[0], 16)
        if size == 0:
            return body, data.partition(b"\r\n")[2]
        body, data = body + data[:size], data[size + 2 :]
    return body, b""
