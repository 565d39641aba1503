#!/usr/bin/env python3
"""What the ledger, or the log, adds to a request: the same gateway with and without it, in turns, before the same fast
upstream.

The event loop's thread is measured apart from the others, which write; all of the gateway runs on core 0. docs/benchmarks.md
reads the table.
"""

import argparse
import pathlib
import statistics

import peers


class WithLedger(peers.Triage):
    name = "ledger"

    def __init__(self, folder, upstream_port, binary):
        super().__init__(folder, upstream_port, binary, more=f"ledger: {{dir: {folder}/ledger}}\n")


class WithoutLog(peers.Triage):
    name = "silent"

    def __init__(self, folder, upstream_port, binary):
        super().__init__(folder, upstream_port, binary, more="log: {requests_per_second: 0}\n")


class EveryLine(peers.Triage):
    name = "every-line"

    def __init__(self, folder, upstream_port, binary):
        super().__init__(folder, upstream_port, binary, more="log: {requests_per_second: 1000000}\n")


# As it is by default, and a line about each request.
PAIRS = {"ledger": (peers.Triage, WithLedger), "log": (WithoutLog, peers.Triage), "every-line": (WithoutLog, EveryLine)}


def thread_ns(pid):
    """CPU time of each thread, the event loop's first: it is the busiest."""
    times = [int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
    return sorted(times, reverse=True)


def cost(load, peer, requests):
    before = thread_ns(peer.process.pid)
    result = load.run("saturate", peer.port, body_bytes=1400, requests=requests, connections=64)
    if result.get("failed"):
        peers.die(f"{result['failed']} requests failed")
    after = thread_ns(peer.process.pid)
    return {"loop": (after[0] - before[0]) / requests / 1000, "all": (sum(after) - sum(before)) / requests / 1000,
            "per_second": result["per_second"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--triage", default="build/bench/src/app/triage", help="the binary")
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/bench/tests/bench"), help="the load programs")
    parser.add_argument("--of", choices=PAIRS, default="ledger", help="what is switched on")
    parser.add_argument("--realtime", action="store_true", help="SCHED_RR for all programs, on a busy machine (root)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=50000)
    arguments = parser.parse_args()
    peers.REALTIME = arguments.realtime
    with peers.Workplace() as place:
        load = peers.Load(arguments.bin)
        upstream = place.add(peers.Upstream(arguments.bin))
        pair = [place.add(kind(place.folder, upstream.port, arguments.triage)) for kind in PAIRS[arguments.of]]
        for peer in pair:
            cost(load, peer, 5000)
        rounds = [[cost(load, peer, arguments.requests) for peer in pair] for _ in range(arguments.rounds)]
        dropped = [line for line in pair[1].metrics().splitlines() if line.startswith(("triage_ledger_dropped_total", "triage_log_"))]
    print("CPU us/request, medians       without    with   added (min..max)        least: without    with")
    for name, text in {"loop": "event loop", "all": "all threads"}.items():
        without, with_it = ([measured[i][name] for measured in rounds] for i in (0, 1))
        added = [after - before for before, after in zip(without, with_it)]
        print(f"{text:26s} {statistics.median(without):10.2f} {statistics.median(with_it):7.2f} "
              f"{statistics.median(added):7.2f} {f'({min(added):.2f}..{max(added):.2f})':22s} {min(without):14.2f} {min(with_it):7.2f}")
    print("requests/s                 %10.0f %7.0f" % tuple(
        statistics.median(measured[i]["per_second"] for measured in rounds) for i in (0, 1)))
    print("\n".join(dropped))


if __name__ == "__main__":
    main()
