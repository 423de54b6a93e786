#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""findings.py SOURCE_FOLDER [--write]: data/findings.csv and the source name the same findings and put each under the
same question; docs/findings.md lists them. Where a finding is made, its id stands in full, with the question behind it.
--write brings the page up to date."""
import csv
import pathlib
import re
import sys

ID = re.compile(r'"([a-z]+(?:\.[a-z0-9-]+)+)"')
ASKED = re.compile(r"Question::(\w+)")
NEAR = 160  # characters between an id and its question


def troubles_of(path, text, rows, used):
    for match in ID.finditer(text):
        name = match.group(1)
        where = f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {name}"
        asked = ASKED.search(text, match.end(), match.end() + NEAR)
        made = text[: match.start()].rstrip().endswith("id =") or (
            asked is not None and re.fullmatch(r"\s*,\s*", text[match.end() : asked.start()]) is not None
        )
        if name in rows:
            used.add(name)
            if made and asked is None:
                yield f"{where} is made without its question"
            elif made and asked.group(1) != rows[name]:
                yield f"{where} is put under {asked.group(1)}, its row says {rows[name]}"
        elif made:
            yield f"{where} has no row in data/findings.csv"


def page_of(table):
    lines = [
        "# Findings",
        "",
        "What `quell` may find: data/findings.csv, one line a finding. An id never changes its meaning. A question of `quell check`",
        "has failed when a finding of severity error or critical stands under it.",
        "",
        "| id | question | severity | what it says | what to do |",
        "|---|---|---|---|---|",
    ]
    for row in table:
        severity = row["severity"].replace(";", ", ")
        lines.append(f"| `{row['id']}` | {row['question']} | {severity} | {row['title']} | {row['advice']} |")
    return "\n".join(lines) + "\n"


def main(root, write=False):
    root = pathlib.Path(root)
    with open(root / "data/findings.csv", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    rows = {row["id"]: row["question"] for row in table}
    page = root / "docs/findings.md"
    if write:
        page.write_text(page_of(table), encoding="utf-8")
    used, troubles = set(), []
    for path in sorted(root.glob("src/**/*.cpp")):
        troubles += troubles_of(path.relative_to(root), path.read_text(encoding="utf-8"), rows, used)
    for path in root.glob("data/*.csv"):  # findings that are rows of other tables
        if path.name != "findings.csv":
            used.update(set(re.findall(r"[a-z]+\.[a-z0-9.-]+", path.read_text(encoding="utf-8"))) & set(rows))
    troubles += [f"data/findings.csv: nothing makes {name}" for name in rows if name not in used]
    if list(rows) != sorted(rows):
        troubles.append("data/findings.csv: the ids are not in their order")
    if page.read_text(encoding="utf-8") != page_of(table):
        troubles.append("docs/findings.md is not data/findings.csv: run tests/data/findings.py . --write")
    for trouble in troubles:
        print(trouble)
    print(f"{len(rows)} findings, {len(troubles)} troubles")
    return 1 if troubles or not rows else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--write" in sys.argv[2:]))
