// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_folder.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/leftovers.h"
#include "base/signals.h"

namespace quell::cli {
namespace {

namespace fs = std::filesystem;

// Inside the staging folder: the new files, and those of the target that they replace.
constexpr const char* new_files = "new";
constexpr const char* old_files = "old";
constexpr const char* staging_prefix = ".quell-extract-";

volatile std::sig_atomic_t pending_signal = 0;
std::array<struct sigaction, ending_signals.size()> previous_actions;

extern "C" void note_signal(int number) { pending_signal = number; }

void note_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  for (std::size_t i = 0; i < ending_signals.size(); ++i) {
    ::sigaction(ending_signals.at(i), &action, &previous_actions.at(i));
    if (previous_actions.at(i).sa_handler == SIG_IGN)
      ::sigaction(ending_signals.at(i), &previous_actions.at(i), nullptr);
  }
}

void stop_noting_signals() {
  for (std::size_t i = 0; i < ending_signals.size(); ++i) {
    ::sigaction(ending_signals.at(i), &previous_actions.at(i), nullptr);
  }
  const int number = std::exchange(pending_signal, 0);
  if (number != 0) static_cast<void>(::raise(number));
}

tl::unexpected<Error> failed(const fs::path& path, const char* doing, int number) {
  return fail(Errc::io, fmt::format("{}: {}: {}; nothing was extracted", path.string(), doing, std::strerror(number)));
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

namespace {

// The absolute path of the target, without a slash at its end.
fs::path named_by(const fs::path& target) {
  std::error_code error;
  fs::path absolute = fs::absolute(target, error);
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

}  // namespace

fs::path OutputFolder::place_of(const fs::path& target) {
  const fs::path named = named_by(target);
  std::error_code error;
  return fs::exists(named, error) ? named : named.parent_path();
}

Result<OutputFolder> OutputFolder::create(const fs::path& target) {
  std::error_code error;
  const fs::path named = named_by(target);
  const auto status = fs::status(named, error);
  const bool existed = fs::exists(status);
  if (existed && !fs::is_directory(status)) {
    return fail(Errc::io, fmt::format("{}: is not a folder; name one with -d", target.string()));
  }
  QUELL_TRY(Folder place, Folder::open(existed ? named : named.parent_path()));
  remove_leftovers(place.get(), staging_prefix);
  note_signals();
  OutputFolder folder(std::move(place), existed ? std::string() : named.filename().string());
  const auto made = folder.make_staging();
  if (!made) return tl::unexpected(made.error());
  return folder;
}

Result<void> OutputFolder::make_staging() {
  auto name = place_.make_private(staging_prefix);
  if (!name) {
    stop_noting_signals();
    return tl::unexpected(std::move(name).error());
  }
  staging_name_ = *std::move(name);
  QUELL_TRY(const Folder staging, place_.below(staging_name_));
  mark_in_use(staging.get());
  QUELL_TRY(fresh_, staging.below(new_files, true));
  QUELL_TRY(old_, staging.below(old_files, true));
  return {};
}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : place_(std::move(other.place_)),
      name_(std::move(other.name_)),
      staging_name_(std::exchange(other.staging_name_, {})),
      fresh_(std::move(other.fresh_)),
      old_(std::move(other.old_)),
      files_(std::move(other.files_)),
      made_folders_(std::move(other.made_folders_)),
      moved_(other.moved_) {}

OutputFolder::~OutputFolder() {
  if (staging_name_.empty()) return;
  remove_tree(place_.get(), staging_name_);
  stop_noting_signals();
}

Result<Folder> OutputFolder::holder(const Folder& tree, const fs::path& path) const {
  return tree.below(path.parent_path(), true);
}

Result<void> OutputFolder::write(const std::string& path, Bytes bytes) {
  if (pending_signal != 0) return fail(Errc::io, "interrupted; nothing was extracted");
  QUELL_TRY(const Folder folder, holder(*fresh_, path));
  QUELL_TRY(FileDescriptor file, folder.create(fs::path(path).filename().string()));
  auto written = write_all(file.get(), place_.path() / name_ / path, bytes);
  if (::close(file.release()) != 0 && written) written = failed(place_.path() / path, "cannot be written", errno);
  if (written) files_.push_back(path);
  return written;
}

// What stands in the way is found before anything is moved.
Result<void> OutputFolder::check_target(const Folder& target, bool overwrite) const {
  for (const std::string& path : files_) {
    fs::path at;
    struct stat status {};
    for (const fs::path& part : fs::path(path).parent_path()) {
      at /= part;
      if (::fstatat(target.get(), at.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(status.st_mode)) {
        return fail(Errc::refused,
                    fmt::format("{}: is in the way of a folder; choose another -d", (target.path() / at).string()));
      }
    }
    if (::fstatat(target.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    const std::string name = (target.path() / path).string();
    if (S_ISDIR(status.st_mode)) {
      return fail(Errc::refused, fmt::format("{}: is a folder where a file belongs; choose another -d", name));
    }
    if (!overwrite) {
      return fail(Errc::refused,
                  fmt::format("{}: exists already; choose another -d, or --force to replace files", name));
    }
  }
  return {};
}

Result<void> OutputFolder::move_one(const Folder& target, const fs::path& path) {
  QUELL_TRY(const Folder from, fresh_->below(path.parent_path()));
  QUELL_TRY(const Folder to, target.below(path.parent_path(), true, &made_folders_));
  QUELL_TRY(const Folder kept, holder(*old_, path));
  const std::string name = path.filename().string();
  if (::renameat(to.get(), name.c_str(), kept.get(), name.c_str()) != 0 && errno != ENOENT) {
    return failed(to.path() / name, "cannot be replaced", errno);
  }
  ++moved_;
  if (::renameat(from.get(), name.c_str(), to.get(), name.c_str()) != 0) {
    return failed(to.path() / name, "cannot be created", errno);
  }
  return {};
}

Result<void> OutputFolder::move_all(const Folder& target) {
  for (const std::string& path : files_) {
    if (pending_signal != 0) return fail(Errc::io, "interrupted; nothing was extracted");
    QUELL_CHECK(move_one(target, path));
  }
  return {};
}

void OutputFolder::roll_back(const Folder& target) noexcept {
  while (moved_ > 0) {
    const fs::path path = files_[--moved_];
    const auto to = target.below(path.parent_path());
    const auto kept = old_->below(path.parent_path());
    if (!to || !kept) continue;
    const std::string name = path.filename().string();
    ::unlinkat(to->get(), name.c_str(), 0);
    static_cast<void>(::renameat(kept->get(), name.c_str(), to->get(), name.c_str()));
  }
  while (!made_folders_.empty()) {
    const fs::path path = made_folders_.back();
    made_folders_.pop_back();
    const auto parent = target.below(path.parent_path());
    if (parent) ::unlinkat(parent->get(), path.filename().c_str(), AT_REMOVEDIR);
  }
}

Result<void> OutputFolder::publish(bool overwrite) {
  if (!name_.empty()) {
    const std::string fresh = (fs::path(staging_name_) / new_files).string();
    if (::renameat2(place_.get(), fresh.c_str(), place_.get(), name_.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno != EINVAL && errno != ENOSYS && errno != EEXIST) {
      return failed(place_.path() / name_, "cannot be created", errno);
    }
  }
  QUELL_TRY(const Folder target, place_.below(name_, true));
  QUELL_CHECK(check_target(target, overwrite));
  auto moved = move_all(target);
  if (!moved) roll_back(target);
  return moved;
}

}  // namespace quell::cli
