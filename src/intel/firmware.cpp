// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/firmware.h"

#include "intel/fpt.h"
#include "quell/flash/descriptor.h"

namespace quell::intel {
namespace {

// Hashing the initial boot block again would cost as much as the digest of the file: `inspect` does it up to this
// size, `check` always.
constexpr std::uint64_t quick_limit = std::uint64_t{256} << 10U;

Firmware read_firmware(const Image& image) {
  const ByteView body = image.body();
  Firmware out;
  out.descriptor = find_fpt(body) ? std::nullopt : flash::find_descriptor(body);
  out.region = out.descriptor ? image.region("me").value_or(ByteView()) : body;
  if (out.descriptor) out.boot = image.region("bios").value_or(ByteView());
  out.me = parse_me_region(out.region, out.descriptor == 0, out.signatures);
  return out;
}

std::optional<CseImage> read_cse(const Firmware& firmware) {
  if (auto cse = parse_cse(firmware.region, firmware.signatures)) return *std::move(cse);
  auto cse = parse_cse(firmware.boot, firmware.signatures);
  if (cse && cse->container == CseContainer::boot_region) return *std::move(cse);
  return std::nullopt;
}

std::optional<DisableBits> read_disable_bits(const Examined& examined) {
  const auto& descriptor = examined.descriptor();
  if (!descriptor) return std::nullopt;
  const Firmware& firmware = firmware_of(examined);
  const ByteView body(examined.image().body().bytes());
  const auto* me = descriptor->me();
  const bool same = firmware.descriptor && me != nullptr && me->in_use() &&
                    body.has(me->range.offset, me->range.size) && firmware.region.size() == me->range.size;
  const FirmwareFacts facts =
      same ? firmware_facts(firmware.region, firmware.me, firmware.signatures) : firmware_facts(*descriptor, body);
  return find_disable_bits(*descriptor, body, facts);
}

}  // namespace

const Firmware& firmware_of(const Examined& examined) {
  return examined.once([&] { return read_firmware(examined.image()); });
}

const std::optional<CseImage>& cse_of(const Examined& examined) {
  return examined.once([&] { return read_cse(firmware_of(examined)); });
}

const std::optional<DisableBits>& disable_bits_of(const Examined& examined) {
  return examined.once([&] { return read_disable_bits(examined); });
}

const BootGuard& boot_guard_of(const Examined& examined) {
  return examined.once([&] { return read_boot_guard(examined.image(), quick_limit); });
}

}  // namespace quell::intel
