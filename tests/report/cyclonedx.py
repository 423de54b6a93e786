#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cyclonedx.py QUELL SCHEMAS IMAGE...: bills of materials against the published schema of CycloneDX 1.6.

SCHEMAS is the folder res/schema of npm's @cyclonedx/cyclonedx-library (`npm pack`). Each bill is made twice and must be
the same bytes. Beside the program lies its own bill, quell.cdx.json.
"""

import json
import pathlib
import subprocess
import sys

import jsonschema


def validator(folder):
    schemas = {}
    for name in ("bom-1.6", "spdx", "jsf-0.82"):
        schema = json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text())
        schemas[schema["$id"]] = schema
    main = next(schema for key, schema in schemas.items() if "bom-1.6" in key)
    store = dict(schemas)
    for key, schema in schemas.items():
        store[key.replace(".schema.json", ".SNAPSHOT.schema.json")] = schema
    resolver = jsonschema.RefResolver(main["$id"], main, store=store)
    return jsonschema.Draft7Validator(main, resolver=resolver)


def main():
    program, schemas, images = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    check, bills, wrong = validator(schemas), 0, 0
    for image in images:
        command = [program, "report", image, "--format", "cyclonedx"]
        first, second = (subprocess.run(command, capture_output=True, check=False) for _ in range(2))
        if first.returncode == 3:
            continue
        bills += 1
        problems = [error.message for error in check.iter_errors(json.loads(first.stdout))]
        if first.stdout != second.stdout:
            problems.append("the second bill differs from the first")
        wrong += bool(problems)
        for problem in problems[:3]:
            print(f"{image}: {problem[:200]}")
    own = pathlib.Path(program).with_name("quell.cdx.json")
    for error in check.iter_errors(json.loads(own.read_text())):
        wrong += 1
        print(f"{own}: {error.message[:200]}")
    print(f"{bills} bills and the program's own, {wrong} wrong")
    return 1 if wrong or not bills else 0


if __name__ == "__main__":
    sys.exit(main())
