"""The Helm chart: lint, and what its templates become. Skipped where there is no helm. Nothing here asks the network."""

import re
import shutil
import subprocess

import pytest
import yaml

from gateway import BINARY, ROOT, Process, free_port, request

CHART = ROOT / "docker" / "helm" / "triage"
EXAMPLE = CHART / "example-values.yaml"
HELM = shutil.which("helm")
pytestmark = pytest.mark.skipif(HELM is None, reason="there is no helm here")

KUBERNETES = "1.31.0"  # what a helm without a cluster is to take for granted
EXPOSED = "metrics.exposed=true,secret=keys,ledger.storageClass=-,replicas=3,image.tag=7"


def helm(*words):
    return subprocess.run([HELM, *map(str, words)], capture_output=True, text=True, timeout=60)


def template(*options):
    return helm("template", "gateway", CHART, "--kube-version", KUBERNETES, *options)


def rendered(*options):
    done = template(*options)
    assert done.returncode == 0, done.stderr
    return {each["kind"]: each for each in yaml.safe_load_all(done.stdout) if each}


@pytest.mark.parametrize("options", [(), ("-f", EXAMPLE), ("-f", EXAMPLE, "--set", EXPOSED)])
def test_lint(options):
    done = helm("lint", "--strict", CHART, "--kube-version", KUBERNETES, *options)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("options", [(), ("--set", EXPOSED)])
def test_the_pod_is_whole_and_its_configuration_can_be_served(tmp_path, options):
    found = rendered("-f", EXAMPLE, *options)
    exposed = bool(options)
    pod = found["StatefulSet"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"] and pod["securityContext"]["runAsNonRoot"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["exec"]["command"] == ["triage", "health", "--admin", "127.0.0.1:9090"]
    volumes = {each["name"] for each in pod["volumes"]}
    claims = {each["metadata"]["name"] for each in found["StatefulSet"]["spec"].get("volumeClaimTemplates", [])}
    assert volumes | claims == {each["name"] for each in container["volumeMounts"]} and bool(claims) != exposed
    assert found["Service"]["spec"]["selector"].items() <= found["StatefulSet"]["spec"]["template"]["metadata"]["labels"].items()
    assert {each["name"] for each in container["ports"]} == ({"http", "metrics"} if exposed else {"http"})
    assert container["ports"][0]["containerPort"] == 8080
    assert container["envFrom"] == [{"secretRef": {"name": "keys" if exposed else "triage-keys"}}]
    assert container["image"] == ("triage:7" if exposed else "triage:0.1.0")
    assert container["args"][-1] == ("0.0.0.0:9090" if exposed else "127.0.0.1:9090")
    path = tmp_path / "triage.yaml"
    path.write_text(found["ConfigMap"]["data"]["triage.yaml"])
    done = subprocess.run([BINARY, "check", "--no-env", path], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


def test_the_configuration_arrives_as_it_was_written(tmp_path):
    """Routes keep their order: the first that matches is used."""
    text = "listen: {address: \"0.0.0.0:8080\"}\nroutes:\n  zebra: {}  # 'first'\n  apple: {}\n"
    (tmp_path / "triage.yaml").write_text(text)
    found = rendered("--set-file", f"config={tmp_path / 'triage.yaml'}")
    assert found["ConfigMap"]["data"]["triage.yaml"] == text


@pytest.mark.parametrize("config, told", [
    ("", "config is empty"),
    ("listen: {address: \"127.0.0.1:8080\"}", "no other pod reaches"),
    ("routes: {}", "no other pod reaches"),
    ("listen: {address", "config: error"),
])
def test_what_cannot_work_is_refused(tmp_path, config, told):
    (tmp_path / "triage.yaml").write_text(config)
    done = template("--set-file", f"config={tmp_path / 'triage.yaml'}")
    assert done.returncode != 0 and told in done.stderr, done.stderr


def test_a_map_is_refused(tmp_path):
    (tmp_path / "values.yaml").write_text("config: {listen: {address: \"0.0.0.0:8080\"}}")
    done = template("-f", tmp_path / "values.yaml")
    assert done.returncode != 0 and "as text" in done.stderr, done.stderr


def test_the_probe_of_the_chart_finds_the_gateway_of_the_chart(tmp_path, simulator):
    """What the container runs, with its files and ports moved."""
    container = rendered("-f", EXAMPLE)["StatefulSet"]["spec"]["template"]["spec"]["containers"][0]
    port = free_port()
    admin = free_port(but=port)
    config = yaml.safe_load(EXAMPLE.read_text())["config"]
    config = re.sub(r"0\.0\.0\.0:8080", f"127.0.0.1:{port}", config).replace("/var/lib/triage", str(tmp_path / "ledger"))
    config = config.replace("https://api.openai.com", f"http://127.0.0.1:{simulator.port}")
    (tmp_path / "triage.yaml").write_text(config)
    moved = {"/etc/triage/triage.yaml": str(tmp_path / "triage.yaml"), "127.0.0.1:9090": f"127.0.0.1:{admin}"}
    arguments = [moved.get(word, word) for word in container["args"]]
    process = Process(arguments, tmp_path / "log", [port, admin], {"OPENAI_API_KEY": "sk-x", "GATEWAY_KEY_SHA256": "0" * 64})
    probe = [moved.get(word, word) for word in container["readinessProbe"]["exec"]["command"]]
    assert subprocess.run([BINARY, *probe[1:]], capture_output=True, timeout=10).returncode == 0
    assert request(port, "GET", "/v1/models", key=None)[0] == 401
    assert process.stop() == 0
