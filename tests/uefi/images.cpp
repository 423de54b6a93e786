// SPDX-License-Identifier: GPL-2.0-or-later
#include "uefi/images.h"

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
  return read_sample(shared("corpus/uefi/bios/" + name + ".xz"));
}

}  // namespace quell::test
