// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/flash/image_audit.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <numeric>

#include <fmt/format.h>

#include "base/entropy.h"
#include "base/words.h"
#include "flash/gbe.h"
#include "flash/recognise.h"
#include "flash/recognise_steps.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t block = 4096;
constexpr std::uint64_t smallest_repeat = 0x10000;
// Thresholds by choice, not by measurement (docs/formats/flashing.md#checks-of-a-dump).
constexpr double highest_entropy = 7.99;
constexpr double lowest_entropy = 0.3;
constexpr const char* read_again = "reseat the clip, check the wiring, lower the clock and read again";

Finding length_finding(const Image& image, const ChipContext& chip) {
  return {.id = "image.length",
          .question = Question::size,
          .severity = Severity::critical,
          .title = fmt::format("it has {} bytes, the chip {}", image.bytes().size(), chip.size),
          .advice = read_again};
}

Finding cut_short(const Image& image, std::uint64_t regions) {
  const std::uint64_t size = image.body().size();
  return {.id = "image.cut-short",
          .question = Question::size,
          .severity = Severity::critical,
          .title = fmt::format("the descriptor's regions end at {:#x}, but there are {:#x} bytes", regions, size),
          .advice = "the read was cut short, or the descriptor is not this chip's: read the chip again, whole",
          .range = Range::between(image.what.body.offset + size, image.what.body.offset + regions)};
}

// The descriptor's sizes are not those of the content. A chip that says its own size makes this certain.
Finding size_mismatch(std::uint64_t chips, std::uint64_t size, const ChipContext& chip) {
  const bool certain = chip.size != 0;
  return {.id = "image.size-mismatch",
          .question = Question::size,
          .severity = certain ? Severity::error : Severity::warning,
          .title = chips == 0 ? std::string("the descriptor names chip sizes that do not exist")
                              : fmt::format("the descriptor speaks of {} of flash, {} {}", size_text(chips),
                                            certain ? "the chip has" : "the file holds", size_text(size)),
          .detail = "some boards leave the density fields at the values of another chip",
          .advice = certain ? "check which chip the clip sits on, and its definition"
                            : "compare with the size printed on the chip; if it differs, read again at the right size"};
}

// A descriptor of a smaller chip under an image of a larger one: the processor fetches its first instruction at the end
// of the last region, and the image has it at the end of the file.
std::optional<Finding> behind_regions(const Image& image, std::uint64_t regions) {
  const ByteView body = image.body();
  if (regions == 0 || regions >= body.size() || !has_reset_vector(body)) return std::nullopt;
  if (has_reset_vector(body.clip({0, regions}))) return std::nullopt;
  return Finding{
      .id = "image.beyond-descriptor",
      .question = Question::size,
      .severity = Severity::error,
      .title =
          fmt::format("the descriptor's regions end at {:#x}, but the image has its first instruction at {:#x}: no "
                      "machine starts from this",
                      regions - 1, body.size() - 16),
      .detail = "the processor looks for its first instruction at the end of the BIOS region",
      .advice = fmt::format("the descriptor is of a smaller chip: take the one for {}, or put size and regions right "
                            "with `quell descriptor set`",
                            size_text(body.size())),
      .range = Range::between(body.origin() + regions, body.range().end())};
}

Finding second_chip(std::uint64_t size) {
  return {.id = "image.pair",
          .question = Question::size,
          .severity = Severity::warning,
          .title = fmt::format("the board has a second chip of {}", size_text(size)),
          .advice = "back it up too, as the second of the pair"};
}

std::uint64_t end_of_regions(const FlashDescriptor& descriptor) {
  std::uint64_t end = 0;
  for (const DescriptorRegion& region : descriptor.regions) end = std::max(end, region.range.end());
  return end;
}

// An update file has whatever size its vendor gave it; only what the descriptor in it names must be there.
std::optional<Finding> update_size_finding(const Image& image, const FlashDescriptor* descriptor) {
  const std::uint64_t regions = descriptor == nullptr ? 0 : end_of_regions(*descriptor);
  return regions > image.body().size() ? std::optional(cut_short(image, regions)) : std::nullopt;
}

std::optional<Finding> size_finding(const Image& image, const FlashDescriptor* descriptor, const ChipContext& chip) {
  if (chip.size != 0 && image.bytes().size() != chip.size) return length_finding(image, chip);
  const std::uint64_t size = image.body().size();
  const auto sizes = descriptor != nullptr ? chip_sizes(*descriptor) : std::vector<std::uint64_t>{};
  const std::uint64_t chips = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
  const std::uint64_t regions = descriptor == nullptr ? 0 : end_of_regions(*descriptor);
  const bool first_of_two = chip.size != 0 && chip.component != 2 && sizes.size() == 2 && size == sizes.front();
  if (regions > (first_of_two ? chips : size)) return cut_short(image, regions);
  if (first_of_two) return chip.component == 0 ? std::optional(second_chip(sizes.back())) : std::nullopt;
  if (auto finding = behind_regions(image, regions)) return finding;
  if (size == chips && (chip.component == 0 || sizes.size() == 1)) return std::nullopt;
  if (chip.size == 0 && !std::has_single_bit(size)) {
    return Finding{.id = "image.size",
                   .question = Question::size,
                   .severity = Severity::error,
                   .title = fmt::format("no flash chip has a size of {} bytes", size),
                   .advice = "the file was cut short or has something appended: read the chip again"};
  }
  if (chips != 0 || (chip.size != 0 && descriptor != nullptr)) return size_mismatch(chips, size, chip);
  return std::nullopt;
}

// The descriptor is missing where one is expected, or comes late because bits were lost or added on the wire.
std::optional<Finding> missing_descriptor(const Image& image, const ChipContext& chip) {
  const ByteView body = image.body();
  // An engine that knows the chip's whole content (AMD's, say) is that of a board without an Intel chipset.
  const bool other_board = image.what.type == FileKind::rom && !image.what.engine.empty();
  const bool expected = chip.size != 0 && chip.component != 2 && !chip.no_descriptor && !other_board;
  const auto shift = find_descriptor(body) ? std::nullopt : descriptor_shift(body);
  if (shift && (chip.size == 0 || expected)) {
    return Finding{.id = "image.shifted",
                   .question = Question::descriptor,
                   .severity = Severity::critical,
                   .title = fmt::format("the flash descriptor comes {} bits too {}", std::abs(*shift),
                                        *shift > 0 ? "late" : "early"),
                   .advice = "lower the programmer's clock, shorten the wires and read again"};
  }
  if (!expected) return std::nullopt;
  return Finding{.id = "image.no-descriptor",
                 .question = Question::descriptor,
                 .severity = Severity::critical,
                 .title = "there is no valid flash descriptor",
                 .advice = read_again};
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

// Of the first of two chips: what begins here goes on there.
Finding rest_on_other_chip(std::string_view region, ByteView bytes) {
  return {.id = "image.blank",
          .question = Question::blank,
          .severity = Severity::info,
          .title = fmt::format("the part of the {} region that lies on this chip holds nothing but {:#04x}", region,
                               std::to_integer<unsigned>(bytes.bytes().front())),
          .advice = "the rest is on the board's other chip: read it too and judge both together",
          .range = bytes.range()};
}

void audit_blank_regions(std::vector<Finding>& findings, const Image& image) {
  for (const NamedRange& region : image.regions) {
    const ByteView bytes = image.bytes().clip(region.range);
    if (bytes.empty() || region.name == "fd" || !bytes.filled_with(bytes.bytes().front())) continue;
    if (image.what.type == FileKind::half && region.range.end() > image.bytes().size()) {
      findings.push_back(rest_on_other_chip(region.name, bytes));
      continue;
    }
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
                      .severity = Severity::error,
                      .title = "there is no first instruction at the end of the BIOS region",
                      .advice = "the end of the chip may not have been read: read it again and compare",
                      .range = vector.range()});
}

void audit_repeats(std::vector<Finding>& findings, const Image& image, const ChipContext& chip) {
  const ByteView body = image.body();
  std::uint64_t size = body.size();
  while (size % 2 == 0 && size / 2 >= smallest_repeat &&
         equal(body.clip({0, size / 2}).bytes(), body.clip({size / 2, size / 2}).bytes())) {
    size /= 2;
  }
  if (size == body.size()) return;
  findings.push_back(
      {.id = "image.repeated",
       .question = Question::repeated,
       .severity = chip.size != 0 || image.what.type == FileKind::dump ? Severity::critical : Severity::warning,
       .title = fmt::format("the content repeats: {} copies of the first {}", body.size() / size, size_text(size)),
       .detail = "a chip that is read at a larger size than it has answers with its content again",
       .advice = fmt::format("name the chip to the programmer and read it at {}", size_text(size)),
       .range = Range::between(body.origin() + size, body.range().end())});
}

void audit_emptiness(std::vector<Finding>& findings, const Image& image) {
  const ByteView body = image.body();
  const std::uint64_t blocks = (body.size() + block - 1) / block;
  std::uint64_t uniform = 0;
  for (std::uint64_t i = 0; i < blocks; ++i) {
    const ByteView part = body.clip({i * block, block});
    if (part.filled_with(part.bytes().front())) ++uniform;
  }
  if (uniform * 100 < blocks * 99) return;
  findings.push_back({.id = "image.empty",
                      .question = Question::blank,
                      .severity = Severity::critical,
                      .title = fmt::format("{} of {} blocks of 4 KiB hold nothing", uniform, blocks),
                      .advice = "the programmer read next to nothing: check the clip and read again"});
}

void audit_entropy(std::vector<Finding>& findings, ByteView body) {
  const double bits = entropy(body.bytes());
  if (bits >= lowest_entropy && bits <= highest_entropy) return;
  findings.push_back({.id = "image.entropy",
                      .question = Question::size,
                      .severity = Severity::error,
                      .title = fmt::format("an entropy of {:.2f} bits a byte is not that of firmware", bits),
                      .advice = read_again});
}

void audit_gbe(std::vector<Finding>& findings, ByteView region) {
  const Check check = check_gbe(region);
  if (check.state != CheckState::failed) return;
  findings.push_back({.id = "flash.gbe.checksum",
                      .question = Question::checksums,
                      .severity = Severity::warning,
                      .title = "the checksum of the GbE region is wrong",
                      .detail = check.reason,
                      .advice = "the network controller ignores such a region: compare a second read",
                      .range = check.range});
}

// What takes a look at every byte.
void audit_content(std::vector<Finding>& findings, const Image& image, const ChipContext& chip) {
  const ByteView body = image.body();
  const bool whole_chip = chip.size != 0 || is_chip_content(image);
  if (body.filled_with(body.bytes().front())) {
    if (!whole_chip) return;
    findings.push_back({.id = "image.uniform",
                        .question = Question::blank,
                        .severity = Severity::critical,
                        .title = fmt::format("every byte is {:#04x}", std::to_integer<unsigned>(body.bytes().front())),
                        .advice = read_again});
    return;
  }
  audit_blank_regions(findings, image);
  audit_reset_vector(findings, image);
  if (body.size() >= 2 * smallest_repeat) audit_repeats(findings, image, chip);
  if (!whole_chip) return;
  audit_emptiness(findings, image);
  audit_entropy(findings, body);
}

}  // namespace

bool is_chip_content(const Image& image) {
  const FileKind type = image.what.type;
  return (type == FileKind::dump || type == FileKind::rom) && image.what.body == image.bytes().range();
}

std::vector<Finding> audit_image(const Image& image, const FlashDescriptor* descriptor, Depth depth,
                                 const ChipContext& chip) {
  std::vector<Finding> findings;
  const ByteView body = image.body();
  if (body.empty()) {
    if (chip.size != 0) findings.push_back(length_finding(image, chip));
    return findings;
  }
  const bool of_a_chip = chip.size != 0 || is_chip_content(image);
  if (auto finding = of_a_chip ? size_finding(image, descriptor, chip) : update_size_finding(image, descriptor)) {
    if (of_a_chip || image.what.type == FileKind::dump) findings.push_back(*std::move(finding));
  }
  if (descriptor == nullptr) {
    if (auto finding = missing_descriptor(image, chip)) findings.push_back(*std::move(finding));
  }
  if (const auto gbe = image.region("gbe")) audit_gbe(findings, *gbe);
  if (depth == Depth::everything) audit_content(findings, image, chip);
  return findings;
}

}  // namespace quell::flash
