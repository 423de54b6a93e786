// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of the page share: the core in node, the program, images.
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const source = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const program = process.env.QUELL_PROGRAM ?? join(source, "build/release/quell");
export const build = process.env.QUELL_WASM_BUILD ?? join(source, "build/wasm");
export const page = join(build, "page/quell.html");
export const shared = process.env.QUELL_SHARED ?? join(source, "../shared");
export const all = process.env.QUELL_ALL === "yes";

// The loader is a module of the page, where no package says that it is one.
const loader = readFileSync(join(source, "viewer/page/core.js"), "utf8");
export const { Core, CoreError } = await import(`data:text/javascript,${encodeURIComponent(loader)}`);
export const compiled = () => new WebAssembly.Module(readFileSync(join(build, "quell.wasm")));

/** A folder that is removed when the process ends. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), "quell-page-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the program; its status and what it wrote. */
export function run(...values) {
  const { status, stdout, stderr } = spawnSync(program, values, { maxBuffer: 1 << 30, env: { ...process.env, NO_COLOR: "1" } });
  return { status, output: stdout, text: stdout.toString(), complaint: stderr.toString() };
}

/** The same without waiting for it, in a folder. */
export function runIn(folder, ...values) {
  return new Promise((resolve) => {
    execFile(program, values, { cwd: folder, maxBuffer: 1 << 30 }, (error, text, complaint) =>
      resolve({ status: error ? error.code : 0, text, complaint }));
  });
}

/** The files below a folder, by name. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();
}

/** Every nth of a list, so that about `count` remain, from every part of it. */
export function sampled(list, count) {
  if (list.length <= count) return list;
  return Array.from({ length: count }, (_, index) => list[Math.floor((index * list.length) / count)]);
}

/** Images that the project makes itself, written by a program of its tests. */
export function specimens() {
  const writer = process.env.QUELL_WRITE_SPECIMENS ?? join(dirname(program), "tests/write_specimens");
  const folder = scratch();
  if (existsSync(writer)) spawnSync(writer, [folder]);
  return filesBelow(folder);
}

/** Real images, those that are packed (xz) in a folder of their own; none where the folder is not there. */
export function corpus() {
  const files = filesBelow(join(shared, "corpus")).filter((file) => !/\.(json|md|txt)$/i.test(file));
  if (files.length === 0) console.log(`note: no real images: ${shared}/corpus is missing`);
  const folder = scratch();
  return files.map((file) => {
    if (!file.endsWith(".xz")) return file;
    const out = join(folder, basename(file, ".xz"));
    const { status, stdout, stderr } = spawnSync("xz", ["-dc", file], { maxBuffer: 1 << 28 });
    if (status !== 0) throw new Error(`${file} is not unpacked: ${stderr}`);
    writeFileSync(out, stdout);
    return out;
  });
}

/** Full dumps, assembled of real parts, else those that the project makes itself. */
export function dumps() {
  const tool = join(shared, "tools/assemble_dump.py");
  const folder = scratch();
  if (existsSync(tool) && spawnSync("python3", [tool, "--all", folder]).status === 0) return sampled(filesBelow(folder), 20);
  console.log("note: dumps are the project's own: there are no real parts to assemble");
  return specimens().filter((file) => /^(me|txe)\d+\.rom$/.test(basename(file)));
}

export { basename, existsSync, join, readFileSync, statSync, writeFileSync };
