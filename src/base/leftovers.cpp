// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/leftovers.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <memory>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_descriptor.h"

namespace quell {
namespace {

constexpr std::size_t suffix_size = 16;

// Fixed slots: a signal handler may run at any instruction, so it may neither allocate nor lock. A slot is in use while
// its first character is not NUL, which is written last and cleared first.
struct Slot {
  int folder = -1;
  std::array<char, 256> name{};
};
std::array<Slot, 64> slots;

bool names(const Slot& slot, int folder, const std::string& name) {
  return slot.folder == folder && name == slot.name.data();
}

// The names in an open folder; nothing where it cannot be read.
std::vector<std::string> list(int folder) {
  std::vector<std::string> names;
  const int again = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const auto closer = [](DIR* directory) { ::closedir(directory); };
  const std::unique_ptr<DIR, decltype(closer)> directory(again < 0 ? nullptr : ::fdopendir(again), closer);
  if (directory == nullptr) return names;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name(static_cast<const char*>(entry->d_name));
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

}  // namespace

std::string random_suffix() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    number = static_cast<std::uint64_t>(now.tv_nsec) << 32U | static_cast<std::uint64_t>(::getpid());
  }
  return fmt::format("{:016x}", number);
}

void remember_temporary(int folder, const std::string& name) {
  for (Slot& slot : slots) {
    if (slot.name[0] != '\0' || name.empty() || name.size() + 1 > slot.name.size()) continue;
    slot.folder = folder;
    std::copy(name.begin() + 1, name.end(), slot.name.begin() + 1);
    slot.name.at(name.size()) = '\0';
    std::atomic_signal_fence(std::memory_order_seq_cst);
    slot.name[0] = name[0];
    return;
  }
}

void forget_temporary(int folder, const std::string& name) noexcept {
  for (Slot& slot : slots) {
    if (names(slot, folder, name)) slot.name[0] = '\0';
  }
}

void remove_temporaries() noexcept {
  for (const Slot& slot : slots) {
    if (slot.name[0] != '\0') ::unlinkat(slot.folder, slot.name.data(), 0);
  }
}

void mark_in_use(int descriptor) noexcept { ::flock(descriptor, LOCK_EX | LOCK_NB); }

void remove_leftovers(int folder, std::string_view prefix) noexcept {
  for (const std::string& name : list(folder)) {
    if (!name.starts_with(prefix) || name.size() != prefix.size() + suffix_size) continue;
    const FileDescriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!file.valid() || ::fstat(file.get(), &status) != 0 || status.st_uid != ::geteuid()) continue;
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) remove_tree(folder, name);
  }
}

void remove_tree(int folder, const std::string& name) noexcept {
  if (::unlinkat(folder, name.c_str(), 0) == 0 || (errno != EISDIR && errno != EPERM)) return;
  const FileDescriptor inner(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!inner.valid()) return;
  for (const std::string& one : list(inner.get())) remove_tree(inner.get(), one);
  ::unlinkat(folder, name.c_str(), AT_REMOVEDIR);
}

}  // namespace quell
