#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""validate.py SCHEMA FILE...: says which of the JSON documents do not follow the schema, and where."""
import json
import pathlib
import sys

import jsonschema


def main(schema_path, *paths):
    schema = json.loads(pathlib.Path(schema_path).read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    failed = 0
    for path in paths:
        try:
            document = json.loads(pathlib.Path(path).read_text())
        except ValueError as error:
            print(f"{path}: not JSON: {error}")
            failed += 1
            continue
        error = next(validator.iter_errors(document), None)
        if error is not None:
            print(f"{path}: {error.json_path}: {error.message[:400]}")
            failed += 1
    print(f"{len(paths)} documents, {failed} against the schema")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
