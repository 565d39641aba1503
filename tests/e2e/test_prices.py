"""`triage prices`: which price each deployment has, and LiteLLM's table as ours."""

import json

from test_cli import triage

LITELLM = {
    "sample_spec": {"mode": "one of: chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
    "gpt-4o-mini": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
    "dall-e-3": {"litellm_provider": "openai", "mode": "image_generation", "output_cost_per_image": 0.04},
    "gemini/gemini-2.5-pro": {
        "litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
        "input_cost_per_token_above_200k_tokens": 2.5e-06, "max_input_tokens": 1048576,
    },
}  # fmt: skip

CONFIG = """
providers: {p: {base_url: "https://x.example"}}
deployments:
  mini: {provider: p, model: gpt-4o-mini}
  pro: {provider: p, model: gemini-2.5-pro}
  mine: {provider: p, model: gpt-4o-mini, price: {input: 0.5, output: 1.5}}
  local: {provider: p, model: "llama3.1:8b"}
"""


def shown(path):
    done = triage("prices", "show", "--config", path, "--json")
    assert done.returncode == 0, done
    out = json.loads(done.stdout)
    return out, {row["deployment"]: row for row in out["deployments"]}, done.stderr


def test_show(tmp_path):
    path = tmp_path / "triage.yaml"
    path.write_text(CONFIG)
    out, rows, _ = shown(path)
    assert out["table"] == "built in" and out["version"].startswith(out["date"] + "-")
    assert rows["mini"]["from"] == "table" and rows["mini"]["price"]["input"] == "0.15"
    assert rows["mine"]["from"] == "own" and rows["mine"]["price"]["output"] == "1.5"
    assert rows["local"]["from"] == "unknown" and "input" not in rows["local"]["price"]
    text = triage("prices", "show", "--config", path)
    assert text.returncode == 0 and out["version"] in text.stdout and "not known" in text.stdout
    assert max(len(line) for line in text.stdout.splitlines()) <= 100
    assert "gpt-4o-mini" in triage("prices", "show").stdout


def test_import_then_use(tmp_path):
    source, table, path = tmp_path / "litellm.json", tmp_path / "prices.yaml", tmp_path / "triage.yaml"
    source.write_text(json.dumps(LITELLM))
    done = triage("prices", "import", source, "--out", table, "--date", "2026-01-02")
    assert done.returncode == 0, done
    assert done.stdout == "" and "2 models" in done.stderr and "dall-e-3" in done.stderr and "sample_spec" in done.stderr
    path.write_text(CONFIG + "prices: {file: prices.yaml}\n")
    out, rows, notes = shown(path)
    assert out["date"] == "2026-01-02" and out["stale"] is True and "days old" not in notes
    assert rows["mini"]["price"]["output"] == "2"
    assert rows["pro"]["price"]["steps"] == [{"above": 200000, "input": "2.5"}]
    assert "days old" in triage("prices", "show", "--config", path).stderr
    path.write_text(CONFIG + "prices: {file: litellm.json}\n")
    direct, same, _ = shown(path)
    assert [row["price"] for row in same.values()] == [row["price"] for row in rows.values()]
    assert direct["version"].split("-")[-1] == out["version"].split("-")[-1]


def test_import_refuses(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("{")
    assert triage("prices", "import", path).returncode == 1
    path.write_text("{}")
    assert triage("prices", "import", path).returncode == 1
    assert triage("prices", "import", tmp_path / "none.json").returncode == 3
    for wrong in [[], ["sell"], ["import"], ["show", "x"], ["import", path, "--date", "2026-02-30"], ["show", "--out", "x"]]:
        done = triage("prices", *wrong)
        assert done.returncode == 2 and done.stdout == "" and done.stderr, wrong
