// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/chip/wiring.h"

#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace quell::report::chip {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

TEST(Wiring, ConnectsEveryPinOfThePackageOnceAndNeverToFiveVolts) {
  for (const char* layout : {"rpi", "rpi-fixed", "ch341a"}) {
    for (const char* package : {"soic8", "soic16"}) {
      const auto text = wiring_json(layout, package);
      ASSERT_TRUE(text.has_value()) << layout;
      std::set<std::string> signals;
      const Json document = Json::parse(*text);
      for (const Json& wire : document["wires"]) {
        EXPECT_TRUE(signals.insert(wire["signal"]).second) << layout << " " << package;
        EXPECT_NE(wire["board_pin"], "header pin 2");
        EXPECT_NE(wire["board_pin"], "header pin 4");
        EXPECT_NE(wire["source"], "");
      }
      EXPECT_EQ(signals, (std::set<std::string>{"/CS", "DO", "/WP", "GND", "DI", "CLK", "/HOLD", "VCC"}));
    }
  }
}

TEST(Wiring, SaysWhatDestroysChips) {
  EXPECT_THAT(*wiring_text("linux_spi", "soic8"), HasSubstr("Never use header pins 2 and 4"));
  EXPECT_THAT(*wiring_text("ch341a_spi", "soic8"), HasSubstr("almost 5 V"));
  EXPECT_THAT(*wiring_text("rpi", "soic16"), HasSubstr("MX25U"));
}

// It speaks to who holds the board, not to who writes the program.
TEST(Wiring, AdvisesTheReader) {
  for (const char* layout : {"rpi", "ch341a"}) {
    const std::string text = *wiring_text(layout, "soic8");
    for (const char* order : {"refuse", "the user", "ask for", "ask the"}) EXPECT_THAT(text, Not(HasSubstr(order)));
  }
  EXPECT_THAT(*wiring_text("ch341a", "soic8"), HasSubstr("do not use it for 3.3 V"));
}

TEST(Wiring, HasNoTableForOthers) { EXPECT_EQ(wiring_text("dediprog", "soic8").error().code, Errc::usage); }

}  // namespace
}  // namespace quell::report::chip
