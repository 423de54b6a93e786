// SPDX-License-Identifier: GPL-2.0-or-later
// libflashrom's calls find these two functions before the system's own, so that answers of the chip can be looked at:
// those of spidev come from ioctl, those of serprog from read. Declared here as they are called; the system's headers
// declare ioctl with an ellipsis.
#include <bit>
#include <cstdint>
#include <span>

#include <linux/spi/spidev.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spi/worker/silence.h"

namespace {

constexpr std::byte acknowledged{0x06};  // serprog's, before every answer

// What the transfers of one call brought in.
void note_transfers(std::span<const spi_ioc_transfer> transfers) {
  for (const spi_ioc_transfer& transfer : transfers) {
    const auto* const received = std::bit_cast<const std::byte*>(static_cast<std::uintptr_t>(transfer.rx_buf));
    if (received != nullptr) quell::spi::note_answer({received, transfer.len});
  }
}

}  // namespace

extern "C" int ioctl(int file, unsigned long request, void* argument) {
  const auto result = static_cast<int>(::syscall(SYS_ioctl, file, request, argument));
  const bool of_spidev = _IOC_TYPE(request) == SPI_IOC_MAGIC && _IOC_NR(request) == 0;
  if (result >= 0 && of_spidev) {
    const auto* const first = static_cast<const spi_ioc_transfer*>(argument);
    note_transfers({first, _IOC_SIZE(request) / sizeof(spi_ioc_transfer)});
  }
  return result;
}

extern "C" ssize_t read(int file, void* into, size_t size) {
  const ssize_t got = ::syscall(SYS_read, file, into, size);
  if (got > 0) {
    const std::span answer(static_cast<const std::byte*>(into), static_cast<std::size_t>(got));
    if (answer.size() != 1 || answer.front() != acknowledged) quell::spi::note_answer(answer);
  }
  return got;
}
