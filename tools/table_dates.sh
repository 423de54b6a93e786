#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# table_dates.sh: "NAME DATE" for each table of data/, the day of its last change in the repository. A release carries this as
# data/dates.txt, because an unpacked archive no longer knows.
set -eu
cd "$(dirname "$0")/.."
git log --format=%cs --name-only -- 'data/*.csv' | awk '
  /^[0-9-]+$/ { day = $0 }
  match($0, /^data\/[a-z0-9-]+\.csv$/) { name = substr($0, 6, length($0) - 9); if (!(name in seen)) { seen[name] = 1; print name, day } }' | sort
