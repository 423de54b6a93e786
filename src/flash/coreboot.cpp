// SPDX-License-Identifier: GPL-2.0-or-later
// FMAP, little-endian: 0x00 "__FMAP__", 0x08 u8 major, u8 minor, 0x0A u64 base, 0x12 u32 size, 0x16 name[32],
//   0x36 u16 areas, then 42 bytes each {u32 offset, u32 size, name[32], u16 flags}. Areas nest.
// CBFS, big-endian; entries at multiples of 64: 0x00 "LARCHIVE", 0x08 u32 length, 0x0C u32 type, 0x10 u32 offset of
//   attributes, 0x14 u32 offset of the content, 0x18 name. Attributes {u32 tag, u32 length with these 8, data}; the
//   data of "hsaH" is {u32 algorithm, digest} of the content as it is stored.
// Master header of older images: 0x00 "ORBC", u32 version, u32 ROM size, u32 bootblock size, u32 alignment, u32 offset
//   of the first file; the last 4 bytes of the ROM are its little-endian signed distance from the end.
// Sources: coreboot cbfs_serialized.h and fmap.h; flashmap.
#include "flash/coreboot.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/words.h"
#include "model/problems.h"
#include "quell/digest.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t fmap_header = 0x38;
constexpr std::uint64_t area_size = 42;
constexpr std::uint64_t alignment = 64;
constexpr std::uint64_t entry_header = 0x18;
constexpr std::uint32_t compression_tag = 0x42435A4C;
constexpr std::uint32_t hash_tag = 0x68736148;
constexpr std::size_t most_file_systems = 16;
constexpr std::uint64_t most_areas = 1024;  // real maps have fewer than a hundred

bool printable(std::string_view name) { return !name.empty() && name.find('\\') == std::string_view::npos; }

std::optional<FmapArea> read_area(ByteView view, std::uint64_t at, std::uint64_t flash_size) {
  FmapArea area;
  Fields f(view, "FMAP area");
  area.offset = f.u32(at);
  area.size = f.u32(at + 4);
  area.name = f.text(at + 8, 32);
  area.flags = f.u16(at + 40);
  const bool sound = f.done().has_value() && printable(area.name) && area.offset + area.size <= flash_size;
  return sound ? std::optional(std::move(area)) : std::nullopt;
}

// Areas count from the start of the flash; the area "FMAP" tells where that is when the image is only a part of it.
void place_areas(Fmap& fmap, ByteView body) {
  const auto self = std::ranges::find(fmap.areas, "FMAP", &FmapArea::name);
  const std::uint64_t at = fmap.range.offset - body.origin();
  const bool shifted = self != fmap.areas.end() && self->offset > at;
  const std::uint64_t skipped = shifted ? self->offset - at : 0;
  for (FmapArea& area : fmap.areas) {
    const Range in_body = Range::between(area.offset < skipped ? 0 : area.offset - skipped,
                                         area.offset + area.size < skipped ? 0 : area.offset + area.size - skipped);
    const ByteView part = body.clip(in_body);
    if (!part.empty()) area.range = part.range();
  }
}

// A map that stands where it says it does counts from the start of this body, which then holds all of the flash.
void judge_size(Coreboot& out, const Fmap& fmap, ByteView body) {
  const auto self = std::ranges::find(fmap.areas, "FMAP", &FmapArea::name);
  const bool at_its_place = self != fmap.areas.end() && self->offset == fmap.range.offset - body.origin();
  if (!at_its_place || fmap.size <= body.size()) return;
  note_error(out.problems, "flash.fmap.cut", Question::size, "the flash map describes more than the file holds",
             fmt::format("The FMAP is of a flash of {}; the file holds the first {} of it.", size_text(fmap.size),
                         size_text(body.size())),
             fmap.range);
}

// "__FMAP__" also stands in code that searches for it: major version, a printable name and a first area that lies in
// the stated size make the difference.
bool read_fmap(Coreboot& out, ByteView body, std::uint64_t at) {
  const ByteView view = body.clip(Range::between(at, body.size()));
  Fmap fmap;
  Fields f(view, "FMAP");
  fmap.major = f.u8(8);
  fmap.minor = f.u8(9);
  fmap.base = f.u64(0x0A);
  fmap.size = f.u32(0x12);
  fmap.name = f.text(0x16, 32);
  const std::uint64_t count = f.u16(0x36);
  if (!f.done() || fmap.major != 1 || !printable(fmap.name) || count == 0) return false;
  for (std::uint64_t i = 0; i < std::min(count, most_areas); ++i) {
    auto area = read_area(view, fmap_header + i * area_size, fmap.size);
    if (!area) break;
    fmap.areas.push_back(*std::move(area));
  }
  if (fmap.areas.empty()) return false;
  fmap.range = {view.origin(), fmap_header + fmap.areas.size() * area_size};
  if (fmap.areas.size() < count) {
    note_error(out.problems, "flash.fmap.count", Question::structure, "the flash map claims more areas than it has",
               fmt::format("The FMAP claims {} areas; only {} can be read.", count, fmap.areas.size()), fmap.range);
  }
  place_areas(fmap, body);
  judge_size(out, fmap, body);
  out.fmap = std::move(fmap);
  return true;
}

void read_attributes(CbfsFile& file, ByteView entry, std::uint64_t from, std::uint64_t to) {
  while (from >= entry_header && from + 8 <= to) {
    const auto tag = entry.be32(from);
    const auto length = entry.be32(from + 4);
    if (!tag || !length || *length < 8) return;
    if (*tag == compression_tag) {
      file.compression = entry.be32(from + 8).value_or(0);
      file.uncompressed_size = entry.be32(from + 12).value_or(0);
    }
    if (*tag == hash_tag && entry.has(from, std::max<std::uint64_t>(*length, 12)) && *length > 12) {
      file.digest = CbfsDigest{.algorithm = entry.be32(from + 8).value_or(0),
                               .stored = entry.clip({from + 12, *length - 12}).bytes()};
    }
    from += *length;
  }
}

std::optional<HashAlgorithm> algorithm_of(std::uint32_t number) {
  switch (number) {
    case 1: return HashAlgorithm::sha1;
    case 2: return HashAlgorithm::sha256;
    case 3: return HashAlgorithm::sha512;
    case 5: return HashAlgorithm::sha384;
    default: return std::nullopt;
  }
}

// Stages and payloads are made of an ELF file when they are added.
bool converted(const CbfsFile& file) {
  return file.compression != 0 || file.type == 0x10 || file.type == 0x11 || file.type == 0x20;
}

void verify_digest(Coreboot& out, CbfsFile& file, ByteView content) {
  const auto algorithm = algorithm_of(file.digest->algorithm);
  if (!algorithm) return;
  const bool right = equal(hash(*algorithm, content.bytes()), file.digest->stored);
  if (!right && converted(file)) return;
  file.digest->right = right;
  if (right) return;
  note_error(out.problems, "flash.cbfs.digest", Question::digests, "a coreboot file does not match its digest",
             fmt::format("{} at {:#x}.", file.name.empty() ? "(no name)" : file.name, content.origin()),
             content.range());
}

// Reads the entry at `at`; returns where the next one can be.
std::uint64_t read_entry(Coreboot& out, Cbfs& cbfs, ByteView region, std::uint64_t at) {
  const ByteView entry = region.clip(Range::between(at, region.size()));
  CbfsFile file;
  file.offset_in_region = at;
  Fields f(entry, "CBFS entry");
  f.sub(0, entry_header);
  if (!f.done()) return region.size();
  const std::uint64_t length = entry.be32(8).value_or(0);
  file.type = entry.be32(0x0C).value_or(0);
  const std::uint64_t attributes = entry.be32(0x10).value_or(0);
  const std::uint64_t content = entry.be32(0x14).value_or(0);
  if (content < entry_header || !entry.has(content, length)) {
    note_error(out.problems, "flash.cbfs.file", Question::structure, "a coreboot file is larger than its region",
               fmt::format("The CBFS entry at {:#x} claims {} bytes, more than the region {} holds.", entry.origin(),
                           length, cbfs.area.empty() ? "of the master header" : cbfs.area),
               {entry.origin(), entry_header});
    return at + alignment;
  }
  file.entry = {entry.origin(), content + length};
  file.content = {entry.origin() + content, length};
  const std::uint64_t name_end = attributes == 0 ? content : std::min(attributes, content);
  if (name_end > entry_header)
    file.name = entry.text(entry_header, std::min<std::uint64_t>(name_end - entry_header, 256)).value_or("");
  if (attributes != 0) read_attributes(file, entry, attributes, content);
  if (file.digest) verify_digest(out, file, entry.clip({content, length}));
  const std::uint64_t next = at + content + length;
  cbfs.files.push_back(std::move(file));
  return (next + alignment - 1) / alignment * alignment;
}

void read_file_system(Coreboot& out, ByteView region, std::string area, bool master_header) {
  Cbfs cbfs{.region = region.range(), .area = std::move(area), .master_header = master_header, .files = {}};
  std::uint64_t at = 0;
  while (at < region.size()) {
    at = region.matches(at, "LARCHIVE") ? read_entry(out, cbfs, region, at) : at + alignment;
  }
  if (!cbfs.files.empty()) out.file_systems.push_back(std::move(cbfs));
}

void read_areas(Coreboot& out, ByteView body) {
  // Overlapping areas could make a hostile map cost its size squared.
  std::uint64_t budget = 2 * body.size();
  for (const FmapArea& area : out.fmap->areas) {
    const ByteView region = body.clip({area.range.offset - body.origin(), area.range.size});
    if (area.range.empty() || !region.matches(0, "LARCHIVE") || region.size() > budget) continue;
    if (out.file_systems.size() == most_file_systems) return;
    budget -= region.size();
    read_file_system(out, region, area.name, false);
  }
}

void read_master_header(Coreboot& out, ByteView body) {
  if (body.size() < 0x40) return;
  const std::uint64_t back = 0x1'0000'0000U - body.u32(body.size() - 4).value_or(0);
  if (back > body.size()) return;
  const std::uint64_t at = body.size() - back;
  if (!body.matches(at, "ORBC")) return;
  const std::uint64_t rom = body.be32(at + 8).value_or(0);
  const std::uint64_t bootblock = body.be32(at + 12).value_or(0);
  const std::uint64_t first = body.be32(at + 20).value_or(0);
  if (rom > body.size() || first > rom || bootblock > rom) return;
  const std::uint64_t start = body.size() - rom;
  read_file_system(out, body.clip(Range::between(start + first, body.size() - bootblock)), {}, true);
}

std::string_view text_of(const Coreboot& coreboot, ByteView body, std::string_view name, Buffer& holder) {
  const CbfsFile* file = coreboot.file(name);
  if (file == nullptr || file->compression != 0 || file->content.size > 1U << 20U) return {};
  const Bytes bytes = body.clip({file->content.offset - body.origin(), file->content.size}).bytes();
  holder.assign(bytes.begin(), bytes.end());
  return {static_cast<const char*>(static_cast<const void*>(holder.data())), holder.size()};
}

// Calls `take` with every line.
template <class Take>
void each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return std::string(text);
}

bool worth_showing(std::string_view line) {
  constexpr std::array<std::string_view, 15> names{"USE_ME_CLEANER=",
                                                   "ME_CLEANER_ARGS=",
                                                   "HAVE_ME_BIN=",
                                                   "ME_BIN_PATH=",
                                                   "CHECK_ME=",
                                                   "STITCH_ME_BIN=",
                                                   "HAVE_IFD_BIN=",
                                                   "LOCK_MANAGEMENT_ENGINE=",
                                                   "UNLOCK_FLASH_REGIONS=",
                                                   "DO_NOT_TOUCH_DESCRIPTOR_REGION=",
                                                   "INTEL_TXT=",
                                                   "INTEL_CBNT_SUPPORT=",
                                                   "INTEL_CBNT_GENERATE_KM=",
                                                   "INTEL_CBNT_GENERATE_BPM=",
                                                   "MAINBOARD_PART_NUMBER="};
  if (!line.starts_with("CONFIG_")) return false;
  return std::ranges::any_of(names, [&](std::string_view name) { return line.substr(7).starts_with(name); });
}

bool has_file_below(const Coreboot& coreboot, std::string_view prefix) {
  return std::ranges::any_of(coreboot.file_systems, [&](const Cbfs& cbfs) {
    return std::ranges::any_of(cbfs.files, [&](const CbfsFile& file) { return file.name.starts_with(prefix); });
  });
}

std::string distribution_of(const Coreboot& coreboot, bool linux_with_heads_initrd) {
  if (has_file_below(coreboot, "heads/initrd/") || linux_with_heads_initrd) return "Heads";
  const bool grub = coreboot.file("img/grub2") != nullptr || coreboot.file("scan.cfg") != nullptr;
  const bool own = coreboot.file("keymap.gkb") != nullptr || coreboot.file("bootorder") != nullptr ||
                   coreboot.file("background.png") != nullptr;
  return grub && own ? "Libreboot" : "";
}

void read_build(Coreboot& out, ByteView body) {
  Buffer holder;
  CorebootBuild build;
  bool linux_payload = false;
  bool heads_initrd = false;
  each_line(text_of(out, body, "config", holder), [&](std::string_view line) {
    constexpr std::string_view built = "# This image was built using coreboot ";
    if (line.starts_with(built)) build.version = line.substr(built.size());
    if (line == "CONFIG_USE_ME_CLEANER=y") build.me_cleaner = "y";
    if (line == "# CONFIG_USE_ME_CLEANER is not set") build.me_cleaner = "n";
    constexpr std::string_view arguments = "CONFIG_ME_CLEANER_ARGS=";
    if (line.starts_with(arguments)) build.me_cleaner_arguments = unquoted(line.substr(arguments.size()));
    linux_payload = linux_payload || line == "CONFIG_PAYLOAD_LINUX=y";
    heads_initrd = heads_initrd || (line.starts_with("CONFIG_LINUX_INITRD=") && line.ends_with("initrd.cpio.xz\""));
    if (worth_showing(line)) build.options.emplace_back(line);
  });
  each_line(text_of(out, body, "revision", holder), [&](std::string_view line) {
    constexpr std::string_view version = "#define COREBOOT_VERSION ";
    if (line.starts_with(version)) build.version = unquoted(line.substr(version.size()));
  });
  build.distribution = distribution_of(out, linux_payload && heads_initrd);
  out.build = std::move(build);
}

}  // namespace

const CbfsFile* Coreboot::file(std::string_view name) const noexcept {
  for (const Cbfs& cbfs : file_systems) {
    const auto found = std::ranges::find(cbfs.files, name, &CbfsFile::name);
    if (found != cbfs.files.end()) return &*found;
  }
  return nullptr;
}

Coreboot read_coreboot(ByteView body, const std::vector<Landmark>& landmarks) {
  Coreboot out;
  for (const Landmark& mark : landmarks) {
    if (mark.mark != Mark::fmap || !body.range().contains(mark.offset)) continue;
    if (read_fmap(out, body, mark.offset - body.origin())) break;
  }
  if (out.fmap) read_areas(out, body);
  if (out.file_systems.empty()) read_master_header(out, body);
  if (!out.file_systems.empty()) read_build(out, body);
  return out;
}

}  // namespace quell::flash
