// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/built_in.h"

#include <algorithm>

#include <fmt/format.h>

#include "quell/version.h"
#include "report/built_in_tables.h"
#include "report/document_json.h"

namespace quell::report {
namespace {

doc::Value libraries_of(std::span<const BuiltIn::Library> libraries) {
  doc::Value::List out;
  for (const BuiltIn::Library& library : libraries) {
    doc::Value::Object one{{"name", library.name}};
    if (!library.version.empty()) one.push_back({"version", library.version});
    one.push_back({"licence", library.licence});
    one.push_back({"part", library.part});
    out.emplace_back(std::move(one));
  }
  return out;
}

}  // namespace

std::string_view newest_table(const BuiltIn& facts) {
  std::string_view newest;
  for (const auto& table : facts.tables) newest = std::max(newest, table.date);
  return newest;
}

std::string version_text(const BuiltIn& facts, const SandboxLayers& sandbox) {
  const std::string_view newest = newest_table(facts);
  return fmt::format("quell {}\nflash chips: {}\nnetwork: {}\nsandbox: {}\nfacts: {} tables{}{}", version,
                     facts.chip ? "through libflashrom" : "not built in",
                     !facts.network ? "not built in"
                     : facts.http   ? "HTTP through libcurl"
                                    : "without HTTP",
                     to_string(sandbox), facts.tables.size(), newest.empty() ? "" : ", the newest of ", newest);
}

std::string version_json(const BuiltIn& facts, const SandboxLayers& sandbox) {
  doc::Document out{"version", {}};
  out.body.field("linkage", facts.linkage)
      .field("built_in", doc::Value::Object{{"chip", facts.chip},
                                            {"network", facts.network},
                                            {"http", facts.http},
                                            {"seccomp", facts.seccomp},
                                            {"brotli", facts.brotli}})
      .field("sandbox", doc::Value::Object{{"landlock", static_cast<std::uint64_t>(sandbox.landlock)},
                                           {"seccomp", sandbox.seccomp}})
      .field("libraries", libraries_of(facts.libraries))
      .field("tables", tables_of(facts.tables));
  return to_json(out);
}

}  // namespace quell::report
