// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/chip/wiring.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/table.h"
#include "data/programmers.h"
#include "data/spi-advice.h"
#include "data/spi-ch341a-boards.h"
#include "data/spi-clips.h"
#include "data/spi-markings-1v8.h"
#include "data/spi-packages.h"
#include "data/spi-wires.h"
#include "report/json_values.h"

namespace quell::report::chip {
namespace {

// A driver's name stands for its usual board.
std::string layout_of(std::string_view programmer) {
  const Table table(data::programmers);
  const auto row = table.find("library_name", programmer);
  return std::string(row ? (*row)["short_name"] : programmer);
}

using Wires = Table<data::SpiWires>;

bool has_layout(const Wires& wires, std::string_view layout, std::string_view package) {
  return std::any_of(wires.begin(), wires.end(),
                     [&](const auto& row) { return row["layout"] == layout && row["package"] == package; });
}

tl::unexpected<Error> no_table(std::string_view programmer, std::string_view package) {
  return fail(Errc::usage,
              fmt::format("no pin table for {} and {}: there are rpi, rpi-fixed and ch341a, for soic8 and soic16; "
                          "for other programmers see the maker's page",
                          programmer, package));
}

std::string function_of(const Table<data::SpiPackages>& packages, std::string_view package, std::string_view pin) {
  for (const auto row : packages) {
    if (row["package"] == package && row["pin"] == pin) return std::string(row["function"]);
  }
  return {};
}

// The eight pins as they lie seen from above.
std::string drawing() {
  return "                 ____\n"
         "  dot ->  /CS 1 |o   | 8 VCC\n"
         "           DO 2 |    | 7 /HOLD\n"
         "          /WP 3 |    | 6 CLK\n"
         "          GND 4 |____| 5 DI\n\n";
}

}  // namespace

Result<std::string> wiring_text(std::string_view programmer, std::string_view package) {
  const Wires wires(data::spi_wires);
  const std::string layout = layout_of(programmer);
  if (!has_layout(wires, layout, package)) return no_table(programmer, package);
  std::string text = fmt::format("{} to {}\n\n", layout, package);
  if (package == "soic8") text += drawing();
  text += fmt::format("  {:<4} {:<7} {:<14} {:<7} {}\n", "pin", "signal", "goes to", "colour", "note");
  for (const auto row : wires) {
    if (row["layout"] != layout || row["package"] != package) continue;
    const std::string gpio = row["gpio"].empty() ? "" : fmt::format(" (GPIO{})", row["gpio"]);
    text += fmt::format("  {:<4} {:<7} {:<14} {:<7} {}{}\n", row["chip_pin"], row["signal"], row["board_pin"],
                        row["colour"].empty() ? "-" : row["colour"], row["note"], gpio);
  }
  text +=
      "\nVoltage: 2.7 to 3.6 V for most chips. 1.65 to 2.0 V for these, which need a level adapter for every signal:\n";
  for (const auto row : Table(data::spi_markings_1v8)) text += fmt::format("  {}: {}\n", row["vendor"], row["pattern"]);
  if (layout.starts_with("rpi")) {
    text += "Never use header pins 2 and 4: 5 V destroys the chip. Turn SPI on with dtparam=spi=on in config.txt.\n";
  }
  if (layout == "rpi") text += "The pull-ups on /WP and /HOLD are set by --pull-ups, for as long as a command runs.\n";
  if (layout == "ch341a") {
    for (const auto row : Table(data::spi_ch341a_boards)) {
      text += fmt::format("CH341A, {}: {}; {}.\n", row["name"], row["hazard"], row["action"]);
    }
  }
  text += "\n";
  for (const auto row : Table(data::spi_advice)) text += fmt::format("- {}\n", row["text"]);
  std::string fitting;
  for (const auto row : Table(data::spi_clips)) {
    fitting += fmt::format("{}{} ({})", fitting.empty() ? "" : ", ", row["model"], row["fits"]);
  }
  return text + fmt::format("- Clips: {}.\n", fitting);
}

Result<std::string> wiring_json(std::string_view programmer, std::string_view package) {
  const Wires wires(data::spi_wires);
  const Table packages(data::spi_packages);
  const std::string layout = layout_of(programmer);
  if (!has_layout(wires, layout, package)) return no_table(programmer, package);
  Json out = document("wiring");
  out["programmer"] = layout;
  out["package"] = package;
  out["wires"] = Json::array();
  for (const auto row : wires) {
    if (row["layout"] != layout || row["package"] != package) continue;
    out["wires"].push_back({{"chip_pin", row["chip_pin"]},
                            {"signal", row["signal"]},
                            {"function", function_of(packages, package, row["chip_pin"])},
                            {"board_pin", row["board_pin"]},
                            {"gpio", row["gpio"].empty() ? Json(nullptr) : Json(row["gpio"])},
                            {"colour", row["colour"].empty() ? Json(nullptr) : Json(row["colour"])},
                            {"note", row["note"]},
                            {"source", row["source"]}});
  }
  out["advice"] = Json::array();
  for (const auto row : Table(data::spi_advice)) out["advice"].push_back(row["text"]);
  return dump(out);
}

}  // namespace quell::report::chip
