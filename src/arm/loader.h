// SPDX-License-Identifier: GPL-2.0-or-later
// Boot programs of ARM boards as files of their own: TF-A BL31 as ELF and raw, loaders and secure-world parts of
// Rockchip, Amlogic and MediaTek.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arm/secure_world.h"
#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/finding.h"

namespace quell::arm {

struct Loader {
  enum class Role { monitor, trusted_os, other };
  std::string kind{};   // stable: "arm.bl31", "arm.mediatek-loader", ...
  std::string title{};  // "TF-A BL31 (EL3 monitor)"
  std::string vendor{};
  std::string version{};
  std::string built{};
  Role role = Role::other;
  MonitorInfo monitor{};
  Attributes attributes{};
  std::optional<std::uint64_t> size{};  // what its own header says; nothing where none does
  Range range{};
  std::vector<Finding> problems{};
};

// A program whose header names it: an ELF monitor, MediaTek's and Amlogic's containers. Reads a bounded number of bytes
// beside the one search for the monitor's strings in an ELF file.
std::optional<Loader> read_headed_loader(ByteView file);

// A program without a header, by texts that only such a program holds together. Files up to 4 MiB are looked at; one
// pass a text.
std::optional<Loader> read_raw_loader(ByteView file);

Component describe(const Loader& loader);

}  // namespace quell::arm
