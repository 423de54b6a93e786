#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lint_file.sh BUILD KEY [CLANG-TIDY-OPTION...] FILE: clang-tidy over one source, unless the same text passed with this KEY
# (which stands for everything else that matters) before; BUILD/passed remembers.
build=$1 key=$2
file=${*: -1}
passed=$build/passed/$({ echo "$key $file"; cat "$file"; } | sha256sum | cut -c1-32)
[ -e "$passed" ] && exit 0
output=$(clang-tidy -p "$build" --quiet "${@:3}" 2>&1)
status=$?
grep -vE '^[0-9]+ warnings? generated\.$' <<<"$output"
[ $status -eq 0 ] && touch "$passed"
exit $status
