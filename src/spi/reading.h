// SPDX-License-Identifier: GPL-2.0-or-later
// Reading a chip until the reads agree, and saying where they do not.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "quell/digest.h"
#include "quell/image.h"
#include "spi/access.h"

namespace quell::spi {

inline constexpr std::uint64_t block_size = 4096;

struct ReadOptions {
  unsigned matches = 2;           // consecutive identical reads
  unsigned passes = 6;            // reads at most
  bool cross_speed = false;       // the matching reads must use different clocks
  Overrides accepted{};           // register_write: see Protection
  std::string stage = "reading";  // for the progress display
  // Says whether the vault explains every byte of what was read: then this one read is the agreement.
  std::function<bool(const Sha256&, Bytes)> known{};
  // What cannot be read: left out, and FF in the result. For the machine's own chip.
  std::vector<NamedRange> unread{};
  bool vote = false;  // after `passes`, accept a sector vote that a further read confirms
};

// Where two reads differed, in blocks of 4 KiB.
struct Wobble {
  struct Block {
    unsigned times = 0;  // pairs of reads in which it differed
    std::uint64_t bytes = 0;
    bool fell = false;  // bits went from 1 to 0
    bool rose = false;
  };
  std::map<std::uint64_t, Block> blocks{};  // by block number
  std::uint64_t first = 0;                  // first and last differing address
  std::uint64_t last = 0;
  bool blank_tail = false;  // a read ended in FF or 00 where another had data

  [[nodiscard]] bool empty() const noexcept { return blocks.empty(); }
  // Compares two reads of the same size and adds what differs.
  void compare(Bytes earlier, Bytes later);
  // What the pattern says about the cause, in one sentence.
  [[nodiscard]] std::string advice(std::uint64_t chip_size) const;
};

struct StableRead {
  Buffer content{};
  Sha256 sha256{};
  std::vector<Sha256> hashes{};  // of every read, in order
  unsigned matches = 0;
  bool voted = false;
  std::uint64_t clock = 0;  // requested for the last read
  Protection protection{};
  std::string library{};
};

// One read by a fresh worker. `earlier`, where given, lets it give up at a blank tail.
Result<Buffer> read_once(ChipAccess& access, const ReadOptions& options, const Buffer* earlier = nullptr,
                         Wobble* wobble = nullptr, StableRead* facts = nullptr);

// Reads until `matches` consecutive reads are identical, lowering the clock after each difference. `wobble` is filled
// in either case.
Result<StableRead> read_until_stable(ChipAccess& access, const ReadOptions& options, Wobble& wobble);

// The content that at least two thirds of the reads, and at least three, agree on in every block of 4 KiB; nothing when
// some block has no such majority. The stated rule of `--vote`; needs five reads.
std::optional<Buffer> vote(const std::vector<Buffer>& reads);

}  // namespace quell::spi
