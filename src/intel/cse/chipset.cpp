// SPDX-License-Identifier: GPL-2.0-or-later
// Which chipset the firmware is for. The record `mphytbl` of MFS file 6 begins with the PHY table's identity: byte 2
// revision, byte 3 chipset (high nibble) and stepping (low nibble) on ME 11 and 12.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/table.h"
#include "data/intel-mphy-chipsets.h"
#include "data/intel-pmc-chipsets.h"
#include "intel/cse/report.h"
#include "intel/platform/tables.h"
#include "intel/region_report.h"

namespace quell::intel {
namespace {

struct PhyTable {
  unsigned chipset = 0;
  unsigned stepping = 0;
};

std::optional<PhyTable> phy_table(const CseImage& image) {
  if (!image.mfs) return std::nullopt;
  const MfsFile* file = image.mfs->find(mfs_intel_configuration);
  if (file == nullptr) return std::nullopt;
  const Buffer content = image.mfs->content(*file);
  const auto records = parse_mfs_configuration(ByteView(content));
  if (!records) return std::nullopt;
  const auto record = std::ranges::find(*records, "mphytbl", &MfsConfigRecord::name);
  if (record == records->end()) return std::nullopt;
  const auto byte = ByteView(content).clip(record->range).u8(3);
  if (!byte) return std::nullopt;
  return PhyTable{static_cast<unsigned>(*byte) >> 4U, *byte & 0x0FU};
}

// "11.6" as a number that sorts: major * 1000 + minor.
unsigned sortable(std::string_view version) {
  const std::size_t dot = version.find('.');
  return parse_decimal<unsigned>(version.substr(0, dot)).value() * 1000 +
         parse_decimal<unsigned>(version.substr(dot + 1)).value();
}

// Absolute: 0 is A. Otherwise one bit for each stepping that the firmware serves, the newest first.
std::string stepping_text(bool absolute, unsigned stepping) {
  if (absolute) return std::string(1, static_cast<char>('A' + stepping));
  std::string out;
  for (unsigned bit = 4; bit-- > 0;) {
    if ((stepping >> bit & 1U) == 0) continue;
    out += (out.empty() ? "" : ",") + std::string(1, static_cast<char>('A' + bit));
  }
  return out;
}

std::optional<std::string> by_phy_table(const PhyTable& phy, const Version& version) {
  static const Table table(data::intel_mphy_chipsets);
  const unsigned wanted = version.major * 1000U + version.minor;
  for (const auto row : table) {
    if (row.number("id") != phy.chipset) continue;
    if (wanted < sortable(row["first_version"]) || wanted > sortable(row["last_version"])) continue;
    std::string out = fmt::format("{} {}", row["name"], stepping_text(row.is({"steppings", "absolute"}), phy.stepping));
    if (phy.stepping == 0 && !row["also_with_stepping_a"].empty()) {
      out += fmt::format(" {}", row["also_with_stepping_a"]);
    }
    return out;
  }
  return std::nullopt;
}

// PMC firmware counts by chipset; its hotfix number over ten is the stepping.
std::optional<std::string> by_pmc(const CseImage& image) {
  static const Table table(data::intel_pmc_chipsets);
  const CsePartition* pmc = image.find("PMCP");
  if (pmc == nullptr || !pmc->manifest) return std::nullopt;
  for (const auto row : table) {
    if (row.number("pmc_major") == pmc->manifest->version.major) return std::string(row["name"]);
  }
  return std::nullopt;
}

// A stripped region has lost its PHY table; the manifest still says which chipsets the firmware runs on.
std::optional<std::string> by_client(const CsePartition& main) {
  const auto& client = main.extensions.client;
  if (!client || main.manifest->version.major != 11) return std::nullopt;
  const std::uint64_t platform = client->attributes >> 10U & 3U;
  const auto families = families_of_firmware("ME", main.manifest->version,
                                             platform == 0   ? "H"
                                             : platform == 1 ? "LP"
                                                             : "");
  if (families.empty()) return std::nullopt;
  return fmt::format("{}", fmt::join(families, "/"));
}

}  // namespace

std::optional<std::string> chipset_of(const CseImage& image) {
  const CsePartition* main = image.main();
  if (main == nullptr || !main->manifest) return std::nullopt;
  const Version& version = main->manifest->version;
  if (image.family == CseFamily::cstxe) return version.major == 3 ? "APL" : version.major == 4 ? "GLK" : "TXE";
  if (const auto phy = phy_table(image)) {
    if (auto name = by_phy_table(*phy, version)) return name;
  }
  if (auto name = by_pmc(image)) return name;
  const bool stripped =
      image.container == CseContainer::region && image.table && is_stripped(*image.table, image.data_partition);
  return stripped ? by_client(*main) : std::nullopt;
}

}  // namespace quell::intel
