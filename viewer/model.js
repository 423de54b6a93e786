// SPDX-License-Identifier: GPL-2.0-or-later
// The document as one graph: every component of every tree with its anchor, checks and findings, and the nesting of all
// of them by place, which the map shows.
import { texts } from "./texts.js";

/** @typedef {{offset: number, size: number}} Range */
/**
 * @typedef {object} Component
 * @property {string} path
 * @property {string} kind
 * @property {string} name
 * @property {number} offset
 * @property {number} size
 * @property {Record<string, unknown>} [attributes]
 * @property {Component[]} [children]
 */
/**
 * @typedef {object} Finding
 * @property {string} id
 * @property {string} question
 * @property {string} severity
 * @property {string} title
 * @property {string} [detail]
 * @property {string} [advice]
 * @property {string} [path]
 * @property {Range} [range]
 * @property {string[]} [references]
 */
/** @typedef {{question: string, state: string, path: string, engine?: string, subject: string, range?: Range, reason?: string, algorithm?: string, stored?: string}} Check */
/** @typedef {{question: string, holds: string, basis: string, text: string}} Answer */
/** @typedef {{id: string, title: string, state: string, reason?: string, overrides?: string[], effects?: string[], costs?: string[], risk?: string, command?: string}} Action */
/** @typedef {{engine: string, title: string, states: string[], answers?: Answer[], facts: Record<string, unknown>, checks: Check[], actions: Action[], findings: Finding[], tree: Component}} Engine */
/** @typedef {{id: string, title: string, state: string, note?: string}} Question */
/**
 * @typedef {object} Image
 * @property {string} file
 * @property {number} size
 * @property {string} sha256
 * @property {string} kind
 * @property {string} title
 * @property {string} [next_step]
 * @property {string} verdict
 * @property {string} verdict_text
 * @property {Question[]} [questions]
 * @property {string} [blocks]
 * @property {Component} layout
 * @property {(Component & {state: string})[]} [space]
 * @property {Check[]} checks
 * @property {Record<string, unknown>} [uefi]
 * @property {Component} [uefi_tree]
 * @property {Engine[]} engines
 * @property {Finding[]} findings
 */
/** @typedef {{path: string, kind: string, range: Range | null, summary: string, bytes: number, first: Range[], anchor?: string, anchor_after?: string}} Part */
/** @typedef {{name: string, offset: number, before: number, after: number, meaning: string}} Word */
/** @typedef {{change: string, path: string, kind: string, before: Range | null, after: Range | null, path_after?: string | null, same_content?: boolean | null, anchor?: string, anchor_after?: string}} Structure */
/** @typedef {{engine: string, key: string, before: string, after: string}} FactChange */
/** @typedef {{change: string, part: string, name: string, owner: string, before_size: number, after_size: number}} FirmwareChange */
/** @typedef {{same: boolean, bytes: number, parts: Part[], descriptor: Word[], structure: Structure[], firmware?: FirmwareChange[], facts: FactChange[]}} Difference */
/** @typedef {Record<string, string>} Units how numbers are meant, by the key of an attribute: "bytes" or "hex" */
/** @typedef {Record<string, Record<string, string>>} Labels words by kind of name, then by the name */
/** @typedef {{name: string, sha256: string, date?: string}} Table */
/**
 * What stands beside the image: from the document of `quell report`, or from whoever calls render().
 * @typedef {object} Extras
 * @property {Image} [before] the earlier image, for the bars of before and after
 * @property {Difference} [diff] the document of `quell diff`
 * @property {Record<string, string>} [heads] first bytes of components by anchor, base64
 * @property {Uint8Array} [bytes] the whole file, where the caller has it
 * @property {string} [markdown] the text for a forum post
 * @property {Units} [units] how the numbers of attributes are meant
 * @property {Labels} [labels] the words for names of the document
 * @property {Table[]} [tables] the tables that the program judged by
 */

/**
 * One component in the graph.
 * @typedef {object} Entry
 * @property {string} anchor
 * @property {string} tree
 * @property {Component} component
 * @property {Entry | null} parent
 * @property {Entry[]} children
 * @property {number} depth
 * @property {Check[]} checks
 * @property {Finding[]} findings
 */

/**
 * One place of the map with everything that stands there and what lies inside it.
 * @typedef {object} Place
 * @property {number} offset
 * @property {number} size
 * @property {Entry[]} entries
 * @property {Place[]} children
 * @property {Place | null} parent
 */

/**
 * A stretch of one row of the map: no place is a gap, several are an overlap.
 * @typedef {{offset: number, size: number, places: Place[]}} Segment
 */

/** @typedef {{id: string, title: string, root: Entry}} Tree */

/**
 * @typedef {object} Model
 * @property {Image} image
 * @property {Extras} extras
 * @property {Tree[]} trees
 * @property {Map<string, Entry>} entries
 * @property {Map<string, Entry>} spaces what is unused or overlaps, by placeKey()
 * @property {Place} map
 * @property {Uint8Array | null} blocks
 * @property {{finding: Finding, entry: Entry | null}[]} findings
 * @property {Check[]} checks
 */

export const blockSize = 4096;

/**
 * The image that a document is about: of inspect, check and report.
 * @param {any} source
 * @returns {Image | null}
 */
export function imageOf(source) {
  const image = Array.isArray(source?.images) ? source.images[0] : (source?.image ?? source);
  return image && image.layout ? image : null;
}

/**
 * @param {Component} component
 * @param {string} tree
 * @param {Entry | null} parent
 * @param {Map<string, Entry>} into
 * @returns {Entry}
 */
function entryOf(component, tree, parent, into) {
  /** @type {Entry} */
  const entry = {
    anchor: `${tree}/${component.path}`,
    tree,
    component,
    parent,
    children: [],
    depth: parent ? parent.depth + 1 : 0,
    checks: [],
    findings: [],
  };
  into.set(entry.anchor, entry);
  for (const child of component.children ?? []) entry.children.push(entryOf(child, tree, entry, into));
  return entry;
}

/** @param {Entry} entry @param {Range} range */
function holds(entry, range) {
  const { offset, size } = entry.component;
  return size > 0 && offset <= range.offset && range.offset + range.size <= offset + size;
}

/**
 * @param {Entry} entry
 * @param {Range} range
 * @returns {Entry}
 */
function smallestHolding(entry, range) {
  for (const child of entry.children) if (holds(child, range)) return smallestHolding(child, range);
  return entry;
}

/**
 * Nests everything that has bytes by place. What has the same place stands there together; what leaves the file is cut.
 * @param {Iterable<Entry>} entries
 * @param {number} size
 * @returns {Place}
 */
export function nest(entries, size) {
  /** @type {Place} */
  const root = { offset: 0, size, entries: [], children: [], parent: null };
  const sorted = [];
  let order = 0;
  for (const entry of entries) {
    const { offset, size: length } = entry.component;
    const end = Math.min(offset + length, size);
    if (length > 0 && end > offset) sorted.push({ offset, end, order: order++, entry });
  }
  sorted.sort((a, b) => a.offset - b.offset || b.end - a.end || a.order - b.order);
  let top = root;
  for (const { offset, end, entry } of sorted) {
    while (top.parent && end > top.offset + top.size) top = top.parent;
    while (top.parent && offset >= top.offset + top.size) top = top.parent;
    if (offset === top.offset && end === top.offset + top.size) {
      top.entries.push(entry);
      continue;
    }
    /** @type {Place} */
    const place = { offset, size: end - offset, entries: [entry], children: [], parent: top };
    top.children.push(place);
    top = place;
  }
  return root;
}

/**
 * The row of the map that shows what lies in a place: its stretches add up to its size.
 * @param {Place} place
 * @returns {Segment[]}
 */
export function segmentsOf(place) {
  const end = place.offset + place.size;
  const borders = new Set([place.offset, end]);
  for (const child of place.children) {
    borders.add(child.offset);
    borders.add(Math.min(child.offset + child.size, end));
  }
  const sorted = [...borders].sort((a, b) => a - b);
  /** @type {Segment[]} */
  const out = [];
  let first = 0;
  for (let i = 0; i + 1 < sorted.length; ++i) {
    const [from, to] = [sorted[i], sorted[i + 1]];
    /** @type {Place[]} */
    const places = [];
    // Children stand in order of their offsets; nested ones are not among them, so few are alive at any point.
    while (first < place.children.length && place.children[first].offset + place.children[first].size <= from) ++first;
    for (let j = first; j < place.children.length && place.children[j].offset < to; ++j) {
      if (place.children[j].offset + place.children[j].size > from) places.push(place.children[j]);
    }
    const last = out.at(-1);
    const same = last && last.places.length === places.length && last.places.every((one, at) => one === places[at]);
    if (last && same) last.size += to - from;
    else out.push({ offset: from, size: to - from, places });
  }
  return out;
}

/**
 * What every 4 KiB block holds: 0 erased, 1 zeros, 2 to 255 its entropy.
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function blocksOf(bytes) {
  const out = new Uint8Array(Math.ceil(bytes.length / blockSize));
  const counts = new Uint32Array(256);
  for (let block = 0; block < out.length; ++block) {
    out[block] = kindOf(bytes.subarray(block * blockSize, (block + 1) * blockSize), counts);
  }
  return out;
}

/**
 * @param {Uint8Array} block
 * @param {Uint32Array} counts to count in
 */
function kindOf(block, counts) {
  counts.fill(0);
  for (const byte of block) ++counts[byte];
  if (counts[255] === block.length) return 0;
  if (counts[0] === block.length) return 1;
  let entropy = 0;
  for (const count of counts) {
    if (count !== 0) entropy -= (count / block.length) * Math.log2(count / block.length);
  }
  return 2 + Math.round((entropy / 8) * 253);
}

/**
 * Of the blocks that lie in a range: how many are erased, zero, and neither.
 * @param {Uint8Array | null} blocks
 * @param {Range} range
 */
export function blockCounts(blocks, range) {
  const counts = { erased: 0, zeros: 0, other: 0 };
  if (!blocks) return counts;
  const from = Math.floor(range.offset / blockSize);
  const to = Math.min(Math.ceil((range.offset + range.size) / blockSize), blocks.length);
  for (let block = from; block < to; ++block) {
    if (blocks[block] === 0) ++counts.erased;
    else if (blocks[block] === 1) ++counts.zeros;
    else ++counts.other;
  }
  return counts;
}

/** @param {Finding} finding */
export function isAdvisory(finding) {
  return finding.id.includes("advisory") || finding.id.includes("advisories");
}

/**
 * @param {Image} image
 * @param {Extras} extras
 * @param {Uint8Array | null} blocks
 * @returns {Model}
 */
export function modelOf(image, extras, blocks) {
  /** @type {Map<string, Entry>} */
  const entries = new Map();
  /** @type {Tree[]} */
  const trees = [{ id: "layout", title: "Flash layout", root: entryOf(image.layout, "layout", null, entries) }];
  if (image.uefi_tree?.children?.length) {
    trees.push({ id: "uefi", title: "UEFI firmware", root: entryOf(image.uefi_tree, "uefi", null, entries) });
  }
  /** @type {Model} */
  const model = { image, extras, trees, entries, spaces: new Map(), map: nest([], image.size), blocks, findings: [], checks: [] };
  addJudgements(model, image.findings, image.checks, trees[0].root);
  const names = new Map();
  for (const engine of image.engines) {
    const before = names.get(engine.engine) ?? 0;
    names.set(engine.engine, before + 1);
    const id = before === 0 ? engine.engine : `${engine.engine}-${before + 1}`;
    const root = entryOf(engine.tree, id, null, entries);
    if (engine.tree.kind) trees.push({ id, title: engine.title, root });
    addJudgements(model, engine.findings, engine.checks, root);
  }
  model.map = nest(entries.values(), image.size);
  addSpaces(model, trees[0].root);
  return model;
}

/** @param {Range} range */
export function placeKey(range) {
  return `${range.offset}+${range.size}`;
}

/**
 * What the layout leaves unused and where its parts overlap, between them in the tree. The map finds both by itself.
 * @param {Model} model
 * @param {Entry} root of the layout
 */
function addSpaces(model, root) {
  for (const space of model.image.space ?? []) {
    if (!space.path) continue;
    const content = contentText(blockCounts(model.blocks, space));
    const attributes = content ? { [texts.content]: content } : {};
    const entry = entryOf({ ...space, attributes }, "layout", root, model.entries);
    model.spaces.set(placeKey(space), entry);
    const at = root.children.findIndex((one) => one.component.offset > space.offset);
    root.children.splice(at < 0 ? root.children.length : at, 0, entry);
  }
}

/** @param {{erased: number, zeros: number, other: number}} counts of blocks */
function contentText({ erased, zeros, other }) {
  if (erased + zeros + other === 0) return "";
  if (other > 0) return texts.undescribedData;
  return zeros === 0 ? texts.erased : erased === 0 ? texts.zeros : `${texts.erased}, ${texts.zeros}`;
}

/**
 * @param {Model} model
 * @param {Finding[]} findings
 * @param {Check[]} checks
 * @param {Entry} root
 */
function addJudgements(model, findings, checks, root) {
  for (const finding of findings) {
    const named = finding.path === undefined ? undefined : model.entries.get(`${root.tree}/${finding.path}`);
    const near = named ?? (finding.range ? smallestHolding(root, finding.range) : null);
    const entry = near && finding.range && !holds(near, finding.range) ? smallestHolding(model.trees[0].root, finding.range) : near;
    entry?.findings.push(finding);
    model.findings.push({ finding, entry });
  }
  for (const check of checks) {
    model.entries.get(`${root.tree}/${check.path}`)?.checks.push(check);
    model.checks.push(check);
  }
}

/** @param {Entry} entry */
export function nameOf(entry) {
  return entry.component.name || entry.component.kind || entry.tree;
}
