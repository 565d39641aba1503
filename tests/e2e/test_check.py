"""`triage check`: what ops people run before they commit a file."""

import json
import os
import re
import subprocess

import pytest

from gateway import BINARY, ROOT

EXAMPLES = sorted(path for path in (ROOT / "config").glob("*.example.yaml") if path.stem != "simulate.example")
BASE = """\
providers: {p: {base_url: "http://127.0.0.1:1/v1"}}
deployments:
  cheap: {provider: p, price: {input: 1, output: 1}}
  dear: {provider: p, price: {input: 9, output: 9}}
tiers: [small, large]
routes:
  chat:
    match: {models: [auto]}
    tiers: {small: [%s], large: [dear]}
    routers: [header, fixed: {tier: small}]
"""
GOOD, MIXED, BROKEN = BASE % "cheap", BASE % "{deployment: cheap, weight: 9}, dear", BASE % "chaep"


def check(*arguments, env=None):
    return subprocess.run([BINARY, "check", *arguments], capture_output=True, text=True, timeout=20, env={**os.environ, **(env or {})})


@pytest.fixture
def write(tmp_path):
    def writer(text, name="triage.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return writer


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_have_no_mistake_and_no_warning(path):
    done = check("--strict", str(path), env={name: "sk-test" for name in re.findall(r"\$\{(\w+)\}", path.read_text())})
    if "ONNX Runtime cannot be used" in done.stderr or "has no ONNX Runtime" in done.stderr:
        pytest.skip("there is no ONNX Runtime here")
    assert done.returncode == 0 and done.stderr == "" and ": ok, " in done.stdout, done


def test_the_readmes_example_is_as_good(write):
    (example,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    done = check("--strict", write(example), env={"OPENAI_API_KEY": "sk-test"})
    assert done.returncode == 0 and done.stderr == "", done


def test_there_are_at_least_five_examples():
    assert len(EXAMPLES) >= 5


def test_a_warning_is_told_with_its_fix_and_fails_only_if_strict(write):
    path = write(MIXED)
    done = check(path)
    assert done.returncode == 0 and ": ok, " in done.stdout
    assert re.fullmatch(rf"{re.escape(path)}:9:\d+: warning: .*a percentage is no routing\n  .*\n", done.stderr), done.stderr
    strict = check(path, "--strict")
    assert strict.returncode == 1 and strict.stdout == "" and strict.stderr == done.stderr


def test_json_has_the_diagnostics_on_stdout(write):
    path = write(MIXED)
    done = check(path, "--json")
    assert done.returncode == 0 and done.stderr == ""
    said = json.loads(done.stdout)
    (warning,) = said["diagnostics"]
    assert said["ok"] and said["file"] == path and re.fullmatch("[0-9a-f]{12}", said["version"])
    assert (warning["file"], warning["line"], warning["severity"]) == (path, 9, "warning")
    assert warning["fix"] and "percentage" in warning["message"]
    assert not json.loads(check(path, "--json", "--strict").stdout)["ok"]


def test_json_of_a_broken_file(write):
    done = check(write(BROKEN), "--json")
    assert done.returncode == 1 and done.stderr == ""
    said = json.loads(done.stdout)
    assert not said["ok"] and [each["severity"] for each in said["diagnostics"]] == ["error"]


def test_a_broken_file_gets_no_advice(write):
    """Advice on what could not be read would be guessing."""
    done = check(write(BROKEN.replace("price: {input: 1, output: 1}", "")))
    assert done.returncode == 1 and ": error: " in done.stderr and "warning" not in done.stderr


def test_diff_says_what_changes(write):
    old = write(GOOD + "  other: {match: {models: [o1]}, tiers: {small: [cheap]}}\n", "old.yaml")
    new = write(GOOD.replace("[auto]", '[auto, "gpt-*"]').replace("input: 9", "input: 8") + "admin: {address: \"127.0.0.1:7\"}\n", "new.yaml")
    done = check("--diff", old, new)
    assert done.returncode == 4 and done.stderr == ""
    assert done.stdout.splitlines() == [
        "what changes for traffic:",
        "  requests for models like 'gpt-*' go to route 'chat'; they were refused",
        "  requests for model 'o1' are refused; they went to route 'other'",
        "  deployment 'dear': price.input is 8, was 9 (USD per million tokens of input)",
        "  route 'other' is removed",
        "  route 'chat': match.models: \"gpt-*\" is added",
        "besides:",
        "  admin.address is \"127.0.0.1:7\", was \"127.0.0.1:9090\"",
    ]
    said = json.loads(check("--diff", old, new, "--json").stdout)
    assert said["ok"] and not said["same_for_traffic"] and len(said["changes"]) == 6
    assert said["before"]["version"] != said["after"]["version"]
    price = next(change for change in said["changes"] if change["path"] == "deployments.dear.price.input")
    assert (price["before"], price["after"], price["change"], price["traffic"]) == ("9", "8", "changed", True)


def test_diff_of_the_same_in_other_words(write):
    """A chain that is left out sends all to the highest tier; comments and defaults change nothing."""
    old = write(GOOD.replace("[header, fixed: {tier: small}]", "[fixed: {tier: large}]"), "old.yaml")
    new = write("# A comment.\nbreaker: {consecutive: 5}\n" + GOOD.replace("    routers: [header, fixed: {tier: small}]\n", ""), "new.yaml")
    done = check("--diff", old, new)
    assert done.returncode == 0 and done.stdout == "nothing changes for traffic\n"
    assert json.loads(check("--diff", old, new, "--json").stdout)["same_for_traffic"]


@pytest.mark.parametrize("texts", [(GOOD, BROKEN), (BROKEN, GOOD)])
def test_diff_with_a_broken_file(write, texts):
    paths = [write(text, f"{i}.yaml") for i, text in enumerate(texts)]
    done = check("--diff", *paths)
    assert done.returncode == 1 and done.stdout == "" and ": error: " in done.stderr
    said = json.loads(check("--diff", *paths, "--json").stdout)
    assert not said["ok"] and len(said["diagnostics"]) == 1


def test_diff_shows_no_secret(write):
    old = write(GOOD.replace("base_url", "api_key: sk-secret-1, base_url"), "old.yaml")
    new = write(GOOD.replace("base_url", "api_key: sk-secret-2, base_url"), "new.yaml")
    for more in ([], ["--json"]):
        done = check("--diff", old, new, *more)
        assert done.returncode == 4 and "api_key changed" in done.stdout and "sk-secret" not in done.stdout


@pytest.mark.parametrize(("old", "new", "said"), [
    ("base_url", "api_key: os.environ/OPENAI_API_KEY, base_url", "write ${OPENAI_API_KEY}"),
    ("base_url", "api_key: $OPENAI_API_KEY, base_url", "write ${OPENAI_API_KEY}"),
    ("base_url", "api_key: '\"sk-abc\"', base_url", "quotation marks"),
    ("/v1", "/v1/chat/completions", "end it in front of /chat/completions"),
    ("input: 9", "input: 0.0000025", "multiply it by 1,000,000"),
])
def test_habits_of_other_gateways(write, old, new, said):
    assert old in GOOD
    done = check(write(GOOD.replace(old, new)))
    assert done.returncode == 0 and said in done.stderr and "sk-abc" not in done.stderr


@pytest.mark.parametrize(("text", "name", "word"), [
    ("model_list:\n  - model_name: gpt-4o\n", "LiteLLM", "litellm"),
    ('{"strategy": {"mode": "loadbalance"}, "targets": []}', "Portkey", "portkey"),
    ("[gateway]\nbind_address = \"0.0.0.0:3000\"\n", "TensorZero", "tensorzero"),
])
def test_another_gateways_file_is_named(write, text, name, word):
    done = check(write(text))
    assert done.returncode == 1 and done.stderr.count("error:") == 1
    assert f"this is a configuration of {name}" in done.stderr and f"triage import {word} FILE" in done.stderr


def test_a_list_of_one_is_shown_as_it_should_be(write):
    done = check(write(GOOD.replace("small: [cheap]", "small: cheap")))
    assert done.returncode == 1 and "write it as '[cheap]'" in done.stderr


def test_without_the_environment(write):
    path = write(GOOD.replace("base_url", "api_key: \"${NOT_SET_HERE}\", base_url"))
    assert check(path).returncode == 1
    done = check(path, "--no-env")
    assert done.returncode == 0 and done.stderr == ""


def test_standard_input():
    done = subprocess.run([BINARY, "check", "-"], input=GOOD, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stdout.startswith("-: ok")
    done = subprocess.run([BINARY, "check", "-"], input=BROKEN, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "<stdin>:" in done.stderr
