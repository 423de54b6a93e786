// SPDX-License-Identifier: GPL-2.0-or-later
#include "uefi/images.h"

#include <stdexcept>

#include <lzma.h>

#include "support/real_images.h"
#include "support/shared.h"

namespace quell::test {

const nlohmann::json& uefi_oracle() {
  static const nlohmann::json recorded = read_json(shared("oracle/uefi.json"));
  return recorded;
}

Buffer bios_image(const std::string& name) {
  for (const char* folder : {"corpus/uefi/bios/", "corpus/uefi/"}) {
    const auto plain = shared(folder + name);
    if (std::filesystem::exists(plain)) return read_file(plain);
  }
  const Buffer packed = read_file(shared("corpus/uefi/bios/" + name + ".xz"));
  Buffer out(std::size_t{80} << 20U);
  std::uint64_t memory = std::uint64_t{256} << 20U;
  std::size_t from = 0;
  std::size_t to = 0;
  const auto* in = static_cast<const std::uint8_t*>(static_cast<const void*>(packed.data()));
  auto* unpacked = static_cast<std::uint8_t*>(static_cast<void*>(out.data()));
  const auto status =
      lzma_stream_buffer_decode(&memory, 0, nullptr, in, &from, packed.size(), unpacked, &to, out.size());
  if (status != LZMA_OK) throw std::runtime_error("cannot unpack " + name);
  out.resize(to);
  return out;
}

}  // namespace quell::test
