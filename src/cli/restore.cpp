// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "cli/flashing.h"
#include "spi/failure.h"
#include "spi/job.h"

namespace quell::cli {
namespace {

// What to go back to, when the user has not said: the base of the interrupted job, else the only backup of this chip.
Result<std::string> choose(const spi::Vault& vault, const std::string& jedec_id) {
  for (const spi::KnownJob& job : spi::unfinished_jobs(vault)) {
    if (job.file.jedec_id == jedec_id) return job.file.base;
  }
  std::set<std::string> found;
  QUELL_TRY(const auto entries, vault.list());
  for (const spi::VaultEntry& entry : entries) {
    const bool fits = std::ranges::any_of(entry.manifests, [&](const spi::Manifest& m) {
      return m.proves_backup() && m.role != "present" && m.jedec_id == jedec_id;
    });
    if (fits) found.insert(entry.sha256);
  }
  if (found.size() == 1) return *found.begin();
  if (found.empty())
    return fail(Errc::refused, "the vault holds no backup of a chip with this ID; name another with its hash");
  return fail(Errc::usage,
              "the vault holds several backups of chips with this ID; name one: `quell vault list` shows them");
}

Result<void> restore(FlashArguments& arguments, const std::string& object, const Session& session) {
  QUELL_TRY(const spi::Programmer programmer, spi::Programmer::parse(arguments.chip.programmer));
  if (programmer.internal()) return spi::failed("internal-refused");
  QUELL_TRY(spi::Vault vault, spi::Vault::open_existing(vault_path(arguments.chip)));
  std::string wanted;
  if (!object.empty()) {
    QUELL_TRY(wanted, vault.find(object));
  }
  QUELL_TRY(const auto chip, ChipSession::begin(arguments.chip, session));
  if (wanted.empty()) {
    QUELL_TRY(spi::Attached attached, chip->access->attach());
    static_cast<void>(attached.worker.finish());
    QUELL_TRY(wanted, choose(vault, chip->access->jedec_id()));
  }
  QUELL_TRY(Buffer target, vault.load(wanted));
  arguments.flash.restore = true;
  arguments.flash.name = fmt::format("backup {}", wanted.substr(0, 12));
  return run_flash(arguments, *chip, vault, std::move(target), session);
}

}  // namespace

void add_restore(const Command& app, Session& session) {
  auto arguments = std::make_shared<FlashArguments>();
  auto object = std::make_shared<std::string>();
  const Command command =
      add_command(app, session, "restore", "write a backup from the vault back to the chip",
                  "quell restore -p ch341a\n"
                  "  quell restore 3f2a -p rpi\n"
                  "Without a hash: what was there before the interrupted job, else the chip's only backup.");
  command.option("HASH", *object, "the backup's hash, or its first digits");
  add_flash_options(command, *arguments);
  command.callback([arguments, object, &session] {
    const auto result = restore(*arguments, *object, session);
    if (!result) session.status = complain(result.error());
  });
}

}  // namespace quell::cli
