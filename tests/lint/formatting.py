"""clang-format, in the version whose output is the rule here: others differ in details."""

import re
import shutil
import subprocess

from source import CPP, Finding, files, relative

MAJOR = 14
WARNING = re.compile(r"^(.+?):(\d+):\d+: (?:error|warning): (.*)$", re.M)


def binary():
    """A clang-format of that version, or None."""
    for name in (f"clang-format-{MAJOR}", "clang-format"):
        found = shutil.which(name)
        if found and f"version {MAJOR}." in subprocess.run([found, "--version"], capture_output=True, text=True).stdout:
            return found
    return None


def check(root):
    paths = files(root, "include", "src", "tests", suffixes=CPP)
    if not paths:
        return []
    result = subprocess.run([binary(), "--dry-run", "-Werror", *map(str, paths)], capture_output=True, text=True, cwd=root)
    first = {}
    for path, line, _ in WARNING.findall(result.stderr):
        first.setdefault(path, int(line))
    if result.returncode and not first:
        return [Finding(".clang-format", 1, result.stderr.strip())]
    return [Finding(path.removeprefix(f"{root}/"), line, "not as clang-format writes it: clang-format -i") for path, line in first.items()]
