// SPDX-License-Identifier: GPL-2.0-or-later
// A card for each engine: what it is, what it is able to do, in what state it is, and what can be done about it.
import { append, badge, folded, h, sentence } from "./dom.js";
import { factsList } from "./details.js";
import { labelOf } from "./format.js";
import { texts, tones } from "./texts.js";

/** @typedef {import("./model.js").Engine} Engine */
/** @typedef {import("./model.js").Answer} Answer */
/** @typedef {import("./model.js").Action} Action */
/** @typedef {import("./model.js").Extras} Extras */

/** @param {Answer[]} answers @param {Extras} extras */
export function answersList(answers, extras) {
  const list = h("dl", { class: "answers" });
  for (const answer of answers) {
    const plain = answer.holds === "partly" || answer.holds === "unknown" || answer.text === answer.holds;
    const sign = { yes: "●", no: "○", partly: "◐", unknown: "?" }[answer.holds] ?? "";
    append(
      list,
      h("dt", {}, labelOf(extras.labels, "answers", answer.question)),
      h(
        "dd",
        {},
        h("span", { class: "sign", "aria-hidden": "true" }, sign),
        plain ? null : h("strong", {}, `${answer.holds}: `),
        ...sentence(answer.text),
        answer.basis === "general" ? h("span", { class: "minor" }, " (in general)") : null,
      ),
    );
  }
  return list;
}

/** @param {Action} action @param {Extras} extras */
function actionOf(action, extras) {
  const costs = action.costs ?? [];
  // The effects end with the costs, in words.
  const effects = (action.effects ?? []).slice(0, (action.effects ?? []).length - costs.length);
  return h(
    "li",
    { class: "action" },
    h("p", { class: "title" }, badge(tones[action.state] ?? "minor", labelOf(extras.labels, "states", action.state)), " ", h("strong", {}, action.title)),
    action.reason ? folded(action.reason) : null,
    ...costs.map((one) => h("p", { class: "costs" }, badge("odd", texts.costs), " ", ...sentence(one))),
    action.risk && action.state === "available"
      ? h("p", { class: "minor" }, `${texts.risk}: ${action.risk}: ${labelOf(extras.labels, "risks", action.risk)}`)
      : null,
    effects.length > 0
      ? h("details", {}, h("summary", {}, `${texts.effects} (${effects.length})`), h("ul", {}, ...effects.map((one) => h("li", {}, ...sentence(one)))))
      : null,
    action.command
      ? h("p", { class: "command" }, action.overrides ? h("span", { class: "minor" }, texts.insist) : null, h("code", {}, action.command))
      : action.overrides
        ? h("p", { class: "minor" }, `${texts.override}${action.overrides.join(", ")}`)
        : null,
  );
}

/**
 * The state of an engine in a word, and how bad that is.
 * @param {Engine} engine
 */
function stateOf(engine) {
  const findings = engine.findings.map((one) => one.severity);
  const out = engine.states.map((state) => badge(state === "not read or erased" ? "odd" : "good", state));
  if (findings.includes("critical") || findings.includes("error")) out.unshift(badge("bad", "faults found"));
  const guard = engine.facts["boot_guard"];
  if (typeof guard === "string") out.push(badge("note", guard));
  else if (out.length === 0) out.push(badge("note", texts.whole));
  return out;
}

/**
 * @param {Engine} engine
 * @param {Extras} extras
 */
export function cardOf(engine, extras) {
  return h(
    "article",
    { class: "card" },
    h("h3", {}, engine.title),
    h("p", { class: "state" }, ...stateOf(engine)),
    engine.answers ? answersList(engine.answers, extras) : null,
    engine.actions.length > 0 ? h("h4", {}, texts.actions) : null,
    engine.actions.length > 0 ? h("ul", { class: "actions" }, ...engine.actions.map((one) => actionOf(one, extras))) : null,
    h("details", { class: "all-facts" }, h("summary", {}, texts.facts), factsList(engine.facts, extras)),
  );
}

/**
 * @param {Engine[]} engines
 * @param {Extras} extras
 */
export function cardsSection(engines, extras) {
  return h(
    "section",
    { "aria-labelledby": "engines" },
    h("h2", { id: "engines" }, texts.engines),
    engines.length === 0 ? h("p", {}, texts.noEngine) : h("div", { class: "cards" }, ...engines.map((one) => cardOf(one, extras))),
  );
}
