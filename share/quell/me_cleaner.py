#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Stands in for me_cleaner.py where a build runs `python3 me_cleaner.py ARGS`: hands the arguments to `quell me_cleaner`.

The program is $QUELL, else bin/quell of the installation that this file belongs to, else quell in PATH.
"""
import os
import sys


def program():
    chosen = os.environ.get("QUELL")
    if chosen:
        return chosen
    here = os.path.dirname(os.path.realpath(__file__))
    # PREFIX/share/quell beside PREFIX/bin
    installed = os.path.join(here, os.pardir, os.pardir, "bin", "quell")
    return installed if os.access(installed, os.X_OK) else "quell"


if __name__ == "__main__":
    try:
        os.execvp(program(), ["quell", "me_cleaner"] + sys.argv[1:])
    except OSError as problem:
        sys.exit("me_cleaner.py: %s: %s; install quell, or name the program in QUELL" % (program(), problem.strerror))
