// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/intelmetool_report.h"

#include <iterator>

#include <fmt/format.h>

#include "base/bits.h"
#include "base/table.h"
#include "data/intelmetool-wording.h"

namespace quell::compat {
namespace {

std::string wording(std::string_view field, std::uint32_t value, const intel::live::Generation& generation) {
  static const Table table(data::intelmetool_wording);
  for (const auto row : table) {
    if (row["field"] != field || row.number("value") != value) continue;
    if (row.number("major_from") <= generation.from && generation.to <= row.number("major_to"))
      return std::string(row["text"]);
  }
  return fmt::format("Unknown ({})", value);
}

class Lines {
 public:
  void add(std::string_view label, std::string_view value) { text_ += fmt::format("ME: {:<24}: {}\n", label, value); }
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string intelmetool_report(const host::Registers& registers, const intel::live::Generation& generation) {
  if (!registers[0]) return {};
  const std::uint32_t first = *registers[0];
  const auto flag = [first](unsigned bit, const char* set, const char* clear) {
    return bits(first, bit, bit) != 0 ? set : clear;
  };
  Lines lines;
  lines.add("FW Partition Table", flag(5, "BAD", "OK"));
  lines.add("Bringup Loader Failure", flag(10, "YES", "NO"));
  lines.add("Firmware Init Complete", flag(9, "YES", "NO"));
  lines.add("Manufacturing Mode", flag(4, "YES", "NO"));
  lines.add("Boot Options Present", flag(24, "YES", "NO"));
  lines.add("Update In Progress", flag(11, "YES", "NO"));
  lines.add("Current Working State", wording("working_state", bits(first, 3, 0), generation));
  lines.add("Current Operation State", wording("operation_state", bits(first, 8, 6), generation));
  lines.add("Current Operation Mode", wording("operation_mode", bits(first, 19, 16), generation));
  lines.add("Error Code", wording("error", bits(first, 15, 12), generation));
  if (!registers[1]) return std::move(lines).take();
  if (generation.kind == intel::Product::sps) {
    // The second register of server firmware has another layout; the tool reads it as if it had not.
    lines.add("Progress Phase", fmt::format("SPS progress {}", bits(*registers[1], 30, 28)));
    return std::move(lines).take();
  }
  const auto fields = intel::live::decode(registers, generation);
  lines.add("Progress Phase", wording("phase_code", bits(*registers[1], 31, 28), generation));
  lines.add("Power Management Event", wording("pm_event", bits(*registers[1], 27, 24), generation));
  lines.add("Progress Phase State", intel::live::phase_state_text(fields, generation));
  return std::move(lines).take();
}

std::string extend_line(ByteView config) {
  // HERES: algorithm 3:0, feature present 30, valid 31; then the dwords (docs/formats/host-status.md).
  constexpr std::uint64_t status_at = 0xBC, digest_at = 0xC0;
  const auto status = config.u32(status_at);
  if (!status || *status == 0xFFFFFFFF || bits(*status, 31, 31) == 0) return {};
  const std::uint32_t algorithm = bits(*status, 3, 0);
  if (algorithm != 0 && algorithm != 2) return {};  // SHA-384 does not fit here: it lies in BAR 0
  const bool sha256 = algorithm == 2;
  std::string text = sha256 ? "ME: Extend SHA-256: " : "ME: Extend SHA-1: ";
  for (std::uint64_t i = 0; i < (sha256 ? 8U : 5U); ++i) {
    const auto word = config.u32(digest_at + 4 * i);
    if (!word) return {};
    fmt::format_to(std::back_inserter(text), "{:08x}", *word);
  }
  return text.append("\n");
}

}  // namespace quell::compat
