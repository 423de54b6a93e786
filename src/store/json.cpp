// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/json.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace quell::store {
namespace {

constexpr std::size_t deepest = 64;  // levels; a whole report in a line has some 20
// A line has some hundred, its report some thousand. With it the memory for them has a limit, whatever the line is.
constexpr std::size_t most_values = std::size_t{1} << 22U;
constexpr std::size_t few = 32;  // members that are compared with each other faster than they are sorted
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // some editors put it before everything
constexpr char end_of_text = '\0';                            // which is no part of the grammar

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_of_number(char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; }

// Stands for itself in a text.
bool is_plain(char c) { return c >= ' ' && c != '\\' && c < '\x7F'; }

// PostgreSQL's texts hold no NUL.
std::string without_nul(std::string text) {
  for (auto at = text.find('\0'); at != std::string::npos; at = text.find('\0', at)) text.replace(at, 1, "\uFFFD");
  return text;
}

void print_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto special = std::ranges::find_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; });
    const auto plain = static_cast<std::size_t>(special - text.begin());
    out += text.substr(0, plain);
    if (special == text.end()) break;
    switch (*special) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(*special));
    }
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

}  // namespace

// Reads the grammar. What takes thought (escapes, UTF-8, numbers but for counts) is left to the library, a token at a
// time.
class JsonReader {
 public:
  JsonReader(JsonText& out, std::string_view text, std::string_view unwanted)
      : out_(out), text_(text), unwanted_(unwanted) {}

  // What is wrong; else nothing.
  std::string_view run() {
    if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    if (!value({})) return problem_;
    return here() == end_of_text && at_ == text_.size() ? std::string_view() : problem_;
  }

 private:
  using Item = JsonText::Item;
  using Text = JsonText::Text;

  // The next byte that is no space; end_of_text behind the last one.
  char here() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    return at_ < text_.size() ? text_[at_] : end_of_text;
  }
  bool take(char wanted) {
    if (here() != wanted) return false;
    ++at_;
    return true;
  }
  bool stop(std::string_view problem) {
    problem_ = problem;
    return false;
  }

  bool value(Text name) {
    switch (here()) {
      case '{': return nested({.kind = JsonKind::object, .name = name});
      case '[': return nested({.kind = JsonKind::array, .name = name});
      case 't': return word("true", {.kind = JsonKind::boolean, .name = name, .count = 1});
      case 'f': return word("false", {.kind = JsonKind::boolean, .name = name});
      case 'n': return word("null", {.kind = JsonKind::null, .name = name});
      case '"': {
        Item item{.kind = JsonKind::text, .name = name};
        return string(item.text) && add(item);
      }
      default: return number({.kind = JsonKind::count, .name = name});
    }
  }
  bool add(const Item& item) {
    if (!kept_) return true;
    if (out_.items_.size() >= most_values) return stop("holds too much");
    out_.items_.push_back(item);
    out_.items_.back().after = static_cast<std::uint32_t>(out_.items_.size());
    return true;
  }
  bool word(std::string_view wanted, const Item& item) {
    if (!text_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return add(item);
  }
  bool nested(const Item& item) {
    if (++depth_ > deepest) return stop("nests too deep");
    const std::size_t index = out_.items_.size();
    if (!add(item)) return false;
    ++at_;
    if (!(item.kind == JsonKind::object ? members() : elements())) return false;
    --depth_;
    if (!kept_) return true;
    out_.items_[index].after = static_cast<std::uint32_t>(out_.items_.size());
    if (item.kind == JsonKind::object) overrule(index);
    return true;
  }
  bool elements() {
    if (take(']')) return true;
    do {
      if (!value({})) return false;
    } while (take(','));
    return take(']');
  }
  bool members() {
    if (take('}')) return true;
    do {
      Text name;
      if (here() != '"' || !string(name) || !take(':')) return false;
      const bool outside = kept_;
      if (depth_ == 2 && kept_ && !unwanted_.empty() && out_.view(name) == unwanted_) kept_ = false;
      if (!value(name)) return false;
      kept_ = outside;
    } while (take(','));
    return take('}');
  }

  // The token of a text, quotes and all, becomes what it stands for.
  bool string(Text& out) {
    const std::size_t start = at_++;
    bool plain = true;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (is_plain(text_[at_])) continue;
      plain = false;
      if (text_[at_] == '\\') ++at_;
    }
    if (at_ >= text_.size()) return false;
    ++at_;
    const std::string_view token = text_.substr(start, at_ - start);
    if (plain) {
      out = keep(token.substr(1, token.size() - 2));
      return true;
    }
    const auto read = nlohmann::json::parse(token.begin(), token.end(), nullptr, false);
    if (read.is_discarded()) return false;
    out = keep(without_nul(read.get_ref<const std::string&>()));
    return true;
  }
  bool number(Item item) {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_of_number(text_[at_])) ++at_;
    const std::string_view token = text_.substr(start, at_ - start);
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), item.count);
    const bool whole = error == std::errc() && end == token.data() + token.size();
    if (whole && (token.size() == 1 || token.front() != '0')) return add(item);
    if (!nlohmann::json::parse(token.begin(), token.end(), nullptr, false).is_number()) return false;
    item.kind = JsonKind::number;
    item.text = keep(token);
    return add(item);
  }
  Text keep(std::string_view text) {
    if (!kept_) return {};
    const std::size_t at = out_.texts_.size();
    out_.texts_ += text;
    return {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(text.size())};
  }

  // Marks the members of an object whose name comes again in it.
  void overrule(std::size_t object) {
    names_.clear();
    for (std::size_t i = object + 1; i < out_.items_.size(); i = out_.items_[i].after) {
      names_.emplace_back(out_.view(out_.items_[i].name), i);
    }
    if (names_.size() > few) std::ranges::sort(names_);
    for (std::size_t later = 1; later < names_.size(); ++later) {
      const std::size_t first = names_.size() > few ? later - 1 : 0;
      for (std::size_t i = first; i < later; ++i) {
        if (names_[i].first == names_[later].first) out_.items_[names_[i].second].overruled = true;
      }
    }
  }

  JsonText& out_;
  std::string_view text_;
  std::string_view unwanted_;
  std::string_view problem_ = "is no JSON";
  std::size_t at_ = 0;  // in text_
  std::size_t depth_ = 0;
  bool kept_ = true;                                               // false in what is unwanted
  std::vector<std::pair<std::string_view, std::size_t>> names_{};  // of the members of an object, and their items
};

double JsonValue::number() const {
  if (kind() == JsonKind::count) return static_cast<double>(count());
  const std::string_view digits = text();
  double out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

void JsonValue::print(std::string& out) const {
  struct Open {
    std::size_t end;
    bool object;
  };
  std::vector<Open> open;
  const std::size_t start = out.size();
  const auto close = [&](std::size_t at) {
    for (; !open.empty() && open.back().end == at; open.pop_back()) out += open.back().object ? '}' : ']';
  };
  std::size_t at = at_;
  const std::size_t end = whole_->items_[at_].after;
  while (at < end) {
    close(at);
    const JsonText::Item& item = whole_->items_[at];
    if (item.overruled) {
      at = item.after;
      continue;
    }
    // No value but one that was just opened ends in such a bracket.
    if (out.size() > start && out.back() != '[' && out.back() != '{') out += ',';
    if (!open.empty() && open.back().object) {
      print_text(out, whole_->view(item.name));
      out += ':';
    }
    switch (item.kind) {
      case JsonKind::null: out += "null"; break;
      case JsonKind::boolean: out += item.count != 0 ? "true" : "false"; break;
      case JsonKind::count: fmt::format_to(std::back_inserter(out), "{}", item.count); break;
      case JsonKind::number: out += whole_->view(item.text); break;
      case JsonKind::text: print_text(out, whole_->view(item.text)); break;
      case JsonKind::array:
      case JsonKind::object:
        out += item.kind == JsonKind::object ? '{' : '[';
        open.push_back({item.after, item.kind == JsonKind::object});
    }
    ++at;
  }
  close(at);
}

Result<JsonValue> JsonText::read(std::string_view text, std::string_view unwanted) {
  items_.clear();
  texts_.clear();
  if (!std::in_range<std::uint32_t>(text.size())) return fail(Errc::damaged, "is too long");
  const std::string_view problem = JsonReader(*this, text, unwanted).run();
  if (!problem.empty()) return fail(Errc::damaged, std::string(problem));
  return JsonValue(*this, 0, items_.size());
}

}  // namespace quell::store
