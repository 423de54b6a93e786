// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/chip_options.h"
#include "cli/confine.h"
#include "report/chip/wiring.h"

namespace quell::cli {
namespace {

struct WiringArguments {
  std::string programmer = "rpi";
  std::string package = "soic8";
  bool pull_ups = false;
};

// Holds the lines until Ctrl-C, for other programs to use the chip meanwhile.
Result<void> hold_pull_ups() {
  QUELL_TRY(const spi::PullUps held, spi::PullUps::request(spi::gpio_system()));
  const spi::JobSignals signals;
  say("/WP and /HOLD are pulled up, and both read high. Ctrl-C lets them go.\n");
  while (spi::JobSignals::request().stop == 0) ::pause();
  return {};
}

Result<void> wiring(const WiringArguments& arguments, const Session& session) {
  // The lines of a Raspberry Pi are asked for through a library that reads /sys and opens /dev/gpiochip.
  if (arguments.pull_ups) {
    confine_device(session, {.files = {.read = {"/"}}, .devices = {"/dev", "/sys"}});
  } else {
    confine(session);
  }
  QUELL_TRY(const std::string text, session.json ? report::chip::wiring_json(arguments.programmer, arguments.package)
                                                 : report::chip::wiring_text(arguments.programmer, arguments.package));
  print(text);
  return arguments.pull_ups ? hold_pull_ups() : Result<void>();
}

}  // namespace

void add_wiring(const Command& app, Session& session) {
  auto arguments = std::make_shared<WiringArguments>();
  const Command command = add_command(app, session, "wiring", "which pin goes where, for this programmer and chip",
                                      "quell wiring -p rpi\n"
                                      "  quell wiring -p ch341a --package soic16",
                                      {.color = false, .quiet = false, .more = Prints::More::nothing});
  command.option("-p,--programmer", arguments->programmer, "rpi, rpi-fixed (/WP and /HOLD tied to 3.3 V) or ch341a");
  command.option("--package", arguments->package, "soic8 or soic16").one_of({"soic8", "soic16"});
  command.flag("--pull-ups", arguments->pull_ups, "Raspberry Pi: pull /WP and /HOLD up through GPIO until Ctrl-C");
  command.callback([arguments, &session] {
    const auto result = wiring(*arguments, session);
    if (!result) session.status = complain(result.error());
  });
}

}  // namespace quell::cli
