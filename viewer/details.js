// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of one component: facts, checks, findings, first bytes.
import { badge, h } from "./dom.js";
import { bytesOf, hex, labelOf, rangeText, sizeText, valueText } from "./format.js";
import { findingOf } from "./findings.js";
import { nameOf } from "./model.js";
import { texts, tones } from "./texts.js";

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").Entry} Entry */
/** @typedef {import("./model.js").Extras} Extras */

const headBytes = 256;
const rowBytes = 16;

/**
 * Facts as a list of terms.
 * @param {Record<string, unknown>} facts
 * @param {Extras} extras
 */
export function factsList(facts, extras) {
  const list = h("dl", { class: "facts" });
  for (const [key, value] of Object.entries(facts)) {
    const text = valueText(value, extras.units?.[key]);
    list.append(h("dt", {}, labelOf(extras.labels, "attributes", key)), h("dd", { class: value === null ? "unknown" : "" }, text));
  }
  return list;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} offset of the first of them in the file
 */
function hexText(bytes, offset) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += rowBytes) {
    const row = [...bytes.subarray(at, at + rowBytes)];
    const digits = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const letters = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${hex(offset + at)}  ${digits.padEnd(rowBytes * 3 - 1)}  ${letters}`);
  }
  return lines.join("\n");
}

/**
 * @param {Model} model
 * @param {Entry} entry
 */
function hexOf(model, entry) {
  const { offset, size } = entry.component;
  if (size === 0) return null;
  const title = h("h4", {}, texts.hexTitle);
  const bytes = model.extras.bytes;
  const head = model.extras.heads?.[entry.anchor];
  if (!bytes && head === undefined) return h("div", {}, title, h("p", { class: "hint" }, texts.hexNone));
  if (!bytes && head === "") return h("div", {}, title, h("p", { class: "hint" }, texts.hexPrivate));
  const pane = h("pre", { class: "hex", tabindex: 0, "aria-label": texts.hexTitle });
  let shown = headBytes;
  const content = () => (bytes ? bytes.subarray(offset, Math.min(offset + size, offset + shown)) : bytesOf(head ?? ""));
  const more = h("button", { type: "button", class: "more" }, texts.hexMore);
  const draw = () => {
    pane.textContent = hexText(content(), offset);
    more.hidden = !bytes || shown >= size;
  };
  more.addEventListener("click", () => {
    shown += headBytes * 16;
    draw();
  });
  draw();
  return h("div", {}, title, pane, more);
}

/** @param {import("./model.js").Check} check @param {Extras} extras */
export function checkOf(check, { labels }) {
  const question = labelOf(labels, "checks", check.question);
  const about = [question === check.subject ? "" : question, [check.algorithm, check.reason].filter(Boolean).join(": ")].filter(Boolean).join("; ");
  return h(
    "li",
    {},
    badge(tones[check.state] ?? "minor", labelOf(labels, "states", check.state)),
    ` ${check.subject}`,
    about ? h("span", { class: "minor" }, ` (${about})`) : null,
    check.stored ? h("code", { class: "stored" }, check.stored) : null,
  );
}

export class QuellDetails extends HTMLElement {
  /**
   * @param {Model} model
   * @param {Entry} entry
   */
  show(model, entry) {
    const { component } = entry;
    const past = component.offset + component.size > model.image.size;
    const attributes = component.attributes ?? {};
    this.replaceChildren(
      h("h3", { id: entry.anchor, tabindex: -1 }, entry.depth === 0 ? titleOf(model, entry) : nameOf(entry)),
      h(
        "p",
        { class: "minor" },
        `${labelOf(model.extras.labels, "kinds", component.kind)}${component.path ? `, ${component.path}` : ""}`,
        h("br"),
        component.size > 0 ? `${rangeText(component)}, ${sizeText(component.size)}` : null,
        past ? h("strong", {}, ` ${texts.past}`) : null,
      ),
      ...(Object.keys(attributes).length > 0 ? [factsList(attributes, model.extras)] : []),
    );
    if (entry.findings.length > 0) {
      this.append(h("h4", {}, texts.findingsOf), h("ul", { class: "findings" }, ...entry.findings.map((one) => findingOf(one, null))));
    }
    if (entry.checks.length > 0) {
      this.append(h("h4", {}, texts.checksOf), h("ul", { class: "checks" }, ...entry.checks.map((one) => checkOf(one, model.extras))));
    }
    const bytes = hexOf(model, entry);
    if (bytes) this.append(bytes);
  }
}

/**
 * @param {Model} model
 * @param {Entry} entry
 */
function titleOf(model, entry) {
  return model.trees.find((tree) => tree.root === entry)?.title ?? nameOf(entry);
}
