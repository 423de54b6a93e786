// SPDX-License-Identifier: GPL-2.0-or-later
#include "storm_input.h"

#include <algorithm>

namespace quell::test {

Buffer Input::content(const std::vector<Buffer>& seeds) {
  if (below(6) == 0) {
    Buffer noise(1 + below(5000));
    for (std::byte& byte : noise) byte = std::byte(random_() & 0xFFU);
    return noise;
  }
  Buffer bytes = seeds[below(seeds.size())];
  damage(bytes);
  return bytes;
}

void Input::damage(Buffer& bytes) {
  for (auto left = below(12); left > 0; --left) {
    // Headers lie at the start more often than elsewhere.
    const auto reach = below(2) == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 0x4000);
    bytes[below(reach)] = std::byte(random_() & 0xFFU);
  }
  if (below(4) == 0) bytes.resize(1 + below(bytes.size()));
}

Buffer Input::archive(const host::Entries& machine) {
  host::Entries entries = machine;
  for (auto& [path, entry] : entries) entry.data = worn(entry.data);
  Buffer bytes = host::write_tar(entries).value();
  if (below(4) == 0) damage(bytes);
  return bytes;
}

std::string Input::worn(std::string_view text) {
  std::string out(text);
  if (below(3) != 0 || out.empty()) return out;
  for (auto damage = below(3); damage > 0; --damage) out[below(out.size())] = static_cast<char>(random_() & 0xFFU);
  if (below(3) == 0) out.resize(below(out.size()));
  return out;
}

}  // namespace quell::test
