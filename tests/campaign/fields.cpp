// SPDX-License-Identifier: GPL-2.0-or-later
// Where the fields of a specimen are, so that each can be set to the values that break parsers.
#include <array>
#include <bitset>

#include <fmt/format.h>

#include "campaign/damage.h"
#include "quell/flash/descriptor.h"

namespace quell::campaign {
namespace {

class Collector {
 public:
  explicit Collector(const Base& base) : view_(base.bytes) {}

  std::vector<Field> collect() {
    descriptor();
    for (std::uint64_t at = 0; view_.has(at, 0x20); at += 4) {
      if (view_.matches(at, "$FPT")) partition_table(at);
      if (view_.matches(at, "$CPD")) directory(at);
      if (view_.matches(at + 0x1C, "$MN2") || view_.matches(at + 0x1C, "$MAN")) manifest(at);
      if (view_.matches(at, "$MME")) words("module header", at, 0x50);
      if (view_.matches(at, "LLUT")) words("chunk table", at, 0x48);
      if (at % 0x1000 == 0 && view_.matches(at, std::string_view("\xAA\x55\0\0", 4))) boot_table(at);
    }
    return std::move(fields_);
  }

 private:
  void add(std::string_view structure, std::uint64_t start, std::uint64_t offset, unsigned width) {
    if (view_.has(start + offset, width)) {
      fields_.push_back({start + offset, width, fmt::format("{}+{:#x}", structure, offset)});
    }
  }
  void words(std::string_view structure, std::uint64_t start, std::uint64_t size) {
    for (std::uint64_t offset = 0; offset < size; offset += 4) add(structure, start, offset, 4);
  }
  void bytes(std::string_view structure, std::uint64_t start, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t offset = from; offset < to; ++offset) add(structure, start, offset, 1);
  }
  std::uint64_t count_at(std::uint64_t offset, std::uint64_t most) {
    return std::min<std::uint64_t>(view_.u32(offset).value_or(0), most);
  }

  void descriptor() {
    const auto found = flash::parse_descriptor(view_);
    if (!found) return;
    words("descriptor map", found->signature_offset, 0x14);
    bytes("descriptor map", found->signature_offset, 4, 0x10);
    words("upper map", 0xEFC, 4);
    bytes("upper map", 0xEFC, 0, 4);
    words("component section", found->component_section, 0x0C);
    words("region section", found->region_section, 4 * found->regions.size());
    words("master section", found->master_section, 4 * found->masters.size());
    words("straps", found->strap_section, 4ULL * found->strap_count);
    words("processor straps", found->mch_strap_section, 4ULL * found->mch_strap_count);
    words("VSCC table", 0xDF0, 8);
  }

  void partition_table(std::uint64_t at) {
    words("$FPT", at, 0x20);
    bytes("$FPT", at, 8, 0x0C);
    for (std::uint64_t row = 0; row < count_at(at + 4, 32); ++row) words("$FPT row", at + 0x20 + 0x20 * row, 0x20);
    // Vectors, or the layout table in front of the data partition.
    if (at >= 0x1000) words("layout table", at - 0x1000, 0x58);
  }

  void directory(std::uint64_t at) {
    words("$CPD", at, 0x14);
    bytes("$CPD", at, 8, 0x0C);
    for (std::uint64_t row = 0; row < count_at(at + 4, 4); ++row) words("$CPD entry", at + 0x10 + 0x18 * row, 0x18);
  }

  void manifest(std::uint64_t at) {
    words("manifest", at, 0x88);
    for (const std::uint64_t half : {0x24U, 0x26U, 0x28U, 0x2AU, 0x16U}) add("manifest", at, half, 2);
    add("manifest exponent", at, 0x180, 4);
    add("manifest signature", at, 0x184, 4);
    const std::uint64_t header = 4 * count_at(at + 4, 0x100);
    words("manifest extension", at + header, 0x20);
  }

  void boot_table(std::uint64_t at) {
    words("BPDT", at, 0x18);
    words("BPDT entries", at + 0x18, 12 * (view_.u16(at + 4).value_or(0) & 0x1FU));
  }

  ByteView view_;
  std::vector<Field> fields_{};
};

}  // namespace

std::vector<Field> fields_of(const Base& base) { return Collector(base).collect(); }

}  // namespace quell::campaign
