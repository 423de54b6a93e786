// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/explain.h"

namespace quell::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Printable, EscapesWhatATerminalCouldObey) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"FTPR", "FTPR"},
      {"a\x1B[2J", "a\\x1b[2J"},
      {"line\nbreak\r\t", "line\\x0abreak\\x0d\\x09"},
      {std::string("nul\0end", 7), "nul\\x00end"},
      {"\x7F", "\\x7f"},
      {"caf\xC3\xA9", "caf\xC3\xA9"},
      {"\xC2\x9B"
       "31m",
       "\\xc2\\x9b31m"},                          // C1 control sequence introducer
      {"\xE2\x80\xAEtxt", "\\xe2\\x80\\xaetxt"},  // right-to-left override
      {"\xE2\x80\x8B", "\\xe2\\x80\\x8b"},        // zero width space
      {"\xFF\xC3", "\\xff\\xc3"},                 // not UTF-8, cut UTF-8
      {"\xC0\xAF", "\\xc0\\xaf"},                 // overlong
      {"\xED\xA0\x80", "\\xed\\xa0\\x80"},        // surrogate
      {"\xF0\x9F\x94\x92", "\xF0\x9F\x94\x92"},
      {"\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // beyond Unicode
  };
  for (const auto& [input, expected] : cases) EXPECT_EQ(printable(input), expected);
}

TEST(SizeText, UsesTheLargestUnitThatFits) {
  EXPECT_EQ(size_text(0), "0 bytes");
  EXPECT_EQ(size_text(1), "1 byte");
  EXPECT_EQ(size_text(1536), "1536 bytes");
  EXPECT_EQ(size_text(4096), "4 KiB");
  EXPECT_EQ(size_text(8ULL << 20U), "8 MiB");
  EXPECT_EQ(size_text((8ULL << 20U) + 4096), "8196 KiB");
}

TEST(RangeText, NamesTheLastByte) {
  EXPECT_EQ(range_text({0x1000, 0xFF000}), "0x00001000-0x000fffff");
  EXPECT_EQ(range_text({5, 0}), "-");
}

TEST(ValueText, IsHonestAboutTheUnknown) {
  EXPECT_EQ(value_text({"sku", Unknown{}}), "unknown");
  EXPECT_EQ(value_text({"disabled", false}), "no");
  EXPECT_EQ(value_text({"offset", std::uint64_t{28}, Show::hex}), "0x1c");
  EXPECT_EQ(value_text({"size", std::uint64_t{4096}, Show::size}), "4 KiB");
  EXPECT_EQ(value_text({"names", std::vector<std::string>{"a", "b\x1B"}}), "a, b\\x1b");
}

Report sample() {
  Report report{.file = "dump.rom", .size = 0x800000};
  report.what = {"intel.dump", "full flash dump with an Intel descriptor", "", {0, 0x800000}, true, FileKind::dump};
  report.layout = {"layout", "Intel flash descriptor", {0, 0x800000}};
  report.layout.children.push_back({"region", "me", {0x3000, 0x4FD000}});
  report.layout.children.push_back({"region", "fd", {0, 0x1000}});
  report.layout.children.push_back({"region", "bios", {0x500000, 0x400000}});
  EngineReport engine{.engine = "intel-me", .title = "Intel Management Engine 8.1.0.1248"};
  engine.facts.set("version", std::string("8.1.0.1248"));
  engine.facts.set("signature", std::string("valid, Intel production key"));
  engine.facts.set("sku", Unknown{});
  engine.tree = {"region", "ME region", {0x3000, 0x4FD000}};
  Component partition{"partition", "FTPR", {0x4000, 0x8000}};
  partition.attributes.set("essential", true);
  for (const char* name : {"BUP", "KERNEL\x1B[31m"}) partition.children.push_back({"module", name, {0x5000, 0x100}});
  engine.tree.children.push_back(partition);
  engine.actions.push_back({"strip",
                            "remove modules",
                            Action::State::refused,
                            "Boot Guard is on",
                            std::vector<std::string>(20, "removes NFTP"),
                            {},
                            {Override::boot_guard}});
  engine.findings.push_back({"intel.disable-bit.not-set",
                             Question::descriptor,
                             Severity::info,
                             "the disable bit is not set",
                             "bit 7 is 0",
                             "",
                             {},
                             {}});
  report.findings.push_back({"image.repeated",
                             Question::repeated,
                             Severity::error,
                             "the second half repeats the first",
                             "every byte",
                             "read the chip again",
                             Range{0x400000, 0x400000},
                             {"INTEL-SA-00086"}});
  report.engines.push_back(engine);
  return report;
}

// What an engine could do over a network is no answer where it has none.
TEST(Text, OfWhatWasFoundDoesNotContradictItself) {
  const auto found = [](Holds network) {
    const std::vector<ShortAnswer> answers{{Asked::network, network, Basis::observed, "as seen here"}};
    return to_text(Found{.place = "dump.rom", .image = true, .engines = {{"intel-me", "Intel ME", answers}}}, {});
  };
  const std::string without = found(Holds::no);
  EXPECT_THAT(without, HasSubstr("ports: no: it has no network here"));
  EXPECT_THAT(without, HasSubstr("addresses: no: it has no network here"));
  EXPECT_THAT(without, HasSubstr("own processor: yes"));
  EXPECT_THAT(found(Holds::yes), Not(HasSubstr("no network here")));
  EXPECT_THAT(without, HasSubstr("\nWords on this page\n  AMT: ")) << "of what is generally so";
}

TEST(Text, TellsTheWholeAtAGlance) {
  const std::string text = to_text(sample(), {});
  EXPECT_THAT(text, HasSubstr("dump.rom: full flash dump with an Intel descriptor"));
  EXPECT_THAT(text, HasSubstr("8 MiB (8388608 bytes)"));
  EXPECT_THAT(text, HasSubstr("0x00003000-0x004fffff  5108 KiB"));
  EXPECT_THAT(text, HasSubstr("Intel Management Engine 8.1.0.1248"));
  EXPECT_THAT(text, HasSubstr("valid, Intel production key"));
  EXPECT_THAT(text, HasSubstr("sku        unknown"));
  EXPECT_THAT(text, HasSubstr("refused"));
  EXPECT_THAT(text, HasSubstr("override: boot-guard"));
  EXPECT_THAT(text, HasSubstr("-> read the chip again"));
  EXPECT_THAT(text, HasSubstr("INTEL-SA-00086"));
}

TEST(Text, PutsRegionsInTheirOrderWithTheGapsBetween) {
  const std::string text = to_text(sample(), {});
  const auto fd = text.find("  fd ");
  const auto gap = text.find("0x00001000-0x00002fff");
  const auto me = text.find("  me ");
  ASSERT_NE(fd, std::string::npos);
  ASSERT_NE(gap, std::string::npos);
  ASSERT_NE(me, std::string::npos);
  EXPECT_LT(fd, gap);
  EXPECT_LT(gap, me);
  EXPECT_THAT(text, HasSubstr("not wholly in this file"));  // bios ends at 9 MiB
}

TEST(Text, PutsTheWorstFindingFirst) {
  const std::string text = to_text(sample(), {});
  EXPECT_LT(text.find("repeats the first"), text.find("disable bit is not set"));
}

TEST(Text, FoldsTheTreeUntilAskedForMore) {
  EXPECT_THAT(to_text(sample(), {}), HasSubstr("essential; 2 modules"));
  EXPECT_THAT(to_text(sample(), {}), Not(HasSubstr("BUP")));
  EXPECT_THAT(to_text(sample(), {.verbosity = 1}), HasSubstr("BUP"));
}

TEST(Text, ShortensLongAttributesUntilAskedForMore) {
  Report report = sample();
  report.engines[0].tree.children[0].attributes.set("properties", std::string(300, 'x') + "END");
  EXPECT_THAT(to_text(report, {}), Not(HasSubstr("END")));
  EXPECT_THAT(to_text(report, {}), HasSubstr("xxx..."));
  EXPECT_THAT(to_text(report, {.verbosity = 1}), HasSubstr("END"));
}

TEST(Text, SaysARepeatedFindingOnce) {
  Report report = sample();
  for (std::uint64_t i = 1; i < 4; ++i) {
    Finding again = report.findings[0];
    again.range = Range{i * 0x1000, 0x10};
    report.findings.push_back(again);
  }
  const std::string text = to_text(report, {});
  EXPECT_THAT(text, HasSubstr("repeats the first [0x00400000-0x007fffff] and 3 more"));
  EXPECT_EQ(text.find("repeats the first", text.find("repeats the first") + 1), std::string::npos);
  EXPECT_THAT(to_text(report, {.verbosity = 1}), HasSubstr("[0x00003000-0x0000300f]"));
}

TEST(Text, FoldsLongListsOfEffects) {
  EXPECT_THAT(to_text(sample(), {}), HasSubstr("and 12 more (-v)"));
  EXPECT_THAT(to_text(sample(), {.verbosity = 1}), Not(HasSubstr("more (-v)")));
}

TEST(Text, NeverPassesOnControlCharacters) {
  for (const int verbosity : {-1, 0, 1, 2}) {
    const std::string text = to_text(sample(), {.verbosity = verbosity});
    EXPECT_EQ(text.find('\x1B'), std::string::npos) << verbosity;
  }
  EXPECT_THAT(to_text(sample(), {.verbosity = 1}), HasSubstr("KERNEL\\x1b[31m"));
  EXPECT_NE(to_text(sample(), {.color = true}).find("\x1B[31m"), std::string::npos) << "errors are red";
}

TEST(Text, StaysInsideTheTerminal) {
  for (const unsigned width : {80U, 100U, 120U}) {
    const std::string text = to_text(sample(), {.width = width, .verbosity = 2});
    std::size_t longest = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      const std::string_view line(text.data() + at, end - at);
      if (line.find("SHA-256") == std::string_view::npos) longest = std::max(longest, line.size());
      at = end + 1;
    }
    EXPECT_LE(longest, width);
  }
}

TEST(Text, IsOneLineWhenAskedToBeQuiet) {
  EXPECT_EQ(to_text(sample(), {.verbosity = -1}),
            "dump.rom: full flash dump with an Intel descriptor; Intel Management Engine 8.1.0.1248; 1 error\n");
}

}  // namespace
}  // namespace quell::report
