// SPDX-License-Identifier: GPL-2.0-or-later
// Every component of every tree. Rows exist only where their parents are open; a long list of children comes in pieces.
import { h } from "./dom.js";
import { labelOf, rangeText, sizeText, valueText } from "./format.js";
import { nameOf } from "./model.js";
import { texts, tones } from "./texts.js";

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").Entry} Entry */

const openAtFirst = 2000; // components: with more only the roots are open
const piece = 400; // rows that are added at once

/**
 * What came of the checks and findings of a component, in one word; nothing where there are none.
 * @param {Entry} entry
 */
function worstOf(entry) {
  const worst = ["critical", "error", "warning"].find((one) => entry.findings.some((what) => what.severity === one));
  if (worst) return worst;
  return ["failed", "not-checked", "held"].find((state) => entry.checks.some((check) => check.state === state)) ?? null;
}

/** @param {Entry} entry */
function searchText(entry) {
  const { kind, name, attributes } = entry.component;
  const values = Object.entries(attributes ?? {}).map(([key, value]) => `${key} ${valueText(value)}`);
  return `${kind} ${name} ${values.join(" ")}`.toLowerCase();
}

export class QuellTree extends HTMLElement {
  constructor() {
    super();
    /** @type {Model | null} */
    this.model = null;
    /** @type {Set<Entry>} */
    this.open = new Set();
    /** @type {Entry | null} */
    this.current = null;
    this.list = h("div", { class: "tree", role: "tree", "aria-label": texts.contents });
    this.count = h("p", { class: "hint", role: "status" });
    this.limit = piece;
    this.words = "";
  }

  /** @param {Model} model */
  show(model) {
    this.model = model;
    this.open.clear();
    for (const tree of model.trees) this.open.add(tree.root);
    if (model.entries.size > openAtFirst) this.open.clear();
    const filter = h("input", {
      type: "search",
      id: "quell-filter",
      autocomplete: "off",
      spellcheck: "false",
      oninput: (/** @type {Event} */ event) => this.filter(/** @type {HTMLInputElement} */ (event.target).value),
    });
    this.replaceChildren(
      h("label", { for: "quell-filter" }, texts.filter),
      filter,
      this.count,
      this.list,
    );
    this.list.addEventListener("keydown", (event) => this.onKey(event));
    this.draw();
  }

  /** @param {string} words */
  filter(words) {
    this.words = words.trim().toLowerCase();
    this.limit = piece;
    this.draw();
  }

  /** @returns {Entry[]} */
  visible() {
    const model = /** @type {Model} */ (this.model);
    if (this.words !== "") {
      return [...model.entries.values()].filter((entry) => searchText(entry).includes(this.words));
    }
    /** @type {Entry[]} */
    const out = [];
    const add = (/** @type {Entry} */ entry) => {
      out.push(entry);
      if (this.open.has(entry)) entry.children.forEach(add);
    };
    for (const tree of model.trees) add(tree.root);
    return out;
  }

  draw() {
    const rows = this.visible();
    const shown = rows.slice(0, this.limit);
    const focusable = this.current && shown.includes(this.current) ? this.current : shown[0];
    const list = shown.map((entry) => this.rowOf(entry, entry === focusable));
    this.list.replaceChildren(...list);
    this.list.hidden = shown.length === 0;
    const total = /** @type {Model} */ (this.model).entries.size;
    this.count.textContent = this.words === "" ? `${total} parts` : `${rows.length} of ${total} ${texts.match}`;
    this.querySelector(":scope > button.more")?.remove();
    if (rows.length > shown.length) {
      const left = rows.length - shown.length;
      const more = () => {
        this.limit += piece * 4;
        this.draw();
      };
      this.append(h("button", { type: "button", class: "more", onclick: more }, `${left} ${texts.more}`));
    }
  }

  /**
   * @param {Entry} entry
   * @param {boolean} focusable
   */
  rowOf(entry, focusable) {
    const { component } = entry;
    const tree = this.model?.trees.find((one) => one.root === entry);
    const verdict = worstOf(entry);
    const flat = this.words !== "";
    const expandable = entry.children.length > 0 && !flat;
    const name = tree ? tree.title : nameOf(entry);
    const row = h(
      "div",
      {
        role: "treeitem",
        class: `item${entry === this.current ? " current" : ""}`,
        tabindex: focusable ? 0 : -1,
        "aria-level": flat ? 1 : entry.depth + 1,
        "aria-selected": entry === this.current ? "true" : "false",
        "aria-expanded": expandable ? String(this.open.has(entry)) : null,
        "data-anchor": entry.anchor,
        style: { "--depth": String(flat ? 0 : entry.depth) },
        onclick: (/** @type {Event} */ event) => this.onClick(event, entry),
      },
      h("span", { class: "twist", "aria-hidden": "true" }, expandable ? (this.open.has(entry) ? "▾" : "▸") : ""),
      h("span", { class: "name" }, name),
      h("span", { class: "kind" }, flat && component.path.includes("/") ? component.path : labelOf(this.model?.extras.labels, "kinds", component.kind)),
      verdict ? h("span", { class: `dot ${tones[verdict]}` }, verdict) : null,
      h("span", { class: "place" }, component.size === 0 ? "" : `${rangeText(component)} ${sizeText(component.size)}`),
    );
    entries.set(row, entry);
    return row;
  }

  /**
   * @param {Event} event
   * @param {Entry} entry
   */
  onClick(event, entry) {
    const twist = /** @type {Element} */ (event.target).classList.contains("twist");
    if (entry.children.length > 0 && (twist || entry === this.current || !this.open.has(entry))) this.toggle(entry);
    if (!twist) this.choose(entry);
    else this.draw();
  }

  /** @param {Entry} entry */
  toggle(entry) {
    if (this.open.has(entry)) this.open.delete(entry);
    else this.open.add(entry);
  }

  /** @param {Entry} entry */
  choose(entry) {
    this.current = entry;
    this.draw();
    this.rowOfEntry(entry)?.focus({ preventScroll: true });
    this.dispatchEvent(new CustomEvent("quell-choose", { detail: { entry } }));
  }

  /**
   * Opens everything above a component and marks it.
   * @param {Entry} entry
   */
  reveal(entry) {
    this.words = "";
    const filter = /** @type {HTMLInputElement | null} */ (this.querySelector("input"));
    if (filter) filter.value = "";
    for (let one = entry.parent; one; one = one.parent) this.open.add(one);
    this.current = entry;
    const at = this.visible().indexOf(entry);
    this.limit = Math.max(this.limit, at + piece);
    this.draw();
    const row = this.rowOfEntry(entry);
    if (row) this.list.scrollTop = row.offsetTop - this.list.offsetTop - this.list.clientHeight / 3;
  }

  /**
   * @param {Entry} entry
   * @returns {HTMLElement | null}
   */
  rowOfEntry(entry) {
    for (const row of this.list.children) if (entries.get(row) === entry) return /** @type {HTMLElement} */ (row);
    return null;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const rows = /** @type {HTMLElement[]} */ ([...this.list.children]);
    const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const entry = at < 0 ? undefined : entries.get(rows[at]);
    if (!entry) return;
    const move = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    const open = this.open.has(entry) && this.words === "";
    if (move !== undefined) {
      const row = rows[move];
      if (row) {
        rows[at].setAttribute("tabindex", "-1");
        row.setAttribute("tabindex", "0");
        row.focus();
      }
    } else if (event.key === "ArrowRight" && entry.children.length > 0 && !open) {
      this.turn(entry);
    } else if (event.key === "ArrowLeft" && open && entry.children.length > 0) {
      this.turn(entry);
    } else if (event.key === "ArrowLeft" && entry.parent) {
      this.rowOfEntry(entry.parent)?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      this.choose(entry);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** @param {Entry} entry */
  turn(entry) {
    this.toggle(entry);
    const before = this.current;
    this.current = entry;
    this.draw();
    this.rowOfEntry(entry)?.focus();
    this.current = before;
  }
}

/** Which component a row stands for. @type {WeakMap<Element, Entry>} */
const entries = new WeakMap();
