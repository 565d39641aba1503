"""A route with an experiment: what `check`, `schema`, `explain` and the running gateway make of its arms."""

import json
import subprocess

import pytest

from gateway import BINARY, config_for, wait_for

EXPERIMENT = {
    "name": "cheaper",
    "treatment": {"routers": ["header", {"fixed": {"tier": "small"}}]},
    "unit": [{"header": "x-user-id"}, {"field": "user"}, "key"],
    "stages": [{"share": 0.5, "at_least": "1h"}, {"share": 1}],
    "guardrails": [{"signal": "error", "margin": 0.05}],
}


def config(port, folder, **experiment):
    chat = {
        "match": {"models": ["auto"]},
        "tiers": {"small": ["sim-small"], "large": ["sim-large"]},
        "routers": ["header", {"fixed": {"tier": "large"}}],
        "experiment": {**EXPERIMENT, **experiment},
    }
    deployments = {name: {"provider": "sim", "model": name, "price": {"input": 1, "output": 1}} for name in ("sim-small", "sim-large")}
    return config_for(
        port, deployments=deployments, tiers=["small", "large"], routes={"chat": chat}, ledger={"dir": str(folder / "ledger")}
    )


def triage(*arguments, text=None):
    return subprocess.run([BINARY, *arguments], input=text, capture_output=True, text=True, timeout=20)


@pytest.fixture
def write(tmp_path):
    def writer(values):
        path = tmp_path / "experiment.yaml"
        path.write_text(values if isinstance(values, str) else json.dumps(values))
        return str(path)

    return writer


def explain(path, body, *arguments):
    done = triage("explain", "--config", path, "--json", *arguments, text=json.dumps(body))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


QUESTION = {"model": "auto", "messages": [{"role": "user", "content": "Hello there"}], "max_tokens": 5}


def test_explain_says_the_unit_and_from_which_share_on_it_gets_the_treatment(write, tmp_path):
    path = write(config(1, tmp_path))
    at_rest = explain(path, QUESTION, "--key", "e2e", "--header", "x-user-id: ann")
    seen = at_rest["experiment"]
    assert (seen["name"], seen["arm"], seen["share"], len(seen["version"])) == ("cheaper", "control", 0, 8)
    assert seen["unit"] == {"from": "header", "name": "x-user-id"} and at_rest["tier"] == "large"
    above = seen["treatment_above"]
    for share, arm, tier in ((above * 0.99, "control", "large"), (min(1, above * 1.01 + 0.001), "treatment", "small")):
        found = explain(path, QUESTION, "--key", "e2e", "--header", "x-user-id: ann", "--share", f"{share:.12f}")
        assert (found["experiment"]["arm"], found["tier"]) == (arm, tier)
    by_field = explain(path, {**QUESTION, "user": "ann"}, "--key", "e2e")["experiment"]
    assert by_field["unit"] == {"from": "field", "name": "user"} and by_field["treatment_above"] == above
    assert explain(path, QUESTION, "--key", "e2e")["experiment"]["unit"] == {"from": "key", "name": None}
    assert explain(path, QUESTION)["experiment"]["unit"] is None
    chosen = explain(path, QUESTION, "--header", "x-triage-tier: small", "--share", "0.9")
    assert chosen["experiment"]["why_not_counted"] and chosen["experiment"]["arm"] == "control" and chosen["tier"] == "small"
    text = triage("explain", "--config", path, "--header", "x-user-id: ann", text=json.dumps(QUESTION)).stdout
    assert "experiment: 'cheaper'" in text and "header 'x-user-id'" in text and "at any share above" in text


def test_an_arm_must_be_servable(write, tmp_path):
    values = config(1, tmp_path, treatment={"tiers": {"large": ["sim-lagre"]}})
    done = triage("check", write(values))
    assert done.returncode == 1
    assert "routes.chat.experiment.treatment.tiers.large[0].deployment: unknown deployment 'sim-lagre'" in done.stderr
    assert "did you mean 'sim-large'?" in done.stderr and done.stderr.count("error:") == 1, done.stderr
    values = config(1, tmp_path)
    del values["ledger"]
    done = triage("check", write(values))
    assert done.returncode == 1 and "needs the ledger" in done.stderr
    done = triage("check", write(config(1, tmp_path)))
    assert done.returncode == 0 and "let its stages last 7d in all" in done.stderr, done.stderr


def test_the_diff_names_the_arm(write, tmp_path):
    old = tmp_path / "old.yaml"
    old.write_text(json.dumps(config(1, tmp_path)))
    new = write(config(1, tmp_path, treatment={**EXPERIMENT["treatment"], "timeouts": {"total": "1m"}}))
    done = triage("check", "--diff", str(old), new)
    assert done.returncode == 4 and "route 'chat', treatment: timeouts" in done.stdout, done


def test_the_schema_knows_arms():
    schema = json.loads(triage("schema").stdout)
    route = schema["properties"]["routes"]["additionalProperties"]["properties"]
    experiment = route["experiment"]["properties"]
    assert experiment["treatment"]["$ref"] == "#/$defs/arm" and set(route["quality"]["properties"]) >= {"judge", "slo", "feedback"}
    arm = schema["$defs"]["arm"]["properties"]
    assert {"tiers", "routers", "cascade", "timeouts"} <= set(arm) and not {"match", "record", "experiment"} & set(arm)


def exported(folder):
    done = triage("ledger", "export", "--ledger", str(folder / "ledger"))
    return [json.loads(line) for line in done.stdout.splitlines()]


USERS = [f"user-{i}" for i in range(16)]


def arms(gateway, users=USERS):
    """user -> arm, as the answers say."""
    out = {}
    for user in users:
        status, fields, _ = gateway.request("POST", "/v1/chat/completions", QUESTION, {"x-user-id": user})
        assert status == 200 and fields["x-triage-experiment"] == "cheaper"
        assert fields["x-triage-tier"] == {"control": "large", "treatment": "small"}[fields["x-triage-arm"]]
        out[user] = fields["x-triage-arm"]
    return out


def runs(gateway, share=0.5):
    """Waits until the share of the first stage is in force."""
    wait_for(lambda: gateway.metric("triage_experiment_share", experiment="cheaper") == share, 10, "the experiment runs")


def test_the_gateway_does_what_explain_says(simulator, start, write, tmp_path):
    values = config(simulator.port, tmp_path)
    gateway, path = start(values), write(values)
    runs(gateway)
    seen = arms(gateway)
    assert set(seen.values()) == {"control", "treatment"}
    status, fields, _ = gateway.request("POST", "/v1/chat/completions", QUESTION, {"x-user-id": "user-0", "x-triage-tier": "small"})
    assert status == 200 and "x-triage-experiment" not in fields and fields["x-triage-tier"] == "small"
    wait_for(lambda: sum("path" in each for each in exported(tmp_path)) == len(USERS) + 1, 10, "the records")
    kept = [each for each in exported(tmp_path) if "path" in each]
    units = set()
    for user, record in zip(USERS, kept):
        experiment = record["experiment"]
        said = explain(path, QUESTION, "--key", "e2e", "--header", f"x-user-id: {user}", "--share", str(experiment["share"]))
        assert experiment["arm"] == seen[user] == said["experiment"]["arm"] and record["tier"] == said["tier"]
        assert experiment["name"] == "cheaper" and experiment["version"] == said["experiment"]["version"]
        assert len(experiment["unit"]) == 16 and user not in experiment["unit"]
        units.add(experiment["unit"])
    assert len(units) == len(USERS)
    assert kept[-1]["experiment"] is None
    assert gateway.metric("triage_experiment_requests_total", experiment="cheaper", outcome="ok") == len(USERS)


def test_replicas_and_restarts_give_everybody_the_same_arm(simulator, start, tmp_path):
    replicas = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        replicas.append(start(config(simulator.port, tmp_path / name)))
        runs(replicas[-1])
    first = arms(replicas[0])
    assert arms(replicas[1]) == first
    assert replicas[0].stop() == 0
    again = start(config(simulator.port, tmp_path / "one"))
    runs(again)
    assert arms(again) == first


def test_experiments_of_a_group_share_no_user(simulator, start, tmp_path):
    values = config(simulator.port, tmp_path, exclusive="models")
    other = json.loads(json.dumps(values["routes"]["chat"]))
    other["match"] = {"models": ["other"]}
    other["experiment"]["name"] = "second"
    values["routes"]["other"] = other
    gateway = start(values)
    runs(gateway)
    wait_for(lambda: gateway.metric("triage_experiment_share", experiment="second") == 0.5, 10, "the other runs, too")
    seen = set()
    for user in [f"user-{i}" for i in range(40)]:
        found = []
        for model in ("auto", "other"):
            status, fields, _ = gateway.request("POST", "/v1/chat/completions", {**QUESTION, "model": model}, {"x-user-id": user})
            assert status == 200
            found.append((fields.get("x-triage-experiment"), fields.get("x-triage-arm"), fields["x-triage-tier"]))
        assert found.count((None, None, "large")) == 1, "each user is in one of the two, and gets the other's control"
        seen.update(found)
    assert {each[:2] for each in seen} >= {(name, arm) for name in ("cheaper", "second") for arm in ("control", "treatment")}
