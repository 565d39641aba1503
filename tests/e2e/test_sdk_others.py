"""The official OpenAI SDKs for Node and Go, unmodified. Each program runs all scenarios against the gateway and prints a
line of JSON for each: {"name", "ok", "detail"}."""

import json
import os
import shutil
import subprocess

import pytest

from gateway import KEY, ROOT
from passthrough import SPEECH, UPLOAD, passthrough_gateway

SCENARIOS = [
    "chat", "chat_streamed", "tools", "tools_streamed", "json_schema", "image", "embeddings", "models", "legacy_completion",
    "error_400", "error_401", "early_answer", "error_404", "error_429", "error_500", "error_503", "timeout", "cancel_mid_stream",
    "cut_stream", "file_upload", "speech", "feedback",
]  # fmt: skip
HERE = ROOT / "tests/e2e"


def prepare(command, folder):
    """Runs one step of an installation; what cannot be had here is skipped, with the reason."""
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{' '.join(command)}: no answer in 300 s")
    if done.returncode:
        pytest.skip(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[-300:]}")


def copy(source, folder):
    """The program's sources into a folder below build/, where its packages are installed."""
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    return folder


def node_program():
    if not shutil.which("npm"):
        pytest.skip("no Node here")
    folder = copy(HERE / "node", ROOT / "build/e2e-node")
    wanted = (folder / "package.json").read_text()
    stamp = folder / "installed.json"
    if not stamp.is_file() or stamp.read_text() != wanted:
        prepare(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--fetch-retries=1"], folder)
        stamp.write_text(wanted)
    return ["node", "scenarios.mjs"], folder


def go_program():
    if not shutil.which("go"):
        pytest.skip("no Go here")
    folder = copy(HERE / "go", ROOT / "build/e2e-go")
    prepare(["go", "mod", "download"], folder)
    built = subprocess.run(["go", "build", "-o", "scenarios", "."], cwd=folder, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return ["./scenarios"], folder


PROGRAMS = {"node": node_program, "go": go_program}


@pytest.fixture(scope="module", params=PROGRAMS)
def results(request, gateway, tmp_path_factory):
    command, folder = PROGRAMS[request.param]()
    data = tmp_path_factory.mktemp(request.param)
    (data / "upload").write_bytes(UPLOAD)
    (data / "speech").write_bytes(SPEECH)
    passing = passthrough_gateway(data)
    passing_gateway, _ = next(passing)
    environment = {
        **os.environ,
        "TRIAGE_BASE_URL": f"{gateway.url}/v1",
        "TRIAGE_ADMIN_URL": gateway.admin_url,
        "TRIAGE_PASSING_URL": f"{passing_gateway.url}/v1",
        "TRIAGE_KEY": KEY,
        "TRIAGE_UPLOAD": str(data / "upload"),
        "TRIAGE_SPEECH": str(data / "speech"),
    }
    done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    next(passing, None)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["name"]: line for line in lines}, done


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_sdk(results, scenario):
    found, done = results
    assert scenario in found, f"the program ended with {done.returncode} before {scenario}:\n{done.stderr[-2000:]}"
    assert found[scenario]["ok"], found[scenario]["detail"]
