"""Models in the gateway: where they send requests, what the ledger has of it, and what becomes of files that are broken,
missing or replaced while requests go on."""

import json
import os
import random
import subprocess
import threading

import pytest

from cascading import says
from gateway import BINARY, ROOT, key_config, wait_for
from upstream import Upstream, response

MODELS = ROOT / "config" / "models"
EASY = "A shop sells pencils at 12 cents each. How many cents do 7 pencils cost?"
HARD = ("Ann saves 15% of $2,400 a month for 8 months, pays 2/3 of it for a car, and shares half of the rest with her 3 sisters. "
        "What does each get?")


def has_runtime():
    text = 'listen: {address: "127.0.0.1:0"}\nproviders: {p: {base_url: "http://127.0.0.1:1/v1"}}\ndeployments: {a: {provider: p}}\n' \
           "tiers: [small]\nroutes: {r: {match: {models: [a]}, tiers: {small: [a]}, cascade: {verify: model}}}\n"
    done = subprocess.run([BINARY, "check", "/dev/stdin"], input=text, capture_output=True, text=True, timeout=60)
    return "ONNX Runtime" not in done.stdout + done.stderr


needs_runtime = pytest.mark.skipif(not has_runtime(), reason="there is no ONNX Runtime here")


class Learned:
    def __init__(self, start, folder, **route):
        self.answer = {"weak": says("It is Paris, which lies on the Seine."), "strong": says("I am strong.")}
        self.upstream = Upstream(lambda seen: self.answer[json.loads(seen.body)["model"]](seen))
        self.ledger = folder / "ledger"
        self.config = {
            "keys": [key_config()],
            "ledger": {"dir": str(self.ledger), "sync": "os"},
            "providers": {"p": {"base_url": f"http://127.0.0.1:{self.upstream.port}/v1"}},
            "deployments": {m: {"provider": "p", "price": {"input": p, "output": p}} for m, p in {"weak": 1, "strong": 10}.items()},
            "tiers": ["small", "large"],
            "routes": {"chat": {"match": {"models": ["auto"]}, "tiers": {"small": ["weak"], "large": ["strong"]}, "sticky": "0s", **route}},
        }
        self.gateway = start(self.config)

    def ask(self, text):
        body = {"model": "auto", "messages": [{"role": "user", "content": text}]}
        return self.gateway.request("POST", "/v1/chat/completions", body)

    def tier(self, text):
        status, fields, body = self.ask(text)
        assert status == 200, body
        return fields["x-triage-tier"]

    def records(self, count):
        def lines():
            return [json.loads(line) for path in sorted(self.ledger.glob("**/*.jsonl"))
                    for line in path.read_text().splitlines() if line.startswith("{")]

        wait_for(lambda: len(lines()) >= count, 10, f"{count} records")
        return lines()


@pytest.fixture
def learned(start, tmp_path):
    made = []

    def make(**route):
        made.append(Learned(start, tmp_path, **route))
        return made[-1]

    yield make
    for each in made:
        each.upstream.close()


def classifier(**options):
    return [{"classifier": {"thresholds": {"large": 0.5}, **options}}]


@needs_runtime
def test_the_classifier_sends_easy_and_hard_questions_different_ways(learned):
    here = learned(routers=classifier())
    scores = []
    for text in (EASY, HARD):
        here.ask(text)
    for record in here.records(2):
        said = record["chain"][0]
        assert said["router"] == "classifier" and said["threshold"] == 0.5 and said["model"].startswith("difficulty")
        assert said["tier"] == ("large" if said["score"] >= 0.5 else "small") == record["tier"]
        scores.append(said["score"])
    assert scores[0] < scores[1]
    middle = sum(scores) / 2
    config = {**here.config, "routes": {"chat": {**here.config["routes"]["chat"], "routers": classifier(thresholds={"large": middle})}}}
    assert here.gateway.reload(config)[0] == 200
    assert (here.tier(EASY), here.tier(HARD)) == ("small", "large")


@needs_runtime
def test_the_verifier_escalates_what_it_gives_too_low_a_score(learned):
    here = learned(routers=[{"fixed": {"tier": "small"}}], cascade={"verify": {"model": {"accept_at": 0}}})
    here.answer["weak"] = says("12 * 7 = 84. The answer is 84.")
    assert here.tier("What is 12 * 7?") == "small"
    config = {**here.config, "routes": {"chat": {**here.config["routes"]["chat"], "cascade": {"verify": {"model": {"accept_at": 1}}}}}}
    assert here.gateway.reload(config)[0] == 200
    assert here.tier("What is 12 * 7?") == "large"
    attempt = here.records(2)[1]["attempts"][0]
    assert attempt["end"] == "rejected" and 0 <= attempt["score"] < 1 and "is below 1" in attempt["verdict"]


SLOW = ROOT / "tests" / "golden" / "onnx" / "slow_answer.onnx"  # 1/2, and a quarter if a second answer agrees


@needs_runtime
def test_a_slow_verifier_waits_for_the_second_answer(learned, tmp_path):
    (tmp_path / "slow.onnx").write_bytes(SLOW.read_bytes())
    model = {"file": "slow.onnx", "second": "other", "accept_at": 0.7, "timeout": "5s"}
    here = learned(routers=[{"fixed": {"tier": "small"}}])
    here.answer["weak"] = here.answer["other"] = says("12 * 7 = 84. The answer is 84.")
    config = {**here.config, "deployments": {**here.config["deployments"], "other": {"provider": "p"}}}
    config["routes"] = {"chat": {**here.config["routes"]["chat"], "cascade": {"verify": {"model": model}}}}
    assert here.gateway.reload(config)[0] == 200
    assert here.tier("What is 12 * 7?") == "small", "both agree"
    here.answer["other"] = says("12 * 7 = 72. The answer is 72.")
    assert here.tier("What is 12 * 7?") == "large"
    here.answer["other"] = lambda seen: response(b"{}", status="500 Internal Server Error")
    assert here.tier("What is 12 * 7?") == "large", "without a second answer it is scored alone"
    scores = [record["attempts"][0]["score"] for record in here.records(3)]
    assert scores == pytest.approx([0.75, 0.5, 0.25], abs=1e-3)
    verdicts = [record["attempts"][0]["verdict"] for record in here.records(3)]
    assert all(verdict.startswith("slow-1: ") for verdict in verdicts), verdicts


def test_many_examples_are_searched_on_a_thread(learned, tmp_path):
    chance = random.Random(1)
    prompts = [" ".join("".join(chance.choices("abcdefghijklmnop", k=6)) for _ in range(8)) for _ in range(15_100)]
    (tmp_path / "many.jsonl").write_text("\n".join(json.dumps({"prompt": prompt}) for prompt in prompts))
    here = learned(routers=[{"similarity": {"examples": "many.jsonl", "at_least": 0.9, "tier": "large"}}, {"fixed": {"tier": "small"}}])
    assert here.tier(prompts[700]) == "large"
    assert here.tier("What is the capital of France?") == "small"
    first, second = (record["chain"][0] for record in here.records(2))
    assert "nearest to line 701, cosine 1.000" in first["reason"], first
    assert "below 0.9" in second["reason"], second


def renamed(model, version):
    """The model with another triage.version: a metadata entry more, which protobuf lets one append."""
    def text(tag, value):
        return bytes([tag, len(value)]) + value

    entry = text(0x0A, b"triage.version") + text(0x12, version.encode())
    return model + text(0x72, entry)


@needs_runtime
def test_a_model_file_is_taken_up_and_a_broken_one_refused_while_requests_go_on(learned, tmp_path):
    good = (MODELS / "difficulty.onnx").read_bytes()
    file = tmp_path / "difficulty.onnx"
    file.write_bytes(good)
    here = learned(routers=classifier(model="difficulty.onnx"))
    failed, asked, over = [], [], threading.Event()

    def go_on():
        while not over.is_set():
            status = here.ask(EASY)[0]
            asked.append(status)
            if status != 200:
                failed.append(status)

    threads = [threading.Thread(target=go_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        before = here.gateway.ready()["version"]
        file.write_bytes(b"no model")
        wait_for(lambda: here.gateway.metric("triage_reloads_total", result="failed") >= 1, 20, "the broken model is refused")
        ready = here.gateway.ready()
        assert ready["version"] == before and "difficulty.onnx" in ready["last_reload_error"], ready
        for version in ("second", "third"):
            other = tmp_path / "other.onnx"
            other.write_bytes(renamed(good, version))
            os.replace(other, file)
            wait_for(lambda: here.gateway.ready()["version"] != before, 20, f"the {version} model is in force")
            before = here.gateway.ready()["version"]
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not failed and len(asked) > 20
    assert here.tier(EASY) in ("small", "large")
    records = here.records(len(asked) + 1)
    assert len(records) == len(asked) + 1
    assert {"second", "third"} <= {record["chain"][0]["model"] for record in records}


@pytest.mark.parametrize("library", ["/nonexistent/libonnxruntime.so", "/dev/null"])
def test_without_the_runtime_only_what_needs_it_is_refused(library, tmp_path):
    config = tmp_path / "triage.yaml"
    common = 'providers: {p: {base_url: "http://127.0.0.1:1/v1"}}\ndeployments: {a: {provider: p, price: {input: 0, output: 0}}, b: {provider: p, price: {input: 1, output: 1}}}\ntiers: [small, large]\n'
    route = "routes: {r: {match: {models: [auto]}, tiers: {small: [a], large: [b]}, routers: [%s, fixed: {tier: small}]}}\n"

    def check(router):
        config.write_text(common + route % router)
        return subprocess.run([BINARY, "check", config], capture_output=True, text=True, timeout=60, env={**os.environ, "TRIAGE_ONNXRUNTIME": library})

    assert check("header: {name: x-triage-tier}").returncode == 0
    done = check("classifier: {thresholds: {large: 0.5}}")
    text = done.stdout + done.stderr
    assert done.returncode == 1 and "triage.yaml:4:" in text and "ONNX Runtime" in text, text


@needs_runtime
def test_the_demo_shows_questions_that_go_different_ways(demo):
    wait_for(lambda: "report --ledger" in demo.stdout(), 20, "the demo says all")
    lines = {line.split()[0]: line for line in demo.stdout().splitlines() if " USD" in line}
    assert "-> small" in lines["easy"] and "by classifier" in lines["easy"] and "attempts: 1" in lines["easy"]
    assert "-> large" in lines["hard"] and "by classifier" in lines["hard"]
    assert "-> large" in lines["proof"] and "by heuristic" in lines["proof"]
    assert "-> medium" in lines["refused"] and "attempts: 2" in lines["refused"]
    command = next(line.split() for line in demo.stdout().splitlines() if " report --ledger " in line)
    wait_for(lambda: "tiers: large 50.0%" in subprocess.run(command, capture_output=True, text=True, timeout=60).stdout, 10, "the report")
    folder = command[-1]
    assert os.path.isdir(folder)
    assert demo.stop() == 0 and not os.path.exists(folder), "it takes its ledger with it"
