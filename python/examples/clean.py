#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""clean.py IMAGE OUTPUT: does what is safe, says what and why, and what stands in the way of the rest."""
import pathlib
import sys

import quell

source, target = sys.argv[1:]
with quell.open(source) as image:
    try:
        plan = image.plan_clean()
    except quell.Refused as error:
        sys.exit(f"{error.message}\n(accept={list(error.accept)} insists)" if error.accept else error.message)
    with plan:
        for edit in plan.edits:
            print(f"{edit.range.offset:#010x}  {edit.changed:>8}  {edit.reason}")
        for notice in plan.notices:
            print(f"note: {notice.title}")
        with pathlib.Path(target).open("xb") as output:
            output.write(plan.apply(image))
