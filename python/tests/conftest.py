# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the build has put things: QUELL_PROGRAM, and QUELL_SPECIMENS, a folder of the project's synthetic images;
QUELL_SHARED may hold real ones."""
import os
import pathlib
import subprocess

import pytest


@pytest.fixture(scope="session")
def program():
    """program(arguments...): (exit status, standard output) of the built program."""

    def run(*arguments):
        done = subprocess.run([os.environ["QUELL_PROGRAM"], *map(str, arguments)], capture_output=True, check=False)
        return done.returncode, done.stdout

    return run


@pytest.fixture(scope="session")
def specimens():
    """A folder of synthetic images."""
    return pathlib.Path(os.environ["QUELL_SPECIMENS"])


def real_images(count):
    """So many of the real images, of every kind; none where they are not here."""
    shared = pathlib.Path(os.environ.get("QUELL_SHARED", "/nowhere")) / "corpus"
    found = [one for one in sorted(shared.rglob("*")) if one.is_file() and one.suffix in (".bin", ".rom")]
    return found[:: max(1, len(found) // count)][:count]
