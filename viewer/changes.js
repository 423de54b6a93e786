// SPDX-License-Identifier: GPL-2.0-or-later
// What changed between two images, as `quell diff` tells it.
import { append, badge, h } from "./dom.js";
import { counted, hex, labelOf, rangeText, sizeText } from "./format.js";
import { stillBar } from "./map.js";
import { texts } from "./texts.js";

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").Word} Word */

/**
 * The 32 bits of a word, the highest first; what each changed one means stands below.
 * @param {Word} word
 */
function wordOf(word) {
  const cells = [];
  const list = [];
  for (let bit = 31; bit >= 0; --bit) {
    const before = (word.before >>> bit) & 1;
    const after = (word.after >>> bit) & 1;
    const changed = before !== after;
    cells.push(h("span", { class: `bit${changed ? " changed" : ""}`, title: `bit ${bit}` }, String(after)));
    if (changed) list.push(`bit ${bit}: ${before} → ${after}`);
  }
  return h(
    "li",
    {},
    h("p", {}, h("strong", {}, word.name), ` ${hex(word.offset, 4)}: `, h("code", {}, `${hex(word.before)} → ${hex(word.after)}`)),
    h("div", { class: "bits", role: "img", "aria-label": `${word.name}, ${list.join(", ")}` }, ...cells),
    h("p", {}, word.meaning || list.join(", ")),
  );
}

/** @param {import("./model.js").Range | null} range */
function placeOf(range) {
  return h("span", { class: "place" }, range ? rangeText(range) : "-");
}

/**
 * The name of a part, as a link to it where it is in the image that is shown.
 * @param {Model} model
 * @param {string} name
 * @param {string} [anchor]
 */
function partLink(model, name, anchor) {
  return anchor && model.entries.has(anchor) ? h("a", { href: `#${encodeURI(anchor)}` }, name) : name;
}

/**
 * @param {string[]} titles
 * @param {(import("./dom.js").Child)[][]} rows
 * @param {string} caption
 */
function tableOf(titles, rows, caption) {
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, ...titles.map((one) => h("th", { scope: "col" }, one)))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell, at) => h(at === 0 ? "th" : "td", at === 0 ? { scope: "row" } : {}, cell))))),
    ),
  );
}

/**
 * @param {Model} model
 * @param {Model | null} before
 */
export function changesSection(model, before) {
  const diff = model.extras.diff;
  if (!diff) return null;
  const section = h("section", { "aria-labelledby": "changes" }, h("h2", { id: "changes" }, texts.changes));
  const size = before && before.image.size !== model.image.size
    ? `, and the size from ${sizeText(before.image.size)} to ${sizeText(model.image.size)}` : "";
  append(
    section,
    h("p", {}, diff.same ? badge("good", "the two files are the same")
      : badge("note", `${counted(diff.bytes, "byte")} in ${counted(diff.parts.length, "part")} differ${size}`)),
  );
  if (before) {
    append(section, stillBar(before, `before: ${before.image.file}, ${sizeText(before.image.size)}`), stillBar(model, `after: ${model.image.file}, ${sizeText(model.image.size)}`));
  }
  if (diff.facts.length > 0) {
    const rows = diff.facts.map((one) => [labelOf(model.extras.labels, "attributes", one.key), one.before, one.after, one.engine]);
    append(section, tableOf(["what", "before", "after", "engine"], rows, texts.whatItMeans));
  }
  if (diff.descriptor.length > 0) {
    append(section, h("h3", {}, texts.words), h("p", { class: "hint" }, texts.bits), h("ul", { class: "words" }, ...diff.descriptor.map(wordOf)));
  }
  if (diff.structure.length > 0) {
    const rows = diff.structure.map((one) => [
      partLink(model, one.path, one.anchor_after),
      one.change,
      placeOf(one.before),
      placeOf(one.after),
    ]);
    append(section, tableOf(["part", "change", "before", "after"], rows, texts.structure));
  }
  const firmware = diff.firmware ?? [];
  if (firmware.length > 0) {
    const rows = firmware.map((one) => [
      `${one.part} ${one.name}`,
      one.change,
      one.change === "added" ? "-" : sizeText(one.before_size),
      one.change === "removed" ? "-" : sizeText(one.after_size),
      one.owner,
    ]);
    append(section, tableOf(["what", "change", "before", "after", "owner"], rows, texts.firmware));
  }
  if (diff.parts.length > 0) {
    const rows = diff.parts.map((one) => [partLink(model, one.path || texts.noRegion, one.anchor_after), one.summary, placeOf(one.range), String(one.bytes)]);
    append(section, tableOf(["part", "what happened", "where", "bytes"], rows, texts.parts));
  }
  return section;
}
