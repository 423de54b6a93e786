// SPDX-License-Identifier: GPL-2.0-or-later
// Header: u32 0xAA640001, u32 serial number, u64 flags (bits 47:32 platform-defined). Entries of 40 bytes from 0x10:
// UUID[16], u64 offset from the package's start, u64 size, u64 flags; the last has an all-zero UUID.
// Encrypted content: u32 0xAA640001, u16 algorithm, u16 flags, u16 IV length, u16 tag length, IV[16], tag[16].
// Sources: TF-A firmware_image_package.h, firmware_encrypted.h, tools/fiptool.
#include "arm/fip.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/guid.h"
#include "base/table.h"
#include "data/fip-uuids.h"
#include "model/problems.h"

namespace quell::arm {
namespace {

constexpr std::uint32_t magic = 0xAA640001;
constexpr std::uint64_t header_size = 0x10;
constexpr std::uint64_t entry_size = 40;
constexpr std::uint64_t encryption_header = 0x2C;
constexpr std::size_t most_entries = 1024;  // fiptool knows about forty

struct KnownImage {
  std::string option;
  std::string name;
};

const KnownImage* known_image(const std::string& uuid) {
  static const auto known = [] {
    std::map<std::string, KnownImage, std::less<>> out;
    for (const auto row : Table(data::fip_uuids)) {
      out.emplace(row["uuid"], KnownImage{std::string(row["option"]), std::string(row["name"])});
    }
    return out;
  }();
  const auto found = known.find(uuid);
  return found == known.end() ? nullptr : &found->second;
}

std::optional<FipEncryption> read_encryption(ByteView content) {
  if (content.u32(0).value_or(0) != magic || content.size() < encryption_header) return std::nullopt;
  FipEncryption out;
  Fields f(content, "encryption header");
  out.algorithm = f.u16(4);
  out.flags = f.u16(6);
  out.iv_length = f.u16(8);
  out.tag_length = f.u16(10);
  if (!f.done() || out.iv_length > 16 || out.tag_length > 16) return std::nullopt;
  out.iv = content.clip({12, out.iv_length}).bytes();
  return out;
}

void take_content(Fip& fip, FipEntry& entry, ByteView view, std::size_t index) {
  const auto end = checked_add(entry.offset, entry.size);
  const Range where{entry.header_offset, entry_size};
  const std::string who = fmt::format("ToC entry {} ({})", index, entry.name);
  if (!end) {
    note_error(
        fip.problems, "arm.fip.entry-overflow", Question::structure, "a FIP entry's offset and size overflow",
        fmt::format("{}: offset {:#x} and size {:#x} overflow 64 bits when added.", who, entry.offset, entry.size),
        where);
  } else if (*end > view.size()) {
    note_error(
        fip.problems, "arm.fip.entry-past-end", Question::size, "a FIP entry runs past the end of the file",
        fmt::format(
            "{} runs past the end of the file: offset {:#x} + size {:#x} is greater than {:#x}; the read was cut "
            "short, or the table is damaged.",
            who, entry.offset, entry.size, view.size()),
        where, "Read the chip again, or fetch the file again.");
  } else {
    entry.content = view.clip({entry.offset, entry.size});
  }
}

// Reads entries up to the terminator; false when there is none.
bool read_table(Fip& fip, ByteView view) {
  std::uint64_t first_image = view.size();
  for (std::uint64_t at = header_size; view.has(at, entry_size) && fip.entries.size() < most_entries;
       at += entry_size) {
    FipEntry entry;
    entry.header_offset = view.origin() + at;
    entry.uuid = uuid_text(view, at);
    entry.offset = view.u64(at + 16).value_or(0);
    entry.size = view.u64(at + 24).value_or(0);
    if (view.clip({at, 16}).filled_with(std::byte{0})) {
      fip.range = {view.origin(), std::min(std::max(entry.offset, at + entry_size), view.size())};
      return true;
    }
    const KnownImage* known = known_image(entry.uuid);
    // A table without an end runs into the images: what is neither known nor plausible is not an entry.
    if (known == nullptr && entry.offset == 0 && entry.size == 0) return false;
    entry.option = known == nullptr ? "blob" : known->option;
    entry.name = known == nullptr ? upper_case(entry.uuid) : known->name;
    if (entry.offset >= header_size && entry.size != 0) first_image = std::min(first_image, entry.offset);
    fip.entries.push_back(std::move(entry));
    // An image begins where the next entry or the terminator would stand.
    if (first_image < at + 2 * entry_size) return false;
  }
  return false;
}

void check_layout(Fip& fip) {
  std::vector<const FipEntry*> order;
  std::set<std::string_view> seen;
  const std::uint64_t table = header_size + (fip.entries.size() + 1) * entry_size;
  for (const FipEntry& entry : fip.entries) {
    const Range where{entry.header_offset, entry_size};
    if (!seen.insert(entry.uuid).second) {
      note_error(fip.problems, "arm.fip.duplicate", Question::structure, "a FIP names the same image twice",
                 fmt::format("{} ({}).", entry.name, entry.uuid), where);
    }
    if (entry.content.empty()) continue;
    order.push_back(&entry);
    if (entry.offset < table) {
      note_error(fip.problems, "arm.fip.overlap", Question::structure, "a FIP image overlaps the table of contents",
                 fmt::format("{}.", entry.name), where);
    }
  }
  std::ranges::sort(order, {}, &FipEntry::offset);
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (order[i - 1]->offset + order[i - 1]->size > order[i]->offset) {
      note_error(fip.problems, "arm.fip.overlap", Question::structure, "two FIP images overlap",
                 fmt::format("{} and {}.", order[i - 1]->name, order[i]->name), {order[i]->header_offset, entry_size});
    }
  }
}

// Entries may overlap in a hostile table; what is hashed altogether stays below twice the input.
void take_digests(Fip& fip, ByteView view) {
  std::uint64_t budget = 2 * view.size();
  for (FipEntry& entry : fip.entries) {
    if (entry.content.empty() || entry.content.size() > budget) continue;
    budget -= entry.content.size();
    entry.digest = sha256(entry.content.bytes());
    entry.encryption = read_encryption(entry.content);
    if (entry.option.ends_with("-cert")) entry.certificate = read_fip_certificate(entry.content);
  }
}

}  // namespace

FipEntry* Fip::find(std::string_view option) noexcept {
  const auto found = std::ranges::find(entries, option, &FipEntry::option);
  return found == entries.end() ? nullptr : &*found;
}

const FipEntry* Fip::find(std::string_view option) const noexcept {
  const auto found = std::ranges::find(entries, option, &FipEntry::option);
  return found == entries.end() ? nullptr : &*found;
}

bool looks_like_fip(ByteView view) noexcept {
  const auto word = view.u32(0);
  const auto serial = view.u32(4);
  return word && serial && *word == magic && *serial != 0;
}

bool looks_like_known_fip(ByteView view) {
  return looks_like_fip(view) && view.has(header_size, entry_size) &&
         known_image(uuid_text(view, header_size)) != nullptr;
}

Result<Fip> parse_fip(ByteView view) {
  if (!looks_like_fip(view)) return fail(Errc::unrecognised, "the first word is not 0xAA640001", view.origin());
  Fip fip;
  fip.serial = view.u32(4).value_or(0);
  fip.flags = view.u64(8).value_or(0);
  if (!read_table(fip, view)) {
    fip.range = view.range();
    note_error(fip.problems, "arm.fip.no-terminator", Question::structure, "the FIP table of contents has no end",
               fmt::format("The ToC has no all-zero terminator entry behind its {} entries.", fip.entries.size()),
               {view.origin(), header_size});
  }
  for (std::size_t i = 0; i < fip.entries.size(); ++i) take_content(fip, fip.entries[i], view, i);
  check_layout(fip);
  take_digests(fip, view);
  check_certificates(fip);
  return fip;
}

}  // namespace quell::arm
