// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include <fmt/format.h>

#include "cli/chip_options.h"
#include "cli/confine_chip.h"
#include "report/chip/describe.h"
#include "report/text.h"
#include "spi/failure.h"
#include "spi/programmer_list.h"
#include "spi/worker_client.h"

namespace quell::cli {
namespace {

Result<void> probe(const ChipOptions& options, Session& session) {
  QUELL_TRY(const auto chip, ChipSession::begin(options, session));
  confine_chip(session, chip->access->programmer(), {});
  QUELL_TRY(spi::Attached attached, chip->access->look());
  const std::string library = attached.worker.library_version();
  print(session.json ? report::chip::probe_json(attached.identity, attached.protection, library)
                     : report::chip::probe_text(attached.identity, attached.protection, library));
  if (!attached.identity.definition) session.status = verdict_bad;
  static_cast<void>(attached.worker.finish());
  return {};
}

Result<void> list_programmers() {
  QUELL_TRY(const auto names, spi::library_programmers(spi::worker_program()));
  std::string text;
  for (const std::string& name : names) text += fmt::format("  {}\n", report::printable(name));
  print(fmt::format("Short names:\n  {}\nAll of libflashrom:\n{}", spi::short_names(), text));
  return {};
}

}  // namespace

void add_probe(const Command& app, Session& session) {
  auto options = std::make_shared<ChipOptions>();
  const Command command = add_command(app, session, "probe", "which flash chip answers on the clip",
                                      "quell probe -p ch341a\n"
                                      "  quell probe -p rpi\n"
                                      "Exit status 1: several chip definitions fit; choose one with --chip.",
                                      {.color = false, .quiet = false, .more = Prints::More::library});
  add_chip_options(command, *options, false, false);
  auto list = std::make_shared<bool>(false);
  command.flag("--list", *list, "list the programmers that -p takes, and stop");
  command.callback([options, list, &session] {
    const auto result = *list ? list_programmers() : probe(*options, session);
    if (!result) session.status = complain(result.error(), {}, chip_overrides);
  });
}

}  // namespace quell::cli
