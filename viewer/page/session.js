// SPDX-License-Identifier: GPL-2.0-or-later
// The Worker as the page sees it: calls with answers, and another Worker with the same files after one that trapped or
// was stopped. Ending a Worker is what gives its memory back.
import { words } from "./words.js";

/** What went wrong, with what lifts it. `code` is the core's, or "lost" or "cancelled". */
export class SessionError extends Error {
  /** @param {{code: string, text: string, offset?: number | null, accept?: string[]}} failure */
  constructor({ code, text, offset, accept }) {
    super(text);
    this.code = code;
    this.offset = offset ?? null;
    this.accept = accept ?? [];
  }
}

export class Session {
  /** @type {Worker | null} */
  #worker = null;
  #number = 0;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  /** @type {Map<string, Blob>} */
  #files = new Map();
  /** Files that the Worker at work has. @type {Set<string>} */
  #held = new Set();

  /** @param {string} address of the Worker's script @param {WebAssembly.Module} module */
  constructor(address, module) {
    this.address = address;
    this.module = module;
  }

  /** Takes a file that the next call may name. @param {string} name @param {Blob} file */
  add(name, file) {
    this.#files.set(name, file);
    this.#held.delete(name);
  }

  /** Forgets every file and gives all memory back. */
  clear() {
    this.#end(new SessionError({ code: "cancelled", text: words.cancelled }));
    this.#files.clear();
  }

  /** Stops what is being done. */
  cancel() {
    this.#end(new SessionError({ code: "cancelled", text: words.cancelled }));
  }

  /** @param {string} call @param {...any} values @returns {Promise<any>} */
  async call(call, ...values) {
    if (!this.#worker) await this.#start();
    for (const [name, file] of this.#files) {
      if (this.#held.has(name)) continue;
      this.#held.add(name);
      try {
        await this.#ask("open", [name, file]);
      } catch (error) {
        this.#held.delete(name);
        throw error;
      }
    }
    return this.#ask(call, values);
  }

  #start() {
    const worker = new Worker(this.address);
    worker.onmessage = ({ data }) => this.#answer(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#lose(event.message ?? "");
    };
    this.#worker = worker;
    return this.#ask("start", [this.module]);
  }

  /** @param {string} call @param {any[]} values */
  #ask(call, values) {
    return new Promise((resolve, reject) => {
      const id = ++this.#number;
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.postMessage({ id, call, values });
    });
  }

  /** @param {{id: number, result?: any, failure?: any, trap?: string}} answer */
  #answer({ id, result, failure, trap }) {
    const asked = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (trap !== undefined) {
      asked?.reject(lostFor(trap));
      this.#lose(trap);
    } else if (failure) {
      asked?.reject(new SessionError(failure));
    } else {
      asked?.resolve(result);
    }
  }

  /** @param {string} why */
  #lose(why) {
    this.#end(lostFor(why));
  }

  /** @param {SessionError} error */
  #end(error) {
    this.#worker?.terminate();
    this.#worker = null;
    this.#held.clear();
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** @param {string} why */
function lostFor(why) {
  const text = words.lost(/bad_alloc|memory/i.test(why) ? words.memory : why);
  return new SessionError({ code: "lost", text });
}
