// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/budget.h"
#include "uefi/firmware.h"

namespace quell::uefi {

// What is around the bytes that are walked.
struct Around {
  bool unpacked = false;  // they have no place in the image ...
  Range image{};          // ... but this packed section has
  unsigned level = 0;     // of components
  unsigned packings = 0;  // one inside the other
  const Volume* volume = nullptr;
  File* file = nullptr;

  [[nodiscard]] Place place(ByteView view) const noexcept {
    return {.range = view.range(), .unpacked = unpacked, .image = unpacked ? image : view.range()};
  }
  [[nodiscard]] Around deeper() const noexcept {
    Around out = *this;
    ++out.level;
    return out;
  }
};

// One walk over one image. What it finds it leaves in the firmware it was given.
class Walker {
 public:
  Walker(ByteView image, const WalkOptions& options, Firmware& out)
      : options_(options), out_(out), budget_(image.size()) {}

  void volume(Volume& volume, ByteView view, const Around& around);
  // One file at the start of the view. False when no file can stand there.
  bool file(File& file, ByteView view, const Volume* volume, const Around& around);
  // A row of sections.
  void sections(std::vector<Section>& list, ByteView view, const Around& around);
  // Settles what can only be judged when all of it is known.
  void finish();

 private:
  // One data checksum that is wrong.
  struct WrongSum {
    std::uint64_t volume;  // its number; zero outside of all
    Place place;
    Guid name;
  };
  struct SumsOfVolume {
    std::uint64_t held = 0, failed = 0;
  };

  // volume.cpp
  void rest_of_volume(Volume& volume, ByteView view, std::uint64_t from, std::byte erased, const Around& around);
  // file.cpp
  void file_state(File& file, std::uint8_t state, std::byte erased);
  void file_sums(File& file, ByteView whole, bool sum_used, std::uint8_t stored, const Volume* volume);
  void file_content(File& file, ByteView body, const Volume* volume, const Around& around);
  // Whether a volume stands at the start of the view.
  bool volumes_inside(std::vector<Volume>& list, ByteView view, const Around& around);
  // section.cpp
  void volume_section(Section& section, ByteView content, const Around& around);
  void section(Section& section, ByteView whole, const Around& around);
  void compression(Section& section, ByteView whole, const Around& around);
  void guid_defined(Section& section, ByteView whole, const Around& around);
  void walk_plain(Section& section, ByteView content, const Around& around);
  void unpack_into(Section& section, Encoding encoding, ByteView packed, const Around& around);
  void standard(Section& section, ByteView packed, const Around& around);
  void walk_unpacked(Section& section, Unpacked unpacked, const Around& around);
  void give_up(Section& section, const Error& error, const Around& around);

  void leaf(ByteView bytes, const Around& around, const Section* section);
  void damage(std::string_view id, Severity severity, Question question, std::string title, std::string detail,
              const Place& place, std::string advice = {});
  void over_budget(const Around& around, const Place& place);
  [[nodiscard]] bool room(const Around& around, const Place& place);

  const WalkOptions& options_;
  Firmware& out_;
  Budget budget_;
  std::uint64_t items_left_ = 65536;
  std::vector<WrongSum> wrong_sums_{};
  std::map<std::uint64_t, SumsOfVolume> sums_{};
  std::map<std::string, std::uint64_t, std::less<>> told_{};  // findings by id
};

// The most that one stream of this many packed bytes may unpack to. In real firmware the largest has 14 MiB.
constexpr std::uint64_t stream_limit(std::uint64_t packed) noexcept {
  constexpr std::uint64_t largest = std::uint64_t{64} << 20U;
  return packed > largest / 1024 ? largest : std::min(largest, packed * 1024 + 0x10000);
}
// Whether all of the bytes are erased.
bool erased(ByteView view, std::byte value) noexcept;
// Whether a row of sections stands there: the first four of it are whole.
bool looks_like_sections(ByteView view);
// The size of the section at the start of the view, its header included, and the size of its common header; zero when
// there can be none.
struct SectionSize {
  std::uint64_t whole = 0;
  std::uint8_t header = 0;
};
SectionSize section_size(ByteView view);
// "the file 8C8C... (Setup)", "a row of sections".
std::string owner_text(const Around& around);

}  // namespace quell::uefi
