// SPDX-License-Identifier: GPL-2.0-or-later
// A Document and its two printers: what each of them is told, and what it does with the types.
#include "model/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/document_json.h"
#include "report/document_text.h"

namespace quell::report {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::Not;

doc::Section section_with(doc::Item item) {
  doc::Section out;
  out.add(std::move(item));
  return out;
}

std::string text_of(const doc::Section& section, const TextStyle& style = {}) { return to_text(section, style); }

Json json_of(doc::Section body, bool identifiers = false) {
  return Json::parse(to_json(doc::Document{"test", std::move(body)}, identifiers));
}

TEST(Document, OpensWithSchemaProgramAndCommand) {
  const Json json = json_of({});
  EXPECT_EQ(json["schema"], "quell/2");
  EXPECT_EQ(json["program"]["name"], "quell");
  EXPECT_EQ(json["command"], "test");
}

TEST(Document, GivesValuesByTheirType) {
  struct Case {
    doc::Value value;
    std::string words;
    Json plain;
  };
  const std::vector<std::string> list{"a", "b"};
  for (const Case& c :
       {Case{{}, "unknown", nullptr}, Case{true, "yes", true},
        Case{{std::uint64_t{4096}, doc::As::size}, "4 KiB", 4096}, Case{{std::uint64_t{28}, doc::As::hex}, "0x1c", 28},
        Case{{std::uint64_t{0x1000}, doc::As::address}, "0x00001000", 4096}, Case{std::uint64_t{7}, "7", 7},
        Case{Range{0x10, 2}, "0x00000010-0x00000011", {{"offset", 16}, {"size", 2}}}, Case{list, "a, b", list},
        Case{doc::Value::Object{{"one_key", "x"}}, "one key x", {{"one_key", "x"}}}}) {
    EXPECT_EQ(words_of(c.value), c.words);
    EXPECT_EQ(json_of(section_with(doc::Field{"value", c.value}))["value"], c.plain) << c.words;
  }
}

// A machine's facts are read on terminals: nothing of them is cut.
TEST(Document, BreaksAlignedRowsAndPutsTheSourceWhereItFits) {
  doc::Table table{.form = doc::Table::Form::aligned};
  table.columns = {{}, {}, {}};
  table.rows = {{{"short", "yes", "file"}}, {{"a long label", "words that do not fit the line", "another file"}}};
  const doc::Section section = section_with(table);
  EXPECT_EQ(text_of(section, {.width = 40}),
            "  short         yes  file\n"
            "  a long label  words that do not fit\n"
            "                the line  another file\n");
  EXPECT_EQ(text_of(section),
            "  short         yes  file\n"
            "  a long label  words that do not fit the line  another file\n");
}

TEST(Document, MasksIdentifiersUnlessAskedInBothPrinters) {
  const doc::Section section =
      section_with(doc::Facts{"facts", 2, {{"mac", {"00:1b:21:aa:bb:cc", doc::As::identifier}, "MAC address", {}}}});
  EXPECT_EQ(text_of(section), "  MAC address  xx:xx:xx:xx:xx:xx\n");
  EXPECT_EQ(json_of(section)["facts"]["mac"], "xx:xx:xx:xx:xx:xx");
  EXPECT_EQ(text_of(section, {.identifiers = true}), "  MAC address  00:1b:21:aa:bb:cc\n");
  EXPECT_EQ(json_of(section, true)["facts"]["mac"], "00:1b:21:aa:bb:cc");
}

TEST(Document, MasksIdentifiersInTrees) {
  Component root{"image", "image", {}};
  Component child{"gbe", "gbe", {0, 16}};
  child.attributes.set("mac", std::string("001b21"), Show::identifier);
  root.children.push_back(child);
  const doc::Section section = section_with(doc::Tree{"tree", "Contents", &root, {}});
  EXPECT_THAT(text_of(section), HasSubstr("mac xxxxxx"));
  EXPECT_EQ(json_of(section)["tree"]["children"][0]["attributes"]["mac"], "xxxxxx");
}

TEST(Document, LetsNothingThroughThatATerminalWouldObey) {
  const std::string hostile = "a\x1B[31mb";
  Finding finding{.id = "test.one", .title = hostile, .detail = hostile, .advice = hostile, .references = {hostile}};
  Component root{"image", hostile, {}, {}, {{"part", hostile, {0, 1}, {}, {}, {}}}, {}};
  doc::Section section;
  section.show(doc::Heading{hostile})
      .show(doc::Line{{{hostile}}})
      .show(doc::Paragraph{2, {hostile}, {hostile}})
      .add(doc::Facts{"facts", 2, {{"key", hostile, hostile, {}}}})
      .add(doc::Table{
          .key = "table", .columns = {{"a", hostile}, {"b"}}, .rows = {{{hostile, hostile}}}, .titles = true})
      .add(doc::findings_of("findings", {&finding, 1}, doc::Findings::Form::grouped))
      .add(doc::Actions{"actions", {{"id", hostile, "refused", doc::Tone::bad, hostile, {}, {}}}})
      .add(doc::Tree{"tree", hostile, &root, {}});
  EXPECT_THAT(text_of(section, {.verbosity = 2}), Not(HasSubstr("\x1B")));
}

TEST(Document, ShowsEveryoneWhatIsForThem) {
  doc::Section section;
  section.field("size", std::uint64_t{1}).show(doc::Line{{{"one byte"}}}).show(doc::Line{{{"in full"}}}, 1);
  EXPECT_EQ(text_of(section), "one byte\n");
  EXPECT_EQ(text_of(section, {.verbosity = 1}), "one byte\nin full\n");
  EXPECT_EQ(text_of(section, {.verbosity = -1}), "");
  EXPECT_EQ(json_of(section).size(), 4U);
}

TEST(Document, GivesATableToBoth) {
  doc::Table table{.key = "ports", .limit = 2};
  table.columns = {{"port", {}, doc::Audience::all, true}, {"state"}, {"why", {}, doc::Audience::programs}};
  for (std::uint64_t port = 1; port <= 4; ++port) {
    table.rows.push_back({{doc::Value(port * 10), "open", port == 1 ? doc::Cell("x") : doc::Cell()}});
  }
  const doc::Section section = section_with(table);
  EXPECT_EQ(text_of(section), "  10  open\n  20  open\n  and 2 more (-v)\n");
  EXPECT_EQ(text_of(section, {.verbosity = 1}), "  10  open\n  20  open\n  30  open\n  40  open\n");
  const Json ports = json_of(section)["ports"];
  EXPECT_EQ(ports.size(), 4U);
  EXPECT_EQ(ports[0], (Json{{"port", 10}, {"state", "open"}, {"why", "x"}}));
  EXPECT_FALSE(ports[1].contains("why"));
}

TEST(Document, ColoursAFactByItsStateAndNotByItsWords) {
  doc::Facts facts{"facts", 0, {}};
  facts.facts.push_back({"signature", "invalid", {}, CheckState::held});
  facts.facts.push_back({"note", "invalid", {}, {}});
  EXPECT_EQ(text_of(section_with(facts), {.color = true}),
            "\x1B[2msignature \x1B[0m \x1B[32minvalid\x1B[0m\n\x1B[2mnote      \x1B[0m invalid\n");
}

TEST(Document, NamesEveryOverrideThatAnActionNeeds) {
  const doc::Section section = section_with(doc::Actions{"actions",
                                                         {{"soft-disable",
                                                           "set it",
                                                           "refused",
                                                           doc::Tone::bad,
                                                           "why",
                                                           {Override::overlaps, Override::reported_place},
                                                           {}}}});
  EXPECT_THAT(text_of(section), HasSubstr("override: overlaps and reported-place"));
  EXPECT_EQ(json_of(section)["actions"][0]["overrides"], (Json{"overlaps", "reported-place"}));
}

}  // namespace
}  // namespace quell::report
