// SPDX-License-Identifier: GPL-2.0-or-later
// The encodings of UEFI sections.
#pragma once

#include <cstdint>
#include <string_view>

#include "quell/byte_view.h"

namespace quell::uefi {

enum class Encoding {
  none,             // the content as it is
  lzma,             // "LZMA alone": 5 bytes of properties, u64 size
  lzma_x86,         // the same, with the targets of x86 branches made relative again
  efi11,            // the standard compression of the UEFI specification: window 8 KiB
  tiano,            // its dialect with a window of 512 KiB
  brotli,           // u64 size, u64 size of scratch memory, a Brotli stream
  gzip,             //
  crc32,            // the content as it is behind its CRC32
  signed_contents,  // the content as it is behind a certificate
  unknown,          // a GUID that nobody here knows and that wants processing
};

// "none", "LZMA", "LZMA, x86", "EFI 1.1", "Tiano", ...
std::string_view to_string(Encoding encoding) noexcept;

// Unpacked content.
struct Unpacked {
  Buffer bytes{};
  std::uint64_t consumed = 0;  // packed bytes that it took, the header included
};

// How many bytes the header of the packed data announces; Errc::damaged when it is cut off. For `brotli` and both LZMA
// forms, EFI 1.1 and Tiano.
Result<std::uint64_t> announced_size(Encoding encoding, ByteView packed);

// Unpacks what begins with the view. Errc::damaged when the stream is broken or does not give what it announces,
// Errc::refused when it announces (gzip: gives) more than `limit`, or wants a dictionary of more than 64 MiB: nothing
// is allocated then.
Result<Unpacked> unpack(Encoding encoding, ByteView packed, std::uint64_t limit);

// One dialect of the standard compression; unpack() for Encoding::efi11 and Encoding::tiano.
Result<Unpacked> unpack_standard(ByteView packed, bool tiano, std::uint64_t limit);

}  // namespace quell::uefi
