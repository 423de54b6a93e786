#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh FOLDER: what drives Chromium and what judges pages (package-lock.json), into FOLDER/node_modules; again where
# the lock file is another. Exit status 77 with the reason as its last line where something is missing.
set -u
here=$(cd "$(dirname "$0")" && pwd)
for tool in node npm; do
  command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
node "$here/browser.mjs" || { echo "no Chromium here"; exit 77; }

mkdir -p "$1" && cd "$1" || exit 1
cmp -s "$here/package-lock.json" installed.json && exit 0
rm -f installed.json
cp "$here"/package{,-lock}.json . || exit 1
npm ci --silent --ignore-scripts --no-audit --no-fund >&2 || { echo "npm could not install tests/browser/package-lock.json"; exit 77; }
cp package-lock.json installed.json
