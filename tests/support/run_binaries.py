#!/usr/bin/env python3
"""Runs test binaries of GoogleTest, two at a time: `run_binaries.py RESULTS BINARY...`

Each whole in one process, because one process for each test takes five times as long under ASan. Prints a line for each
binary and all that a failing one printed; writes RESULTS/<binary>.xml. Exit 1 if one failed.
"""

import concurrent.futures
import pathlib
import subprocess
import sys
import time

LONGEST_SECONDS = 600


def run(binary, results):
    """(whether it passed, what to print)"""
    started = time.monotonic()
    command = [binary, "--gtest_brief=1", f"--gtest_output=xml:{results / pathlib.Path(binary).name}.xml"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LONGEST_SECONDS)
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as ended:
        code, output = f"still running after {LONGEST_SECONDS} s", ended.stdout or b""
    line = f"{pathlib.Path(binary).name}: {'passed' if code == 0 else f'FAILED ({code})'}, {time.monotonic() - started:.1f} s"
    return code == 0, line if code == 0 else output.decode(errors="replace") + line


def main():
    results = pathlib.Path(sys.argv[1])
    results.mkdir(parents=True, exist_ok=True)
    for old in results.glob("*.xml"):
        old.unlink()
    good = True
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for passed, text in pool.map(lambda binary: run(binary, results), sys.argv[2:]):
            print(text, flush=True)
            good &= passed
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
