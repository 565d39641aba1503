"""Claude Code and Codex, as npm has them, do a task with a tool through the gateway: before a provider of their own dialect,
and before all others. The model is scripted."""

import functools
import os
import re
import shutil
import subprocess

import pytest

for package in ("anthropic", "botocore", "google.genai"):
    pytest.importorskip(package, reason=f"the package {package} could not be installed")

import stream_grammar
from gateway import KEY, ROOT, Gateway, key_config
from matrix import OWN
from scripted import PROVIDERS, dialects, scripted, speaks
from scripted.exchange import Answer, Call, Text, Thought
from tee import Tee
from test_sdk_others import copy, prepare

CONTENT = "héllo \u2028 👋 it's \"done\"\n"


@functools.cache
def installed():
    """The folder of their packages; skips what cannot be had."""
    if not shutil.which("npm"):
        pytest.skip("no Node here")
    folder = copy(ROOT / "tests/e2e/coding_agents", ROOT / "build/e2e-agents")
    wanted = (folder / "package.json").read_text()
    stamp = folder / "installed.json"
    if not stamp.is_file() or stamp.read_text() != wanted:
        prepare(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--fetch-retries=1", "--ignore-scripts"], folder)
        stamp.write_text(wanted)
    return folder / "node_modules"


def program(pattern):
    """The binary of this machine's kind, out of its own package."""
    found = [path for path in installed().glob(pattern) if os.access(path, os.X_OK) and path.is_file()]
    if not found:
        pytest.skip(f"npm has no {pattern} for this machine")
    return str(found[0])


def claude_code(url, model, task, home):
    command = [program("@anthropic-ai/claude-code-linux-*/claude"), "-p", task, "--output-format", "json", "--permission-mode", "acceptEdits"]
    return [*command, "--allowedTools", "Write"], {
        "ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": KEY, "ANTHROPIC_MODEL": model, "ANTHROPIC_DEFAULT_HAIKU_MODEL": model,
        "CLAUDE_CONFIG_DIR": str(home), "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1",
    }  # fmt: skip


def codex(url, model, task, home):
    (home / "config.toml").write_text(f"""
        model = "{model}"
        model_provider = "triage"
        model_reasoning_effort = "low"
        approval_policy = "never"
        sandbox_mode = "danger-full-access"
        web_search = "disabled"
        analytics = {{enabled = false}}
        model_providers.triage = {{name = "Triage", base_url = "{url}/v1", env_key = "TRIAGE_KEY", wire_api = "responses"}}
    """)
    command = [program("@openai/codex-linux-*/vendor/*/**/codex"), "exec", "--skip-git-repo-check", "--json", task]
    return command, {"CODEX_HOME": str(home), "TRIAGE_KEY": KEY}


AGENTS = {"claude-code": ("messages", "/v1/messages", claude_code), "codex": ("responses", "/v1/responses", codex)}


def write_file(path, tools):
    """The call that writes the file, with a tool that the agent has."""
    if "Write" in tools:
        return Call("Write", {"file_path": path, "content": CONTENT})
    quoted = CONTENT.replace("'", "'\\''")
    return Call("exec_command", {"cmd": f"printf '%s' '{quoted}' > {path}"})


def script(asked, provider):
    """Writes the file that the task names, and is done when it is told that it is written."""
    task = re.search(r"\[task\] Write (\S+?\.txt)", asked.question())  # what the agent adds may stand right behind
    if not task or not asked.tools:
        return Answer([Text("ok")])
    if asked.answered():
        return Answer([Text("Done: written.")])
    call = write_file(task[1], asked.tools)
    call.id = f"{provider.ids}1" if provider.ids else ""
    thoughts = [Thought("A file, then.", provider.signature(1))] if asked.thinking and provider.signs else []
    return Answer([*thoughts, call], "calls")


class Setting:
    def __init__(self, folder):
        self.providers = scripted(script, folder)
        # An agent's thoughts are of use to the model only that it asked for: it drops those of other names.
        models = {"messages": "claude-sonnet-4-5", "responses": "gpt-5"}
        for name, each in self.providers.items():
            each.model = models.get(name, each.model)
        if "responses" in self.providers:
            self.providers["responses"].typed = lambda *_: None  # Codex sends more than OpenAI's SDK knows
        self.gateway = Gateway({
            "keys": [key_config()], "tiers": ["small"],
            "providers": {name: each.config() for name, each in self.providers.items()},
            "deployments": {name: each.deployment() for name, each in self.providers.items()},
            "routes": {name: {"match": {"models": [f"{name}-route", *({"messages": ["claude-*"], "responses": ["gpt-5"]}.get(name, []))]},
                              "tiers": {"small": [name]}} for name in self.providers},
        }, folder)  # fmt: skip
        self.tee = Tee(self.gateway.port)

    def close(self):
        self.tee.close()
        assert self.gateway.stop() == 0, self.gateway.stderr()
        for each in self.providers.values():
            each.close()


@pytest.fixture(scope="module")
def setting(tmp_path_factory):
    made = Setting(tmp_path_factory.mktemp("agents"))
    yield made
    made.close()


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("agent", AGENTS)
def test_a_task_with_a_tool(setting, tmp_path, agent, provider):
    form, path, command_of = AGENTS[agent]
    if provider not in setting.providers:
        pytest.skip(f"this binary has no dialect '{PROVIDERS[provider].dialect}', only {dialects()}")
    if not speaks(setting.gateway, path):
        pytest.skip(f"this binary does not speak {path}")
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    its = setting.providers[provider]
    its.forget()
    setting.tee.forget()
    own = {"messages": "claude-sonnet-4-5", "responses": "gpt-5"}
    model = own[provider] if provider == form else f"{provider}-route"
    command, environment = command_of(setting.tee.url, model, f"[task] Write {work}/hello.txt", home)
    done = subprocess.run(command, cwd=work, env={"PATH": os.environ["PATH"], "HOME": str(home), **environment},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)  # fmt: skip
    assert its.faults == []
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert (work / "hello.txt").read_text() == CONTENT
    assert "Done: written." in done.stdout
    assert its.asked[-1].answered(), "the tool's result did not reach the model"
    for status, headers, body in setting.tee.answers():
        if status == 200 and headers.get("content-type", "").startswith("text/event-stream"):
            assert stream_grammar.CHECKS[form](body, own=provider not in OWN[form])
