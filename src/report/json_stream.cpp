// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/json_stream.h"

#include "report/document_json.h"
#include "report/documents.h"

namespace quell::report {
namespace {

constexpr std::string_view list_begin = "[";

doc::Section entry_of(const Report& report, OptionOf option_of) { return section_of(report, option_of); }
doc::Section entry_of(const UnreadFile& file, OptionOf /*option_of*/) { return section_of(file); }

// A document whose list is empty.
std::string empty_document(const std::string& command) {
  return to_json(document_of(command, std::span<const Report>()));
}

// Every line, four columns further in: as deep as an entry of the list stands.
std::string indented(std::string_view object) {
  constexpr std::string_view margin = "    ";
  std::string out(margin);
  for (const char c : object) {
    out += c;
    if (c == '\n') out += margin;
  }
  return out;
}

}  // namespace

std::string JsonStream::opening() {
  const std::string whole = empty_document(command_);
  return whole.substr(0, whole.rfind(list_begin) + list_begin.size());
}

std::string JsonStream::entry(const InspectedFile& file) {
  std::string out = open_ ? "," : opening();
  open_ = true;
  const doc::Section section = std::visit([this](const auto& one) { return entry_of(one, option_of_); }, file);
  return out.append("\n").append(indented(to_json(section, Layout::indented)));
}

std::string JsonStream::end() { return open_ ? "\n  ]\n}\n" : empty_document(command_); }

std::string to_line(std::string_view command, const InspectedFile& file, OptionOf option_of) {
  return to_json(document_of(command, std::span(&file, 1), option_of), false, Layout::one_line);
}

}  // namespace quell::report
