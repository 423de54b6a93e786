// SPDX-License-Identifier: GPL-2.0-or-later
// The head of an HTTP response: the host that was probed, or anybody on the way, sends it.
#include "intel/amt/probe.h"
#include "quell/byte_view.h"

using namespace quell;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text;
  const std::span<const std::uint8_t> input(data, size);
  for (const std::byte byte : std::as_bytes(input)) text.push_back(static_cast<char>(byte));
  const intel::amt::Banner banner = intel::amt::read_banner(text);
  if (banner.version) static_cast<void>(intel::match_advisories(intel::AdvisedProduct::amt, *banner.version));
  return 0;
}
