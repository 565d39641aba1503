#!/usr/bin/env python3
"""Prints `PASSED FAILED SKIPPED` of JUnit files, as ctest, GoogleTest and pytest write them, then the names of what failed,
one a line."""

import sys
import xml.etree.ElementTree

passed = skipped = 0
failed = []
for name in sys.argv[1:]:
    for case in xml.etree.ElementTree.parse(name).iter("testcase"):
        left_out = case.find("skipped")
        status = case.get("status")
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(f"{case.get('classname', '')} {case.get('name')}")
        elif status == "notrun" and left_out is not None and "SKIP" not in left_out.get("message", ""):
            failed.append(case.get("name"))  # ctest did not find or could not start the test
        elif left_out is not None or status in ("notrun", "disabled"):
            skipped += 1
        else:
            passed += 1
print(passed, len(failed), skipped)
for name in failed:
    print(name)
