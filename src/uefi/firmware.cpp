// SPDX-License-Identifier: GPL-2.0-or-later
#include "uefi/firmware.h"

#include "base/checksum.h"
#include "uefi/names.h"
#include "uefi/walker.h"

namespace quell::uefi {
namespace {

constexpr std::uint64_t file_header = 24;
constexpr std::uint64_t size_at = 20;

}  // namespace

Firmware read_volumes(ByteView image, const std::vector<flash::FirmwareVolume>& volumes, const WalkOptions& options) {
  Firmware out;
  out.volumes.reserve(volumes.size());  // the walk keeps pointers to them
  Walker walker(image, options, out);
  for (const flash::FirmwareVolume& header : volumes) {
    Volume& volume = out.volumes.emplace_back();
    volume.header = header;
    walker.volume(volume, image.clip(Range{header.range.offset - image.origin(), header.range.size}), {});
  }
  walker.finish();
  return out;
}

bool is_file(ByteView image) {
  const auto header = image.sub(0, file_header);
  if (!header) return false;
  const std::uint64_t size = header->u32(size_at).value_or(0) & 0xFFFFFFU;
  const unsigned left_out = header->u8(17).value_or(0) + header->u8(23).value_or(0);
  const bool summed = static_cast<std::uint8_t>(sum_of(header->bytes()) - left_out) == 0;
  return summed && size == image.size() && holds_sections(header->u8(18).value_or(0)) &&
         looks_like_sections(image.clip(Range::between(file_header, image.size())));
}

Result<Firmware> read_file(ByteView image, const WalkOptions& options) {
  if (!is_file(image)) return fail(Errc::unrecognised, "this is no UEFI firmware file");
  Firmware out;
  Walker walker(image, options, out);
  walker.file(out.files.emplace_back(), image, nullptr, {});
  walker.finish();
  return out;
}

}  // namespace quell::uefi
