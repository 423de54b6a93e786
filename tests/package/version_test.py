# SPDX-License-Identifier: GPL-2.0-or-later
"""version_test.py PROGRAM SOURCE BILL: what the program, its bill of materials and every recipe say of version and tables."""
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import unittest

PROGRAM, SOURCE, BILL = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
VERSION = re.search(r'version = "(.*)"', (SOURCE / "include/quell/version.h").read_text()).group(1)

# Recipes that cannot read the header.
RECIPES = {
    "packaging/debian/changelog": r"^quell \((.*)\)",
    "packaging/fedora/quell.spec": r"^Version:\s+(.*)",
    "packaging/arch/PKGBUILD": r"^pkgver=(.*)",
}


def quell(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)


class Version(unittest.TestCase):
    def setUp(self):
        self.document = json.loads(quell("--version", "--json").stdout)

    def test_program_and_recipes_say_what_the_header_says(self):
        self.assertEqual(self.document["program"]["version"], VERSION)
        self.assertEqual(quell("--version").stdout.splitlines()[0], f"quell {VERSION}")
        for path, pattern in RECIPES.items():
            found = re.search(pattern, (SOURCE / path).read_text(), re.MULTILINE)
            self.assertEqual(found and found.group(1), VERSION, path)

    def test_every_table_is_listed_with_its_digest(self):
        listed = {table["name"]: table["sha256"] for table in self.document["tables"]}
        self.assertGreater(len(listed), 40)
        self.assertEqual(sorted(listed), [table["name"] for table in self.document["tables"]])
        for name, digest in listed.items():
            self.assertEqual(digest, hashlib.sha256((SOURCE / "data" / f"{name}.csv").read_bytes()).hexdigest(), name)
        if self.document["built_in"]["chip"] and self.document["built_in"]["network"]:
            # Other tables refer to this one; no code reads it.
            self.assertEqual({path.stem for path in (SOURCE / "data").glob("*.csv")} - set(listed), {"spi-header"})

    def test_bill_of_materials_lists_the_same_parts(self):
        bill = json.loads(BILL.read_text())
        self.assertEqual((bill["bomFormat"], bill["specVersion"]), ("CycloneDX", "1.6"))
        self.assertEqual(bill["metadata"]["component"]["version"], VERSION)
        libraries = [one for one in bill["components"] if one["type"] == "library"]
        self.assertEqual([one["name"] for one in libraries], [one["name"] for one in self.document["libraries"]])
        self.assertEqual([one.get("version") for one in libraries],
                         [one.get("version") for one in self.document["libraries"]])
        tables = {one["name"]: one["hashes"][0]["content"] for one in bill["components"] if one["type"] == "data"}
        self.assertEqual(tables, {f"data/{one['name']}.csv": one["sha256"] for one in self.document["tables"]})
        references = [one["bom-ref"] for one in bill["components"]]
        self.assertEqual(len(references), len(set(references)))
        self.assertLessEqual(set(bill["dependencies"][0]["dependsOn"]), set(references))

    def test_other_words_beside_it_are_a_mistake(self):
        for words in (["--version", "x"], ["--version", "--json", "x"]):
            done = quell(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn("--json", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
