"""`triage schema` against what `triage check` says: editors and the gateway agree."""

import json
import re
import subprocess

import pytest

from gateway import BINARY, ROOT

jsonschema = pytest.importorskip("jsonschema", reason="the package jsonschema could not be installed")
yaml = pytest.importorskip("yaml", reason="the package PyYAML could not be installed")

GOLDEN = ROOT / "tests/golden/config"
EXAMPLES = sorted(path for path in (ROOT / "config").glob("*.example.yaml") if not path.name.startswith("simulate"))
GOOD = sorted((GOLDEN / "valid").glob("*.yaml"))
BROKEN = sorted(GOLDEN.glob("*.yaml"))

# Messages about a file's structure and the spelling of values: what the schema must see, too.
STRUCTURE = re.compile(
    r"unknown k(ey|ind) '|is not in this version|must be (a|one) |cannot be a |takes one word|has no '(?!CERT|PRIV)|has no value"
    r"|it has no (unit|port|host)$|its unit is|it is no |is neither true nor false|does not start with http|it has a (query|fragment)|it is not known$|unknown dialect "
)
# What it does not: the environment, how an origin is spelt, which dialects know their base_url.
UNSEEN = {"admin_host_with_port", "env_value_not_shown", "listen_cors", "provider_without_url"}


class Yaml12(yaml.SafeLoader):
    """Scalars as the gateway and editors read them: `on`, `1:30` and `2026-01-01` are texts; keys always are."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag.rsplit(":", 1)[1] in ("int", "float", "null", "merge")]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


Yaml12.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))


def read(path):
    """Through JSON, whose keys are texts."""
    return json.loads(json.dumps(yaml.load(path.read_text(), Yaml12)))


@pytest.fixture(scope="module")
def schema():
    done = subprocess.run([BINARY, "schema"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and done.stderr == ""
    parsed = json.loads(done.stdout)
    jsonschema.Draft202012Validator.check_schema(parsed)
    return jsonschema.Draft202012Validator(parsed)


@pytest.mark.parametrize("path", EXAMPLES + GOOD, ids=lambda path: path.stem)
def test_good_files_are_valid(schema, path):
    assert [f"{error.json_path}: {error.message}" for error in schema.iter_errors(read(path))] == []


def structurally_broken(path):
    errors = re.findall(rf"^{path.name}:\d+:\d+: error: (.*)", path.with_suffix(".txt").read_text(), re.M)
    return path.stem not in UNSEEN and not path.stem.startswith("yaml_") and any(STRUCTURE.search(error) for error in errors)


@pytest.mark.parametrize("path", [path for path in BROKEN if structurally_broken(path)], ids=lambda path: path.stem)
def test_broken_structure_is_not_valid(schema, path):
    assert not schema.is_valid(read(path))


@pytest.mark.parametrize("path", [path for path in BROKEN if ": error: " not in path.with_suffix(".txt").read_text()], ids=lambda path: path.stem)
def test_what_is_only_warned_of_is_valid(schema, path):
    assert schema.is_valid(read(path))


def test_most_mistakes_are_seen_by_editors():
    assert sum(map(structurally_broken, BROKEN)) >= 40
