// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed these parsers: anyone who hands over a BIOS image or a Boot Guard manifest. Both manifests by
// themselves, then the whole judgement: table, modules, manifests, digests of the initial boot block.
#include "fuzz/engine_fuzz.h"
#include "fuzz/show.h"
#include "intel/boot_manifests.h"

namespace quell {
const Engine& intel_boot_guard_engine();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  const auto manifest = intel::parse_key_manifest(file);
  if (manifest) fuzz::show(file, {intel::describe(*manifest)}, intel::audit(*manifest));
  const auto policy = intel::parse_boot_policy(file);
  if (policy) fuzz::show(file, {intel::describe(*policy)}, intel::audit(*policy));
  return fuzz::run_engine(intel_boot_guard_engine(), "fuzz", data, size);
}
