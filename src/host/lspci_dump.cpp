// SPDX-License-Identifier: GPL-2.0-or-later
// The text `lspci -xxx` prints, also with -n, -v and with the domain in front:
//     00:16.0 Communication controller: Intel Corporation ... (rev 20)
//     00: 86 80 70 7e 06 04 10 00 20 00 80 07 00 00 80 00
//     10: 04 d0 71 5a 40 00 ...
// Rows stop at 0x3f without privilege, at 0xff with -xxx and at 0xfff with -xxxx. Without registers, -n and -nn name
// class, vendor and device, and -k the driver:
//     00:16.0 Communication controller [0780]: Intel Corporation ... [8086:8cba] (rev 04)
//     00:16.0 0780: 8086:8cba (rev 04)
//             Kernel driver in use: mei_me
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/number.h"
#include "base/split.h"
#include "host/pci.h"

namespace quell::host {
namespace {

constexpr std::size_t largest_config = 4096;
constexpr std::size_t most_functions = 4096;

bool is_hex(std::string_view text) { return parse_number(text, 16).has_value(); }

// "00:16.0" or "0000:00:16.0" at the front of a line as the full address.
std::optional<std::string> address_of(std::string_view line) {
  std::string_view word = line.substr(0, line.find(' '));
  const auto dot = word.find('.');
  if (dot == std::string_view::npos || dot < 5 || word.size() != dot + 2) return std::nullopt;
  const std::string_view bus_device = word.substr(dot - 5, 5);
  const std::string_view domain = dot > 5 ? word.substr(0, dot - 6) : "0000";
  const bool shaped = bus_device[2] == ':' && is_hex(bus_device.substr(0, 2)) && is_hex(bus_device.substr(3)) &&
                      is_hex(word.substr(dot + 1)) && is_hex(domain) && domain.size() <= 8 &&
                      (dot == 5 || word[dot - 6] == ':');
  if (!shaped) return std::nullopt;
  return fmt::format("{}:{}", domain, word.substr(dot - 5));
}

// One row of registers put into the configuration space; whether it is such a row.
bool take_row(std::string_view line, std::string& config) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon < 2 || colon > 3) return false;
  const auto offset = parse_number(line.substr(0, colon), 16);
  if (!offset) return false;
  std::string row;
  for (const std::string_view word : words_of(line.substr(colon + 1))) {
    const auto value = word.size() == 2 ? parse_number(word, 16) : std::nullopt;
    if (!value) return false;
    row.push_back(static_cast<char>(*value));
  }
  const bool in_order = *offset == config.size() && config.size() + row.size() <= largest_config;
  if (row.empty() || row.size() > 16 || !in_order) return false;
  config += row;
  return true;
}

// What the lines of one function say of it.
struct Listed {
  std::string address{};
  std::string config{};
  std::optional<std::uint64_t> vendor{}, device{}, class_code{};
  std::string driver{};
};

// "8086:8cba" somewhere in the line, in brackets or as a word; the class "[0780]:" or "0780:" before it.
void take_numbers(std::string_view line, Listed& out) {
  for (std::string_view word : words_of(line)) {
    const bool closes_class = word.ends_with(':');
    if (closes_class) word.remove_suffix(1);
    if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
    if (closes_class && word.size() == 4 && is_hex(word) && !out.class_code) out.class_code = parse_number(word, 16);
    if (word.size() != 9 || word[4] != ':' || !is_hex(word.substr(0, 4)) || !is_hex(word.substr(5))) continue;
    out.vendor = parse_number(word.substr(0, 4), 16);
    out.device = parse_number(word.substr(5), 16);
  }
}

void take_line(std::string_view line, Listed& out) {
  constexpr std::string_view in_use = "Kernel driver in use: ";
  if (const auto at = line.find(in_use); at != std::string_view::npos) {
    const std::string_view name = line.substr(at + in_use.size());
    const bool plain = std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
    if (plain) out.driver = name;
    return;
  }
  take_row(line, out.config);
}

// Whether it told enough to be put into the tree.
bool add_function(Entries& out, Listed listed) {
  if (listed.address.empty() || (listed.config.size() < 16 && !listed.vendor)) return false;
  const std::string folder = "/sys/bus/pci/devices/" + listed.address + "/";
  const auto put = [&](const char* name, std::string data) {
    out[folder + name] = {Entry::Kind::file, std::move(data)};
  };
  if (listed.config.size() >= 16) {
    const ByteView view(as_bytes(listed.config));
    listed.vendor = view.u16(0).value_or(0);
    listed.device = view.u16(2).value_or(0);
    put("class", fmt::format("0x{:06x}\n", view.u32(8).value_or(0) >> 8U));
    put("config", listed.config);
  } else if (listed.class_code) {
    put("class", fmt::format("0x{:04x}00\n", *listed.class_code));
  }
  put("vendor", fmt::format("0x{:04x}\n", *listed.vendor));
  put("device", fmt::format("0x{:04x}\n", listed.device.value_or(0)));
  if (!listed.driver.empty()) {
    out[folder + "driver"] = {Entry::Kind::link, "../../../bus/pci/drivers/" + listed.driver};
  }
  return true;
}

}  // namespace

Result<Entries> read_lspci_dump(ByteView text) {
  std::string content;
  content.reserve(text.bytes().size());
  for (const std::byte byte : text.bytes()) content.push_back(static_cast<char>(byte));
  Entries out;
  Listed listed;
  std::size_t functions = 0;
  const auto finish = [&] {
    if (functions < most_functions && add_function(out, std::exchange(listed, {}))) ++functions;
  };
  for (const std::string_view line : lines_of(content)) {
    if (const auto next = address_of(line)) {
      finish();
      listed = {.address = *next};
      take_numbers(line.substr(line.find(' ') == std::string_view::npos ? line.size() : line.find(' ')), listed);
    } else if (!listed.address.empty()) {
      take_line(line, listed);
    }
  }
  finish();
  if (out.empty()) {
    return fail(Errc::unrecognised,
                "no PCI function with its registers or numbers in this text; make the dump with `lspci -xxxx` as root");
  }
  out["/quell/captured"] = {Entry::Kind::file, "source=lspci dump\n"};
  return out;
}

}  // namespace quell::host
