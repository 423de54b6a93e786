# SPDX-License-Identifier: GPL-2.0-or-later
"""The module gives the documents, plans and bytes that the program gives."""
import json
import os
import pathlib
import tarfile

import pytest

import quell
from conftest import real_dumps, real_images

SYNTHETIC = sorted(pathlib.Path(os.environ["QUELL_SPECIMENS"]).iterdir())
IMAGES = SYNTHETIC + real_images(10) + real_dumps(20)
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
@pytest.mark.parametrize("options", [{"soft": True}, {"strip": True}, {"strip": True, "accept": ACCEPT_ALL},
                                     {"strip": True, "truncate": True, "relocate": True, "accept": ACCEPT_ALL}])
def test_the_same_plans_and_bytes(path, options, program, tmp_path):
    arguments = [f"--{name}" for name in ("soft", "strip", "truncate", "relocate") if options.get(name)]
    words = {"reported-place": "reported", "verified-descriptor": "verified"}
    arguments += [f"--accept-{words.get(name, name)}" for name in options.get("accept", [])]
    cleaned = tmp_path / "cleaned"
    status, _ = program("clean", *arguments, "-o", cleaned, path)
    if status != 0:
        with pytest.raises(CODES[status]):
            quell.plan_clean(path, **options)
        return
    # The library can always give the descriptor: the program is told that it will be wanted.
    dry = ["--dry-run", "--json", "--descriptor-out", tmp_path / "unwritten"]
    _, output = program("clean", *arguments, *dry, path)
    with quell.plan_clean(path, **options) as plan:
        assert plan.document == json.loads(output)
        for option, name in (("--descriptor-out", "apply_descriptor"), ("--me-out", "apply_me")):
            status, _ = program("clean", *arguments, option, tmp_path / "part", path)
            if status == 0:
                assert getattr(plan, name)(path) == (tmp_path / "part").read_bytes()
            else:
                with pytest.raises(CODES[status]):
                    getattr(plan, name)(path)
        assert plan.apply(path) == cleaned.read_bytes()
        status, output = program("diff", "--json", path, cleaned)
        assert quell.diff(path, cleaned).document == json.loads(output)


@pytest.mark.parametrize("path", IMAGES, ids=names(IMAGES))
def test_the_same_words(path, program):
    with quell.open(path) as image:
        for command, look in (("inspect", image.inspect_text), ("check", image.check_text)):
            status, output = program(command, path)
            if status in (0, 1):
                assert look() == os.fsdecode(output)
            else:
                with pytest.raises(CODES[status]):
                    look()
        _, output = program("diff", path, SYNTHETIC[0])
        with quell.open(SYNTHETIC[0]) as other:
            assert image.diff_text(other) == os.fsdecode(output)


@pytest.mark.parametrize("path", IMAGES, ids=names(IMAGES))
def test_the_same_report(path, program, tmp_path):
    before, written = SYNTHETIC[0], tmp_path / "report.json"
    with quell.Image(path.read_bytes(), path.name) as image, quell.Image(before.read_bytes(), before.name) as earlier:
        # What changed is told of synthetic images alone: they are small.
        for arguments, one in (((), None), (("--before", before), earlier))[:2 if path in SYNTHETIC else 1]:
            status, _ = program("report", path, *arguments, "--format", "json", "-o", written)
            if status in (0, 1):
                assert image.report(one) == json.loads(written.read_text())
                written.unlink()
            else:
                with pytest.raises(CODES[status]):
                    image.report(one)


@pytest.mark.parametrize("path", SYNTHETIC, ids=names(SYNTHETIC))
def test_two_chips(path, program, tmp_path):
    first, second, joined = (tmp_path / name for name in ("first", "second", "joined"))
    status, _ = program("descriptor", "split", path, "--first", first, "--second", second, "--at", "0x1000")
    if status != 0:
        return
    status, _ = program("descriptor", "join", first, second, "-o", joined)
    assert status == 4
    with pytest.raises(quell.Refused) as refused:
        quell.join(first, second)
    assert refused.value.accept == ("sizes",)
    assert quell.join(first, second, refused.value.accept) == path.read_bytes()
    with pytest.raises(quell.UsageError):
        quell.join(first, first)
    with quell.open(path) as image, pytest.raises(quell.UsageError):
        image.second_chip()


@pytest.mark.parametrize("path", IMAGES, ids=names(IMAGES))
def test_the_same_pieces(path, program, tmp_path):
    status, output = program("extract", "--json", path, "-d", tmp_path / "parts")
    if status not in (0, 1):
        with pytest.raises(CODES[status]):
            quell.extract(path)
        return
    with quell.extract(path) as pieces:
        assert pieces.document == json.loads(output)
        written = {str(one.relative_to(tmp_path / "parts")) for one in (tmp_path / "parts").rglob("*") if one.is_file()}
        assert set(pieces) == written - {"index.json"}
        for piece in pieces:
            assert pieces.read(piece) == (tmp_path / "parts" / piece).read_bytes()


@pytest.mark.parametrize("path", IMAGES, ids=names(IMAGES))
def test_the_same_explanation_of_an_image(path, program):
    status, output = program("explain", "--json", path)
    with quell.open(path) as image:
        if status == 0:
            assert image.explain() == json.loads(output)
        else:
            with pytest.raises(CODES[status]):
                image.explain()


@pytest.mark.parametrize("name", ["me11-t460p-stock", "amd-zen3-vermeer", "raspberry-pi-4", "bmc-aspeed-server"])
def test_the_same_status(name, program, machine, tmp_path):
    root = machine(name)
    _, output = program("status", "--json", "--root", root)
    status = quell.status(root)
    assert status.document == json.loads(output)
    assert status.engines and status.summary and not status.live
    archive = tmp_path / "machine.tar"
    with tarfile.open(archive, "w", format=tarfile.USTAR_FORMAT) as tar:
        tar.add(root, arcname="machine")
    _, output = program("status", "--json", "--root", archive)
    assert quell.status(archive).document == json.loads(output)
    assert quell.status(archive.read_bytes()).document == json.loads(output)


@pytest.mark.parametrize("word", [None, "amd-psp", "network", "intel.disable-bit.set"])
def test_the_same_explanations(word, program):
    status, output = program("explain", "--json", *([word] if word else []))
    assert status == 0
    assert quell.explain(word) == json.loads(output)
