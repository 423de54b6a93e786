// SPDX-License-Identifier: GPL-2.0-or-later
// The pieces that AMD specimens are put together from.
#pragma once

#include <cstdint>
#include <vector>

#include "quell/digest.h"
#include "specimen/amd.h"
#include "specimen/random.h"
#include "specimen/signing.h"
#include "specimen/specimen.h"

namespace quell::specimen {

// Which bytes a signature covers.
enum class AmdSigning { as_stored, inflated, family15 };

// A key as AMD's formats name it.
struct AmdKey {
  std::uint8_t id = 0;  // repeated sixteen times
  unsigned bits = 2048;
  std::uint32_t usage = 0;
  [[nodiscard]] Buffer id_bytes() const { return Buffer(16, static_cast<std::byte>(id)); }
};

inline constexpr AmdKey amd_root{.id = 0xA1, .bits = 4096, .usage = 0};
inline constexpr AmdKey amd_old_root{.id = 0xA2, .bits = 2048, .usage = 0};
inline constexpr AmdKey amd_smu_key{.id = 0xB1, .bits = 2048, .usage = 47};

struct AmdPart {
  Buffer payload{};
  AmdKey key = amd_root;
  AmdSigning signing = AmdSigning::as_stored;
  std::uint32_t version = 0x00112233;
  std::uint32_t level = 1;  // security patch level
  std::uint8_t type = 0;
  bool compressed = false;
  bool announce_digest = true;
};

// zlib, as these formats keep it.
Buffer zlib_of(Bytes plain);

// PSP header, payload, signature.
Buffer amd_entry(const AmdPart& part);
// An entry of family 15h whose zlib stream unpacks to a complete signed image.
Buffer amd_wrapped_entry(Bytes payload, const AmdKey& key);
// Key token, with the certificate of `certifier` unless it names itself.
Buffer amd_token(const AmdKey& key, const AmdKey& certifier);
// Key database with one key.
Buffer amd_key_database(const AmdKey& key, const AmdKey& signer);
// Container with sub-images.
Buffer amd_container(const std::vector<Buffer>& images, const AmdKey& key);
// Anti-rollback table: type and minimum.
Buffer amd_spl_table(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& minimums, const AmdKey& key);
// Board configuration with a right checksum.
Buffer amd_apcb(Random& random);
// fTPM driver with the UUID by which it is known.
Buffer amd_ftpm(Random& random, std::uint64_t size);
// Compressed x86 reset image: header with the stream's size, stream.
Buffer amd_reset_image(Bytes plain);

// A directory entry. Without bytes the address stands as it is.
struct AmdRow {
  std::uint8_t type = 0;
  Buffer bytes{};
  std::uint64_t address = 0;
  std::uint32_t size = 0;  // 0: that of the bytes
  std::uint16_t flags = 0;
  std::uint8_t subprogram = 0;
  std::uint64_t destination = ~std::uint64_t{0};  // BIOS directories
};

// Puts directories and what they hold one after the other into an image.
class AmdFlash {
 public:
  explicit AmdFlash(std::uint64_t size) : size_(size), canvas_(size) {}

  // Room for so many bytes, at a multiple of 0x100; returns the offset.
  std::uint64_t reserve(std::uint64_t size);
  // The bytes, at the next multiple of 0x100.
  std::uint64_t put(Bytes bytes);
  // A directory with this cookie and address mode (0 MMIO, 1 flash offset, 2 relative), and the bytes of its rows.
  std::uint64_t directory(std::string_view cookie, unsigned mode, const std::vector<AmdRow>& rows);
  // A combo directory: PSP ID and offset.
  std::uint64_t combo(std::string_view cookie, const std::vector<std::pair<std::uint32_t, std::uint64_t>>& targets);
  // An image slot header.
  std::uint64_t slot_header(std::uint32_t priority, std::uint64_t level2);
  // The structure itself: PSP and BIOS directory in the fields of the given offsets.
  void efs(std::uint32_t generation, const std::vector<std::pair<std::uint64_t, std::uint64_t>>& pointers);

  // The MMIO address of an offset.
  [[nodiscard]] std::uint64_t mmio(std::uint64_t offset) const;
  [[nodiscard]] Buffer take() && { return std::move(canvas_).take(); }

 private:
  [[nodiscard]] std::uint64_t address(unsigned mode, std::uint64_t directory, std::uint64_t offset) const;
  // Fletcher-32 of the canvas from `at` + 4 + `skip` on, stored at `at` + `place`.
  void seal(std::uint64_t at, std::uint64_t place, std::uint64_t first, std::uint64_t size);

  std::uint64_t size_;
  Canvas canvas_;
  std::uint64_t next_ = amd_efs_offset + 0x1000;
};

}  // namespace quell::specimen
