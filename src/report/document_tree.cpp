// SPDX-License-Identifier: GPL-2.0-or-later
// How the text printer shows the parts of an image.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "report/document_text.h"

namespace quell::report {
namespace {

constexpr unsigned deepest = 64;  // levels of a tree that are printed at all

// Attributes whose value says enough without their name.
bool speaks_for_itself(std::string_view key) {
  constexpr std::array<std::string_view, 9> keys{"title", "type",  "compression", "state",  "content",
                                                 "class", "label", "description", "meaning"};
  return std::ranges::find(keys, key) != keys.end();
}

std::string text_of(const Attribute& attribute, const TextStyle& style) {
  return printable(words_of(doc::Value(attribute), style.identifiers));
}

// What is worth saying of a component in one row: its own summary where it has one, else its attributes; at a glance
// only as many as fit a line of a wide terminal.
std::string notes_of(const Component& component, const TextStyle& style) {
  constexpr std::size_t enough = 90;    // columns after which no further attribute is begun
  constexpr std::size_t longest = 110;  // that one may reach
  std::string out;
  if (const std::string summary = component.attributes.text("summary"); !summary.empty() && style.verbosity < 2) {
    return printable(summary);
  }
  for (const Attribute& attribute : component.attributes) {
    // The columns before say it already.
    if (attribute.key == "offset" || attribute.key == "size" || attribute.key == "summary") continue;
    if (style.verbosity < 1 && columns(out) > enough) return out + ", ...";
    const bool* flag = std::get_if<bool>(&attribute.value);
    if (flag != nullptr && !*flag) continue;
    const bool alone = speaks_for_itself(attribute.key);
    std::string note = alone ? text_of(attribute, style) : printable(words_of_key(attribute.key));
    if (flag == nullptr && !alone) note.append(" ").append(text_of(attribute, style));
    out.append(out.empty() ? "" : ", ").append(note);
  }
  return style.verbosity < 1 ? shortened(out, longest) : out;
}

std::string plural_of(std::string_view name) {
  if (name.ends_with('s') || name.ends_with("data")) return std::string(name);
  if (name.ends_with('y') && !name.ends_with("ey")) return fmt::format("{}ies", name.substr(0, name.size() - 1));
  return fmt::format("{}{}", name, name.ends_with("sh") ? "es" : "s");
}

// "12 modules, 1 manifest": what a folded component holds.
std::string folded(const Component& component) {
  std::vector<std::pair<std::string, std::size_t>> counts;
  for (const Component& child : component.children) {
    const auto found = std::ranges::find(counts, child.kind, [](const auto& pair) { return pair.first; });
    if (found == counts.end()) {
      counts.emplace_back(child.kind, 1);
    } else {
      ++found->second;
    }
  }
  std::string out;
  for (const auto& [kind, count] : counts) {
    const std::string name = printable(words_of_key(kind));
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, count == 1 ? name : plural_of(name));
  }
  return out;
}

std::string name_of(const Component& component) {
  return printable(component.name.empty() ? component.kind : component.name);
}

Row row_of(const Component& component, std::size_t level, std::string notes) {
  return {{std::string(std::size_t{2} * level, ' ') + name_of(component)},
          {range_text(component.range), Ink::dim},
          {component.range.empty() ? "" : size_text(component.range.size), Ink::plain, true},
          {std::move(notes)}};
}

void add_rows(std::vector<Row>& rows, const Component& parent, unsigned level, unsigned unfolded,
              const TextStyle& style) {
  if (level >= deepest) return;
  for (const Component& child : parent.children) {
    const bool unfold = level + 1 < unfolded;
    std::string notes = notes_of(child, style);
    if (!child.children.empty() && !unfold) notes.append(notes.empty() ? "" : "; ").append(folded(child));
    rows.push_back(row_of(child, level, std::move(notes)));
    if (unfold) add_rows(rows, child, level + 1, unfolded, style);
  }
}

// Levels of a tree to show.
unsigned levels(int verbosity) {
  if (verbosity <= 0) return 1;
  return verbosity == 1 ? 3 : deepest;
}

void write_map(TextWriter& writer, const Component& root, const doc::Tree::Map& map) {
  std::vector<const Component*> regions;
  for (const Component& child : root.children) regions.push_back(&child);
  std::ranges::stable_sort(regions, {}, [](const Component* c) { return c->range.offset; });
  std::vector<Row> rows;
  const Range file{0, map.file};
  std::uint64_t position = map.body.offset;
  const auto gap_until = [&](std::uint64_t end) {
    const Range gap = Range::between(position, std::min(end, map.body.end()));
    if (gap.empty() || !map.complete) return;
    rows.push_back(
        {{"-", Ink::dim}, {range_text(gap), Ink::dim}, {size_text(gap.size), Ink::dim, true}, {"no region", Ink::dim}});
  };
  for (const Component* region : regions) {
    gap_until(region->range.offset);
    position = std::max(position, region->range.end());
    const bool missing = !file.contains(region->range) && !region->range.empty();
    rows.push_back(row_of(*region, 0, notes_of(*region, writer.style())));
    if (missing) rows.back().back() = {rows.back().back().text + " (not wholly in this file)", Ink::yellow};
    if (writer.style().verbosity > 0) {
      add_rows(rows, *region, 1, levels(writer.style().verbosity), writer.style());
    }
  }
  gap_until(map.body.end());
  writer.table(2, rows);
}

}  // namespace

void write_tree(TextWriter& writer, const doc::Tree& tree) {
  if (tree.root == nullptr || tree.root->children.empty()) return;
  if (tree.map) {
    writer.heading(printable(tree.title));
    write_map(writer, *tree.root, *tree.map);
    return;
  }
  std::vector<Row> rows;
  add_rows(rows, *tree.root, 0, levels(writer.style().verbosity), writer.style());
  writer.line();
  writer.line(writer.paint(Ink::bold, fmt::format("  {}", printable(tree.title))));
  writer.table(4, rows);
}

}  // namespace quell::report
