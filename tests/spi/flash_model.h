// SPDX-License-Identifier: GPL-2.0-or-later
// A SPI NOR chip with faults to order. Behaves as docs/formats/flashing.md#the-chip-model-of-the-tests: program ANDs
// bits inside a page, erase needs the write enable latch, protection bits and SRP are honoured.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "quell/byte_view.h"
#include "quell/range.h"

namespace quell::test {

struct Faults {
  double flips = 0;                        // probability a bit of a read
  std::uint32_t flips_below_hz = 0;        // with a clock at or under this the flips are gone
  std::optional<std::uint64_t> flip_at{};  // one flip at this address, on the n-th read that covers it
  std::uint64_t flip_on_read = 1;
  std::optional<std::uint64_t> wrong_at{};         // a bit that always reads wrong
  std::optional<std::uint64_t> high_after{};       // data-out reads 1 after so many bytes read
  bool low = false;                                // data-out reads 0
  std::optional<std::uint64_t> low_after_pages{};  // data-out reads 0 from the n-th page program on
  std::optional<std::uint64_t> high_after_pages{};
  std::optional<std::uint64_t> dead_after_pages{};  // commands are ignored
  std::vector<Range> hidden{};  // the controller answers nothing there: reads, programs and erases are refused
  bool refuse_program = false;  // the programmer answers a page program with NAK and does not pass it on
  bool ignore_erase = false;
  std::uint64_t small_erase = 4096;               // what 0x20 really erases
  std::uint64_t array_size = 0;                   // smaller than the ID says; reads wrap
  std::optional<std::uint64_t> cut_after{};       // power goes after so many bytes written (an erase counts its block)
  std::optional<std::uint64_t> cut_after_read{};  // or read
  std::optional<std::uint64_t> stall_after_commands{};
  std::optional<std::uint64_t> close_after_commands{};
  bool wp_low = false;  // the /WP pin
};

class FlashModel {
 public:
  FlashModel(std::uint32_t jedec, Buffer content, std::uint64_t seed = 1);

  // One transfer with chip select held: `sent` bytes in, `wanted` bytes out.
  Buffer transfer(Bytes sent, std::uint64_t wanted);
  // Power back on: the latch and a cut are gone.
  void power_up();

  // What a client sees of a fault of the line, not of the chip.
  enum class Line { good, cut, stall, close };
  [[nodiscard]] Line line() const noexcept { return line_; }
  // Whether the programmer refused the last transfer.
  [[nodiscard]] bool refused() const noexcept { return refused_; }

  Buffer memory{};
  std::uint32_t jedec = 0;
  std::uint8_t status = 0;
  std::uint32_t clock_hz = 0;
  Faults faults{};

  // Counters.
  std::uint64_t bytes_read = 0, bytes_written = 0, pages = 0, commands = 0, status_writes = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> erased{};  // offset, size
  std::map<unsigned, std::uint64_t> opcodes{};

 private:
  void read(std::uint64_t address, Buffer& out);
  void program(std::uint64_t address, Bytes data);
  void erase(std::uint64_t address, std::uint64_t size);
  [[nodiscard]] bool is_hidden(unsigned opcode, Bytes sent, std::uint64_t wanted) const;
  void write_status(std::uint8_t value);
  [[nodiscard]] bool is_protected(std::uint64_t address) const;
  void damage(Buffer& data, std::uint64_t address);
  void distort(Buffer& out);

  std::mt19937_64 random_;
  bool latch_ = false;
  bool refused_ = false;
  std::uint64_t covering_reads_ = 0;
  Line line_ = Line::good;
};

}  // namespace quell::test
