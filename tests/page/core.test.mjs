// SPDX-License-Identifier: GPL-2.0-or-later
// The core as a module against the program: the same documents, texts, plans and bytes; its size, time and memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { all, basename, build, compiled, Core, CoreError, corpus, dumps, join, readFileSync, run, runIn, sampled, scratch, specimens, statSync } from "./support.mjs";

const module = compiled();
const mebibyte = 1 << 20;
const statuses = { usage: 2, unrecognised: 3, damaged: 3, unsupported: 3, refused: 4, io: 5 };

/** Calls `work` with a fresh core and a file opened in it. */
async function withImage(file, work) {
  const core = new Core(module);
  const image = await core.openBytes(file, readFileSync(file));
  return work(core, image);
}

test("the module asks for nothing but what stands in for a C library's system", () => {
  const known = ["environ_get", "environ_sizes_get", "fd_close", "fd_fdstat_get", "fd_read", "fd_seek", "fd_write", "proc_exit"];
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    assert.equal(from, "wasi_snapshot_preview1");
    assert.ok(known.includes(name), name);
  }
});

test("the module is small", (t) => {
  const bytes = readFileSync(join(build, "quell.wasm"));
  const packed = gzipSync(bytes, { level: 9 }).length;
  t.diagnostic(`${bytes.length} bytes, ${packed} packed`);
  assert.ok(bytes.length <= 2_500_000);
  assert.ok(packed <= 900_000);
});

const real = corpus();
for (const file of [...(all ? real : sampled(real, 20)), ...specimens()]) {
  test(`the same documents and texts: ${basename(file)}`, async () => {
    for (const [command, name] of [["inspect", "quell_examine"], ["check", "quell_check"]]) {
      for (const json of [true, false]) {
        const native = run(command, ...(json ? ["--json"] : []), file);
        await withImage(file, (core, image) => {
          try {
            const made = core.textOf(json ? name : `${name}_text`, image);
            assert.equal(made, native.text);
            assert.ok(native.status <= 1);
          } catch (error) {
            if (!(error instanceof CoreError)) throw error;
            assert.equal(statuses[error.code], native.status);
            assert.ok(native.complaint.includes(error.message), `${native.complaint} / ${error.message}`);
          }
        });
      }
    }
  });
}

const someDumps = dumps();
for (const file of someDumps) {
  test(`the same plan and bytes: ${basename(file)}`, async () => {
    const folder = scratch();
    const accept = ["boot-guard", "me12-strip", "reported-place", "descriptor-alone", "verified-descriptor"];
    const cases = [
      [[], {}],
      [["--soft"], { soft: true }],
      [["--strip", "--relocate", "--truncate", "--accept-boot-guard", "--accept-me12-strip"],
        { strip: true, relocate: true, truncate: true, accept: ["boot-guard", "me12-strip"] }],
      [["--soft", "--strip", "--accept-boot-guard", "--accept-me12-strip", "--accept-reported", "--accept-descriptor-alone", "--accept-verified"],
        { soft: true, strip: true, accept }],
    ];
    for (const [words, options] of cases) {
      const parts = { image: join(folder, "o"), me: join(folder, "m"), descriptor: join(folder, "d") };
      const native = run("clean", ...words, "-o", parts.image, "--descriptor-out", parts.descriptor, file);
      const region = run("clean", ...words, "--me-out", parts.me, file);
      await withImage(file, (core, image) => {
        let plan;
        try {
          plan = core.planClean(image, options);
        } catch (error) {
          if (!(error instanceof CoreError)) throw error;
          assert.equal(statuses[error.code], native.status);
          return;
        }
        assert.equal(native.status, 0, native.complaint);
        assert.ok(readFileSync(parts.image).equals(core.bytesOf("quell_apply", plan, image)));
        if (region.status === 0) assert.ok(readFileSync(parts.me).equals(core.bytesOf("quell_apply_me", plan, image)));
        else assert.throws(() => core.bytesOf("quell_apply_me", plan, image), CoreError);
        assert.ok(readFileSync(parts.descriptor).equals(core.bytesOf("quell_apply_descriptor", plan, image)));
        core.free("plan", plan);
      });
    }
  });
}

/** What the page does to clean an image, check of the result and all; whether there is one. */
async function cleanedIn(core, image) {
  try {
    const plan = core.planClean(image, {});
    const result = await core.openBytes("result", core.bytesOf("quell_apply", plan, image));
    core.textOf("quell_check", result);
    core.textOf("quell_report", result, image);
    return true;
  } catch (error) {
    if (error instanceof CoreError) return false;
    throw error;
  }
}

const isLarge = (file) => statSync(file).size === 16 * mebibyte;
const large = [...someDumps.filter(isLarge).slice(0, 3), ...real.filter(isLarge)];
for (const file of large) {
  test(`time: ${basename(file)}`, async (t) => {
    const core = new Core(module);
    const image = await core.openBytes(file, readFileSync(file));
    const best = async (work) => {
      let least = Infinity;
      for (let round = 0; round < 9; ++round) {
        const start = process.hrtime.bigint();
        await work();
        least = Math.min(least, Number(process.hrtime.bigint() - start) / 1e6);
      }
      return least;
    };
    // What the program takes for everything, started anew each time.
    const native = await best(() => runIn("/", "inspect", "--json", file));
    const here = await best(() => core.textOf("quell_examine", image));
    t.diagnostic(`${here.toFixed(1)} ms, the program ${native.toFixed(1)} ms: ${(here / native).toFixed(2)} times`);
    assert.ok(here <= 5 * native);
  });

  test(`memory: ${basename(file)}`, async (t) => {
    await withImage(file, async (core, image) => {
      core.textOf("quell_examine", image);
      // What the core has taken never becomes less.
      const taken = () => core.exports.memory.buffer.byteLength;
      const inspected = taken();
      core.textOf("quell_report", image, 0);
      const size = statSync(file).size;
      const reported = taken();
      // The page holds the bytes once more.
      assert.ok(reported + size <= 3 * size + 64 * mebibyte);
      const cleaned = await cleanedIn(core, image);
      const words = [["inspect", inspected], ["report", reported], [cleaned ? "clean" : "refused", taken()]];
      t.diagnostic(`${words.map(([what, bytes]) => `${what} ${(bytes / mebibyte).toFixed(1)} MiB`).join(", ")} of an image of ${size / mebibyte} MiB`);
      // And the result.
      assert.ok(taken() + 2 * size <= 3 * size + 64 * mebibyte);
    });
  });
}
