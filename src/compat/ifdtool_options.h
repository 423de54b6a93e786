// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "flash/descriptor_edit.h"

namespace quell::compat {

// A row of data/ifdtool-platforms.csv: what `-p NAME` says of an image.
struct IfdPlatform {
  std::string name{};
  flash::DescriptorVersion version = flash::DescriptorVersion::v1;
  bool extended_access = false;
  flash::LockProfile lock = flash::LockProfile::classic;
  std::optional<std::uint64_t> gpr0_strap{};    // index of the strap with the protected range
  std::optional<std::uint64_t> gpr0_pointer{};  // where in the ME region the offset of the data partition stands
};
std::optional<IfdPlatform> find_ifd_platform(std::string_view name);

enum class Gpr0 { leave, disable, enable, status };

// A command line of ifdtool 1.2.
struct IfdOptions {
  std::string input{};
  std::optional<std::string> output{};  // -O; the input's name with ".new" otherwise
  std::optional<IfdPlatform> platform{};
  bool dump = false, extract = false, validate = false;
  std::optional<std::string> layout{}, fmap{}, new_layout{};
  std::optional<std::string> inject_region{}, inject_file{};
  std::optional<unsigned> clock{};    // code
  std::optional<unsigned> density{};  // code
  unsigned chip = 0;
  bool em100 = false, lock = false, unlock = false, read = false;
  Gpr0 gpr0 = Gpr0::leave;
  std::optional<std::uint32_t> top_swap_size{};
  std::optional<std::uint64_t> strap{};
  std::uint32_t strap_value = 0;
  std::optional<bool> disable_me{};

  // Whether anything asks for a changed image.
  [[nodiscard]] bool changes() const noexcept {
    return inject_file || new_layout || clock || density || em100 || lock || unlock || read || gpr0 == Gpr0::disable ||
           gpr0 == Gpr0::enable || top_swap_size || strap || disable_me;
  }
};

// What the command line asks for: a run, or this exit status at once (help, version, a mistake; already reported).
std::variant<IfdOptions, int> parse_ifdtool(std::span<char* const> arguments);

}  // namespace quell::compat
