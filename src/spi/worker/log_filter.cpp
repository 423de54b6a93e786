// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/worker/log_filter.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace quell::spi {
namespace {

// Levels of libflashrom. SPEW comes once per SPI transfer: formatting it would cost seconds a read.
constexpr int info = 2, debug = 3;
constexpr std::size_t longest_line = 4096;

// Format strings as they stand in 1.3.0, 1.4.0 and 1.8.0-rc1.
constexpr std::string_view escalation_text = "Looking for another erase function.";
constexpr std::string_view found_format = "%s %s flash chip \"%s\" (%d kB, %s) ";
constexpr std::string_view id_format = "%s: id1 0x%02x, id2 0x%02x\n";
constexpr std::string_view status_format = "Chip status register is 0x%02x.\n";
// serprog says this for every parallel chip it cannot drive: no use to anybody.
constexpr std::string_view mapping_noise = "requested mapping";

std::string text_of(const char* text) { return text == nullptr ? std::string() : std::string(text); }

// A legacy REMS check prints an eight-bit device number in the same words; the real ID replaces it.
void take_id(LogFacts& facts, unsigned manufacturer, unsigned device) {
  const bool blank = facts.jedec_id.empty();
  const bool legacy = facts.jedec_id.size() <= 4;
  if (!blank && !(legacy && device > 0xFF)) return;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), device > 0xFF ? "%02x%04x" : "%02x%02x", manufacturer, device);
  facts.jedec_id = text.data();
}

}  // namespace

void LogFilter::take(int level, const char* format, std::va_list arguments) {
  if (level > debug || format == nullptr) return;
  const std::string_view shape(format);
  std::va_list copy;
  va_copy(copy, arguments);
  if (shape == found_format) {
    static_cast<void>(va_arg(copy, const char*));
    facts.vendor = text_of(va_arg(copy, const char*));
    facts.name = text_of(va_arg(copy, const char*));
    facts.size = static_cast<std::uint64_t>(std::max(va_arg(copy, int), 0)) * 1024;
    facts.bus = text_of(va_arg(copy, const char*));
  } else if (shape == id_format) {
    static_cast<void>(va_arg(copy, const char*));
    const unsigned manufacturer = va_arg(copy, unsigned);
    take_id(facts, manufacturer, va_arg(copy, unsigned));
  } else if (shape == status_format) {
    facts.status_register = static_cast<std::uint8_t>(va_arg(copy, unsigned));
  }
  va_end(copy);
  if (writing && shape.starts_with(escalation_text)) escalation_();
  if (level > info || silent || shape.find(mapping_noise) != std::string_view::npos) return;

  std::array<char, 1024> text{};
  const int length = std::vsnprintf(text.data(), text.size(), format, arguments);
  if (length <= 0) return;
  line_level_ = std::min(line_level_, level);
  for (const char c : std::string_view(text.data())) {
    if (c != '\n' && line_.size() < longest_line) {
      line_ += c;
    } else {
      flush();
      line_level_ = level;
    }
  }
}

void LogFilter::flush() {
  if (!line_.empty()) log_(line_level_, line_);
  line_.clear();
  line_level_ = 5;
}

}  // namespace quell::spi
