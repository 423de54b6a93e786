#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""random_arguments.py PROGRAM [RUNS [SEED]]: commands with words in no order; what they are given stays as it is.

The image goes in under several names (a link, another name of the same file, standard input) and every option that the help
lists may come with any value. The commands that write write elsewhere or refuse; of the front ends, which change their input
where their tools do, only what reads is asked: `me_cleaner -c`, `ifdtool -d`, `intelmetool`. A run ends with a status of its own.
"""
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

program = os.path.abspath(sys.argv[1])
runs = int(os.environ.get("QUELL_RANDOM_RUNS") or (sys.argv[2] if len(sys.argv) > 2 else 200))
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 18
random.seed(seed)

commands = [["inspect"], ["check"], ["diff"], ["clean"], ["extract"], ["explain"], ["report"]] + [
    ["descriptor", verb] for verb in ("show", "layout", "unlock", "lock", "set", "split", "join", "inject")]
readers = [["me_cleaner", "-c"], ["ifdtool", "-d"], ["intelmetool"]]
images = ["in.rom", "./in.rom", "link.rom", "same.rom", "-", "absent.rom", "text"]
others = ["out.rom", "out", "parts", "0", "1", "0x102:16", "0xffffffffffffffff", "disable=on", "me", "bios,me", "", "markdown",
          "cyclonedx", "-1", "FTPR", "\u202e", "%s"]
plain = ["-S", "-k", "-s", "-r", "-t", "-d", "-v", "-h", "--help", "--version", "-m", "-b"]


def options_of(command):
    text = subprocess.run([program, "help"] + command, capture_output=True, text=True, check=False).stdout
    return sorted(set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text)))


def arguments():
    if random.random() < 0.75:
        command = random.choice(commands)
        words = [random.choice(options[" ".join(command)] or plain) for _ in range(random.randrange(5))]
        words += random.choices(images + others, k=random.randrange(4))
        words += [random.choice(images)]
        random.shuffle(words)
        return command + words
    # Nothing that may be the name of an output is the image.
    command = random.choice(readers)
    words = random.choices(plain + others, k=random.randrange(4))
    random.shuffle(words)
    return command + words + ["in.rom"]


with tempfile.TemporaryDirectory() as folder:
    environment = {**os.environ, "HOME": folder, "QUELL_VAULT": folder + "/vault"}
    subprocess.run([program, "demo", "--keep", folder + "/demo"], capture_output=True, env=environment, check=False)
    found = sorted(pathlib.Path(folder).rglob("machine.rom"))
    if not found:
        print("the demo kept no image")
        sys.exit(1)
    image = found[0].read_bytes()
    options = {" ".join(command): options_of(command) for command in commands}
    place = pathlib.Path(folder) / "place"
    place.mkdir()
    path = place / "in.rom"
    bad = 0
    statuses = {}
    fresh = True
    for number in range(runs):
        if fresh:
            for one in place.iterdir():
                subprocess.run(["rm", "-rf", str(one)], check=True)
            path.write_bytes(image)
            os.symlink("in.rom", place / "link.rom")
            os.link(path, place / "same.rom")
            (place / "text").write_text("no firmware\n")
        before = {one.name for one in place.iterdir()}
        words = arguments()
        with open(path, "rb") as standard_input:
            try:
                outcome = subprocess.run([program] + words, cwd=place, stdin=standard_input, capture_output=True,
                                         env=environment, timeout=60, check=False)
                status = outcome.returncode
            except subprocess.TimeoutExpired:
                status = "never ended"
        statuses[status] = statuses.get(status, 0) + 1
        same = path.exists() and path.read_bytes() == image
        if not same or not isinstance(status, int) or not 0 <= status <= 5:
            bad += 1
            print(f"run {number} of seed {seed}: {words}: status {status}{'' if same else ', the image changed'}")
        fresh = not same or {one.name for one in place.iterdir()} != before
    print(f"{runs} runs, {bad} bad; statuses {dict(sorted(statuses.items(), key=str))}")
    sys.exit(1 if bad else 0)
