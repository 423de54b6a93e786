// SPDX-License-Identifier: GPL-2.0-or-later
// The pages that `quell report` writes, in Chromium (tests/browser). Environment: QUELL (the program), QUELL_WORK (a
// folder for what is written), QUELL_SHARED (real images; may be missing). With --write the golden outlines and the
// picture of the guide are written again.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { deflateSync, inflateSync } from "node:zlib";
import { axeSource, launch, openPage, serve } from "../browser/browser.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const program = process.env.QUELL;
const work = process.env.QUELL_WORK;
const write = process.argv.includes("--write");
const payload = '<img src=x onerror=alert(1)>"\'</script><script>alert(2)</script>';

/** Runs the program; its standard output. */
function quell(...words) {
  return execFileSync(program, words, { encoding: "utf8", maxBuffer: 1 << 28 });
}

function reportOf(name, ...words) {
  const page = join(work, `${name}.html`);
  quell("report", ...words, "-o", page);
  return page;
}

/** The document that a page carries. */
function documentOf(file) {
  const [, text] = readFileSync(file, "utf8").match(/<script type="application\/octet-stream" id="document">(.*?)<\/script>/s);
  return JSON.parse(inflateSync(Buffer.from(text, "base64")).toString("utf8"));
}

/** The page with another document in it. */
function pageWith(name, file, document) {
  const html = readFileSync(file, "utf8");
  const packed = deflateSync(JSON.stringify(document)).toString("base64");
  const out = join(work, `${name}.html`);
  writeFileSync(out, html.replace(/(<script type="application\/octet-stream" id="document">).*?(<\/script>)/s, (_, open, close) => open + packed + close));
  return out;
}

/** When the page stood there, in milliseconds since it was asked for. */
const shownAfter = (page) => page.evaluate(() => performance.getEntriesByName("quell-shown")[0].startTime);

/** A flash map of coreboot's with areas of these names. */
function flashMapImage(names) {
  const size = 1 << 20;
  const bytes = Buffer.alloc(size, 0xff);
  const at = 0x1000;
  bytes.write("__FMAP__", at, "latin1");
  bytes.writeUInt8(1, at + 8);
  bytes.writeUInt8(1, at + 9);
  bytes.writeBigUInt64LE(0n, at + 10);
  bytes.writeUInt32LE(size, at + 18);
  bytes.fill(0, at + 22, at + 54);
  bytes.write(names[0], at + 22, "latin1");
  bytes.writeUInt16LE(names.length, at + 54);
  names.forEach((name, i) => {
    const area = at + 56 + i * 42;
    bytes.writeUInt32LE(0x10000 * i, area);
    bytes.writeUInt32LE(0x10000, area + 4);
    bytes.fill(0, area + 8, area + 40);
    bytes.write(name, area + 8, 31, "latin1");
    bytes.writeUInt16LE(0, area + 40);
  });
  return bytes;
}

/** A captured machine out of its text (tests/support/machine_tree.h says how it is written). */
function treeOf(name) {
  const folder = join(work, name);
  rmSync(folder, { recursive: true, force: true });
  const text = readFileSync(join(here, "..", "host", "trees", `${name}.tree`), "utf8");
  for (const block of text.split(/^@/m).slice(1)) {
    const [head, ...lines] = block.split("\n");
    const [kind, path, ...rest] = head.split(" ");
    const place = join(folder, path);
    mkdirSync(kind === "dir" ? place : dirname(place), { recursive: true });
    if (kind === "file") writeFileSync(place, lines.join("\n"));
    if (kind === "hex") writeFileSync(place, Buffer.from(lines.join("").replaceAll(/\s/g, ""), "hex"));
    if (kind === "link") symlinkSync(rest.join(" "), place);
  }
  return folder;
}

/** Every text of the document replaced, as if all of it came from an image. */
function poisoned(value, key = "") {
  const kept = ["schema", "command", "heads", "blocks", "engine", "severity", "state", "question", "sha256"];
  if (typeof value === "string") return value === "" || kept.includes(key) ? value : payload + value;
  if (Array.isArray(value)) return value.map((one) => poisoned(one, key));
  if (value === null || typeof value !== "object") return value;
  if (kept.includes(key)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, name)]));
}

const browser = await launch();

/** Opens a page offline; whatever it asks for or complains of ends up in `trouble`. */
async function open(file, { width = 1120, height = 900, scheme = "light" } = {}) {
  const opened = await openPage(browser, pathToFileURL(file).href, { viewport: { width, height }, colorScheme: scheme });
  await opened.page.waitForSelector(".quell footer");
  return opened;
}

const tests = [];
const test = (name, run) => tests.push({ name, run });
let skipped = 0;
const skip = (why) => {
  ++skipped;
  console.log(`note: ${why}`);
};

mkdirSync(work, { recursive: true });
const demo = join(work, "demo");
spawnSync(program, ["demo", "--keep", demo]);
const machine = join(demo, "machine.rom");
const quiet = join(demo, "quiet.rom");
assert.ok(existsSync(machine) && existsSync(quiet), "quell demo leaves its images");
const tree = treeOf("me11-t460p-stock");
/** A report of a real image, unpacked where it is packed; nothing without real images. */
function realPage(name, path) {
  const file = join(process.env.QUELL_SHARED ?? "", "corpus", path);
  if (!existsSync(file)) {
    skip(`${name}: needs ../shared/corpus`);
    return {};
  }
  if (!file.endsWith(".xz")) return { [name]: reportOf(name, file) };
  const image = join(work, basename(file, ".xz"));
  writeFileSync(image, execFileSync("xz", ["-dc", file], { maxBuffer: 1 << 28 }));
  return { [name]: reportOf(name, image) };
}

const pages = {
  machine: reportOf("machine", machine),
  changes: reportOf("changes", quiet, "--before", machine),
  status: reportOf("status", "--root", tree),
  ...realPage("amd", "amd/stoneyridge-8m.rom.xz"),
  ...realPage("eeprom", "rpi/pieeprom-2711-signed-test.bin"),
  ...realPage("bios", "uefi/bios/ic847-full-bad.bin.xz"),
};

for (const [name, file] of Object.entries(pages)) {
  for (const scheme of ["light", "dark"]) {
    for (const width of [1120, 390]) {
      test(`${name}, ${scheme}, ${width} px: no request, no complaint, axe finds nothing, nothing stands out`, async () => {
        const { page, trouble, close } = await open(file, { width, scheme });
        await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
        await page.evaluate(axeSource());
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        const said = violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`));
        assert.deepEqual(said, []);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(wide, 0, "nothing is wider than the window");
        await page.screenshot({ path: join(work, `${name}-${scheme}-${width}.png`), fullPage: true });
        assert.deepEqual(trouble, []);
        await close();
      });
    }
  }
}

/** The sum of the sizes in each row of the map, with what the row shows. */
async function rowSums(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("quell-map .bar")].map((bar) => {
      const parts = [...bar.children].map((one) => ({ offset: Number(one.dataset.offset), size: Number(one.dataset.size) }));
      const sum = parts.reduce((all, one) => all + one.size, 0);
      const joined = parts.every((one, at) => at === 0 || parts[at - 1].offset + parts[at - 1].size === one.offset);
      return { sum, joined, start: parts[0].offset };
    }),
  );
}

test("the rectangles of every row of the map join and add up to what the row shows", async () => {
  const { page, close } = await open(pages.machine);
  const size = statSync(machine).size;
  assert.deepEqual(await rowSums(page), [{ sum: size, joined: true, start: 0 }]);
  const count = await page.locator("quell-map .bar").first().locator("button").count();
  for (let i = 0; i < count; ++i) {
    const part = page.locator("quell-map .bar").first().locator("button").nth(i);
    const wanted = Number(await part.getAttribute("data-size"));
    await part.click();
    const rows = await rowSums(page);
    assert.equal(rows[0].sum, size);
    assert.ok(rows.every((row) => row.joined));
    if (rows.length > 1) assert.equal(rows[1].sum, wanted);
  }
  await close();
});

test("a part of 4 KiB is reached by mouse", async () => {
  const { page, close } = await open(pages.machine);
  await page.locator("quell-map").scrollIntoViewIfNeeded();
  const box = await page.locator('quell-map button[data-offset="0"]').first().boundingBox();
  assert.ok(box.width >= 24 && box.height >= 24, `${box.width} by ${box.height}`);
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  assert.match(await page.locator("quell-map .chosen").innerText(), /fd 0x00000000-0x00000fff, 4 KiB/);
  assert.match(await page.locator("quell-details h3").innerText(), /fd/);
  assert.equal((await rowSums(page))[1].sum, 4096);
  await close();
});

test("a part of 4 KiB is reached, looked into and left by keyboard", async () => {
  const { page, close } = await open(pages.machine);
  for (let i = 0; i < 60; ++i) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.closest("quell-map") !== null)) break;
  }
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  assert.match(await focused(), /^fd 4 KiB/);
  await page.keyboard.press("Enter");
  assert.equal((await rowSums(page)).length, 2);
  await page.keyboard.press("ArrowRight");
  assert.ok(await page.evaluate(() => Number(document.activeElement.dataset.offset) > 0 && Number(document.activeElement.dataset.offset) < 4096));
  await page.keyboard.press("Escape");
  assert.equal((await rowSums(page)).length, 1);
  assert.match(await focused(), /^fd 4 KiB/);
  await close();
});

test("Tab goes through the page in the order of reading and begins with a way past it", async () => {
  const { page, close } = await open(pages.changes);
  const seen = await page.evaluate(() => ({ all: document.querySelectorAll("*").length }));
  const order = [];
  for (let i = 0; i < 400; ++i) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      if (one === document.body) return null;
      return { at: [...document.querySelectorAll("*")].indexOf(one), text: (one.textContent ?? "").slice(0, 40) };
    });
    if (at === null) break;
    order.push(at);
  }
  assert.equal(order[0].text, "Skip to the findings");
  assert.ok(order.length > 10 && seen.all > 100);
  for (let i = 1; i < order.length; ++i) assert.ok(order[i].at > order[i - 1].at, `${order[i - 1].text} comes before ${order[i].text}`);
  await close();
});

test("the tree opens, closes and is searched by keyboard, and marks what was chosen", async () => {
  const { page, close } = await open(pages.machine);
  await page.locator("quell-tree [role=treeitem]").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-expanded")), "true");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("quell-tree [aria-selected=true]").count(), 1);
  await page.locator("quell-tree input").fill("ftpr");
  assert.match(await page.locator("quell-tree .hint").innerText(), /of \d+ parts match/);
  assert.ok((await page.locator("quell-tree [role=treeitem]").count()) > 0);
  await close();
});

test("what is unused stands in the tree, with what it holds, and the map leads to it", async () => {
  const image = join(work, "gaps.rom");
  writeFileSync(image, flashMapImage(["FLASH", "ONE", "TWO"]));
  const { page, close } = await open(reportOf("gaps", image));
  const [space] = documentOf(join(work, "gaps.html")).images[0].space.filter((one) => one.state === "unused" && one.size >= 8192);
  assert.equal(space.kind, "unused");
  await page.locator(`quell-map button[data-offset="${space.offset}"][data-size="${space.size}"]`).click();
  await page.waitForSelector(`quell-tree [data-anchor="layout/${space.path}"][aria-selected=true]`);
  assert.match(await page.locator("quell-details").innerText(), /erased \(0xFF\)/);
  await page.locator("quell-tree [role=treeitem]").first().click();
  await page.locator(`quell-tree [data-anchor="layout/${space.path}"]`).click();
  assert.equal(await page.locator("quell-map button.current").getAttribute("data-offset"), String(space.offset));
  await close();
});

test("what an action costs stands with it, and not among what it changes", async () => {
  const document = documentOf(pages.machine);
  const action = document.images[0].engines.flatMap((one) => one.actions).find((one) => one.state === "available");
  assert.ok(action);
  action.costs = ["a fan stops"];
  action.effects = ["set a bit", "in words: a fan stops"];
  const { page, close } = await open(pageWith("costs", pages.machine, document));
  const card = page.locator(".action", { hasText: action.title }).first();
  assert.equal(await card.locator(".costs").innerText().then((text) => text.includes("a fan stops")), true);
  assert.match(await card.locator("details:has(ul) summary").last().innerText(), /\(1\)/);
  await close();
});

test("a part that changed leads to where it stands", async () => {
  const { page, close } = await open(pages.changes);
  const link = page.locator("section[aria-labelledby=changes] a[href^='#']").first();
  const wanted = decodeURI((await link.getAttribute("href")).slice(1));
  await link.click();
  await page.waitForFunction((anchor) => document.querySelector("quell-details h3").id === anchor, wanted);
  await close();
});

test("a finding leads to the component that it is about", async () => {
  const { page, close } = await open(pages.machine);
  const link = page.locator(".findings a[href^='#']").first();
  const name = await link.innerText();
  await link.click();
  await page.waitForFunction((wanted) => document.querySelector("quell-details h3").textContent.includes(wanted), name);
  await close();
});

test("bytes of a network card's settings are withheld, those of other parts shown", async () => {
  const { page, close } = await open(pages.machine);
  await page.locator("quell-tree input").fill("gbe");
  await page.locator('[data-anchor="layout/gbe"]').click();
  assert.match(await page.locator("quell-details").innerText(), /can hold a MAC address/);
  await page.locator("quell-tree input").fill("fd");
  await page.locator('[data-anchor="layout/fd"]').click();
  assert.match(await page.locator("quell-details .hex").innerText(), /5a a5 f0 0f/);
  await close();
});

test("what changed stands in words, and the bits of a strap in 32 cells", async () => {
  const { page, close } = await open(pages.changes);
  const section = page.locator("section[aria-labelledby=changes]");
  assert.equal(await section.locator(".bits").first().locator(".bit").count(), 32);
  assert.ok((await section.locator(".bit.changed").count()) >= 1);
  assert.equal(await section.locator(".bar.still").count(), 2);
  assert.ok((await page.locator("quell-map .changed").count()) >= 1);
  await close();
});

test("names that are markup are text: in a flash map, in a file's name, in every text of a document", async () => {
  const folder = join(work, "names");
  mkdirSync(folder, { recursive: true });
  const name = "<img src=x onerror=alert(1)>";
  const image = join(folder, `${name}.rom`);
  writeFileSync(image, flashMapImage(["FLASH", "<img src=x onerror=alert(1)>", "</script><script>alert(3)//", "--><svg/onload=alert(4)>"]));
  const page = join(work, "names.html");
  quell("report", image, "-o", page);
  const poison = pageWith("poisoned", pages.changes, poisoned(documentOf(pages.changes)));
  for (const file of [page, poison]) {
    const opened = await open(file);
    await opened.page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    for (const part of await opened.page.locator("quell-map .bar button").all()) {
      if (await part.isVisible().catch(() => false)) await part.click().catch(() => {});
    }
    assert.equal(await opened.page.locator(".quell img, .quell script, .quell svg").count(), 0);
    assert.deepEqual(opened.trouble, []);
    await opened.close();
  }
  const opened = await open(page);
  assert.match(await opened.page.locator("h1").innerText(), /<img src=x/);
  await opened.close();
});

test("no folder of the file is named, and no MAC address", async () => {
  const html = JSON.stringify(documentOf(pages.machine));
  assert.ok(!html.includes(work));
  assert.ok(!readFileSync(pages.machine, "utf8").includes(work));
  assert.ok(!/([0-9a-f]{2}:){5}[0-9a-f]{2}/i.test(html.replaceAll("xx:xx:xx:xx:xx:xx", "")));
});

test("the policy of a page runs and applies what is in it, and lets no form and no base lead away", () => {
  const [, policy] = readFileSync(pages.machine, "utf8").match(/Content-Security-Policy" content="([^"]*)"/);
  const directives = policy.split("; ").map((one) => one.replaceAll(/sha256-[A-Za-z0-9+/=]{44}/g, "sha256-..."));
  assert.deepEqual(directives, ["default-src 'none'", "script-src 'sha256-...'", "style-src 'sha256-...'", "base-uri 'none'", "form-action 'none'"]);
});

test("a view that goes away listens no more", async () => {
  const server = await serve(join(here, "..", "..", "viewer"));
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(server.address);
  const heard = await page.evaluate(async (source) => {
    const signals = [];
    const add = window.addEventListener.bind(window);
    window.addEventListener = (kind, listener, options) => {
      signals.push(options?.signal);
      add(kind, listener, options);
    };
    const { render } = await import("/index.js");
    const root = document.body.appendChild(document.createElement("div"));
    const counts = [];
    for (let round = 0; round < 3; ++round) {
      render(root, source);
      counts.push(signals.filter((one) => !one?.aborted).length);
    }
    return counts;
  }, documentOf(pages.machine));
  assert.ok(heard[0] > 0);
  assert.deepEqual(heard, heard.map(() => heard[0]));
  await context.close();
  server.stop();
});

test("on paper it is dark on white, with everything unfolded, also from a dark screen", async () => {
  const { page, close } = await open(pages.machine, { scheme: "dark" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  assert.equal(await page.locator("main details:not([open])").count(), 0);
  await close();
});

/** What stands on the page: headings, states, parts of the map, rows of the tree. */
async function outline(page) {
  return page.evaluate(() => {
    const lines = [];
    for (const one of document.querySelectorAll("h1, h2, h3, .state, .verdict, .questions li, .action .title, quell-map .bar > *, [role=treeitem]")) {
      const map = one.dataset.size === undefined ? "" : ` ${one.dataset.offset}+${one.dataset.size}`;
      const name = one.querySelector(":scope > .name");
      lines.push(`${one.tagName.toLowerCase()} ${(map && name ? name : one).textContent.replaceAll(/\s+/g, " ").trim()}${map}`);
    }
    return `${lines.join("\n")}\n`;
  });
}

for (const name of ["machine", "changes"]) {
  test(`${name}: the outline is as recorded`, async () => {
    const { page, close } = await open(pages[name]);
    const golden = join(here, "golden", `${name}.txt`);
    const found = await outline(page);
    writeFileSync(join(work, `${name}.txt`), found);
    if (write) {
      mkdirSync(dirname(golden), { recursive: true });
      writeFileSync(golden, found);
    }
    assert.equal(found, readFileSync(golden, "utf8"));
    await close();
  });
}

test("the report of a dump of 32 MiB is at most 300 kB and usable in 500 ms", async () => {
  const image = join(work, "large.rom");
  const bytes = Buffer.alloc(32 << 20, 0xff);
  readFileSync(machine).copy(bytes, 0);
  let seed = 1;
  for (let i = 8 << 20; i < 30 << 20; i += 4) {
    seed = (seed * 1103515245 + 12345) >>> 0;
    bytes.writeUInt32LE(seed, i);
  }
  writeFileSync(image, bytes);
  const file = reportOf("large", image);
  const size = statSync(file).size;
  assert.ok(size <= 300_000, `${size} bytes`);
  const times = [];
  for (let i = 0; i < 3; ++i) {
    const { page, close } = await open(file);
    times.push(await shownAfter(page));
    await close();
  }
  const best = Math.min(...times);
  console.log(`# 32 MiB: ${size} bytes, ${Math.round(best)} ms`);
  assert.ok(best < 500, `${best} ms`);
});

test("a tree of 20000 components shows a part of its rows and stays quick", async () => {
  const document = documentOf(pages.machine);
  document.images[0].engines[0].tree.children = Array.from({ length: 20000 }, (_, i) => ({ path: `m${i}`, kind: "module", name: `m${i}`, offset: 0x180000 + i * 16, size: 16 }));
  const file = pageWith("many", pages.machine, document);
  const { page, trouble, close } = await open(file);
  assert.ok((await page.locator("[role=treeitem]").count()) <= 400);
  const took = await shownAfter(page);
  console.log(`# 20000 components: ${Math.round(took)} ms`);
  await page.locator("quell-tree input").fill("m19999");
  await page.waitForFunction(() => document.querySelectorAll("[role=treeitem]").length === 1);
  assert.deepEqual(trouble, []);
  await close();
});

test("reports of real images: AMD, a BIOS, Raspberry Pi, an ME region; what the map shows adds up", async () => {
  const shared = process.env.QUELL_SHARED ?? "";
  const images = ["rpi/pieeprom-2711-signed-test.bin", "intel/eve-me.bin", "uefi/ovmf-vars.fd", "fip/fip-optee-tbbr.bin"].map((one) => join(shared, "corpus", one));
  images.push(join(work, "stoneyridge-8m.rom"), join(work, "ic847-full-bad.bin"));
  if (!images.every((one) => existsSync(one))) return skip("needs ../shared/corpus");
  for (const image of images) {
    const { page, trouble, close } = await open(reportOf("real", image));
    const rows = await rowSums(page);
    assert.equal(rows[0].sum, statSync(image).size, image);
    assert.ok(rows[0].joined, image);
    assert.deepEqual(trouble, [], image);
    await close();
  }
});

test("the picture of the guide", async () => {
  const { page, close } = await open(pages.machine, { width: 880, height: 900 });
  await page.locator('quell-map button[title^="me,"]').click();
  await page.evaluate(() => window.scrollTo(0, 0));
  const picture = join(work, "report.png");
  await page.screenshot({ path: picture });
  if (write) copyFileSync(picture, join(here, "..", "..", "docs", "guide", "report.png"));
  await close();
});

let passed = 0;
let failed = 0;
const only = process.argv.slice(2).find((one) => !one.startsWith("--"));
for (const { name, run } of tests) {
  if (only && !name.includes(only)) continue;
  try {
    await run();
    ++passed;
    console.log(`ok ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED ${name}\n${error instanceof Error ? error.message : error}`);
  }
}
await browser.close();
console.log(`${passed - skipped} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed === 0 ? 0 : 1;
