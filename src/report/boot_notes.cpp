// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/boot_notes.h"

#include <fmt/format.h>

#include "base/printable.h"

namespace quell::report {

std::vector<BootNote> boot_notes(const Report& report) {
  std::vector<BootNote> out;
  if (!report.bios) return out;
  for (const Component& part : report.bios->tree.children) {
    if (part.kind != "boot-entry") continue;
    out.push_back({part.name, part.attributes.text("description"), part.attributes.text("path"),
                   part.attributes.text("command")});
  }
  return out;
}

std::string boot_notes_text(const Report& report) {
  const std::vector<BootNote> notes = boot_notes(report);
  if (notes.empty()) return {};
  std::string out = "Note before you flash: the boot entries in this firmware, in their order.\n";
  bool commands = false;
  for (const BootNote& note : notes) {
    out += printable(fmt::format("  {}  {}", note.name, note.description)) + "\n";
    out += printable(fmt::format("    {}", note.path)) + "\n";
    if (!note.command.empty()) out += printable(fmt::format("    {}", note.command)) + "\n";
    commands = commands || !note.command.empty();
  }
  if (commands) {
    out +=
        "efibootmgr makes an entry again from Linux: put the disk's name in, which\n`lsblk -o NAME,PARTUUID` tells.\n";
  }
  return out;
}

}  // namespace quell::report
