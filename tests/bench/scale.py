#!/usr/bin/env python3
"""What a request costs when much is configured, in instructions (callgrind), beside the same with one of each: keys,
deployments in the tier that answers, routes. And the processor time that `triage check` takes with it.
"""

import argparse
import dataclasses
import hashlib
import pathlib
import resource
import subprocess
import sys
import tempfile

import instructions
import peers

QUIET = "log: {requests_per_second: 0}\n"


def keys_file(folder, count):
    """All but the one that is presented, which stands in the middle."""
    lines = [f'- {{name: key-{number}, sha256: "{hashlib.sha256(b"%d" % number).hexdigest()}", routes: [chat]}}'
             for number in range(count - 1)]
    lines.insert(count // 2, f'- {{name: bench, sha256: "{hashlib.sha256(peers.KEY.encode()).hexdigest()}"}}')
    (folder / "keys.yaml").write_text("\n".join(lines) + "\n")
    return "keys_file: keys.yaml\n"


def routes(count, match):
    """Of which the last takes the requests."""
    others = "".join(f"  route-{number}:\n    match: {match(number)}\n    tiers: {{small: [mini-0]}}\n"
                     for number in range(count - 1))
    return f"{others}  chat:\n    match: {match(None)}\n    tiers: {{small: [TIER]}}\n"


def by_name(number):
    return "{models: [auto]}" if number is None else f"{{models: [team-{number}-auto]}}"


def by_glob(number):
    return "{models: ['aut*']}" if number is None else f"{{models: ['team-{number}-*']}}"


def by_header(number):
    return "{models: [auto]}" if number is None else f"{{models: [auto], headers: {{x-team: team-{number}}}}}"


@dataclasses.dataclass
class Sizes:
    keys: int = 1
    deployments: int = 1
    routes: int = 1
    match: object = by_name
    hosts: bool = False  # each deployment at a provider with a host name of its own


def config_of(folder, sizes, upstream_port, port, admin_port):
    hosts = sizes.deployments if sizes.hosts else 1
    # All of 127.0.0.0/8 is this machine.
    address = [f"127.0.{number // 250}.{number % 250 + 1}" for number in range(hosts)]
    providers = "".join(
        f'  host-{number}: {{dialect: openai, base_url: "http://{address[number]}:{upstream_port}/v1", api_key: sk-p}}\n'
        for number in range(hosts))
    deployments = "".join(f"  mini-{number}: {{provider: host-{number % hosts}, model: gpt-4o-mini}}\n"
                          for number in range(sizes.deployments))
    tier = ", ".join(f"mini-{number}" for number in range(sizes.deployments))
    return f"""
listen: {{address: "127.0.0.1:{port}", loops: 1}}
admin: {{address: "127.0.0.1:{admin_port}"}}
{keys_file(folder, sizes.keys)}providers:
{providers}deployments:
{deployments}tiers: [small]
routes:
{routes(sizes.routes, sizes.match).replace("TIER", tier)}{QUIET}"""


class Sized(peers.Triage):
    """The gateway with as much as `sizes` says."""
    sizes = Sizes()

    def __init__(self, folder, upstream_port, binary, more=""):
        self.port, self.admin_port = peers.free_port(), peers.free_port()
        self.stream_port = self.port
        config = folder / "scale.yaml"
        config.write_text(config_of(folder, self.sizes, upstream_port, self.port, self.admin_port))
        self.log = open(folder / "scale.log", "wb")
        peers.Program.__init__(self, [binary, "serve", "--config", config], peers.GATEWAY_CORE, stdout=self.log,
                               stderr=self.log)
        peers.wait_for_port(self.port, self.process, 600)  # under valgrind


CASES = [
    ("one of each", Sizes(), None),
    ("100,000 keys", Sizes(keys=100_000), 2),
    ("1,000 routes, by name", Sizes(routes=1_000), 10),
    ("1,000 routes, by glob", Sizes(routes=1_000, match=by_glob), 10),
    ("1,000 routes, by header", Sizes(routes=1_000, match=by_header), 10),
    ("1,000 deployments", Sizes(deployments=1_000), 10),
    ("1,000 deployments and hosts", Sizes(deployments=1_000, hosts=True), 10),
]


def cost(arguments, sizes):
    kind = type("Sized", (Sized,), {"sizes": sizes})
    loop, others = instructions.cost(arguments.triage, arguments.bin, instructions.Case("", kind, more=""))
    return loop + others


def seconds_to_check(binary, sizes):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        config = folder / "scale.yaml"
        config.write_text(config_of(folder, sizes, 9, 18080, 19090))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([binary, "check", config], capture_output=True, text=True)
        if done.returncode != 0:
            peers.die(f"triage check: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--triage", default=peers.ROOT / "build/release/src/app/triage", type=pathlib.Path)
    parser.add_argument("--bin", default=peers.ROOT / "build/bench/tests/bench", type=pathlib.Path,
                        help="where bench_load and bench_upstream are")
    parser.add_argument("--only", default="", help="cases whose name contains this, beside one of each")
    parser.add_argument("--check", action="store_true", help="only the times of `triage check`")
    arguments = parser.parse_args()
    one, missed = None, False
    for name, sizes, aim in CASES:
        if aim is not None and arguments.only not in name:
            continue
        line = f"{name:28s}"
        if not arguments.check:
            instructions_now = cost(arguments, sizes)
            one = one or instructions_now
            line += f" {instructions_now:9,.0f} instructions"
            if aim is not None:
                more = 100 * (instructions_now / one - 1)
                missed = missed or more > aim
                line += f" {more:+6.1f} % (aim {aim:+d} %)"
        print(f"{line:70s} check {seconds_to_check(arguments.triage, sizes):5.2f} s", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
