// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/journal.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/number.h"
#include "quell/digest.h"
#include "spi/vault.h"

namespace quell::spi {
namespace {

constexpr std::string_view crc_mark = " crc32=";
constexpr std::size_t crc_digits = 8;

std::string_view word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view first = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return first;
}

std::optional<Record> parse_line(std::string_view line) {
  if (line.size() < crc_mark.size() + crc_digits) return std::nullopt;
  const std::string_view body = line.substr(0, line.size() - crc_mark.size() - crc_digits);
  if (line.substr(body.size(), crc_mark.size()) != crc_mark) return std::nullopt;
  if (fmt::format("{:08x}", crc32(as_bytes(body))) != line.substr(line.size() - crc_digits)) return std::nullopt;
  std::string_view rest = body;
  const auto sequence = parse_decimal(word(rest));
  if (!sequence) return std::nullopt;
  Record record{*sequence};
  record.time = word(rest);
  static_cast<void>(word(rest));  // monotonic time: for people
  record.type = word(rest);
  record.payload = rest;
  if (record.type.empty()) return std::nullopt;
  return record;
}

}  // namespace

bool JournalContent::has(std::string_view type) const noexcept {
  return std::ranges::any_of(records, [&](const Record& record) { return record.type == type; });
}

JournalContent parse_journal(std::string_view text) {
  JournalContent content;
  std::uint64_t position = 0;
  while (position < text.size()) {
    const std::size_t end = text.find('\n', position);
    const bool last = end == std::string_view::npos || end + 1 == text.size();
    auto record = end == std::string_view::npos ? std::nullopt : parse_line(text.substr(position, end - position));
    const bool in_order =
        record && (content.records.empty() || record->sequence == content.records.back().sequence + 1);
    if (!in_order) {
      (last ? content.torn : content.damaged) = true;
      const std::string_view line = text.substr(position, end - position);
      const bool whole =
          end != std::string_view::npos || (!line.empty() && parse_line(line.substr(0, line.size() - 1)));
      content.tail_damaged = content.tail_damaged || (last && whole);
    } else if (!content.damaged) {
      content.records.push_back(*std::move(record));
      content.valid_bytes = end + 1;
    }
    if (end == std::string_view::npos) break;
    position = end + 1;
  }
  return content;
}

Result<Journal> Journal::create(const std::filesystem::path& file) {
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  Journal journal;
  journal.path_ = file;
  journal.file_ = FileDescriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
  if (!journal.file_.valid()) return fail(Errc::io, fmt::format("{}: {}", file.string(), std::strerror(errno)));
  const FileDescriptor folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) {
    return fail(Errc::io, fmt::format("{}: {}", file.parent_path().string(), std::strerror(errno)));
  }
  return journal;
}

Result<Journal> Journal::resume(const std::filesystem::path& file) {
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  Journal journal;
  journal.path_ = file;
  journal.before_ = parse_journal(file_text(file));
  journal.file_ = FileDescriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!journal.file_.valid()) return fail(Errc::io, fmt::format("{}: {}", file.string(), std::strerror(errno)));
  if (journal.before_.torn && !journal.before_.damaged &&
      ::ftruncate(journal.file_.get(), static_cast<off_t>(journal.before_.valid_bytes)) != 0) {
    return fail(Errc::io, fmt::format("{}: {}", file.string(), std::strerror(errno)));
  }
  if (!journal.before_.records.empty()) journal.next_ = journal.before_.records.back().sequence + 1;
  return journal;
}

Result<void> Journal::append(std::string_view type, std::string_view payload, bool sync) {
  if (!file_.valid()) return {};
  const auto now = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  std::string line = fmt::format("{} {} {:.3f} {}", next_, utc_now(), now, type);
  if (!payload.empty()) line += fmt::format(" {}", payload);
  std::ranges::replace(line, '\n', ' ');
  line += fmt::format("{}{:08x}\n", crc_mark, crc32(as_bytes(line)));
  Bytes left = as_bytes(line);
  while (!left.empty()) {
    const ssize_t written = ::write(file_.get(), left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(Errc::io, fmt::format("{}: {}", path_.string(), std::strerror(errno)));
    left = left.subspan(static_cast<std::size_t>(written));
  }
  ++next_;
  return sync ? this->sync() : Result<void>();
}

Result<void> Journal::sync() const {
  if (!file_.valid() || ::fdatasync(file_.get()) == 0) return {};
  return fail(Errc::io, fmt::format("{}: {}", path_.string(), std::strerror(errno)));
}

}  // namespace quell::spi
