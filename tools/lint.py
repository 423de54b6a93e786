#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""lint.py [--jobs N] [--checks CHECKS] BUILD KEY FOLDER...: clang-tidy over the sources below the folders.

Most of what clang-tidy takes goes to the headers, so neighbours that are compiled alike are given to it together, as one
source that includes them. A group that does not pass (two of its sources may use one name for two things) says nothing yet:
then those that are named and the others are two groups, down to single sources, which decide. BUILD/passed remembers what passed with this KEY, which
stands for everything that matters but the sources: headers, settings, compile commands."""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys

GROUP = 24
SETTINGS = pathlib.Path(__file__).resolve().parent.parent / ".clang-tidy"


def header_filter():
    """The headers that clang-tidy speaks of; with sources in a group, those too."""
    return re.search(r"^HeaderFilterRegex: '(.*)'$", SETTINGS.read_text(), re.M).group(1)


def commands(build, folders):
    """The sources with their compile commands, without what names the source and the object."""
    roots = [pathlib.Path(folder).resolve() for folder in folders]
    seen = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        if source.suffix != ".cpp" or not any(root in source.parents for root in roots):
            continue
        words = shlex.split(entry["command"])
        for option in ("-o", "-c"):
            at = words.index(option)
            del words[at : at + 2]
        seen.setdefault(source, (entry["directory"], tuple(words)))
    return seen


def groups(sources):
    """Sources with one command, at most GROUP together, neighbours first."""
    alike = {}
    for source in sorted(sources):
        alike.setdefault(sources[source], []).append(source)
    return [found[at : at + GROUP] for found in alike.values() for at in range(0, len(found), GROUP)]


def run(*command, cwd=None):
    """Whether a command succeeds, and what it says."""
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return done.returncode == 0, done.stdout


class Lint:
    def __init__(self, build, key, checks, sources):
        self.build, self.key, self.checks, self.sources = build, key, checks, sources
        self.passed = build / "passed"
        self.passed.mkdir(exist_ok=True)

    def mark(self, members):
        """The file that says that these sources passed together."""
        digest = hashlib.sha256(self.key.encode())
        for source in members:
            digest.update(f"\0{source}\0".encode() + source.read_bytes())
        return self.passed / digest.hexdigest()[:32]

    def tidy(self, database, source, checks, *options):
        checks = ",".join(part for part in (self.checks, checks) if part)
        return run("clang-tidy", "-p", database, "--quiet", *([f"--checks={checks}"] if checks else []), *options, source)

    def together(self, members):
        """Whether these sources pass as one, and what is said if not."""
        folder = self.build / "groups" / self.mark(members).name
        folder.mkdir(parents=True, exist_ok=True)
        unit = folder / "group.cpp"
        unit.write_text("".join(f'#include "{source}"\n' for source in members))
        directory, words = self.sources[members[0]]
        # Cheap beside clang-tidy, and tells which names collide.
        good, text = run(*words, "-w", "-fsyntax-only", unit, cwd=directory)
        if not good:
            return good, text
        command = shlex.join([*words, "-o", "group.o", "-c", str(unit)])
        database = folder / "compile_commands.json"
        database.write_text(json.dumps([{"directory": directory, "file": str(unit), "command": command}]))
        # That it includes sources is the point of it.
        return self.tidy(folder, unit, "-bugprone-suspicious-include",
                         f"--config-file={SETTINGS}", f"--header-filter={header_filter()}")

    def alone(self, source):
        """What is wrong with this source, as text; empty: nothing."""
        mark = self.mark([source])
        if mark.exists():
            return ""
        good, text = self.tidy(self.build, source, "")
        if not good:
            return re.sub(r"^\d+ warnings? generated\.\n", "", text, flags=re.M) or f"{source}: clang-tidy failed\n"
        mark.touch()
        return ""

    def __call__(self, members):
        """What is wrong with these sources, as text; empty: nothing."""
        if len(members) == 1:
            return self.alone(members[0])
        mark = self.mark(members)
        if mark.exists():
            return ""
        good, text = self.together(members)
        if good:
            mark.touch()
            return ""
        named = set(re.findall(r"^(/[^:\n]+):\d+:\d+: error", text, flags=re.M))
        apart = [source for source in members if str(source) in named]
        rest = [source for source in members if source not in apart]
        told = self(apart) + self(rest) if apart and rest else "".join(self.alone(source) for source in members)
        if not told:
            mark.touch()
        return told


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--checks", default="", help="besides those of .clang-tidy")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("key")
    parser.add_argument("folders", nargs="+")
    arguments = parser.parse_args()
    sources = commands(arguments.build.resolve(), arguments.folders)
    lint = Lint(arguments.build.resolve(), arguments.key, arguments.checks, sources)
    work = groups(sources)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for text in pool.map(lint, work):
            bad += bool(text)
            print(text, end="", flush=True)
    print(f"note: {len(sources)} sources in {len(work)} groups")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
