// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/artifacts.h"

#include <algorithm>

#include <fmt/format.h>

#include "amd/content.h"
#include "amd/inflate.h"

namespace quell::amd {
namespace {

using SharedBudget = std::shared_ptr<Budget>;

constexpr std::uint64_t largest_plain = 32U << 20U;

// "psp-level2-slot-a-00101000".
std::string folder_of(const Directory& directory) {
  std::string name(to_string(directory.kind));
  if (directory.level != 0) name += fmt::format("-level{}", directory.level);
  if (directory.slot != 0) name += directory.slot == 'A' ? "-slot-a" : "-slot-b";
  return name + fmt::format("-{:08x}", directory.offset);
}

// "03-08-smu_firmware" with what tells entries of one type apart.
std::string stem_of(const Entry& entry) {
  std::string stem = fmt::format("{:02}-{:02x}-{}", entry.index, entry.type, entry.name());
  if (entry.subprogram != 0) stem += fmt::format("-sub{}", entry.subprogram);
  if (entry.instance != 0) stem += fmt::format("-instance{}", entry.instance);
  return stem;
}

Attributes attributes_of(const Entry& entry) {
  Attributes out;
  out.set("type", std::uint64_t{entry.type}, Show::hex);
  out.set("name", entry.name());
  out.set("subprogram", std::uint64_t{entry.subprogram});
  out.set("instance", std::uint64_t{entry.instance});
  out.set("entry_offset", entry.entry_offset, Show::hex);
  return out;
}

Artifact unpacked(const std::string& path, const Entry& entry, ByteView stream, std::uint64_t bound,
                  const SharedBudget& budget) {
  Artifact out{.path = path + ".unpacked.bin", .kind = "unpacked", .attributes = attributes_of(entry)};
  out.unpack = [stream, bound, budget]() { return inflate(stream.bytes(), bound, *budget); };
  return out;
}

// What the stored bytes unpack to, or hold inside.
void add_content(std::vector<Artifact>& out, const std::string& path, const Entry& entry, ByteView bytes,
                 const SharedBudget& budget) {
  if (entry.kind() == PayloadKind::reset) {
    if (!entry.compressed) return;
    out.push_back(unpacked(path, entry, bytes.clip(Range::between(psp_header_size, bytes.size())), entry.size, budget));
    return;
  }
  if (entry.kind() == PayloadKind::raw || entry.kind() == PayloadKind::key) return;
  const auto header = read_psp_header(bytes);
  if (!header || bytes.filled_with(std::byte{0})) return;
  if (header->compressed && !header->encrypted) {
    const bool announced = header->compressed_size != 0;
    const std::uint64_t stream = announced ? header->compressed_size : header->size_signed;
    out.push_back(unpacked(path, entry, bytes.clip({psp_header_size, stream}),
                           announced ? header->plain_size() : largest_plain, budget));
  }
  if (entry.kind() != PayloadKind::container) return;
  for (const SubImage& image : read_sub_images(*header, bytes)) {
    const Range range = Range{bytes.origin() + image.offset, image.size}.intersection(bytes.range());
    if (range.empty()) continue;
    out.push_back({.path = fmt::format("{}/{:04x}-at-{:06x}.bin", path, image.id, image.offset),
                   .kind = "sub-image",
                   .range = range,
                   .attributes = attributes_of(entry)});
  }
}

void add_directory(std::vector<Artifact>& out, const std::string& folder, const Directory& directory, ByteView file,
                   const SharedBudget& budget) {
  out.push_back(
      {.path = folder + "/directory.bin", .kind = "directory", .range = directory.table().intersection(file.range())});
  for (const Entry& entry : directory.entries) {
    if (!entry.stored || entry.stored->empty()) continue;
    const std::string path = folder + "/" + stem_of(entry);
    out.push_back({.path = path + ".bin", .kind = "entry", .range = entry.stored, .attributes = attributes_of(entry)});
    add_content(out, path, entry, file.clip(*entry.stored), budget);
  }
}

}  // namespace

std::vector<Artifact> artifacts(const EmbeddedFirmware& firmware, ByteView file, const SharedBudget& budget) {
  std::vector<Artifact> out;
  for (const Rom& rom : firmware.roms) {
    const std::string root = fmt::format("amd-{:08x}", rom.efs.offset);
    out.push_back({.path = root + "/embedded-firmware-structure.bin",
                   .kind = "efs",
                   .range = Range{rom.efs.offset, efs_size}.intersection(file.range())});
    for (const Directory& directory : rom.directories) {
      add_directory(out, root + "/" + folder_of(directory), directory, file, budget);
    }
  }
  return out;
}

}  // namespace quell::amd
