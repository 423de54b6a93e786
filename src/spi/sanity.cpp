// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/sanity.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "quell/flash/descriptor.h"
#include "quell/survey/recognise.h"
#include "quell/survey/report.h"
#include "spi/pair.h"

namespace quell::spi {
namespace {

using Weight = SanityFinding::Weight;
using Findings = std::vector<SanityFinding>;

constexpr std::uint64_t block = 4096;
// Thresholds by choice, not by measurement (docs/formats/flashing.md#checks-of-a-dump).
constexpr double uniform_share = 0.99;
constexpr double highest_entropy = 7.99;
constexpr double lowest_entropy = 0.3;
constexpr std::uint64_t shift_search = 64;
constexpr std::array signature{std::byte{0x5A}, std::byte{0xA5}, std::byte{0xF0}, std::byte{0x0F}};
constexpr const char* read_again = "Reseat the clip, check the wiring, lower the clock and read again.";

bool uniform(ByteView view) { return !view.empty() && view.filled_with(view.bytes().front()); }

bool mostly_uniform(ByteView dump) {
  std::uint64_t blank = 0, all = 0;
  for (std::uint64_t at = 0; at < dump.size(); at += block, ++all) {
    if (uniform(dump.clip({at, block}))) ++blank;
  }
  return all != 0 && static_cast<double>(blank) >= uniform_share * static_cast<double>(all);
}

bool halves_equal(ByteView dump) {
  const std::uint64_t half = dump.size() / 2;
  return half != 0 && equal(dump.clip({0, half}).bytes(), dump.clip({half, half}).bytes());
}

// Bits per byte.
double entropy(Bytes bytes) {
  std::array<std::uint64_t, 256> counts{};
  for (const std::byte byte : bytes) ++counts.at(std::to_integer<std::size_t>(byte));
  double bits = 0;
  for (const std::uint64_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(bytes.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

// The signature stands near its place, but some bits or bytes off: a clock or mode problem.
bool shifted_signature(ByteView dump) {
  const ByteView head = dump.clip({0, shift_search});
  if (const auto place = head.find(signature); place && *place != 0 && *place != 0x10) return true;
  for (unsigned bits = 1; bits < 8; ++bits) {
    Buffer moved;
    for (std::uint64_t i = 0; i + 1 < head.size(); ++i) {
      const unsigned pair =
          (std::to_integer<unsigned>(head.bytes()[i]) << 8U) | std::to_integer<unsigned>(head.bytes()[i + 1]);
      moved.push_back(static_cast<std::byte>((pair >> (8 - bits)) & 0xFFU));
    }
    if (ByteView(moved).find(signature)) return true;
  }
  return false;
}

void check_content(ByteView dump, const SanityOptions& options, Findings& findings) {
  if (options.chip_size != 0 && dump.size() != options.chip_size) {
    findings.push_back({"length", Weight::refuse,
                        fmt::format("it has {} bytes, the chip {}", dump.size(), options.chip_size), read_again});
  }
  if (uniform(dump)) {
    findings.push_back({"uniform", Weight::refuse,
                        fmt::format("every byte is {:#04x}", std::to_integer<unsigned>(dump.bytes().front())),
                        read_again});
    return;
  }
  if (mostly_uniform(dump)) {
    findings.push_back({"blank", Weight::refuse, "99 % of its blocks are blank", read_again});
  } else if (halves_equal(dump)) {
    findings.push_back({"mirrored", Weight::refuse,
                        "its second half repeats the first: the chip is smaller than its definition",
                        "Read the marking on the chip and choose the definition with --chip."});
  }
  const double bits = entropy(dump.bytes());
  if (bits > highest_entropy || bits < lowest_entropy) {
    findings.push_back({"entropy", Weight::ask,
                        fmt::format("its entropy of {:.2f} bits a byte is not that of firmware", bits), read_again});
  }
}

void check_gbe(ByteView region, Findings& findings) {
  // Words 0x00-0x3F of a GbE region sum to 0xBABA (Intel 82579 datasheet, NVM checksum).
  std::uint16_t sum = 0;
  for (std::uint64_t at = 0; at < 0x80; at += 2) sum = static_cast<std::uint16_t>(sum + region.u16(at).value_or(0));
  if (region.size() >= 0x80 && sum != 0xBABA) {
    findings.push_back({"gbe-checksum", Weight::warning, "the checksum of its GbE region is wrong", ""});
  }
}

void check_regions(ByteView dump, const flash::FlashDescriptor& descriptor, const SanityOptions& options,
                   Findings& findings) {
  const auto sizes = components(dump);
  if (!sizes) {
    findings.push_back({"density", Weight::ask, "its descriptor names chip sizes that do not exist", read_again});
    return;
  }
  const bool pair = sizes->second != 0;
  for (const auto& region : descriptor.regions) {
    if (region.in_use() && region.range.end() > sizes->sum()) {
      findings.push_back({"regions", Weight::refuse,
                          fmt::format("its region {} ends beyond the chips", region.short_name), read_again});
    }
  }
  if (options.chip_size == 0) return;
  const bool fits = dump.size() == sizes->first || (pair && options.component == 0 && dump.size() == sizes->sum());
  if (!fits) {
    findings.push_back({"density", Weight::refuse,
                        fmt::format("its descriptor speaks of a chip of {} KiB, this one has {} KiB",
                                    sizes->first / 1024, options.chip_size / 1024),
                        "Check which chip the clip sits on, and its definition (--chip)."});
  } else if (pair && options.component == 0 && dump.size() == sizes->first) {
    findings.push_back({"pair", Weight::information,
                        fmt::format("the board has a second chip of {} KiB", sizes->second / 1024),
                        "Back it up too, with --component 2."});
  }
}

void check_structure(Bytes bytes, Findings& findings) {
  Image image("dump", ByteView(bytes));
  const auto report = examine(image, Depth::everything);
  if (!report) return;
  const auto add = [&](const Finding& finding) {
    if (finding.severity < Severity::error) return;
    findings.push_back({finding.id, Weight::ask, finding.title, finding.advice.empty() ? read_again : finding.advice});
  };
  for (const Finding& finding : report->findings) add(finding);
  for (const EngineReport& engine : report->engines) {
    for (const Finding& finding : engine.findings) add(finding);
  }
  if (const auto bios = image.region("bios"); bios && bios->size() >= 16 && bios->range().end() == bytes.size()) {
    if (uniform(bios->clip({bios->size() - 16, 16}))) {
      findings.push_back({"reset-vector", Weight::ask, "the last 16 bytes of its BIOS region are blank", read_again});
    }
  }
  if (const auto gbe = image.region("gbe")) check_gbe(*gbe, findings);
}

}  // namespace

Findings check_dump(Bytes bytes, const SanityOptions& options) {
  Findings findings;
  const ByteView dump(bytes);
  if (dump.empty()) return {{"length", Weight::refuse, "it is empty", read_again}};
  check_content(dump, options, findings);
  const auto descriptor = flash::parse_descriptor(dump);
  if (descriptor) {
    check_regions(dump, *descriptor, options, findings);
  } else if (options.component != 2 && !options.no_descriptor) {
    if (shifted_signature(dump)) {
      findings.push_back(
          {"shifted", Weight::refuse, "its flash descriptor is shifted: a clock or mode problem", read_again});
    } else {
      findings.push_back(
          {"descriptor", Weight::refuse, "it has no valid flash descriptor",
           read_again + std::string(" For a chip that has none say --no-descriptor, for the second chip of a "
                                    "pair --component 2.")});
    }
  }
  check_structure(bytes, findings);
  return findings;
}

const SanityFinding* obstacle(const Findings& findings, const SanityOptions& options) {
  const auto stands = [&](const SanityFinding& finding) {
    if (finding.weight == Weight::refuse) return true;
    return finding.weight == Weight::ask && std::ranges::none_of(options.accepted, [&](const std::string& id) {
             return id == finding.id || id == "all";
           });
  };
  // A refusal says more about the read than a question does.
  for (const Weight weight : {Weight::refuse, Weight::ask}) {
    const auto found = std::ranges::find_if(
        findings, [&](const SanityFinding& finding) { return finding.weight == weight && stands(finding); });
    if (found != findings.end()) return &*found;
  }
  return nullptr;
}

std::string title_of(Bytes dump) {
  Image image("dump", ByteView(dump));
  recognise(image);
  return image.what.title;
}

}  // namespace quell::spi
