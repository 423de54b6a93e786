// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/resume.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"

namespace quell::scan {
namespace {

using Json = nlohmann::json;

std::string stamp_text(std::uint64_t size, std::string_view time) { return fmt::format("{} {}", size, time); }

constexpr std::string_view not_told = "-";

// Whether a member is a text, or is not there.
bool is_text_if_there(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_string();
}

// Whether members of an image line, from its status on, are of one that has a tree, and do not hold it. Quotation marks
// inside a text are escaped, so that what is looked for can be nothing but a member.
bool lacks_tree(std::string_view members) {
  const auto is = [&](ImageStatus status) {
    return members.starts_with(fmt::format(R"("status":"{}")", to_string(status)));
  };
  return (is(ImageStatus::ok) || is(ImageStatus::damaged)) && members.find(R"("tree":)") == std::string_view::npos;
}

}  // namespace

Past::Short Past::short_digest(std::string_view path, std::string_view stamp) {
  std::string text(path);
  text.push_back('\0');
  const Sha256 digest = sha256(as_bytes(text.append(stamp)));
  Short out{};
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

bool Past::has(std::string_view path, const std::optional<FileStamp>& stamp) const {
  const std::string text = stamp ? stamp_text(stamp->size, time_text(*stamp)) : std::string(not_told);
  return !files_.empty() && files_.contains(short_digest(path, text));
}

bool Past::take(std::string_view line, const RunKey& key) {
  if (!line.ends_with("}}")) return false;
  const std::string head = head_of_images();
  return line.starts_with(head) ? take_image(line.substr(head.size()), key) : take_file(line);
}

// An image line can be long and is ours: it is not parsed whole.
bool Past::take_image(std::string_view rest, const RunKey& key) {
  constexpr std::size_t digits = 64;
  constexpr std::string_view size = R"(","size":)";
  const Buffer digest = from_hex(rest.substr(0, digits));
  Sha256 sha256{};
  if (digest.size() != sha256.size() || rest.substr(digits, size.size()) != size) return false;
  const std::size_t members = rest.find_first_not_of("0123456789", digits + size.size());
  if (members == std::string_view::npos) return false;
  if (!rest.substr(members).starts_with(key_members(key))) {
    other_ = true;
    return false;
  }
  if (key.tree && lacks_tree(rest.substr(members + key_members(key).size()))) {
    other_ = true;
    return false;
  }
  std::ranges::copy(digest, sha256.begin());
  images_.insert(sha256);
  // Quotation marks inside a text are escaped, so that this can be nothing but a member.
  for (const Severity severity : {Severity::info, Severity::warning, Severity::error, Severity::critical}) {
    if (rest.find(fmt::format(R"("severity":"{}")", to_string(severity))) != std::string_view::npos)
      worst_ = std::max(worst_.value_or(severity), severity);
  }
  return true;
}

bool Past::take_file(std::string_view line) {
  const Json whole = Json::parse(line, nullptr, false);
  if (!whole.is_object() || !is_text_if_there(whole, "schema")) return false;
  if (whole.value("schema", "") != schema || !whole.contains("file")) return false;
  const Json& file = whole["file"];
  if (!file.is_object() || !file.contains("path") || !file["path"].is_string()) return false;
  if (!is_text_if_there(file, "path_base64") || !is_text_if_there(file, "mtime")) return false;
  const std::string encoded = file.value("path_base64", "");
  const std::string path = encoded.empty() ? file["path"].get<std::string>() : bytes_of_base64(encoded);
  const bool told = file.contains("size") && file["size"].is_number_unsigned() && file.contains("mtime");
  const std::string stamp =
      told ? stamp_text(file["size"].get<std::uint64_t>(), file.value("mtime", "")) : std::string(not_told);
  files_.insert(short_digest(path, stamp));
  return true;
}

}  // namespace quell::scan
