// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/survey/check.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace quell {
namespace {

// A finding belongs to the first question one of whose words is a part of its id ("intel.fpt.checksum": parts
// "intel", "fpt", "checksum"; "amd.directory-checksum-mismatch": "amd", "directory", "checksum", "mismatch"). The last
// question takes the rest.
struct AskedOf {
  std::string_view id;
  std::string_view title;
  std::array<std::string_view, 6> words;
};

constexpr std::array<AskedOf, 9> asked_questions{{
    {"size", "the file is as long as the chip", {"image.size", "image.size-mismatch", "image.cut-short"}},
    {"blank", "nothing is blank that should hold something", {"image.blank", "image.empty", "image.reset-vector"}},
    {"repeated", "no area repeats", {"image.repeated"}},
    {"regions", "regions lie inside the file and do not overlap", {"flash.region", "flash.regions"}},
    {"descriptor",
     "the flash descriptor is sane",
     {"flash.descriptor", "flash.map", "flash.strap", "intel.descriptor"}},
    {"signatures", "signatures hold", {"signature", "signature-bad", "key-mismatch", "key", "signatures"}},
    {"checksums", "checksums are right", {"checksum", "checksums", "crc", "checksum-placeholder"}},
    {"hashes",
     "digests match what they cover",
     {"hash", "digest", "hashes", "digests", "digest-mismatch", "hash-mismatch"}},
    {"structure", "the engines' structures are whole", {}},
}};

bool is_part(std::string_view id, std::string_view word) {
  for (std::size_t at = id.find(word); at != std::string_view::npos; at = id.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || id[at - 1] == '.' || id[at - 1] == '-';
    if (begins && (end == id.size() || id[end] == '.' || id[end] == '-')) return true;
  }
  return false;
}

std::size_t question_of(const Finding& finding) {
  const auto found = std::ranges::find_if(asked_questions, [&](const AskedOf& question) {
    return std::ranges::any_of(question.words,
                               [&](std::string_view word) { return !word.empty() && is_part(finding.id, word); });
  });
  return found == asked_questions.end() ? asked_questions.size() - 1
                                        : static_cast<std::size_t>(found - asked_questions.begin());
}

// What was verified, counted over the trees of the layout and the engines.
struct Verified {
  std::size_t signatures = 0;
  std::size_t checksums = 0;
  std::size_t digests = 0;
};

bool has_word(std::string_view key, std::string_view word) { return key.find(word) != std::string_view::npos; }

// "valid", true, "matches": said of something that was looked at. "not checked" and unknown are not.
bool was_verified(const Value& value) {
  if (std::holds_alternative<bool>(value)) return true;
  const auto* text = std::get_if<std::string>(&value);
  constexpr std::array<std::string_view, 6> words{"valid", "invalid", "match", "mismatch", "ok", "bad"};
  return text != nullptr && std::ranges::any_of(words, [&](std::string_view word) { return text->starts_with(word); });
}

void count_verified(const Component& component, Verified& verified, unsigned level = 0) {
  constexpr unsigned deepest = 64;
  // Several attributes may speak of the one signature of a component.
  bool signature = false;
  bool checksum = false;
  bool digest = false;
  for (const Attribute& attribute : component.attributes) {
    if (!was_verified(attribute.value)) continue;
    signature = signature || has_word(attribute.key, "signature");
    checksum = checksum || has_word(attribute.key, "checksum") || has_word(attribute.key, "crc");
    digest = digest || has_word(attribute.key, "hash") || has_word(attribute.key, "digest") ||
             has_word(attribute.key, "sha256_matches");
  }
  verified.signatures += signature ? 1U : 0U;
  verified.checksums += checksum ? 1U : 0U;
  verified.digests += digest ? 1U : 0U;
  if (level >= deepest) return;
  for (const Component& child : component.children) count_verified(child, verified, level + 1);
}

// Where an engine says so in its facts alone.
void count_facts(const Attributes& facts, Verified& verified) {
  std::size_t signatures = 0;
  std::size_t digests = 0;
  for (const Attribute& fact : facts) {
    if (!was_verified(fact.value)) continue;
    signatures += has_word(fact.key, "signature") ? 1U : 0U;
    digests += has_word(fact.key, "digest") || has_word(fact.key, "hashes_match") ? 1U : 0U;
  }
  if (verified.signatures == 0) verified.signatures = signatures;
  if (verified.digests == 0) verified.digests = digests;
}

std::string plural(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// State and note of an item that has no finding of its own.
void set_default(CheckItem& item, const Report& report, const Verified& verified) {
  const auto counted = [&](std::size_t count, std::string_view what) {
    item.state = count == 0 ? CheckItem::State::unknown : CheckItem::State::passed;
    if (count != 0) item.note = plural(count, what);
    if (count == 0 && report.engines.empty()) item.state = CheckItem::State::inapplicable;
  };
  const bool has_descriptor = report.layout.kind == "layout" && !report.layout.children.empty();
  const bool whole_chip = report.what.type == FileKind::dump || report.what.type == FileKind::rom;
  if (item.id == "signatures") return counted(verified.signatures, "signature");
  if (item.id == "checksums") return counted(verified.checksums, "checksum");
  if (item.id == "hashes") return counted(verified.digests, "digest");
  if (item.id == "structure") return counted(report.engines.size(), "engine");
  if (item.id == "size" && !whole_chip) item.state = CheckItem::State::inapplicable;
  if ((item.id == "descriptor" || item.id == "regions") && !has_descriptor) item.state = CheckItem::State::inapplicable;
  if (item.id == "regions" && has_descriptor) item.note = plural(report.layout.children.size(), "region");
}

void take(std::vector<CheckItem>& items, const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) items[question_of(finding)].findings.push_back(finding);
}

CheckItem::State state_of(const std::vector<Finding>& findings, CheckItem::State otherwise) {
  Severity worst = Severity::info;
  for (const Finding& finding : findings) worst = std::max(worst, finding.severity);
  if (worst >= Severity::error) return CheckItem::State::failed;
  return worst == Severity::warning ? CheckItem::State::warned : otherwise;
}

}  // namespace

std::string_view to_string(CheckItem::State state) noexcept {
  switch (state) {
    case CheckItem::State::passed: return "passed";
    case CheckItem::State::warned: return "warned";
    case CheckItem::State::failed: return "failed";
    case CheckItem::State::unknown: return "unknown";
    case CheckItem::State::inapplicable: return "not applicable";
  }
  return "unknown";
}

std::vector<CheckItem> check_items(const Report& report) {
  Verified verified;
  count_verified(report.layout, verified);
  for (const EngineReport& engine : report.engines) count_verified(engine.tree, verified);
  for (const EngineReport& engine : report.engines) count_facts(engine.facts, verified);
  std::vector<CheckItem> items;
  for (const AskedOf& question : asked_questions) {
    items.push_back({std::string(question.id), std::string(question.title), CheckItem::State::passed, {}, {}});
    set_default(items.back(), report, verified);
  }
  take(items, report.findings);
  for (const EngineReport& engine : report.engines) take(items, engine.findings);
  for (CheckItem& item : items) item.state = state_of(item.findings, item.state);
  return items;
}

bool sound(const std::vector<CheckItem>& items) noexcept {
  return std::ranges::none_of(items, [](const CheckItem& item) { return item.state == CheckItem::State::failed; });
}

}  // namespace quell
