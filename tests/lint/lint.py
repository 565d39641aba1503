#!/usr/bin/env python3
"""Runs every lint over the tree: `python3 tests/lint/lint.py [ROOT]`.

Prints findings as FILE:LINE: message on stdout, exit 1 if there are any. With --counts the last line is
`P passed, F failed, S skipped`, one for each lint.
"""

import argparse
import pathlib
import sys

import co_await_trap
import formatting
import layers
import names
import size
import vocabulary

LINTS = (layers, co_await_trap, size, names, vocabulary, formatting)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--counts", action="store_true", help="end with one line of counts")
    arguments = parser.parse_args()

    passed = failed = skipped = 0
    for lint in LINTS:
        if lint is formatting and not formatting.binary():
            print(f"formatting: SKIPPED, there is no clang-format {formatting.MAJOR} here", file=sys.stderr)
            skipped += 1
            continue
        findings = sorted(lint.check(arguments.root.resolve()))
        for finding in findings:
            print(finding)
        failed += bool(findings)
        passed += not findings
    if arguments.counts:
        print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
