// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/advise.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "quell/flash/descriptor.h"

namespace quell::spi {
namespace {

using Verdict = RegionAdvice::Verdict;

std::optional<std::uint8_t> config_byte(const std::string& path, std::streamoff offset) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(offset);
  const int value = file.get();
  return value < 0 ? std::nullopt : std::optional(static_cast<std::uint8_t>(value));
}

// BIOS_CNTL / BIOS_SPI_BC: 0:1f.5 from the 100 series on, 0:1f.0 before; both at 0xDC. The class tells them apart:
// an SPI controller at 1f.5 is class 0x0c8000.
struct BiosControl {
  std::uint8_t value = 0;
  std::string where{};
};

std::optional<BiosControl> bios_control(const std::string& root) {
  constexpr std::streamoff offset = 0xDC;
  for (const char* function : {"0000:00:1f.5", "0000:00:1f.0"}) {
    const std::string folder = fmt::format("{}/sys/bus/pci/devices/{}", root, function);
    std::string kind;
    std::ifstream(folder + "/class") >> kind;
    const bool fits =
        std::string_view(function).ends_with("5") ? kind.starts_with("0x0c80") : kind.starts_with("0x0601");
    if (!fits) continue;
    if (const auto value = config_byte(folder + "/config", offset)) return BiosControl{*value, function};
  }
  return std::nullopt;
}

// Kernel 6.13 and later, Intel SPI driver (ABI document sysfs-driver-spi-intel).
std::optional<bool> kernel_flag(const std::string& root, const char* name) {
  std::error_code problem;
  for (const char* folder : {"/sys/bus/pci/drivers/intel-spi", "/sys/bus/platform/drivers/intel-spi"}) {
    for (const auto& device : std::filesystem::directory_iterator(root + folder, problem)) {
      std::string text;
      std::ifstream(device.path() / name) >> text;
      if (text == "1") return true;
      if (text == "0") return false;
    }
  }
  return std::nullopt;
}

// Whether the host may write this region, by FLMSTR1: v1 bits 31:24, v2 bits 31:20.
std::optional<bool> host_may_write(const flash::FlashDescriptor& descriptor, unsigned region) {
  if (descriptor.masters.empty() || !descriptor.version) return std::nullopt;
  const unsigned shift = descriptor.version == flash::DescriptorVersion::v2 ? 20 : 24;
  return ((descriptor.masters.front() >> (shift + region)) & 1U) != 0;
}

RegionAdvice judge(std::string_view name, std::optional<bool> rights, const std::optional<BiosControl>& control,
                   std::optional<bool> is_protected) {
  RegionAdvice advice{std::string(name)};
  if (rights == false)
    return {advice.region, Verdict::external_only, "the descriptor gives the host no right to write it"};
  if (is_protected == true) return {advice.region, Verdict::external_only, "protected ranges are set and locked"};
  if (name == "bios" && control) {
    // Bit 0 write enable, bit 1 lock enable, bit 5 writes from SMM only.
    const bool enabled = (control->value & 0x01U) != 0;
    const bool locked = (control->value & 0x02U) != 0;
    const bool smm_only = (control->value & 0x20U) != 0;
    if (smm_only || (locked && !enabled)) return {advice.region, Verdict::vendor_tool, "the BIOS lock is on"};
  }
  if (!rights) return {advice.region, Verdict::unknown, "the descriptor's rights are not known: give a dump"};
  if (is_protected == std::nullopt) {
    return {advice.region, Verdict::unknown, "the descriptor allows it; protected ranges could not be read"};
  }
  return {advice.region, Verdict::may_work,
          "nothing that was read forbids it; an external programmer is still the safe way"};
}

}  // namespace

Advice advise(const std::string& root, ByteView dump) {
  Advice advice;
  const auto control = bios_control(root);
  if (control) {
    advice.evidence.push_back(fmt::format("BIOS control register of {}: {:#04x}", control->where, control->value));
  } else {
    advice.missing.emplace_back("BIOS control register: not readable (needs root, on an Intel machine)");
  }
  const auto is_protected = kernel_flag(root, "intel_spi_protected");
  const auto locked = kernel_flag(root, "intel_spi_locked");
  if (is_protected) advice.evidence.push_back(fmt::format("protected ranges set: {}", *is_protected ? "yes" : "no"));
  if (locked) advice.evidence.push_back(fmt::format("SPI configuration locked: {}", *locked ? "yes" : "no"));
  if (!is_protected)
    advice.missing.emplace_back("protected ranges: need the kernel's Intel SPI driver of 6.13 or later");
  const auto descriptor = flash::parse_descriptor(dump);
  if (descriptor) {
    advice.evidence.emplace_back("access rights of the descriptor in the given image");
  } else {
    advice.missing.emplace_back("access rights of the descriptor: no image with a descriptor was given");
  }
  constexpr std::array<std::pair<std::string_view, unsigned>, 4> wanted{
      {{"fd", 0}, {"bios", 1}, {"me", 2}, {"gbe", 3}}};
  for (const auto& [name, index] : wanted) {
    if (descriptor && (descriptor->region(index) == nullptr || !descriptor->region(index)->in_use())) continue;
    const auto rights = descriptor ? host_may_write(*descriptor, index) : std::nullopt;
    advice.regions.push_back(judge(name, rights, control, is_protected));
  }
  return advice;
}

}  // namespace quell::spi
