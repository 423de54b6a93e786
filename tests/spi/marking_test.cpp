// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/marking.h"

#include <gmock/gmock.h>

#include "spi/access.h"

namespace quell::spi {
namespace {

std::vector<ChipDefinition> definitions(std::initializer_list<const char*> names) {
  std::vector<ChipDefinition> all;
  for (const char* name : names) all.push_back({"", name});
  return all;
}

// As printed on chips, and what the library calls them.
struct Printed {
  const char* marking;
  std::vector<ChipDefinition> candidates;
  const char* definition;
};
const std::vector<Printed> printed{
    {"MX25L6436EM2I-10G",
     definitions({"MX25L6405", "MX25L6405D", "MX25L6406E/MX25L6408E",
                  "MX25L6436E/MX25L6445E/MX25L6465E/MX25L6473E/MX25L6473F"}),
     "MX25L6436E/MX25L6445E/MX25L6465E/MX25L6473E/MX25L6473F"},
    {"MX25L6406EM2I-12G", definitions({"MX25L6405", "MX25L6405D", "MX25L6406E/MX25L6408E"}), "MX25L6406E/MX25L6408E"},
    {"MX25L3206E", definitions({"MX25L3205(A)", "MX25L3206E/MX25L3208E"}), "MX25L3206E/MX25L3208E"},
    {"MX25L12873FM2I-10G", definitions({"MX25L12805D", "MX25L12833F/MX25L12835F/MX25L12845E/MX25L12865E/MX25L12873F"}),
     "MX25L12833F/MX25L12835F/MX25L12845E/MX25L12865E/MX25L12873F"},
    {"W25Q64FVSIQ", definitions({"W25Q64BV/W25Q64CV/W25Q64FV", "W25Q64JV-.Q"}), "W25Q64BV/W25Q64CV/W25Q64FV"},
    {"25Q64JVSIQ", definitions({"W25Q64BV/W25Q64CV/W25Q64FV", "W25Q64JV-.Q"}), "W25Q64JV-.Q"},
    {"w25q64jvsiq", definitions({"W25Q64BV/W25Q64CV/W25Q64FV", "W25Q64JV-.Q"}), "W25Q64JV-.Q"},
    {"W25Q128FVSQ", definitions({"W25Q128.V"}), "W25Q128.V"},
    {"W25Q256JVEIQ", definitions({"W25Q256FV", "W25Q256JV_Q"}), "W25Q256JV_Q"},
    {"GD25Q127CSIG", definitions({"GD25B128B/GD25Q128B", "GD25Q127C/GD25Q128C"}), "GD25Q127C/GD25Q128C"},
    {"MX25U6435F", definitions({"MX25U6435E/F"}), "MX25U6435E/F"},
    {"EN25QH64A-104HIP", definitions({"EN25QH64", "EN25QH64A"}), "EN25QH64A"},
    {"M25P80", definitions({"MX25L6405"}), ""},
};

TEST(Marking, IsLookedUpAsPrinted) {
  for (const Printed& chip : printed) {
    const auto fits = fitting(chip.candidates, chip.marking);
    ASSERT_EQ(fits.size(), std::string(chip.definition).empty() ? 0U : 1U) << chip.marking;
    if (!fits.empty()) {
      EXPECT_EQ(fits.front().name, chip.definition);
    }
  }
}

TEST(Marking, SeveralThatFitAsWellAreAllOffered) {
  EXPECT_EQ(fitting(definitions({"W25Q64FV", "W25Q64FV/W25Q64BV"}), "W25Q64FVSIQ").size(), 2U);
}

TEST(Marking, KnowsLowVoltageParts) {
  for (const char* name : {"MX25U6435E/F", "W25Q128.W", "W25Q64JW...M", "GD25LQ128C/GD25LQ128D/GD25LQ128E", "EN25S64",
                           "SST25WF080B", "IS25WP064", "MT25QU128", "AT25DL161", "XM25QU64C"})
    EXPECT_TRUE(marked_as_low_voltage(name)) << name;
  for (const char* name : {"MX25L6405", "W25Q64BV/W25Q64CV/W25Q64FV", "W25Q128.V", "GD25Q64(B)", "EN25QH64",
                           "SST25VF032B", "N25Q064..3E", "M25P10", "AT25DF321A"})
    EXPECT_FALSE(marked_as_low_voltage(name)) << name;
}

// Every 1.8 V part of the library, by its ID.
TEST(Supply, KnowsTheLowVoltageIds) {
  for (const char* id : {"1c3811", "1c3812", "1c3813", "1c3814", "1f4502", "20bb15", "20bb21", "20bb22",
                         "621612", "621613", "621614", "bf2501", "bf2502", "bf2503", "bf2504", "bf2505",
                         "c22534", "c86013", "c86014", "ef5012", "ef5013", "ef5014", "ef6013", "ef6014"})
    EXPECT_EQ(supply_voltage(id), "1.8") << id;
  EXPECT_FALSE(low_voltage("ef4017", "W25Q64.W")) << "what the ID says counts";
  EXPECT_TRUE(low_voltage("", "MX25U6435E/F"));
}

}  // namespace
}  // namespace quell::spi
