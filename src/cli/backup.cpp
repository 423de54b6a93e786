// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "cli/confine_chip.h"
#include "cli/flashing.h"
#include "report/chip/describe.h"
#include "spi/backup_job.h"

namespace quell::cli {
namespace {

struct BackupArguments {
  ChipOptions chip;
  std::string output;
  std::string note;
};

Result<void> backup(const BackupArguments& arguments, const Session& session) {
  QUELL_TRY(const auto chip, ChipSession::begin(arguments.chip, session));
  QUELL_TRY(spi::Vault vault, open_vault(arguments.chip));
  confine_chip(session, chip->access->programmer(), vault.path().string(), {arguments.output});
  QUELL_CHECK(vault.lock());
  spi::BackupOptions options{arguments.chip.reading, arguments.chip.judging, arguments.note};
  QUELL_CHECK(look_from_within(*chip, options.reading));
  spi::Wobble wobble;
  auto result = spi::backup(*chip->access, vault, options, wobble);
  if (!result) {
    const std::string map =
        report::chip::wobble_text(wobble, {}, chip->access->identified() ? chip->access->chip().size : 0);
    if (!map.empty() && session.verbosity >= 0) say(map);
    return tl::unexpected<Error>(result.error());
  }
  // A job keeps the backup, the target and room for one more.
  for (const std::string& warning : vault.place_warnings(result->content.size() * 2)) chip->console.notice(warning);
  if (!arguments.output.empty()) QUELL_CHECK(write_file(arguments.output, result->content));
  if (session.json) {
    print(report::chip::backup_json(*result, wobble, vault.path().string()));
  } else if (session.verbosity < 0) {
    print(result->manifest.sha256 + "\n");
  } else {
    print(report::chip::backup_text(*result, vault.path().string()) +
          report::chip::wobble_text(wobble, result->content, result->content.size()));
  }
  return {};
}

}  // namespace

void add_backup(const Command& app, Session& session) {
  auto arguments = std::make_shared<BackupArguments>();
  const Command command =
      add_command(app, session, "backup", "read the chip until the reads agree, check it, keep it in the vault",
                  "quell backup -p ch341a\n"
                  "  quell backup -p rpi --pull-ups -o original.rom",
                  of_chip);
  add_chip_options(command, arguments->chip, true, true);
  command.flag("--vote", arguments->chip.reading.vote,
               "when no reads agree: take each block that two thirds of at least five reads hold, if a further full "
               "read equals the result");
  command.option("-o,--output", arguments->output, "also write the image to this file");
  command.option("--note", arguments->note, "a word for the manifest: \"X230, bottom chip\"");
  command.callback([arguments, &session] {
    const auto result = backup(*arguments, session);
    if (!result) session.status = complain(result.error(), {}, read_overrides);
  });
}

}  // namespace quell::cli
