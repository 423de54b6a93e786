// SPDX-License-Identifier: GPL-2.0-or-later
#include <filesystem>
#include <memory>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.h"
#include "cli/confine.h"
#include "quell/mapped_file.h"
#include "quell/survey/status.h"
#include "report/explain.h"

namespace quell::cli {
namespace {

struct ExplainOptions {
  std::vector<std::string> words;
  std::string word;  // the words in one
  std::string root;
  std::string format = "text";
  bool this_machine = false;
};

enum class Format { text, json, markdown };

Format format_of(const ExplainOptions& options, const Session& session) {
  if (session.json || options.format == "json") return Format::json;
  return options.format == "markdown" ? Format::markdown : Format::text;
}

// One thing in the format that is wanted.
template <class Thing>
void show(const Thing& thing, const ExplainOptions& options, const Session& session) {
  switch (format_of(options, session)) {
    case Format::text: return print(report::to_text(thing, {session.use_color(), session.width(), session.verbosity}));
    case Format::json: return print(report::to_json(thing));
    case Format::markdown: return print(report::to_markdown(thing));
  }
}

void show_known(std::monostate /*nothing*/, const ExplainOptions& /*options*/, const Session& /*session*/) {}
template <class Thing>
void show_known(const Thing& thing, const ExplainOptions& options, const Session& session) {
  if constexpr (std::is_pointer_v<Thing>) {
    show(*thing, options, session);
  } else {
    show(thing, options, session);
  }
}

void compare(const ExplainOptions& options, const Session& session) {
  switch (format_of(options, session)) {
    case Format::text: return print(report::comparison_text({session.use_color(), session.width(), session.verbosity}));
    case Format::json: return print(report::explain_json());
    case Format::markdown: return print(report::explain_markdown());
  }
}

int explain_image(const ExplainOptions& options, const Session& session) {
  const auto file = MappedFile::open(options.word);
  if (!file) return complain(file.error(), options.word);
  confine(session);
  Image image(options.word, file->view());
  const auto report = examine(image, Depth::structure);
  if (!report) return complain(report.error(), options.word);
  show(report::found_in(*report), options, session);
  return done;
}

int explain_machine(const ExplainOptions& options, const Session& session) {
  const bool captured = !options.root.empty();
  auto root = captured ? host::open_root(options.root) : Result<std::unique_ptr<host::Root>>(host::live_root());
  if (!root) return complain(root.error(), options.root);
  if (captured) {
    confine(session, {}, {options.root});
  } else {
    confine_live(session);
  }
  const HostStatus status = collect_status(**root, {});
  show(report::found_on(status, captured ? options.root : "this machine"), options, session);
  return done;
}

int unknown_word(const ExplainOptions& options) {
  const std::string_view near = nearest_word(options.word);
  return complain({Errc::usage,
                   fmt::format("\"{}\" is no finding, engine, question, word of the field or file: {}`quell explain` "
                               "alone lists the engines and questions",
                               options.word, near.empty() ? "" : fmt::format("did you mean \"{}\"? ", near)),
                   std::nullopt});
}

int run(const ExplainOptions& options, const Session& session) {
  if (options.this_machine || !options.root.empty()) return explain_machine(options, session);
  if (options.word.empty()) {
    compare(options, session);
    return done;
  }
  const bool path = options.word.find('/') != std::string::npos || options.word == "-";
  const Explained known = path ? Explained() : look_up(options.word);
  if (std::holds_alternative<std::monostate>(known)) {
    std::error_code problem;
    if (path || std::filesystem::exists(options.word, problem)) return explain_image(options, session);
    return unknown_word(options);
  }
  std::visit([&](const auto& thing) { show_known(thing, options, session); }, known);
  return done;
}

}  // namespace

void add_explain(const Command& app, Session& session) {
  auto options = std::make_shared<ExplainOptions>();
  const Command command = add_command(
      app, session, "explain", "what the computer inside the computer is, what it can do, what can be done about it",
      "quell explain                      all of them side by side\n"
      "  quell explain amd-psp              one of them: every question, with strength and source\n"
      "  quell explain network              one question, across all of them\n"
      "  quell explain intel.disable-bit.set    what a finding means\n"
      "  quell explain beliefs              what is often said, and what is so\n"
      "  quell explain HAP                  a word of the field\n"
      "  quell explain dump.rom             what is really in this image, beside what is generally so\n"
      "  quell explain --this-machine       the same for the machine that you sit at\n\n"
      "A word is looked up as a finding, an engine, a question, a word of the field, a file, in this order; ./NAME is "
      "always a file.\n"
      "Exit status: 0 explained, 2 the word is nothing of these, 3 the file is not recognised.",
      {.more = Prints::More::lacks});
  const Option word =
      command.option("WORD", options->words, "a finding, an engine, a question, a word of the field, or an image file");
  const Option machine =
      command.flag("--this-machine", options->this_machine, "the machine that this runs on").excludes(word);
  command.option("--root", options->root, "a captured machine: folder, or tar of `quell capture`")
      .excludes(word)
      .excludes(machine);
  command.option("--format", options->format, "how to print it").one_of({"text", "json", "markdown"}).shows_default();
  command.callback([options, &session] {
    options->word = fmt::format("{}", fmt::join(options->words, " "));
    session.status = run(*options, session);
  });
}

}  // namespace quell::cli
