"""Requests as fast as Python sends them: threads, each with a connection that stays open, no HTTP library."""

import json
import re
import socket
import threading
import time

from gateway import KEY


def more(connection):
    piece = connection.recv(65536)
    if not piece:
        raise OSError("closed by the gateway")
    return piece


def ask(connection, body, path="/v1/chat/completions"):
    """The answer to a POST: its head and body as one text."""
    body = json.dumps(body)
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall((head + body).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += more(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    while len(body) < int(length[1]) if length else not body.endswith(b"\r\n0\r\n\r\n"):
        body += more(connection)
    return (head + b"\r\n\r\n" + body).decode()


class Load:
    """`count` calls of make(connection, number), by so many threads. `problems`: what they raised or returned."""

    def __init__(self, port, count, threads, make):
        self.port, self.count, self.make = port, count, make
        self.lock, self.taken = threading.Lock(), 0
        self.problems, self.seconds = [], []
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def join(self, seconds):
        until = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, until - time.monotonic()))
        assert not self.running(), f"{self.taken} of {self.count} requests after {seconds} s"

    def running(self):
        return any(thread.is_alive() for thread in self.threads)

    def quantile(self, share):
        """In milliseconds."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(len(self.seconds) * share))] * 1000

    def _take(self):
        with self.lock:
            self.taken += 1
            return self.taken

    def _run(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 60) as connection:
                while (number := self._take()) <= self.count:
                    started = time.monotonic()
                    problem = self.make(connection, number)
                    self.seconds.append(time.monotonic() - started)
                    if problem:
                        self.problems.append(problem)
        except OSError as failure:
            self.problems.append(f"connection: {failure!r}")
