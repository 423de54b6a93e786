// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/line.h"

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quell/digest.h"

namespace quell::store {
namespace {

constexpr std::string_view known_schema = "quell/scan/1";
constexpr std::string_view unread = "tree";  // of an image; no table holds any of it
constexpr std::size_t remembered = 100'000;

// The members of one object by name, `where` leads to it. What is wrong first is noted in `problem`, and something
// empty stands for it.
class Members {
 public:
  Members(JsonValue object, std::string_view where, std::string& problem)
      : object_(object), where_(where), problem_(&problem) {
    if (object.kind() != JsonKind::object) note(fmt::format("{} is no object", where));
  }

  // Of a value in it.
  [[nodiscard]] Members of(JsonValue object, std::string_view where) const { return {object, where, *problem_}; }
  // Null counts as not there.
  [[nodiscard]] std::optional<JsonValue> find(std::string_view name) const {
    const auto member = any(name);
    return member && member->kind() != JsonKind::null ? member : std::nullopt;
  }
  [[nodiscard]] bool has(std::string_view name) const { return any(name).has_value(); }

  [[nodiscard]] std::string_view text(std::string_view name) const {
    const auto member = need(name);
    return member ? text_of(*member, name) : std::string_view();
  }
  [[nodiscard]] Cell optional_text(std::string_view name) const {
    const auto member = find(name);
    return member ? Cell(text_of(*member, name)) : Cell();
  }
  [[nodiscard]] std::string_view text_or_empty(std::string_view name) const {
    const auto member = find(name);
    return member ? text_of(*member, name) : std::string_view();
  }
  [[nodiscard]] std::int64_t count(std::string_view name) const {
    const auto member = need(name);
    return member ? count_of(*member, name) : 0;
  }
  [[nodiscard]] std::int64_t count_or(std::string_view name, std::int64_t otherwise) const {
    const auto member = find(name);
    return member ? count_of(*member, name) : otherwise;
  }
  [[nodiscard]] Cell optional_count(std::string_view name) const {
    const auto member = find(name);
    return member ? Cell(count_of(*member, name)) : Cell();
  }
  [[nodiscard]] double real(std::string_view name) const {
    const auto member = need(name);
    if (member && (member->kind() == JsonKind::count || member->kind() == JsonKind::number)) return member->number();
    wrong(name, "number");
    return 0;
  }
  [[nodiscard]] bool flag(std::string_view name) const {
    const auto member = need(name);
    if (member && member->kind() == JsonKind::boolean) return member->truth();
    wrong(name, "boolean");
    return false;
  }
  // Calls `take` with each value of a list.
  template <class Take>
  void each(std::string_view name, const Take& take) const {
    const auto member = need(name);
    if (!member || member->kind() != JsonKind::array) {
      wrong(name, "array");
      return;
    }
    for (auto one = member->first(); one; one = one->next()) take(*one);
  }
  // Calls `take` with the members of each object of a list; `where` leads to them.
  template <class Take>
  void each_object(std::string_view name, std::string_view where, const Take& take) const {
    each(name, [&](JsonValue one) { take(of(one, where)); });
  }
  // Nothing where there is none, which is noted.
  [[nodiscard]] std::optional<JsonValue> object(std::string_view name) const {
    const auto member = need(name);
    if (member && member->kind() == JsonKind::object) return member;
    wrong(name, "object");
    return std::nullopt;
  }
  [[nodiscard]] std::string_view sha256(std::string_view name) const {
    const std::string_view text = this->text(name);
    const bool good = text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (!good) wrong(name, "SHA-256");
    return text;
  }
  [[nodiscard]] std::string_view text_of(JsonValue member, std::string_view name) const {
    if (member.kind() == JsonKind::text) return member.text();
    wrong(name, "string");
    return {};
  }

 private:
  void note(std::string what) const {
    if (problem_->empty()) *problem_ = std::move(what);
  }
  void wrong(std::string_view name, std::string_view kind) const {
    note(fmt::format("{}.{} is no {}", where_, name, kind));
  }
  [[nodiscard]] std::optional<JsonValue> any(std::string_view name) const {
    if (object_.kind() != JsonKind::object) return std::nullopt;
    auto member = object_.first();
    while (member && member->name() != name) member = member->next();
    return member;
  }
  [[nodiscard]] std::optional<JsonValue> need(std::string_view name) const {
    const auto member = find(name);
    if (!member) note(fmt::format("{} has no {}", where_, name));
    return member;
  }
  [[nodiscard]] std::int64_t count_of(JsonValue member, std::string_view name) const {
    if (member.kind() != JsonKind::count) {
      wrong(name, "count");
      return 0;
    }
    if (std::in_range<std::int64_t>(member.count())) return static_cast<std::int64_t>(member.count());
    note(fmt::format("{}.{} is too large", where_, name));
    return 0;
  }

  JsonValue object_;
  std::string_view where_;
  std::string* problem_;
};

// A number that stands for a text: the same in every database, without asking it.
std::int64_t number_of(std::string_view text) {
  const Sha256 digest = quell::sha256(std::as_bytes(std::span(text)));
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8U | std::to_integer<std::uint64_t>(digest.at(i));
  return static_cast<std::int64_t>(number >> 1U);
}

class ImageLine {
 public:
  ImageLine(const Members& image, Told& told, std::deque<std::string>& printed)
      : image_(image), told_(told), printed_(printed) {}

  Record take() && {
    record_.image = true;
    add_image();
    add_checks(image_, 0);
    std::int64_t position = 0;
    image_.each_object("engines", "engine", [&](const Members& engine) { add_engine(engine, ++position); });
    std::int64_t number = 0;
    image_.each_object("findings", "finding", [&](const Members& finding) { add_finding(finding, ++number); });
    number = 0;
    image_.each_object("advisories", "advisory", [&](const Members& advisory) { add_advisory(advisory, ++number); });
    return std::move(record_);
  }

 private:
  void add(TableId table, std::vector<Cell> cells) { record_.rows.push_back({table, std::move(cells)}); }

  void add_image() {
    const std::string_view quell = image_.text("quell");
    const std::string_view tables = image_.text("tables");
    const std::string_view level = image_.text("level");
    const Told::Number run = told_.number(TableId::run, fmt::format("{}\n{}\n{}", quell, tables, level));
    if (run.fresh) record_.shared.push_back({TableId::run, {run.value, quell, tables, level}});
    add(TableId::image, {image_.sha256("sha256"), run.value, image_.count("size"), image_.text("status"),
                         image_.optional_count("signal"), image_.optional_text("error"), image_.real("ms"),
                         image_.optional_text("kind"), image_.optional_text("title")});
  }

  void add_checks(const Members& owner, std::int64_t position) {
    const auto checks = owner.object("checks");
    for (auto check = checks ? checks->first() : std::nullopt; check; check = check->next()) {
      const Members counts = owner.of(*check, "checks");
      add(TableId::checked, {position, check->name(), counts.count_or("held", 0), counts.count_or("failed", 0),
                             counts.count_or("absent", 0), counts.count_or("not-checked", 0)});
    }
  }

  void add_engine(const Members& engine, std::int64_t position) {
    Cell disable_bit;
    if (engine.find("disable_bit_set")) {
      disable_bit = std::string_view(engine.flag("disable_bit_set") ? "set" : "clear");
    } else if (engine.has("disable_bit_set")) {
      disable_bit = std::string_view("unknown");
    }
    add(TableId::engine, {position, engine.text("id"), engine.text("title"), engine.optional_text("family"),
                          engine.optional_text("version"), disable_bit, engine.text("network_stack"),
                          engine.text("network_set_up"), printed(engine.object("facts"))});
    engine.each("states", [&](JsonValue state) { add(TableId::state, {position, engine.text_of(state, "states")}); });
    add_checks(engine, position);
    engine.each_object("keys", "key", [&](const Members& key) {
      add(TableId::key,
          {position, key.text("form"), key.text("id"), key.optional_count("bits"), key.count_or("places", 1)});
    });
    engine.each_object("actions", "action", [&](const Members& action) {
      add(TableId::action, {position, action.text("id"), action.text("state")});
    });
  }

  std::string_view printed(std::optional<JsonValue> value) {
    std::string& out = printed_.emplace_back();
    if (value) value->print(out);
    return out;
  }

  void add_finding(const Members& finding, std::int64_t number) {
    add(TableId::finding, {number, finding.text("id"), finding.text("severity"), finding.text("question"),
                           finding.optional_text("engine"), finding.text("subject"), finding.optional_count("offset")});
  }

  void add_advisory(const Members& advisory, std::int64_t number) {
    std::vector<std::string_view> names;
    advisory.each("cves", [&](JsonValue name) { names.push_back(advisory.text_of(name, "cves")); });
    const Told::Number cves = told_.number(TableId::cve, fmt::format("{}", fmt::join(names, "\n")));
    add(TableId::advisory, {number, advisory.text("id"), advisory.text("engine"),
                            std::int64_t{advisory.flag("confirmed") ? 1 : 0}, advisory.text("severity"), cves.value});
    if (!cves.fresh) return;
    for (const std::string_view name : names) record_.shared.push_back({TableId::cve, {cves.value, name}});
  }

  Members image_;
  Told& told_;
  std::deque<std::string>& printed_;
  Record record_{};
};

Record file_record(const Members& file) {
  const bool read = file.find("sha256").has_value();
  Record out;
  out.rows.push_back(
      {TableId::file,
       {file.text("path"), file.text_or_empty("path_base64"), read ? file.sha256("sha256") : std::string_view(),
        file.text_or_empty("mtime"), file.text("status"), file.optional_count("size"), file.optional_text("error"),
        file.optional_count("signal")}});
  return out;
}

}  // namespace

Told::Number Told::number(TableId table, const std::string& text) {
  auto& of_table = table == TableId::run ? runs_ : lists_;
  const auto known = of_table.find(text);
  if (known != of_table.end()) return {known->second, false};
  const std::int64_t value = number_of(text);
  fresh_.push_back({&of_table, text, value});
  return {value, true};
}

void Told::keep() {
  for (Fresh& one : fresh_) {
    if (one.among->size() < remembered) one.among->emplace(std::move(one.text), one.value);
  }
  fresh_.clear();
}

Result<Record> LineParser::parse(std::string_view line) {
  printed_.clear();
  told_.forget();
  QUELL_TRY(const JsonValue root, json_.read(line, unread));
  std::string problem;
  const Members members(root, "the line", problem);
  const std::string_view schema = members.text("schema");
  if (problem.empty() && schema != known_schema) {
    return fail(Errc::unsupported, fmt::format("is of the schema \"{}\", not {}", schema, known_schema));
  }
  Record out;
  if (const auto image = members.find("image")) {
    out = ImageLine(members.of(*image, "image"), told_, printed_).take();
  } else if (const auto file = members.find("file")) {
    out = file_record(members.of(*file, "file"));
  } else if (problem.empty()) {
    problem = "has neither file nor image";
  }
  if (!problem.empty()) return fail(Errc::damaged, problem);
  told_.keep();
  return out;
}

}  // namespace quell::store
