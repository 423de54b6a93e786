#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""clean.py IMAGE OUTPUT: cleans an image that is sound, as far as that is safe; says what changes and why, or what stands
in the way."""
import pathlib
import sys

import quell



def clean(source: str, target: str) -> None:
    with quell.open(source) as image:
        verdict = image.check()
        for answer in verdict.answers:
            if answer.state == "failed":
                print("; ".join(finding.title for finding in answer.findings), file=sys.stderr)
        if not verdict.sound:
            sys.exit(f"{source}: not sound: read the chip again")
        with image.plan_clean() as plan:
            for edit in plan.edits:
                print(f"{edit.range.offset:#010x}  {edit.changed:>8}  {edit.reason}")
            for notice in plan.notices:
                print(f"note: {notice.title}")
            with pathlib.Path(target).open("xb") as output:
                output.write(plan.apply(image))


try:
    clean(*sys.argv[1:])
except quell.Error as error:
    sys.exit(f"{error.message}\n(accept={list(error.accept)} insists)" if error.accept else error.message)
