// SPDX-License-Identifier: GPL-2.0-or-later
// The page in Chromium, as a user meets it: from a file and from a server of static files.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { axeSource, launch, openPage, serve } from "../browser/browser.mjs";
import { basename, build, corpus, dumps, filesBelow, join, page as pageFile, readFileSync, run, runIn, sampled, scratch, specimens, statSync, writeFileSync } from "./support.mjs";

const folder = scratch();
const someDumps = dumps();
const shots = process.env.QUELL_SHOTS;
let browser, server, served;

before(async () => {
  browser = await launch();
  server = await serve(join(build, "page"));
  served = `${server.address}/quell.html`;
});
after(async () => {
  await browser?.close();
  server?.stop();
});

/** An open page that notes what it asked for and what went wrong in it; closes it after `work`, which must see neither. */
async function withPage(work, { address = pathToFileURL(pageFile).href, ...options } = {}) {
  const { page, trouble, close } = await openPage(browser, address, options);
  await page.waitForSelector("html[data-ready=yes]");
  await work(page, trouble);
  assert.deepEqual(trouble, [], "no request, no complaint on the console");
  await close();
}

/** Gives files to the page and waits until it has looked. Files are paths, or {name, mimeType, buffer}. */
async function choose(page, ...files) {
  await page.setInputFiles("#files", files);
  await settled(page);
}

async function settled(page) {
  await page.waitForFunction(() => document.querySelector("#busy").hidden &&
    (document.querySelector("#failure").textContent !== "" || document.querySelector("#report h1, #plan > *, #made > *, #two-result > *, #saved > *") !== null), null, { timeout: 120000 });
}

const failureOf = (page) => page.textContent("#failure");

/** Opens one of the folded parts. */
const unfold = (page, id) => page.evaluate((name) => (document.getElementById(name).open = true), id);

/** Clicks and gives the bytes of the link that then stands last in `list`. */
async function saved(page, link) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(link)]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

for (const kind of ["file", "served"]) {
  test(`a dump is inspected and cleaned: ${kind}`, async () => {
    const [file] = someDumps;
    await withPage(async (page) => {
      await choose(page, file);
      assert.equal(await failureOf(page), "");
      assert.ok((await page.textContent("#report h1")).includes(basename(file)));
      await unfold(page, "parts");
      await page.click("#save-json");
      const made = await saved(page, "#saved a");
      const native = await runIn(join(file, ".."), "inspect", "--json", basename(file));
      assert.equal(made.bytes.toString(), native.text);
      await cleanIn(page, file);
    }, kind === "served" ? { address: served } : {});
  });
}

/** Cleans the image of the page with what is safe, and holds the bytes against the program's. */
async function cleanIn(page, file) {
  const output = join(folder, "native.rom");
  const native = run("clean", file, "-o", output);
  await unfold(page, "clean");
  await page.click("#options button[type=submit]");
  await page.waitForSelector("#plan > *, #failure:not(:empty)");
  if (native.status !== 0) {
    assert.notEqual(await page.evaluate(() => document.querySelector("#plan .refusal")?.textContent ?? document.querySelector("#failure").textContent), "");
    return false;
  }
  const document_ = JSON.parse(run("clean", "--dry-run", "--json", file).text);
  assert.equal(await page.locator("#plan tbody tr").count(), document_.edits.length);
  for (const { reason } of document_.edits.slice(0, 3)) assert.ok((await page.textContent("#plan tbody")).includes(reason));
  const costs = page.locator('#plan ul[aria-label="What it costs"] > li');
  assert.equal(await costs.count(), document_.costs.length);
  const anchors = await page.locator("#plan tbody a").evaluateAll((links) => links.map((link) => decodeURI(link.hash.slice(1))));
  assert.deepEqual(anchors, document_.edits.map((edit) => edit.anchor));
  for (const { title } of document_.notices) assert.ok((await page.textContent("#plan")).includes(title), title);
  if (document_.edits.length === 0) return false;
  await page.click("#plan button");
  await page.waitForSelector("#made a, #failure:not(:empty)", { timeout: 60000 });
  assert.equal(await failureOf(page), "");
  const made = await saved(page, "#made li:first-child a");
  assert.ok(made.bytes.equals(readFileSync(output)), `${basename(file)}: the same bytes`);
  return true;
}

test("the same bytes from twenty dumps as on the command line", async (t) => {
  let cleaned = 0;
  for (const file of someDumps) {
    await withPage(async (page) => {
      await choose(page, file);
      if (await cleanIn(page, file)) ++cleaned;
    });
  }
  t.diagnostic(`${cleaned} of ${someDumps.length} cleaned, the others refused or unchanged in both`);
  assert.ok(cleaned > 0);
});

test("the region of the engine and the descriptor, cut", async () => {
  const parts = { me: join(folder, "me"), descriptor: join(folder, "descriptor") };
  const words = ["--strip", "--relocate", "--truncate", "--me-out", parts.me, "--descriptor-out", parts.descriptor];
  const file = someDumps.find((one) => run("clean", ...words, one).status === 0);
  assert.ok(file, "a dump to cut");
  await withPage(async (page) => {
    await choose(page, file);
    await unfold(page, "clean");
    await page.check("input[name=what][value=strip]");
    await page.check("input[name=relocate]");
    await page.check("input[name=truncate]");
    await page.click("#options button[type=submit]");
    await page.waitForSelector("#plan button");
    await page.click("#plan button");
    await page.waitForSelector("#made a");
    assert.ok((await saved(page, "#made li:nth-child(2) a")).bytes.equals(readFileSync(parts.me)));
    assert.ok((await saved(page, "#made li:nth-child(3) a")).bytes.equals(readFileSync(parts.descriptor)));
  });
});

test("a refusal is lifted as on the command line", async () => {
  const output = join(folder, "insisted.rom");
  const file = someDumps.find((one) => /insist with/.test(run("clean", "--strip", one, "-o", output).complaint));
  assert.ok(file, "a dump that is refused");
  const lifts = { "boot-guard": "--accept-boot-guard", "me12-strip": "--accept-me12-strip", overlaps: "--accept-overlaps" };
  await withPage(async (page) => {
    await choose(page, file);
    await unfold(page, "clean");
    await page.check("input[name=what][value=strip]");
    const insisted = [];
    for (let round = 0; round < 4; ++round) {
      await page.click("#options button[type=submit]");
      await page.waitForSelector("#plan button, #plan .refusal");
      if (await page.locator("#plan .refusal").count() === 0) break;
      assert.notEqual(run("clean", "--strip", ...insisted, file, "-o", output).status, 0);
      for (const box of await page.locator("#accepted input").all()) {
        const word = lifts[await box.getAttribute("value")];
        if (!insisted.includes(word)) insisted.push(word);
        await box.check();
      }
    }
    assert.equal(run("clean", "--strip", ...insisted, file, "-o", output).status, 0);
    await page.click("#plan button");
    await page.waitForSelector("#made a");
    assert.ok((await saved(page, "#made li:first-child a")).bytes.equals(readFileSync(output)));
  });
});

test("what differs between two images, as the program says it", async () => {
  const [first, second] = [join(folder, "before.rom"), join(folder, "after.rom")];
  const file = someDumps.find((one) => run("clean", one, "-o", second).status === 0);
  writeFileSync(first, readFileSync(file));
  await withPage(async (page) => {
    await choose(page, first, second);
    await page.click("#compare");
    await page.waitForSelector("#two-result pre");
    const native = await runIn(folder, "diff", "before.rom", "after.rom");
    assert.equal(await page.textContent("#two-result pre"), native.text);
  });
});

test("everything in an image as a zip: the files of extract", async () => {
  const file = sampled(corpus(), 40).find((one) => run("inspect", one).status === 0) ?? someDumps[0];
  const out = join(folder, "extracted"), zip = join(folder, "parts.zip"), unpacked = join(folder, "unpacked");
  const native = await runIn(join(file, ".."), "extract", basename(file), "-d", out);
  assert.ok(native.status <= 1, native.complaint);
  await withPage(async (page) => {
    await choose(page, file);
    await unfold(page, "parts");
    await page.click("#extract");
    await page.waitForSelector("#saved a");
    writeFileSync(zip, (await saved(page, "#saved a")).bytes);
  });
  assert.equal(spawnSync("python3", ["-m", "zipfile", "-e", zip, unpacked]).status, 0);
  const names = (where) => filesBelow(where).map((one) => one.slice(where.length));
  assert.deepEqual(names(unpacked), names(out));
  for (const name of names(out)) assert.ok(readFileSync(unpacked + name).equals(readFileSync(out + name)), name);
});

test("two chips are joined and cut as on the command line", async () => {
  const half = (one) => `0x${(statSync(one).size / 2).toString(16)}`;
  const file = someDumps.find((one) => run("descriptor", "split", one, "--first", join(folder, "1.bin"), "--second", join(folder, "2.bin"), "--at", half(one)).status === 0);
  await withPage(async (page) => {
    await choose(page, file);
    await unfold(page, "parts");
    await page.fill("#split input", half(file));
    await page.click("#split button");
    await page.waitForSelector("#saved li:nth-child(2) a");
    assert.ok((await saved(page, "#saved li:nth-child(1) a")).bytes.equals(readFileSync(join(folder, "1.bin"))));
    assert.ok((await saved(page, "#saved li:nth-child(2) a")).bytes.equals(readFileSync(join(folder, "2.bin"))));
    await choose(page, join(folder, "1.bin"), join(folder, "2.bin"));
    await page.click("#join");
    await page.waitForFunction(() => document.querySelector("#two-result a") || document.querySelector("#failure").textContent !== "");
    if (await failureOf(page) !== "") {
      await page.check("#join-accepted input");
      await page.click("#join");
      await page.waitForSelector("#two-result a");
    }
    assert.ok((await saved(page, "#two-result a")).bytes.equals(readFileSync(file)));
  });
});

test("a picture is no image of firmware, and the page says so", async () => {
  const picture = Buffer.concat([Buffer.from("ffd8ffe000104a46494600010100000100010000ffdb", "hex"), Buffer.alloc(4000, 0x5a), Buffer.from("ffd9", "hex")]);
  await withPage(async (page) => {
    await choose(page, { name: "holiday.jpg", mimeType: "image/jpeg", buffer: picture });
    assert.match(await failureOf(page), /picture|JPEG|nothing|not|no /i);
    await choose(page, someDumps[0]);
    assert.equal(await failureOf(page), "");
  });
});

/** 200 images that are cut short, overwritten or made of noise, the same every time. */
function* hostile() {
  let state = 1;
  const random = (limit) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % limit;
  const seeds = [...specimens(), ...sampled(corpus(), 20)].filter((file) => statSync(file).size < 9 << 20).map((file) => readFileSync(file));
  for (let number = 0; number < 200; ++number) {
    let bytes = Buffer.from(seeds[number % seeds.length]);
    const reach = Math.min(bytes.length, random(2) === 0 ? 0x4000 : bytes.length);
    for (let damage = random(64); damage > 0; --damage) bytes[random(reach)] = random(256);
    if (number % 4 === 1) bytes = bytes.subarray(0, 1 + random(bytes.length));
    if (number % 20 === 3) bytes = Buffer.from({ length: 5000 }, () => random(256));
    yield { name: number % 3 === 0 ? `<img src=x onerror=alert(${number})>.rom` : `damaged-${number}.rom`, mimeType: "", buffer: bytes };
  }
}

test("damaged and hostile images: an answer each, and the page lives on", async (t) => {
  await withPage(async (page) => {
    let told = 0;
    for (const image of hostile()) {
      await choose(page, image);
      if (await failureOf(page) !== "") ++told;
      assert.ok(page.workers().length <= 1, "the Worker before is gone, with its memory");
    }
    t.diagnostic(`${told} of 200 were refused with a message, the others shown`);
    await choose(page, someDumps[0]);
    assert.equal(await failureOf(page), "");
    await cleanIn(page, someDumps[0]);
  });
});

test("a trap is a message, and the next try has another core", async () => {
  await withPage(async (page) => {
    await choose(page, someDumps[0]);
    const worker = page.workers().at(-1);
    await worker.evaluate("calls.inspect = () => core.exports.quell_image_free(0x7ffffff0)");
    await unfold(page, "parts");
    await page.click("#save-json");
    await page.waitForSelector("#failure:not(:empty)");
    assert.match(await failureOf(page), /core stopped/);
    await page.click("#save-json");
    await page.waitForSelector("#saved a");
    assert.equal(await failureOf(page), "");
  });
});

test("nothing can be sent", async () => {
  await withPage(async (page, trouble) => {
    await choose(page, someDumps[0]);
    const before = server.asked();
    const tries = await page.evaluate(async (address) => {
      const sent = await fetch(address).then(() => "sent", () => "barred");
      const picture = await new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve("sent");
        image.onerror = () => resolve("barred");
        image.src = `${address}?picture`;
      });
      return [sent, picture, navigator.sendBeacon?.(`${address}?beacon`) === true ? "queued" : "barred"];
    }, served);
    assert.deepEqual(tries.slice(0, 2), ["barred", "barred"]);
    assert.equal(server.asked(), before, "nothing reached the server");
    // Only what this test itself provoked may stand on the console.
    const other = trouble.splice(0).filter((one) => !/Content Security Policy|^request: /.test(one));
    assert.deepEqual(other, []);
  });
});

test("a script or a style that is not the page's own does nothing", async () => {
  await withPage(async (page, trouble) => {
    const done = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.foreign = true";
      const style = document.createElement("style");
      style.textContent = "body { color: rgb(1, 2, 3) !important }";
      document.body.append(script, style);
      document.body.insertAdjacentHTML("beforeend", '<a id="foreign" onclick="window.foreign = true">x</a>');
      document.getElementById("foreign").click();
      return { ran: window.foreign === true, applied: getComputedStyle(document.body).color === "rgb(1, 2, 3)" };
    });
    assert.deepEqual(done, { ran: false, applied: false });
    assert.ok(trouble.splice(0).every((one) => /Content Security Policy/.test(one)));
  });
});

test("the page can be used with the keyboard alone", async () => {
  await withPage(async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.id), "files");
    await choose(page, someDumps[0]);
    const reached = [];
    await page.focus("#files");
    for (let step = 0; step < 12; ++step) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => document.activeElement.closest("details")?.id ?? "");
      if (at === "clean") break;
      reached.push(at);
    }
    await page.keyboard.press("Enter");
    assert.ok(await page.evaluate(() => document.getElementById("clean").open));
    for (let step = 0; step < 30; ++step) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(() => document.activeElement.type === "submit")) break;
    }
    await page.keyboard.press("Enter");
    await page.waitForSelector("#plan > *, #failure:not(:empty)");
    assert.equal(await page.evaluate(() => document.activeElement.id), "plan");
  });
});

for (const colorScheme of ["light", "dark"]) {
  test(`it fits a phone, and no rule of accessibility is broken: ${colorScheme}`, async () => {
    for (const width of [390, 1120]) {
      await withPage(async (page) => {
        const fits = async (what) => {
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} at ${width}`);
          const { violations } = await page.evaluate(() => window.axe.run());
          assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ").slice(0, 300)}`), [], what);
          if (shots) {
            mkdirSync(shots, { recursive: true });
            await page.screenshot({ path: join(shots, `page-${what}-${width}-${colorScheme}.png`), fullPage: true });
          }
        };
        await page.evaluate(axeSource());
        await fits("empty");
        await choose(page, someDumps[0]);
        await unfold(page, "clean");
        await page.click("#options button[type=submit]");
        await page.waitForSelector("#plan > *");
        await fits("planned");
      }, { colorScheme, viewport: { width, height: 900 } });
    }
  });
}

test("the page carries the terms of what is linked in", async () => {
  await withPage(async (page) => {
    const terms = await page.textContent("#terms");
    for (const word of ["GNU GENERAL PUBLIC LICENSE", "zlib", "nettle", "brotli", "lz4", "libfdt", "LLVM", "musl", "nlohmann"]) {
      assert.ok(terms.includes(word), word);
    }
  });
});
