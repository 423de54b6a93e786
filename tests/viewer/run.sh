#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh PROGRAM FOLDER [test | --write]: the types and the rules of the modules of the viewer and the page, what they say
# against what the program says, then the pages of `quell report` in Chromium. What is installed and what the tests write
# goes below FOLDER. Ends well with a line "note: ..." where npm or Chromium is missing.
set -u
project=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "$1") || exit 1
mkdir -p "$2" || exit 1
folder=$(cd "$2" && pwd)
shift 2

why=$("$project/tests/browser/install.sh" "$folder")
case $? in
  0) ;;
  77) echo "note: the viewer was not tried: ${why##*$'\n'}"; exit 0 ;;
  *) exit 1 ;;
esac

cd "$project" || exit 1
modules=$folder/node_modules
node "$modules/typescript/bin/tsc" -p tests/viewer/tsconfig.json || exit 1
node "$modules/eslint/bin/eslint.js" -c tests/viewer/eslint.config.mjs --no-warn-ignored viewer || exit 1
export QUELL=$program QUELL_MODULES=$folder QUELL_WORK=$folder/pages QUELL_SHARED=$project/../shared
node tests/viewer/sources_test.mjs "$@"
sources=$?
node tests/viewer/viewer_test.mjs "$@" && exit $sources
