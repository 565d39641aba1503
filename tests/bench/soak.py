#!/usr/bin/env python3
"""Three crowds that must not hurt the gateway nor its other clients, one after the other:

  streams  1,000 event streams at once for a minute
  silent   10,000 connections that send one byte and wait, beside a normal client
  slow     clients that read one byte a second of a stream without end, beside a normal client

Prints what the others felt and the gateway's memory over time. Exit 1 if someone was harmed or memory passed a bound.
"""

import argparse
import json
import os
import pathlib
import select
import socket
import statistics
import sys
import threading
import time

import peers


class MemoryLog(threading.Thread):
    """RSS in MB every half second."""

    def __init__(self, peer):
        super().__init__(daemon=True)
        self.peer, self.samples, self.stopped = peer, [], threading.Event()
        self.start()

    def run(self):
        begin = time.monotonic()
        while not self.stopped.is_set() and self.peer.alive():
            self.samples.append((time.monotonic() - begin, self.peer.memory_kb()[0] / 1024))
            self.stopped.wait(0.5)

    def end(self):
        self.stopped.set()
        self.join()
        values = [value for _, value in self.samples]
        step = max(1, len(values) // 10)
        return {"first": values[0], "max": max(values), "last": values[-1], "course": values[::step]}


class Report:
    def __init__(self):
        self.lines, self.broken = {}, []

    def part(self, name, figures):
        self.lines[name] = figures
        print(f"{name}:", file=sys.stderr)
        for key, value in figures.items():
            if key == "course":
                value = " ".join(f"{v:.0f}" for v in value)
            print(f"  {key}: {value if isinstance(value, (str, int)) else json.dumps(value)}", file=sys.stderr)

    def require(self, good, message):
        if not good:
            self.broken.append(message)


def memory_figures(log):
    return {"rss_mb": {k: round(log[k], 1) for k in ("first", "max", "last")}, "course": log["course"]}


def many_streams(load, peer, upstream, seconds, report):
    log, cpu = MemoryLog(peer), peer.cpu_ns()
    result = load.run("streams", peer.stream_port, streams=1000, interval_us=100000, events=seconds * 10)
    time.sleep(1)
    memory = log.end()
    share = (peer.cpu_ns() - cpu) / 1e9 / result["seconds"]
    report.part("1,000 streams", {**result, "gateway_cpu_share": round(share, 3),
                                  "upstream": upstream.stats(), **memory_figures(memory)})
    report.require(result["failed"] == 0, f"{result['failed']} of 1,000 streams failed")
    grown = memory["max"] - memory["first"]
    report.require(grown < 100, f"1,000 streams took {grown:.0f} MB")


def normal_client(load, peer, seconds):
    return load.start("rate", peer.port, rate=500, seconds=seconds, connections=16)


class Silent:
    """Connections that send the first byte of a request and then nothing. Notes when the gateway closes them."""

    def __init__(self, port, count):
        self.opened, self.refused, self.closed_after, self.answers = {}, 0, [], {}
        self.poll = select.epoll()
        for _ in range(count):
            try:
                connection = socket.create_connection(("127.0.0.1", port), 5)
                connection.sendall(b"P")
            except OSError:
                self.refused += 1
                continue
            connection.setblocking(False)
            self.opened[connection.fileno()] = (connection, time.monotonic())
            self.poll.register(connection, select.EPOLLIN | select.EPOLLRDHUP)

    def watch(self, until):
        while (left := until - time.monotonic()) > 0:
            for descriptor, _ in self.poll.poll(min(left, 1)):
                connection, since = self.opened[descriptor]
                try:
                    piece = connection.recv(4096)
                except OSError:
                    piece = b""
                if piece:
                    status = piece.split(b"\r\n")[0].decode(errors="replace")
                    self.answers[status] = self.answers.get(status, 0) + 1
                    continue
                self.closed_after.append(time.monotonic() - since)
                self.poll.unregister(descriptor)
                connection.close()
                del self.opened[descriptor]

    def end(self):
        for connection, _ in self.opened.values():
            connection.close()


def silent_crowd(load, peer, count, seconds, report):
    before = load.finish(normal_client(load, peer, 5))
    log = MemoryLog(peer)
    client = normal_client(load, peer, seconds)
    begin = time.monotonic()
    crowd = Silent(peer.port, count)
    opening = time.monotonic() - begin
    crowd.watch(begin + seconds)
    held = len(crowd.opened)
    during = load.finish(client)
    crowd.end()
    memory = log.end()
    closed = crowd.closed_after
    report.part(f"{count} silent connections", {
        "opened": count - crowd.refused, "refused": crowd.refused, "opened_in_s": round(opening, 1),
        "closed_by_gateway": len(closed), "still_open": held, "answers": crowd.answers,
        "closed_after_s": [round(f(closed), 1) for f in (min, statistics.median, max)] if closed else [],
        "client_alone": before, "client_beside": during, **memory_figures(memory)})
    report.require(held == 0 and max(closed, default=0) < 12, "silent connections outlived the 10 s that a head may take")
    report.require(during["failed"] == 0, f"{during['failed']} requests failed beside the silent crowd")
    report.require(during["latency_us"]["p50"] < 10_000, "the normal client's median passed 10 ms")
    report.require(memory["max"] - memory["first"] < 400, "the silent crowd took more than 400 MB")


def slow_request(port, events):
    body = json.dumps({"messages": [{"role": "user", "content": "Tell a long story."}], "model": "auto", "stream": True,
                       "user": f"bench events={events} interval_us=0 event_bytes=2000"}, separators=(",", ":")).encode()
    return (f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {peers.KEY}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


def slow_crowd(load, peer, upstream, count, seconds, report):
    before = load.finish(normal_client(load, peer, 5))
    log = MemoryLog(peer)
    readers, ended = [], {}
    for _ in range(count):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("127.0.0.1", peer.stream_port))
        reader.sendall(slow_request(peer.port, 1_000_000))  # 2 GB, if someone took it
        reader.setblocking(False)
        readers.append(reader)
    time.sleep(2)  # until the sockets' buffers are full: from here on nothing moves but one byte a second
    client = normal_client(load, peer, seconds)
    begin, taken = time.monotonic(), 0
    while time.monotonic() < begin + seconds:
        time.sleep(1)
        for reader in readers:
            if reader in ended:
                continue
            try:
                taken += len(piece := reader.recv(1))
                if not piece:
                    ended[reader] = round(time.monotonic() - begin, 1)
            except BlockingIOError:
                pass
            except OSError:
                ended[reader] = round(time.monotonic() - begin, 1)
    during, memory = load.finish(client), log.end()
    open_before = upstream.stats()
    for reader in readers:
        reader.close()
    time.sleep(2)
    after = upstream.stats()
    report.part(f"{count} readers of one byte a second", {
        "bytes_read": taken, "cut_by_gateway_after_s": sorted(ended.values()), "client_alone": before,
        "client_beside": during, "upstream_before_they_left": open_before, "upstream_2_s_after": after,
        **memory_figures(memory)})
    grown = memory["max"] - memory["first"]
    report.require(during["failed"] == 0, f"{during['failed']} requests failed beside the slow readers")
    report.require(grown < 10 + count, f"{count} slow readers took {grown:.0f} MB")
    report.require(after["aborted"] >= count, "streams of slow readers that left were not cancelled within 2 s")


def main():
    build = peers.ROOT / "build" / "bench"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="under a minute in all")
    parser.add_argument("--bin", type=pathlib.Path, default=build / "tests" / "bench", help="folder of bench_load")
    parser.add_argument("--triage", type=pathlib.Path, default=build / "src" / "app" / "triage")
    parser.add_argument("--nginx", action="store_true", help="soak nginx instead, for comparison")
    parser.add_argument("--only", choices=["streams", "silent", "slow"])
    parser.add_argument("--json", action="store_true", help="all figures as JSON on stdout")
    parser.add_argument("--realtime", action="store_true", help="SCHED_RR for all programs, on a busy machine (root)")
    arguments = parser.parse_args()
    peers.REALTIME = arguments.realtime
    if peers.raise_descriptor_limit() < 11000:
        peers.die("10,000 connections need a hard descriptor limit of 11,000: ulimit -Hn")
    report, quick = Report(), arguments.quick
    with peers.Workplace() as place:
        load = peers.Load(arguments.bin)
        upstream = place.add(peers.Upstream(arguments.bin))
        peer = place.add(peers.Nginx(place.folder, upstream.port) if arguments.nginx else
                         peers.Triage(place.folder, upstream.port, arguments.triage))
        os.sched_setaffinity(0, {peers.LOAD_CORE})
        if arguments.only in (None, "streams"):
            many_streams(load, peer, upstream, 8 if quick else 60, report)
        if arguments.only in (None, "silent"):
            silent_crowd(load, peer, 10000, 16 if quick else 40, report)
        if arguments.only in (None, "slow"):
            slow_crowd(load, peer, upstream, 20, 8 if quick else 60, report)
        report.require(peer.alive(), "the gateway ended")
    if arguments.json:
        print(json.dumps({"machine": peers.machine(), "parts": report.lines, "broken": report.broken}, indent=1))
    for message in report.broken:
        print(f"harmed: {message}", file=sys.stderr)
    print("soak: " + ("ok" if not report.broken else f"{len(report.broken)} harmed"), file=sys.stderr)
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
