# SPDX-License-Identifier: GPL-2.0-or-later
"""The module gives the documents, plans and bytes that the program gives."""
import json
import os
import pathlib

import pytest

import quell
from conftest import real_images

SYNTHETIC = sorted(pathlib.Path(os.environ["QUELL_SPECIMENS"]).iterdir())
IMAGES = SYNTHETIC + real_images(20)
CODES = {3: (quell.Unrecognised, quell.Damaged, quell.Unsupported), 4: (quell.Refused,), 2: (quell.UsageError,)}
ACCEPT_ALL = ["boot-guard", "me12-strip", "overlaps", "reported-place", "descriptor-alone", "verified-descriptor"]


def names(paths):
    return [path.name for path in paths]


def test_there_are_twenty():
    assert len(SYNTHETIC) >= 20


@pytest.mark.parametrize("path", IMAGES, ids=names(IMAGES))
def test_the_same_documents(path, program):
    for command, look in (("inspect", quell.inspect), ("check", quell.check)):
        status, output = program(command, "--json", path)
        if status in (0, 1):
            assert look(path).document == json.loads(output)
        else:
            with pytest.raises(CODES[status]):
                look(path)


@pytest.mark.parametrize("path", IMAGES, ids=names(IMAGES))
@pytest.mark.parametrize("options", [{"soft": True}, {"strip": True}, {"strip": True, "accept": ACCEPT_ALL}])
def test_the_same_plans_and_bytes(path, options, program, tmp_path):
    arguments = [f"--{name}" for name in ("soft", "strip") if options.get(name)]
    words = {"reported-place": "reported", "verified-descriptor": "verified"}
    arguments += [f"--accept-{words.get(name, name)}" for name in options.get("accept", [])]
    cleaned = tmp_path / "cleaned"
    status, _ = program("clean", *arguments, "-o", cleaned, path)
    if status != 0:
        with pytest.raises(CODES[status]):
            quell.plan_clean(path, **options)
        return
    _, output = program("clean", *arguments, "--dry-run", "--json", path)
    with quell.plan_clean(path, **options) as plan:
        assert plan.document == json.loads(output)
        assert plan.apply(path) == cleaned.read_bytes()
        status, output = program("diff", "--json", path, cleaned)
        assert quell.diff(path, cleaned).document == json.loads(output)


@pytest.mark.parametrize("word", [None, "amd-psp", "network", "intel.disable-bit.set"])
def test_the_same_explanations(word, program):
    status, output = program("explain", "--json", *([word] if word else []))
    assert status == 0
    assert quell.explain(word) == json.loads(output)
