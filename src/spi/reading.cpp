// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/reading.h"

#include <algorithm>

#include <fmt/format.h>

#include "spi/failure.h"

namespace quell::spi {
namespace {

constexpr std::uint64_t tail_size = 0x100000;
constexpr unsigned lost_contacts_allowed = 1;
constexpr std::size_t votes_needed = 3;
constexpr std::size_t reads_for_vote = 5;
constexpr unsigned confirmations = 3;

bool uniform(Bytes bytes) {
  return !bytes.empty() && (ByteView(bytes).filled_with(std::byte{0xFF}) || ByteView(bytes).filled_with(std::byte{0}));
}

// The last 1 MiB read so far (or a quarter of a small chip) is blank while an earlier read had data there.
bool lost_tail(Bytes now, Bytes earlier, std::uint64_t done) {
  const std::uint64_t size = std::min<std::uint64_t>(tail_size, now.size() / 4);
  // Once a tail is enough: blank stretches are long, and every look at one costs its whole size.
  if (size == 0 || done % size != 0) return false;
  const Range tail{done - size, size};
  if (!uniform(ByteView(now).clip(tail).bytes())) return false;
  // A stray bit in an erased area is no data.
  std::uint64_t blocks = 0, with_data = 0;
  for (std::uint64_t at = 0; at < tail.size; at += block_size, ++blocks) {
    if (!uniform(ByteView(earlier).clip({tail.offset + at, std::min(block_size, tail.size - at)}).bytes())) ++with_data;
  }
  return with_data * 4 >= blocks;
}

Result<void> allow_register_write(ChipAccess& access, const Protection& protection, const ReadOptions& options) {
  if (!protection.active() || options.accepted.has(Override::register_write)) return {};
  const std::string shown =
      protection.status_register ? fmt::format("{:#04x}", *protection.status_register) : std::string("unknown");
  if (access.watcher().ask(
          "The chip has block protection set. Reading rewrites its status register for the duration of "
          "each read and puts the old value back. Go on?")) {
    return {};
  }
  return failed("protection-before-reading", {{"register", shown}});
}

// What is to be read of a chip of this size, in order.
std::vector<Range> pieces_of(std::uint64_t size, const std::vector<NamedRange>& unread) {
  std::vector<Range> holes;
  holes.reserve(unread.size());
  for (const NamedRange& range : unread) holes.push_back(range.range.intersection({0, size}));
  std::ranges::sort(holes, {}, &Range::offset);
  std::vector<Range> pieces;
  std::uint64_t at = 0;
  for (const Range& hole : holes) {
    if (hole.offset > at) pieces.push_back(Range::between(at, hole.offset));
    at = std::max(at, hole.end());
  }
  if (at < size) pieces.push_back(Range::between(at, size));
  return pieces;
}

Reply<void> read_pieces(Attached& attached, const ReadOptions& options, Buffer& content,
                        const Worker::Progress& progress) {
  if (options.unread.empty())
    return attached.worker.read({0, content.size()}, content, attached.protection.active(), progress);
  std::ranges::fill(content, std::byte{0xFF});
  for (const Range& piece : pieces_of(content.size(), options.unread)) {
    const auto so_far = [&](std::uint64_t done) { return progress(piece.offset + done); };
    const auto into = std::span(content).subspan(piece.offset, piece.size);
    if (auto read = attached.worker.read(piece, into, false, so_far); !read) return read;
  }
  return {};
}

}  // namespace

void Wobble::compare(Bytes earlier, Bytes later) {
  const std::uint64_t size = std::min(earlier.size(), later.size());
  for (std::uint64_t at = 0; at < size; at += block_size) {
    const Range range = Range{at, block_size}.intersection({0, size});
    const Bytes a = earlier.subspan(range.offset, range.size);
    const Bytes b = later.subspan(range.offset, range.size);
    if (equal(a, b)) continue;
    Block& block = blocks[at / block_size];
    ++block.times;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] == b[i]) continue;
      const std::uint64_t address = at + i;
      first = blocks.size() == 1 && block.bytes == 0 ? address : std::min(first, address);
      last = std::max(last, address);
      ++block.bytes;
      block.fell = block.fell || (a[i] & ~b[i]) != std::byte{0};
      block.rose = block.rose || (~a[i] & b[i]) != std::byte{0};
    }
  }
}

std::string Wobble::advice(std::uint64_t chip_size) const {
  if (blank_tail) return "One read ends in a blank tail: the clip moved.";
  std::uint64_t bytes = 0, compared = 0;
  bool fell = false, rose = false;
  for (const auto& [number, block] : blocks) {
    bytes += block.bytes;
    compared += block.times * block_size;
    fell = fell || block.fell;
    rose = rose || block.rose;
  }
  const std::uint64_t all = std::max<std::uint64_t>(chip_size / block_size, 1);
  // Noise on the wires flips single bits; two drivers leave hardly a byte alone.
  if (blocks.size() * 10 >= all * 9 && bytes * 4 >= compared) {
    return "Almost everything differs: another device drives the same wires (the board is powered, or the other chip's "
           "/CS floats).";
  }
  // Over a handful of differing bytes one direction can be chance.
  if (bytes >= 16 && fell != rose)
    return "Bits change in one direction only: a level or pull-up problem; check /HOLD and /WP.";
  return "Scattered bits differ: check the length of the wires, the supply's decoupling and the clock.";
}

Result<Buffer> read_once(ChipAccess& access, const ReadOptions& options, const Buffer* earlier, Wobble* wobble,
                         StableRead* facts) {
  QUELL_TRY(Attached attached, access.attach());
  QUELL_CHECK(allow_register_write(access, attached.protection, options));
  Buffer content(access.chip().size);
  bool tail = false;
  const auto progress = [&](std::uint64_t done) {
    access.watcher().progress(options.stage, done, content.size());
    tail = earlier != nullptr && wobble != nullptr && earlier->size() == content.size() &&
           lost_tail(content, *earlier, done);
    return !tail;
  };
  auto read = read_pieces(attached, options, content, progress);
  if (tail) {
    wobble->blank_tail = true;
    return content;
  }
  if (!read) return tl::unexpected<Error>(access.explain(read.error(), "reading"));
  if (facts != nullptr) {
    facts->protection = attached.protection;
    facts->library = attached.worker.library_version();
  }
  if (auto finished = attached.worker.finish(); !finished) {
    return tl::unexpected<Error>(access.explain(finished.error(), "ending the read"));
  }
  return content;
}

std::optional<Buffer> vote(const std::vector<Buffer>& reads) {
  if (reads.size() < reads_for_vote) return std::nullopt;
  const std::size_t size = reads.front().size();
  if (std::ranges::any_of(reads, [&](const Buffer& read) { return read.size() != size; })) return std::nullopt;
  Buffer result(size);
  for (std::uint64_t at = 0; at < size; at += block_size) {
    const Range range = Range{at, block_size}.intersection({0, size});
    const auto block = [&](const Buffer& read) { return Bytes(read).subspan(range.offset, range.size); };
    const Buffer* winner = nullptr;
    for (const Buffer& candidate : reads) {
      const auto votes = static_cast<std::size_t>(
          std::ranges::count_if(reads, [&](const Buffer& other) { return equal(block(candidate), block(other)); }));
      if (votes >= votes_needed && votes * 3 >= reads.size() * 2) winner = &candidate;
      if (winner != nullptr) break;
    }
    if (winner == nullptr) return std::nullopt;
    std::ranges::copy(block(*winner), std::span(result).subspan(range.offset).begin());
  }
  return result;
}

namespace {

// Further full reads must equal the vote in every byte; the first that does is the proof.
Result<StableRead> confirm_vote(ChipAccess& access, const ReadOptions& options, const std::vector<Buffer>& reads,
                                StableRead result, Wobble& wobble) {
  auto voted = vote(reads);
  for (unsigned i = 0; voted && i < confirmations; ++i) {
    QUELL_TRY(const Buffer again, read_once(access, options));
    result.hashes.push_back(sha256(again));
    if (again != *voted) {
      wobble.compare(*voted, again);
      continue;
    }
    result.sha256 = result.hashes.back();
    result.content = *std::move(voted);
    result.voted = true;
    result.matches = 1;
    return result;
  }
  return failed("reads-disagree", {{"blocks", std::to_string(wobble.blocks.size())},
                                   {"passes", std::to_string(result.hashes.size())},
                                   {"pattern", wobble.advice(reads.front().size())}});
}

}  // namespace

namespace {

// "reading, 1 of 2"; beyond what is needed when all agree, just the number.
std::string pass_text(const ReadOptions& options, unsigned pass) {
  return pass <= options.matches ? fmt::format("{}, {} of {}", options.stage, pass, options.matches)
                                 : fmt::format("{}, once more ({})", options.stage, pass);
}

}  // namespace

Result<StableRead> read_until_stable(ChipAccess& access, const ReadOptions& options, Wobble& wobble) {
  StableRead result;
  std::vector<Buffer> reads;  // all of them for a vote, else only the last
  unsigned lost = 0;
  std::uint64_t last_clock = 0;
  for (unsigned pass = 1; pass <= options.passes; ++pass) {
    const std::uint64_t clock = access.programmer().clock();
    ReadOptions numbered = options;
    numbered.stage = pass_text(options, pass);
    auto read = read_once(access, numbered, reads.empty() ? nullptr : &reads.back(), &wobble, &result);
    if (!read) {
      const bool stopped = access.options().worker.stop != nullptr && access.options().worker.stop->stop != 0;
      if (read.error().code != Errc::io || stopped || ++lost > lost_contacts_allowed || reads.empty()) {
        return tl::unexpected<Error>(read.error());
      }
      access.watcher().notice(fmt::format("read {}: {}; trying once more", pass, read.error().message));
      continue;
    }
    const bool differs = !reads.empty() && !equal(reads.back(), *read);
    const bool same = !reads.empty() && !differs && !(options.cross_speed && clock == last_clock);
    result.hashes.push_back(!reads.empty() && !differs ? result.hashes.back() : sha256(*read));
    if (differs) wobble.compare(reads.back(), *read);
    result.matches = same ? result.matches + 1 : 1;
    if (!options.vote) reads.clear();
    reads.push_back(*std::move(read));
    last_clock = clock;
    result.clock = clock;
    const bool usual = options.matches <= 2 && !options.cross_speed;
    const bool known =
        result.matches == 1 && usual && options.known && options.known(result.hashes.back(), reads.back());
    if (known || result.matches >= options.matches) {
      result.sha256 = result.hashes.back();
      result.content = std::move(reads.back());
      return result;
    }
    const bool slower = (differs || options.cross_speed) && access.programmer().slow_down();
    if (differs) {
      access.watcher().notice(
          fmt::format("read {} differs from the one before in {} blocks of 4 KiB{}", pass, wobble.blocks.size(),
                      slower ? fmt::format("; trying at {} kHz", access.programmer().clock() / 1000) : ""));
    }
  }
  if (options.vote && !reads.empty()) return confirm_vote(access, options, reads, std::move(result), wobble);
  return failed("reads-disagree", {{"blocks", std::to_string(wobble.blocks.size())},
                                   {"passes", std::to_string(result.hashes.size())},
                                   {"pattern", wobble.advice(access.chip().size)}});
}

}  // namespace quell::spi
