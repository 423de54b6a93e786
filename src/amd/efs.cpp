// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/efs.h"

#include <algorithm>
#include <array>
#include <bit>

#include "amd/cookies.h"

namespace quell::amd {
namespace {

constexpr std::array signature{std::byte{0xAA}, std::byte{0x55}, std::byte{0xAA}, std::byte{0x55}};

// A file full of signatures must not cost more than a file without.
constexpr unsigned most_scan_hits = 4096;

// Window sizes that a file with this many bytes left can stand for. The window of a read that was cut short is not
// known: the next power of two and everything above is tried.
std::uint64_t smallest_window(std::uint64_t bytes) { return std::min(std::bit_ceil(bytes), largest_window); }

Efs read_fields(ByteView file, std::uint64_t offset, const Window& window) {
  Efs efs{.offset = offset, .window = window};
  for (const EfsFieldType& type : efs_fields()) {
    Result<std::uint32_t> value = 0U;
    if (type.size == 1) {
      value = file.u8(offset + type.offset);
    } else if (type.size == 2) {
      value = file.u16(offset + type.offset);
    } else {
      value = file.u32(offset + type.offset);
    }
    if (value) efs.fields.push_back({&type, *value});
  }
  efs.has_directories = std::ranges::any_of(efs.fields, [&](const EfsField& field) {
    const bool directory = field.type->pointer == EfsPointer::psp || field.type->pointer == EfsPointer::bios;
    if (!directory || !field.set()) return false;
    const std::uint64_t target = resolve(window, field.value);
    return target < window.end && cookie_at(file, target) != nullptr;
  });
  return efs;
}

// The structures at the standard positions of the windows of one size that begins at `base`, best first.
std::vector<Efs> at_standard_positions(ByteView file, const Window& window) {
  std::vector<Efs> found;
  for (const std::uint64_t distance : efs_distances) {
    if (distance > window.size - window.missing) continue;
    const std::uint64_t offset = window.base + (window.size - window.missing - distance);
    if (!file.matches(offset, signature) || offset >= window.end) continue;
    found.push_back(read_fields(file, offset, window));
  }
  return found;
}

// The upper part of an image whose first bytes the file does not hold: what it ends with is what the window ends with.
std::vector<Efs> in_upper_part(ByteView file, std::uint64_t base, std::uint64_t end) {
  const std::uint64_t length = end - base;
  if (!std::has_single_bit(length)) return {};
  for (std::uint64_t size = largest_window; size > length; size /= 2) {
    std::vector<Efs> found =
        at_standard_positions(file, {.base = base, .size = size, .end = end, .missing = size - length});
    if (std::ranges::any_of(found, &Efs::has_directories)) return found;
  }
  return {};
}

// The best reading of the window at `base`: the smallest size in which a structure has directories, else whatever
// structure without directories stands there.
std::vector<Efs> in_window(ByteView file, std::uint64_t base, std::uint64_t end) {
  std::vector<Efs> without;
  for (std::uint64_t size = smallest_window(end - base); size <= largest_window; size *= 2) {
    std::vector<Efs> found = at_standard_positions(file, {base, size, end});
    if (std::ranges::any_of(found, &Efs::has_directories)) return found;
    if (without.empty()) without = std::move(found);
    if (std::has_single_bit(end - base)) break;  // a whole chip: nothing to guess
  }
  std::vector<Efs> upper = in_upper_part(file, base, end);
  return upper.empty() ? without : upper;
}

// Of several structures in one window the firmware takes a second-generation one first, else the first in the order
// of the addresses.
void mark_preferred(std::vector<Efs>& window) {
  const Efs* best = nullptr;
  for (const Efs& efs : window) {
    if (!efs.has_directories) continue;
    if (best == nullptr || (efs.second_generation() && !best->second_generation())) best = &efs;
  }
  for (Efs& efs : window) efs.preferred = &efs == best;
}

std::vector<Efs> in_every_window(ByteView file, std::uint64_t base, std::uint64_t end) {
  std::vector<Efs> all;
  for (; base < end; base += largest_window) {
    std::vector<Efs> window = in_window(file, base, end);
    mark_preferred(window);
    std::ranges::move(window, std::back_inserter(all));
  }
  return all;
}

// The window whose structure stands at `offset`, if its pointers make sense from there; the largest one that fits.
std::optional<Window> window_for(ByteView file, std::uint64_t offset, std::uint64_t end) {
  for (std::uint64_t size = largest_window; size >= 0x100000; size /= 2) {
    for (const std::uint64_t distance : efs_distances) {
      if (distance > size || offset < size - distance) continue;
      const Window window{offset - (size - distance), size, end};
      if (size > std::bit_ceil(end - window.base)) continue;
      if (read_fields(file, offset, window).has_directories) return window;
    }
  }
  return std::nullopt;
}

// An image behind something of unknown length, as in a vendor's update file.
std::vector<Efs> scan(ByteView file) {
  std::uint64_t from = 0;
  for (unsigned hits = 0; hits < most_scan_hits; ++hits) {
    const auto hit = file.find(signature, from, 4);
    if (!hit) break;
    if (const auto window = window_for(file, *hit, file.size())) {
      std::vector<Efs> found = at_standard_positions(file, *window);
      mark_preferred(found);
      if (window->size == largest_window) {
        std::ranges::move(in_every_window(file, window->base + window->size, file.size()), std::back_inserter(found));
      }
      return found;
    }
    from = *hit + signature.size();
  }
  return {};
}

}  // namespace

std::uint64_t resolve(const Window& window, std::uint64_t address) noexcept {
  const bool mmio = address >= mmio_start && address < mmio_end;
  const std::uint64_t in_image = mmio ? address & (window.size - 1) : address;
  if (in_image < window.missing) return ~std::uint64_t{0};
  return checked_add(window.base, in_image - window.missing).value_or(~std::uint64_t{0});
}

std::uint32_t Efs::value(std::string_view field) const noexcept {
  for (const EfsField& candidate : fields) {
    if (candidate.type->name == field) return candidate.value;
  }
  return 0xFFFFFFFF;
}

std::uint64_t Efs::x86_address() const noexcept {
  return mmio_end - window.size + window.missing + (offset - window.base);
}

std::vector<Efs> find_efs(ByteView file, const Search& search) {
  const Range body = search.body.value_or(Range{0, file.size()}).intersection({0, file.size()});
  if (body.size < efs_size) return {};
  std::vector<Efs> found = in_every_window(file, body.offset, body.end());
  if (!search.everywhere || std::ranges::any_of(found, &Efs::has_directories)) return found;
  std::vector<Efs> elsewhere = scan(file);
  return elsewhere.empty() ? found : elsewhere;
}

}  // namespace quell::amd
