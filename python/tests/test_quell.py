# SPDX-License-Identifier: GPL-2.0-or-later
"""The module as its users meet it."""
import gc
import pathlib
import resource
import subprocess
import sys
import threading

import pytest

import quell

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples"


def test_a_report_names_the_engines_of_an_image(specimens):
    report = quell.inspect(specimens / "me8.rom")
    assert report.kind == "intel.dump"
    assert report.size == (specimens / "me8.rom").stat().st_size
    assert [engine.id for engine in report.engines][0] == "intel-me"
    assert report.engines[0].facts["version"].startswith("8.")
    assert report.document["schema"] == "quell/2"


def test_bytes_and_files_are_the_same(specimens):
    path = specimens / "me11.rom"
    from_file = quell.inspect(path)
    from_bytes = quell.inspect(path.read_bytes())
    assert from_bytes.file == "image"
    assert from_bytes.sha256 == from_file.sha256
    assert from_bytes.engines[0].facts == from_file.engines[0].facts


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_anything_with_bytes_is_an_image(specimens, kind):
    content = (specimens / "me8.bin").read_bytes()
    with quell.Image(kind(content), "region") as image:
        assert len(image) == len(content)
        assert bytes(image) == content
        assert image.inspect().file == "region"


def test_a_damaged_dump_is_not_sound(specimens):
    content = bytearray((specimens / "me8.rom").read_bytes())
    assert quell.check(content).sound
    del content[len(content) // 2:]
    verdict = quell.check(content)
    assert not verdict.sound
    failed = [answer for answer in verdict.answers if answer.state == "failed"]
    assert failed and failed[0].findings[0].title


def test_a_plan_changes_what_it_says_and_nothing_else(specimens):
    content = (specimens / "me8.bin").read_bytes()
    with quell.plan_clean(content, strip=True, accept=["boot-guard"]) as plan:
        cleaned = plan.apply(content)
        assert len(cleaned) == len(content)
        changed = {at for at, (a, b) in enumerate(zip(content, cleaned)) if a != b}
        assert changed and len(changed) == sum(edit.changed for edit in plan.edits)
        for edit in plan.edits:
            changed -= set(range(edit.range.offset, edit.range.end))
        assert not changed
    difference = quell.diff(content, cleaned)
    assert not difference.same
    assert difference.bytes == sum(part.bytes for part in difference.parts)


def test_a_plan_is_for_one_image(specimens):
    content = (specimens / "me8.bin").read_bytes()
    with quell.plan_clean(content, strip=True, accept=["boot-guard"]) as plan:
        with pytest.raises(quell.Error):
            plan.apply(content[:-1] + b"\0")


def test_a_refusal_says_what_lifts_it(specimens):
    with pytest.raises(quell.Refused) as refusal:
        quell.plan_clean(specimens / "me11.bin", strip=True)
    assert refusal.value.accept == ("boot-guard",)
    quell.plan_clean(specimens / "me11.bin", strip=True, accept=refusal.value.accept).close()


@pytest.mark.parametrize(
    "options, words",
    [
        ({"sotf": True}, "sotf"),
        ({"soft": 1}, "soft"),
        ({"keep": "MFS"}, "keep"),
        ({"accept": ["everything"]}, "everything"),
        ({"disable_bit": "here"}, "here"),
    ],
)
def test_wrong_options_are_named(specimens, options, words):
    with pytest.raises(quell.UsageError, match=words):
        quell.plan_clean(specimens / "me8.rom", **options)


def test_explanations():
    assert quell.explain("intel-me")["schema"] == "quell/2"
    assert len(quell.explain()) > 3
    with pytest.raises(quell.UsageError, match="teapot"):
        quell.explain("teapot")


def test_failures_are_exceptions_with_fields(tmp_path):
    with pytest.raises(quell.ReadError) as missing:
        quell.open(tmp_path / "missing.rom")
    assert "No such file" in missing.value.message
    with pytest.raises(quell.Unrecognised):
        quell.inspect(b"nothing that anybody knows" * 100)
    with pytest.raises(quell.UsageError):
        quell.Image(b"")
    assert issubclass(quell.Damaged, quell.Error)


def test_what_is_closed_stays_closed(specimens):
    image = quell.open(specimens / "me8.bin")
    image.close()
    image.close()
    with pytest.raises(quell.UsageError, match="closed"):
        image.inspect()
    with pytest.raises(quell.UsageError), image:
        pass


def test_two_threads_at_once_give_what_one_gives(specimens):
    paths = [specimens / name for name in ("me8.rom", "me11.rom", "me14.rom", "fip.bin")]
    alone = [quell.inspect(path).document for path in paths]
    with quell.open(paths[0]) as shared:
        results = {}

        def work(number):
            results[number] = [quell.inspect(path).document for path in paths * 3]
            results[number].append(shared.inspect().document)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for number in range(2):
        assert results[number] == [*alone * 3, alone[0]]


def test_memory_comes_back(specimens):
    content = (specimens / "me8.rom").read_bytes()
    for _ in range(3):
        quell.inspect(content)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(40):
        quell.inspect(content)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * len(content) // 1024


def test_importing_costs_little():
    def cpu_time():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    times = []
    for _ in range(8):
        before = cpu_time()
        subprocess.run([sys.executable, "-c", "import quell"], check=True)
        times.append(cpu_time() - before)
    assert min(times) <= 0.060


def test_example_versions(specimens):
    done = subprocess.run([sys.executable, EXAMPLES / "versions.py", specimens / "me8.rom"], capture_output=True,
                          check=True, text=True)
    assert "intel-me\t8." in done.stdout


def test_example_clean(specimens, tmp_path):
    output = tmp_path / "clean.rom"
    done = subprocess.run([sys.executable, EXAMPLES / "clean.py", specimens / "me8.rom", output], capture_output=True,
                          check=True, text=True)
    assert done.stdout
    assert not quell.diff(specimens / "me8.rom", output).same
