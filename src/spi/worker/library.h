// SPDX-License-Identifier: GPL-2.0-or-later
// libflashrom, contained: one programmer, one chip, one process. The library keeps its state in globals (the log
// callback, the programmer, the chip's ID), so there is one instance of this class in the life of the worker.
#pragma once

#include <functional>
#include <string>

#include "spi/chip.h"
#include "spi/protocol.h"

struct flashrom_programmer;
struct flashrom_flashctx;
struct flashrom_layout;

namespace quell::spi {

class Library {
 public:
  // `escalation` runs when the library, in the middle of a write, is about to try a larger erase command, `silence`
  // when the chip no longer answers in one; they must not return.
  Library(std::function<void(int level, std::string_view line)> log, std::function<void()> escalation,
          std::function<void()> silence);
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library();

  [[nodiscard]] static std::string version();

  // Returns the library's own code; 0 is success.
  int open(const std::string& programmer, const std::string& parameters);
  // Identifies the chip; `definition` empty means any.
  ChipIdentity probe(const std::string& definition, int& result);
  Protection protection();
  int set_protection(const Protection& wanted);

  // One library call for one range; `chip_size()` bytes are the buffer the library demands.
  int read(Range range);
  int read_whole();
  int write(std::uint64_t offset, Bytes bytes);

  [[nodiscard]] bool has_chip() const noexcept { return context_ != nullptr; }
  [[nodiscard]] std::uint64_t chip_size() const noexcept { return image_.size(); }
  // What the last read left in the buffer.
  [[nodiscard]] Bytes content(Range range) const { return Bytes(image_).subspan(range.offset, range.size); }

  int close();

 private:
  bool select(Range range, flashrom_layout** layout);

  flashrom_programmer* programmer_ = nullptr;
  flashrom_flashctx* context_ = nullptr;
  std::string definition_{};  // 1.3.0 keeps the pointer to the name until the next probe
  Buffer image_{};
  std::optional<std::uint8_t> status_register_{};
  bool opened_ = false;
  std::function<void()> silence_{};
};

}  // namespace quell::spi
