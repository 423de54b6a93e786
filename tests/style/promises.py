#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""promises.py ROOT: every promise names its test, and every test that is named exists.

Looks at the promises of README.md and at docs/design/threat-model.md. `Suite.Name` is a test; `Suite.*` all of a suite.
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
test = re.compile(r"^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", re.M)
suites: dict[str, set[str]] = {}
for source in (root / "tests").rglob("*.cpp"):
    for suite, name in test.findall(source.read_text()):
        suites.setdefault(suite, set()).add(name)

readme = (root / "README.md").read_text()
section = readme.split("## What it will never do", 1)[1].split("\n## ", 1)[0]
promises = [one for one in re.split(r"^- ", section, flags=re.M)[1:]]
model = (root / "docs/design/threat-model.md").read_text()
rows = [line for line in model.split("## Promises", 1)[1].splitlines() if line.startswith("| ")][1:]

named = re.compile(r"`([A-Z]\w+)\.(\w+|\*)`")
problems = []
for promise in promises + rows:
    if not named.search(promise):
        problems.append(f"no test is named: {promise.splitlines()[0]}")
for suite, name in named.findall(section + model):
    if suite not in suites or (name != "*" and name not in suites[suite]):
        problems.append(f"there is no test {suite}.{name}")
if len(promises) < 5 or len(rows) < 5:
    problems.append("the promises were not found")
print("\n".join(problems))
sys.exit(1 if problems else 0)
