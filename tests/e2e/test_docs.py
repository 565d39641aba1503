"""What the documentation says can be done: its configurations, its commands and the keys it names exist."""

import functools
import re
import subprocess

import pytest
import yaml

from gateway import BINARY, ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONFIGURATION = (ROOT / "docs/configuration.md").read_text()
KEYS = {key.replace("[]", "") for key in re.findall(r"^\| `([^`]+)` \|", CONFIGURATION, re.M)}
TOP = {key.split(".")[0] for key in KEYS} | {"include"}
# Pieces that are not a file's beginning, by their first key, and what stands above it.
ABOVE = {"quality": ["routes", "x"], "price": ["deployments", "x"], "azure": ["providers"], "aws": ["providers"]}


def blocks(page, word):
    """Fenced blocks of a language, with what they are indented by taken away."""
    for indent, text in re.findall(rf"^( *)```{word}\n(.*?)^\1```", page.read_text(), re.S | re.M):
        yield "".join(line.removeprefix(indent) for line in text.splitlines(keepends=True))


def commands(page):
    """The words of each `triage ...` in code that is not a sentence."""
    text = page.read_text()
    code = re.findall(r"^( *)```(?:sh|bash|console|)\n(.*?)^\1```", text, re.S | re.M)
    lines = "\n".join([block for _, block in code] + re.findall(r"^    +(\S.*)$", text, re.M)).replace("\\\n", " ")
    for line in lines.splitlines():
        line = re.split(r"\s#\s|[|;]|&&|[<>]", line)[0].strip().removeprefix("$ ")
        if re.match(r"triage [a-z-]+($| )", line):
            yield line.split()[1:]


def ended(*words):
    return subprocess.run([BINARY.resolve(), *words], capture_output=True, text=True, timeout=30)


@functools.cache
def help_of(command):
    done = ended(command, "--help")
    return done.stdout + done.stderr if done.returncode == 0 else None


CONFIGS = [(page, number, text) for page in PAGES for number, text in enumerate(blocks(page, "ya?ml"), 1)]


@pytest.mark.parametrize("page, number, text", CONFIGS, ids=[f"{page.stem}-{number}" for page, number, _ in CONFIGS])
def test_configurations_have_only_keys_that_exist(page, number, text, tmp_path):
    first = re.match(r"(?:#.*\n)*\s*(\w+):", text).group(1)
    if first in ABOVE or first not in TOP:
        assert first in ABOVE, f"{page.name}: what is above '{first}'? Add it to ABOVE"
        for name in reversed(ABOVE[first]):
            text = f"{name}:\n" + re.sub(r"^", " ", text, flags=re.M)
    assert set(yaml.safe_load(text)) <= TOP
    path = tmp_path / "triage.yaml"
    path.write_text(text)
    done = ended("check", "--no-env", path)
    told = done.stdout + done.stderr
    if {"providers", "deployments", "routes"} <= set(yaml.safe_load(text)) and not re.search(r"\.json\b", text):
        assert done.returncode == 0, f"{page.name}:\n{told}"
    # A piece names what stands elsewhere. It may do that, but not what stands nowhere.
    wrong = [line for line in told.splitlines() if re.search(r"error: (unknown key|expected|must be)", line)]
    assert not wrong, f"{page.name}:\n{told}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_their_options_exist(page):
    for command, *words in commands(page):
        text = help_of(command)
        assert text, f"{page.name}: no command is called '{command}'"
        for option in (word.split("=")[0].rstrip("]") for word in words if word.startswith(("--", "[--"))):
            assert option.lstrip("[") in text, f"{page.name}: triage {command} has no {option}"


def test_there_are_commands_to_look_at():
    assert sum(1 for page in PAGES for _ in commands(page)) > 30 and len(CONFIGS) > 15


@pytest.mark.parametrize("page", sorted((ROOT / "docs/coming-from").glob("*.md")), ids=lambda page: page.stem)
def test_what_the_importer_makes_of_another_gateways_file(page, tmp_path, monkeypatch):
    (theirs,) = blocks(page, "(?:yaml|json) theirs")
    (ours,) = blocks(page, "yaml")
    command, kind, name = next(words[:3] for words in commands(page) if words[0] == "import")
    (tmp_path / name).write_text(theirs)
    monkeypatch.chdir(tmp_path)
    done = ended(command, kind, name)
    assert done.returncode == 0 and done.stdout == ours, done.stdout + done.stderr


# First parts of keys under which nothing but keys is written.
OWN = {"limits", "ledger", "listen", "admin", "cascade", "ensemble", "hedge", "match", "pool", "prices", "quality", "record", "shadow",
       "timeouts", "retry"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_keys_that_are_named_exist(page):
    whole = {re.sub(r"\.<name>", "", key) for key in KEYS}
    for named in set(re.findall(r"`([a-z]+(?:\.[a-z_]+)+)`", page.read_text())):
        if named.split(".")[0] in OWN and not named.endswith((".yaml", ".md", ".json", ".db", ".cpp")) and not named.startswith("ledger.db"):
            assert any(key == named or key.endswith("." + named) for key in whole), f"{page.name}: no key is called {named}"
