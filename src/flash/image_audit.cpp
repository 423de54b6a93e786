// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/flash/image_audit.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include <fmt/format.h>

#include "quell/flash/recognise.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t block = 4096;
constexpr std::uint64_t smallest_repeat = 0x10000;

std::string in_units(std::uint64_t size) {
  constexpr std::uint64_t mib = 0x100000;
  return size % mib == 0 ? fmt::format("{} MiB", size / mib) : fmt::format("{} KiB", size / 1024);
}

std::optional<Finding> size_finding(const Image& image, const FlashDescriptor* descriptor) {
  const std::uint64_t size = image.body().size();
  std::uint64_t chips = 0;
  std::uint64_t regions = 0;
  if (descriptor != nullptr) {
    const auto sizes = chip_sizes(*descriptor);
    chips = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
    for (const DescriptorRegion& region : descriptor->regions) regions = std::max(regions, region.range.end());
  }
  if (size == chips) return std::nullopt;
  if (regions > size) {
    return Finding{
        .id = "image.cut-short",
        .question = Question::size,
        .severity = Severity::error,
        .title = fmt::format("the descriptor's regions end at {:#x}, but the file holds {:#x} bytes", regions, size),
        .advice = "the read was cut short: read the chip again, whole",
        .range = Range::between(image.what.body.offset + size, image.what.body.offset + regions)};
  }
  if (!std::has_single_bit(size)) {
    return Finding{.id = "image.size",
                   .question = Question::size,
                   .severity = Severity::error,
                   .title = fmt::format("no flash chip has a size of {} bytes", size),
                   .advice = "the file was cut short or has something appended: read the chip again"};
  }
  if (chips != 0) {
    return Finding{.id = "image.size-mismatch",
                   .question = Question::size,
                   .severity = Severity::warning,
                   .title = fmt::format("the descriptor speaks of {} of flash, the file holds {}", in_units(chips),
                                        in_units(size)),
                   .detail = "some boards leave the density fields at the values of another chip",
                   .advice = "compare with the size printed on the chip; if it differs, read again at the right size"};
  }
  return std::nullopt;
}

struct BlankRule {
  std::string_view region;
  Severity severity;
  std::string_view advice;
};

constexpr std::array<BlankRule, 4> blank_rules{{
    {"bios", Severity::error, "no machine starts from this: read the chip again"},
    {"me", Severity::error,
     "a running machine that may not read its own ME region gives this: read with an external programmer; if the "
     "region was erased on purpose, this is no damage"},
    {"gbe", Severity::warning, "the network controller's address is missing: read the chip again"},
    {"", Severity::info, ""},
}};

void audit_blank_regions(std::vector<Finding>& findings, const Image& image) {
  for (const NamedRange& region : image.regions) {
    const ByteView bytes = image.bytes().clip(region.range);
    if (bytes.empty() || region.name == "fd" || !bytes.filled_with(bytes.bytes().front())) continue;
    const auto rule = std::ranges::find_if(
        blank_rules, [&](const BlankRule& r) { return r.region.empty() || r.region == region.name; });
    findings.push_back({.id = "image.blank",
                        .question = Question::blank,
                        .severity = rule->severity,
                        .title = fmt::format("the {} region holds nothing but {:#04x}", region.name,
                                             std::to_integer<unsigned>(bytes.bytes().front())),
                        .advice = std::string(rule->advice),
                        .range = bytes.range()});
  }
}

// The processor's first instruction lies 16 bytes before the end of the last BIOS region. Apollo Lake and Gemini Lake
// keep boot partitions (BPDT) there instead.
void audit_reset_vector(std::vector<Finding>& findings, const Image& image) {
  const auto bios = image.region("bios");
  if (!bios || bios->size() < 0x1000 || bios->matches(0, std::string_view("\xAA\x55\0\0", 4))) return;
  const bool last = std::ranges::all_of(
      image.regions, [&](const NamedRange& other) { return other.range.end() <= bios->range().end(); });
  const bool whole = std::ranges::any_of(
      image.regions, [&](const NamedRange& region) { return region.name == "bios" && region.range == bios->range(); });
  const ByteView vector = bios->clip({bios->size() - 16, 16});
  const bool blank = vector.filled_with(vector.bytes().front());
  if (!last || !whole || !blank || bios->filled_with(bios->bytes().front())) return;
  findings.push_back({.id = "image.reset-vector",
                      .question = Question::blank,
                      .severity = Severity::warning,
                      .title = "there is no first instruction at the end of the BIOS region",
                      .advice = "the end of the chip may not have been read: read it again and compare",
                      .range = vector.range()});
}

void audit_repeats(std::vector<Finding>& findings, const Image& image) {
  const ByteView body = image.body();
  std::uint64_t size = body.size();
  while (size % 2 == 0 && size / 2 >= smallest_repeat &&
         equal(body.clip({0, size / 2}).bytes(), body.clip({size / 2, size / 2}).bytes())) {
    size /= 2;
  }
  if (size == body.size() || body.filled_with(body.bytes().front())) return;
  findings.push_back(
      {.id = "image.repeated",
       .question = Question::repeated,
       .severity = image.what.type == FileKind::dump ? Severity::error : Severity::warning,
       .title = fmt::format("the content repeats: {} copies of the first {}", body.size() / size, in_units(size)),
       .detail = "a chip that is read at a larger size than it has answers with its content again",
       .advice = fmt::format("name the chip to the programmer and read it at {}", in_units(size)),
       .range = Range::between(body.origin() + size, body.range().end())});
}

void audit_emptiness(std::vector<Finding>& findings, const Image& image) {
  const ByteView body = image.body();
  const std::uint64_t blocks = body.size() / block;
  std::uint64_t uniform = 0;
  for (std::uint64_t i = 0; i < blocks; ++i) {
    const ByteView part = body.clip({i * block, block});
    if (part.filled_with(part.bytes().front())) ++uniform;
  }
  if (blocks < 16 || uniform * 100 < blocks * 99) return;
  findings.push_back({.id = "image.empty",
                      .question = Question::blank,
                      .severity = Severity::error,
                      .title = fmt::format("{} of {} blocks of 4 KiB hold nothing", uniform, blocks),
                      .advice = "the programmer read next to nothing: check the clip and read again"});
}

}  // namespace

bool is_chip_content(const Recognition& what) { return what.type == FileKind::dump || what.type == FileKind::rom; }

std::vector<Finding> audit_image(const Image& image, const FlashDescriptor* descriptor, Depth depth) {
  std::vector<Finding> findings;
  if (is_chip_content(image.what) && !image.body().empty()) {
    if (auto finding = size_finding(image, descriptor)) findings.push_back(*std::move(finding));
  }
  if (depth != Depth::everything || image.body().empty()) return findings;
  audit_blank_regions(findings, image);
  audit_reset_vector(findings, image);
  if (image.body().size() >= 2 * smallest_repeat) audit_repeats(findings, image);
  if (is_chip_content(image.what)) audit_emptiness(findings, image);
  return findings;
}

}  // namespace quell::flash
