// SPDX-License-Identifier: GPL-2.0-or-later
// Sections from offset 0, big-endian {u32 magic, u32 length}, each followed by the next at a multiple of 8:
//   0x55AAF00F second stage       body
//   0x55AAF11F modifiable file    name[12], 4 zero bytes, content
//   0x55AAF22F stored file        name[16], content, 20 bytes that look like an HMAC
//   0x55AAF33F CK-compressed      name[16], packed content, SHA-256 of the result
//   0x55AAF44F LZ4                name[16], LZ4 frame, SHA-256 of the result
//   0x55AAFEEF padding
// Magic 0 or FFFFFFFF ends the list. Source: rpi-eeprom's rpi-eeprom-config, and the public images.
#include "raspberrypi/eeprom.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/size.h"
#include "model/problems.h"
#include "raspberrypi/signatures.h"

namespace quell::raspberrypi {
namespace {

constexpr std::uint32_t magic_mask = 0xFFFFF00F;
constexpr std::uint32_t section_magic = 0x55AAF00F;
constexpr std::uint64_t header = 8;
constexpr std::uint64_t name_field = 16;
constexpr std::uint64_t digest_trailer = 32;
constexpr std::uint64_t stored_trailer = 20;
constexpr std::uint64_t size_2711 = 512U << 10U;
constexpr std::uint64_t size_2712 = 2U << 20U;
constexpr std::size_t most_config = 4096;
// What all packed sections together may unpack to; real images need 2 MiB.
constexpr std::uint64_t unpack_budget = std::uint64_t{64} << 20U;
// What unpack() makes at most of one section, and of one byte.
constexpr std::uint64_t most_section = std::uint64_t{16} << 20U;
constexpr std::uint64_t most_growth = 256;

SectionKind kind_of(std::uint32_t magic) noexcept {
  switch (magic) {
    case 0x55AAF00F: return SectionKind::second_stage;
    case 0x55AAF11F: return SectionKind::file;
    case 0x55AAF22F: return SectionKind::stored_file;
    case 0x55AAF33F: return SectionKind::compressed;
    case 0x55AAF44F: return SectionKind::lz4;
    case 0x55AAFEEF: return SectionKind::padding;
    default: return SectionKind::other;
  }
}

std::uint64_t trailer_of(SectionKind kind) noexcept {
  if (kind == SectionKind::compressed || kind == SectionKind::lz4) return digest_trailer;
  return kind == SectionKind::stored_file ? stored_trailer : 0;
}

// Name and content; false when the body is too short for them.
bool split_body(Section& section, ByteView body) {
  if (section.kind == SectionKind::second_stage) {
    section.name = "bootcode.bin";
    section.content = body;
    return true;
  }
  if (section.kind == SectionKind::padding || section.kind == SectionKind::other) return true;
  const std::uint64_t trailer = trailer_of(section.kind);
  if (body.size() < name_field + trailer) return false;
  section.name = body.text(0, section.kind == SectionKind::file ? 12 : 16).value_or("");
  section.content = body.clip(Range::between(name_field, body.size() - trailer));
  return true;
}

void check_packed(Eeprom& out, Section& section, ByteView body) {
  section.digest_matches = false;
  const auto content =
      out.unpacked_bytes < unpack_budget ? unpack(section) : fail(Errc::damaged, "the sections unpack to too much");
  // Damaged sections cost what they may have made.
  if (!content) out.unpacked_bytes += std::min(most_section, section.content.size() * most_growth);
  if (content) {
    section.unpacked_size = content->size();
    out.unpacked_bytes += content->size();
    section.digest_matches =
        equal(sha256(*content), body.clip(Range::between(body.size() - digest_trailer, body.size())).bytes());
    if (section.name == "bootmain" && section.digest_matches) read_build_info(out.build, ByteView(*content), true);
  }
  if (section.digest_matches) return;
  note_error(out.problems, "raspberrypi.section.digest", Question::digests, "a compressed section is damaged",
             fmt::format("The section {} does not decompress to its SHA-256 trailer{}.", section.name,
                         content ? "" : ": " + content.error().message),
             section.range, "Read the chip again, or write a fresh image with rpi-eeprom-update.");
}

// Reads the section at `at`; nothing when the list ends or breaks there.
std::optional<std::uint64_t> read_section(Eeprom& out, ByteView view, std::uint64_t at) {
  const auto magic = view.be32(at);
  const auto length = view.be32(at + 4);
  if (!magic || !length || *magic == 0 || *magic == 0xFFFFFFFF) return std::nullopt;
  if ((*magic & magic_mask) != section_magic) {
    note_error(out.problems, "raspberrypi.section.magic", Question::structure, "the list of sections is broken",
               fmt::format("The section chain breaks at {:#x}: {:#010x} is no section magic.", at, *magic),
               {at, header});
    return std::nullopt;
  }
  const auto body = view.sub(at + header, *length);
  if (!body) {
    note_error(out.problems, "raspberrypi.section.length", Question::size, "a section runs past the end of the image",
               fmt::format("The section at {:#x} claims {} bytes and would run past the end of the {}-byte image.", at,
                           *length, view.size()),
               {at, header});
    return std::nullopt;
  }
  Section section{
      .range = {view.origin() + at, header + *length}, .magic = *magic, .length = *length, .kind = kind_of(*magic)};
  if (!split_body(section, *body)) {
    note_error(out.problems, "raspberrypi.section.length", Question::size, "a section is too short for its own header",
               fmt::format("The section at {:#x} has {} bytes.", at, *length), section.range);
  } else if (section.packed()) {
    check_packed(out, section, *body);
  }
  out.sections.push_back(std::move(section));
  return (at + header + *length + 7) / 8 * 8;
}

bool blank(ByteView content) { return content.empty() || content.filled_with(std::byte{0}); }

std::string text_of(ByteView content) {
  std::string out;
  for (const std::byte byte : content.bytes().first(to_size(std::min<std::uint64_t>(content.size(), most_config)))) {
    const char c = static_cast<char>(byte);
    if (c == 0) break;
    const bool plain = (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t' || c == '\r';
    out += plain ? std::string(1, c) : fmt::format("\\x{:02x}", std::to_integer<unsigned>(byte));
  }
  return out;
}

// Complement and value of a UNIX time; 00000000 FFFFFFFF is "not set".
std::optional<std::uint64_t> time_of(ByteView content) {
  const auto complement = content.u32(0);
  const auto value = content.u32(4);
  if (!complement || !value || *complement != ~*value || *complement == 0) return std::nullopt;
  return *value;
}

void read_settings(Eeprom& out, ByteView view) {
  if (const Section* config = out.find("bootconf.txt")) out.config = text_of(config->content);
  const Section* key = out.find("pubkey.bin");
  const Section* signature = out.find("bootconf.sig");
  const Section* config = out.find("bootconf.txt");
  const bool has_key = key != nullptr && !blank(key->content) && key->content.size() >= owner_key_size;
  if (has_key) out.owner_key_sha256 = sha256(key->content.clip({0, owner_key_size}).bytes());
  if (signature != nullptr && !blank(signature->content) && config != nullptr) {
    out.config_signature = check_config_signature(signature->content, config->content,
                                                  has_key ? key->content.clip({0, owner_key_size}) : ByteView());
  }
  if (const Section* time = out.find("updatetime")) {
    out.update_time = time_of(time->content);
  } else if (view.size() >= 8) {
    out.update_time = time_of(view.clip({view.size() - 8, 8}));
  }
}

}  // namespace

const Section* Eeprom::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(sections, name, &Section::name);
  return found == sections.end() ? nullptr : &*found;
}

std::optional<std::string> Eeprom::setting(std::string_view key) const {
  std::optional<std::string> out;
  std::string_view rest = config;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    const bool hit = line.starts_with(key) && line.substr(key.size()).starts_with('=');
    if (hit) out = std::string(line.substr(key.size() + 1));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::string_view Eeprom::chip() const noexcept {
  if (image_size == size_2711) return "BCM2711";
  return image_size == size_2712 ? "BCM2712" : "";
}

bool looks_like_eeprom(ByteView view) noexcept {
  const auto magic = view.be32(0);
  return magic && *magic == section_magic && view.has(0, header);
}

std::uint64_t eeprom_size(ByteView view) {
  const std::uint64_t size = view.size();
  if (size == size_2711 || size == size_2712) return size;
  const ByteView stage = view.clip({header, view.be32(4).value_or(0)});
  if (!read_stage_signatures(stage, true).empty()) return size_2712;
  if (!read_stage_signatures(stage, false).empty()) return size_2711;
  for (const std::uint64_t image : {size_2711, size_2712}) {
    const ByteView rest = view.clip(Range::between(image, size));
    const bool blank = rest.filled_with(std::byte{0xFF}) || rest.filled_with(std::byte{0});
    const ByteView again = view.clip({image, image});
    if (blank || (again.size() == image && equal(view.clip({0, image}).bytes(), again.bytes()))) return image;
  }
  return 0;
}

namespace {

void judge_size(Eeprom& out) {
  if (out.size == out.image_size) return;
  if (out.image_size != 0 && out.size > out.image_size) {
    out.problems.push_back(
        {.id = "raspberrypi.longer",
         .question = Question::size,
         .severity = Severity::warning,
         .title = "the file is longer than the image in it",
         .detail = fmt::format("The image takes the first {} of {} bytes. A larger chip, or one that was read at a "
                               "larger size than it has, gives such a file.",
                               out.image_size, out.size),
         .advice = "rpi-eeprom-update takes the image alone: `quell extract` writes it as image.rom.",
         .range = Range{out.image_size, out.size - out.image_size}});
    return;
  }
  const std::string own =
      out.image_size == 0 ? std::string() : fmt::format(", {} for the chip of this one", out.image_size);
  note_error(out.problems, "raspberrypi.size", Question::size, "no Raspberry Pi EEPROM has this size",
             fmt::format("The image has {} bytes; {} and {} are valid{}: the read was cut short.", out.size, size_2711,
                         size_2712, own),
             {0, out.size}, "Read the EEPROM again.");
}

}  // namespace

Result<Eeprom> parse_eeprom(ByteView view) {
  if (!looks_like_eeprom(view)) return fail(Errc::unrecognised, "no Raspberry Pi EEPROM section at the start");
  Eeprom out;
  out.size = view.size();
  out.image_size = eeprom_size(view);
  judge_size(out);
  if (out.image_size != 0) view = view.clip({0, out.image_size});
  const bool bcm2712 = out.image_size == 0 ? out.size > size_2711 : out.image_size == size_2712;
  std::optional<std::uint64_t> at = 0;
  while (at) at = read_section(out, view, *at);
  out.two_slots = out.find("bootsys") != nullptr;
  read_settings(out, view);
  for (const Section& section : out.sections) {
    if (section.kind == SectionKind::second_stage && out.bootcode_signatures.empty()) {
      out.bootcode_signatures = read_stage_signatures(section.content, bcm2712);
    } else if (section.name == "bootsys" && out.bootsys_signatures.empty()) {
      out.bootsys_signatures = read_stage_signatures(section.content, true);
    }
  }
  // Without a packed bootmain the strings stand in the clear in the second stage.
  if (out.build.version.empty() && !out.sections.empty())
    read_build_info(out.build, out.sections.front().content, false);
  return out;
}

}  // namespace quell::raspberrypi
