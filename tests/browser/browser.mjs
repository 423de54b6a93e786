// SPDX-License-Identifier: GPL-2.0-or-later
// Chromium for the tests of the viewer and of the page. Environment: QUELL_MODULES (where install.sh has put
// playwright-core and axe-core), QUELL_CHROMIUM (the browser; else one in PATH). Run by itself: whether there is one.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The path of the browser, or undefined. */
export function chromiumPath() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  if (process.env.QUELL_CHROMIUM) places.unshift(process.env.QUELL_CHROMIUM);
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const installed = () => createRequire(join(process.env.QUELL_MODULES, "package.json"));

/** The source of axe-core, to be run in a page: globalThis.axe. */
export const axeSource = () => installed()("axe-core").source;

export function launch() {
  const { chromium } = installed()("playwright-core");
  return chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

/** A server of the static files of a folder. `asked()`: what it noted of requests. */
export function serve(folder) {
  const server = spawn("python3", ["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", folder, "0"]);
  let noted = "";
  server.stderr.on("data", (text) => (noted += text));
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.stdout.on("data", (text) => {
      const port = /port (\d+)/.exec(text)?.[1];
      if (port) resolve({ address: `http://127.0.0.1:${port}`, asked: () => noted, stop: () => server.kill() });
    });
  });
}

/**
 * An open page at an address. `trouble` is what it asked for beside itself, said on the console and failed at, dialogs
 * too; `close` ends it.
 */
export async function openPage(browser, address, options = {}) {
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  const page = await context.newPage();
  const trouble = [];
  page.on("console", (message) => trouble.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  context.on("request", (request) => {
    if (request.url() !== address && !/^(blob|data):/.test(request.url())) trouble.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  return { page, trouble, close: () => context.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = chromiumPath() ? 0 : 1;
