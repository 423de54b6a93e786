// SPDX-License-Identifier: GPL-2.0-or-later
// What a command has to say, before anybody decides how it looks. A report becomes a Document once; every printer
// (text, JSON, and whatever comes) prints that, and nothing else knows both a report and a form.
//
// An item says who it is for. Programs get keys and plain values in the order of the items; people get titles, words
// and tables. Most items serve both. Texts are raw: the printers escape them, so nothing from an image reaches a
// terminal unescaped.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "quell/component.h"
#include "quell/finding.h"
#include "quell/override.h"
#include "quell/range.h"

namespace quell::doc {

// What a value is. Printers choose its form from this; JSON has the plain value always.
enum class As {
  plain,
  size,        // a number of bytes
  hex,         // a register, a mask
  address,     // a place in an image: eight hex digits at least
  time,        // UTC, ISO 8601
  identifier,  // a serial number, MAC address or UUID: masked unless the user asks for it
  state,       // a stable word for a state ("held", "refused")
  severity,    // a stable word for a severity
};

struct Field;

// A value with its type: what a Field, a cell or a fact holds. Lists and objects nest.
struct Value {
  using List = std::vector<Value>;
  using Object = std::vector<Field>;
  std::variant<Unknown, bool, std::uint64_t, std::string, Range, List, Object> content;
  As as = As::plain;

  Value();
  Value(Unknown);
  Value(bool flag);
  Value(std::uint64_t number, As what = As::plain);
  Value(std::string text, As what = As::plain);
  Value(std::string_view text, As what = As::plain);
  Value(const char* text, As what = As::plain);
  Value(Range range);
  Value(List list);
  Value(Object object);
  Value(const std::vector<std::string>& list);
  explicit Value(const Attribute& attribute);
};

// A named value.
struct Field {
  std::string key{};
  Value value{};
};
Value::Object fields_of(const Attributes& attributes);

// What a piece of text stands for; a printer gives it a colour or a class.
enum class Tone { plain, title, minor, good, odd, bad, note };
Tone tone_of(Severity severity) noexcept;
Tone tone_of(CheckState state) noexcept;

// A piece of text of one tone.
struct Span {
  std::string text{};
  Tone tone = Tone::plain;
};

// A heading, after an empty line.
struct Heading {
  std::string text{};
};

// One line, never broken; without spans an empty one.
struct Line {
  std::vector<Span> spans{};
};

// Text that is broken where the page ends; `lead` stands before it, further lines stand below the text.
struct Paragraph {
  std::size_t indent = 0;
  Span lead{};
  Span text{};
};

// Named values of one thing, below each other.
struct Fact {
  std::string key{};
  Value value{};
  std::string label{};                // for people; empty: the key's words
  std::optional<CheckState> state{};  // where the value says what was verified
};
struct Facts {
  std::string key{};  // empty: the facts are fields of the section itself
  std::size_t indent = 0;
  std::vector<Fact> facts{};
};
// The attributes as facts.
Facts facts_of(std::string_view key, const Attributes& attributes, std::size_t indent);

// Who an item is for.
enum class Audience { all, people, programs };

// One column of a table. Rows have a cell for each.
struct Column {
  std::string key{};    // for programs
  std::string title{};  // for people, where the table shows titles
  Audience audience = Audience::all;
  bool right = false;     // numbers stand at the right
  std::size_t least = 0;  // columns of text it takes at least
  int from = 0;           // people see it from this verbosity on
};
struct Cell {
  std::optional<Value> value{};        // nothing: programs do not get the field
  std::optional<std::string> words{};  // for people, where the value alone does not say it
  Tone tone = Tone::plain;

  Cell() = default;
  Cell(Value of, Tone how = Tone::plain) : value(std::move(of)), tone(how) {}
  Cell(std::string text, Tone how = Tone::plain) : value(Value(std::move(text))), tone(how) {}
  Cell(std::string_view text, Tone how = Tone::plain) : value(Value(text)), tone(how) {}
  Cell(const char* text, Tone how = Tone::plain) : value(Value(text)), tone(how) {}
  Cell(Value of, std::string text, Tone how = Tone::plain) : value(std::move(of)), words(std::move(text)), tone(how) {}
};
struct Row {
  std::vector<Cell> cells{};
  int from = 0;  // people see it from this verbosity on
  Audience audience = Audience::all;
};
struct Table {
  enum class Form {
    columns,  // aligned; the last one is cut where the page ends
    wrapped,  // the first stands before the second, which is broken where the page ends
    aligned,  // the same with all seconds below each other; a third follows where it fits, else below
    single,   // one column of lines
  };
  std::string key{};
  std::vector<Column> columns{};
  std::vector<Row> rows{};
  Form form = Form::columns;
  std::size_t indent = 2;
  bool titles = false;    // the first line names the columns
  std::size_t limit = 0;  // rows at a glance; the rest is counted. 0: all
};

// Judgements, worst first, the same judgement of several places once.
struct Findings {
  enum class Form {
    grouped,  // with their places and references
    listed,   // below the question that they answer
    notes,    // one line each
    costs,    // the same of what stops working
  };
  std::string key{};
  std::vector<const Finding*> findings{};
  Form form = Form::grouped;
  const Component* tree = nullptr;  // programs are told the component of it that holds a finding's range
};
Findings findings_of(std::string_view key, std::span<const Finding> findings, Findings::Form form);

// What was verified. People see what came of it elsewhere.
struct Checks {
  struct Item {
    const Check* check = nullptr;
    std::string_view engine{};  // empty: the survey of the layout
  };
  std::string key{};
  std::vector<Item> checks{};
};
Checks checks_of(std::string_view key, std::span<const Check> checks);

// Something that can be done, or why it cannot.
struct Action {
  std::string_view id{};
  std::string_view title{};
  std::string_view state{};
  Tone tone = Tone::plain;
  std::string_view reason{};
  Overrides lifted_by{};
  std::span<const std::string> effects{};
  std::span<const std::string> costs{};
  std::string_view risk{};  // for programs
  std::string command{};    // for programs: the command line that does it
};
struct Actions {
  std::string key{};
  std::vector<Action> actions{};
};

// The parts of an image. Every node has its stable path (child_paths()).
struct Tree {
  std::string key{};
  std::string title{};  // of a folded tree: "Contents of ME region"
  const Component* root = nullptr;
  // The area that the parts of a flash lie in: they are put in order, and what leaves the file is marked.
  struct Map {
    Range body{};            // what the layout speaks of
    std::uint64_t file = 0;  // bytes that are there
    bool complete = false;   // it claims to name every part: gaps are shown
  };
  std::optional<Map> map{};
};

struct Item;

// Items that belong together: an object for programs.
struct Section {
  std::string key;
  std::vector<Item> items;

  Section();
  explicit Section(std::string_view name);
  ~Section();
  Section(const Section&);
  Section& operator=(const Section&);
  Section(Section&&) noexcept;
  Section& operator=(Section&&) noexcept;

  // A value for programs alone.
  Section& field(std::string_view name, Value value);
  // Fields for programs alone, where they hold something.
  Section& field_unless_empty(std::string_view name, std::string_view text);
  // Something for people alone.
  Section& show(Item item);
  Section& show(Item item, int from);
  // Something for both.
  Section& add(Item item);
  // Something for programs alone.
  Section& data(Item item);
};

// Sections of one kind: a list of objects for programs.
struct Sections {
  std::string key{};
  std::vector<Section> sections{};
};

struct Item {
  std::variant<Field, Heading, Line, Paragraph, Facts, Table, Findings, Checks, Actions, Tree, Section, Sections>
      what{};
  Audience audience = Audience::all;
  // People see it at these verbosities: -1 is the verdict alone, 0 at a glance, 1 and 2 more.
  int from = 0;
  int to = 100;

  template <class What>
  requires(!std::same_as<What, Item>) Item(What content) : what(std::move(content)) {}
};

// All that one run of a command says. It looks at the report that it was made from (trees, findings, checks), which
// must outlive it.
struct Document {
  std::string command{};  // "inspect"
  Section body{};
};

}  // namespace quell::doc
