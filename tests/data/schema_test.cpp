// SPDX-License-Identifier: GPL-2.0-or-later
#include "tables/schema.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

namespace quell::tables {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Files read_folder(const std::filesystem::path& folder) {
  Files files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".csv") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files.emplace(entry.path().stem().string(), std::string(std::istreambuf_iterator<char>(file), {}));
  }
  return files;
}

const Files& real_tables() {
  static const Files files = read_folder(QUELL_SOURCE "/data");
  return files;
}

const Files& real_schemas() {
  static const Files files = read_folder(QUELL_SOURCE "/data/schema");
  return files;
}

TEST(Schema, HoldsForEveryTable) {
  EXPECT_THAT(check(real_tables(), real_schemas()), IsEmpty());
  EXPECT_GE(real_tables().size(), 67U);
}

// Replaces the first `from` in a table and says what the checker finds.
std::vector<std::string> changed(const std::string& table, const std::string& from, const std::string& to) {
  Files tables = real_tables();
  std::string& text = tables.at(table);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  return check(tables, real_schemas());
}

TEST(Schema, NamesFileLineAndColumnOfARubbishCell) {
  EXPECT_THAT(changed("intel-disable-bits", "ICHSTRP0,fpsba,0x00,0,", "ICHSTRP0,fpsba,0x00,O,"),
              ElementsAre("data/intel-disable-bits.csv:2: bit: 'O' is not a number, decimal or hexadecimal after 0x"));
  EXPECT_THAT(changed("intel-disable-bits", "ICHSTRP0,fpsba,0x00,0,", "ICHSTRP0,fpsba,0x00,32,"),
              ElementsAre("data/intel-disable-bits.csv:2: bit: '32' is not within 0..31"));
  EXPECT_THAT(changed("intel-disable-bits", ",yes,reported,", ",yse,reported,"),
              ElementsAre("data/intel-disable-bits.csv:2: written: 'yse' is not yes or no"));
}

TEST(Schema, NoticesAKeyThatStandsTwice) {
  EXPECT_THAT(changed("amd-soft-fuses", "\n2,", "\n0,"),
              ElementsAre("data/amd-soft-fuses.csv:3: key 1 (0 ...) stands in line 2 too"));
}

TEST(Schema, NoticesANameThatStandsInNoOtherTable) {
  EXPECT_THAT(changed("intel-disable-traces", "CNP-LP;CMP-LP", "CNP-LP;CPM-LP"),
              ElementsAre("data/intel-disable-traces.csv:2: families: 'CPM-LP' stands nowhere in "
                          "intel-disable-bits.family"));
  EXPECT_THAT(changed("hfsts-verdict-rules", "unreadable", "unraedable"),
              ElementsAre(HasSubstr("'unraedable' is not one of"),
                          AllOf(HasSubstr("hfsts-verdict-rules.csv:2"), HasSubstr("host-verdicts.verdict"))));
}

TEST(Schema, NoticesColumnsThatAreNotTheTables) {
  EXPECT_THAT(changed("acm-keys", "seen", "sene"),
              ElementsAre("data/acm-keys.csv:1: its schema has no column 'sene'",
                          "data/acm-keys.csv:1: the column 'seen' of its schema is missing"));
  EXPECT_THAT(changed("acm-keys", "sha256_of_modulus,seen", "seen,sha256_of_modulus"),
              ElementsAre("data/acm-keys.csv:1: its columns stand in another order than in its schema"));
}

TEST(Schema, NoticesATableOrASchemaThatStandsAlone) {
  Files tables = real_tables();
  tables.emplace("new-table", "a\n1\n");
  EXPECT_THAT(check(tables, real_schemas()),
              ElementsAre(HasSubstr("describe its columns in data/schema/new-table.csv")));
  tables = real_tables();
  tables.erase("acm-keys");
  EXPECT_THAT(check(tables, real_schemas()),
              ElementsAre("data/schema/acm-keys.csv: there is no table data/acm-keys.csv"));
}

// What one cell of a column is found to be.
std::vector<std::string> of_cell(const std::string& type, const std::string& values, const std::string& cell,
                                 const std::string& required = "yes") {
  return check({{"t", "a,b\n1," + cell + "\n"}, {"u", "name\nx\ny\n"}},
               {{"t", "column,type,required,key,values,refers,meaning\na,number,yes,,,,a\nb," + type + "," + required +
                          ",," + values + ",,b\n"},
                {"u", "column,type,required,key,values,refers,meaning\nname,word,yes,1,,,n\n"}});
}

struct CellCase {
  std::string type, values;
  std::vector<std::string> right, wrong;
};

TEST(Schema, KnowsARightCellOfEveryTypeFromAWrongOne) {
  const std::vector<CellCase> cases{
      {"text", "", {"any words; here"}, {" a", "a ", "\"a\nb\""}},
      {"word", "a|b c", {"a", "b c"}, {"A", "b", "a|b c"}},
      {"flag", "", {"yes", "no"}, {"Yes", "1", "true"}},
      {"number", "", {"0", "0xFFFFFFFF", "010"}, {"4294967296", "-1", "1x", "ff", "0x", "1 "}},
      {"number", "3..0x10", {"3", "16"}, {"2", "0x11"}},
      {"hex", "4", {"0a0b"}, {"a0b", "0x0a", "0a0g", "00a0b", "0A0B"}},
      {"range", "", {"3-3", "10-20"}, {"3", "20-10", "3-", "-3", "a-b"}},
      {"version", "", {"1", "11.6.27.3264"}, {"1.", ".1", "1..2", "1.2.3.4.5", "1.x", "v1"}},
      {"version", "none|x", {"none", "1.x"}, {"1.y"}},
      {"bytes", "", {"00ff"}, {"0", "0g", "0x00", "FF"}},
      {"bytes", "2", {"00ff"}, {"00", "00ff00"}},
      {"bits", "", {"0101"}, {"2", "0b1"}},
      {"guid", "upper", {"8C8CE578-8A3D-4F1C-9935-896185C32DD3"}, {"8c8ce578-8a3d-4f1c-9935-896185c32dd3", "x"}},
      {"guid", "lower", {"8c8ce578-8a3d-4f1c-9935-896185c32dd3"}, {"8c8ce5788a3d4f1c9935896185c32dd3"}},
      {"list", "a|b", {"a", "a;b"}, {"a;c", "a;", ";a", "a;;b"}},
      {"words", "", {"a b"}, {"a  b", "a "}}};
  for (const CellCase& one : cases) {
    for (const std::string& cell : one.right) {
      EXPECT_THAT(of_cell(one.type, one.values, cell), IsEmpty()) << one.type << " " << cell;
    }
    for (const std::string& cell : one.wrong) {
      EXPECT_THAT(of_cell(one.type, one.values, cell), ElementsAre(HasSubstr("data/t.csv:2: b: ")))
          << one.type << " " << cell;
    }
    EXPECT_THAT(of_cell(one.type, one.values, ""), ElementsAre("data/t.csv:2: b: a cell is empty")) << one.type;
    EXPECT_THAT(of_cell(one.type, one.values, "", "no"), IsEmpty()) << one.type;
  }
}

TEST(Schema, NoticesCellsThatAreTooManyOrTooFewAndRowsThatStandTwice) {
  const Files schema{{"t", "column,type,required,key,values,refers,meaning\na,word,no,,,,a\nb,word,no,,,,b\n"}};
  EXPECT_THAT(check({{"t", "a,b\nx\n"}}, schema),
              ElementsAre("data/t.csv:2: it has more or fewer cells than there are columns"));
  EXPECT_THAT(check({{"t", "a,b\nx,y,z\n"}}, schema),
              ElementsAre("data/t.csv:2: it has more or fewer cells than there are columns"));
  EXPECT_THAT(check({{"t", "a,b\nx,y\nx,y\n"}}, schema), ElementsAre("data/t.csv:3: the row stands in line 2 too"));
}

TEST(Schema, NoticesSpansThatRunDownwards) {
  EXPECT_THAT(changed("hfsts-fields", "1,4,4,me,0,14,", "1,4,4,me,15,14,"),
              ElementsAre("data/hfsts-fields.csv:3: major_from is above major_to"));
  EXPECT_THAT(changed("hfsts-fields", "1,3,0,", "1,0,3,"), ElementsAre("data/hfsts-fields.csv:2: low is above high"));
  // Versions compare by their numbers: 11.10 lies above 11.8.
  EXPECT_THAT(changed("intel-mphy-chipsets", "11.10,11.99", "11.100,11.99"),
              ElementsAre(HasSubstr("first_version is above last_version")));
}

TEST(Schema, IsCheckedItself) {
  const auto problems_of = [](const std::string& line) {
    return check({{"t", "a\n"}}, {{"t", "column,type,required,key,values,refers,meaning\n" + line + "\n"}});
  };
  EXPECT_THAT(problems_of("a,word,yes,1,,,words"), IsEmpty());
  EXPECT_THAT(problems_of("a,wrod,yes,1,,,words"), ElementsAre(HasSubstr("there is no type 'wrod'")));
  EXPECT_THAT(problems_of("a,word,maybe,1,,,words"), ElementsAre(HasSubstr("required is yes or no")));
  EXPECT_THAT(problems_of("a,word,yes,1,,,"), ElementsAre(HasSubstr("needs a name and a meaning")));
  EXPECT_THAT(problems_of("a,number,yes,1,9..0,,n"), ElementsAre(HasSubstr("says nothing to the type number")));
  EXPECT_THAT(problems_of("a,hex,yes,1,,,n"), ElementsAre(HasSubstr("says nothing to the type hex")));
  EXPECT_THAT(problems_of("a,word,yes,1,,t.b,n"), ElementsAre(HasSubstr("refers to t.b, which is no TABLE.COLUMN")));
  EXPECT_THAT(problems_of("a,word,yes"), testing::Contains(HasSubstr("a line has seven cells")));
  EXPECT_THAT(check({{"t", "a\n"}}, {{"t", "name,kind\na,word\n"}}),
              testing::Contains(HasSubstr("the columns of a schema are")));
}

}  // namespace
}  // namespace quell::tables
