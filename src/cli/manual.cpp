// SPDX-License-Identifier: GPL-2.0-or-later
// Manual pages: one a command and one a verb, with the sections that man(7) asks for.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "cli/description.h"
#include "quell/version.h"

namespace quell::cli {

namespace {

constexpr std::string_view date = "2026-11-28";

struct Row {
  std::string_view name;
  std::string_view text;
};
constexpr std::array statuses{
    Row{"0", "Done, and the verdict is good."},
    Row{"1", "Done, and the verdict is bad: a check failed, reads differ, a finding reaches --fail-on."},
    Row{"2", "A mistake on the command line."},
    Row{"3", "The input is not recognised, damaged beyond use, or it cannot be told from here."},
    Row{"4", "Refused for safety; the message says what lifts it."},
    Row{"5", "Input, output, device or network error."}};
constexpr std::array files{Row{"~/.local/share/quell/vault",
                               "Where backups are kept, unless --vault or the environment names another place."}};
constexpr std::array environment{Row{"QUELL_VAULT", "The vault, where --vault does not name it."},
                                 Row{"XDG_DATA_HOME", "The folder whose quell/vault is the vault otherwise."},
                                 Row{"NO_COLOR", "When set and not empty: no colours."},
                                 Row{"TERM", "A terminal that is called dumb gets no colours."}};

// Text with roff's special characters made harmless, in lines that people can read.
std::string roff(std::string_view text, bool fold = true) {
  constexpr std::size_t longest = 72;
  std::string out;
  std::size_t line = 0;
  for (const char c : text) {
    const bool start = out.empty() || out.back() == '\n';
    if (c == ' ' && fold && line > longest - 12) {
      out.push_back('\n');
      line = 0;
      continue;
    }
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && start) {
      out += "\\&";
      out.push_back(c);
    } else {
      out.push_back(c);
    }
    ++line;
  }
  return out;
}

std::string sentence(std::string text) {
  if (!text.empty()) text.front() = upper_case(text.front());
  if (!text.ends_with('.') && !text.ends_with('?')) text.push_back('.');
  return text;
}

// "quell vault list" is the page quell-vault-list.
std::string page_name(std::string_view command) {
  std::string name(command);
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string head(const std::string& name, std::string_view summary) {
  return fmt::format(".TH {} 1 {} \"quell {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", upper_case(page_name(name)),
                     date, version, roff(page_name(name)), roff(summary));
}

template <std::size_t N>
void add_rows(std::string& out, std::string_view title, const std::array<Row, N>& rows) {
  out += fmt::format(".SH {}\n", title);
  for (const Row& row : rows) out += fmt::format(".TP\n.B {}\n{}\n", roff(row.name, false), roff(row.text));
}

void add_items(std::string& out, std::string_view title, const CommandText& command, bool arguments) {
  bool begun = false;
  for (const OptionText& option : command.options) {
    if (option.argument != arguments) continue;
    if (!begun) out += fmt::format(".SH {}\n", title);
    begun = true;
    const std::string value = option.value.empty() || arguments ? "" : fmt::format(" \\fI{}\\fR", roff(option.value));
    out += fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", roff(fmt::format("{}", fmt::join(option.names, ", ")), false), value,
                       roff(option.help.empty() ? "See above." : option.help));
  }
}

}  // namespace

std::string manual_page(const CommandText& command) {
  std::string out = head(command.name, command.summary);
  out += fmt::format(".SH SYNOPSIS\n.B {}\n.SH DESCRIPTION\n{}.\n", roff(usage_line(command), false),
                     roff(sentence(command.summary)));
  if (!command.notes.empty()) out += fmt::format(".PP\n{}\n", roff(command.notes));
  add_items(out, "ARGUMENTS", command, true);
  if (!command.verbs.empty()) out += ".SH COMMANDS\n";
  for (const CommandText& verb : command.verbs)
    out += fmt::format(".TP\n.BR {} (1)\n{}\n", roff(page_name(verb.name), false), roff(verb.summary));
  add_items(out, "OPTIONS", command, false);
  if (!command.examples.empty()) {
    out += ".SH EXAMPLES\n.nf\n";
    for (const std::string& example : command.examples) out += fmt::format("{}\n", roff(example, false));
    out += ".fi\n";
  }
  add_rows(out, "FILES", files);
  add_rows(out, "ENVIRONMENT", environment);
  add_rows(out, "EXIT STATUS", statuses);
  const std::size_t last = command.name.rfind(' ');
  const std::string parent = last == std::string::npos ? "quell guide" : command.name.substr(0, last);
  out += fmt::format(".SH SEE ALSO\n.BR {} (1)\n", roff(page_name(parent)));
  return out;
}

}  // namespace quell::cli
