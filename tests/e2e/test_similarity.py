"""The router `similarity` before a simulated encoder: from examples to routed requests, to a threshold, to a reload.
Simulated vectors are close for texts that share words."""

import json
import random

import pytest
import yaml

from gateway import PROVIDER_KEY, key_config, wait_for
from test_cli import triage

HARD = ["Prove that the square root of two is irrational", "Derive the equations of motion of a double pendulum"]
PRICE = {"input": 0.02, "output": 0}


class Here:
    def __init__(self, start, simulator, folder, **router):
        self.start, self.folder = start, folder
        self.examples = folder / "hard.jsonl"
        self.vectors = folder / "hard.jsonl.vectors"
        self.write_examples(HARD)
        url = f"http://127.0.0.1:{simulator.port}/v1"
        self.config = {
            "keys": [key_config()],
            "providers": {"sim": {"base_url": url, "api_key": PROVIDER_KEY}},
            "deployments": {
                "weak": {"provider": "sim", "model": "sim-small"},
                "strong": {"provider": "sim", "model": "sim-large"},
                "embedder": {"provider": "sim", "model": "sim-embedding", "price": PRICE},
            },
            "tiers": ["small", "large"],
            "routes": {
                "chat": {
                    "match": {"models": ["auto"]},
                    "tiers": {"small": ["weak"], "large": ["strong"]},
                    "routers": [
                        {"similarity": {"examples": "hard.jsonl", "tier": "large", "encoder": {"deployment": "embedder", "timeout": "5s"}, **router}},
                        {"fixed": {"tier": "small"}},
                    ],
                }
            },
        }
        self.path = folder / "triage.yaml"
        self.path.write_text("# kept\n" + yaml.safe_dump(self.config, sort_keys=False))

    def write_examples(self, prompts):
        self.examples.write_text("".join(json.dumps({"prompt": prompt, "label": "hard"}) + "\n" for prompt in prompts))

    def similarity(self, what, *more, code=0):
        done = triage("similarity", what, "--config", str(self.path), "--route", "chat", *more)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def check(self):
        return triage("check", str(self.path))


@pytest.fixture
def here(start, simulator, tmp_path):
    return lambda **router: Here(start, simulator, tmp_path, **router)


def ask(gateway, text):
    body = {"model": "auto", "messages": [{"role": "user", "content": text}]}
    status, fields, body = gateway.request("POST", "/v1/chat/completions", body)
    assert status == 200, body
    return fields["x-triage-tier"], fields["x-triage-router"]


def test_examples_without_vectors_are_an_error_that_says_what_to_run(here):
    made = here(at_least=0.7)
    done = made.check()
    assert done.returncode == 1
    assert "2 of 2 examples have no vector of 'sim-embedding'" in done.stderr
    assert "triage similarity embed --config FILE --route chat" in done.stderr
    told = made.similarity("embed").stderr
    assert "2 texts of about" in told and "2 of 2 vectors" in told and "$0.000000" in told
    assert made.check().returncode == 0
    assert "2 texts" not in made.similarity("embed").stderr, "nothing is asked for twice"
    made.write_examples(HARD + ["Find a closed form of this recurrence"])
    assert "1 of 3 examples have no vector" in made.check().stderr
    assert "1 texts" in made.similarity("embed").stderr, "only what is missing is asked for"
    made.vectors.write_bytes(made.vectors.read_bytes()[:-9])
    done = made.check()
    assert done.returncode == 1 and f"{made.vectors}:1:1: error: it is damaged" in done.stderr
    assert "it is made anew" in made.similarity("embed").stderr
    assert made.check().returncode == 0


def test_an_encoder_that_cannot_be_reached(here):
    made = here(at_least=0.7)
    made.config["providers"]["sim"]["base_url"] = "http://127.0.0.1:1/v1"
    made.path.write_text(yaml.safe_dump(made.config))
    done = triage("similarity", "embed", "--config", str(made.path), "--route", "chat")
    assert done.returncode == 3 and "'embedder'" in done.stderr and "goes on where this one ended" in done.stderr


def test_near_prompts_go_up_and_a_reload_takes_new_examples(here, start):
    made = here(at_least=0.7)
    made.similarity("embed")
    gateway = start({**made.config, "ledger": {"dir": str(made.folder / "ledger"), "sync": "os"}})
    assert ask(gateway, "Prove that the square root of two is irrational, please") == ("large", "similarity")
    assert ask(gateway, "What is the capital of France?") == ("small", "fixed")
    assert ask(gateway, "What is the weather in Rome?") == ("small", "fixed")

    def records():
        lines = "".join(path.read_text() for path in (made.folder / "ledger").glob("**/*.jsonl")).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    wait_for(lambda: len(records()) >= 3, 10, "three records")
    up = records()[0]
    assert [(a["purpose"], a["deployment"]) for a in up["attempts"]] == [("route", "embedder"), ("answer", "strong")]
    assert up["chain"][0]["score"] > 0.7 and "line 1 (hard), cosine 0." in up["chain"][0]["reason"]
    down = records()[1]["chain"][0]
    assert down["score"] < 0.7 and "below 0.7" in down["reason"] and "Prove" not in down["reason"]

    before = gateway.reload()[1]
    made.write_examples(["What is the weather in Rome?"])
    status, answer = gateway.reload()
    assert status != 200 and "no vector" in json.dumps(answer), "the old examples stay"
    assert ask(gateway, "Prove that the square root of two is irrational") == ("large", "similarity")
    made.similarity("embed")
    status, answer = gateway.reload()
    assert status == 200 and answer != before
    assert ask(gateway, "What is the weather in Rome?") == ("large", "similarity")
    assert ask(gateway, "Prove that the square root of two is irrational") == ("small", "fixed")


def test_an_encoder_that_is_late_is_no_opinion(here, start, simulator):
    made = here(at_least=0.7)
    made.similarity("embed")
    made.config["providers"]["sim"]["base_url"] = "http://127.0.0.1:1/v1"
    made.config["providers"]["live"] = {"base_url": f"http://127.0.0.1:{simulator.port}/v1", "api_key": PROVIDER_KEY}
    for name in ("weak", "strong"):
        made.config["deployments"][name]["provider"] = "live"
    gateway = start(made.config)
    assert ask(gateway, HARD[0]) == ("small", "fixed")


def graded(path, count=1500):
    chance = random.Random(16)
    words = [f"word{i}" for i in range(2000)]
    with path.open("w") as out:
        for text in HARD:
            out.write(json.dumps({"prompt": text.upper(), "weak": 0, "strong": 1}) + "\n")
        for i in range(count):
            if i % 5 == 0:
                kept = HARD[i % 2].split()
                chance.shuffle(kept)
                text, weak = " ".join([*kept, chance.choice(words)]), float(chance.random() < 0.02)
            else:
                text, weak = " ".join(chance.sample(words, 8)), float(chance.random() < 0.9)
            out.write(json.dumps({"prompt": text, "weak": weak, "strong": 1.0}) + "\n")
    return path


def test_fit_chooses_a_threshold_and_writes_it(here):
    made = here()
    made.similarity("embed")
    assert "0.88 means something else" in made.check().stderr
    data = graded(made.folder / "graded.jsonl")
    done = made.similarity("fit", "--data", str(data), "--precision", "0.9", "--json")
    found = json.loads(done.stdout)
    assert found["left_out"] == 2, "the examples themselves, in whatever case"
    assert found["rows"] == 1500 and 0 < found["at_least"] < 0.5
    assert found["precision_low"] >= 0.9 and found["sent"] >= 290
    assert found["recall_low"] < found["recall_seen"] < found["recall_high"]
    again = made.similarity("fit", "--data", str(data), "--write")
    assert "texts of about" not in again.stderr, "the vectors of the rows are kept"
    text = made.path.read_text()
    assert text.startswith("# kept\n")
    value = yaml.safe_load(text)["routes"]["chat"]["routers"][0]["similarity"]
    assert value["at_least"] == found["at_least"] and value["examples"] == "hard.jsonl"
    assert "0.88" not in made.check().stderr
    made.similarity("fit", "--data", str(data), "--precision", "0.5", "--write")
    text_2 = made.path.read_text()
    assert text_2 != text and len(text_2.splitlines()) == len(text.splitlines()), "it is replaced"


def test_fit_says_when_there_is_no_threshold(here):
    made = here()
    made.similarity("embed")
    data = made.folder / "graded.jsonl"
    data.write_text("".join(json.dumps({"prompt": f"question {i}", "weak": i % 2, "strong": 1}) + "\n" for i in range(200)))
    done = made.similarity("fit", "--data", str(data), code=1)
    assert "no threshold has a precision of 0.9" in done.stdout
    data.write_text('{"prompt": "x", "weak": 0}\n')
    done = made.similarity("fit", "--data", str(data), code=3)
    assert f"{data}:1:1: error: 'strong' is missing" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["fit"], ["embed"], ["other"], ["embed", "--config", "x", "--data", "y"]])
def test_wrong_use(arguments):
    assert triage("similarity", *arguments).returncode == 2
