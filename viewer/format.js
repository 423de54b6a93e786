// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers and names as people read them, the same words as the program prints.

/** @param {number} bytes */
export function sizeText(bytes) {
  const units = /** @type {const} */ ([
    ["GiB", 1073741824],
    ["MiB", 1048576],
    ["KiB", 1024],
  ]);
  for (const [unit, size] of units) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
  }
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}

/**
 * @param {number} number
 * @param {number} [digits]
 */
export function hex(number, digits = 8) {
  return `0x${number.toString(16).padStart(digits, "0")}`;
}

/** @param {{offset: number, size: number}} range */
export function rangeText(range) {
  return range.size === 0 ? "-" : `${hex(range.offset)}-${hex(range.offset + range.size - 1)}`;
}

/** @param {number} part @param {number} whole */
export function percent(part, whole) {
  const value = whole === 0 ? 0 : (100 * part) / whole;
  if (value === 0) return "0 %";
  return value < 0.1 ? "< 0.1 %" : `${value.toFixed(value < 10 ? 1 : 0)} %`;
}

/** @param {string} base64 @returns {Uint8Array} */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
}

/**
 * "1 warning", "2 warnings".
 * @param {number} count
 * @param {string} word
 */
export function counted(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/**
 * A value of the document in words; `unit` is what the document's units say of its key.
 * @param {unknown} value
 * @param {string} [unit]
 * @returns {string}
 */
export function valueText(value, unit) {
  if (value === null || value === undefined) return "unknown";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") {
    if (unit === "bytes") return sizeText(value);
    return unit === "hex" ? hex(value, 1) : String(value);
  }
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((one) => valueText(one, unit)).join(", ");
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([key, one]) => `${keyText(key)} ${valueText(one)}`)
      .join(", ");
  }
  return String(value);
}

/** @param {string} key */
export function keyText(key) {
  return key.replaceAll("_", " ");
}

/**
 * The words for a name of a kind (an attribute, a state, a question): the document's, where it has a table of them.
 * @param {import("./model.js").Labels | undefined} labels
 * @param {string} kind
 * @param {string} name
 */
export function labelOf(labels, kind, name) {
  return labels?.[kind]?.[name] ?? keyText(name).replaceAll("-", " ");
}
