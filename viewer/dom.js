// SPDX-License-Identifier: GPL-2.0-or-later
// Elements from plain values. Nothing here reads markup: every text becomes a text node, whatever it holds.

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, unknown>} Properties */

/**
 * Makes an element. `on...` properties are listeners, `style` is an object of CSS properties, `true` sets an empty
 * attribute, `false`, null and undefined set none; everything else is an attribute.
 * @param {string} tag
 * @param {Properties} [properties]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) setProperty(element, name, value);
  append(element, ...children);
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {unknown} value
 */
function setProperty(element, name, value) {
  if (value === false || value === null || value === undefined) return;
  if (name.startsWith("on")) {
    element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  } else if (name === "style") {
    for (const [key, what] of Object.entries(/** @type {Record<string, string>} */ (value))) {
      element.style.setProperty(key, String(what));
    }
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function append(parent, ...children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/**
 * A sign in front of a word; the word says the same, so that nobody needs to see the sign.
 * @param {"good" | "odd" | "bad" | "note" | "minor"} tone
 * @param {string} word
 */
export function badge(tone, word) {
  const signs = { good: "✓", odd: "!", bad: "✗", note: "i", minor: "–" };
  return h("span", { class: `badge ${tone}` }, h("span", { class: "sign", "aria-hidden": "true" }, signs[tone]), word);
}

/**
 * A sentence of the program's: what stands between backticks is what to type.
 * @param {string} text
 * @returns {Child[]}
 */
export function sentence(text) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return [text];
  return parts.map((part, at) => (at % 2 === 1 ? h("code", {}, part) : part));
}

/**
 * Text that is folded away behind its first line where it is long.
 * @param {string} text
 * @param {number} [limit]
 */
export function folded(text, limit = 170) {
  if (text.length <= limit) return h("p", {}, ...sentence(text));
  const stop = text.slice(0, limit).search(/[.:;] /);
  const end = stop > 40 ? stop + 1 : text.lastIndexOf(" ", limit - 20);
  return h(
    "details",
    { class: "folded" },
    h("summary", {}, `${text.slice(0, end)} …`),
    h("p", {}, text.slice(end).trim()),
  );
}
