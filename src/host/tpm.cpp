// SPDX-License-Identifier: GPL-2.0-or-later
// What kind of TPM the machine has, and on whom it depends.
#include <fmt/format.h>

#include "base/number.h"
#include "base/split.h"
#include "base/table.h"
#include "data/tpm-drivers.h"
#include "data/tpm-manufacturers.h"
#include "host/provenance.h"
#include "host/sections.h"

namespace quell::host {
namespace {

// TPM2_GetCapability(TPM_CAP_TPM_PROPERTIES = 6, first property TPM_PT_MANUFACTURER = 0x105, count 1), big endian.
constexpr std::string_view get_manufacturer = "8001000000160000017a000000060000010500000001";

// The manufacturer word out of the reply: tag u16, size u32, code u32, more u8, capability u32, count u32, then
// property u32 and value u32.
std::optional<std::uint32_t> manufacturer_word(const Reading& reply) {
  const ByteView view(reply.bytes());
  const auto code = view.be32(6);
  const auto count = view.be32(15);
  const auto property = view.be32(19);
  const auto value = view.be32(23);
  if (!code || *code != 0 || !count || *count == 0 || !property || *property != 0x105 || !value) return std::nullopt;
  return *value;
}

// A TPM 1.2 says who made it in `caps`: "Manufacturer: 0x49465800".
std::string manufacturer_of_caps(std::string_view caps) {
  for (const std::string_view line : lines_of(caps)) {
    constexpr std::string_view label = "Manufacturer: 0x";
    if (line.starts_with(label)) return std::string(line.substr(label.size()));
  }
  return {};
}

std::string describe_one(const Root& root, const std::string& name, bool ask, Section& section) {
  static const Table drivers(data::tpm_drivers);
  static const Table manufacturers(data::tpm_manufacturers);
  const std::string folder = "/sys/class/tpm/" + name + "/";
  const std::string major = root.read(folder + "tpm_version_major").text();
  const std::string version = major == "1" ? "1.2" : major == "2" ? "2.0" : "of unknown version";
  const std::string driver = root.link_name(folder + "device/driver");
  section.facts.push_back(fact("version", "version", version, folder + "tpm_version_major"));
  if (!driver.empty()) section.facts.push_back(fact("driver", "driver", driver, folder + "device/driver"));
  std::string word = manufacturer_of_caps(root.read(folder + "device/caps").text());
  if (word.empty() && ask && major == "2") {
    const std::string device = "tpmrm" + name.substr(3);
    const Reading reply = root.read(fmt::format("/quell/tpm/{}/{}", device, get_manufacturer));
    if (const auto value = manufacturer_word(reply)) {
      word = fmt::format("{:08x}", *value);
    } else {
      attempted(section.attempts, "/dev/" + device, reply);
    }
  }
  if (const auto row = manufacturers.find("word", word)) {
    section.facts.push_back(fact("manufacturer", "manufacturer", std::string((*row)["name"]), "TPM property 0x105",
                                 major == "2" ? "root or group tss" : "none"));
    section.facts.push_back(
        fact("kind", "kind", std::string((*row)["kind"]), "manufacturer", "none", Freshness::inferred));
    return fmt::format("TPM {} {} ({})", version, (*row)["name"], (*row)["place"]);
  }
  if (const auto row = drivers.find("driver", driver)) {
    Fact kind = fact("kind", "kind", std::string((*row)["kind"]), "driver " + driver, "none", Freshness::inferred);
    kind.certain = !(*row)["kind"].starts_with("probably");
    section.facts.push_back(std::move(kind));
    return fmt::format("TPM {}, {} ({})", version, (*row)["kind"], (*row)["place"]);
  }
  return fmt::format("TPM {}, kind unknown", version);
}

}  // namespace

bool tpm_is_ptt(const Root& root) {
  constexpr std::uint32_t intel = 0x494E5443;  // "INTC"
  for (const std::string& name : root.list("/sys/class/tpm").names) {
    if (!name.starts_with("tpm") || name.starts_with("tpmrm")) continue;
    if (parse_hex<std::uint32_t>(manufacturer_of_caps(root.read("/sys/class/tpm/" + name + "/device/caps").text())) ==
        intel)
      return true;
    const Reading reply = root.read(fmt::format("/quell/tpm/tpmrm{}/{}", name.substr(3), get_manufacturer));
    if (manufacturer_word(reply) == intel) return true;
  }
  return false;
}

Section collect_tpm(const Root& root, bool ask) {
  Section section{"tpm", "TPM", {}, {}, {}};
  for (const std::string& name : root.list("/sys/class/tpm").names) {
    if (!name.starts_with("tpm") || name.starts_with("tpmrm")) continue;
    const std::string text = describe_one(root, name, ask, section);
    section.summary += (section.summary.empty() ? "" : "; ") + text;
  }
  if (section.summary.empty()) section.summary = tells_absence(root) ? "none that Linux knows of" : not_told;
  return section;
}

}  // namespace quell::host
