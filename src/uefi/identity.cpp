// SPDX-License-Identifier: GPL-2.0-or-later
//   AMI      freeform section of one file: "$FID", 04 u8 4, 05 u8 size, 07 tag, 10 GUID, 20 four numbers of 2 digits
//            and NUL (core, project), 2C u16 year, u8 month, u8 day
//            SMBIOS structures that the firmware copies: u8 type, u8 length, u16 handle, fields, texts, NUL
//   Insyde   "$BVDT$", text at 0E
//   Intel    "$IBIOSI$", then "BOARD.86C.0008.D03.0506081529" in two-byte characters
//   AMD      "AGESA!", two characters, NUL, text
#include "uefi/identity.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "uefi/names.h"

namespace quell::uefi {
namespace {

constexpr std::size_t most_texts = 8;
constexpr std::uint64_t longest_text = 64;

void set_once(std::string& to, std::string value) {
  while (value.ends_with(' ')) value.pop_back();
  if (to.empty() && !value.empty() && !value.starts_with("To be filled") && !value.starts_with("To Be Filled")) {
    to = std::move(value);
  }
}

void take_fid(Identity& identity, ByteView leaf) {
  constexpr std::uint64_t numbers = 0x20;
  const auto at = leaf.clip({0, 64}).find(as_bytes("$FID"));
  if (!at) return;
  const ByteView fid = leaf.clip(Range::between(*at, leaf.size()));
  std::array<std::string, 4> number;
  for (std::size_t i = 0; i < number.size(); ++i) number.at(i) = fid.text(numbers + i * 3, 3).value_or("");
  // "04" is written 4 where it is the core's.
  const auto plain = [](std::string text) {
    if (text.size() > 1 && text.front() == '0') text.erase(0, 1);
    return text;
  };
  set_once(identity.vendor, "American Megatrends");
  set_once(identity.core, fmt::format("{}.{} / {}.{}", plain(number[0]), plain(number[1]), number[2], number[3]));
  const auto year = fid.u16(0x2C);
  const auto month = fid.u8(0x2E);
  const auto day = fid.u8(0x2F);
  if (year && month && day && *year > 1990 && *year < 2100) {
    set_once(identity.built, fmt::format("{:04}-{:02}-{:02}", *year, *month, *day));
  }
}

// The texts behind an SMBIOS structure, and where the next one begins.
struct Texts {
  std::vector<std::string> list{};
  std::uint64_t end = 0;
};
Texts texts_behind(ByteView view, std::uint64_t at) {
  Texts out;
  while (view.u8(at).value_or(0) != 0 && out.list.size() < 64) {
    const std::string text = view.text(at, std::min<std::uint64_t>(longest_text, view.size() - at)).value_or("");
    std::uint64_t end = at;
    while (view.u8(end).value_or(0) != 0) ++end;
    out.list.push_back(text);
    at = end + 1;
  }
  out.end = out.list.empty() ? at + 2 : at + 1;
  return out;
}

void take_smbios(Identity& identity, ByteView leaf) {
  std::uint64_t at = 0;
  // The structures stand in a freeform section behind its GUID.
  if (leaf.u8(0).value_or(0xFF) != 0) at = 16;
  for (unsigned i = 0; i < 8; ++i) {
    const auto type = leaf.u8(at);
    const auto length = leaf.u8(at + 1);
    if (!type || !length || *length < 4) return;
    const Texts texts = texts_behind(leaf, at + *length);
    const auto text = [&](std::uint64_t field) {
      const std::size_t number = leaf.u8(at + field).value_or(0);
      return number == 0 || number > texts.list.size() ? std::string() : texts.list[number - 1];
    };
    if (*type == 0) {
      set_once(identity.vendor, text(4));
      set_once(identity.version, text(5));
      set_once(identity.date, text(8));
    }
    if (*type == 1 || *type == 2) {
      set_once(identity.board_vendor, text(4));
      set_once(identity.board, text(5));
    }
    at = texts.end;
  }
}

void take_marks(Identity& identity, ByteView leaf) {
  if (const auto insyde = leaf.find(as_bytes("$BVDT$"))) {
    set_once(identity.vendor, "Insyde");
    set_once(identity.version, leaf.text(*insyde + 0x0E, 16).value_or(""));
  }
  if (const auto intel = leaf.find(as_bytes("$IBIOSI$"))) {
    set_once(identity.vendor, "Intel");
    set_once(identity.version, wide_text(leaf, *intel + 8));
  }
}

void take_agesa(Identity& identity, ByteView leaf) {
  constexpr std::uint64_t name_at = 9;
  auto at = leaf.find(as_bytes("AGESA!"));
  while (at && identity.agesa.size() < most_texts) {
    const std::uint64_t from = *at + name_at;
    const std::uint64_t room = from < leaf.size() ? std::min(longest_text, leaf.size() - from) : 0;
    std::string text = leaf.text(from, room).value_or("");
    const bool plain = !text.empty() && text.find('\\') == std::string::npos;
    if (plain && std::ranges::find(identity.agesa, text) == identity.agesa.end()) {
      identity.agesa.push_back(std::move(text));
    }
    at = leaf.find(as_bytes("AGESA!"), *at + 1);
  }
}

}  // namespace

void identify(Identity& identity, const Leaf& leaf) {
  constexpr Guid ami_version = Guid::of("3FD1D3A2-99F7-420B-BC69-8BB1D492A332");
  constexpr Guid ami_smbios = Guid::of("DAF4BF89-CE71-4917-B522-C89D32FBC59F");
  if (leaf.file != nullptr && leaf.file->name == ami_version) take_fid(identity, leaf.bytes);
  if (leaf.file != nullptr && leaf.file->name == ami_smbios) take_smbios(identity, leaf.bytes);
  take_marks(identity, leaf.bytes);
  take_agesa(identity, leaf.bytes);
}

}  // namespace quell::uefi
