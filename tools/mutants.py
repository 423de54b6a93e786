#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mutants.py BUILD [NAME...]: do the tests notice a mistake?
mutants.py --places: does each mistake still have its one place in the source? Builds nothing.

Puts each mistake of tests/mutants.ini into the source of this checkout, one at a time, builds the tests named there in
the build folder BUILD and runs them: first without real images, then, where none failed, with them. A mistake that no
test notices has survived. The checkout must be clean, and is so again afterwards.
"""
import configparser
import functools
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src", "include", "data")
SURVIVED, BROKEN = 1, 2


def run(*command, environment=None):
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def pattern(text):
    """The text with any space between its words and signs: clang-format breaks lines where it likes."""
    return re.compile(r"\s*".join(re.escape(token) for token in re.findall(r"\w+|[^\w\s]", text)))


@functools.cache
def sources():
    """The files that a mistake can stand in, as they are without one."""
    files = (name for folder in FOLDERS for name in sorted((ROOT / folder).rglob("*")) if name.is_file())
    return {name: name.read_text(errors="surrogateescape") for name in files}


def place(text):
    """The one file that holds the text, and its content."""
    wanted = pattern(text)
    found = []
    for name, content in sources().items():
        found += [(name, content)] * len(wanted.findall(content))
    if len(found) != 1:
        raise LookupError(f"{len(found)} places instead of one: {text}")
    return found[0]


def notices(build, tests, shared):
    """The first test that fails, or nothing."""
    environment = dict(os.environ, GTEST_BRIEF="1", GTEST_FAIL_FAST="1")
    if not shared:
        environment["QUELL_SHARED"] = "/nonexistent"
    for test in tests:
        ran = run("ctest", "--test-dir", build, "--no-tests=error", "--timeout", "600", "-R", f"^{test}$",
                  environment=environment)
        if ran.returncode != 0:
            return test
    return None


def compile_tests(build, tests):
    built = run("cmake", "--build", build, "--target", *tests)
    if built.returncode != 0:
        raise LookupError("does not build:\n" + built.stdout[-3000:] + built.stderr[-1000:])


def judge(build, mutant):
    """What became of one mutant; the source is as before when this returns."""
    file, content = place(mutant["from"])
    changed = pattern(mutant["from"]).sub(lambda _: mutant["to"], content)
    tests = mutant["tests"].split()
    try:
        file.write_text(changed, errors="surrogateescape")
        compile_tests(build, tests)
        for shared in (False, True):
            test = notices(build, tests, shared)
            if test:
                return f"killed by {test}" + (", with real images" if shared else "")
        return "SURVIVED"
    finally:
        file.write_text(content, errors="surrogateescape")


def all_mutants():
    mutants = configparser.ConfigParser(delimiters=("=",), comment_prefixes=("#",), interpolation=None, strict=True)
    mutants.read(ROOT / "tests/mutants.ini")
    return mutants


def check_places():
    mutants = all_mutants()
    lost = 0
    for name in mutants.sections():
        try:
            place(mutants[name]["from"])
        except LookupError as error:
            lost += 1
            print(f"{name}: {error}")
    print(f"{len(mutants.sections())} mistakes, {lost} without a place in the source")
    return BROKEN if lost else 0


def main(build, *names):
    build = str(pathlib.Path(build).resolve())
    if run("git", "status", "--porcelain", "--untracked-files=no", *FOLDERS).stdout:
        print("the checkout has changes of its own: commit them first")
        return BROKEN
    mutants = all_mutants()
    chosen = names or mutants.sections()
    for name in chosen:  # all of them before the first build: the source has moved on more often than not
        place(mutants[name]["from"])

    tests = sorted({test for name in chosen for test in mutants[name]["tests"].split()})
    compile_tests(build, tests)
    for shared in (False, True):
        if failing := notices(build, tests, shared):
            print(f"{failing} fails on the source as it is")
            return BROKEN
    results = {}
    for name in chosen:
        results[name] = judge(build, mutants[name])
        print(f"{name:26} {results[name]:44} {mutants[name]['mistake']}", flush=True)
    compile_tests(build, tests)
    survived = [name for name, result in results.items() if result == "SURVIVED"]
    alone = [name for name, result in results.items() if result.startswith("killed") and "real images" not in result]
    print(f"{len(chosen) - len(survived)} of {len(chosen)} killed, {len(alone)} of them without real images")
    return SURVIVED if survived else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        sys.exit(check_places() if sys.argv[1] == "--places" else main(*sys.argv[1:]))
    except LookupError as error:
        print(error)
        sys.exit(BROKEN)
