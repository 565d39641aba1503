#!/usr/bin/env python3
"""Instructions a request, by valgrind's callgrind: what neighbours on the machine cannot disturb.

Each case is run twice, with few requests and with many; what the second executes more, divided by its further requests,
is what one costs. The event loop is told apart from all other threads. With --before, a second binary stands beside.
--cpu measures processor time instead, which neighbours disturb: for models, which valgrind makes slower than they are.
"""

import argparse
import dataclasses
import pathlib
import re
import shlex
import sys
import tempfile

import peers

QUIET = "log: {requests_per_second: 0}\n"
LEDGER = QUIET + "ledger: {dir: FOLDER/ledger}\n"
CASCADE = "    cascade: {verify: checks}\n" + QUIET
EVENTS = 30


@dataclasses.dataclass
class Case:
    name: str
    kind: type = peers.Triage
    more: str = QUIET
    size: int = 1400
    streamed: bool = False


CASES = [
    Case("1.4 KB"),
    Case("20 KB", size=20000),
    Case("1.4 KB, twenty rules", peers.RoutedTriage),
    Case("20 KB, twenty rules", peers.RoutedTriage, size=20000),
    Case("1.4 KB, classifier", peers.LearnedTriage),
    Case("1.4 KB, cascade with checks", more=CASCADE),
    Case("1.4 KB, cascade with checks, held", peers.HeldTriage),
    Case("20 KB, cascade with checks, held", peers.HeldTriage, size=20000),
    Case("1.4 KB, cascade with a model", peers.VerifiedTriage),
    Case("1.4 KB, ledger", more=LEDGER),
    Case("20 KB, ledger", more=LEDGER, size=20000),
    Case(f"stream of {EVENTS} events", streamed=True),
    Case(f"stream of {EVENTS} events, ledger", more=LEDGER, streamed=True),
    Case(f"stream of {EVENTS} events, cascade", more=CASCADE, streamed=True),
]


def run(binary, bin_dir, case, requests):
    """Instructions of each thread, by its number."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wrapper = folder / "triage"
        wrapper.write_text("#!/bin/sh\nexec valgrind -q --tool=callgrind --separate-threads=yes "
                           f"--callgrind-out-file={folder}/out {shlex.quote(str(binary))} \"$@\"\n")
        wrapper.chmod(0o755)
        upstream = peers.Upstream(bin_dir)
        gateway = case.kind(folder, upstream.port, wrapper, more=case.more.replace("FOLDER", name))
        load = peers.Load(bin_dir)
        if case.streamed:
            load.run("streams", gateway.port, streams=requests, events=EVENTS, interval_us=20000)
        else:
            load.run("saturate", gateway.port, requests=requests, connections=16, body_bytes=case.size)
        gateway.process.terminate()
        gateway.process.wait(120)
        upstream.end()
        totals = {path.name: re.search(r"^(?:totals|summary): (\d+)", path.read_text(), re.M) for path in folder.glob("out-*")}
        return {name: int(found[1]) for name, found in totals.items() if found}


def cost(binary, bin_dir, case):
    """(the event loop, all other threads), a request."""
    few, many = (40, 200) if case.streamed else (200, 1200)
    low, high = run(binary, bin_dir, case, few), run(binary, bin_dir, case, many)
    more = sorted(((total - low.get(name, 0)) / (many - few) for name, total in high.items()), reverse=True)
    return more[0], sum(more[1:])  # the event loop is the busiest thread


def cpu_us(binary, bin_dir, case):
    """Processor time of all threads, a request, in microseconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        upstream = peers.Upstream(bin_dir)
        gateway = case.kind(folder, upstream.port, binary, more=case.more.replace("FOLDER", name))
        load = peers.Load(bin_dir)

        def ask(requests):
            if case.streamed:
                load.run("streams", gateway.port, streams=requests, events=EVENTS, interval_us=20000)
            else:
                load.run("saturate", gateway.port, requests=requests, connections=16, body_bytes=case.size)

        few, many = (40, 400) if case.streamed else (500, 4000)
        ask(few)
        before = gateway.cpu_ns()
        ask(many)
        used = gateway.cpu_ns() - before
        gateway.end()
        upstream.end()
        return used / many / 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--triage", default=peers.ROOT / "build/release/src/app/triage", type=pathlib.Path)
    parser.add_argument("--before", type=pathlib.Path, help="another binary, to stand beside")
    parser.add_argument("--bin", default=peers.ROOT / "build/bench/tests/bench", type=pathlib.Path,
                        help="where bench_load and bench_upstream are")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--cpu", action="store_true", help="processor time instead, the least of three runs")
    arguments = parser.parse_args()
    for case in CASES:
        if arguments.only not in case.name:
            continue
        if arguments.cpu:
            print(f"{case.name:32s} {min(cpu_us(arguments.triage, arguments.bin, case) for _ in range(3)):6.1f} us", flush=True)
            continue
        loop, others = cost(arguments.triage, arguments.bin, case)
        line = f"{case.name:32s} loop {loop:9,.0f}  others {others:9,.0f}"
        if arguments.before:
            loop_before, others_before = cost(arguments.before, arguments.bin, case)
            line += f"   before {loop_before:9,.0f} {others_before:9,.0f}   loop {100 * (loop / loop_before - 1):+.1f} %"
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
