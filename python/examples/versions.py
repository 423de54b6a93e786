#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""versions.py IMAGE...: one line an engine: file, engine, version, and whether its signature holds."""
import sys

import quell

for path in sys.argv[1:]:
    try:
        report = quell.inspect(path)
    except quell.Error as error:
        print(error.message, file=sys.stderr)
        continue
    for engine in report.engines:
        print(path, engine.id, engine.facts.get("version", "?"), engine.facts.get("signature", "?"), sep="\t")
