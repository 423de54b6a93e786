// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include <fmt/format.h>

#include "cli/confine_chip.h"
#include "cli/flashing.h"
#include "spi/interrupted.h"

namespace quell::cli {
namespace {

constexpr Overrides own{Override::read_only_vault, Override::no_room, Override::internal};

Result<void> restore(FlashArguments& arguments, const std::string& object, const Session& session) {
  QUELL_TRY(spi::Vault vault, spi::Vault::open_existing(vault_path(arguments.chip)));
  std::string wanted;
  if (!object.empty()) {
    QUELL_TRY(wanted, vault.find(object));
  }
  QUELL_TRY(const auto chip, ChipSession::begin(arguments.chip, session));
  confine_chip(session, chip->access->programmer(), vault.path().string());
  if (wanted.empty()) {
    QUELL_TRY(spi::Attached attached, chip->access->attach());
    static_cast<void>(attached.worker.finish());
    QUELL_TRY(wanted, spi::choose_backup(vault, chip->access->jedec_id()));
  }
  QUELL_TRY(Buffer target, vault.load(wanted));
  arguments.flash.not_held = vault.not_read(wanted);
  arguments.flash.restore = true;
  arguments.flash.chosen = !object.empty();
  arguments.flash.name = fmt::format("backup {}", wanted.substr(0, 12));
  return run_flash(arguments, *chip, vault, std::move(target), session);
}

}  // namespace

void add_restore(const Command& app, Session& session) {
  auto arguments = std::make_shared<FlashArguments>();
  auto object = std::make_shared<std::string>();
  const Command command = add_command(
      app, session, "restore", "write a backup from the vault back to the chip",
      "quell restore -p ch341a\n"
      "  quell restore 3f2a -p rpi\n"
      "Without a hash: what was there before the interrupted job (or what an interrupted restore was for), else the\n"
      "chip's only backup.\n"
      "A backup brings back everything that was on the chip when it was read: boot entries and keys of\n"
      "Secure Boot among it. What was changed since then on the machine is gone.",
      of_chip);
  command.option("HASH", *object, "the backup's hash, or its first digits");
  add_flash_options(command, *arguments);
  add_override_options(command, own, arguments->flash.accepted);
  command.callback([arguments, object, &session] {
    const auto result = restore(*arguments, *object, session);
    if (!result) session.status = complain(result.error(), {}, flash_overrides | own);
  });
}

}  // namespace quell::cli
