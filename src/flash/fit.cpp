// SPDX-License-Identifier: GPL-2.0-or-later
// Pointer: u64 at the top of the window - 0x40; upper half 0, lower half within 16 MiB of 4 GiB.
// Entries of 16 bytes; the first is the header:
//   0x0 u64 "_FIT_   "          | physical address
//   0x8 u24 number of entries   | size
//   0xB u8  0                   | 0 or subtype
//   0xC u16 version (BCD)
//   0xE u8  bits 6:0 type, bit 7 checksum valid
//   0xF u8  checksum: the table's bytes sum to 0
// Sources: Intel FIT specification; UEFITool intel_fit.h; fiano pkg/intel/metadata/fit.
#include "flash/fit.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "base/checksum.h"
#include "base/table.h"
#include "data/fit-types.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t entry_size = 16;
constexpr std::uint64_t pointer_distance = 0x40;
constexpr std::uint64_t lowest_pointer = 0xFF000000;
constexpr std::uint64_t most_entries = 8192;  // real tables have fewer than two hundred

FitEntry read_entry(const BiosWindow& window, std::uint64_t offset) {
  FitEntry entry;
  Fields f(window.bytes, "FIT entry");
  entry.range = {window.bytes.origin() + offset, entry_size};
  entry.address = f.u64(offset);
  entry.size_field = f.u16(offset + 8) | static_cast<std::uint32_t>(f.u8(offset + 0xA)) << 16U;
  entry.subtype = f.u8(offset + 0xB);
  entry.version = f.u16(offset + 0xC);
  const std::uint8_t type = f.u8(offset + 0xE);
  entry.type = type & 0x7FU;
  entry.has_checksum = (type & 0x80U) != 0;
  entry.checksum = f.u8(offset + 0xF);
  if (entry.type != fit_type::header) entry.target = window.offset_of(entry.address);
  return entry;
}

void add(FitSearch& search, std::string id, Question question, Severity severity, std::string title, std::string detail,
         Range range) {
  search.problems.push_back({.id = std::move(id),
                             .question = question,
                             .severity = severity,
                             .title = std::move(title),
                             .detail = std::move(detail),
                             .range = range});
}

bool blank(ByteView slot) { return slot.filled_with(std::byte{0xFF}) || slot.filled_with(std::byte{0}); }

void check_entries(FitSearch& search, const Fit& fit) {
  std::uint8_t highest = 0;
  bool ordered = true;
  for (std::size_t i = 1; i < fit.entries.size(); ++i) {
    const FitEntry& entry = fit.entries[i];
    if (entry.type == fit_type::header) {
      add(search, "intel.fit.second-header", Question::structure, Severity::error,
          "the FIT is damaged: it has a second header",
          fmt::format("Entry {} is a second FIT header entry (type 0): the table is damaged.", i), entry.range);
    }
    ordered = ordered && entry.type >= highest;
    highest = std::max(highest, entry.type);
  }
  if (!ordered) {
    add(search, "intel.fit.order", Question::structure, Severity::warning,
        "the FIT entries are not in ascending order of type",
        "The specification wants ascending types; shipped images break this rule and work.", fit.range);
  }
}

void check_sum(FitSearch& search, const BiosWindow& window, Fit& fit) {
  if (!fit.entries.front().has_checksum) {
    fit.checksum.state = CheckState::absent;
    fit.checksum.reason = "the table's header says that it has none";
    return;
  }
  const Range table{fit.range.offset - window.bytes.origin(), fit.range.size};
  const std::uint8_t sum = sum_of(window.bytes.clip(table).bytes());
  const bool right = sum == 0;
  fit.checksum.state = check_state(right);
  fit.checksum.reason = right ? "" : "the bytes of the table do not sum to zero";
  if (right) return;
  const unsigned stored = fit.entries.front().checksum;
  add(search, "intel.fit.checksum", Question::checksums, Severity::warning, "the FIT checksum byte is wrong",
      fmt::format("The bytes of the table do not sum to zero although its header says that they must: {:#04x} is "
                  "stored, {:#04x} would be right.",
                  stored, (stored - sum) & 0xFFU),
      fit.range);
}

// The table at a window offset where the signature is known to stand.
void read_table(FitSearch& search, const BiosWindow& window, std::uint64_t offset, bool top_swap) {
  Fit fit{.range = {}, .physical = window.physical(offset), .top_swap = top_swap, .entries = {}};
  if (!window.bytes.has(offset, entry_size)) return;
  const FitEntry header = read_entry(window, offset);
  const std::uint64_t claimed = header.size_field;
  const std::uint64_t room = std::min((window.bytes.size() - offset) / entry_size, most_entries);
  fit.entries.push_back(header);
  for (std::uint64_t i = 1; i < std::min(claimed, room); ++i) {
    // A count that cannot be true says nothing about where the table ends; blank bytes do.
    if (claimed > room && blank(window.bytes.clip({offset + i * entry_size, entry_size}))) break;
    fit.entries.push_back(read_entry(window, offset + i * entry_size));
  }
  fit.range = {window.bytes.origin() + offset, fit.entries.size() * entry_size};
  fit.checksum = {.question = Question::checksums,
                  .state = CheckState::not_checked,
                  .subject = "FIT checksum",
                  .range = fit.range,
                  .reason = "where the table ends is not known",
                  .algorithm = "8-bit sum"};
  if (claimed > room) {
    add(search, "intel.fit.count", Question::structure, Severity::error,
        "the FIT claims more entries than the image can hold",
        fmt::format("The FIT header claims {} entries; the table would run past the end of the image or of anything "
                    "plausible ({} entries).",
                    claimed, room),
        header.range);
  } else {
    check_sum(search, window, fit);
  }
  check_entries(search, fit);
  search.tables.push_back(std::move(fit));
}

// The window offset that the pointer below `top` leads to, when a signature stands there.
std::optional<std::uint64_t> follow(const BiosWindow& window, std::uint64_t top) {
  if (top < pointer_distance || top > window.bytes.size()) return std::nullopt;
  const auto pointer = window.bytes.u64(top - pointer_distance);
  if (!pointer || *pointer < lowest_pointer) return std::nullopt;
  const auto offset = window.offset_of(*pointer);
  if (!offset || !window.bytes.matches(*offset, "_FIT_   ")) return std::nullopt;
  return offset;
}

bool is_table(const FitSearch& search, std::uint64_t image_offset) {
  return std::ranges::any_of(search.tables, [&](const Fit& fit) { return fit.range.offset == image_offset; });
}

void read_pointer(FitSearch& search, const BiosWindow& window) {
  if (window.bytes.size() < pointer_distance) return;
  const std::uint64_t at = window.bytes.size() - pointer_distance;
  search.pointer_offset = window.bytes.origin() + at;
  const ByteView slot = window.bytes.clip({at, 8});
  if (!blank(slot)) search.pointer = window.bytes.u64(at).value_or(0);
}

// Without a table: whether the word at the pointer's place looks as if it was meant to be one.
void judge_pointer(FitSearch& search, const BiosWindow& window) {
  if (search.found() || search.candidates.empty()) return;
  const std::string where =
      fmt::format("a _FIT_ signature exists at {:#x} but nothing points to it", search.candidates.front());
  if (!search.pointer) {
    add(search, "intel.fit.pointer", Question::structure, Severity::warning,
        "there is no FIT pointer, but a FIT signature",
        fmt::format("The FIT pointer at {:#x} is blank; {}.", search.pointer_offset, where),
        {search.pointer_offset, 8});
    return;
  }
  const bool outside = !window.offset_of(*search.pointer);
  add(search, "intel.fit.pointer", Question::structure, Severity::warning, "the FIT pointer leads nowhere",
      fmt::format("The FIT pointer {:#x} {}; {}.", *search.pointer,
                  outside ? "lies outside the part of the image that is mapped below 4 GiB"
                          : "does not lead to a FIT signature",
                  where),
      {search.pointer_offset, 8});
}

}  // namespace

std::string_view fit_type_name(std::uint8_t type) {
  static const std::array<std::string, 128> names = [] {
    std::array<std::string, 128> out;
    for (const auto row : Table(data::fit_types)) out.at(row.number("type")) = row["name"];
    for (unsigned i = 0; i < out.size(); ++i) {
      if (out.at(i).empty()) out.at(i) = i >= 0x30 && i <= 0x70 ? "OEM" : "Unknown";
    }
    return out;
  }();
  return names.at(type & 0x7FU);
}

FitSearch find_fit(const BiosWindow& window, const std::vector<Landmark>& landmarks) {
  FitSearch search;
  read_pointer(search, window);
  if (const auto offset = follow(window, window.bytes.size())) read_table(search, window, *offset, false);
  // Top swap exchanges the two highest blocks; the lower one then holds the pointer that counts after the swap.
  for (std::uint64_t swap = 0x10000; swap <= 0x100000 && swap < window.bytes.size(); swap *= 2) {
    const auto offset = follow(window, window.bytes.size() - swap);
    if (offset && !is_table(search, window.bytes.origin() + *offset)) read_table(search, window, *offset, true);
  }
  for (const Landmark& mark : landmarks) {
    if (mark.mark == Mark::fit && window.bytes.range().contains(mark.offset) && !is_table(search, mark.offset)) {
      search.candidates.push_back(mark.offset);
    }
  }
  judge_pointer(search, window);
  return search;
}

Component describe(const Fit& fit) {
  Component tree{"fit", fit.top_swap ? "FIT (top swap)" : "FIT", fit.range};
  tree.attributes.set("physical_address", fit.physical, Show::hex);
  tree.attributes.set("entries", fit.entries.size());
  tree.checks.push_back(fit.checksum);
  for (const FitEntry& entry : fit.entries) {
    Component child{"fit-entry", std::string(fit_type_name(entry.type)), entry.range};
    child.attributes.set("type", std::uint64_t{entry.type}, Show::hex);
    child.attributes.set("address", entry.address, Show::hex);
    child.attributes.set("size_field", std::uint64_t{entry.size_field});
    child.attributes.set("version", std::uint64_t{entry.version}, Show::hex);
    child.attributes.set("has_checksum", entry.has_checksum);
    child.attributes.set("checksum", std::uint64_t{entry.checksum}, Show::hex);
    if (entry.subtype != 0) child.attributes.set("subtype", std::uint64_t{entry.subtype}, Show::hex);
    tree.children.push_back(std::move(child));
  }
  return tree;
}

}  // namespace quell::flash
