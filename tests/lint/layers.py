"""Who may include whom.

    include/triage <- base <- statistics <- text <- json <- tokenize <- http1 <- websocket <- answer <- blocks <- openai
        <- { anthropic, responses, gemini, bedrock } <- features <- onnx <- options
        <- credentials <- similarity
        <- { http, clients, providers, routing, verify, judge, upstream, simulate, dashboard, admin (dashboard), ledger,
             offline, drift, experiment (ledger) }
        <- { pipeline (routing, verify, judge, clients, providers, upstream), config (routing, verify, judge, providers) }
        <- import (config)
        <- app

Folders in the same braces never include each other: they meet as the interfaces of include/triage. Of the first braces
pipeline and config include only those that are named.
"""

import re

from source import CPP, Finding, files, read, relative

DIALECTS = ["anthropic", "responses", "gemini", "bedrock"]
LAYERS = ["triage", "base", "statistics", "text", "json", "tokenize", "http1", "websocket", "answer", "blocks", "openai", *DIALECTS, "features", "onnx", "options", "credentials", "similarity"]
SHARED = set(LAYERS)
STAGES = {"http", "clients", "providers", "routing", "verify", "judge", "upstream", "simulate", "dashboard", "admin", "ledger", "experiment", "offline", "drift"}
MAY_INCLUDE = {layer: set(LAYERS[: at + 1]) for at, layer in enumerate(LAYERS)}
MAY_INCLUDE.update({each: MAY_INCLUDE["openai"] | {each} for each in DIALECTS})
MAY_INCLUDE["pipeline"] = SHARED | {"routing", "verify", "judge", "clients", "providers", "upstream", "pipeline"}
MAY_INCLUDE["config"] = SHARED | {"routing", "verify", "judge", "providers", "config"}
MAY_INCLUDE["import"] = SHARED | {"config", "import"}
MAY_INCLUDE["app"] = SHARED | STAGES | {"pipeline", "config", "import", "app"}
MAY_INCLUDE.update({stage: SHARED | {stage} for stage in STAGES})
MAY_INCLUDE["admin"] |= {"dashboard"}  # the pages that it serves
MAY_INCLUDE["experiment"] |= {"ledger"}  # the journal is what it decides by

# Libraries with one home each: it keeps their compile time, and their types, out of the rest.
HOMES = {"spdlog": {"base"}, "re2": {"text"}, "yaml-cpp": {"config", "simulate"}, "sqlite3.h": {"ledger"},
         "zlib.h": {"http1", "bedrock"}, "utf8proc.h": {"tokenize"}, "pcre2.h": {"tokenize"}, "onnxruntime_cxx_api.h": {"onnx"}, "toml++": {"import"}, "CLI/CLI.hpp": {"app"}}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def check(root):
    findings = []
    for path in files(root, "include", "src", suffixes=CPP):
        name = relative(root, path)
        folder = path.relative_to(root).parts[1] if len(path.relative_to(root).parts) > 2 else ""
        if folder not in MAY_INCLUDE:
            findings.append(Finding(name, 1, f"folder {folder!r} has no place in the layers: add it to {__name__}.py"))
            continue
        for number, line in enumerate(read(path).split("\n"), 1):
            match = INCLUDE.match(line)
            if match:
                message = verdict(root, folder, *match.groups())
                if message:
                    findings.append(Finding(name, number, message))
    return findings


def verdict(root, folder, ours, theirs):
    """What is wrong with one include of a file in `folder`, or None."""
    if theirs:
        library = theirs.split("/")[0]
        if library in HOMES and folder not in HOMES[library]:
            return f"<{library}/...> is only for src/{' and src/'.join(sorted(HOMES[library]))}"
        return None
    target = ours.split("/")[0]
    if not (root / "src" / ours).is_file() and not (root / "include" / ours).is_file():
        return f'"{ours}" is neither below src/ nor below include/: write the path from there'
    if target not in MAY_INCLUDE[folder]:
        return f"{folder} may not include {target}, only {', '.join(sorted(MAY_INCLUDE[folder]))}"
    return None
