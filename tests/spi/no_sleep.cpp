// SPDX-License-Identifier: GPL-2.0-or-later
// Linked into the tests' own copy of the worker: libflashrom waits a second at each serprog connection, and the test
// server answers at once. The library's calls find these functions first and never wait longer than a few milliseconds.
#include <algorithm>
#include <ctime>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

constexpr long longest = 10'000'000;  // nanoseconds
// Waits of up to a second are spent looking at the clock: after so many looks (some milliseconds) without reading or
// writing anything they are over. Time itself would mislead on a busy machine.
constexpr unsigned many_looks = 200'000;
unsigned looks = 0;

}  // namespace

extern "C" int clock_gettime(clockid_t /*clock*/, timespec* now) noexcept {
  if (::timespec_get(now, TIME_UTC) != TIME_UTC) return -1;
  if (++looks > many_looks) {
    looks = 0;
    now->tv_sec += 2;
  }
  return 0;
}

extern "C" ssize_t read(int file, void* into, size_t size) {
  looks = 0;
  return ::syscall(SYS_read, file, into, size);
}

extern "C" ssize_t write(int file, const void* from, size_t size) {
  looks = 0;
  return ::syscall(SYS_write, file, from, size);
}

extern "C" int nanosleep(const timespec* wanted, timespec* left) {
  const timespec brief{0, wanted->tv_sec != 0 ? longest : std::min(wanted->tv_nsec, longest)};
  return static_cast<int>(::syscall(SYS_nanosleep, &brief, left));
}

extern "C" int usleep(useconds_t microseconds) {
  const timespec wanted{microseconds / 1'000'000, static_cast<long>(microseconds % 1'000'000) * 1000};
  return nanosleep(&wanted, nullptr);
}

extern "C" unsigned sleep(unsigned seconds) {
  usleep(seconds == 0 ? 0 : 1'000'000);
  return 0;
}
