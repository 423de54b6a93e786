// SPDX-License-Identifier: GPL-2.0-or-later
// The core as a module: what include/quell/quell.h offers, in JavaScript, and what stands in for an operating system
// below its C library. The module can reach nothing else, so what it is given stays here.

const codes = ["ok", "usage", "unrecognised", "damaged", "unsupported", "refused", "io", "memory", "internal"];

/** Why a call failed, as the core words it. `accept`: what lifts a refusal. */
export class CoreError extends Error {
  /** @param {string} code @param {string} text @param {number | null} offset @param {string[]} accept */
  constructor(code, text, offset = null, accept = []) {
    super(text);
    this.code = code;
    this.offset = offset;
    this.accept = accept;
  }
}

/**
 * The calls of WASI that the C library is linked against. There are no files but the standard error stream, which goes
 * to `say`, and no environment.
 * @param {() => DataView} view
 * @param {(text: string) => void} say
 */
function systemOf(view, say) {
  const bad = 8; // EBADF
  return {
    environ_sizes_get(/** @type {number} */ count, /** @type {number} */ size) {
      view().setUint32(count, 0, true);
      view().setUint32(size, 0, true);
      return 0;
    },
    environ_get: () => 0,
    fd_close: () => bad,
    fd_fdstat_get: () => bad,
    fd_read: () => bad,
    fd_seek: () => bad,
    fd_write(/** @type {number} */ file, /** @type {number} */ vectors, /** @type {number} */ count, /** @type {number} */ written) {
      if (file !== 1 && file !== 2) return bad;
      let total = 0;
      for (let at = vectors; at < vectors + 8 * count; at += 8) {
        const size = view().getUint32(at + 4, true);
        say(new TextDecoder().decode(new Uint8Array(view().buffer, view().getUint32(at, true), size)));
        total += size;
      }
      view().setUint32(written, total, true);
      return 0;
    },
    proc_exit(/** @type {number} */ status) {
      throw new Error(`the core ended itself with status ${status}`);
    },
  };
}

/**
 * One instance. After a trap (a WebAssembly.RuntimeError, not a CoreError) it must not be used any more. Images, plans
 * and pieces are numbers, to be freed by free().
 */
export class Core {
  /** @param {WebAssembly.Module} module */
  constructor(module) {
    /** What the core said last on its standard error stream. */
    this.said = "";
    const system = systemOf(() => this.#view(), (text) => (this.said = (this.said + text).slice(-2000)));
    const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: system });
    this.exports = /** @type {any} */ (instance.exports);
    this.exports._initialize();
  }

  #view() {
    return new DataView(this.exports.memory.buffer);
  }

  get version() {
    return this.#text(this.exports.quell_version());
  }

  /** @param {number} at */
  #text(at) {
    const bytes = new Uint8Array(this.exports.memory.buffer, at);
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  }

  /** @param {number} size */
  #room(size) {
    const at = this.exports.malloc(size);
    if (at === 0) throw new CoreError("memory", "there is not enough memory for this file");
    return at;
  }

  /** Puts a text, or null, before the core for as long as `work` takes. @template T @param {string | null} text @param {(at: number) => T} work */
  #with(text, work) {
    if (text === null) return work(0);
    const bytes = new TextEncoder().encode(text);
    const at = this.#room(bytes.length + 1);
    try {
      const place = new Uint8Array(this.exports.memory.buffer, at, bytes.length + 1);
      place.set(bytes);
      place[bytes.length] = 0;
      return work(at);
    } finally {
      this.exports.free(at);
    }
  }

  /** Calls a function whose last arguments are where its result and its error go. @param {string} name @param {...number} values */
  #call(name, ...values) {
    const places = this.#room(16);
    this.#view().setBigUint64(places, 0n, true);
    const code = this.exports[name](...values, places, places + 8);
    const result = this.#view().getUint32(places, true);
    const error = this.#view().getUint32(places + 8, true);
    this.exports.free(places);
    if (code === 0) return result;
    throw this.#errorOf(code, error);
  }

  /** @param {number} code @param {number} error */
  #errorOf(code, error) {
    const { exports } = this;
    if (error === 0) return new CoreError(codes[code], "there is not enough memory");
    const place = this.#room(8);
    const offset = exports.quell_error_offset(error, place) ? Number(this.#view().getBigUint64(place, true)) : null;
    const accept = this.#text(exports.quell_error_accept(error)).split(" ").filter(Boolean);
    const made = new CoreError(codes[code], this.#text(exports.quell_error_text(error)), offset, accept);
    exports.free(place);
    exports.quell_error_free(error);
    return made;
  }

  /** A copy of what a buffer of the core holds. @param {number} buffer */
  #take(buffer) {
    const at = this.exports.quell_buffer_bytes(buffer);
    const bytes = new Uint8Array(this.exports.memory.buffer, at, this.exports.quell_buffer_size(buffer)).slice();
    this.exports.quell_buffer_free(buffer);
    return bytes;
  }

  /** @param {string} name @param {...number} values */
  bytesOf(name, ...values) {
    return this.#take(this.#call(name, ...values));
  }

  /** @param {string} name @param {...number} values */
  textOf(name, ...values) {
    return new TextDecoder().decode(this.bytesOf(name, ...values));
  }

  /**
   * Opens an image. `parts` gives its bytes piece by piece, so that they are never twice outside the core.
   * @param {string} name @param {number} size @param {AsyncIterable<Uint8Array> | Iterable<Uint8Array>} parts
   */
  async open(name, size, parts) {
    const at = this.#room(size + 1);
    let used = 0;
    for await (const part of parts) {
      if (used + part.length > size) throw new CoreError("io", "the file grew while it was read");
      new Uint8Array(this.exports.memory.buffer, at + used, part.length).set(part);
      used += part.length;
    }
    if (used !== size) throw new CoreError("io", "the file was cut short while it was read");
    try {
      return this.#with(name, (word) => this.#call("quell_open_bytes", at, size, word));
    } finally {
      this.exports.free(at);
    }
  }

  /** @param {string} name @param {Uint8Array} bytes */
  openBytes(name, bytes) {
    return this.open(name, bytes.length, [bytes]);
  }

  /** The size of an image in bytes. @param {number} image */
  sizeOf(image) {
    return this.exports.quell_image_size(image);
  }

  /** A copy of a part of an image's bytes. @param {number} image @param {number} [from] @param {number} [to] */
  imageBytes(image, from = 0, to = this.sizeOf(image)) {
    return new Uint8Array(this.exports.memory.buffer, this.exports.quell_image_bytes(image) + from, to - from).slice();
  }

  /** Plans a cleaning; the options are those of quell_plan_clean. @param {number} image @param {object} options */
  planClean(image, options) {
    return this.#with(JSON.stringify(options), (text) => this.#call("quell_plan_clean", image, text));
  }

  /** Takes an image apart. @param {number} image */
  extract(image) {
    return this.#call("quell_extract", image);
  }

  /** @param {number} pieces @param {string} path */
  piece(pieces, path) {
    return this.#with(path, (text) => this.bytesOf("quell_pieces_bytes", pieces, text));
  }

  /** The bytes of two chips as one. @param {number} first @param {number} second @param {string[]} accept */
  join(first, second, accept) {
    return this.#with(JSON.stringify({ accept }), (text) => this.bytesOf("quell_join", first, second, text));
  }

  /** Where the second of two chips begins. @param {number} image */
  secondChip(image) {
    const place = this.#room(8);
    try {
      this.#call("quell_second_chip", image, place);
      return Number(this.#view().getBigUint64(place, true));
    } finally {
      this.exports.free(place);
    }
  }

  /** @param {"image" | "plan" | "pieces"} kind @param {number} handle */
  free(kind, handle) {
    this.exports[`quell_${kind}_free`](handle);
  }
}
