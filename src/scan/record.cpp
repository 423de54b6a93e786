// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/record.h"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/printable.h"
#include "data/tables-digest.h"
#include "quell/byte_view.h"
#include "quell/version.h"

namespace quell::scan {
namespace {

using Json = nlohmann::ordered_json;

template <class Status>
struct Named {
  Status status;
  std::string_view word;
};
template <class Status>
Named(Status, std::string_view) -> Named<Status>;

constexpr std::array file_words{Named{FileStatus::ok, "ok"},
                                Named{FileStatus::unreadable, "unreadable"},
                                Named{FileStatus::not_a_file, "not-a-file"},
                                Named{FileStatus::too_large, "too-large"},
                                Named{FileStatus::changed, "changed"},
                                Named{FileStatus::timeout, "timeout"},
                                Named{FileStatus::memory, "memory"},
                                Named{FileStatus::crash, "crash"}};
constexpr std::array image_words{Named{ImageStatus::ok, "ok"},           Named{ImageStatus::unknown, "unknown"},
                                 Named{ImageStatus::damaged, "damaged"}, Named{ImageStatus::timeout, "timeout"},
                                 Named{ImageStatus::memory, "memory"},   Named{ImageStatus::crash, "crash"}};

template <class Status, std::size_t N>
std::string_view word_of(const std::array<Named<Status>, N>& words, Status status) noexcept {
  const auto found = std::ranges::find(words, status, &Named<Status>::status);
  return found == words.end() ? std::string_view() : found->word;
}

// What JSON can hold of it: other bytes become U+FFFD.
std::string text_of(const Json& json) {
  return printable_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(Json(text).dump());
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

}  // namespace

std::string_view to_string(FileStatus status) noexcept { return word_of(file_words, status); }
std::string_view to_string(ImageStatus status) noexcept { return word_of(image_words, status); }

std::string time_text(const FileStamp& stamp) {
  const std::time_t seconds = stamp.seconds;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", std::int64_t{parts.tm_year} + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, stamp.nanoseconds);
}

RunKey run_key(std::string_view level) { return {version, data::tables_digest, std::string(level)}; }

std::string to_line(const FileRecord& record) {
  Json file;
  file["path"] = record.path;
  if (!is_utf8(record.path)) file["path_base64"] = base64(as_bytes(record.path));
  if (record.stamp) {
    file["size"] = record.stamp->size;
    file["mtime"] = time_text(*record.stamp);
  }
  if (record.sha256) file["sha256"] = to_hex(*record.sha256);
  file["status"] = to_string(record.status);
  if (!record.error.empty()) file["error"] = record.error;
  if (record.signal) file["signal"] = *record.signal;
  Json line;
  line["schema"] = schema;
  line["file"] = std::move(file);
  return text_of(line) + "\n";
}

std::string head_of_lines() { return fmt::format(R"({{"schema":"{}",")", schema); }
std::string head_of_images() { return head_of_lines() + R"(image":{"sha256":")"; }

std::string key_members(const RunKey& key) {
  return fmt::format(R"(,"quell":{},"tables":{},"level":{},)", text_of(key.version), text_of(key.tables),
                     text_of(key.level));
}

std::string to_line(const ImageRecord& record, const RunKey& key) {
  std::string line = head_of_images();
  fmt::format_to(std::back_inserter(line), R"({}","size":{}{}"status":"{}")", to_hex(record.sha256), record.size,
                 key_members(key), to_string(record.status));
  if (record.signal) fmt::format_to(std::back_inserter(line), R"(,"signal":{})", *record.signal);
  if (!record.error.empty()) line.append(R"(,"error":)").append(text_of(record.error));
  fmt::format_to(std::back_inserter(line), R"(,"ms":{:.3f},)", record.milliseconds);
  line += record.members.empty() ? R"("checks":{},"engines":[],"findings":[],"advisories":[])" : record.members;
  return line.append("}}\n");
}

}  // namespace quell::scan
