// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/worker/silence.h"

namespace quell::spi {
namespace {

// So many at least: one slow answer is no silence.
constexpr unsigned fewest = 20;
// Longer answers are content, and erased blocks are full of ones.
constexpr std::size_t longest_status = 2;

struct Watch {
  std::function<void()> on_silence{};
  unsigned answers = 0;  // of nothing but ones, in a row
  std::chrono::steady_clock::time_point since{};
};

Watch& current() {
  static Watch watch;
  return watch;
}

}  // namespace

void watch_answers(std::function<void()> on_silence) { current() = {.on_silence = std::move(on_silence)}; }

void end_of_watch() { current() = {}; }

void note_answer(Bytes answer) {
  Watch& watch = current();
  if (!watch.on_silence || answer.empty()) return;
  if (!ByteView(answer).filled_with(std::byte{0xFF})) {
    watch.answers = 0;
    return;
  }
  if (answer.size() > longest_status) return;
  const auto now = std::chrono::steady_clock::now();
  if (watch.answers++ == 0) watch.since = now;
  if (watch.answers >= fewest && now - watch.since >= longest_silence) watch.on_silence();
}

}  // namespace quell::spi
