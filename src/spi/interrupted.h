// SPDX-License-Identifier: GPL-2.0-or-later
// Finding the job that was interrupted on this very chip.
#pragma once

#include "spi/flash_job.h"

namespace quell::spi {

// One of both contents may be lost: then the job can only go the other way.
struct Interrupted {
  KnownJob job{};
  Buffer base{};
  Buffer target{};
};

// Whether content of a chip can come from that job: of the blocks that hold anything, at least as many hold the old or
// the new content as hold something else. Where one content is lost (and empty), what the job was to write counts only
// in favour. A chip of nothing but 0xff can come from any job.
bool can_belong(const JobFile& job, Bytes present, Bytes base, Bytes target);

// The unfinished job of this chip, if there is one. A chip of the same type with another machine's content is another
// chip. `given` is the content that the user wants to write, which may stand for a lost one.
Result<std::optional<Interrupted>> interrupted_job(ChipAccess& access, const Vault& vault, Bytes present,
                                                   const Buffer& given);

// What to go back to, when nobody has said: the base of an interrupted job of a chip with this ID, where that was a
// restore what it was to bring back, else the only backup of one.
Result<std::string> choose_backup(const Vault& vault, const std::string& jedec_id);

// Whether every block of 4 KiB of what the chip holds is the old or the new one of an unfinished job of such a chip. A
// read error that looks like that is out of the question.
bool stopped_between_blocks(const Vault& vault, const std::string& jedec_id, Bytes present);

// Units that hold neither content. Of those that were announced one may; more, or others, were changed by something
// else.
Result<void> judge_foreign(const Interrupted& found, Bytes present, const FlashOptions& options, Watcher& watcher);

}  // namespace quell::spi
