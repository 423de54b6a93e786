# SPDX-License-Identifier: GPL-2.0-or-later
# schema_test.py PROJECT: every expected status document keeps to docs/schema/quell-2-status.schema.json.
import json
import pathlib
import sys

import jsonschema

project = pathlib.Path(sys.argv[1])
schema = json.loads((project / "docs/schema/quell-2-status.schema.json").read_text())
documents = sorted((project / "tests/host/trees").glob("*.json"))
assert len(documents) >= 14, "expected documents are missing"
for path in documents:
    document = json.loads(path.read_text())
    document.pop("exit_status")
    document["program"] = {"name": "quell", "version": "0"}
    jsonschema.validate(document, schema)
