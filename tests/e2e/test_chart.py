"""The Helm chart: lint, and what its templates become. Skipped where there is no helm."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from gateway import BINARY, ROOT

CHART = str(ROOT / "docker" / "helm" / "triage")
HELM = shutil.which("helm")
pytestmark = pytest.mark.skipif(HELM is None, reason="there is no helm here")


def rendered(*options):
    done = subprocess.run([HELM, "template", "gateway", CHART, *options], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return {each["kind"]: each for each in yaml.safe_load_all(done.stdout) if each}


def test_lint():
    done = subprocess.run([HELM, "lint", "--strict", CHART], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("options", [(), ("--set", "metrics.exposed=true,secret=keys,ledger.storageClass=-,replicas=3")])
def test_the_pod_is_whole_and_its_configuration_can_be_served(tmp_path, options):
    found = rendered(*options)
    pod = found["StatefulSet"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"] and pod["securityContext"]["runAsNonRoot"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["exec"]["command"] == ["triage", "health", "--admin", "127.0.0.1:9090"]
    volumes = {each["name"] for each in pod["volumes"]}
    volumes |= {each["metadata"]["name"] for each in found["StatefulSet"]["spec"].get("volumeClaimTemplates", [])}
    assert volumes == {each["name"] for each in container["volumeMounts"]}
    assert found["Service"]["spec"]["selector"].items() <= found["StatefulSet"]["spec"]["template"]["metadata"]["labels"].items()
    text = found["ConfigMap"]["data"]["triage.yaml"]
    path = tmp_path / "triage.yaml"
    path.write_text(text)
    done = subprocess.run([BINARY, "check", "--no-env", str(path)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    exposed = "metrics.exposed=true" in json.dumps(options)
    assert yaml.safe_load(text)["admin"]["address"] == ("0.0.0.0:9090" if exposed else "127.0.0.1:9090")
    assert {each["name"] for each in container["ports"]} == ({"http", "metrics"} if exposed else {"http"})
    assert bool(re.search(r"envFrom", json.dumps(container))) == exposed
