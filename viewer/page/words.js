// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that the page says by itself. What the core says is worded by the core.

export const words = {
  looking: "looking into it",
  planning: "planning",
  cleaning: "making the cleaned image, and checking it",
  comparing: "comparing",
  extracting: "taking it apart",
  splitting: "cutting it in two",
  joining: "putting both together",
  cancelled: "stopped; the file is still there",
  lost: (/** @type {string} */ why) =>
    `The core stopped at this file, and its memory was given back: ${why}. The page goes on: choose another file, or try again.`,
  memory: "there was not enough memory",
  tooMany: "The page takes two images at most; the first two were taken.",
  old: "This browser cannot run the page: it needs WebAssembly and DecompressionStream (browsers of 2023 or later).",
  second: "second image",
  costs: "What it costs",
  proved: "The result was read again: nothing outside the plan differs, and what was signed still is.",
  verdict: (/** @type {string} */ verdict) => `A check of the cleaned image says: ${verdict}.`,
  nothing: "There is nothing to change.",
  refusedState: "refused",
  refused: "Refused for safety. What lifts it:",
  notLifted: "Nothing lifts this refusal.",
  edits: (/** @type {number} */ count, /** @type {number} */ bytes) =>
    `${count} ${count === 1 ? "edit changes" : "edits change"} ${bytes} ${bytes === 1 ? "byte" : "bytes"}:`,
  cut: (/** @type {string} */ size) => `Then it is cut to ${size}.`,
};

/** What a refusal can be lifted with, by the names of the core: what one accepts. */
export const overrideWords = {
  "boot-guard": "strip, or change what Boot Guard covers, although it was seen or is not ruled out",
  "me12-strip": "strip ME 12 or later although it will not start",
  overlaps: "work although regions of the descriptor overlap",
  sizes: "join although the sizes are not those of the descriptor",
  "reported-place": "set the disable bit although its place is reported and not confirmed",
  place: "set this bit instead of the platform's: OFFSET[:BIT] from FPSBA; at your own risk",
  "descriptor-alone": "set the disable bit although the firmware does not confirm the platform",
  "verified-descriptor": "set it although the descriptor carries a verification manifest",
  "tpm-loss": "write although the firmware TPM goes, with the keys that it keeps",
};
