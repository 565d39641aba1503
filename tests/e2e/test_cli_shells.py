"""Completion in the shells themselves, and man pages as man reads them."""

import os
import pty
import select
import shutil
import subprocess
import time

import pytest

from gateway import BINARY


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def triage(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20, check=True).stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("shells")
    for shell in ("bash", "zsh", "fish"):
        (path / shell).write_text(triage("completion", shell))
    (path / "triage.yaml").write_text("")
    (path / "ledger-folder").mkdir()
    return path


# What is typed, what must be offered, what must not.
CASES = [
    ("triage se", {"serve"}, {"report"}),
    ("triage ", {"serve", "ledger", "completion", "help"}, {"verify", "--by"}),
    ("triage serve --", {"--config", "--demo", "--listen"}, {"--by", "--strict"}),
    ("triage ledger ", {"verify", "rebuild", "export"}, {"serve"}),
    ("triage ledger export --", {"--format", "--since"}, {"--demo", "--labels"}),
    ("triage export --", {"--labels"}, {"--format"}),
    ("triage report --by ", {"route", "deployment", "day"}, {"--json", "triage.yaml"}),
    ("triage report --by d", {"deployment", "day"}, {"route"}),
    ("triage completion ", {"bash", "zsh", "fish"}, {"serve"}),
    ("triage serve --config tri", {"triage.yaml"}, {"--demo"}),
    ("triage report --ledger ledger-f", {"ledger-folder"}, {"triage.yaml"}),
    ("triage check tri", {"triage.yaml"}, {"--diff"}),
]


@needs("bash")
@pytest.mark.parametrize("typed, offered, others", CASES)
def test_bash(folder, typed, offered, others):
    words = typed.split(" ")
    script = "source ./bash; COMP_WORDS=(%s); COMP_CWORD=%d; _triage; printf '%%s\\n' \"${COMPREPLY[@]}\"" % (" ".join(f"'{word}'" for word in words), len(words) - 1)
    done = subprocess.run(["bash", "--norc", "-c", script], cwd=folder, capture_output=True, text=True, timeout=20)
    assert done.stderr == ""
    got = set(done.stdout.split())
    assert offered <= got and not others & got, got


@needs("bash")
def test_bash_after_an_equals_sign(folder):
    script = "source ./bash; COMP_WORDS=(triage report --by = d); COMP_CWORD=4; _triage; echo ${COMPREPLY[@]}"
    assert subprocess.run(["bash", "--norc", "-c", script], cwd=folder, capture_output=True, text=True, timeout=20).stdout.split() == ["deployment", "day"]


@needs("fish")
@pytest.mark.parametrize("typed, offered, others", CASES)
def test_fish(folder, typed, offered, others):
    done = subprocess.run(["fish", "--no-config", "-c", f"source ./fish; complete -C '{typed}'"], cwd=folder, capture_output=True, text=True, timeout=30, env={**os.environ, "HOME": str(folder)})
    assert done.stderr == ""
    got = {line.split("\t")[0].rstrip("/") for line in done.stdout.splitlines()}
    assert offered <= got and not others & got, got


@needs("zsh")
@pytest.mark.parametrize("typed, offered, others", [case for case in CASES if len(case[1]) > 1])
def test_zsh(folder, typed, offered, others):
    """Types it into a terminal and presses the key that lists what there is."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe("zsh", ["zsh", "-f", "-i"], {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb", "PS1": "> ", "COLUMNS": "200"})
    try:
        setup = "autoload -Uz compinit; compinit -u -D; source ./zsh; setopt list_ambiguous; LISTMAX=1000; bindkey '^T' list-choices; echo rea''dy\n"
        os.write(terminal, setup.encode())
        read_until(terminal, "\nready", then=0.5)  # and the prompt
        os.write(terminal, typed.encode() + b"\x14")
        text = read_until(terminal, sorted(offered)[-1], then=0.7)
    finally:
        os.close(terminal)
        os.kill(child, 9)
        os.waitpid(child, 0)
    got = {word for line in text.splitlines() for word in line.split(" -- ")[0].split()}
    assert offered <= got and not others & got, text


def read_until(terminal, text, then=0.0, seconds=20):
    """What the terminal shows, up to `text` and what comes within `then` seconds of it."""
    seen, until = "", time.monotonic() + seconds
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536).decode(errors="replace").replace("\r", "")
        if text in seen and then is not None:
            until, then = min(until, time.monotonic() + then), None
    return seen


@needs("man")
@needs("groff")
@pytest.mark.parametrize("page", [[], ["serve"], ["ledger"], ["explain"], ["plan"]])
def test_man_pages_are_read_without_a_warning(tmp_path, page):
    file = tmp_path / "page.1"
    file.write_text(triage("man", *page))
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", file], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and done.stderr == ""
    shown = subprocess.run(["man", "-l", file], capture_output=True, text=True, timeout=20, env={**os.environ, "MANPAGER": "cat", "MANWIDTH": "80"}).stdout
    assert "NAME" in shown and "SYNOPSIS" in shown and " - " in shown.replace("\u2010", "-").replace("\u2212", "-")


def test_all_man_pages_are_written(tmp_path):
    triage("man", "--out", tmp_path / "man1")
    pages = {each.name for each in (tmp_path / "man1").iterdir()}
    assert {"triage.1", "triage-serve.1", "triage-ledger.1"} <= pages
    also = (tmp_path / "man1" / "triage.1").read_text()
    for name in pages - {"triage.1"}:
        assert name.removesuffix(".1").replace("-", "\\-") in also
