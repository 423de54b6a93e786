// SPDX-License-Identifier: GPL-2.0-or-later
// The flash map: the whole chip, and below it what lies in the part that was chosen, twice deeper at most. Each row is to
// scale but for a least width, so that a 4 KiB part of 32 MiB can be hit; its stretches add up to what it shows.
import { append, h } from "./dom.js";
import { percent, rangeText, sizeText } from "./format.js";
import { blockCounts, blockSize, nameOf, placeKey, segmentsOf } from "./model.js";
import { texts } from "./texts.js";

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").Place} Place */
/** @typedef {import("./model.js").Segment} Segment */
/** @typedef {import("./model.js").Range} Range */

const leastWidth = 26;
const leastGap = 8; // of a gap that is smaller than a block
const colours = 8;

/**
 * What stands in a stretch, in words.
 * @param {Model} model
 * @param {Segment} segment
 */
export function segmentName(model, segment) {
  if (segment.places.length > 0) return segment.places.map(placeName).join(" + ");
  const counts = blockCounts(model.blocks, segment);
  const whole = segment.offset % blockSize === 0 && model.blocks !== null;
  if (whole && counts.zeros + counts.other === 0) return texts.erased;
  if (whole && counts.erased + counts.other === 0) return texts.zeros;
  return model.blocks && whole ? texts.undescribed : texts.unused;
}

/** @param {Place} place */
export function placeName(place) {
  const entry = place.entries.find((one) => one.component.name !== "" && one.depth > 0) ?? place.entries[0];
  return entry ? nameOf(entry) : texts.root;
}

/**
 * @param {Model} model
 * @param {Range} range
 */
function isChanged(model, range) {
  const parts = model.extras.diff?.parts ?? [];
  return parts.some((part) => part.first.some((one) => one.offset < range.offset + range.size && range.offset < one.offset + one.size));
}

/**
 * The strip of kinds: one column for each block or group of blocks, darker where there is more in it.
 * @param {Uint8Array} blocks
 * @param {Range} range
 */
function stripOf(blocks, range) {
  const from = Math.floor(range.offset / blockSize);
  const to = Math.min(Math.ceil((range.offset + range.size) / blockSize), blocks.length);
  const columns = Math.max(1, Math.min(to - from, 512));
  const canvas = /** @type {HTMLCanvasElement} */ (
    h("canvas", { class: "strip", width: columns, height: 1, "aria-hidden": "true" })
  );
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  for (let column = 0; column < columns; ++column) {
    const start = from + Math.floor((column * (to - from)) / columns);
    const end = Math.max(start + 1, from + Math.floor(((column + 1) * (to - from)) / columns));
    let sum = 0;
    for (let block = start; block < end; ++block) sum += blocks[block] < 2 ? 0 : blocks[block];
    context.fillStyle = `rgba(72, 104, 168, ${(sum / (end - start) / 255).toFixed(2)})`;
    context.fillRect(column, 0, 1, 1);
  }
  return canvas;
}

export class QuellMap extends HTMLElement {
  constructor() {
    super();
    /** @type {Model | null} */
    this.model = null;
    /** The places that are looked into, from the whole file inwards. @type {Place[]} */
    this.chain = [];
    this.rows = h("div", { class: "rows" });
    this.chosen = h("p", { class: "chosen", role: "status" });
    this.colourOf = new Map();
  }

  /** @param {Model} model */
  show(model) {
    this.model = model;
    this.chain = [model.map];
    this.replaceChildren(h("p", { class: "hint" }, texts.mapHelp), this.rows, this.chosen);
    if (model.blocks) this.append(this.summary(model, model.blocks));
    this.draw();
  }

  /**
   * @param {Model} model
   * @param {Uint8Array} blocks
   */
  summary(model, blocks) {
    const counts = blockCounts(blocks, { offset: 0, size: model.image.size });
    const all = blocks.length;
    return h(
      "p",
      { class: "hint" },
      `4 KiB blocks: ${percent(counts.erased, all)} ${texts.erased}, ${percent(counts.zeros, all)} ${texts.zeros}, ` +
        `${percent(counts.other, all)} in use; the strip below each name is darker where its blocks are more random.`,
    );
  }

  /**
   * Looks into the place where a component lies, and marks it.
   * @param {import("./model.js").Entry} entry
   */
  reveal(entry) {
    if (!this.model) return;
    const place = find(this.model.map, entry);
    if (!place) return this.revealSpace(entry);
    /** @type {Place[]} */
    const chain = [];
    for (let one = place.children.length > 0 ? place : place.parent; one; one = one.parent) chain.unshift(one);
    this.chain = chain.length > 0 ? chain : [this.model.map];
    this.draw();
    this.mark(place);
  }

  /** @param {import("./model.js").Entry} entry what is unused or overlaps at the top */
  revealSpace(entry) {
    if (this.model?.spaces.get(placeKey(entry.component)) !== entry) return;
    this.chain = [this.model.map];
    this.draw();
    for (const button of this.buttons()) {
      if (button.dataset.offset === String(entry.component.offset)) button.classList.add("current");
    }
  }

  draw() {
    const shown = this.chain.length <= 3 ? this.chain : [this.chain[0], ...this.chain.slice(-2)];
    this.rows.replaceChildren(...shown.map((place) => this.rowOf(place)));
    if (this.chain.length === 1) return;
    for (const place of this.chain.slice(1)) this.mark(place, "open");
  }

  /** @param {Place} place */
  rowOf(place) {
    const model = /** @type {Model} */ (this.model);
    const depth = this.chain.indexOf(place);
    const title = depth === 0 ? `${texts.root}, ${sizeText(place.size)}` : `${placeName(place)}, ${sizeText(place.size)}`;
    const bar = h("div", { class: "bar", role: "group", "aria-label": title });
    const segments = segmentsOf(place);
    const named = new Map();
    segments.forEach((segment, index) => {
      const button = this.buttonOf(model, segment, place, index === 0);
      const key = segment.places[0];
      if (key && !named.has(key)) named.set(key, named.size % colours);
      if (key) button.classList.add(`c${named.get(key)}`);
      bar.append(button);
    });
    bar.addEventListener("keydown", (event) => this.onKey(event, place));
    const path = this.chain.slice(1, depth + 1).map(placeName).join(" / ");
    return h(
      "div",
      { class: "row" },
      h("div", { class: "row-title" }, h("strong", {}, path || texts.root), ` ${rangeText(place)}, ${sizeText(place.size)}`),
      h("div", { class: "scroll" }, bar),
    );
  }

  /**
   * @param {Model} model
   * @param {Segment} segment
   * @param {Place} parent
   * @param {boolean} first
   */
  buttonOf(model, segment, parent, first) {
    const name = segmentName(model, segment);
    const place = segment.places[0];
    const changed = isChanged(model, segment);
    const notes = [rangeText(segment)];
    if (segment.places.length > 1) notes.push(texts.overlap);
    if (changed) notes.push(texts.changedHere);
    const kind = segment.places.length === 0 ? "gap" : segment.places.length > 1 ? "part overlap" : "part";
    const button = h(
      "button",
      {
        type: "button",
        class: `${kind}${changed ? " changed" : ""}`,
        title: `${name}, ${sizeText(segment.size)}, ${notes.join(", ")}`,
        tabindex: first ? 0 : -1,
        "data-offset": segment.offset,
        "data-size": segment.size,
        style: { "flex-grow": String(Math.max(segment.size / parent.size, 1e-9)), "min-width": `${place || segment.size >= blockSize ? leastWidth : leastGap}px` },
        onclick: () => this.choose(segment, name),
      },
      h("span", { class: nameClass(name) }, changed ? deltaOf() : null, name),
      " ",
      h("span", { class: "size" }, sizeText(segment.size)),
      h("span", { class: "unseen" }, `, ${notes.join(", ")}`),
    );
    if (model.blocks && segment.size >= blockSize) button.append(stripOf(model.blocks, segment));
    if (place) places.set(button, place);
    return button;
  }

  /**
   * @param {Segment} segment
   * @param {string} name
   */
  choose(segment, name) {
    const model = /** @type {Model} */ (this.model);
    const place = segment.places[0];
    if (place) {
      /** @type {Place[]} */
      const chain = [];
      for (let one = place.children.length > 0 ? place : place.parent; one; one = one.parent) chain.unshift(one);
      this.chain = chain;
      const focused = document.activeElement?.getAttribute("data-offset");
      this.draw();
      this.mark(place);
      this.focusPlace(place, focused ?? null);
    }
    this.chosen.replaceChildren(texts.mapSelected, h("strong", {}, name), ` ${rangeText(segment)}, ${sizeText(segment.size)}`);
    const entry = model.spaces.get(placeKey(segment)) ?? place?.entries.find((one) => one.depth > 0) ?? place?.entries[0];
    if (entry) append(this.chosen, " (", h("a", { href: `#${encodeURI(entry.anchor)}` }, texts.detail), ")");
    this.dispatchEvent(new CustomEvent("quell-choose", { detail: { segment, entry: entry ?? null, model } }));
  }

  /**
   * @param {Place} place
   * @param {string | null} offset
   */
  focusPlace(place, offset) {
    for (const button of this.buttons()) {
      if (places.get(button) === place && (offset === null || button.getAttribute("data-offset") === offset)) {
        return focusIn(button);
      }
    }
  }

  /**
   * @param {Place} place
   * @param {string} [name]
   */
  mark(place, name = "current") {
    for (const button of this.buttons()) {
      if (name === "current") button.classList.remove("current");
      if (places.get(button) !== place) continue;
      button.classList.add(name);
      if (name === "open") button.setAttribute("aria-expanded", "true");
    }
  }

  /** @returns {HTMLElement[]} */
  buttons() {
    return [...this.rows.querySelectorAll("button")];
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Place} place whose row it is
   */
  onKey(event, place) {
    const bar = /** @type {HTMLElement} */ (event.currentTarget);
    const buttons = /** @type {HTMLElement[]} */ ([...bar.children]);
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to !== undefined && buttons[to]) {
      focusIn(buttons[to]);
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      buttons[at]?.click();
      const rows = [...this.rows.querySelectorAll(".bar")];
      const inside = at >= 0 ? places.get(buttons[at]) : undefined;
      if (inside && inside.children.length > 0) focusIn(/** @type {HTMLElement} */ (rows.at(-1)?.firstElementChild));
    } else if ((event.key === "Escape" || event.key === "ArrowUp") && place.parent) {
      const chain = this.chain.slice(0, this.chain.indexOf(place));
      this.chain = chain.length > 0 ? chain : [place.parent];
      this.draw();
      this.focusPlace(place, null);
    } else {
      return;
    }
    event.preventDefault();
  }
}

/** Which place a button stands for. @type {WeakMap<Element, Place>} */
const places = new WeakMap();

/** What does not fit a narrow part stands upright in it. @param {string} name */
function nameClass(name) {
  return name.length > 2 ? "name long" : "name";
}

/** The sign of a part that changed; its title says it in words. */
function deltaOf() {
  return h("span", { class: "delta", "aria-hidden": "true" }, "Δ ");
}

/** @param {HTMLElement} button */
function focusIn(button) {
  for (const other of button.parentElement?.children ?? []) other.setAttribute("tabindex", "-1");
  button.setAttribute("tabindex", "0");
  button.focus();
}

/**
 * @param {Place} place
 * @param {import("./model.js").Entry} entry
 * @returns {Place | null}
 */
function find(place, entry) {
  if (place.entries.includes(entry)) return place;
  const { offset, size } = entry.component;
  for (const child of place.children) {
    if (size === 0 || child.offset > offset || offset >= child.offset + child.size) continue;
    const found = find(child, entry);
    if (found) return found;
  }
  return null;
}

/**
 * The chip in one bar without buttons: how it was, beside how it is.
 * @param {Model} model
 * @param {string} title
 */
export function stillBar(model, title) {
  const bar = h("div", { class: "bar still" });
  const named = new Map();
  for (const segment of segmentsOf(model.map)) {
    const name = segmentName(model, segment);
    const key = segment.places[0];
    if (key && !named.has(key)) named.set(key, named.size % colours);
    const changed = isChanged(model, segment);
    const kind = key ? `part c${named.get(key)}` : "gap";
    const part = h(
      "span",
      {
        class: `${kind}${changed ? " changed" : ""}`,
        title: `${name}, ${sizeText(segment.size)}`,
        style: { "flex-grow": String(segment.size / model.image.size), "min-width": `${leastWidth}px` },
      },
      h("span", { class: nameClass(name) }, changed ? deltaOf() : null, name),
    );
    if (model.blocks && segment.size >= blockSize) part.append(stripOf(model.blocks, segment));
    bar.append(part);
  }
  return h("div", { class: "row" }, h("div", { class: "row-title" }, title), h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": title }, bar));
}
