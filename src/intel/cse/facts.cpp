// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/size.h"
#include "intel/cse/report.h"
#include "intel/region_report.h"

namespace quell::intel {
namespace {

// Client attributes (extension 0x0C): bits 6:4 SKU, 11:10 platform (ME 11 since 11.0.0.1205: 0 H, 1 LP).
// FWSKUCaps: bit 8 H, bit 9 LP (ME 12 and later).
std::string platform_suffix(const CseImage& image, const Version& version, const ClientSystem& client) {
  if (version.major >= 12) {
    const bool h = (client.capabilities >> 8U & 1U) != 0;
    const bool lp = (client.capabilities >> 9U & 1U) != 0;
    return h == lp ? "" : h ? " H" : " LP";
  }
  if (version >= Version{11, 0, 0, 1205}) {
    const auto platform = client.attributes >> 10U & 3U;
    return platform == 0 ? " H" : platform == 1 ? " LP" : "";
  }
  const std::string chipset = chipset_of(image).value_or("");
  return chipset.find("-LP") != std::string::npos ? " LP" : chipset.find("-H") != std::string::npos ? " H" : "";
}

// Server firmware without its operational part: only the bring-up that lets the platform start.
bool is_ignition(const CseImage& image) {
  const CsePartition* main = image.main();
  return main != nullptr && main->directory.find("manuf") != nullptr && main->directory.find("kernel") == nullptr;
}

void add_signature_counts(Attributes& out, const CseImage& image) {
  std::uint64_t valid = 0;
  std::uint64_t empty = 0;
  std::uint64_t invalid = 0;
  std::uint64_t unverified = 0;
  for (const CsePartition& partition : image.partitions) {
    if (!partition.manifest) continue;
    std::uint64_t& count = partition.signature == SignatureState::valid        ? valid
                           : partition.signature == SignatureState::empty      ? empty
                           : partition.signature == SignatureState::unverified ? unverified
                                                                               : invalid;
    ++count;
  }
  out.set("manifests_valid", valid);
  out.set("manifests_unsigned", empty);
  out.set("manifests_invalid", invalid);
  if (unverified != 0) out.set("manifests_not_verified", unverified);
}

void add_tally(Attributes& out, const CseImage& image) {
  const CseTally tally = image.tally();
  const auto partitions = [&](Integrity wanted) {
    return static_cast<std::uint64_t>(std::ranges::count(image.partitions, wanted, &CsePartition::digest));
  };
  out.set("metadata_verified", tally.metadata_verified);
  out.set("modules_verified", tally.modules_verified);
  out.set("modules_huffman", tally.huffman + tally.tabled_huffman);
  out.set("modules_lzma", tally.lzma_packed + tally.lzma_unpacked + tally.tabled_lzma);
  out.set("modules_plain", tally.plain + tally.tabled_plain + tally.other_extensions);
  out.set("modules_microcode", tally.microcode);
  out.set("signed_keys", tally.keys);
  out.set("modules_unsigned", tally.unsigned_modules);
  out.set("modules_not_verifiable", tally.uncheckable);
  out.set("modules_erased", tally.erased);
  out.set("modules_empty", tally.empty);
  if (tally.cut_off != 0) out.set("modules_cut_off", tally.cut_off);
  out.set("digests_failed", tally.failed);
  out.set("partition_digests_verified", partitions(Integrity::verified));
  out.set("partition_digests_failed", partitions(Integrity::failed));
}

template <class T>
void set_or_unknown(Attributes& out, std::string_view key, const std::optional<T>& value) {
  out.set(key, value ? Value(*value) : Value(Unknown{}));
}

void add_manifest_facts(Attributes& out, const CsePartition& main) {
  const Manifest& manifest = *main.manifest;
  out.set("date", manifest.date_text());
  out.set("signature", std::string(to_string(main.signature)), as_check(main.signature));
  out.set("signer", signer_text(main.key, main.signature));
  const bool early = main.key.status == "pre-production" || manifest.debug_signed();
  out.set("release", std::string(early ? "Pre-Production" : "Production"));
  out.set("production_ready", (manifest.flags & 1U) != 0);
  out.set("key_md5", to_hex(key_identifier(manifest)));
  out.set("key_bits", manifest.key_size * 8);
  out.set("security_version", std::uint64_t{manifest.security_version});
  const PartitionInformation* information = main.extensions.partition();
  if (main.extensions.package) {
    out.set("version_control_number", std::uint64_t{main.extensions.package->version_control_number});
    if (main.extensions.package->anti_rollback_version) {
      out.set("anti_rollback_version", std::uint64_t{*main.extensions.package->anti_rollback_version});
    }
  } else if (information != nullptr && information->version_control_number) {
    out.set("version_control_number", std::uint64_t{*information->version_control_number});
  }
}

}  // namespace

std::string_view to_string(CseFamily family) noexcept {
  switch (family) {
    case CseFamily::csme: return "CSE ME";
    case CseFamily::cstxe: return "CSE TXE";
    case CseFamily::cssps: return "CSE SPS";
  }
  return "CSE ME";
}

std::optional<std::string> part_family(std::string_view partition) {
  struct Part {
    std::string_view partition, family;
  };
  constexpr std::array<Part, 15> parts{{{"PMCP", "PMC"},
                                        {"PCOD", "PMC"},
                                        {"PCHC", "PCHC"},
                                        {"NPHY", "PHY"},
                                        {"SPHY", "PHY"},
                                        {"PPHY", "PHY"},
                                        {"SSPH", "PHY"},
                                        {"HSPH", "PHY"},
                                        {"IOMP", "IOM"},
                                        {"TBTP", "TBT"},
                                        {"ISHC", "ISH"},
                                        {"IUNP", "IUNIT"},
                                        {"SMIP", "SMIP"},
                                        {"OEMP", "OEM keys"},
                                        {"UCOD", "microcode"}}};
  const auto found = std::ranges::find(parts, partition, &Part::partition);
  return found == parts.end() ? std::nullopt : std::optional(std::string(found->family));
}

std::string_view to_string(CseType type) noexcept {
  switch (type) {
    case CseType::stock: return "Stock";
    case CseType::extracted: return "Extracted";
    case CseType::update: return "Update";
    case CseType::recovery: return "Recovery";
    case CseType::partition: return "Independent";
  }
  return "unknown";
}

CseType type_of(const CseImage& image) {
  const CsePartition* main = image.main();
  if (main != nullptr && main->extensions.server_type == "RC") return CseType::recovery;
  if (image.container == CseContainer::partition) {
    return main != nullptr && main->name == "FTPR" ? CseType::update : CseType::partition;
  }
  if (image.container == CseContainer::region && image.table && is_stripped(*image.table, image.data_partition))
    return CseType::extracted;
  if (image.table) {
    const auto code_only = [](const FptEntry& entry) {
      constexpr std::array<std::string_view, 5> names{"FTPR", "NFTP", "FTUP", "RBEP", "DLMP"};
      return !entry.has_data() || std::ranges::find(names, entry.name) != names.end();
    };
    const bool update = image.container == CseContainer::region && !image.table->entries.empty() &&
                        std::ranges::all_of(image.table->entries, code_only);
    if (update) return CseType::update;
    // Since CSME 12, and of CSTXE, other traces count too: a table whose checksum an extraction tool left out, a file
    // system that was written to.
    const bool later =
        image.family == CseFamily::cstxe || (main != nullptr && main->manifest && main->manifest->version.major >= 12);
    const bool written = file_system_state(image).value_or("Unconfigured") != "Unconfigured";
    if (later && (image.table->checksum_placeholder || written)) return CseType::extracted;
    // The build number of the tool that put the image together stands last in the header.
    const auto build = image.data_partition.u16(image.table->offset + 0x1E);
    const bool stock = build && (*build == 0 || *build == 0xFFFF);
    return stock ? CseType::stock : CseType::extracted;
  }
  return file_system_state(image) == "Unconfigured" ? CseType::stock : CseType::extracted;
}

std::optional<std::string> file_system_state(const CseImage& image) {
  const auto row = std::ranges::find(image.data, "MFS", &CseDataPartition::name);
  const auto maker = std::ranges::find(image.data, "FITC", &CseDataPartition::name);
  const CsePartition* main = image.main();
  const CodeDirectoryEntry* in_code = main == nullptr ? nullptr : main->directory.find("fitc.cfg");
  bool configured = (maker != image.data.end() && !maker->blank) || (in_code != nullptr && in_code->size != 0);
  if (row == image.data.end() && !configured) return std::nullopt;
  if (image.mfs) {
    const auto used = std::ranges::any_of(image.mfs->files, [](const MfsFile& file) {
      return file.number == mfs_home_directory || file.number >= mfs_first_user_file;
    });
    if (used) return "Initialized";
    configured = configured || image.mfs->find(mfs_oem_configuration) != nullptr;
  }
  return configured ? "Configured" : "Unconfigured";
}

std::optional<std::string> sku_of(const CseImage& image) {
  const CsePartition* main = image.main();
  if (main == nullptr || !main->manifest) return std::nullopt;
  if (image.family == CseFamily::cssps) {
    if (is_ignition(image)) return "Ignition";
    return main->extensions.server_platform;
  }
  if (!main->extensions.client || image.family == CseFamily::cstxe) return std::nullopt;
  constexpr std::array<std::string_view, 6> skus{"Corporate", "Consumer", "Slim", "Server", "", "Lite"};
  const auto number = main->extensions.client->attributes >> 4U & 7U;
  if (number >= skus.size() || skus.at(to_size(number)).empty()) return std::nullopt;
  return std::string(skus.at(to_size(number))) +
         platform_suffix(image, main->manifest->version, *main->extensions.client);
}

Attributes facts(const CseImage& image) {
  Attributes out;
  const CsePartition* main = image.main();
  const bool named = main != nullptr && main->manifest.has_value();
  const bool alone = named && image.container == CseContainer::partition;
  const auto part = alone ? part_family(main->name) : std::nullopt;
  out.set("family", part.value_or(std::string(to_string(image.family))));
  set_or_unknown<std::string>(out, "version", named ? std::optional(to_string(main->manifest->version)) : std::nullopt);
  out.set("generation", std::uint64_t{3});
  if (!part) set_or_unknown(out, "sku", sku_of(image));
  out.set("type", std::string(to_string(type_of(image))));
  if (!part || main->name == "PMCP") set_or_unknown(out, "chipset", chipset_of(image));
  if (named) add_manifest_facts(out, *main);
  if (image.container != CseContainer::partition) set_or_unknown(out, "file_system", file_system_state(image));
  out.set("container", std::string(to_string(image.container)));
  if (const CsePartition* pmc = image.find("PMCP"); pmc != nullptr && pmc->manifest) {
    out.set("pmc_version", to_string(pmc->manifest->version));
  }
  add_signature_counts(out, image);
  if (image.verified) add_tally(out, image);
  return out;
}

std::string title_of(const CseImage& image) {
  const CsePartition* main = image.main();
  if (main == nullptr || !main->manifest) return fmt::format("Intel {} firmware", to_string(image.family));
  const std::string version = to_string(main->manifest->version);
  if (image.container == CseContainer::partition && main->name != "FTPR") {
    return fmt::format("Intel {} firmware {}", main->name, version);
  }
  return fmt::format("Intel {} {}{}", to_string(image.family), version,
                     type_of(image) == CseType::update ? " update image" : "");
}

}  // namespace quell::intel
