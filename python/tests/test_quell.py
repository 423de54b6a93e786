# SPDX-License-Identifier: GPL-2.0-or-later
"""The module as its users meet it."""
import gc
import inspect
import os
import pathlib
import resource
import subprocess
import sys
import threading
import time

import pytest

import quell

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples"


def test_a_report_names_the_engines_of_an_image(specimens):
    report = quell.inspect(specimens / "me8.rom")
    assert report.kind == "intel.dump"
    assert report.size == (specimens / "me8.rom").stat().st_size
    assert [engine.id for engine in report.engines][0] == "intel-me"
    assert report.engines[0].facts["version"].startswith("8.")
    assert report.engines[0].states == []
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
    assert quell.inspect(cleaned).engines[0].states == ["stripped"]
    difference = quell.diff(content, cleaned)
    assert not difference.same
    assert difference.bytes == sum(part.bytes for part in difference.parts)


def test_what_the_report_shows_names_the_tables_that_judged_it(specimens):
    with quell.open(specimens / "me8.rom") as image:
        tables = image.report()["tables"]
    assert "intel-disable-bits" in [table["name"] for table in tables]
    assert all(len(table["sha256"]) == 64 for table in tables)


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
        ({"soft": 1}, "soft"),
        ({"keep": "MFS"}, "keep"),
        ({"drop": [1]}, "drop"),
        ({"accept": "sizes"}, "accept"),
        ({"accept": ["everything"]}, "everything"),
        ({"disable_bit": "here"}, "here"),
    ],
)
def test_wrong_options_are_named(specimens, options, words):
    with pytest.raises(quell.UsageError, match=words):
        quell.plan_clean(specimens / "me8.rom", **options)


def test_options_that_are_not_known_are_no_options(specimens):
    with pytest.raises(TypeError, match="sotf"):
        quell.plan_clean(specimens / "me8.rom", sotf=True)


@pytest.mark.parametrize("data", [5, [1, 2], "me8.rom", None])
def test_what_has_no_bytes_is_no_image(data):
    with pytest.raises(TypeError):
        quell.Image(data)


def test_what_is_compared_may_be_a_file_bytes_or_an_image(specimens):
    path = specimens / "me8.bin"
    content = path.read_bytes()
    other = content[:-1] + b"\x5a"
    with quell.open(path) as image, quell.Image(other) as after:
        assert image.diff(path).same and image.diff(content).same
        assert not image.diff(other).same and not image.diff(after).same
        assert image.diff_text(other) == image.diff_text(after)
        assert image.report(before=other) == image.report(before=after) != image.report()
        after.inspect()


# A handle of another kind, or a number, would be taken for an address.
def test_nothing_but_an_image_stands_for_one(specimens):
    code = """if True:
        import sys, quell
        image = quell.open(sys.argv[1])
        plan = image.plan_clean(accept=["boot-guard"])
        for wrong in (plan, image.extract(), quell, 5, None):
            for call in (image.diff, image.diff_text, plan.apply, quell.inspect, quell.Plan, quell.Pieces,
                         lambda one: image.report(one or 5), lambda one: quell.Image(b"bytes", one)):
                try:
                    call(wrong)
                except TypeError:
                    continue
                sys.exit(f"{call} takes {wrong}")
        try:
            quell.Image.__new__(quell.Image).inspect()
        except quell.UsageError:
            print("whole")
        """
    done = subprocess.run([sys.executable, "-c", code, specimens / "me8.bin"], capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "whole\n", "")


def test_a_message_is_one_line_that_steers_no_terminal():
    for name in (b"/nowhere/\xff\n\x1b[31m", "/nowhere/\udcff\n\x1b[31m"):
        with pytest.raises(quell.ReadError) as missing:
            quell.open(name)
        assert missing.value.message.startswith(r"/nowhere/\xff\x0a\x1b[31m: ")


# C would take what stands before it.
def test_a_nul_is_no_part_of_a_text(specimens):
    path = str(specimens / "me8.rom")
    assert quell.explain("intel-me") and quell.open(path)
    with quell.extract(path) as pieces:
        first = next(iter(pieces))
        for wrong in (lambda: quell.open(path + "\0.txt"), lambda: quell.explain("intel-me\0"),
                      lambda: quell.status("/\0"), lambda: quell.Image(b"bytes", "na\0me"),
                      lambda: pieces.read(first + "\0")):
            with pytest.raises(quell.UsageError, match="NUL"):
                wrong()


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


def test_pieces_are_parts_of_the_image(specimens):
    content = (specimens / "me8.rom").read_bytes()
    with quell.extract(content) as pieces:
        stored = [piece for piece in pieces.index if piece.stored and piece.path]
        assert stored
        for piece in stored:
            assert pieces.read(piece.path) == content[piece.range.offset:piece.range.end]
        with pytest.raises(quell.UsageError):
            pieces.read("../elsewhere")


def test_what_is_no_machine_is_refused(tmp_path):
    with pytest.raises(quell.ReadError):
        quell.status(tmp_path / "nowhere")
    with pytest.raises(quell.Unrecognised):
        quell.status(tmp_path)
    with pytest.raises(quell.Error):
        quell.status(b"no archive")


def test_an_image_has_a_largest_size():
    with pytest.raises(quell.UsageError, match="512 MiB"):
        quell.Image(bytes((512 << 20) + 1))


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


def test_what_another_thread_uses_stays_until_that_is_done(specimens):
    content = (specimens / "me11.rom").read_bytes()
    expected = quell.check(content).document
    for wait in (0, 0.001, 0.005, 0.02):
        image = quell.Image(content)
        begun, results = threading.Event(), []

        def work(one=image, started=begun, into=results):
            started.set()
            try:
                into.append(one.check().document == expected)
            except quell.UsageError:
                into.append("closed before")

        thread = threading.Thread(target=work)
        thread.start()
        begun.wait()
        time.sleep(wait)
        image.close()
        quell.Image(bytes(len(content))).close()
        thread.join()
        assert results in ([True], ["closed before"])


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


def test_every_public_name_is_there():
    for name in quell.__all__:
        assert getattr(quell, name) is not None
        assert name in dir(quell)
    with pytest.raises(AttributeError):
        quell.nothing_of_this_name


def test_every_public_thing_is_described_and_typed():
    things = {name: getattr(quell, name) for name in quell.__all__}
    for name, thing in [*things.items()]:
        if isinstance(thing, type):
            things.update({f"{name}.{one}": value for one, value in vars(thing).items()
                           if inspect.isfunction(value) and not one.startswith("_")})
    for name, thing in things.items():
        assert thing.__doc__, name
        if inspect.isfunction(thing):
            signature = inspect.signature(thing)
            assert signature.return_annotation is not signature.empty, name
            for argument in [*signature.parameters.values()]:
                assert argument.name == "self" or argument.annotation is not argument.empty, (name, argument)


def test_types_hold(tmp_path):
    pytest.importorskip("mypy")
    user = tmp_path / "user.py"
    user.write_text("import quell\n"
                    "with quell.open('a') as image, image.plan_clean(soft=True, keep=['MFS']) as plan:\n"
                    "    cleaned: bytes = plan.apply(image)\n"
                    "    end: int = plan.edits[0].range.end\n"
                    "title: str = quell.inspect(b'').engines[0].title\n")
    check = [sys.executable, "-m", "mypy", "--strict", "--no-warn-return-any", "--scripts-are-modules",
             f"--cache-dir={tmp_path}"]
    environment = {**os.environ, "MYPYPATH": str(EXAMPLES.parent)}
    done = subprocess.run([*check, user, *EXAMPLES.glob("*.py")], env=environment, capture_output=True, check=False,
                          text=True)
    assert done.returncode == 0, done.stdout
    user.write_text("import quell\nquell.plan_clean('a', sotf=True)\n")
    done = subprocess.run([*check, user], env=environment, capture_output=True, check=False, text=True)
    assert "sotf" in done.stdout and done.returncode == 1


def test_another_library_is_named():
    done = subprocess.run([sys.executable, "-c", "import quell"], env={**os.environ, "QUELL_LIBRARY": "libc.so.6"},
                          capture_output=True, check=False, text=True)
    assert "ImportError: libc.so.6 is older than this module: it has no quell_version" in done.stderr


def test_importing_loads_no_dataclasses():
    code = "import sys, quell; sys.exit(sum(name in sys.modules for name in ('dataclasses', 'json', 'pathlib')))"
    subprocess.run([sys.executable, "-c", code], check=True)


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


def test_example_of_the_guide(specimens, tmp_path):
    guide = pathlib.Path(os.environ["QUELL_GUIDE"]).read_text(encoding="utf-8")
    code = guide.split("```python\n")[1].split("```")[0]
    (tmp_path / "dump.rom").write_bytes((specimens / "me8.rom").read_bytes())
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True, text=True)
    assert "8.1.40.1416" in done.stdout
