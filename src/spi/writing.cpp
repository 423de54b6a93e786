// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/writing.h"

#include <algorithm>
#include <chrono>
#include <future>

#include <fmt/format.h>

#include "spi/failure.h"
#include "spi/reading.h"

namespace quell::spi {
namespace {

constexpr unsigned attempts = 3;
// Over this share of bytes that are neither old, new nor blank, another attempt would only do more harm.
constexpr double foreign_share = 0.05;
// The journal is made durable once in this time at most: real chips need longer for a single unit, emulated ones would
// spend most of theirs waiting for the disk.
constexpr auto announcement_time = std::chrono::nanoseconds(std::chrono::milliseconds(50));
constexpr std::int64_t most_announced = 16;

class UnitWriter {
 public:
  UnitWriter(ChipAccess& access, Journal& journal, const WriteTask& task)
      : access_(access), journal_(journal), task_(task) {
    access_.set_writing(true);
  }
  UnitWriter(const UnitWriter&) = delete;
  UnitWriter& operator=(const UnitWriter&) = delete;
  ~UnitWriter() { access_.set_writing(false); }

  Result<void> run();

 private:
  enum class State { done, untouched, retry };

  Result<void> unit(std::size_t index);
  Result<void> read_before(const Range& range, Buffer& content);
  Result<State> attempt(const Range& range);
  Result<void> attach();
  Result<void> reread_for_retry(const Range& range);
  [[nodiscard]] bool spilled(const Range& range, Bytes content) const;
  Result<void> note(std::string_view type, std::string_view payload, bool sync);
  Result<void> journal_failed(const Error& reason);
  // Puts "unit-begin" into the journal for this unit, and for so many more as `announcement_time` suffices for; the
  // disk takes its time beside what happens next.
  Result<void> announce(std::size_t index);
  // The announcement of the present unit is on the disk.
  Result<void> await_announcement();
  Result<void> read_unit(const Range& range, Buffer& content);
  [[nodiscard]] tl::unexpected<Error> lost(const Trouble& trouble);
  [[nodiscard]] tl::unexpected<Error> failed_here(std::string_view id, std::string detail = {});
  [[nodiscard]] bool stop_requested() const {
    const StopRequest* stop = access_.options().worker.stop;
    return stop != nullptr && stop->stop != 0;
  }
  [[nodiscard]] Range unit_range(std::size_t index) const {
    return Range{task_.units.at(index), task_.unit_size}.intersection({0, task_.goal.size()});
  }
  [[nodiscard]] Bytes goal(const Range& range) const { return task_.goal.subspan(range.offset, range.size); }
  [[nodiscard]] Bytes present(const Range& range) const { return task_.present.subspan(range.offset, range.size); }

  ChipAccess& access_;
  Journal& journal_;
  const WriteTask& task_;
  std::optional<Attached> chip_{};
  std::size_t index_ = 0;
  bool begun_ = false;                                      // whether the present unit may be changed
  std::size_t announced_ = 0;                               // units before this one are
  std::chrono::nanoseconds unit_time_ = announcement_time;  // what the last unit took
  std::future<Result<void>> durable_{};                     // of the last announcement
  Trouble last_{};
};

tl::unexpected<Error> UnitWriter::failed_here(std::string_view id, std::string detail) {
  const std::uint64_t address = task_.units.at(index_);
  return failed(id, {{"unit", std::to_string(index_ + 1)},
                     {"total", std::to_string(task_.units.size())},
                     {"left", std::to_string(task_.units.size() - index_)},
                     {"address", fmt::format("{:#x}", address)},
                     {"tries", std::to_string(attempts)},
                     {"chip", access_.chip().name},
                     {"programmer", access_.programmer().text()},
                     {"detail", std::move(detail)}});
}

// The conversation ended in the middle of a unit, or before it.
tl::unexpected<Error> UnitWriter::lost(const Trouble& trouble) {
  chip_.reset();
  static_cast<void>(journal_.append("worker-killed", trouble.detail));
  if (trouble.kind == Trouble::Kind::interrupted) {
    return failed_here(access_.options().worker.stop->kill != 0 && begun_ ? "killed-writing" : "stopped-writing");
  }
  return failed_here("contact-lost-writing", trouble.detail);
}

Result<void> UnitWriter::note(std::string_view type, std::string_view payload, bool sync) {
  const auto written = journal_.append(type, payload, sync);
  return written ? Result<void>() : journal_failed(written.error());
}

Result<void> UnitWriter::journal_failed(const Error& reason) {
  if (chip_) static_cast<void>(chip_->worker.finish());
  chip_.reset();
  const std::string state = fmt::format("{} of {} units are written", index_, task_.units.size());
  return failed("journal-failed", {{"reason", reason.message},
                                   {"unit", std::to_string(index_)},
                                   {"total", std::to_string(task_.units.size())},
                                   {"state", state}});
}

Result<void> UnitWriter::announce(std::size_t index) {
  if (index < announced_ || index >= task_.units.size()) return {};
  const auto fast = announcement_time / std::max(unit_time_, std::chrono::nanoseconds(1));
  const auto more = static_cast<std::size_t>(std::clamp<std::int64_t>(fast, 1, most_announced));
  const std::size_t end = std::min(index + more, task_.units.size());
  for (announced_ = index; announced_ < end; ++announced_) {
    QUELL_CHECK(note("unit-begin", fmt::format("{} {:#x}", announced_, task_.units.at(announced_)), false));
  }
  durable_ = std::async(std::launch::async, [this] { return journal_.sync(); });
  return {};
}

Result<void> UnitWriter::await_announcement() {
  if (!durable_.valid()) return {};
  const auto synchronised = durable_.get();
  return synchronised ? Result<void>() : journal_failed(synchronised.error());
}

Result<void> UnitWriter::attach() {
  if (chip_) return {};
  auto attached = access_.attach();
  if (!attached) {
    static_cast<void>(journal_.append("worker-killed", attached.error().message));
    // With the contact gone the ID is noise: that is no news of another chip.
    return failed_here("contact-lost-writing", attached.error().code == Errc::refused
                                                   ? "the chip no longer answers as itself"
                                                   : without_promise(attached.error().message));
  }
  chip_.emplace(*std::move(attached));
  return {};
}

Result<void> UnitWriter::read_unit(const Range& range, Buffer& content) {
  content.resize(range.size);
  if (auto read = chip_->worker.read(range, content, false); !read) return lost(read.error());
  return {};
}

// The unit must still hold what was read, or the goal; anything else is read twice more before it counts.
Result<void> UnitWriter::read_before(const Range& range, Buffer& content) {
  for (unsigned i = 0; i < attempts; ++i) {
    QUELL_CHECK(read_unit(range, content));
    if (equal(content, goal(range)) || equal(content, present(range))) return {};
  }
  static_cast<void>(journal_.append("unit-failed", fmt::format("{:#x} content changed", range.offset)));
  return failed_here("content-changed");
}

// Blocks of the unit that were not to change and are now blank: the definition's erase command is larger than it says.
bool UnitWriter::spilled(const Range& range, Bytes content) const {
  for (std::uint64_t at = 0; at < range.size; at += block_size) {
    const std::uint64_t size = std::min<std::uint64_t>(block_size, range.size - at);
    const Bytes now = content.subspan(at, size);
    const Bytes want = goal(range).subspan(at, size);
    const bool planned = !equal(want, present(range).subspan(at, size));
    if (!planned && !equal(now, want) && ByteView(now).filled_with(std::byte{0xFF})) return true;
  }
  return false;
}

Result<void> UnitWriter::reread_for_retry(const Range& range) {
  Buffer content;
  QUELL_CHECK(read_unit(range, content));
  const Bytes before = present(range);
  const Bytes after = goal(range);
  std::uint64_t foreign = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (content[i] != before[i] && content[i] != after[i] && content[i] != std::byte{0xFF}) ++foreign;
  }
  if (static_cast<double>(foreign) <= foreign_share * static_cast<double>(range.size)) return {};
  return failed_here("unit-failed", fmt::format("{} bytes hold neither the old nor the new content", foreign));
}

Result<UnitWriter::State> UnitWriter::attempt(const Range& range) {
  std::vector<Range> then{range};  // the read-back, and how the next unit begins
  if (index_ + 1 < task_.units.size()) then.push_back(unit_range(index_ + 1));
  if (auto written = chip_->worker.write(range.offset, goal(range), then); !written) {
    last_ = written.error();
    if (last_.kind == Trouble::Kind::escalation) {
      chip_.reset();
      QUELL_CHECK(note("hook-abort", fmt::format("{:#x}", range.offset), true));
      return State::retry;
    }
    if (last_.kind == Trouble::Kind::device) return State::retry;
    return lost(last_);
  }
  Buffer content;
  for (int i = 0; i < 2; ++i) {
    QUELL_CHECK(read_unit(range, content));
    if (equal(content, goal(range))) return State::done;
  }
  last_ = {Trouble::Kind::device, "the unit reads back other bytes than were written", 0};
  if (spilled(range, content)) {
    static_cast<void>(journal_.append("unit-failed", fmt::format("{:#x} erased more than its block", range.offset)));
    return failed_here("wrong-definition");
  }
  return State::retry;
}

Result<void> UnitWriter::unit(std::size_t index) {
  index_ = index;
  begun_ = false;
  const Range range = unit_range(index);
  QUELL_CHECK(attach());
  Buffer content;
  QUELL_CHECK(read_before(range, content));
  // Content decides at recovery, not "unit-done": that may wait for the next record that is made durable.
  const std::string place = fmt::format("{} {:#x}", index, range.offset);
  if (equal(content, goal(range))) return announced_ > index ? note("unit-done", place, false) : Result<void>();
  QUELL_CHECK(announce(index));
  QUELL_CHECK(await_announcement());
  QUELL_CHECK(announce(index + 1));
  begun_ = true;
  for (unsigned i = 1; i <= attempts; ++i) {
    QUELL_CHECK(attach());
    if (i > 1) QUELL_CHECK(reread_for_retry(range));
    QUELL_TRY(const State state, attempt(range));
    if (state == State::done) return note("unit-done", place, false);
    QUELL_CHECK(note("unit-failed", fmt::format("{:#x} {}", range.offset, last_.detail), true));
    if (chip_) static_cast<void>(chip_->worker.finish());
    chip_.reset();
    static_cast<void>(access_.programmer().slow_down());
    access_.watcher().notice(fmt::format("unit {} at {:#x}: {}", index + 1, range.offset, last_.detail));
  }
  return last_.kind == Trouble::Kind::escalation ? failed_here("escalation") : failed_here("unit-failed", last_.detail);
}

Result<void> UnitWriter::run() {
  for (std::size_t i = 0; i < task_.units.size(); ++i) {
    if (stop_requested()) {
      index_ = i;
      static_cast<void>(journal_.append("interrupted", std::to_string(i)));
      if (chip_) static_cast<void>(chip_->worker.finish());
      return failed("stopped-writing", {{"unit", std::to_string(i)}, {"left", std::to_string(task_.units.size() - i)}});
    }
    const auto start = std::chrono::steady_clock::now();
    QUELL_CHECK(unit(i));
    unit_time_ = std::chrono::steady_clock::now() - start;
    access_.watcher().progress("writing", (i + 1) * task_.unit_size, task_.units.size() * task_.unit_size);
  }
  if (!chip_) return {};
  if (auto finished = chip_->worker.finish(); !finished) return lost(finished.error());
  return {};
}

}  // namespace

Result<void> write_units(ChipAccess& access, Journal& journal, const WriteTask& task) {
  return UnitWriter(access, journal, task).run();
}

}  // namespace quell::spi
