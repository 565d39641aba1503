#!/usr/bin/env python3
"""How often certified thresholds break their floor of quality, and plug-in thresholds theirs, on public data resampled.

    tests/bench/floors.py [--runs 1000] [--program build/bench/tests/bench/bench_floor]

Builds nothing: cmake --preset bench && ninja -C build/bench bench_floor. Needs ../shared/data/router (or $TRIAGE_SHARED).
"""

import argparse
import gzip
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("TRIAGE_SHARED", ROOT.parent / "shared")) / "data/router"

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--runs", type=int, default=1000)
parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/bench/tests/bench/bench_floor")
options = parser.parse_args()

for name in ("routellm_mmlu", "routellm_gsm8k"):
    file = DATA / f"{name}.jsonl.gz"
    if not file.exists():
        print(f"{name}: no {file}")
        continue
    print(name, flush=True)
    subprocess.run([options.program, str(options.runs), "domain"], input=gzip.open(file).read(), check=True)
