// SPDX-License-Identifier: GPL-2.0-or-later
// The entry: shows a document of schema quell/2 in an element.
import { append, badge, h, sentence } from "./dom.js";
import { cardsSection } from "./cards.js";
import { changesSection } from "./changes.js";
import { QuellDetails, checkOf } from "./details.js";
import { findingsSections } from "./findings.js";
import { bytesOf, labelOf, sizeText } from "./format.js";
import { QuellMap } from "./map.js";
import { blocksOf, imageOf, modelOf } from "./model.js";
import { statusSections } from "./status.js";
import { texts, tones } from "./texts.js";
import { QuellTree } from "./tree.js";

/** @typedef {import("./model.js").Extras} Extras */
/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").Image} Image */
/** @typedef {import("./model.js").Entry} Entry */

/**
 * Shows a document of `inspect`, `report` or `status` in `root`, in place of what is there. `options` adds to or stands
 * in for what the document of `quell report` carries; `before` may be a document or its image, `diff` the document of
 * `quell diff`, `bytes` the file itself (hex of everything, kinds of blocks).
 * @param {Element} root
 * @param {any} source
 * @param {Extras & {before?: any}} [options]
 */
export function render(root, source, options = {}) {
  defineElements();
  const beforeImage = imageOf(options.before ?? source.before ?? null);
  /** @type {Extras} */
  const extras = {
    before: beforeImage ?? undefined,
    diff: options.diff ?? source.diff,
    heads: options.heads ?? source.heads,
    bytes: options.bytes,
    markdown: options.markdown ?? source.markdown,
    units: options.units ?? source.units,
    labels: options.labels ?? source.labels,
    tables: options.tables ?? source.tables,
  };
  const image = imageOf(source);
  const view = h("div", { class: "quell" });
  append(view, h("a", { class: "skip", href: "#findings" }, texts.skip));
  gone.get(root)?.abort();
  const leaving = new AbortController();
  gone.set(root, leaving);
  if (image) showImage(view, image, beforeImage, extras, leaving.signal);
  else showStatus(view, source.status ?? source, extras);
  append(view, footerOf(source, extras, image));
  root.replaceChildren(view);
  unfoldForPrint(view, leaving.signal);
}

/** Tells the listeners of what stands in an element that it goes away. @type {WeakMap<Element, AbortController>} */
const gone = new WeakMap();

/** What is folded away is on paper too. @param {Element} view @param {AbortSignal} signal */
function unfoldForPrint(view, signal) {
  const unfold = () => {
    for (const one of view.querySelectorAll("main details")) one.setAttribute("open", "");
  };
  window.addEventListener("beforeprint", unfold, { signal });
}

function defineElements() {
  if (customElements.get("quell-map")) return;
  customElements.define("quell-map", QuellMap);
  customElements.define("quell-tree", QuellTree);
  customElements.define("quell-details", QuellDetails);
}

/** @param {Image} image @param {Uint8Array} [bytes] */
function blocksOfImage(image, bytes) {
  if (image.blocks) return bytesOf(image.blocks);
  return bytes ? blocksOf(bytes) : null;
}

/**
 * @param {Element} view
 * @param {Image} image
 * @param {Image | null} beforeImage
 * @param {Extras} extras
 * @param {AbortSignal} signal of the view's end
 */
function showImage(view, image, beforeImage, extras, signal) {
  const model = modelOf(image, extras, blocksOfImage(image, extras.bytes));
  const before = beforeImage ? modelOf(beforeImage, { diff: extras.diff }, blocksOfImage(beforeImage)) : null;
  const map = /** @type {QuellMap} */ (document.createElement("quell-map"));
  const tree = /** @type {QuellTree} */ (document.createElement("quell-tree"));
  const details = /** @type {QuellDetails} */ (document.createElement("quell-details"));
  append(
    view,
    imageHeader(model),
    h(
      "main",
      {},
      changesSection(model, before),
      h("section", { "aria-labelledby": "map" }, h("h2", { id: "map" }, texts.map), map),
      cardsSection(image.engines, extras),
      ...findingsSections(model.findings),
      questionsSection(model),
      h(
        "section",
        { "aria-labelledby": "contents", class: "contents" },
        h("h2", { id: "contents" }, texts.contents),
        h("div", { class: "columns" }, tree, details),
      ),
    ),
  );
  map.show(model);
  tree.show(model);
  details.show(model, model.trees[0].root);
  map.addEventListener("quell-choose", (event) => {
    const { entry } = /** @type {CustomEvent<{entry: Entry | null}>} */ (event).detail;
    if (!entry) return;
    tree.reveal(entry);
    details.show(model, entry);
  });
  tree.addEventListener("quell-choose", (event) => {
    const { entry } = /** @type {CustomEvent<{entry: Entry}>} */ (event).detail;
    map.reveal(entry);
    details.show(model, entry);
  });
  followAnchors(model, map, tree, details, signal);
}

/**
 * Links to components: the part of the address behind # names one.
 * @param {Model} model
 * @param {QuellMap} map
 * @param {QuellTree} tree
 * @param {QuellDetails} details
 * @param {AbortSignal} signal
 */
function followAnchors(model, map, tree, details, signal) {
  const follow = () => {
    const entry = model.entries.get(decoded(location.hash.slice(1)));
    if (!entry || signal.aborted) return;
    tree.reveal(entry);
    map.reveal(entry);
    details.show(model, entry);
    details.scrollIntoView({ block: "nearest" });
    details.querySelector("h3")?.focus();
  };
  window.addEventListener("hashchange", follow, { signal });
  queueMicrotask(follow);
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}

/** @param {Model} model */
function imageHeader(model) {
  const { image, extras } = model;
  return h(
    "header",
    {},
    h("h1", {}, image.file),
    h("p", { class: "what" }, `${image.title}, ${sizeText(image.size)}`),
    h("p", { class: "verdict" }, badge(tones[image.verdict], image.verdict_text)),
    image.next_step ? h("p", { class: "advice" }, h("strong", {}, texts.advice), image.next_step) : null,
    h("p", { class: "digest" }, "SHA-256 ", h("code", {}, image.sha256)),
    toolsOf(extras),
  );
}

/** @param {Extras} extras */
function toolsOf(extras) {
  const said = h("span", { role: "status" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(extras.markdown ?? "");
      said.textContent = ` ${texts.copied}`;
    } catch {
      said.textContent = ` ${texts.copyFailed}`;
      const box = /** @type {HTMLTextAreaElement} */ (
        h("textarea", { readonly: true, rows: 12, "aria-label": texts.copy })
      );
      box.value = extras.markdown ?? "";
      said.after(box);
      box.select();
    }
  };
  return h(
    "p",
    { class: "tools" },
    extras.markdown ? h("button", { type: "button", onclick: copy }, texts.copy) : null,
    " ",
    h("button", { type: "button", onclick: () => window.print() }, texts.print),
    said,
  );
}

/** @param {Model} model */
function questionsSection(model) {
  const { questions } = model.image;
  const open = model.checks.filter((check) => check.state === "not-checked");
  if (!questions && open.length === 0) return null;
  return h(
    "section",
    { "aria-labelledby": "questions" },
    h("h2", { id: "questions" }, texts.checks),
    questions
      ? h(
          "ul",
          { class: "questions" },
          ...questions.map((one) =>
            h("li", {}, badge(tones[one.state] ?? "minor", labelOf(model.extras.labels, "states", one.state)), ` ${one.title}`, one.note ? h("span", { class: "minor" }, ` (${one.note})`) : null),
          ),
        )
      : null,
    open.length > 0
      ? h("details", {}, h("summary", {}, `${texts.notChecked} (${open.length})`), h("ul", { class: "checks" }, ...open.map((one) => checkOf(one, model.extras))))
      : null,
  );
}

/**
 * @param {Element} view
 * @param {any} status
 * @param {Extras} extras
 */
function showStatus(view, status, extras) {
  append(
    view,
    h(
      "header",
      {},
      h("h1", {}, status.live ? "This machine" : "Captured machine"),
      h("p", { class: "what" }, ...sentence(status.summary)),
      status.collected_at ? h("p", { class: "digest" }, `looked at ${status.collected_at}`) : null,
      toolsOf(extras),
    ),
    h("main", {}, ...statusSections(status, extras).filter((one) => one !== null)),
  );
}

/**
 * @param {any} source
 * @param {Extras} extras
 * @param {Image | null} image
 */
function footerOf(source, extras, image) {
  const tables = extras.tables ?? [];
  return h(
    "footer",
    {},
    h("h2", {}, texts.footer),
    h("p", {}, `${texts.generatedBy} ${source.program?.version ?? ""}, schema ${source.schema ?? "quell/2"}. `,
      image ? "Everything here was read from the file above; nothing was sent anywhere." : "Nothing was sent anywhere."),
    tables.length > 0
      ? h(
          "details",
          {},
          h("summary", {}, `${texts.tables} (${tables.length})`),
          h("ul", { class: "tables" }, ...tables.map((one) => h("li", {}, `${one.name}${one.date ? `, ${one.date}` : ""}, SHA-256 `, h("code", {}, one.sha256)))),
        )
      : null,
  );
}
