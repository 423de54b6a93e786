// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: a flash worker of another version, or one whose memory a hostile programmer has damaged.
#include <cstddef>
#include <cstdint>
#include <span>

#include "report/chip/describe.h"
#include "spi/protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const Bytes input = std::as_bytes(std::span(data, size));
  static_cast<void>(spi::parse_frame_header(input));
  static_cast<void>(spi::unpack_read_request(input));
  const auto protection = spi::unpack_protection(input).value_or(spi::Protection{});
  if (const auto identity = spi::unpack_identity(input)) {
    static_cast<void>(report::chip::probe_text(*identity, protection, "x"));
    static_cast<void>(report::chip::probe_json(*identity, protection, "x"));
  }
  return 0;
}
