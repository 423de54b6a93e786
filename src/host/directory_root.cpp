// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_descriptor.h"
#include "host/live_sources.h"
#include "host/path.h"
#include "host/tar.h"
#include "quell/host/root.h"
#include "quell/mapped_file.h"

namespace quell::host {
namespace {

Reach reach_of(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
    case ENXIO:
    case ENODEV: return Reach::absent;
    case EACCES:
    case EPERM: return Reach::denied;
    default: return Reach::failed;
  }
}

std::string reason_of(int number) { return std::generic_category().message(number); }

Reading read_all(int descriptor, std::size_t limit) {
  Reading out{Reach::ok, {}, {}};
  std::array<char, 4096> block{};
  while (out.data.size() < limit) {
    const ssize_t count = ::read(descriptor, block.data(), std::min(block.size(), limit - out.data.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return {reach_of(errno), {}, reason_of(errno)};
    if (count == 0) break;
    out.data.append(block.data(), static_cast<std::size_t>(count));
  }
  return out;
}

// A directory tree. The live machine is the tree at "", whose links are the kernel's to follow; in a captured
// tree every link is resolved here, so that none leads out of it.
class DirectoryRoot final : public Root {
 public:
  DirectoryRoot(std::string base, bool live) : base_(std::move(base)), live_(live) {
    if (!live_) denied_ = parse_denied(read("/quell/denied", std::size_t{1} << 20U).data);
  }

  using Root::read;
  [[nodiscard]] Reading read(std::string_view path, std::size_t limit) const override {
    if (live_ && path.starts_with("/quell/")) return read_live_source(path, limit);
    if (const auto denial = denied_.find(path); denial != denied_.end()) return {Reach::denied, {}, denial->second};
    const FileDescriptor file(::open(place(path, true).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.valid()) return failure(errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {Reach::absent, {}, "not a file"};
    return read_all(file.get(), limit);
  }

  [[nodiscard]] Listing list(std::string_view path) const override {
    const auto closer = [](DIR* directory) { ::closedir(directory); };
    const std::unique_ptr<DIR, decltype(closer)> directory(::opendir(place(path, true).c_str()), closer);
    if (directory == nullptr) return {reach_of(errno), {}, live_ ? reason_of(errno) : missing};
    constexpr std::size_t most = 4096;
    Listing out{Reach::ok, {}, {}};
    while (out.names.size() < most) {
      const dirent* entry = ::readdir(directory.get());
      if (entry == nullptr) break;
      const std::string_view name(static_cast<const char*>(entry->d_name));
      if (name != "." && name != "..") out.names.emplace_back(name);
    }
    std::sort(out.names.begin(), out.names.end());
    return out;
  }

  [[nodiscard]] Reading link(std::string_view path) const override {
    const auto target = read_link(place(path, false));
    if (!target) return {reach_of(errno == EINVAL ? ENOENT : errno), {}, "no link"};
    return {Reach::ok, *target, {}};
  }

  [[nodiscard]] bool exists(std::string_view path) const override {
    struct stat status {};
    return ::lstat(place(path, false).c_str(), &status) == 0 || denied_.contains(path);
  }

  [[nodiscard]] bool live() const noexcept override { return live_; }

 private:
  static std::optional<std::string> read_link(const std::string& path) {
    std::array<char, 4096> target{};
    const ssize_t count = ::readlink(path.c_str(), target.data(), target.size());
    if (count < 0) return std::nullopt;
    return std::string(target.data(), static_cast<std::size_t>(count));
  }

  static constexpr const char* missing = "not in the captured tree";

  [[nodiscard]] Reading failure(int number) const {
    const Reach reach = reach_of(number);
    return {reach, {}, !live_ && reach == Reach::absent ? missing : reason_of(number)};
  }

  [[nodiscard]] std::string place(std::string_view path, bool whole) const {
    if (live_) return std::string(path);
    return base_ + resolve_links(path, whole, [this](const std::string& at) { return read_link(base_ + at); });
  }

  std::string base_;
  bool live_;
  std::map<std::string, std::string, std::less<>> denied_;
};

// The only folder in a folder; empty where there are several or none.
std::string only_folder_in(const std::filesystem::path& path) {
  std::error_code problem;
  std::string out;
  for (const auto& entry : std::filesystem::directory_iterator(path, problem)) {
    if (!entry.is_directory(problem)) continue;
    if (!out.empty()) return {};
    out = entry.path().string();
  }
  return out;
}

}  // namespace

std::unique_ptr<Root> live_root() { return std::make_unique<DirectoryRoot>("", true); }

Result<std::unique_ptr<Root>> open_root(const std::filesystem::path& path) {
  std::error_code problem;
  const auto status = std::filesystem::status(path, problem);
  if (!std::filesystem::exists(status)) {
    const std::string why = problem ? problem.message() : reason_of(ENOENT);
    return fail(Errc::io, path.string() + ": " + why + "; give the folder or the tar that `quell capture` made");
  }
  if (std::filesystem::is_directory(status)) {
    for (const std::string& folder : {path.string(), only_folder_in(path)}) {
      auto root = std::make_unique<DirectoryRoot>(folder, false);
      const auto there = [&root](std::string_view known) { return root->list(known).reach != Reach::absent; };
      if (!folder.empty() && std::ranges::any_of(tree_folders, there)) return root;
    }
    return fail(Errc::unrecognised, path.string() + ": neither sys nor proc in this folder: not a captured tree");
  }
  // Not mapped: another program may cut it short meanwhile, which would end the reader.
  QUELL_TRY(const MappedFile file, MappedFile::copy(path));
  auto root = archive_root(file.view());
  if (!root) return fail(root.error().code, path.string() + ": " + root.error().message, root.error().offset);
  return root;
}

}  // namespace quell::host
