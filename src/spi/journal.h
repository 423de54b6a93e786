// SPDX-License-Identifier: GPL-2.0-or-later
// The diary of one job: append-only, one line a record, each synchronised to the disk before the next step.
//   <sequence> <UTC> <monotonic seconds> <type> [payload] crc32=<8 digits>
// The CRC-32 is over everything before " crc32=". A torn last line is what a power cut leaves; it is ignored.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "quell/byte_view.h"

namespace quell::spi {

struct Record {
  std::uint64_t sequence = 0;
  std::string time{};
  std::string type{};     // "opened", "unit-begin", "unit-done", ...
  std::string payload{};  // without line breaks
};

struct JournalContent {
  std::vector<Record> records{};
  bool torn = false;              // the last line is incomplete
  bool tail_damaged = false;      // that line is whole and wrong, which no power cut makes
  bool damaged = false;           // a line before it is not a record: only evidence, no basis for decisions
  std::uint64_t valid_bytes = 0;  // up to the end of the last good record before any damage

  [[nodiscard]] bool has(std::string_view type) const noexcept;
  [[nodiscard]] bool closed() const noexcept { return has("closed"); }
};

// Reads a journal; never fails, since every damage is a fact about it.
JournalContent parse_journal(std::string_view text);

class Journal {
 public:
  // Creates the file, which must not exist, or goes on with an existing one (cutting a torn line off).
  static Result<Journal> create(const std::filesystem::path& file);
  static Result<Journal> resume(const std::filesystem::path& file);

  // A journal that keeps nothing: where the vault cannot be written, and the user goes on all the same.
  static Journal nowhere() { return {}; }

  // Appends one record; with `sync` it is on the disk when the call returns, otherwise with the next one that is.
  Result<void> append(std::string_view type, std::string_view payload = {}, bool sync = true);
  // Makes every record so far durable. May run beside `append`.
  [[nodiscard]] Result<void> sync() const;
  [[nodiscard]] const JournalContent& before() const noexcept { return before_; }

 private:
  std::filesystem::path path_{};
  FileDescriptor file_{};
  JournalContent before_{};
  std::uint64_t next_ = 1;
};

}  // namespace quell::spi
