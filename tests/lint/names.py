"""Names that say nothing, and paths of one person's machine."""

import re

from source import CPP, Finding, files, read, relative, blanked

EMPTY_WORDS = {"manager", "helper", "helpers", "util", "utils", "utility", "data", "info", "common", "core"}
TYPE = re.compile(r"\b(?:class|struct|enum(?:\s+class)?|union|using)\s+([A-Za-z_]\w*)")
DO = re.compile(r"\bdo_\w+(?=\s*\()")
SOMEBODYS_PATH = re.compile(r"(?<![\w/.:${}-])/(?:home|root|Users|work)/\w")
TEXT = {".hpp", ".cpp", ".py", ".md", ".txt", ".yaml", ".yml", ".json", ".sh", ".js", ".mjs", ".go", ".cmake", ""}


def words(name):
    """`PoolInfo2` and `pool_info` -> pool, info."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def check(root):
    findings = []
    for path in files(root, "include", "src", "tests", suffixes=CPP):
        name, text = relative(root, path), read(path)
        for part in path.relative_to(root).with_suffix("").parts:
            for word in EMPTY_WORDS & set(words(part)):
                findings.append(Finding(name, 1, f"the name {part!r} says nothing ({word}): name it for what it holds"))
        for number, line in enumerate(blanked(text).split("\n"), 1):
            for match in TYPE.finditer(line):
                for word in EMPTY_WORDS & set(words(match.group(1))):
                    findings.append(Finding(name, number, f"the type name {match.group(1)!r} says nothing ({word})"))
            for match in DO.finditer(line):
                findings.append(Finding(name, number, f"{match.group(0)!r}: say what it does"))
    everything = files(root, "include", "src", "tests", "docs", "config", "docker", "scripts", ".ci", suffixes=TEXT)
    for path in everything + sorted(p for p in root.iterdir() if p.is_file() and p.suffix in TEXT and p.name != ".git"):
        for number, line in enumerate(read(path).split("\n"), 1):
            match = SOMEBODYS_PATH.search(line)
            if match:
                findings.append(Finding(relative(root, path), number, f"a path of one machine: {match.group(0)}..."))
    return findings
