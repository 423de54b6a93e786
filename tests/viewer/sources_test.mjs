// SPDX-License-Identifier: GPL-2.0-or-later
// The modules of the viewer and the page as text: nothing in them is without use, and where the page says what an option
// does it says it in the program's words. Environment: QUELL (the program).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const viewer = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "viewer");
const textOf = (name) => readFileSync(join(viewer, name), "utf8");
const modules = readdirSync(viewer, { recursive: true }).filter((name) => name.endsWith(".js"));
const everything = modules.map(textOf).join("\n");
const moduleOf = (name) => import(`data:text/javascript,${encodeURIComponent(textOf(name))}`);

const tests = [];
const test = (name, run) => tests.push({ name, run });

test("every word of the viewer and of the page is said somewhere", async () => {
  for (const [file, name] of [["texts.js", "texts"], ["page/words.js", "words"]]) {
    const unsaid = Object.keys((await moduleOf(file))[name]).filter((key) => !new RegExp(`\\b${name}\\.${key}\\b`).test(everything));
    assert.deepEqual(unsaid, [], file);
  }
});

test("every call that the Worker answers is made", () => {
  const [, body] = textOf("page/worker.js").match(/^const calls = \{(.*?)^\};/ms);
  const calls = [...body.matchAll(/^ {2}(?:async )?(\w+)(?::| ?\()/gm)].map(([, name]) => name);
  assert.ok(calls.length > 5);
  const asked = textOf("page/page.js") + textOf("page/session.js");
  assert.deepEqual(calls.filter((name) => !asked.includes(`"${name}"`)), []);
});

test("every method of the core is called by the Worker or by the core itself", () => {
  const names = [...textOf("page/core.js").matchAll(/^ {2}(?:async |get )?(#?\w+)\(/gm)].map(([, name]) => name);
  const callers = textOf("page/worker.js") + textOf("page/core.js").replaceAll(/^ {2}(?:async |get )?#?\w+\(/gm, "");
  const unused = names.filter((name) => name !== "constructor" && !callers.includes(`core.${name}`) && !callers.includes(`this.${name}`));
  assert.deepEqual(unused, []);
});

test("a name at the top of modules stands in one of them alone", () => {
  const seen = new Map();
  for (const file of modules) {
    // The Worker is a script of its own.
    if (["page/core.js", "page/zip.js", "page/worker.js"].includes(file)) continue;
    for (const [, name] of textOf(file).matchAll(/^(?:export )?(?:async )?(?:const|let|class|function\*?) (\w+)/gm)) {
      assert.equal(seen.get(name), undefined, `${name} in ${file}`);
      seen.set(name, file);
    }
  }
});

/** The descriptions of the options of commands, by the option. */
function optionsOf(...commands) {
  const out = new Map();
  for (const words of commands) {
    const help = execFileSync(process.env.QUELL, [...words, "--help"], { encoding: "utf8", env: { ...process.env, COLUMNS: "80" } });
    for (const [, option, text] of help.matchAll(/^ {2}(?:-\w, )?(--[a-z0-9-]+)(?: \S+)?\s+((?:.*\n(?: {20,}\S.*\n)*))/gm)) {
      out.set(option, text.replaceAll(/\s+/g, " ").trim());
    }
  }
  return out;
}

test("the page says of an option what the program says of it", async () => {
  const options = optionsOf(["clean"], ["descriptor", "join"]);
  const page = textOf("page/index.html");
  for (const name of ["relocate", "truncate", "keep-modules", "lock-out", "keep", "drop", "hap-at"]) {
    const said = options.get(`--${name}`)?.replace(/: A,B$/, "");
    assert.ok(said && page.includes(`> ${said}<`) || page.includes(`>${said} <`), `--${name}: ${said}`);
  }
  const { overrideWords } = await moduleOf("page/words.js");
  const words = [...options.values()];
  for (const [name, text] of Object.entries(overrideWords)) assert.ok(words.includes(text), `${name}: ${text}`);
  const lifting = [...options].filter(([option]) => option.startsWith("--accept-")).map(([, text]) => text);
  assert.deepEqual(lifting.filter((text) => !Object.values(overrideWords).includes(text)), [], "what can be insisted on");
});

let failed = 0;
const only = process.argv.slice(2).find((one) => !one.startsWith("--"));
for (const { name, run } of tests) {
  if (only && !name.includes(only)) continue;
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED ${name}\n${error instanceof Error ? error.message : error}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
