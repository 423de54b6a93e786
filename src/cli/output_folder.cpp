// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_folder.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace quell::cli {
namespace {

namespace fs = std::filesystem;

// Inside the staging folder: the new files, and those of the target that they replace.
constexpr const char* new_files = "new";
constexpr const char* old_files = "old";

volatile std::sig_atomic_t pending_signal = 0;
constexpr std::array noted_signals{SIGINT, SIGTERM, SIGHUP};
std::array<struct sigaction, noted_signals.size()> previous_actions;

extern "C" void note_signal(int number) { pending_signal = number; }

void note_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  for (std::size_t i = 0; i < noted_signals.size(); ++i) {
    ::sigaction(noted_signals.at(i), &action, &previous_actions.at(i));
  }
}

void stop_noting_signals() {
  for (std::size_t i = 0; i < noted_signals.size(); ++i) {
    ::sigaction(noted_signals.at(i), &previous_actions.at(i), nullptr);
  }
  const int number = std::exchange(pending_signal, 0);
  if (number != 0) static_cast<void>(::raise(number));
}

tl::unexpected<Error> failed(const fs::path& path, const char* doing, int number) {
  return fail(Errc::io, fmt::format("{}: {}: {}; nothing was extracted", path.string(), doing, std::strerror(number)));
}

Result<void> make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) == 0 || errno == EEXIST) return {};
  return failed(path, "cannot be created", errno);
}

Result<void> write_all(int descriptor, const fs::path& path, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR && pending_signal == 0) continue;
    if (written <= 0) return failed(path, "cannot be written", written < 0 ? errno : ENOSPC);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<OutputFolder> OutputFolder::create(const fs::path& target) {
  OutputFolder folder;
  std::error_code error;
  const fs::path absolute = fs::absolute(target, error);
  folder.target_ = absolute.has_filename() ? absolute : absolute.parent_path();
  const auto status = fs::status(folder.target_, error);
  folder.target_existed_ = fs::exists(status);
  if (folder.target_existed_ && !fs::is_directory(status)) {
    return fail(Errc::io, fmt::format("{}: is not a folder; name one with -d", target.string()));
  }
  std::string name =
      ((folder.target_existed_ ? folder.target_ : folder.target_.parent_path()) / ".quell-extract-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return failed(target, "cannot be made a folder of output", errno);
  note_signals();
  folder.staging_ = name;
  QUELL_CHECK(make_folder(folder.staging_ / new_files));
  return folder;
}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : target_(std::move(other.target_)),
      staging_(std::exchange(other.staging_, {})),
      target_existed_(other.target_existed_),
      files_(std::move(other.files_)),
      made_folders_(std::move(other.made_folders_)),
      moved_(other.moved_) {}

OutputFolder::~OutputFolder() {
  if (staging_.empty()) return;
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
  stop_noting_signals();
}

Result<void> OutputFolder::write(const std::string& path, Bytes bytes) {
  if (pending_signal != 0) return fail(Errc::io, "interrupted; nothing was extracted");
  fs::path folder = staging_ / new_files;
  for (const fs::path& part : fs::path(path).parent_path()) {
    folder /= part;
    QUELL_CHECK(make_folder(folder));
  }
  const fs::path file = staging_ / new_files / path;
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) return failed(target_ / path, "cannot be created", errno);
  auto written = write_all(descriptor, target_ / path, bytes);
  if (::close(descriptor) != 0 && written) written = failed(target_ / path, "cannot be written", errno);
  if (written) files_.push_back(path);
  return written;
}

Result<void> OutputFolder::check_target(bool overwrite) const {
  for (const std::string& path : files_) {
    fs::path at = target_;
    const fs::path relative = path;
    for (const fs::path& part : relative.parent_path()) {
      at /= part;
      std::error_code error;
      const auto status = fs::symlink_status(at, error);
      if (fs::exists(status) && !fs::is_directory(status)) {
        return fail(Errc::refused, fmt::format("{}: is in the way of a folder; choose another -d", at.string()));
      }
    }
    std::error_code error;
    const auto status = fs::symlink_status(target_ / relative, error);
    if (!fs::exists(status)) continue;
    if (fs::is_directory(status)) {
      return fail(Errc::refused, fmt::format("{}: is a folder where a file belongs; choose another -d",
                                             (target_ / relative).string()));
    }
    if (!overwrite) {
      return fail(Errc::refused, fmt::format("{}: exists already; choose another -d, or --force to replace files",
                                             (target_ / relative).string()));
    }
  }
  return {};
}

Result<void> OutputFolder::move_all() {
  for (const std::string& path : files_) {
    if (pending_signal != 0) return fail(Errc::io, "interrupted; nothing was extracted");
    fs::path folder = target_;
    fs::path backup = staging_ / old_files;
    QUELL_CHECK(make_folder(backup));
    for (const fs::path& part : fs::path(path).parent_path()) {
      folder /= part;
      backup /= part;
      if (::mkdir(folder.c_str(), 0777) == 0) {
        made_folders_.push_back(folder);
      } else if (errno != EEXIST) {
        return failed(folder, "cannot be created", errno);
      }
      QUELL_CHECK(make_folder(backup));
    }
    const fs::path file = target_ / path;
    if (::rename(file.c_str(), (staging_ / old_files / path).c_str()) != 0 && errno != ENOENT) {
      return failed(file, "cannot be replaced", errno);
    }
    ++moved_;
    if (::rename((staging_ / new_files / path).c_str(), file.c_str()) != 0) {
      return failed(file, "cannot be created", errno);
    }
  }
  return {};
}

void OutputFolder::roll_back() noexcept {
  while (moved_ > 0) {
    const std::string& path = files_[--moved_];
    ::unlink((target_ / path).c_str());
    ::rename((staging_ / old_files / path).c_str(), (target_ / path).c_str());
  }
  while (!made_folders_.empty()) {
    ::rmdir(made_folders_.back().c_str());
    made_folders_.pop_back();
  }
}

Result<void> OutputFolder::publish(bool overwrite) {
  if (!target_existed_) {
    const fs::path fresh = staging_ / new_files;
    if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno != EINVAL && errno != ENOSYS && errno != EEXIST) return failed(target_, "cannot be created", errno);
    QUELL_CHECK(make_folder(target_));
  }
  QUELL_CHECK(check_target(overwrite));
  auto moved = move_all();
  if (!moved) roll_back();
  return moved;
}

}  // namespace quell::cli
