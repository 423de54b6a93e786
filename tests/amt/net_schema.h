// SPDX-License-Identifier: GPL-2.0-or-later
// Documents of `amt` and `net` against docs/schema/quell-2-net.schema.json.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "support/temporary_folder.h"

namespace quell::test {

// Fails where the document does not follow the schema; silent where python3-jsonschema is missing.
inline void expect_net_schema(const std::string& document) {
  const auto shell = [](const std::string& command) {
    const int status = std::system(command.c_str());  // NOLINT(cert-env33-c): the test's own words
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  static const bool there = shell("python3 -c 'import jsonschema' 2>/dev/null") == 0;
  if (!there) return;
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "document.json";
  ASSERT_TRUE(write_file(file, as_bytes(document)).has_value());
  const std::string source = QUELL_SOURCE;
  EXPECT_EQ(shell("python3 '" + source + "/tests/report/validate.py' '" + source +
                  "/docs/schema/quell-2-net.schema.json' '" + file.string() + "'"),
            0)
      << document;
}

}  // namespace quell::test
