// SPDX-License-Identifier: GPL-2.0-or-later
// Loaded before the libraries of a program under test: makes one call fail as a full disk, a broken one or a machine
// without memory would. QUELL_FAULT is "PROGRAM:KIND:N": in the program of that name the N-th call of that kind fails;
// 0 lets all through. QUELL_FAULT_RECORD is a file that gets "injected" when the call has failed, and at the end of a
// program that nothing befell "KIND COUNT" of every kind.
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

extern "C" void* __libc_malloc(std::size_t size);  // NOLINT: the C library's own name

namespace {

enum Kind {
  opening,
  reading,
  writing,
  syncing,
  renaming,
  linking,
  folder,
  mapping,
  allocating,
  starting,
  threading,
  kinds
};

constexpr std::array<const char*, kinds> names{"open",  "read", "write", "fsync", "rename", "link",
                                               "mkdir", "mmap", "alloc", "spawn", "thread"};
constexpr std::array<int, kinds> numbers{EMFILE, EIO, ENOSPC, EIO, EIO, EIO, ENOSPC, ENOMEM, ENOMEM, EAGAIN, EAGAIN};

std::array<std::atomic<long>, kinds> counts{};
std::atomic<bool> active{false};
int chosen = -1;
long wanted = 0;
int record = -1;

// Whether this is the call that fails. Asked for every call.
bool fails(Kind kind) {
  if (!active.load(std::memory_order_relaxed)) return false;
  if (++counts[kind] != wanted || kind != chosen) return false;
  ::syscall(SYS_write, record, "injected\n", std::size_t{9});
  errno = numbers[kind];
  return true;
}

template <class Function>
Function next(const char* name) {
  void* found = ::dlsym(RTLD_NEXT, name);
  Function out{};
  std::memcpy(&out, &found, sizeof out);
  return out;
}

__attribute__((constructor)) void begin() {
  const char* text = std::getenv("QUELL_FAULT");
  const char* place = std::getenv("QUELL_FAULT_RECORD");
  if (text == nullptr || place == nullptr) return;
  std::array<char, 64> program{};
  std::array<char, 16> kind{};
  if (std::sscanf(text, "%63[^:]:%15[^:]:%ld", program.data(), kind.data(), &wanted) != 3) return;
  if (std::strcmp(program.data(), program_invocation_short_name) != 0) return;
  for (int i = 0; i < kinds; ++i) {
    if (std::strcmp(names[static_cast<std::size_t>(i)], kind.data()) == 0) chosen = i;
  }
  const int file = ::open(place, O_WRONLY | O_APPEND | O_CREAT, 0644);
  record = ::fcntl(file, F_DUPFD_CLOEXEC, 100);
  ::close(file);
  active = record >= 0;
}

__attribute__((destructor)) void end() {
  if (!active.exchange(false) || wanted != 0) return;
  for (std::size_t i = 0; i < kinds; ++i) ::dprintf(record, "%s %ld\n", names[i], counts[i].load());
}

}  // namespace

extern "C" {

#define QUELL_TAKE_MODE(mode, flags)                    \
  mode_t mode = 0;                                      \
  if (((flags) & (O_CREAT | O_TMPFILE)) != 0) {         \
    std::va_list rest;                                  \
    va_start(rest, flags);                              \
    mode = static_cast<mode_t>(va_arg(rest, unsigned)); \
    va_end(rest);                                       \
  }

int open(const char* path, int flags, ...) {
  QUELL_TAKE_MODE(mode, flags)
  if (fails(opening)) return -1;
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}
int open64(const char* path, int flags, ...) {
  QUELL_TAKE_MODE(mode, flags)
  if (fails(opening)) return -1;
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}
int openat(int place, const char* path, int flags, ...) {
  QUELL_TAKE_MODE(mode, flags)
  if (fails(opening)) return -1;
  return static_cast<int>(::syscall(SYS_openat, place, path, flags, mode));
}
int openat64(int place, const char* path, int flags, ...) {
  QUELL_TAKE_MODE(mode, flags)
  if (fails(opening)) return -1;
  return static_cast<int>(::syscall(SYS_openat, place, path, flags, mode));
}
FILE* fopen(const char* path, const char* mode) {
  static const auto real = next<decltype(&fopen)>("fopen");
  return fails(opening) ? nullptr : real(path, mode);
}
FILE* fopen64(const char* path, const char* mode) {
  static const auto real = next<decltype(&fopen64)>("fopen64");
  return fails(opening) ? nullptr : real(path, mode);
}
// openat2 has no function of its own.
long syscall(long number, ...) {
  static const auto real = next<long (*)(long, ...)>("syscall");
  std::va_list rest;
  va_start(rest, number);
  std::array<long, 6> words{};
  for (long& word : words) word = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_openat2 && fails(opening)) return -1;
  return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

ssize_t read(int file, void* into, std::size_t size) {
  static const auto real = next<decltype(&read)>("read");
  return fails(reading) ? -1 : real(file, into, size);
}
ssize_t __read_chk(int file, void* into, std::size_t size, std::size_t room) {  // NOLINT: the C library's own name
  static const auto real = next<decltype(&__read_chk)>("__read_chk");
  return fails(reading) ? -1 : real(file, into, size, room);
}
ssize_t pread(int file, void* into, std::size_t size, off_t at) {
  static const auto real = next<decltype(&pread)>("pread");
  return fails(reading) ? -1 : real(file, into, size, at);
}
ssize_t pread64(int file, void* into, std::size_t size, off64_t at) {
  static const auto real = next<decltype(&pread64)>("pread64");
  return fails(reading) ? -1 : real(file, into, size, at);
}
ssize_t write(int file, const void* from, std::size_t size) {
  static const auto real = next<decltype(&write)>("write");
  return fails(writing) ? -1 : real(file, from, size);
}
ssize_t writev(int file, const iovec* parts, int count) {
  static const auto real = next<decltype(&writev)>("writev");
  return fails(writing) ? -1 : real(file, parts, count);
}
ssize_t pwrite(int file, const void* from, std::size_t size, off_t at) {
  static const auto real = next<decltype(&pwrite)>("pwrite");
  return fails(writing) ? -1 : real(file, from, size, at);
}
int fsync(int file) {
  static const auto real = next<decltype(&fsync)>("fsync");
  return fails(syncing) ? -1 : real(file);
}
int fdatasync(int file) {
  static const auto real = next<decltype(&fdatasync)>("fdatasync");
  return fails(syncing) ? -1 : real(file);
}
int rename(const char* from, const char* to) {
  static const auto real = next<decltype(&rename)>("rename");
  return fails(renaming) ? -1 : real(from, to);
}
int renameat(int a, const char* from, int b, const char* to) {
  static const auto real = next<decltype(&renameat)>("renameat");
  return fails(renaming) ? -1 : real(a, from, b, to);
}
int renameat2(int a, const char* from, int b, const char* to, unsigned flags) {
  static const auto real = next<decltype(&renameat2)>("renameat2");
  return fails(renaming) ? -1 : real(a, from, b, to, flags);
}
int link(const char* from, const char* to) {
  static const auto real = next<decltype(&link)>("link");
  return fails(linking) ? -1 : real(from, to);
}
int linkat(int a, const char* from, int b, const char* to, int flags) {
  static const auto real = next<decltype(&linkat)>("linkat");
  return fails(linking) ? -1 : real(a, from, b, to, flags);
}
int mkdir(const char* path, mode_t mode) {
  static const auto real = next<decltype(&mkdir)>("mkdir");
  return fails(folder) ? -1 : real(path, mode);
}
int mkdirat(int place, const char* path, mode_t mode) {
  static const auto real = next<decltype(&mkdirat)>("mkdirat");
  return fails(folder) ? -1 : real(place, path, mode);
}
void* mmap(void* where, std::size_t size, int protection, int flags, int file, off_t at) {
  static const auto real = next<decltype(&mmap)>("mmap");
  return fails(mapping) ? MAP_FAILED : real(where, size, protection, flags, file, at);
}
void* malloc(std::size_t size) { return fails(allocating) ? nullptr : __libc_malloc(size); }
int posix_spawn(pid_t* child, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const* arguments, char* const* environment) {
  static const auto real = next<decltype(&posix_spawn)>("posix_spawn");
  return fails(starting) ? EAGAIN : real(child, path, actions, attributes, arguments, environment);
}
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
  static const auto real = next<decltype(&pthread_create)>("pthread_create");
  return fails(threading) ? EAGAIN : real(thread, attributes, run, argument);
}

}  // extern "C"
