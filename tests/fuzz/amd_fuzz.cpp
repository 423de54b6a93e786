// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a flash dump or a vendor's update file of an AMD board. The input is
// what follows the first 128 KiB of the image, where the Embedded Firmware Structure of the specimens stands, so that
// small inputs reach the directories.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "amd/artifacts.h"
#include "amd/firmware.h"
#include "base/budget.h"
#include "report/json.h"
#include "specimen/amd.h"

namespace {

void look(const quell::Buffer& bytes, const quell::amd::Search& search) {
  const quell::ByteView file(bytes);
  auto firmware = quell::amd::parse(file, search);
  if (!firmware) return;
  const auto budget = std::make_shared<quell::Budget>(file.size());
  quell::amd::verify(*firmware, file, *budget);
  quell::Report report{.file = "fuzz", .size = file.size()};
  for (const quell::amd::Rom& rom : firmware->roms) {
    report.engines.push_back({.engine = "amd-psp",
                              .title = quell::amd::platform(rom),
                              .facts = quell::amd::summarise(rom, file),
                              .tree = quell::amd::describe(rom),
                              .findings = quell::amd::audit(rom, file)});
  }
  static_cast<void>(quell::report::to_json("inspect", {report}));
  for (const quell::Artifact& artifact : quell::amd::artifacts(*firmware, file, budget)) {
    const std::uint64_t left = budget->left();
    if (!artifact.unpack) continue;
    const auto unpacked = artifact.unpack();
    if (unpacked && unpacked->size() > left) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > (1U << 20U)) return 0;
  const auto input = std::as_bytes(std::span(data, size));
  quell::Buffer bytes(quell::specimen::amd_efs_offset, std::byte{0xFF});
  bytes.insert(bytes.end(), input.begin() + 1, input.end());
  // The first byte says how the rest is looked at: as a chip of its own size, or as what stands behind a header.
  if (input.front() != std::byte{0}) bytes.resize(std::max<std::size_t>(bytes.size(), 0x80000), std::byte{0xFF});
  look(bytes, {.body = {}, .everywhere = input.front() == std::byte{2}});
  return 0;
}
