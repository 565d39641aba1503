"""What is in docker/, as far as it can be shown without a container engine: that the files name each other rightly, that
the gateway takes the configuration, and that dashboard and alerts ask for metrics and labels that it has."""

import configparser
import fnmatch
import json
import re
import shutil
import subprocess

import pytest
import yaml

from gateway import BINARY, ROOT, Process, free_port, request

DOCKER = ROOT / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
ALERTS = yaml.safe_load((DOCKER / "alerts.yml").read_text())
PROMETHEUS = yaml.safe_load((DOCKER / "prometheus.yml").read_text())
DASHBOARD = json.loads((DOCKER / "grafana/dashboards/triage.json").read_text())
DEMO_KEY = "tk-demo-only"

RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [(rule["alert"], rule["expr"]) for rule in RULES]
QUERIES += [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
QUERIES += [(variable["name"], variable["definition"]) for variable in DASHBOARD["templating"]["list"]]


def mounts(service):
    """(path here or name of a volume, path inside) of every volume of a service."""
    return [tuple(text.split(":")[:2]) for text in service.get("volumes", [])]


def inside(name, path):
    """The file here that `path` is in the container of the service `name`."""
    for here, there in mounts(COMPOSE["services"][name]):
        if here.startswith(".") and (path == there or path.startswith(there + "/")):
            return DOCKER / here / path[len(there) :].lstrip("/")
    raise AssertionError(f"nothing is mounted at {path} in {name}")


@pytest.fixture(scope="module")
def samples(simulator, tmp_path_factory):
    """(name, labels) of every sample that the gateway of compose.yaml has after one request."""
    folder = tmp_path_factory.mktemp("deploy")
    port = free_port()
    admin = free_port(but=port)
    config = yaml.safe_load((DOCKER / "gateway/triage.yaml").read_text())
    config["listen"]["address"], config["admin"]["address"] = f"127.0.0.1:{port}", f"127.0.0.1:{admin}"
    config["ledger"]["dir"] = str(folder / "ledger")
    config["providers"]["simulated"]["base_url"] = f"http://127.0.0.1:{simulator.port}/v1"
    (folder / "triage.yaml").write_text(json.dumps(config))
    process = Process(["serve", "--config", folder / "triage.yaml"], folder / "log", [port, admin])
    body = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
    assert request(port, "POST", "/v1/chat/completions", body, key=None)[0] == 401
    status, headers, _ = request(port, "POST", "/v1/chat/completions", body, key=DEMO_KEY)
    assert status == 200 and headers["x-triage-tier"] == "small"
    text = request(admin, "GET", "/metrics", key=None)[2].decode()
    assert process.stop() == 0, process.stderr()
    found = []
    for line in text.splitlines():
        match = re.match(r"(triage_\w+)(?:\{(.*)\})? ", line)
        if match:
            found.append((match.group(1), dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match.group(2) or ""))))
    return found


def test_metrics_of_queries_exist(samples):
    added = {"instance", "job"}  # by Prometheus
    for where, query in QUERIES:
        used = re.findall(r"\b(triage_\w+)(?:\{([^}]*)\})?", query)
        assert used or query.startswith("up{"), f"{where}: no metric in {query}"
        assert query.count("(") == query.count(")") and query.count("{") == query.count("}"), f"{where}: {query}"
        for name, selector in used:
            has = [labels for sample, labels in samples if sample == name]
            assert has, f"{where}: the gateway has no metric {name}"
            for label, operator, value in re.findall(r'(\w+)\s*(=~|!=|!~|=)\s*"([^"]*)"', selector):
                values = {labels.get(label) for labels in has}
                assert label in added or None not in values, f"{where}: {name} has no label {label}"
                for alternative in [] if "$" in value or label in added else value.split("|"):
                    assert alternative in values, f"{where}: {name} never has {label}={alternative}"
        for list_ in re.findall(r"\bby \(([^)]*)\)", query):
            for label in set(re.split(r",\s*", list_)) - added:
                assert any(label in labels for sample, labels in samples if sample in dict(used)), f"{where}: no label {label}"


def test_metrics_are_documented(samples):
    text = "".join((ROOT / "docs" / name).read_text() for name in ("operate.md", "experiments.md"))
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name, _ in samples}
    assert [name for name in sorted(families) if f"`{name}`" not in text] == []


def test_prometheus_takes_the_rules():
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("there is no promtool here")
    done = subprocess.run([promtool, "check", "rules", DOCKER / "alerts.yml"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_shows_what_the_product_is_for():
    shown = " ".join(query for title, query in QUERIES if title in {panel["title"] for panel in PANELS})
    for metric in ("answers", "frontier_cost_nano_usd", "escalation_ratio", "breaker_state", "pairs", "experiment_log_evidence",
                   "drift_state", "slo_state", "key_cost_nano_usd"):
        assert f"triage_{metric}" in shown, metric


def test_alerts_are_documented():
    text = (ROOT / "docs/operate.md").read_text()
    for rule in RULES:
        assert f"`{rule['alert']}`" in text, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket") and rule["annotations"]["summary"]


def test_dashboard():
    uid = yaml.safe_load((DOCKER / "grafana/provisioning/datasources/prometheus.yaml").read_text())["datasources"][0]["uid"]
    assert {panel["datasource"]["uid"] for panel in PANELS} == {uid}
    assert {target["datasource"]["uid"] for panel in PANELS for target in panel["targets"]} == {uid}
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    taken = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, f"{panel['title']} covers another panel"
        taken |= cells


def test_what_compose_mounts_exists():
    for name, service in COMPOSE["services"].items():
        for here, _ in mounts(service):
            assert (DOCKER / here).exists() if here.startswith(".") else here in COMPOSE["volumes"], f"{name}: {here}"
        if "build" in service:
            assert ((DOCKER / service["build"]["context"]).resolve() / service["build"]["dockerfile"]).is_file()


def test_compose_confines_every_service():
    for name, service in COMPOSE["services"].items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"] and "healthcheck" in service, name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} opens {port} to other machines"
    assert not any(":9090:" in port for port in COMPOSE["services"]["gateway"]["ports"]), "the admin address is published"


def test_files_name_each_other():
    for path in PROMETHEUS["rule_files"]:
        assert inside("prometheus", path).is_file()
    config = yaml.safe_load((DOCKER / "gateway/triage.yaml").read_text())
    admin_port = config["admin"]["address"].rpartition(":")[2]
    assert PROMETHEUS["scrape_configs"][0]["static_configs"][0]["targets"] == [f"gateway:{admin_port}"]
    listens = COMPOSE["services"]["providers"]["command"][-1].rpartition(":")[2]
    assert config["providers"]["simulated"]["base_url"] == f"http://providers:{listens}/v1"
    assert config["ledger"]["dir"] in [there for _, there in mounts(COMPOSE["services"]["gateway"])]
    boards = yaml.safe_load((DOCKER / "grafana/provisioning/dashboards/triage.yaml").read_text())["providers"][0]["options"]["path"]
    assert (inside("grafana", boards) / "triage.json").is_file()
    home = COMPOSE["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert inside("grafana", home).is_file()
    source = yaml.safe_load((DOCKER / "grafana/provisioning/datasources/prometheus.yaml").read_text())["datasources"][0]["url"]
    assert source == "http://prometheus:9090" and "prometheus" in COMPOSE["services"]
    command = dockerfile_lines("CMD")[-1]
    assert inside("gateway", json.loads(command)[-1]).is_file()


def test_config_of_compose_passes_check():
    done = subprocess.run([BINARY, "check", DOCKER / "gateway/triage.yaml"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr


def dockerfile_lines(word):
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
    return [line[len(word) + 1 :].strip() for line in text.splitlines() if line.startswith(word + " ")]


def test_what_the_dockerfile_copies_exists():
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [line.split() for line in dockerfile_lines("COPY") if not line.startswith("--from=")]
    assert copied
    for *sources, _ in copied:
        for source in sources:
            assert (ROOT / source).exists(), f"COPY {source}"
            assert any(fnmatch.fnmatch(source.split("/")[0], pattern) for pattern in kept), f".dockerignore leaves out {source}"


def test_the_image_is_pinned_and_says_what_it_is():
    assert re.fullmatch(r"BASE=debian:\w+-\d{8}-slim(@sha256:[0-9a-f]{64})?", dockerfile_lines("ARG")[0])
    assert {line.split()[0] for line in dockerfile_lines("FROM")} == {"${BASE}"}
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', dockerfile_lines("LABEL")[0]))
    assert {"title", "description", "licenses", "version", "revision"} <= set(labels)
    version = re.search(r"project\(triage VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    assert f"VERSION={version}" in dockerfile_lines("ARG")
    chart = yaml.safe_load((DOCKER / "helm/triage/Chart.yaml").read_text())
    assert chart["appVersion"] == version


def test_dockerfile_calls_functions_that_exist():
    defined = set(re.findall(r"^(\w+)\(\) \{", (ROOT / "scripts/packages.sh").read_text(), re.M))
    steps = [line for line in dockerfile_lines("RUN") if "packages.sh" in line]
    assert steps
    for step in steps:
        assert re.search(r"&& (\w+)", step).group(1) in defined, step


def test_packages_of_the_binary():
    """The runtime stage installs what runtime_packages prints."""
    if not shutil.which("dpkg-query"):
        pytest.skip("not a Debian")
    script = '. scripts/packages.sh && runtime_packages "$0"'
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script, BINARY], cwd=ROOT, capture_output=True, text=True, timeout=60)
    packages = done.stdout.split()
    assert done.returncode == 0 and done.stderr == "", done
    assert {"libc6", "libsqlite3-0", "ca-certificates"} <= set(packages)
    assert not [name for name in packages if name.endswith("-dev")]


def unit():
    parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    parser.optionxform = str
    parser.read(DOCKER / "triage.service")
    return parser["Service"]


def test_unit_leaves_time_to_drain():
    schema = (ROOT / "docs/configuration.md").read_text()
    drain = int(re.search(r"`limits.drain` \| duration \| `(\d+)s`", schema).group(1))
    assert int(unit()["TimeoutStopSec"]) > drain
    assert int(COMPOSE["services"]["gateway"]["stop_grace_period"].rstrip("s")) > drain


def test_unit_is_accepted_by_systemd(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    text = (DOCKER / "triage.service").read_text()
    path = tmp_path / "triage.service"
    path.write_text(text.replace("/usr/local/bin/triage", str(BINARY.resolve())))
    done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, timeout=60)
    assert "triage.service" not in done.stderr and done.returncode == 0, done.stderr
