#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""try.py FOLDER [--cuts N] [--kills N]: the chip path on a real Linux kernel with a real /dev/spidev0.0.

FOLDER comes from prepare.sh. The board is qemu's, its chip an SST25WF080 (1 MiB, 1.8 V, two bytes a command), a file that
survives; the vault lies on a card. A power cut is the end of qemu. Without options everything of the chip path is tried:
20 power cuts, 10 kills of the program and 10 of its worker, each at a random moment, followed at once by the same
command and by `restore`.
"""
import argparse
import hashlib
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time

SIZE = 1 << 20
# The changed part: 27 blocks of 4 KiB in four places.
CHANGES = ((0, 100), (0x3000, 0x9000), (0x50000, 0x10000), (0xFF000, 0x1000))
PLAIN = "--no-descriptor --accept all --vault /card/vault"
HERE = f"-p rpi --yes-wiring --voltage 1.8 {PLAIN}"
FLASH = f"quell flash new.bin {HERE} -y"
MESSAGES = "/sys/module/clip/parameters/messages"

arguments = argparse.ArgumentParser()
arguments.add_argument("folder", type=pathlib.Path)
arguments.add_argument("--cuts", type=int, default=20)
arguments.add_argument("--kills", type=int, default=10)
options = arguments.parse_args()
folder = options.folder.resolve()
chip, card, whole_card = folder / "chip.bin", folder / "card.img", folder / "card.whole"
began = time.monotonic()
failures = []
dice = random.Random(1)
old = dice.randbytes(SIZE)
new = bytearray(old)
for place, size in CHANGES:
    new[place : place + size] = dice.randbytes(size)
new = bytes(new)


def check(what, true, said=""):
    print(f"{'ok  ' if true else 'FAIL'} {time.monotonic() - began:6.1f} s  {what}", flush=True)
    if not true:
        failures.append(what)
        print("     " + "\n     ".join(said.splitlines()[-12:]), flush=True)


def name_of(content):
    return hashlib.sha256(content).hexdigest()


def on_card(*requests):
    for request in requests:
        subprocess.run(["debugfs", "-w", "-R", request, card], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def start(job, console):
    (folder / "job").write_text(job)
    subprocess.run(["e2fsck", "-fp", card], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    on_card("rm job", f"write {folder / 'job'} job")
    with open(console, "wb") as output:
        return subprocess.Popen([folder / "board", chip, card], stdout=output, stderr=subprocess.STDOUT)


def run(job, limit=240):
    console = folder / "console"
    process = start(job, console)
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return console.read_text(errors="replace").replace("\r", "")


def holds():
    return chip.read_bytes()


def fresh():
    """The old content on the chip, and the vault as it was after the backup."""
    chip.write_bytes(old)
    shutil.copy(whole_card, card)


def torn():
    """Bytes that are neither old nor new."""
    return sum(c not in (o, n) for c, o, n in zip(holds(), old, new))


def first_steps():
    chip.write_bytes(old)
    card.unlink(missing_ok=True)
    subprocess.run(["truncate", "-s", "64M", card], check=True)
    subprocess.run(["mkfs.ext4", "-q", "-F", card], check=True)
    (folder / "new.bin").write_bytes(new)
    on_card(f"write {folder / 'new.bin'} new.bin")
    said = run("flashrom -p linux_spi:dev=/dev/spidev0.0,spispeed=8000 -r r.bin | grep Found; sha256sum r.bin")
    check("flashrom finds the chip and reads what is on it", "SST25WF080" in said and name_of(old) in said, said)
    said = run(f"quell backup -p rpi --yes-wiring {PLAIN}; {FLASH}")
    check("a 1.8 V part is refused without its flag", "This is a 1.8 V part" in said, said)
    check("no flash without a backup", "There is no verified backup" in said and holds() == old, said)
    said = run(f"quell backup {HERE}")
    check("a backup is kept", f"kept as {name_of(old)}" in said, said)
    shutil.copy(card, whole_card)


def straight_path():
    fresh()
    said = run(f"{FLASH}; flashrom -p linux_spi:dev=/dev/spidev0.0,spispeed=8000 -v new.bin")
    check("written, and flashrom agrees", "Written and verified" in said and "VERIFIED." in said and holds() == new, said)
    said = run(f"{FLASH}; quell restore {name_of(old)[:8]} {HERE} -y; quell vault verify --vault /card/vault")
    check("again is nothing; restore brings the old bytes back", "already holds" in said and "all sound" in said and holds() == old, said)


def pull_ups():
    pulled = "/sys/module/header/parameters/pulled_up"
    probe = "quell probe -p rpi --yes-wiring --voltage 1.8 --pull-ups"
    said = run(
        f"insmod /modules/header.ko; quell wiring -p rpi --pull-ups >/tmp/o & sleep 2; echo pulled $(cat {pulled}); {probe};"
        f"kill -INT $!; wait $!; echo then $(cat {pulled}); echo $((1 << 24)) > /sys/module/header/parameters/held_low; {probe}"
    )
    check("both lines are pulled up, and let go", f"pulled {1 << 23 | 1 << 24}\n" in said and "then 0\n" in said, said)
    check("a busy line is named", "GPIO23 is used by quell" in said, said)
    check("a line that is held low is told", "/HOLD (GPIO24) stays low" in said, said)
    said = run(f"insmod /modules/header.ko no_bias=1; {probe}")
    check("a driver without pull-ups is not taken for the board", "has no pull-ups" in said, said)


def the_clip():
    fresh()
    said = run(f"cd /sys/module/clip/parameters; n=$(cat messages); echo $((n + 3000)) > off_from; echo $((n + 3300)) > on_from; cd /card; {FLASH}")
    check("the clip was off for 300 messages: the unit is written once more", holds() == new, said)
    fresh()
    said = run(f"cd /sys/module/clip/parameters; echo $(($(cat messages) + 3000)) > off_from; cd /card; {FLASH}; echo 0 > /sys/module/clip/parameters/off_from; {FLASH}")
    check("the clip was lost for good: told within seconds", "every answer is all ones" in said, said)
    check("and with the clip on again the same command goes on", "Written and verified" in said and holds() == new, said)


def at_once():
    fresh()
    said = run(
        f"chmod 666 /dev/spidev0.0; {FLASH} >/tmp/first 2>&1 & n=$(cat {MESSAGES}); while [ $(cat {MESSAGES}) -lt $((n + 3000)) ]; do :; done;"
        "XDG_RUNTIME_DIR=/tmp/other quell probe -p rpi --yes-wiring --voltage 1.8;"
        "su nobody -c 'XDG_RUNTIME_DIR=/tmp/third quell probe -p rpi --yes-wiring --voltage 1.8'; wait; cat /tmp/first"
    )
    check("another environment and another user are kept off meanwhile", said.count("Another quell is using the programmer") == 2, said)
    check("and the job goes on to its end", "Written and verified" in said and holds() == new, said)


def power_cut(number, seconds):
    fresh()
    console = folder / "cut"
    process = start(f"echo begin; {FLASH}", console)
    while b"begin" not in console.read_bytes() and process.poll() is None:
        time.sleep(0.02)
    time.sleep(dice.uniform(0.1, 1.0) * seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    content = holds()
    blocks = range(0, SIZE, 4096)
    done = sum(content[at : at + 4096] == new[at : at + 4096] != old[at : at + 4096] for at in blocks)
    said = run(f"{FLASH}; quell vault verify --vault /card/vault")
    check(f"power cut {number}, {done} of 27 blocks new: the same command goes on", holds() == new, said)
    shutil.copy(folder / "chip.bin", folder / "chip.done")
    said = run(f"quell restore {name_of(old)[:8]} {HERE} -y")
    check(f"power cut {number}: restore brings the old bytes back", holds() == old, said)


def kill(number, whom, total):
    fresh()
    after = dice.randrange(total // 10, total)
    victim = "$!" if whom == "program" else "$(pidof quell-flash-worker)"
    job = (
        f"n=$(cat {MESSAGES}); {FLASH} >/tmp/first 2>&1 & while [ $(cat {MESSAGES}) -lt $((n + {after})) ] && kill -0 $!; do :; done;"
        f"kill -9 {victim}; {'' if whom == 'program' else 'wait;'} {FLASH}"
    )
    said = run(f"{job}; while pidof quell-flash-worker; do sleep 0.1; done; {FLASH}")
    check(f"{whom} killed after {after} messages, number {number}: the same command goes on", holds() == new and torn() == 0, said)
    fresh()
    said = run(f"{job.rsplit(';', 1)[0]}; quell restore {name_of(old)[:8]} {HERE} -y; quell restore {name_of(old)[:8]} {HERE} -y")
    check(f"{whom} killed after {after} messages, number {number}: restore brings the old bytes back", holds() == old, said)


def length_of_a_job():
    """Messages to the chip, and seconds."""
    fresh()
    said = run(f"n=$(cat {MESSAGES}); t=$(date +%s); {FLASH}; echo took $(($(cat {MESSAGES}) - n)) $(($(date +%s) - t))")
    found = re.search(r"took (\d+) (\d+)", said)
    check("a job has its length", found is not None, said)
    return (int(found[1]), max(int(found[2]), 1)) if found else (6000, 4)


first_steps()
straight_path()
pull_ups()
the_clip()
at_once()
messages, seconds = length_of_a_job()
for index in range(options.cuts):
    power_cut(index + 1, seconds)
for index in range(options.kills):
    kill(index + 1, "program", messages)
    kill(index + 1, "worker", messages)
print(f"{len(failures)} failed, {time.monotonic() - began:.0f} s")
sys.exit(1 if failures else 0)
