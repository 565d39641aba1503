"""The programs that the benchmark and the soak put side by side: started on free loopback ports in a temporary folder,
pinned to a core, ended by their own pid. And what /proc says of them."""

import ctypes
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
GATEWAY_CORE, LOAD_CORE = 0, 1
REALTIME = False  # all programs alike under SCHED_RR: work of others waits instead of cutting in
KEY = "sk-triage-bench-0123456789abcdef0123456789abcdef"


def die(message):
    print(f"bench: {message}", file=sys.stderr)
    sys.exit(3)


def raise_descriptor_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port():
    """Below the ephemeral range, so that 10,000 outgoing connections cannot take it between here and bind()."""
    for port in range(20000 + os.getpid() % 5000, 32000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in free_port.given:
            free_port.given.add(port)
            return port
    die("no free port between 20000 and 32000")


free_port.given = set()


def wait_for_port(port, process, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            die(f"{process.args[0]} ended with {process.returncode} before it listened on {port}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    die(f"{process.args[0]} does not listen on {port} after {seconds} s")


class Program:
    """One started program and, for a master with workers, its children."""

    def __init__(self, arguments, core, **options):
        libc = ctypes.CDLL(None)

        def prepare():
            os.sched_setaffinity(0, {core})
            if REALTIME:
                os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
            libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: nothing outlives this script

        self.process = subprocess.Popen([str(a) for a in arguments], preexec_fn=prepare, **options)

    def pids(self):
        pid = self.process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def cpu_ns(self):
        """CPU time of all threads. The kernel's own TCP work for a loopback send is part of it."""
        return sum(
            int(thread.read_text().split()[0]) for pid in self.pids()
            for thread in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))

    def memory_kb(self):
        """(VmRSS, PSS) summed; PSS counts a page that master and worker share once."""
        rss = pss = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Rss:"):
                    rss += int(line.split()[1])
                elif line.startswith("Pss:"):
                    pss += int(line.split()[1])
        return rss, pss

    def descriptors(self):
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.pids())

    def alive(self):
        return self.process.poll() is None

    def end(self):
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Upstream(Program):
    name = "direct"

    def __init__(self, bin_dir):
        super().__init__([bin_dir / "bench_upstream"], LOAD_CORE, stdout=subprocess.PIPE, text=True)
        self.port = self.stream_port = int(self.process.stdout.readline().split()[1])

    def stats(self):
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(b"GET /bench/stats HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            reply = b""
            while b"\r\n\r\n" not in reply or not reply.endswith(b"}"):
                reply += connection.recv(65536)
        return json.loads(reply.split(b"\r\n\r\n", 1)[1])


class Nginx(Program):
    """One worker, keep-alive both ways, access log on. A 20 KB body stays in memory (the default would spill it to a
    file), and the port for streams does not buffer answers: nginx at its best for this work."""
    name = "nginx"

    def __init__(self, folder, upstream_port):
        if not shutil.which("nginx"):
            die("nginx is not installed: apt-get install nginx")
        self.port, self.stream_port = free_port(), free_port()
        proxy = """proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection "";
                   proxy_read_timeout 300s;"""
        config = folder / "nginx.conf"
        config.write_text(f"""
            daemon off; worker_processes 1; worker_rlimit_nofile 20000; pid {folder}/nginx.pid;
            error_log {folder}/nginx-error.log warn;
            events {{ worker_connections 19000; use epoll; multi_accept on; }}
            http {{
              access_log {folder}/nginx-access.log;
              client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
              uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
              keepalive_requests 100000000; keepalive_timeout 300s; tcp_nodelay on; server_tokens off;
              client_body_buffer_size 64k; client_max_body_size 20m; client_header_timeout 10s;
              upstream provider {{ server 127.0.0.1:{upstream_port}; keepalive 1024; keepalive_requests 100000000; }}
              server {{ listen 127.0.0.1:{self.port} backlog=4096; location / {{ {proxy} }} }}
              server {{ listen 127.0.0.1:{self.stream_port} backlog=4096;
                        location / {{ {proxy} proxy_buffering off; }} }}
            }}""")
        super().__init__(["nginx", "-p", folder, "-e", f"{folder}/nginx-error.log", "-c", config], GATEWAY_CORE)
        wait_for_port(self.port, self.process)


class Haproxy(Program):
    """A second peer: one thread, connections to the server shared by all clients, a log line a request."""
    name = "haproxy"

    def __init__(self, folder, upstream_port):
        if not shutil.which("haproxy"):
            die("haproxy is not installed: apt-get install haproxy")
        self.port = self.stream_port = free_port()
        config = folder / "haproxy.cfg"
        config.write_text(f"""
global
  nbthread 1
  maxconn 9000
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option http-no-delay
  http-reuse always
  timeout connect 2s
  timeout client 300s
  timeout server 300s
  timeout http-request 10s
frontend front
  bind 127.0.0.1:{self.port} backlog 4096
  default_backend provider
backend provider
  server provider 127.0.0.1:{upstream_port} pool-max-conn 1024
""")
        self.log = open(folder / "haproxy.log", "wb")
        super().__init__(["haproxy", "-db", "-f", config], GATEWAY_CORE, stdout=self.log)
        wait_for_port(self.port, self.process)


class Triage(Program):
    """The gateway as a user runs it: strict parse, key check, routing and metrics on; one event loop."""
    name = "triage"
    starts_within = 60  # seconds

    routers = "[{fixed: {tier: small}}]"
    large = "mini"

    def __init__(self, folder, upstream_port, binary, more=""):
        if not pathlib.Path(binary).exists():
            die(f"{binary} is missing: cmake --preset bench && cmake --build --preset bench, or give --triage")
        self.port, self.admin_port = free_port(), free_port()
        self.stream_port = self.port
        config = folder / f"{self.name}.yaml"
        config.write_text(f"""
listen: {{address: "127.0.0.1:{self.port}", loops: 1}}
admin: {{address: "127.0.0.1:{self.admin_port}"}}
keys:
  - {{name: bench, sha256: "{hashlib.sha256(KEY.encode()).hexdigest()}", routes: [chat]}}
providers:
  fast: {{dialect: openai, base_url: "http://127.0.0.1:{upstream_port}/v1", api_key: "sk-provider"}}
deployments:
  mini: {{provider: fast, model: gpt-4o-mini}}
  best: {{provider: fast, model: gpt-4o}}
tiers: [small, large]
routes:
  chat:
    match: {{models: [auto]}}
    tiers: {{small: [mini], large: [{self.large}]}}
    routers: {self.routers}
{more}""")
        self.log = open(folder / f"{self.name}.log", "wb")
        super().__init__([binary, "serve", "--config", config], GATEWAY_CORE, stdout=self.log, stderr=self.log)
        wait_for_port(self.port, self.process, self.starts_within)

    def metrics(self):
        with socket.create_connection(("127.0.0.1", self.admin_port), 5) as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            reply = b""
            while piece := connection.recv(65536):
                reply += piece
        return reply.decode(errors="replace")


class RuledTriage(Triage):
    """The same behind three rules as users write them: long, hard, code. The last holds."""
    name = "ruled"
    routers = """
      - heuristic:
         rules:
          - {name: long, when: {tokens: {gt: 6000}}, floor: large}
          - {name: proof, when: {any: [{keywords: [prove, theorem]}, {regex: "(?i)step by step"}]}, tier: large}
          - {name: code, when: {all: [{code: true}, {not: {turns: {gt: 10}}}]}, class: codegen}
      - fixed: {tier: small}"""


class RoutedTriage(Triage):
    """The same behind twenty rules, as in routing_bench.cpp: eight look for keywords, four for expressions, eight for
    other things. One holds, for code; it names a class only, so that all are asked."""
    name = "routed"
    words = ["theorem", "lemma", "contract", "diagnosis", "translate", "jurisdiction", "derivative", "audit"]
    conditions = [
        *(f"keywords: [{word}, {word}s, please {word}]" for word in words),
        "regex: '(?i)step by step'", r"regex: '\b[A-Z]{2,5}-\d{4,}\b'", "regex: '(?i)(write|draft) an? (essay|report)'",
        r"regex: '\$\d+(\.\d+)? (million|billion)'",
        "tokens: {gt: 6000}", "tokens_all: {gt: 6000}", "code: true", "all: [{math: true}, {not: {turns: {gt: 10}}}]",
        "tools: true", "images: {gt: 0}", "response_format: json_schema",
        "any: [{script: cjk}, {metadata: {tenant: 'acme-*'}}]"]
    effects = ["class: codegen" if "code" in when else "tier: large" if number % 2 else "floor: large"
               for number, when in enumerate(conditions)]
    rules = "\n".join(f"          - {{name: rule-{number}, when: {{{when}}}, {effect}}}"
                      for number, (when, effect) in enumerate(zip(conditions, effects)))
    routers = f"\n      - heuristic:\n         rules:\n{rules}\n      - fixed: {{tier: small}}"


class LearnedTriage(Triage):
    """The same behind the difficulty classifier inside."""
    name = "learned"
    starts_within = 600  # under valgrind
    routers = "[{classifier: {thresholds: {large: 0.6}}}]"


class HeldTriage(Triage):
    """The same with a cascade that holds the answers: its tiers differ, and so there is another one to call."""
    name = "held"
    large = "best"

    def __init__(self, folder, upstream_port, binary, more=""):
        super().__init__(folder, upstream_port, binary, "    cascade: {verify: checks}\n" + more)


class VerifiedTriage(Triage):
    """The same with a cascade whose verifier is the model inside. Whatever its score, the answer is accepted."""
    name = "verified"
    starts_within = 600

    def __init__(self, folder, upstream_port, binary, more=""):
        super().__init__(folder, upstream_port, binary, "    cascade: {verify: {model: {accept_at: 0}}}\n" + more)


class Load:
    """Runs bench_load on the load core."""

    def __init__(self, bin_dir):
        self.binary = bin_dir / "bench_load"

    def start(self, mode, port, **options):
        arguments = [self.binary, mode, "--port", port, "--key", KEY]
        for name, value in options.items():
            arguments += ["--" + name.replace("_", "-"), value]
        return Program(arguments, LOAD_CORE, stdout=subprocess.PIPE, text=True).process

    def finish(self, process, seconds=120):
        try:
            out = process.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            die(f"load did not end within {seconds} s: {' '.join(process.args)}")
        if process.returncode != 0:
            die(f"load failed: {' '.join(process.args)}")
        return json.loads(out.splitlines()[-1])

    def run(self, mode, port, **options):
        return self.finish(self.start(mode, port, **options))


class Workplace:
    """A temporary folder and every program started in it; leaving ends them, newest first."""

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="triage-bench-"))
        os.chmod(self.folder, 0o755)  # nginx's worker runs as another user when started by root
        self.programs = []
        return self

    def add(self, program):
        self.programs.append(program)
        return program

    def __exit__(self, *_):
        for program in reversed(self.programs):
            program.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} cores, Linux {os.uname().release}"
