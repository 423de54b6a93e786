// SPDX-License-Identifier: GPL-2.0-or-later
// The page: takes one image or two, shows what the core says of them, plans a cleaning and hands the results back.
import { append, badge, h } from "../dom.js";
import { hex, sizeText } from "../format.js";
import { render } from "../index.js";
import { planView } from "./plan.js";
import { Session, SessionError } from "./session.js";
import { overrideWords, words } from "./words.js";

/** @param {string} id @returns {any} */
const part = (id) => document.getElementById(id);

/** @type {Session} */
let session;
/** The images of the page: one, or a second that it is compared with. @type {File[]} */
let shown = [];
/** The name of an image inside the core: the file's, without which documents would not name it. @type {string[]} */
let names = [];
/** @type {any} */
let seen = null;
/** Addresses of files that are offered; given back with the next image. @type {string[]} */
const offered = [];

/** @param {string} text */
function say(text) {
  part("say").textContent = text;
}

/** @param {unknown} error */
function complain(error) {
  part("failure").replaceChildren();
  if (error instanceof SessionError && error.code === "cancelled") {
    say(error.message);
    return;
  }
  say("");
  const where = error instanceof SessionError && error.offset !== null ? ` (at ${hex(error.offset)})` : "";
  append(part("failure"), `${error instanceof Error ? error.message : error}${where}`);
}

/** The task that was asked for last. @type {Promise<any>} */
let latest = Promise.resolve();

/**
 * Runs one task after another, with its progress; gives what it gives, or undefined where it failed.
 * @template T @param {string} what @param {() => Promise<T>} task @returns {Promise<T | undefined>}
 */
function run(what, task) {
  latest = latest.then(() => runNow(what, task));
  return latest;
}

/** @template T @param {string} what @param {() => Promise<T>} task @returns {Promise<T | undefined>} */
async function runNow(what, task) {
  part("failure").replaceChildren();
  part("busy").hidden = false;
  say(what);
  try {
    const result = await task();
    say("");
    return result;
  } catch (error) {
    complain(error);
    return undefined;
  } finally {
    part("busy").hidden = true;
  }
}

/** A link that saves bytes under a name. @param {BlobPart} content @param {string} name @param {string} what */
function saving(content, name, what) {
  const blob = content instanceof Blob ? content : new Blob([content], { type: "application/octet-stream" });
  const address = URL.createObjectURL(blob);
  offered.push(address);
  return h("li", {}, h("a", { class: "save", href: address, download: name }, name), ` ${what}, ${sizeText(blob.size)}`);
}

/** dump.rom and "clean" make dump.clean.rom. @param {string} name @param {string} word @param {string} [ending] */
function named(name, word, ending) {
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  return `${stem}.${word}.${ending ?? (dot > 0 ? name.slice(dot + 1) : "bin")}`;
}

/** @param {any} source @param {object} [options] */
function show(source, options = {}) {
  part("start").setAttribute("role", "region");
  render(part("report"), source, options);
}

/** @param {FileList | File[]} files */
async function take(files) {
  const given = [...files];
  if (given.length === 0) return;
  const second = shown.length === 1 && given.length === 1 && part("two").open;
  if (second) shown = [shown[0], given[0]];
  else shown = given.slice(0, 2);
  offered.splice(0).forEach((address) => URL.revokeObjectURL(address));
  for (const id of ["plan", "made", "two-result", "saved"]) part(id).replaceChildren();
  await open(second);
  if (given.length > 2) complain(new Error(words.tooMany));
}

/** Gives the images of the page to a fresh core and shows the first. @param {boolean} second whether it is shown already */
async function open(second) {
  if (!second) session.clear();
  names = shown.map((file, index) => (index > 0 && file.name === shown[0].name ? `${file.name} (${words.second})` : file.name));
  shown.forEach((file, index) => session.add(names[index], file));
  part("images").replaceChildren(...shown.map((file, index) => h("li", {}, `${index + 1}. ${names[index]}, ${sizeText(file.size)}`)));
  part("accepted").hidden = true;
  part("accepted").querySelectorAll("label").forEach((/** @type {Element} */ label) => label.remove());
  part("join-accepted").hidden = true;
  part("two-tools").hidden = shown.length < 2;
  part("two-none").hidden = shown.length === 2;
  part("first-name").textContent = names[0];
  part("tools").hidden = false;
  if (shown.length === 2) part("two").open = true;
  if (!second) await look();
}

async function look() {
  part("report").replaceChildren();
  part("start").setAttribute("role", "main");
  seen = null;
  const [name] = names;
  await run(words.looking, async () => {
    seen = JSON.parse(await session.call("report", name, null));
    show(seen, { bytes: new Uint8Array(await shown[0].arrayBuffer()) });
  });
}

/** The options of the form, as quell_plan_clean takes them. */
function optionsOf() {
  const form = new FormData(part("options"));
  /** @type {Record<string, any>} */
  const options = { accept: form.getAll("accept") };
  const what = form.get("what");
  for (const name of ["soft", "strip"]) if (what === name || what === "both") options[name] = true;
  for (const name of ["relocate", "truncate", "keep_modules", "lock_out"]) if (form.has(name)) options[name] = true;
  for (const name of ["keep", "drop"]) {
    const list = String(form.get(name)).split(",").map((one) => one.trim()).filter(Boolean);
    if (list.length > 0) options[name] = list;
  }
  const bit = String(form.get("disable_bit")).trim();
  if (bit) options.disable_bit = bit;
  return options;
}

/** What a refusal can be lifted with, to be ticked. @param {SessionError} error */
function offerOverrides(error) {
  const place = part("accepted");
  for (const name of error.accept) {
    // The form has a field for the place of the bit: filling it in is what insists.
    if (name === "place") continue;
    if (place.querySelector(`input[value="${CSS.escape(name)}"]`)) continue;
    const text = overrideWords[/** @type {keyof typeof overrideWords} */ (name)] ?? name;
    append(place, h("label", {}, h("input", { type: "checkbox", name: "accept", value: name }), ` ${text}`));
  }
  place.hidden = place.querySelector("input") === null;
  part("plan").replaceChildren(
    h("div", { class: "refusal" }, h("p", {}, badge("odd", words.refusedState), " ", error.message),
      h("p", {}, error.accept.length > 0 ? `${words.refused} ${error.accept.map((name) => overrideWords[/** @type {keyof typeof overrideWords} */ (name)] ?? name).join("; ")}.` : words.notLifted)),
  );
  part("plan").focus();
}

async function plan() {
  part("made").replaceChildren();
  part("plan").replaceChildren();
  const [name] = names;
  await run(words.planning, async () => {
    try {
      const document_ = JSON.parse(await session.call("plan", name, optionsOf()));
      const make = h("button", { type: "button", onclick: () => clean() }, "Make the cleaned image");
      part("plan").replaceChildren(planView(document_), document_.edits.length > 0 ? h("p", {}, make) : "");
      part("plan").focus();
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== "refused") throw error;
      offerOverrides(error);
    }
  });
}

async function clean() {
  const [name] = names;
  const result = named(name, "clean");
  await run(words.cleaning, async () => {
    const made = await session.call("clean", name, result);
    const list = h("ul", { "aria-label": "Results" }, saving(made.bytes, result, "the whole image"));
    if (made.me) append(list, saving(made.me, named(name, "me", "bin"), "the engine's region alone"));
    if (made.descriptor) append(list, saving(made.descriptor, named(name, "descriptor", "bin"), "the descriptor alone"));
    const checked = JSON.parse(made.check).images[0];
    part("made").replaceChildren(
      h("p", {}, badge("good", words.proved)),
      h("p", {}, words.verdict(checked.verdict)),
      list,
      h("p", {}, h("button", { type: "button", onclick: () => compare(name, result) }, "Show what changed in the report below")),
    );
    part("made").focus();
  });
}

/** @param {string} before @param {string} after */
async function compare(before, after) {
  await run(words.comparing, async () => {
    const text = await session.call("diffText", before, after);
    const source = JSON.parse(await session.call("report", after, before).catch((/** @type {unknown} */ error) => {
      // What nothing is known of can be compared all the same, in words alone.
      if (error instanceof SessionError && error.code === "unrecognised") return "null";
      throw error;
    }));
    part("two-result").replaceChildren(h("pre", { tabindex: 0 }, text));
    if (source) show(source);
  });
}

async function join() {
  const accept = new FormData(part("join-accepted")).has("sizes") ? ["sizes"] : [];
  await run(words.joining, async () => {
    try {
      const bytes = await session.call("join", names[0], names[1], accept);
      const name = named(names[0], "joined");
      part("two-result").replaceChildren(h("ul", {}, saving(bytes, name, "both chips")));
      part("two-result").focus();
    } catch (error) {
      if (error instanceof SessionError && error.accept.includes("sizes")) {
        part("join-accepted").hidden = false;
        part("join-accepted").querySelector("span").textContent = overrideWords.sizes;
      }
      throw error;
    }
  });
}

async function extract() {
  const [name] = names;
  const zip = await run(words.extracting, () => session.call("extract", name));
  if (zip) part("saved").append(saving(zip, named(name, "parts", "zip"), "everything in it"));
}

async function split() {
  const [name] = names;
  const text = String(new FormData(part("split")).get("at")).trim();
  const at = text ? Number(text) : 0;
  await run(words.splitting, async () => {
    if (!Number.isSafeInteger(at) || at < 0) throw new Error(`${text} is no offset: write it as 0x800000`);
    const [first, second] = await session.call("split", name, at);
    part("saved").append(saving(first, named(name, "first"), "the first chip"), saving(second, named(name, "second"), "the second chip"));
  });
}

/** @param {string} call @param {string} ending */
async function saveDocument(call, ending) {
  const [name] = names;
  const text = await run(words.looking, () => session.call(call, name));
  if (text !== undefined) part("saved").append(saving(text, named(name, "quell", ending), "what was found"));
}

function listen() {
  const drop = part("drop");
  part("files").addEventListener("change", () => take(part("files").files));
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer) take(event.dataTransfer.files);
  });
  const submits = { options: plan, split };
  for (const [id, work] of Object.entries(submits)) {
    part(id).addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      work();
    });
  }
  part("stop").addEventListener("click", () => session.cancel());
  part("compare").addEventListener("click", () => compare(names[0], names[1]));
  part("join").addEventListener("click", join);
  part("swap").addEventListener("click", () => {
    shown.reverse();
    open(false);
  });
  part("extract").addEventListener("click", extract);
  part("save-json").addEventListener("click", () => saveDocument("inspect", "json"));
  part("save-text").addEventListener("click", () => saveDocument("inspectText", "txt"));
}

/** The core, which the page carries packed. */
async function unpackedCore() {
  const packed = Uint8Array.from(atob(part("core-module").textContent.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compile(await new Response(stream).arrayBuffer());
}

async function begin() {
  part("terms").textContent = part("licence-text").textContent;
  if (!("WebAssembly" in window) || !("DecompressionStream" in window)) {
    complain(new Error(words.old));
    return;
  }
  const script = new Blob([part("worker-text").textContent], { type: "text/javascript" });
  session = new Session(URL.createObjectURL(script), await unpackedCore());
  part("version").textContent = await session.call("version");
  listen();
  document.documentElement.dataset.ready = "yes";
}

begin().catch(complain);
