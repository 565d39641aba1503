"""`triage eval`, `sweep` and `plan`: what a route is worth on labelled questions, and which threshold to take."""

import gzip
import json
import os
import pathlib
import re
import subprocess
from html.parser import HTMLParser

import pytest

from gateway import BINARY

SHARED = pathlib.Path(os.environ.get("TRIAGE_SHARED", pathlib.Path(__file__).resolve().parents[3] / "shared"))
CONFIG = """
providers: {p: {dialect: openai, base_url: "http://127.0.0.1:1/v1"}}
deployments:
  cheap: {provider: p, model: c, price: {input: 1, output: 1}}
  dear: {provider: p, model: d, price: {input: 10, output: 30}}
  unpriced: {provider: p, model: of-no-table}
tiers: [small, medium, large]
routes:
  words:
    tiers: {small: [cheap], large: [dear]}
    routers:
      - heuristic: {rules: [{name: proof, when: {keywords: [prove]}, tier: large}]}
      - fixed: {tier: small}
  constant: {tiers: {small: [cheap], medium: [dear], large: [dear]}, routers: [{fixed: {tier: medium}}]}
  asks:
    tiers: {small: [cheap], large: [dear]}
    routers:
      - llm: {deployment: cheap}
      - heuristic: {rules: [{name: proof, when: {keywords: [prove]}, tier: large}]}
      - fixed: {tier: small}
  cascade: {tiers: {small: [cheap], large: [dear]}, routers: [{fixed: {tier: small}}], cascade: {verify: checks}}
  unpriced: {tiers: {small: [unpriced], large: [dear]}, routers: [{fixed: {tier: small}}]}
"""


@pytest.fixture
def here(tmp_path):
    (tmp_path / "triage.yaml").write_text(CONFIG)

    class Here:
        config = tmp_path / "triage.yaml"
        data = tmp_path / "rows.jsonl"

        def run(self, command, *more, rows=None, config=True):
            if rows is not None:
                self.data.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
            given = ["--config", self.config, "--data", self.data] if config else []
            return subprocess.run([BINARY, command, *given, *more], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)

        def found(self, command, *more, rows=None):
            done = self.run(command, *more, "--json", rows=rows)
            assert done.returncode == 0, done
            return json.loads(done.stdout)

    return Here()


def questions(count=200):
    """Every fourth question is hard, and says so."""
    return [{"prompt": f"{'Prove' if i % 4 == 0 else 'Say'} number {i}", "weak": int(i % 4 != 0), "strong": 1, "group": "ab"[i % 2]} for i in range(count)]


def scored(count):
    """A score that is right three times out of four."""
    return [{"prompt": f"q{i}", "weak": int(i * 7 % 10 >= 3), "strong": int(i % 10 != 9), "score": round((i * 7 % 10 < 3) * 0.5 + (i * 37 % 100) / 200, 4)} for i in range(count)]


def test_a_route_that_is_worth_having(here):
    found = here.found("eval", "--route", "words", "--require-better-than-random", rows=questions())
    decisions = found["decisions"]
    assert (found["rows"], found["questions"], found["tiers"]) == (200, 200, {"weak": "small", "strong": ["large"]})
    assert (decisions["strong_share"], decisions["quality"], decisions["routing_accuracy"]) == (0.25, 1, 1)
    assert (found["weak"]["quality"], found["strong"]["quality"], found["oracle"]["quality"]) == (0.75, 1, 1)
    assert found["worth_having"] and found["better_than_random"] and found["better_than_best_constant"]
    assert decisions["over_random_same_share"] == pytest.approx(1 - (0.75 + 0.25 * 0.25))
    assert [each["of"] for each in found["scores"]] == ["length", "group", "oracle"]


def test_a_constant_route_is_called_out(here):
    done = here.run("eval", "--route", "constant", "--require-better-than-random", rows=questions())
    assert done.returncode == 1 and "The route is a constant: it gives the strong answer" in done.stdout
    assert "'small' is weak; 'medium', 'large' are strong" in done.stdout
    assert here.run("eval", "--route", "constant").returncode == 0


def test_mistakes_are_counted_apart(here):
    rows = questions(8) + [{"prompt": "Prove it, though it is easy", "weak": 1, "strong": 1}, {"prompt": "This is hard", "weak": False, "strong": True}]
    found = here.found("eval", "--route", "words", rows=rows)["decisions"]
    assert (found["cost_inflation"]["easy"], found["cost_inflation"]["easy_up"]) == (7, 1)
    assert (found["quality_loss"]["hard"], found["quality_loss"]["hard_down"]) == (3, 1)


def test_a_router_that_asks_a_deployment_is_passed_over(here):
    found = here.found("eval", "--route", "asks", rows=questions())
    assert any("router 'llm' asks a deployment, which is not done here: it passed on 200 of 200 rows" in note for note in found["notes"])
    assert found["decisions"]["routing_accuracy"] == 1


def test_the_cascade_runs_on_recorded_answers(here):
    rows = [{**row, "weak_response": "42" if row["weak"] else "", "cost_weak": 1, "cost_strong": 10} for row in questions()]
    found = here.found("eval", "--route", "cascade", rows=rows)
    assert found["decisions"]["quality"] == 1 and found["decisions"]["strong_share"] == 0.25
    assert found["decisions"]["cost_usd"] == pytest.approx(1 + 0.25 * 10), "the cheap call is paid first"
    assert found["score"] == "cascade 'checks'" and found["apgr_exact"] > 0.8
    assert found["apgr_equal_cost"] < found["apgr_exact"]
    without = here.run("eval", "--route", "cascade", rows=questions())
    assert "no 'weak_response': the cascade is not run" in without.stdout


def test_costs_come_from_rows_or_prices(here):
    row = {"prompt": "a b c", "weak": 0, "strong": 1, "weak_response": "d"}
    found = here.found("eval", "--route", "constant", "--output-tokens", "1000000", rows=[row, {**row, "prompt": "e"}])
    assert found["strong"]["cost_usd"] == pytest.approx(30, rel=0.01)
    assert found["weak"]["cost_usd"] < 0.001, "its answer is there"
    found = here.found("eval", "--route", "unpriced")
    assert found["weak"]["cost_usd"] is None and any("has no price" in note for note in found["notes"])


@pytest.mark.parametrize(
    "line, says",
    [
        ('{"prompt": "a", "weak": 2, "strong": 1}', r"rows.jsonl:3: 'weak' is 2: write a score from 0"),
        ('{"prompt": "a", "strong": 1}', r"rows.jsonl:3: 'weak' is missing"),
        ("nonsense", r"rows.jsonl:3: the line is nonsense: write an object"),
        ('{"prompt": "a", "weak": null, "strong": 1}', r"rows.jsonl:3: 'weak' is null"),
    ],
)
def test_bad_rows_say_where(here, line, says):
    done = here.run("eval", "--route", "words", rows=questions(2) + [line])
    assert done.returncode == 1 and done.stdout == ""
    assert re.search(says, done.stderr), done.stderr


def test_wrong_use(here):
    here.data.write_text("")
    assert here.run("eval", "--route", "words").returncode == 3
    assert here.run("eval").returncode == 2, "there are several routes"
    done = here.run("eval", "--route", "wrds", rows=questions(4))
    assert done.returncode == 3 and "'words'" in done.stderr
    done = here.run("eval", "--route", "words", "--router", "llm")
    assert done.returncode == 2 and "nothing gives a score" in done.stderr
    assert here.run("eval", "--route", "words", "--data", "/no/such/file").returncode == 3
    assert here.run("sweep", "--route", "words", "--floor", "1.5").returncode == 2


def test_a_seed_gives_the_same_again(here):
    first = here.run("eval", "--route", "words", "--seed", "7", rows=questions())
    assert first.stdout == here.run("eval", "--route", "words", "--seed", "7").stdout
    assert first.stdout != here.run("eval", "--route", "words", "--seed", "8").stdout


class Page(HTMLParser):
    """What a browser would load and run."""

    def __init__(self):
        super().__init__()
        self.tags, self.outside, self.data = [], [], ""

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.outside += [value for name, value in attributes if name in ("src", "href", "srcset", "action") or name.startswith("on")]

    def handle_data(self, text):
        if self.tags and self.tags[-1] == "script" and text.startswith("{"):
            self.data = text


def test_the_page_holds_no_code_of_the_rows(here, tmp_path):
    attack = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    rows = [{**row, "prompt": row["prompt"] + attack, "group": attack, "score": i / 200} for i, row in enumerate(questions())]
    assert here.run("eval", "--route", "words", "--html", tmp_path / "page.html", rows=rows).returncode == 0
    page = Page()
    page.feed((tmp_path / "page.html").read_text())
    assert page.tags.count("script") == 2 and "img" not in page.tags and page.outside == []
    data = json.loads(page.data)
    assert len(data["questions"]) == 200 and attack in data["questions"][0][0]
    assert "input" in page.tags and len(data["steps"]) == 200


def deciles(scores):
    """numpy.quantile(scores, [0, .1, ... 1])"""
    scores = sorted(scores)
    places = [(len(scores) - 1) * i / 10 for i in range(11)]
    return [scores[int(p)] + (scores[min(int(p) + 1, len(scores) - 1)] - scores[int(p)]) * (p - int(p)) for p in places]


def routellm(scores, weak, strong):
    """APGR and CPT as lm-sys/RouteLLM's evaluate.py has them, from its description: eleven thresholds, trapezoids."""
    points, count = [], len(scores)
    for i, threshold in enumerate(deciles(scores)):
        up = [s > threshold if i == 10 else s >= threshold for s in scores]
        points.append((sum(up) / count, sum(b if u else a for u, a, b in zip(up, weak, strong)) / count))
    points.sort()
    low, high = sum(weak) / count, sum(strong) / count
    area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in zip(points, points[1:]))
    shares = []
    for level in (0.2, 0.5, 0.8):
        wanted = low + level * (high - low)
        a, b = next((a, b) for a, b in zip(points, points[1:]) if a[1] <= wanted < b[1])
        shares.append(a[0] + (b[0] - a[0]) * (wanted - a[1]) / (b[1] - a[1]))
    return (area - low) / (high - low), shares


@pytest.mark.parametrize("name", ["mmlu", "gsm8k"])
def test_measures_are_those_of_routellm(here, name):
    file = SHARED / "data/router" / f"routellm_{name}.jsonl.gz"
    if not file.exists():
        pytest.skip(f"no {file}")
    rows = [json.loads(line) for line in gzip.open(file, "rt")]
    here.data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = here.found("eval", "--route", "words", "--group", "domain", "--resamples", "100")
    length = next(each for each in found["scores"] if each["of"] == "length")
    apgr, shares = routellm([len(row["prompt"]) for row in rows], [row["weak"] for row in rows], [row["strong"] for row in rows])
    assert length["apgr"] == pytest.approx(apgr, abs=1e-9)
    assert [length[key] for key in ("cpt20", "cpt50", "cpt80")] == pytest.approx(shares, abs=1e-9)
    assert length["apgr_interval"][0] < apgr < length["apgr_interval"][1]
    assert found["weak"]["quality"] == pytest.approx(sum(row["weak"] for row in rows) / len(rows))
    oracle = next(each for each in found["scores"] if each["of"] == "oracle")
    assert oracle["apgr_exact"] > 1 and found["questions"] == len({row["prompt"] for row in rows})


def test_sweep_certifies_a_floor(here):
    found = here.found("sweep", "--route", "constant", "--floor", "0.9", rows=scored(4000))
    floor = found["floor"]
    assert floor["certifiable"] and floor["certified"] and floor["questions"] == 4000
    assert 0 < floor["recommended"]["strong_share"] < 1 and floor["recommended"]["kept"] > 0.9
    assert floor["plug_in"]["strong_share"] <= floor["recommended"]["strong_share"]
    shares = [point["strong_share"] for point in found["points"]]
    assert shares[0] == 0 and shares[-1] == 1 and shares == sorted(shares)


def test_sweep_says_when_a_floor_cannot_be_certified(here):
    done = here.run("sweep", "--route", "constant", "--floor", "0.98", rows=scored(50))
    assert done.returncode == 0
    needed = int(re.search(r"takes at least ([\d,]+) questions; there are 50: NOTHING can be certified", done.stdout).group(1))
    assert needed > 100 and "stays at always-strong" in done.stdout


def test_sweep_writes_only_thresholds(here):
    before = here.config.read_text()
    done = here.run("sweep", "--route", "constant", "--write", rows=scored(4000))
    assert done.returncode == 1 and "nothing is written" in done.stderr and "'thresholds'" in done.stderr
    assert here.config.read_text() == before
    done = here.run("sweep", "--route", "words", rows=questions())
    assert done.returncode == 2 and "nothing gives a score" in done.stderr


def test_sweep_writes_the_threshold(here):
    text = CONFIG.replace("[{fixed: {tier: small}}], cascade: {verify: checks}}", "[{classifier: {thresholds: {large: 0.7}, band: 0.05}}]}  # by hand")
    here.config.write_text(text)
    if subprocess.run([BINARY, "check", here.config], capture_output=True).returncode != 0:
        pytest.skip("this build has no router 'classifier' with a model of its own")
    rows = [{"prompt": f"Question {i}", "weak": 1, "strong": 1} for i in range(300)]
    assert here.found("sweep", "--route", "cascade", rows=rows)["in_force"] == pytest.approx(0.65)
    done = here.run("sweep", "--route", "cascade", "--write")
    assert done.returncode == 0 and "routes.cascade.routers[0].classifier.thresholds.large is now 1" in done.stderr
    assert here.config.read_text() == text.replace("large: 0.7", "large: 1"), "and nothing else"


def plan(*arguments):
    done = subprocess.run([BINARY, "plan", *map(str, arguments), "--json"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def test_plan_has_the_fields_examples():
    found = plan("--requests", 100_000, "--cost-strong", 0.02, "--cost-weak", 0.0005, "--share-weak", 0.8)
    assert found["always_strong_a_day_usd"] == pytest.approx(2000) and found["mix"]["pre-route"]["cost_a_day_usd"] == pytest.approx(440)
    found = plan("--cost-strong", 1, "--cost-weak", 0.03, "--share-weak", 0.7)
    assert found["mix"]["pre-route"]["saved"] == pytest.approx(0.679) and found["mix"]["cascade"]["saved"] == pytest.approx(0.67)
    found = plan("--cost-strong", 1, "--cost-weak", 0.03, "--cost-verifier", 0.02, "--share-weak", 0.7)
    assert found["mix"]["cascade"]["saved"] == pytest.approx(0.65)


def test_plan_compares_patterns(tmp_path):
    given = ["--cost-strong", 0.02, "--cost-weak", 0.0005, "--quality-weak", 0.68, "--quality-strong", 0.81, "--both-right", 0.62]
    found = plan(*given, "--html", tmp_path / "plan.html")
    assert found["recommended"] == "pre-route"
    even = found["break_even_verifier_accuracy"]
    assert 0.7 < even < 0.8
    better = plan(*given, "--verifier-accuracy", even + 0.01)
    assert better["recommended"] == "cascade"
    assert better["patterns"]["cascade"]["within_budget"]["quality_loss"] == pytest.approx(0.02)
    page = Page()
    page.feed((tmp_path / "plan.html").read_text())
    assert "svg" in page.tags and "script" not in page.tags and page.outside == []


@pytest.mark.parametrize(
    "arguments, says",
    [
        ([], "--cost-weak"),
        (["--cost-weak", "1", "--cost-strong", "x"], "--cost-strong 'x'"),
        (["--cost-weak", "1", "--cost-strong", "2", "--quality-weak", "0.5"], "--quality-strong"),
        (["--cost-weak", "1", "--cost-strong", "2", "--quality-weak", "0.5", "--quality-strong", "0.9", "--both-right", "0.6"], "--both-right"),
        (["--ledger", "/no/such/folder"], "/no/such/folder"),
    ],
)
def test_plan_says_what_is_wrong(arguments, says):
    done = subprocess.run([BINARY, "plan", *arguments], capture_output=True, text=True, timeout=20)
    assert done.returncode in (2, 3) and says in done.stderr.split("\n")[0] and done.stdout == ""
