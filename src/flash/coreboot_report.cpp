// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/table.h"
#include "data/cbfs-types.h"
#include "flash/coreboot.h"
#include "model/judged.h"
#include "quell/digest.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t small_text = 64U << 10U;

std::string type_name(std::uint32_t type) {
  static const auto known = [] {
    std::map<std::uint32_t, std::string> out;
    for (const auto row : Table(data::cbfs_types)) out.emplace(row.number("type"), row["name"]);
    return out;
  }();
  const auto found = known.find(type);
  return found == known.end() ? fmt::format("{:#x}", type) : found->second;
}

std::string compression_name(std::uint32_t algorithm) {
  constexpr std::array<std::string_view, 4> names{"none", "LZMA", "LZ4", "Zstandard"};
  return algorithm < names.size() ? std::string(names.at(algorithm)) : fmt::format("{:#x}", algorithm);
}

std::string algorithm_name(std::uint32_t algorithm) {
  constexpr std::array<std::string_view, 6> names{"none", "SHA-1", "SHA-256", "SHA-512", "SHA-224", "SHA-384"};
  return algorithm < names.size() ? std::string(names.at(algorithm)) : fmt::format("{:#x}", algorithm);
}

Check digest_check(const CbfsFile& file) {
  const CbfsDigest& digest = *file.digest;
  const Judged verdict =
      judged(digest.right, "of an algorithm that is not known, or of the content before cbfstool packed it",
             "the content has another digest");
  return {.question = Question::digests,
          .state = verdict.state,
          .subject = "file digest",
          .range = file.content,
          .reason = verdict.reason,
          .algorithm = algorithm_name(digest.algorithm),
          .stored = to_hex(digest.stored)};
}

Component describe_file(const CbfsFile& file) {
  Component out{"cbfs-file", file.blank() || file.name.empty() ? "(empty)" : file.name, file.entry};
  out.attributes.set("offset_in_region", file.offset_in_region, Show::hex);
  out.attributes.set("type", type_name(file.type));
  out.attributes.set("content_offset", file.content.offset, Show::hex);
  out.attributes.set("content_size", file.content.size, Show::size);
  out.attributes.set("compression", compression_name(file.compression));
  if (file.compression != 0) out.attributes.set("uncompressed_size", file.uncompressed_size, Show::size);
  if (file.digest) out.checks.push_back(digest_check(file));
  return out;
}

Component describe_file_system(const Cbfs& cbfs) {
  Component out{"cbfs", cbfs.area.empty() ? "CBFS" : cbfs.area, cbfs.region};
  out.attributes.set("master_header", cbfs.master_header);
  for (const CbfsFile& file : cbfs.files) out.children.push_back(describe_file(file));
  return out;
}

// Areas that must not be written as a whole: marked so, the map itself, or around other areas (as cbfstool shows them).
bool read_only(const Fmap& fmap, const FmapArea& area) {
  const Range own{area.offset, area.size};
  const auto inside = [&](const FmapArea& other) {
    return &other != &area && own.contains(Range{other.offset, other.size}) && other.size < area.size;
  };
  return (area.flags & 4U) != 0 || area.name == "FMAP" || std::ranges::any_of(fmap.areas, inside);
}

Component describe_area(const Fmap& fmap, const FmapArea& area, bool holds_files) {
  Component out{"fmap-area", area.name, area.range};
  std::vector<std::string> attributes;
  if ((area.flags & 1U) != 0) attributes.emplace_back("static");
  if ((area.flags & 2U) != 0) attributes.emplace_back("compressed");
  if (read_only(fmap, area)) attributes.emplace_back("read-only");
  if ((area.flags & 8U) != 0) attributes.emplace_back("preserve");
  if (holds_files) attributes.emplace_back("CBFS");
  out.attributes.set("area_offset", area.offset, Show::hex);
  out.attributes.set("area_size", area.size, Show::size);
  out.attributes.set("area_attributes", std::move(attributes));
  return out;
}

Component describe_map(const Coreboot& coreboot) {
  const Fmap& fmap = *coreboot.fmap;
  Component out{"fmap", fmap.name, fmap.range};
  out.attributes.set("version", fmt::format("{}.{}", fmap.major, fmap.minor));
  out.attributes.set("flash_base", fmap.base, Show::hex);
  out.attributes.set("flash_size", fmap.size, Show::size);
  for (const FmapArea& area : fmap.areas) {
    bool holds_files = false;
    for (const Cbfs& cbfs : coreboot.file_systems) holds_files = holds_files || cbfs.region == area.range;
    out.children.push_back(describe_area(fmap, area, holds_files));
  }
  return out;
}

void set_digest(Component& into, const Coreboot& coreboot, ByteView body, std::string_view name) {
  const CbfsFile* file = coreboot.file(name);
  if (file == nullptr || file->content.size > small_text) return;
  const Bytes bytes = body.clip({file->content.offset - body.origin(), file->content.size}).bytes();
  into.attributes.set(fmt::format("{}_sha256", name), to_hex(sha256(bytes)));
}

Component describe_build(const Coreboot& coreboot, ByteView body) {
  const CorebootBuild& build = *coreboot.build;
  Component out{"coreboot", build.distribution.empty() ? "coreboot" : build.distribution, {}};
  out.attributes.set("coreboot_version", build.version.empty() ? Value(Unknown{}) : Value(build.version));
  out.attributes.set("config_use_me_cleaner", build.me_cleaner);
  out.attributes.set("config_me_cleaner_args",
                     build.me_cleaner_arguments.empty() ? Value(Unknown{}) : Value(build.me_cleaner_arguments));
  if (!build.distribution.empty()) out.attributes.set("distribution", build.distribution);
  if (!build.options.empty()) out.attributes.set("config", build.options);
  for (const std::string_view name : {"config", "revision", "build_info"}) set_digest(out, coreboot, body, name);
  return out;
}

}  // namespace

std::vector<Component> describe(const Coreboot& coreboot, ByteView body) {
  std::vector<Component> out;
  if (coreboot.build) out.push_back(describe_build(coreboot, body));
  if (coreboot.fmap) out.push_back(describe_map(coreboot));
  for (const Cbfs& cbfs : coreboot.file_systems) out.push_back(describe_file_system(cbfs));
  return out;
}

std::vector<Finding> audit(const Coreboot& coreboot) {
  std::vector<Finding> out = coreboot.problems;
  if (coreboot.build && coreboot.build->me_cleaner == "y") {
    const std::string& arguments = coreboot.build->me_cleaner_arguments;
    out.push_back(
        {.id = "coreboot.me-cleaner",
         .question = Question::structure,
         .severity = Severity::info,
         .title = "this coreboot image was built with me_cleaner",
         .detail = fmt::format("CONFIG_USE_ME_CLEANER=y, arguments \"{}\". The ME region itself shows what is "
                               "left of the ME.",
                               arguments.empty() ? "-S" : arguments)});
  }
  if (coreboot.build && coreboot.build->distribution == "Libreboot" && coreboot.file("mrc.bin") == nullptr &&
      coreboot.file("fspm.bin") == nullptr && coreboot.file("ecfw1.bin") == nullptr) {
    out.push_back({.id = "coreboot.vendor-files",
                   .question = Question::structure,
                   .severity = Severity::info,
                   .title = "vendor files are not in this Libreboot image",
                   .detail = "Releases come without them; some boards need them to start.",
                   .advice = "If your board is one of those, run `./mk inject` of Libreboot before flashing."});
  }
  return out;
}

}  // namespace quell::flash
