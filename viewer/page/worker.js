// SPDX-License-Identifier: GPL-2.0-or-later
// The Worker of the page: one core and the images that it holds, by name. Every message asks for one thing and has one
// answer; what goes wrong is an answer too. A trap ends the core: the page starts another Worker.
import { Core, CoreError } from "./core.js";
import { zipOf } from "./zip.js";

/** @type {Core} */
let core;
/** @type {Map<string, number>} */
const images = new Map();
/** @type {{image: string, handle: number} | null} */
let plan = null;

/** @param {string} name */
function imageNamed(name) {
  const image = images.get(name);
  if (image === undefined) throw new CoreError("usage", "this image is not open any more");
  return image;
}

function dropPlan() {
  if (plan) core.free("plan", plan.handle);
  plan = null;
}

/** Frees an image, where one has the name. @param {string} name */
function forget(name) {
  const image = images.get(name);
  if (image === undefined) return;
  if (plan?.image === name) dropPlan();
  core.free("image", image);
  images.delete(name);
}

/** A file in pieces of 4 MiB. @param {Blob} file */
async function* piecesOf(file) {
  const most = 4 << 20;
  for (let at = 0; at < file.size; at += most) yield new Uint8Array(await file.slice(at, at + most).arrayBuffer());
}

/** @param {string} image @param {string} name */
function bytesOfPlan(image, name) {
  if (!plan || plan.image !== image) throw new CoreError("usage", "there is no plan for this image");
  return core.bytesOf(name, plan.handle, imageNamed(image));
}

/** The same, or nothing where the image has no such part. @param {string} image @param {string} name */
function partOfPlan(image, name) {
  try {
    return bytesOfPlan(image, name);
  } catch (error) {
    if (error instanceof CoreError && error.code === "usage") return null;
    throw error;
  }
}

const calls = {
  /** @param {WebAssembly.Module} module */
  start(module) {
    core = new Core(module);
    return core.version;
  },
  /** @param {string} name @param {Blob} file */
  async open(name, file) {
    if (file.size === 0) throw new CoreError("usage", "the file is empty");
    if (file.size > 256 << 20) throw new CoreError("usage", "the file is larger than any flash chip (256 MiB)");
    forget(name);
    images.set(name, await core.open(name, file.size, piecesOf(file)));
  },
  version: () => core.version,
  report: (/** @type {string} */ name, /** @type {string | null} */ before) =>
    core.textOf("quell_report", imageNamed(name), before === null ? 0 : imageNamed(before)),
  inspect: (/** @type {string} */ name) => core.textOf("quell_examine", imageNamed(name)),
  inspectText: (/** @type {string} */ name) => core.textOf("quell_examine_text", imageNamed(name)),
  diffText: (/** @type {string} */ before, /** @type {string} */ after) =>
    core.textOf("quell_diff_text", imageNamed(before), imageNamed(after)),
  /** @param {string} image @param {object} options */
  plan(image, options) {
    dropPlan();
    plan = { image, handle: core.planClean(imageNamed(image), options) };
    return core.textOf("quell_plan_document", plan.handle);
  },
  /** The cleaned image under the name `result`, its parts, and what a look at it says. @param {string} image @param {string} result */
  async clean(image, result) {
    const bytes = bytesOfPlan(image, "quell_apply");
    forget(result);
    images.set(result, await core.openBytes(result, bytes));
    return {
      bytes,
      me: partOfPlan(image, "quell_apply_me"),
      descriptor: partOfPlan(image, "quell_apply_descriptor"),
      check: core.textOf("quell_check", imageNamed(result)),
    };
  },
  /** @param {string} name */
  extract(name) {
    const pieces = core.extract(imageNamed(name));
    try {
      const index = core.textOf("quell_pieces_document", pieces);
      /** @type {[string, Uint8Array][]} */
      const files = [["index.json", new TextEncoder().encode(index)]];
      for (const { path, error } of JSON.parse(index).artifacts) {
        if (path && !error) files.push([path, core.piece(pieces, path)]);
      }
      return new Blob(/** @type {BlobPart[]} */ (zipOf(files)), { type: "application/zip" });
    } finally {
      core.free("pieces", pieces);
    }
  },
  /** Both chips of an image; `at` is where the second begins, 0 where the descriptor says it. @param {string} name @param {number} at */
  split(name, at) {
    const image = imageNamed(name);
    const size = core.sizeOf(image);
    const border = at || core.secondChip(image);
    if (border >= size) throw new CoreError("usage", `the image ends at ${size} bytes, so the second chip cannot begin at ${border}`);
    return [core.imageBytes(image, 0, border), core.imageBytes(image, border, size)];
  },
  /** @param {string} first @param {string} second @param {string[]} accept */
  join: (first, second, accept) => core.join(imageNamed(first), imageNamed(second), accept),
};

/** @param {MessageEvent<{id: number, call: keyof typeof calls, values: any[]}>} event */
self.onmessage = async ({ data: { id, call, values } }) => {
  try {
    const result = await /** @type {any} */ (calls[call])(...values);
    self.postMessage({ id, result });
  } catch (error) {
    if (error instanceof CoreError) {
      const { code, message, offset, accept } = error;
      self.postMessage({ id, failure: { code, text: message, offset, accept } });
    } else {
      const why = error instanceof Error ? error.message : String(error);
      self.postMessage({ id, trap: core?.said ? `${why} (${core.said})` : why });
    }
  }
};
