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
    assert done.returncode == 0 and done.stderr == "" and ": ok, " in done.stdout, done


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
