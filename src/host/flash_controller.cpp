// SPDX-License-Identifier: GPL-2.0-or-later
// Registers, as offsets from SPIBAR: 04 HSFS (u16; from the 100 series on u32, whose low half is the same), 50 FRAP,
// 54 FREG0 and on, 74 PR0-PR4 (ICH9 to 9 series), 84 FPR0-FPR4 and 98 GPR0 (100 series and later).
// FREGn: 14:0 base, 30:16 limit, in blocks of 4 KiB. PRn: the same, 15 no read, 31 no write.
// SPIBAR: RCBA (0:1f.0 at F0, bits 31:14) + 3800; from the 100 series on BAR 0 of 0:1f.5.
#include "host/flash_controller.h"

#include <array>

#include <fmt/format.h>

#include "base/number.h"
#include "base/split.h"
#include "host/pci.h"
#include "quell/byte_view.h"

namespace quell::host {
namespace {

constexpr std::uint64_t block = 4096;
constexpr std::uint64_t control_at = 0xDC;
constexpr std::uint32_t lock_down = 1U << 15U;
constexpr std::uint32_t strap_inactive = 1U << 13U;

// What differs between the chipsets before and after the 100 series.
struct Family {
  std::string_view function;
  std::uint32_t class_code;  // base class and subclass
  std::uint64_t base_at;     // in configuration space
  std::uint32_t base_mask;
  std::uint32_t offset;  // of SPIBAR from there
  unsigned regions;
  std::uint32_t guarded_at;
  unsigned guarded;
  std::string_view guarded_name;
};
constexpr std::array families{
    Family{"0000:00:1f.5", 0x0C80, 0x10, 0xFFFFF000, 0, 6, 0x84, 6, "FPR"},
    Family{"0000:00:1f.0", 0x0601, 0xF0, 0xFFFFC000, 0x3800, 5, 0x74, 5, "PR"},
};

Range blocks(std::uint32_t word) noexcept {
  const std::uint64_t base = word & 0x7FFFU;
  const std::uint64_t limit = (word >> 16U) & 0x7FFFU;
  return base > limit ? Range{} : Range{base * block, (limit - base + 1) * block};
}

void guard(FlashController& out, std::string name, std::uint32_t word) {
  const GuardedRange range{std::move(name), blocks(word), (word & 1U << 15U) != 0, (word & 1U << 31U) != 0};
  // A base above the limit switches the register off, whatever its bits say.
  if (!range.range.empty() && (range.no_read || range.no_write)) out.guarded.push_back(range);
}

std::uint32_t word_of(const GuardedRange& guarded) {
  const auto base = static_cast<std::uint32_t>(guarded.range.offset / block);
  const auto limit = static_cast<std::uint32_t>(guarded.range.end() / block - 1);
  return base | limit << 16U | (guarded.no_read ? 1U << 15U : 0U) | (guarded.no_write ? 1U << 31U : 0U);
}

FlashController parse(std::string_view text) {
  FlashController out;
  for (const std::string_view line : lines_of(text)) {
    const auto parts = words_of(line, ' ');
    if (parts.size() != 2) continue;
    const auto [name, value] = std::pair(parts[0], parts[1]);
    if (name == "function") out.where = value;
    const auto number = value.starts_with("0x") ? parse_hex(value.substr(2)) : std::nullopt;
    if (!number) continue;
    const auto word = static_cast<std::uint32_t>(*number);
    if (name == "bios_control") out.bios_control = static_cast<std::uint8_t>(word);
    if (name == "hsfs") out.status = word;
    if (name == "frap") out.access = word;
    if (name.starts_with("freg")) out.regions.push_back(word);
    if (name.find("PR") != std::string_view::npos) guard(out, std::string(name), word);
  }
  return out;
}

class Registers {
 public:
  Registers(const Root& root, std::uint32_t base) : root_(root), base_(base) {}

  std::optional<std::uint32_t> word(std::uint32_t offset) {
    if (!reason_.empty()) return std::nullopt;
    const Reading reading = root_.read(fmt::format("/quell/mem/{:08x}", base_ + offset), 4);
    const auto value = reading.ok() ? ByteView(reading.bytes()).u32(0) : Result<std::uint32_t>(0);
    if (reading.ok() && value) return *value;
    reason_ = reading.reason.empty() ? "not there" : reading.reason;
    return std::nullopt;
  }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  const Root& root_;
  std::uint32_t base_;
  std::string reason_{};  // why nothing more is read
};

void read_registers(const Root& root, const Family& family, std::uint32_t base, FlashController& out) {
  Registers registers(root, base + family.offset);
  out.status = registers.word(0x04);
  // All ones: the function is hidden, and nothing answers there.
  if (out.status == ~std::uint32_t{0}) {
    out.status.reset();
    out.missing.emplace_back("registers of the SPI controller: nothing answers at their place");
    return;
  }
  out.access = registers.word(0x50);
  for (unsigned i = 0; i < family.regions; ++i) {
    if (const auto value = registers.word(0x54 + 4 * i)) out.regions.push_back(*value);
  }
  for (unsigned i = 0; i < family.guarded; ++i) {
    const bool global = family.guarded == 6 && i == 5;
    const auto value = registers.word(family.guarded_at + 4 * i);
    if (value) guard(out, global ? "GPR0" : fmt::format("{}{}", family.guarded_name, i), *value);
  }
  if (!registers.reason().empty()) {
    out.missing.push_back(fmt::format("registers of the SPI controller: {}", registers.reason()));
    out.regions.clear();
  }
}

}  // namespace

std::optional<bool> FlashController::locked() const noexcept {
  return status ? std::optional((*status & lock_down) != 0) : std::nullopt;
}

bool FlashController::override_strap() const noexcept { return status && (*status & strap_inactive) == 0; }

std::optional<bool> FlashController::may_read(unsigned region) const noexcept {
  if (override_strap()) return true;
  return access ? std::optional(((*access | *access >> 16U) >> region & 1U) != 0) : std::nullopt;
}

std::optional<bool> FlashController::may_write(unsigned region) const noexcept {
  if (override_strap()) return true;
  return access ? std::optional(((*access | *access >> 16U) >> (8U + region) & 1U) != 0) : std::nullopt;
}

Range FlashController::region(unsigned index) const noexcept {
  if (index >= regions.size()) return {};
  const std::uint32_t word = regions.at(index);
  return index != 0 && word == 0 ? Range{} : blocks(word);
}

FlashController read_flash_controller(const Root& root, bool deep) {
  if (const Reading captured = root.read(flash_controller_file); captured.ok()) return parse(captured.data);
  FlashController out;
  const auto functions = pci_functions(root);
  for (const Family& family : families) {
    for (const PciFunction& function : functions) {
      if (function.address != family.function || function.class_code >> 8U != family.class_code) continue;
      const Reading config = pci_config(root, function);
      const ByteView view(config.bytes());
      const auto control = view.u8(control_at);
      const auto base = view.u32(family.base_at);
      if (!config.ok() || !control || !base) {
        out.missing.push_back(fmt::format("configuration space of {}: {}", function.address, config.reason));
        continue;
      }
      out.where = function.address;
      out.bios_control = *control;
      if (deep) {
        read_registers(root, family, *base & family.base_mask, out);
      } else {
        out.missing.emplace_back("registers of the SPI controller: not asked for");
      }
      return out;
    }
  }
  if (out.missing.empty()) out.missing.emplace_back("the SPI controller: no Intel chipset shows one here");
  return out;
}

std::string to_text(const FlashController& controller) {
  std::string out;
  const auto line = [&out](std::string_view name, std::uint32_t value) {
    out += fmt::format("{} {:#x}\n", name, value);
  };
  if (!controller.where.empty()) out += fmt::format("function {}\n", controller.where);
  if (controller.bios_control) line("bios_control", *controller.bios_control);
  if (controller.status) line("hsfs", *controller.status);
  if (controller.access) line("frap", *controller.access);
  for (std::size_t i = 0; i < controller.regions.size(); ++i) line(fmt::format("freg{}", i), controller.regions[i]);
  for (const GuardedRange& guarded : controller.guarded) line(guarded.name, word_of(guarded));
  return out;
}

}  // namespace quell::host
