// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include <fmt/format.h>

#include "cli/chip_options.h"
#include "spi/describe.h"

namespace quell::cli {
namespace {

Result<void> probe(const ChipOptions& options, Session& session) {
  QUELL_TRY(const auto chip, ChipSession::begin(options, session));
  QUELL_TRY(spi::Attached attached, chip->access->look());
  const std::string library = attached.worker.library_version();
  print(session.json ? spi::probe_json(attached.identity, attached.protection, library)
                     : spi::probe_text(attached.identity, attached.protection, library));
  if (!attached.identity.definition) session.status = verdict_bad;
  static_cast<void>(attached.worker.finish());
  return {};
}

}  // namespace

void add_probe(CLI::App& app, Session& session) {
  auto options = std::make_shared<ChipOptions>();
  CLI::App* command = add_command(app, session, "probe", "which flash chip answers on the clip",
                                  "quell probe -p ch341a\n"
                                  "  quell probe -p rpi\n"
                                  "Exit status 1: several chip definitions fit; choose one with --chip.");
  add_chip_options(*command, *options, false, false);
  command->callback([options, &session] {
    const auto result = probe(*options, session);
    if (!result) session.status = complain(result.error());
  });
}

}  // namespace quell::cli
