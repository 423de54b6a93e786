// SPDX-License-Identifier: GPL-2.0-or-later
// Big-endian (U-Boot include/image.h, legacy_img_hdr): 0x00 u32 magic 27051956, 0x04 u32 CRC-32 of the header with this
// field zero, 0x08 u32 time, 0x0C u32 size of the data, 0x10 u32 load, 0x14 u32 entry, 0x18 u32 CRC-32 of the data,
// 0x1C u8 system, u8 architecture, u8 type, u8 compression, 0x20 name[32].
#include "flash/uimage.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/size.h"
#include "base/table.h"
#include "data/uimage-values.h"
#include "quell/digest.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t header_size = 0x40;
constexpr std::uint32_t magic = 0x27051956;

bool header_holds(ByteView view) {
  std::array<std::byte, header_size> header{};
  const Bytes stored = view.clip({0, header_size}).bytes();
  if (stored.size() != header_size) return false;
  std::ranges::copy(stored, header.begin());
  std::fill_n(header.begin() + 4, 4, std::byte{0});
  return crc32(header) == view.be32(4).value_or(0);
}

// "arm64" for field "arch" and value 22; the number where no row has it.
std::string word_for(std::string_view field, unsigned value) {
  static const Table table(data::uimage_values);
  for (const auto row : table) {
    if (row["field"] == field && row.number("value") == value) return std::string(row["word"]);
  }
  return fmt::format("{}", value);
}

Finding wrong(std::string_view id, Question question, std::string title, std::string detail, Range range) {
  return {.id = std::string(id),
          .question = question,
          .severity = Severity::error,
          .title = std::move(title),
          .detail = std::move(detail),
          .advice = "fetch or build the file again",
          .range = range};
}

Check checksum(std::string subject, CheckState state, Range range, std::string reason) {
  return {.question = Question::checksums,
          .state = state,
          .subject = std::move(subject),
          .range = range,
          .reason = state == CheckState::held ? std::string() : std::move(reason),
          .algorithm = "CRC-32"};
}

}  // namespace

bool looks_like_uimage(ByteView view) noexcept {
  constexpr std::array<unsigned, 4> highest{64, 64, 64, 16};  // well above what U-Boot has given out
  if (view.be32(0).value_or(0) != magic || !view.has(0, header_size)) return false;
  for (std::uint64_t i = 0; i < highest.size(); ++i) {
    if (view.u8(0x1C + i).value_or(0xFF) > highest.at(to_size(i))) return false;
  }
  return true;
}

Result<Uimage> parse_uimage(ByteView view) {
  if (!looks_like_uimage(view)) return fail(Errc::unrecognised, "no U-Boot legacy image", view.origin());
  Uimage out;
  out.time = view.be32(8).value_or(0);
  out.data_size = view.be32(0x0C).value_or(0);
  out.load = view.be32(0x10).value_or(0);
  out.entry = view.be32(0x14).value_or(0);
  out.os = view.u8(0x1C).value_or(0);
  out.architecture = view.u8(0x1D).value_or(0);
  out.type = view.u8(0x1E).value_or(0);
  out.compression = view.u8(0x1F).value_or(0);
  out.name = view.text(0x20, 32).value_or("");
  out.header_checksum_valid = header_holds(view);
  const ByteView content = view.clip({header_size, out.data_size});
  out.whole = content.size() == out.data_size;
  out.data_checksum_valid = out.whole && crc32(content.bytes()) == view.be32(0x18).value_or(0);
  out.range = view.clip({0, header_size + content.size()}).range();
  return out;
}

Component describe(const Uimage& image) {
  Component out{"uimage", image.name.empty() ? "U-Boot legacy image" : image.name, image.range};
  Attributes& a = out.attributes;
  a.set("os", word_for("os", image.os));
  a.set("architecture", word_for("arch", image.architecture));
  a.set("type", word_for("type", image.type));
  a.set("compression", word_for("compression", image.compression));
  a.set("data_size", std::uint64_t{image.data_size}, Show::size);
  a.set("load", std::uint64_t{image.load}, Show::hex);
  a.set("entry", std::uint64_t{image.entry}, Show::hex);
  a.set("build_time", std::uint64_t{image.time});
  const Range header{image.range.offset, header_size};
  const Range data = Range::between(header.end(), image.range.end());
  out.checks.push_back(checksum("header checksum", check_state(image.header_checksum_valid), header,
                                "the header sums to another value"));
  out.checks.push_back(checksum("data checksum",
                                image.whole ? check_state(image.data_checksum_valid) : CheckState::not_checked, data,
                                image.whole ? "the data sums to another value" : "the file does not hold all of it"));
  return out;
}

std::vector<Finding> audit(const Uimage& image, std::uint64_t size) {
  std::vector<Finding> out;
  const Range header{image.range.offset, header_size};
  if (!image.header_checksum_valid) {
    out.push_back(wrong("flash.uimage.header-checksum", Question::checksums, "the header's checksum is wrong",
                        "U-Boot refuses such an image.", header));
  }
  if (!image.whole) {
    out.push_back(wrong("flash.uimage.cut", Question::size, "the image is cut short",
                        fmt::format("The header says that {} bytes of data follow it, the file has {}.",
                                    image.data_size, size - header_size),
                        header));
  } else if (!image.data_checksum_valid) {
    out.push_back(wrong("flash.uimage.data-checksum", Question::checksums, "the checksum of the data is wrong",
                        "U-Boot refuses such an image.", Range::between(header.end(), image.range.end())));
  }
  return out;
}

}  // namespace quell::flash
