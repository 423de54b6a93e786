// SPDX-License-Identifier: GPL-2.0-or-later
// One thread of the storm: calls of the C interface in random order.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "quell/quell.h"
#include "storm_input.h"

namespace quell::test {

// What all threads use at once.
struct Shared {
  std::vector<Buffer> seeds{};
  std::vector<quell_image*> images{};
  std::vector<quell_plan*> plans{};
  std::vector<quell_image*> planned{};  // of each plan the image that it was made for
  std::vector<quell_pieces*> pieces{};
  std::vector<quell_buffer*> buffers{};
  host::Entries machine{};  // a captured one
};

// How often a function was called, and how often it gave what it was asked for.
struct Count {
  std::uint64_t calls = 0;
  std::uint64_t given = 0;
};
using Tally = std::map<std::string_view, Count>;

class Caller {
 public:
  // `file`: a path that is this caller's own to write.
  Caller(const Shared& shared, std::uint64_t seed, std::string file)
      : shared_(shared), input_(seed), file_(std::move(file)) {}
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller();

  void call();
  [[nodiscard]] const Tally& tally() const noexcept { return tally_; }

 private:
  std::uint64_t below(std::uint64_t limit) { return input_.below(limit); }
  quell_image* image();
  quell_plan* any_plan();
  quell_pieces* any_pieces();
  void count(std::string_view function, bool given = true);
  template <class Handle>
  void settle(std::string_view function, quell_code code, Handle* const& made, quell_error* const& error,
              bool unwanted = false);
  enum class Holds { document, text, image, piece };
  void read(const quell_buffer* buffer, Holds holds);
  void take(quell_buffer* buffer, Holds holds);
  template <class Handle>
  void keep(std::vector<Handle*>& kept, Handle* made, void (*free)(Handle*));
  template <class Handle>
  void document(std::string_view name, quell_code (*function)(const Handle*, quell_buffer**, quell_error**),
                const Handle* handle, Holds holds = Holds::document);

  void open();
  void open_file();
  void look_at_image();
  void free_some();
  void diff();
  void words();
  void report();
  void second_chip();
  void join();
  void plan();
  void apply(const quell_plan* plan, const quell_image* image);
  void apply_any();
  void extract();
  void pieces();
  void status();
  void explain();
  void ask_nothing();

  const Shared& shared_;
  Input input_;
  std::string file_;
  std::vector<quell_image*> images_{};
  std::vector<quell_plan*> plans_{};
  std::vector<quell_pieces*> pieces_{};
  Tally tally_{};
};

}  // namespace quell::test
