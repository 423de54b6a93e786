// SPDX-License-Identifier: GPL-2.0-or-later
// The document that a page carries: JSON, compressed (zlib) and in base64, in an element of the page.
import { bytesOf } from "./format.js";
import { h } from "./dom.js";
import { render } from "./index.js";
import { texts } from "./texts.js";

/**
 * Shows the document that stands in `holder` in `root`.
 * @param {Element} root
 * @param {Element} holder
 */
export async function renderPacked(root, holder) {
  if (!("DecompressionStream" in globalThis)) {
    root.replaceChildren(h("p", {}, texts.oldBrowser));
    return;
  }
  const packed = new Blob([/** @type {BlobPart} */ (bytesOf((holder.textContent ?? "").trim()))]);
  const stream = packed.stream().pipeThrough(new DecompressionStream("deflate"));
  render(root, JSON.parse(await new Response(stream).text()));
  performance.mark("quell-shown");
}
