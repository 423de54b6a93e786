// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/document.h"

namespace quell::doc {
namespace {

As as_of(Show show) noexcept {
  switch (show) {
    case Show::decimal: return As::plain;
    case Show::hex: return As::hex;
    case Show::size: return As::size;
    case Show::identifier: return As::identifier;
  }
  return As::plain;
}

}  // namespace

Value::Value() = default;
Value::Value(Unknown) {}
Value::Value(bool flag) : content(flag) {}
Value::Value(std::uint64_t number, As what) : content(number), as(what) {}
Value::Value(std::string text, As what) : content(std::move(text)), as(what) {}
Value::Value(std::string_view text, As what) : content(std::string(text)), as(what) {}
Value::Value(const char* text, As what) : content(std::string(text)), as(what) {}
Value::Value(Range range) : content(range) {}
Value::Value(List list) : content(std::move(list)) {}
Value::Value(Object object) : content(std::move(object)) {}

Value::Value(const std::vector<std::string>& list) {
  List values;
  values.reserve(list.size());
  for (const std::string& text : list) values.emplace_back(text);
  content = std::move(values);
}

Value::Value(const Attribute& attribute) : as(as_of(attribute.show)) {
  struct Visitor {
    Value operator()(Unknown) const { return {}; }
    Value operator()(bool flag) const { return flag; }
    Value operator()(std::uint64_t number) const { return number; }
    Value operator()(const std::string& text) const { return text; }
    Value operator()(const std::vector<std::string>& list) const { return list; }
  };
  content = std::visit(Visitor{}, attribute.value).content;
}

Value::Object fields_of(const Attributes& attributes) {
  Value::Object out;
  for (const Attribute& attribute : attributes) out.push_back({attribute.key, Value(attribute)});
  return out;
}

Tone tone_of(Severity severity) noexcept {
  switch (severity) {
    case Severity::info: return Tone::note;
    case Severity::warning: return Tone::odd;
    case Severity::error:
    case Severity::critical: return Tone::bad;
  }
  return Tone::plain;
}

Tone tone_of(CheckState state) noexcept {
  switch (state) {
    case CheckState::held: return Tone::good;
    case CheckState::failed: return Tone::bad;
    case CheckState::absent: return Tone::plain;
    case CheckState::not_checked: return Tone::odd;
  }
  return Tone::plain;
}

Facts facts_of(std::string_view key, const Attributes& attributes, std::size_t indent) {
  Facts out{std::string(key), indent, {}};
  for (const Attribute& attribute : attributes)
    out.facts.push_back({attribute.key, Value(attribute), {}, attribute.state});
  return out;
}

Findings findings_of(std::string_view key, std::span<const Finding> findings, Findings::Form form) {
  Findings out{std::string(key), {}, form};
  for (const Finding& finding : findings) out.findings.push_back(&finding);
  return out;
}

Checks checks_of(std::string_view key, std::span<const Check> checks) {
  Checks out{std::string(key), {}};
  for (const Check& check : checks) out.checks.push_back({&check, {}});
  return out;
}

Section::Section() = default;
Section::Section(std::string_view name) : key(name) {}
Section::~Section() = default;
Section::Section(const Section&) = default;
Section& Section::operator=(const Section&) = default;
Section::Section(Section&&) noexcept = default;
Section& Section::operator=(Section&&) noexcept = default;

Section& Section::field(std::string_view name, Value value) { return data(Field{std::string(name), std::move(value)}); }

Section& Section::field_unless_empty(std::string_view name, std::string_view text) {
  return text.empty() ? *this : field(name, text);
}

Section& Section::show(Item item) {
  item.audience = Audience::people;
  items.push_back(std::move(item));
  return *this;
}

Section& Section::show(Item item, int from) {
  item.from = from;
  return show(std::move(item));
}

Section& Section::add(Item item) {
  items.push_back(std::move(item));
  return *this;
}

Section& Section::data(Item item) {
  item.audience = Audience::programs;
  items.push_back(std::move(item));
  return *this;
}

}  // namespace quell::doc
