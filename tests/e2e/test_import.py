"""`triage import`: another gateway's configuration as ours, on the command line."""

import os
import pathlib

import pytest

from test_cli import triage

SHARED = pathlib.Path(os.environ.get("TRIAGE_SHARED", pathlib.Path(__file__).parents[3] / "shared")) / "data" / "configs"
FOLDERS = {"litellm": "litellm", "portkey": "portkey", "tensorzero": "tensorzero", "vllm-sr": "vllm-semantic-router",
           "bifrost": "bifrost", "agentgateway": "agentgateway"}

LITELLM = """
model_list:
  - model_name: chat
    litellm_params: {model: openai/gpt-4o-mini, api_key: sk-in-the-file}
litellm_settings: {cache: true}
"""


def test_a_config_is_written_and_checked(tmp_path):
    (tmp_path / "theirs.yaml").write_text(LITELLM)
    done = triage("import", "litellm", tmp_path / "theirs.yaml")
    assert done.returncode == 0, done.stderr
    assert "sk-in-the-file" not in done.stdout
    assert "# no counterpart: litellm_settings: {cache: true}" in done.stdout
    assert "OPENAI_API_KEY" in done.stderr, "the variables to set are told"
    ours = tmp_path / "triage.yaml"
    ours.write_text(done.stdout)
    os.environ["OPENAI_API_KEY"] = "sk-test"
    assert triage("check", ours).returncode == 0


def test_wrong_use_and_bad_files(tmp_path):
    (tmp_path / "bad.yaml").write_text("a: [1")
    assert triage("import", "litellm", tmp_path / "bad.yaml").returncode == 1
    assert triage("import", "nothing", tmp_path / "bad.yaml").returncode == 2
    assert triage("import", "litellm").returncode == 2
    assert triage("import", "litellm", tmp_path / "absent.yaml").returncode == 3


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no configurations at {SHARED}")
@pytest.mark.parametrize("form", FOLDERS)
def test_real_configs_can_be_served(form):
    for file in sorted((SHARED / FOLDERS[form]).iterdir()):
        done = triage("import", form, file)
        assert done.returncode == 0, f"{file}: {done.stderr}"
