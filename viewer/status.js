// SPDX-License-Identifier: GPL-2.0-or-later
// The report of a live or captured machine.
import { append, badge, folded, h, sentence } from "./dom.js";
import { answersList } from "./cards.js";
import { findingsSections } from "./findings.js";
import { valueText } from "./format.js";
import { texts } from "./texts.js";

/** @typedef {{key: string, label: string, value: unknown, source: string, confidence: string, probably?: boolean}} Fact */
/** @typedef {{source: string, outcome: string, reason: string}} Attempt */
/** @typedef {{key: string, title: string, summary: string, facts: Fact[], tried: Attempt[]}} Section */
/** @typedef {{key: string, title: string, register: number, bits: [number, number], value: number, name?: string}} Field */
/**
 * @typedef {object} LiveEngine
 * @property {string} engine
 * @property {string} title
 * @property {string} verdict_title
 * @property {string} meaning
 * @property {string} certainty
 * @property {string} counts_as_disabled
 * @property {string} [advice]
 * @property {import("./model.js").Answer[]} answers
 * @property {{source: string, registers: Record<string, string>}[]} registers
 * @property {Field[]} fields
 * @property {Fact[]} facts
 * @property {import("./model.js").Finding[]} findings
 * @property {Attempt[]} tried
 * @property {string[]} options
 */
/**
 * @typedef {object} Status
 * @property {string | null} collected_at
 * @property {boolean} live
 * @property {string} summary
 * @property {boolean} virtual_machine
 * @property {Fact[]} machine
 * @property {LiveEngine[]} engines
 * @property {Section[]} sections
 * @property {import("./model.js").Finding[]} findings
 * @property {string[]} notes
 * @property {string[]} root_would_add
 */

/** @param {Fact[]} facts */
function factsOf(facts) {
  const list = h("dl", { class: "facts" });
  for (const fact of facts) {
    append(
      list,
      h("dt", {}, fact.label),
      h("dd", { title: `${fact.source} (${fact.confidence})` }, valueText(fact.value), fact.probably ? " (probably)" : ""),
    );
  }
  return list;
}

/** @param {LiveEngine} engine @param {import("./model.js").Extras} extras */
function liveCard(engine, extras) {
  const tone = { yes: "good", "yes-until-re-enabled": "good", inconclusive: "minor" }[engine.counts_as_disabled] ?? "odd";
  const registers = engine.registers.flatMap((one) => [
    h("li", {}, `${one.source}: `, h("code", {}, Object.entries(one.registers).map(([key, value]) => `${key} ${value}`).join(", "))),
  ]);
  const fields = engine.fields.map((one) =>
    h("li", {}, `HFSTS${one.register}[${one.bits.join(":")}] ${one.title}: ${one.name ?? one.value}`),
  );
  return h(
    "article",
    { class: "card" },
    h("h3", {}, engine.title),
    h(
      "p",
      { class: "state" },
      badge(/** @type {"good" | "odd" | "minor"} */ (tone), engine.verdict_title),
      h("span", { class: "minor" }, ` ${engine.certainty} certainty`),
    ),
    folded(engine.meaning, 300),
    answersList(engine.answers, extras),
    engine.advice ? h("p", { class: "advice" }, h("strong", {}, texts.advice), ...sentence(engine.advice)) : null,
    ...engine.options.map((one) => h("p", {}, badge("note", texts.options), " ", ...sentence(one))),
    h("details", { class: "all-facts" }, h("summary", {}, texts.facts), factsOf(engine.facts)),
    registers.length + fields.length > 0
      ? h("details", {}, h("summary", {}, texts.registers), h("ul", {}, ...registers, ...fields))
      : null,
    engine.tried.length > 0
      ? h("details", {}, h("summary", {}, texts.tried), h("ul", {}, ...engine.tried.map((one) => h("li", {}, `${one.source}: ${one.outcome}, ${one.reason}`))))
      : null,
  );
}

/** @param {Status} status @param {import("./model.js").Extras} extras @returns {(HTMLElement | null)[]} */
export function statusSections(status, extras) {
  const findings = [...status.findings, ...status.engines.flatMap((one) => one.findings)];
  return [
    h(
      "section",
      { "aria-labelledby": "engines" },
      h("h2", { id: "engines" }, texts.enginesLive),
      status.engines.length === 0 ? h("p", {}, texts.noEngine.replace("file", "machine")) : h("div", { class: "cards" }, ...status.engines.map((one) => liveCard(one, extras))),
    ),
    h("section", { "aria-labelledby": "machine" }, h("h2", { id: "machine" }, texts.machine), factsOf(status.machine)),
    ...findingsSections(findings.map((finding) => ({ finding, entry: null }))),
    h(
      "section",
      { "aria-labelledby": "around" },
      h("h2", { id: "around" }, texts.around),
      ...status.sections.map((one) =>
        h("details", { class: "around" }, h("summary", {}, h("strong", {}, one.title), `: ${one.summary}`), factsOf(one.facts)),
      ),
    ),
    status.notes.length + status.root_would_add.length > 0
      ? h(
          "section",
          { "aria-labelledby": "notes" },
          h("h2", { id: "notes" }, texts.notes),
          h("ul", {}, ...status.notes.map((one) => h("li", {}, ...sentence(one)))),
          status.root_would_add.length > 0 ? h("p", {}, texts.asRoot, ": ", status.root_would_add.join(", ")) : null,
        )
      : null,
  ];
}
