// SPDX-License-Identifier: GPL-2.0-or-later
// What a build of the program is made of.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/sandbox.h"

namespace quell::report {

struct BuiltIn {
  struct Library {
    std::string_view name, version, licence;
    // "linked", "headers"; "helper": linked by a program or module beside this one; "loaded": while it runs, where it
    // is installed.
    std::string_view part;
  };
  struct Table {
    std::string_view name, sha256;
    std::string_view date;  // YYYY-MM-DD of its last change; empty where the build could not know
  };

  std::string_view linkage;  // "shared", "bundled" (all but libc), "static"
  bool chip = false;         // the helper that drives flash chips
  bool network = false;      // the commands that ask over the network
  bool http = false;         // the module by which they make HTTP requests
  bool seccomp = false;
  bool brotli = false;
  std::span<const Library> libraries{};
  std::span<const Table> tables{};
};

// Of the program that this is part of; the build writes it (cmake/BuiltIn.cmake).
const BuiltIn& built_in();

// The newest day on which a table changed; empty where none is known.
std::string_view newest_table(const BuiltIn& facts);

// `quell --version`
std::string version_text(const BuiltIn& facts, const SandboxLayers& sandbox);
// Schema quell/2, command "version".
std::string version_json(const BuiltIn& facts, const SandboxLayers& sandbox);

}  // namespace quell::report
