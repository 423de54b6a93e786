#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# arrows.sh PROJECT: which room may include which: the map in docs/design, held against every #include "..." of src and
# include. A header below include/quell/ROOM belongs to that room; one directly in include/quell to the room that says
# so here, else to model.
cd "$1" || exit 2

# The tables of data/ are compiled in and belong to nobody.
grep -rnE '^#include "' --include='*.cpp' --include='*.h' src include | awk -F: '
function room_of(path,   parts) {
  sub(/^(src|include)\//, "", path)
  if (path ~ /^quell\/[^\/]+$/) return path in header_of ? header_of[path] : "model"
  sub(/^quell\//, "", path)
  if (path ~ /^report\/chip\//) return "chip"
  split(path, parts, "/")
  return parts[1]
}
function headers(room, names,   list, i) {
  split(names, list, " ")
  for (i in list) header_of["quell/" list[i] ".h"] = room
}
function allow(room, rooms,   list, i) {
  known[room] = 1
  split(rooms, list, " ")
  for (i in list) allowed[room, list[i]] = 1
}
# An inclusion against the arrows that stands until somebody has undone it, and why.
function until(file, room, reason) { excused[file, room] = reason }

BEGIN {
  headers("base", "byte_view digest mapped_file override range result")
  headers("engine", "engine engine_report engine_status examined")

  split("intel amd arm apple raspberrypi bmc", names, " ")
  for (i in names) engines[names[i]] = 1
  all_engines = "intel amd arm apple raspberrypi bmc"
  core = "base model flash uefi host engine"

  allow("base", "")
  allow("model", "base")
  allow("flash", "base model")
  allow("uefi", "base model flash")
  allow("host", "base model")
  allow("net", "base model")
  allow("engine", "base model flash uefi host")
  for (name in engines) allow(name, core " net")
  allow("survey", core " " all_engines)
  allow("report", core " net " all_engines " survey")
  allow("scan", core " survey")
  allow("store", "base model")
  allow("spi", "base model flash")
  allow("chip", core " survey report spi")
  allow("specimen", core " " all_engines)
  front = core " net " all_engines " survey report scan store spi chip specimen cli compat capi"
  allow("cli", front)
  allow("compat", front)
  allow("capi", front)
}
{
  file = $1
  included = $3
  sub(/^#include "/, "", included)
  sub(/".*/, "", included)
  from = room_of(file)
  to = included ~ /\// ? room_of(included) : from
  if (to == "data" || to == from) next
  if (!(from in known)) { bad = 1; print file ": " from " is no room of the map (tests/style/arrows.sh)" ; next }
  if ((file, to) in excused) { used[file, to] = 1; next }
  if (!((from, to) in allowed)) { bad = 1; print file ":" $2 ": " from " must not include " to " (" included ")" }
  if (to in engines && from != "survey") {
    if (file in engine_of && engine_of[file] != to) {
      bad = 1
      print file ":" $2 ": only survey knows several engines (" engine_of[file] " and " to ")"
    }
    engine_of[file] = to
  }
}
END {
  for (excuse in excused) {
    if (excuse in used) continue
    split(excuse, names, SUBSEP)
    bad = 1
    print names[1] ": no longer includes " names[2] ": take it off the list in tests/style/arrows.sh"
  }
  exit bad
}'
