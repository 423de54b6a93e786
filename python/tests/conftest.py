# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the build has put things: QUELL_PROGRAM, and QUELL_SPECIMENS, a folder of the project's synthetic images;
QUELL_TREES, a folder of captured machines as text; QUELL_GUIDE, the page about the library; QUELL_SHARED may hold real
images."""
import importlib.util
import json
import os
import pathlib
import subprocess
import tempfile

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


_kept = tempfile.TemporaryDirectory(prefix="quell-dumps-")


def real_dumps(count):
    """So many full dumps, put together from real descriptors and regions; none where they are not here."""
    shared = pathlib.Path(os.environ.get("QUELL_SHARED", "/nowhere"))
    maker = shared / "tools" / "assemble_dump.py"
    if not maker.exists():
        return []
    spec = importlib.util.spec_from_file_location("assemble_dump", maker)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cases = [case for case in json.loads((shared / "oracle" / "clean.json").read_text()) if "dump" in case]
    made = []
    for number, case in enumerate(cases[:: max(1, len(cases) // count)][:count]):
        path = pathlib.Path(_kept.name) / f"{number:02}.rom"
        path.write_bytes(module.from_case(case))
        made.append(path)
    return made


def _write_entry(root, directive, lines):
    kind, path, *rest = directive.split(None, 2)
    place = root / path
    if kind == "@dir":
        place.mkdir(parents=True, exist_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if kind == "@file":
        place.write_text("".join(lines))
    elif kind == "@hex":
        place.write_bytes(bytes.fromhex("".join(lines)))
    elif kind == "@link":
        place.symlink_to(rest[0])
    elif kind == "@deny":
        denied = root / "quell" / "denied"
        denied.parent.mkdir(exist_ok=True)
        with denied.open("a") as output:
            output.write(f"{path}\t{rest[0]}\n")


@pytest.fixture
def machine(tmp_path):
    """machine(name): the folder of a captured machine, made from its text (tests/support/machine_tree.h)."""

    def make(name):
        root = tmp_path / "machine"
        root.mkdir()
        directive, lines = None, []
        for line in [*(pathlib.Path(os.environ["QUELL_TREES"]) / f"{name}.tree").open(), "@end"]:
            if not line.startswith("@"):
                lines.append(line)
                continue
            if directive:
                _write_entry(root, directive, lines)
            directive, lines = line.strip(), []
        return root

    return make
