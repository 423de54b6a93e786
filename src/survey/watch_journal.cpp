// SPDX-License-Identifier: GPL-2.0-or-later
// The watch's journal: one JSON object a line, so that a line cut off by a power loss costs only itself.
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/split.h"
#include "survey/watch.h"

namespace quell {

using namespace host;

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* schema = "quell-watch/1";
constexpr std::array<const char*, 3> kinds = {"start", "beat", "end"};

std::optional<std::uint32_t> number_in(const Json& line, const char* key) {
  const auto found = line.find(key);
  if (found == line.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint32_t>();
}

double seconds_in(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found == line.end() || !found->is_number() ? 0 : found->get<double>();
}

std::string text_in(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found == line.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

std::optional<WatchRecord> read_line(std::string_view text) {
  const Json line = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!line.is_object() || text_in(line, "schema") != schema) return std::nullopt;
  WatchRecord record;
  const std::string kind = text_in(line, "kind");
  record.kind = kind == kinds[0]   ? WatchRecord::Kind::start
                : kind == kinds[2] ? WatchRecord::Kind::end
                                   : WatchRecord::Kind::beat;
  record.boot_id = text_in(line, "boot_id");
  record.clocks = {seconds_in(line, "boottime"), seconds_in(line, "monotonic"), text_in(line, "wall")};
  record.awake = seconds_in(line, "awake");
  record.sleeps = number_in(line, "sleeps").value_or(0);
  record.sample.verdict = parse_verdict(text_in(line, "verdict")).value_or(Verdict::unknown);
  record.sample.hfsts1 = number_in(line, "hfsts1");
  record.sample.hfsts2 = number_in(line, "hfsts2");
  record.cause = text_in(line, "cause");
  record.detail = text_in(line, "detail");
  return record;
}

}  // namespace

std::string to_line(const WatchRecord& record) {
  Json line;
  line["schema"] = schema;
  line["kind"] = kinds.at(static_cast<std::size_t>(record.kind));
  line["boot_id"] = record.boot_id;
  line["wall"] = record.clocks.wall;
  line["boottime"] = record.clocks.boottime;
  line["monotonic"] = record.clocks.monotonic;
  line["awake"] = record.awake;
  line["sleeps"] = record.sleeps;
  line["verdict"] = to_string(record.sample.verdict);
  if (record.sample.hfsts1) line["hfsts1"] = *record.sample.hfsts1;
  if (record.sample.hfsts2) line["hfsts2"] = *record.sample.hfsts2;
  if (record.sample.on_mains) line["on_mains"] = *record.sample.on_mains;
  if (!record.cause.empty()) line["cause"] = record.cause;
  if (!record.detail.empty()) line["detail"] = record.detail;
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<WatchRecord> read_journal(std::string_view text) {
  std::vector<WatchRecord> out;
  for (const std::string_view line : lines_of(text)) {
    if (auto record = read_line(line)) out.push_back(*std::move(record));
  }
  return out;
}

std::string trim_journal(std::string_view text, std::size_t keep) {
  const std::vector<WatchRecord> records = read_journal(text);
  std::size_t starts = 0;
  std::size_t first = records.size();
  while (first > 0 && starts < keep) {
    --first;
    if (records[first].kind == WatchRecord::Kind::start) ++starts;
  }
  std::string out;
  for (std::size_t i = first; i < records.size(); ++i) out += to_line(records[i]);
  return out;
}

}  // namespace quell
