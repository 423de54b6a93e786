// SPDX-License-Identifier: GPL-2.0-or-later
// Judgements, worst first, and known advisories.
import { badge, folded, h, sentence } from "./dom.js";
import { rangeText } from "./format.js";
import { isAdvisory, nameOf } from "./model.js";
import { texts, tones } from "./texts.js";

/** @typedef {import("./model.js").Finding} Finding */
/** @typedef {import("./model.js").Entry} Entry */

const order = ["critical", "error", "warning", "info"];

/**
 * A link where the reference is an advisory of a known form, text where it is anything else.
 * @param {string} reference
 */
function referenceOf(reference) {
  let address = "";
  if (/^CVE-\d{4}-\d{4,7}$/.test(reference)) address = `https://nvd.nist.gov/vuln/detail/${reference}`;
  if (/^INTEL-SA-\d{5}$/.test(reference)) {
    address = `https://www.intel.com/content/www/us/en/security-center/advisory/${reference.toLowerCase()}.html`;
  }
  return address === "" ? reference : h("a", { href: address, rel: "noreferrer noopener external" }, reference);
}

/** @param {string[]} references */
function referencesOf(references) {
  const list = references.flatMap((one) => one.split(/;\s*/)).filter((one) => one !== "");
  if (list.length === 0) return null;
  const items = list.flatMap((one, at) => (at === 0 ? [referenceOf(one)] : [", ", referenceOf(one)]));
  if (list.length <= 4) return h("p", { class: "references" }, ...items);
  return h("details", { class: "references" }, h("summary", {}, `${list[0]} and ${list.length - 1} ${texts.more}`), h("p", {}, ...items));
}

/**
 * @param {Finding} finding
 * @param {Entry | null} entry where it is, linked to
 */
export function findingOf(finding, entry) {
  const place = finding.range ? rangeText(finding.range) : "";
  return h(
    "li",
    { class: `finding ${tones[finding.severity] ?? "note"}` },
    h("p", { class: "title" }, badge(tones[finding.severity] ?? "note", finding.severity), " ", h("strong", {}, finding.title)),
    finding.detail ? folded(finding.detail, 260) : null,
    finding.advice ? h("p", { class: "advice" }, h("strong", {}, texts.advice), ...sentence(finding.advice)) : null,
    entry || place
      ? h("p", { class: "minor" }, entry ? h("a", { href: `#${encodeURI(entry.anchor)}` }, nameOf(entry)) : null, ` ${place} `, h("code", {}, finding.id))
      : h("p", { class: "minor" }, h("code", {}, finding.id)),
    referencesOf(finding.references ?? []),
  );
}

/**
 * @param {{finding: Finding, entry: Entry | null}[]} all
 * @returns {HTMLElement[]}
 */
export function findingsSections(all) {
  const sorted = [...all].sort((a, b) => order.indexOf(a.finding.severity) - order.indexOf(b.finding.severity));
  const advisories = sorted.filter((one) => isAdvisory(one.finding));
  const others = sorted.filter((one) => !isAdvisory(one.finding));
  const out = [
    h(
      "section",
      { "aria-labelledby": "findings" },
      h("h2", { id: "findings", tabindex: -1 }, `${texts.findings} (${others.length})`),
      others.length > 0
        ? h("ul", { class: "findings" }, ...others.map((one) => findingOf(one.finding, one.entry)))
        : h("p", {}, advisories.length > 0 ? badge("minor", texts.noneBeside) : badge("good", texts.none)),
    ),
  ];
  if (advisories.length > 0) {
    out.push(
      h(
        "section",
        { "aria-labelledby": "advisories" },
        h("h2", { id: "advisories" }, `${texts.advisories} (${advisories.length})`),
        h("ul", { class: "findings" }, ...advisories.map((one) => findingOf(one.finding, null))),
      ),
    );
  }
  return out;
}
