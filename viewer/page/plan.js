// SPDX-License-Identifier: GPL-2.0-or-later
// A plan as people read it: what to know before, what it costs, and every edit with its reason.
import { badge, h } from "../dom.js";
import { rangeText, sizeText } from "../format.js";
import { texts, tones } from "../texts.js";
import { words } from "./words.js";

/** @param {any} notice */
function noticeItem(notice) {
  return h("li", {}, badge(tones[notice.severity], notice.title), notice.detail ? h("p", {}, notice.detail) : null, notice.advice ? h("p", {}, notice.advice) : null);
}

/** @param {any} cost */
function costItem(cost) {
  return h("li", {}, badge("odd", texts.costs), ` ${cost.title}`, cost.detail ? h("p", {}, cost.detail) : null, cost.advice ? h("p", {}, cost.advice) : null);
}

/** @param {any} edit */
function editRow(edit) {
  const { anchor } = edit;
  return h(
    "tr",
    {},
    h("td", { class: "place" }, rangeText(edit)),
    h("td", {}, anchor ? h("a", { href: `#${encodeURI(anchor)}` }, anchor.slice(anchor.lastIndexOf("/") + 1) || anchor) : ""),
    h("td", {}, String(edit.changed)),
    h("td", {}, edit.reason),
  );
}

/** The document of a plan. @param {any} plan */
export function planView(plan) {
  const { edits, costs } = plan;
  const isCost = (/** @type {any} */ notice) => costs.some((/** @type {any} */ cost) => cost.id === notice.id && cost.title === notice.title);
  const notices = plan.notices.filter((/** @type {any} */ notice) => !isCost(notice));
  const changed = edits.reduce((/** @type {number} */ sum, /** @type {any} */ edit) => sum + edit.changed, 0);
  const head = h("tr", {}, ...["Where", "Part", "Bytes", "Why"].map((title) => h("th", { scope: "col" }, title)));
  return h(
    "div",
    { class: "plan" },
    notices.length > 0 ? h("ul", { "aria-label": "To know before" }, ...notices.map(noticeItem)) : null,
    costs.length > 0 ? h("h3", {}, words.costs) : null,
    costs.length > 0 ? h("ul", { "aria-label": words.costs }, ...costs.map(costItem)) : null,
    h("p", {}, edits.length > 0 ? words.edits(edits.length, changed) : words.nothing),
    edits.length > 0
      ? h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Edits" }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...edits.map(editRow))))
      : null,
    plan.truncate_to ? h("p", {}, words.cut(sizeText(plan.truncate_to))) : null,
  );
}
