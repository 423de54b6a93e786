// SPDX-License-Identifier: GPL-2.0-or-later
// Whole firmware images come from flash chips, vendors' archives and attackers: every container, manifest, extension
// and directory in one target, with everything that is reported and extracted of them.
#include <cstdint>
#include <memory>
#include <span>

#include "base/budget.h"
#include "intel/cse/image.h"
#include "intel/cse/report.h"
#include "report/json.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const Bytes bytes = std::as_bytes(std::span(data, size));
  auto image = intel::parse_cse(ByteView(bytes));
  if (!image) return 0;
  // What is unpacked and hashed stays within what this much input may cause.
  const auto budget = std::make_shared<Budget>(size);
  intel::verify(*image, *budget);
  Report report{.file = "fuzz", .size = size};
  EngineReport engine{.engine = "intel-me", .title = intel::title_of(*image), .facts = intel::facts(*image)};
  engine.tree = intel::describe(*image);
  engine.findings = intel::audit(*image, {});
  report.engines.push_back(std::move(engine));
  static_cast<void>(report::to_json("fuzz", {report}));
  for (const Artifact& artifact :
       intel::artifacts_of(std::make_shared<const intel::CseImage>(*std::move(image)), budget)) {
    const std::uint64_t left = budget->left();
    if (artifact.range && !ByteView(bytes).has(artifact.range->offset, artifact.range->size)) __builtin_trap();
    if (!artifact.unpack) continue;
    const auto unpacked = artifact.unpack();
    const bool from_stream = artifact.attributes.find("compression") != nullptr;
    if (from_stream && unpacked && unpacked->size() > left) __builtin_trap();
  }
  return 0;
}
