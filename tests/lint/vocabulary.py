"""Words that docs/glossary.md has another word for, and a glossary that says each word once."""

import re

from source import Finding, files, read, relative

GLOSSARY = "docs/glossary.md"
ROW = re.compile(r"^\| ([a-z][^|]*?) \|")

# What must not be said: what is said instead. Types and files in code, and prose.
INSTEAD = {
    r"\b[Pp]rogram texts?\b": "code",
    r"\b[Ss]mall letters?\b": "lower case",
    r"\b[Cc]apital letters?\b": "upper case",
    r"\b(?:class|struct) Features\b": "ChatView: a request as routers and verifiers read it",
    r"\b(?:class|struct) Health\b": "LiveState: what outlives a reload; health is the probe",
    r"\b(?:class|struct) Client\b": "a client calls us; HttpUpstream calls providers",
    r"\b(?:class|struct) Context\b": "Scope, ClientSide or Services, whichever it is",
    r"\bRequestRecord\b": "RequestOutcome, or the LedgerRecord made from it",
    r"\b[Ss]tages?_(?:of)?\b": "tier, in a cascade; an experiment has stages",
    r"\btriage_\w+_percent\b": "a ratio, 0..1",
}
TEXT = {".hpp", ".cpp", ".md", ".yaml"}


def check(root):
    findings = []
    known = {}
    glossary = root / GLOSSARY
    if glossary.is_file():
        for number, line in enumerate(read(glossary).split("\n"), 1):
            row = ROW.match(line)
            if not row or row.group(1) == "word":
                continue
            if row.group(1) in known:
                findings.append(Finding(GLOSSARY, number, f"{row.group(1)!r} is in line {known[row.group(1)]} already"))
            known[row.group(1)] = number
    patterns = [(re.compile(pattern), instead) for pattern, instead in INSTEAD.items()]
    for path in files(root, "include", "src", "docs", "config", suffixes=TEXT):
        for number, line in enumerate(read(path).split("\n"), 1):
            for pattern, instead in patterns:
                match = pattern.search(line)
                if match:
                    findings.append(Finding(relative(root, path), number, f"{match.group(0)!r}: say {instead}"))
    return findings
