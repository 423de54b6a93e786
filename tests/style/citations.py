#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""citations.py PROJECT: every source of a fact can be followed, every link leads somewhere.

A cell of a column `source` or `sources` in data/ is a list, separated by `;`. Each item names a page of docs/ with a
heading, an address, or a public document that docs/sources.md lists.
"""

import csv
import pathlib
import re
import sys

LINK = re.compile(r"\]\(([^)\s]+)\)")
PAGE = re.compile(r"docs/[\w./-]+\.md(?:#[\w-]*)?")
MARKDOWN = re.compile(r"[\w./-]+\.md\b(?:#[\w-]*)?")
ELSEWHERE = re.compile(r"\.\./shared|(?<![\w.])/(?:work|home|root|tmp)/")
ADDRESS = re.compile(r"https?://\S+\.\S+")


def anchor(heading):
    """The anchor that GitHub and GitLab give a heading."""
    text = re.sub(r"[^\w\s-]", "", re.sub(r"`|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower())
    return re.sub(r"\s", "-", text)


def anchors_of(page):
    found, fenced = set(), False
    for line in page.read_text().splitlines():
        fenced ^= line.startswith("```")
        heading = None if fenced else re.match(r"#+ +(.*)", line)
        if heading:
            found.add(anchor(heading[1]))
    return found


def items_of(cell):
    """The items of a list: split at `;` outside parentheses."""
    depth, item, items = 0, "", []
    for letter in cell:
        depth += (letter == "(") - (letter == ")")
        if letter == ";" and depth == 0:
            items.append(item.strip())
            item = ""
        else:
            item += letter
    return items + [item.strip()]


class Project:
    def __init__(self, root):
        self.root = root
        self.anchors = {}
        self.complaints = []
        self.names = self.public_documents()

    def public_documents(self):
        rows = re.findall(r"^\| ([^|]+) \|", (self.root / "docs/sources.md").read_text(), re.MULTILINE)
        names = [re.escape(row.strip()) for row in rows if row.strip() not in ("name", "---")]
        return re.compile(r"(?<!\w)(?:" + "|".join(names) + r")(?!\w)")

    def complain(self, place, text):
        self.complaints.append(f"{place}: {text}")

    def follow(self, place, target, base):
        """Complains unless `target` (path, perhaps with an anchor) leads to a page and a heading."""
        path, _, heading = target.partition("#")
        page = (base / path).resolve() if path else place
        if not page.exists():
            self.complain(place, f"{target} does not exist")
        elif heading and page not in self.anchors:
            self.anchors[page] = anchors_of(page)
        if heading and page.exists() and heading not in self.anchors[page]:
            self.complain(place, f"{target} has no such heading")

    def check_tables(self):
        for table in sorted((self.root / "data").glob("*.csv")):
            with table.open(newline="") as text:
                for number, row in enumerate(csv.DictReader(text), 2):
                    for column in {"source", "sources"} & row.keys():
                        self.check_source(f"{table.name}:{number}", row[column] or "")
            self.check_paths(table)

    def check_source(self, place, cell):
        for item in items_of(cell):
            pages = PAGE.findall(item)
            for page in pages:
                if "#" not in page:
                    self.complain(place, f"{page} without a heading")
                else:
                    self.follow(place, page, self.root)
            if not pages and not ADDRESS.search(item) and not self.names.search(item):
                self.complain(place, f'"{item}" is no page of docs/, no address and not in docs/sources.md')

    def check_paths(self, file):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if ELSEWHERE.search(line):
                self.complain(f"{file.relative_to(self.root)}:{number}", "a path outside the project")

    def check_pages(self):
        pages = sorted((self.root / "docs").rglob("*.md")) + sorted((self.root / "data").glob("*.md"))
        pages += sorted(self.root.glob("*.md"))
        for page in pages:
            self.check_paths(page)
            for target in LINK.findall(page.read_text()):
                if "://" not in target:
                    self.follow(page, target, page.parent)
        for page in sorted((self.root / "docs/formats").glob("*.md")):
            if not re.search(r"^(?:Strength.*)?Sources?:|^## Sources|\bSources: ", page.read_text(), re.MULTILINE):
                self.complain(page.relative_to(self.root), "names no sources")

    def check_comments(self):
        for folder in ("include", "src", "tests", "bench", "cmake", "tools"):
            for file in sorted((self.root / folder).rglob("*")):
                if file.suffix not in (".h", ".cpp", ".def", ".cmake", ".sh"):
                    continue
                for target in MARKDOWN.findall("\n".join(re.findall(r"//.*|^#.*", file.read_text(), re.MULTILINE))):
                    self.follow(file.relative_to(self.root), target, self.root)


def main():
    project = Project(pathlib.Path(sys.argv[1]).resolve())
    project.check_tables()
    project.check_pages()
    project.check_comments()
    for complaint in project.complaints:
        print(complaint)
    return 1 if project.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
