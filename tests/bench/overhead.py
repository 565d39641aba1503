#!/usr/bin/env python3
"""What the gateway costs, next to nginx (and optionally HAProxy), before the same fast upstream, in one run.

The gateways run on core 0, one after the other; upstream and load generator on core 1. Rounds are interleaved and
ratios taken within a round, so that a slow spell of the machine hits both sides. docs/benchmarks.md reads the table.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import time

import peers

SIZES = (1400, 20000)


def settings(quick):
    if quick:
        return {"rounds": 2, "requests": 20000, "rate_seconds": 2, "events": 75, "memory_streams": 1000}
    return {"rounds": 5, "requests": 50000, "rate_seconds": 4, "events": 150, "memory_streams": 1000}


def core_busy(core):
    fields = next(line.split() for line in open("/proc/stat") if line.startswith(f"cpu{core} "))
    ticks = list(map(int, fields[1:9]))
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def checked(name, result):
    bad = result.get("failed", 0)
    if bad:
        peers.die(f"{name}: {bad} requests failed: {json.dumps(result)}")
    return result


PARTS = 10


def saturated(load, peer, size, requests):
    """In parts: the cheapest of many short ones is what a request costs while nobody else wants the caches."""
    parts = []
    for _ in range(PARTS):
        cpu, busy = peer.cpu_ns(), core_busy(peers.GATEWAY_CORE)
        result = checked(peer.name, load.run("saturate", peer.port, body_bytes=size, requests=requests // PARTS,
                                             connections=64))
        time.sleep(0.02)
        parts.append({"cpu_us": (peer.cpu_ns() - cpu) / (requests // PARTS) / 1000, "per_second": result["per_second"],
                      "core_busy": (core_busy(peers.GATEWAY_CORE) - busy) / result["seconds"]})
    mean = {key: statistics.mean(part[key] for part in parts) for key in parts[0]}
    return {**mean, "least_cpu_us": min(part["cpu_us"] for part in parts)}


def at_rate(load, peer, rate, seconds):
    cpu = peer.cpu_ns()
    result = checked(peer.name, load.run("rate", peer.port, rate=rate, seconds=seconds, connections=64))
    return {"cpu_us": (peer.cpu_ns() - cpu) / result["requests"] / 1000, **result["latency_us"]}


def streamed(load, peer, streams, events, interval_us):
    cpu = peer.cpu_ns()
    result = checked(peer.name, load.run("streams", peer.stream_port, streams=streams, events=events,
                                         interval_us=interval_us))
    return {"cpu_us_event": (peer.cpu_ns() - cpu) / max(result["events"], 1) / 1000,
            "first_event_ms": result["first_event_ms"]["p50"], **result["delay_us"]}


def memory(load, peer, streams):
    """PSS and RSS with no stream and with `streams` open and flowing (10 events a second each)."""
    load.run("saturate", peer.stream_port, requests=2000, connections=4)
    time.sleep(0.2)
    rss0, pss0 = peer.memory_kb()
    process = load.start("streams", peer.stream_port, streams=streams, events=30, interval_us=100000)
    opened = int(process.stdout.readline().split()[1])
    time.sleep(1)
    rss1, pss1 = peer.memory_kb()
    checked(peer.name, load.finish(process))
    return {"rss_idle_mb": rss0 / 1024, "pss_idle_mb": pss0 / 1024, "rss_open_mb": rss1 / 1024, "opened": opened,
            "rss_kb_stream": (rss1 - rss0) / streams, "pss_kb_stream": (pss1 - pss0) / streams}


def trace(arguments, run):
    """Runs `run()` under a tracer that writes what it found when it is interrupted."""
    tracer = peers.Program(arguments, peers.LOAD_CORE, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    run()
    tracer.process.send_signal(signal.SIGINT)
    tracer.process.wait(10)


def perf_count(peer, run):
    """System calls that `peer` makes while `run()` runs, counted by the kernel; None where perf cannot."""
    if not shutil.which("perf"):
        return None
    out = peer.folder / "perf.txt"
    pids = ",".join(map(str, peer.pids()))
    trace(["perf", "stat", "-x,", "-e", "raw_syscalls:sys_enter", "-p", pids, "-o", out], run)
    for line in out.read_text().splitlines() if out.exists() else []:
        if "raw_syscalls" in line and line.split(",")[0].isdigit():
            return int(line.split(",")[0])
    return None


def strace_table(peer, run, requests):
    """{name: calls per request}. strace slows the traced program, so the mix is right and the total slightly low."""
    if not shutil.which("strace"):
        return None
    out = peer.folder / "strace.txt"
    arguments = ["strace", "-f", "-c", "-U", "name,calls", "-o", str(out)]
    for pid in peer.pids():
        arguments += ["-p", str(pid)]
    trace(arguments, run)
    calls = {}
    for line in out.read_text().splitlines() if out.exists() else []:
        words = line.split()
        if len(words) == 2 and words[1].isdigit() and words[0] != "total":
            calls[words[0]] = round(int(words[1]) / requests, 3)
    return calls


def system_calls(load, peer):
    requests = 5000
    few = dict(body_bytes=1400, requests=requests)
    saturate = lambda: checked(peer.name, load.run("saturate", peer.port, connections=64, **few))
    alone = lambda: checked(peer.name, load.run("saturate", peer.port, connections=1, **few))
    counted, counted_alone = perf_count(peer, saturate), perf_count(peer, alone)
    table = strace_table(peer, saturate, requests)
    per_request = counted / requests if counted is not None else sum(table.values()) if table else None
    return {"saturated": per_request, "alone": counted_alone / requests if counted_alone is not None else None,
            "mix": dict(sorted((table or {}).items(), key=lambda item: -item[1]))}


def profile(load, peer, file):
    """Samples the gateway's stacks through one saturated run; read with `perf report -i FILE`."""
    trace(["perf", "record", "-F", "4999", "-g", "-p", ",".join(map(str, peer.pids())), "-o", file],
          lambda: load.run("saturate", peer.port, body_bytes=1400, requests=100000, connections=64))


def measure(arguments, place):
    plan = settings(arguments.quick)
    load = peers.Load(arguments.bin)
    upstream = place.add(peers.Upstream(arguments.bin))
    gateways = [place.add(peers.Nginx(place.folder, upstream.port))]
    if arguments.haproxy:
        gateways.append(place.add(peers.Haproxy(place.folder, upstream.port)))
    if not arguments.no_triage:
        gateways.append(place.add(peers.Triage(place.folder, upstream.port, arguments.triage)))
    if arguments.routing:
        for kind in (peers.RuledTriage, peers.RoutedTriage):
            gateways.append(place.add(kind(place.folder, upstream.port, arguments.triage)))
    for peer in [upstream, *gateways]:
        peer.folder = place.folder
    found = {peer.name: {"rounds": []} for peer in [upstream, *gateways]}
    for peer in gateways:  # fresh processes: memory first
        found[peer.name]["memory"] = memory(load, peer, plan["memory_streams"])
        found[peer.name]["system_calls"] = system_calls(load, peer)
    for number in range(plan["rounds"]):
        order = gateways if number % 2 == 0 else gateways[::-1]
        rounds = {peer.name: {} for peer in [upstream, *gateways]}
        for size in SIZES:
            for peer in order:
                rounds[peer.name][f"body_{size}"] = saturated(load, peer, size, plan["requests"])
        for peer in [upstream, *order]:
            rounds[peer.name]["rate"] = at_rate(load, peer, arguments.rate, plan["rate_seconds"])
        for peer in [upstream, *order]:
            rounds[peer.name]["stream"] = streamed(load, peer, 100, plan["events"], 20000)
        for name, figures in rounds.items():
            found[name]["rounds"].append(figures)
        print(f"round {number + 1} of {plan['rounds']} done", file=sys.stderr)
    if arguments.perf_record:
        profile(load, gateways[-1], arguments.perf_record)
    return found


def series(found, name, *path):
    values = []
    for figures in found[name]["rounds"]:
        for key in path:
            figures = figures[key]
        values.append(figures)
    return values


def rows(found, rate):
    """(label, {gateway: one value a round, or one in all}, goal). A goal is `<= 6` or, in times of nginx, `<= 1.3x`."""
    gateways = [name for name in found if name != "direct"]
    added = lambda key: {g: [a - b for a, b in zip(series(found, g, "rate", key), series(found, "direct", "rate", key))]
                         for g in gateways}
    per_round = lambda *path: {g: series(found, g, *path) for g in gateways}
    single = lambda *path: {g: [found[g][path[0]][path[1]]] for g in gateways}
    table = []
    for size in SIZES:
        table.append((f"CPU us/request, {size / 1000:g} KB, saturated", per_round(f"body_{size}", "cpu_us"), "<= 1.3x"))
        table.append((f"the same, least of {PARTS * len(found['nginx']['rounds'])} parts",
                      {g: [min(series(found, g, f"body_{size}", "least_cpu_us"))] for g in gateways}, "<= 1.3x"))
        table.append((f"requests/s, {size / 1000:g} KB, saturated", per_round(f"body_{size}", "per_second"), ""))
    table += [(f"CPU us/request, 1.4 KB, {rate}/s", per_round("rate", "cpu_us"), ""),
              (f"added p50 us, {rate}/s", added("p50"), ""), (f"added p99 us, {rate}/s", added("p99"), ""),
              ("SSE relay delay p50 us", per_round("stream", "p50"), ""),
              ("SSE relay delay p99 us", per_round("stream", "p99"), "<= 1.0x"),
              ("CPU us/event, SSE", per_round("stream", "cpu_us_event"), ""),
              ("system calls/request, saturated", single("system_calls", "saturated"), "<= 6"),
              ("system calls/request, one at a time", single("system_calls", "alone"), ""),
              ("RSS MB, idle", single("memory", "rss_idle_mb"), ""),
              ("RSS KB/stream at 1,000", single("memory", "rss_kb_stream"), "<= 40"),
              ("PSS KB/stream at 1,000", single("memory", "pss_kb_stream"), "")]
    return table


def ratios(values, name, base="nginx"):
    pairs = [a / b for a, b in zip(values[name], values[base]) if a is not None and b]
    return (statistics.median(pairs), min(pairs), max(pairs)) if pairs else None


def show(found, arguments):
    gateways = [name for name in found if name != "direct"]
    others = [name for name in gateways if name != "nginx"]
    print(f"{peers.machine()}; {arguments.started}; rounds: {len(found['nginx']['rounds'])}; median of rounds")
    heads = [f"{g:>10}" for g in gateways] + [f"{g + '/nginx (min..max)':>28}" for g in others]
    print(f"{'':38}" + "".join(heads) + "  goal")
    for label, values, goal in rows(found, arguments.rate):
        medians = {g: statistics.median(v for v in values[g]) if None not in values[g] else None for g in gateways}
        line = f"{label:38}" + "".join(f"{'-' if m is None else format(m, '.0f' if m >= 1000 else '.1f'):>10}"
                                       for m in medians.values())
        compared = {g: ratios(values, g) for g in others}
        for name in others:
            r = compared[name]
            text = "-" if r is None else f"{r[0]:.2f}" + (f" ({r[1]:.2f}..{r[2]:.2f})" if len(values[name]) > 1 else "")
            line += f"{text:>28}"
        print(f"{line}  {goal}")
    direct = [statistics.median(series(found, "direct", *path)) for path in
              (("rate", "p50"), ("rate", "p99"), ("stream", "p50"), ("stream", "p99"))]
    print(f"direct: p50 {direct[0]:.0f} us, p99 {direct[1]:.0f} us at {arguments.rate}/s; "
          f"SSE delay p50 {direct[2]:.0f} us, p99 {direct[3]:.0f} us")
    for name in gateways:
        mix = found[name]["system_calls"]["mix"]
        print(f"{name} calls/request: " + ", ".join(f"{call} {n:.2f}" for call, n in mix.items() if n >= 0.01))
        busy = statistics.median(series(found, name, "body_1400", "core_busy"))
        print(f"{name}: core {peers.GATEWAY_CORE} {100 * busy:.0f} % busy in the saturated 1.4 KB runs")


def main():
    build = peers.ROOT / "build" / "bench"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="under a minute: fewer and shorter rounds")
    parser.add_argument("--bin", type=pathlib.Path, default=build / "tests" / "bench", help="folder of bench_load")
    parser.add_argument("--triage", type=pathlib.Path, default=build / "src" / "app" / "triage")
    parser.add_argument("--no-triage", action="store_true", help="only the peers, to check the benchmark itself")
    parser.add_argument("--routing", action="store_true", help="and Triage with 3 and with 20 rules in front")
    parser.add_argument("--haproxy", action="store_true", help="HAProxy as a second peer")
    parser.add_argument("--rate", type=int, default=2000, help="requests a second of the latency runs")
    parser.add_argument("--perf-record", metavar="FILE", help="profile the last gateway at the end, into FILE")
    parser.add_argument("--json", action="store_true", help="all figures as JSON on stdout")
    parser.add_argument("--realtime", action="store_true", help="SCHED_RR for all programs, on a busy machine (root)")
    arguments = parser.parse_args()
    peers.REALTIME = arguments.realtime
    arguments.started = time.strftime("%Y-%m-%d %H:%M")
    if os.cpu_count() < 2:
        peers.die("two cores are needed: one for the gateway, one for upstream and load")
    peers.raise_descriptor_limit()
    with peers.Workplace() as place:
        found = measure(arguments, place)
    if arguments.json:
        print(json.dumps({"machine": peers.machine(), "started": arguments.started, "rounds": found}, indent=1))
    else:
        show(found, arguments)


if __name__ == "__main__":
    main()
