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
#include "report/document_json.h"
#include "report/document_text.h"

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

doc::Value value_of(std::string_view cell) { return cell.empty() ? doc::Value() : doc::Value(cell); }

doc::Line line(std::string text) { return {{{std::move(text)}}}; }

// The eight pins as they lie seen from above.
void show_drawing(doc::Section& out) {
  for (const char* text : {"                 ____", "  dot ->  /CS 1 |o   | 8 VCC", "           DO 2 |    | 7 /HOLD",
                           "          /WP 3 |    | 6 CLK", "          GND 4 |____| 5 DI", ""}) {
    out.show(line(text));
  }
}

doc::Table wires_table(const Wires& wires, std::string_view layout, std::string_view package) {
  const Table packages(data::spi_packages);
  constexpr auto programs = doc::Audience::programs;
  constexpr auto people = doc::Audience::people;
  doc::Table out{.key = "wires", .titles = true};
  out.columns = {{.key = "chip_pin", .title = "pin", .least = 3},
                 {.key = "signal", .title = "signal", .least = 6},
                 {.key = "function", .audience = programs},
                 {.key = "board_pin", .title = "goes to", .least = 13},
                 {.key = "gpio", .audience = programs},
                 {.key = "colour", .title = "colour", .least = 6},
                 {.key = "note", .audience = programs},
                 {.key = "source", .audience = programs},
                 {.title = "note", .audience = people}};
  for (const auto row : wires) {
    if (row["layout"] != layout || row["package"] != package) continue;
    const std::string gpio = row["gpio"].empty() ? "" : fmt::format(" (GPIO{})", row["gpio"]);
    out.rows.push_back({{row["chip_pin"],
                         row["signal"],
                         function_of(packages, package, row["chip_pin"]),
                         row["board_pin"],
                         value_of(row["gpio"]),
                         {value_of(row["colour"]), std::string(row["colour"].empty() ? "-" : row["colour"])},
                         row["note"],
                         row["source"],
                         fmt::format("{}{}", row["note"], gpio)}});
  }
  return out;
}

// What has destroyed a chip before.
void show_hazards(doc::Section& out, std::string_view layout) {
  out.show(doc::Line{})
      .show(line("Voltage: 2.7 to 3.6 V for most chips. 1.65 to 2.0 V for these, which need a level adapter for every "
                 "signal:"));
  for (const auto row : Table(data::spi_markings_1v8)) {
    out.show(line(fmt::format("  {}: {}", row["vendor"], row["pattern"])));
  }
  if (layout.starts_with("rpi")) {
    out.show(
        line("Never use header pins 2 and 4: 5 V destroys the chip. Turn SPI on with dtparam=spi=on in "
             "config.txt."));
  }
  if (layout == "rpi") {
    out.show(line("The pull-ups on /WP and /HOLD are set by --pull-ups, for as long as a command runs."));
  }
  if (layout != "ch341a") return;
  for (const auto row : Table(data::spi_ch341a_boards)) {
    out.show(line(fmt::format("CH341A, {}: {}; {}.", row["name"], row["hazard"], row["action"])));
  }
}

void add_advice(doc::Section& out) {
  out.show(doc::Line{});
  doc::Value::List advice;
  for (const auto row : Table(data::spi_advice)) {
    advice.emplace_back(row["text"]);
    out.show(line(fmt::format("- {}", row["text"])));
  }
  out.field("advice", std::move(advice));
  std::string fitting;
  for (const auto row : Table(data::spi_clips)) {
    fitting += fmt::format("{}{} ({})", fitting.empty() ? "" : ", ", row["model"], row["fits"]);
  }
  out.show(line(fmt::format("- Clips: {}.", fitting)));
}

Result<doc::Document> wiring(std::string_view programmer, std::string_view package) {
  const Wires wires(data::spi_wires);
  const std::string layout = layout_of(programmer);
  if (!has_layout(wires, layout, package)) return no_table(programmer, package);
  doc::Document out{"wiring", {}};
  doc::Section& body = out.body;
  body.field("programmer", layout).field("package", package);
  body.show(line(fmt::format("{} to {}", layout, package))).show(doc::Line{});
  if (package == "soic8") show_drawing(body);
  body.add(wires_table(wires, layout, package));
  show_hazards(body, layout);
  add_advice(body);
  return out;
}

}  // namespace

Result<std::string> wiring_text(std::string_view programmer, std::string_view package) {
  return wiring(programmer, package).map([](const doc::Document& said) { return to_text(said.body, {}); });
}

Result<std::string> wiring_json(std::string_view programmer, std::string_view package) {
  return wiring(programmer, package).map([](const doc::Document& said) { return to_json(said); });
}

}  // namespace quell::report::chip
