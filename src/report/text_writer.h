// SPDX-License-Identifier: GPL-2.0-or-later
// Lines, colours and tables of the texts in report/. Takes escaped text only (see printable()).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/text.h"

namespace quell::report {

enum class Ink { plain, bold, dim, red, yellow, green, cyan };

struct Cell {
  std::string text{};
  Ink ink = Ink::plain;
  bool right = false;
  std::size_t least = 0;  // columns that its column takes at least
};

using Row = std::vector<Cell>;

class TextWriter {
 public:
  explicit TextWriter(const TextStyle& style) noexcept : style_(style) {}

  [[nodiscard]] const TextStyle& style() const noexcept { return style_; }
  // The text in a colour, where colours are wanted.
  [[nodiscard]] std::string paint(Ink ink, std::string_view text) const;

  void line(std::string_view text = {});
  // A heading, with an empty line before it unless it is the first of all.
  void heading(std::string_view text);
  // Text broken at the terminal's width, every line indented.
  void paragraph(std::size_t indent, std::string_view text, Ink ink = Ink::plain);
  // `lead` at the indent, the text behind it, further lines under the text.
  void item(std::size_t indent, const Cell& lead, std::string_view text, Ink ink = Ink::plain);
  // The same with something behind the text, or below it where the line is full.
  void item(std::size_t indent, const Cell& lead, const Cell& text, const Cell& tail);
  // Rows with aligned columns, two blanks between them; the last column is cut at the terminal's width.
  void table(std::size_t indent, const std::vector<Row>& rows);

  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  // Returns the column behind the text, whose last line it leaves open.
  std::size_t flow(std::size_t first, std::size_t indent, std::string_view text, Ink ink);
  void wrapped(std::size_t first, std::size_t indent, std::string_view text, Ink ink);

  TextStyle style_;
  std::string out_{};
};

// Columns that the text takes on a terminal.
std::size_t columns(std::string_view text) noexcept;

// The text, or as much of its front as fits the columns, with "..." behind it.
std::string shortened(std::string_view text, std::size_t width);

}  // namespace quell::report
