// SPDX-License-Identifier: GPL-2.0-or-later
// Linked into the tests' own copy of the worker: libflashrom waits a second at each serprog connection, and the test
// server answers at once. The library's calls find these functions first.
#include <ctime>

#include <unistd.h>

extern "C" int usleep(useconds_t /*microseconds*/) { return 0; }
extern "C" unsigned sleep(unsigned /*seconds*/) { return 0; }
extern "C" int nanosleep(const timespec* /*wanted*/, timespec* /*left*/) { return 0; }
