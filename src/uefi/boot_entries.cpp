// SPDX-License-Identifier: GPL-2.0-or-later
// Load option: u32 attributes, u16 size of the path, UCS-2 description, device path, optional data.
// Device path (UEFI specification, 10.3): nodes of u8 type, u8 subtype, u16 size with this header; 7F FF ends it.
#include "uefi/boot_entries.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "quell/digest.h"
#include "uefi/names.h"

namespace quell::uefi {
namespace {

constexpr Guid global = Guid::of("8BE4DF61-93CA-11D2-AA0D-00E098032B8C");
constexpr std::uint64_t node_header = 4;
constexpr unsigned most_nodes = 64;

struct Partition {
  std::uint32_t number = 0;
  std::string guid{};
};

struct Path {
  std::string text{};
  std::optional<Partition> partition{};
  std::string file{};
};

// The node's type and subtype as one number.
namespace node {
constexpr unsigned pci = 0x0101;
constexpr unsigned acpi = 0x0201;
constexpr unsigned usb = 0x0305;
constexpr unsigned sata = 0x0312;
constexpr unsigned nvme = 0x0317;
constexpr unsigned mac = 0x030B;
constexpr unsigned hard_drive = 0x0401;
constexpr unsigned cdrom = 0x0402;
constexpr unsigned file = 0x0404;
constexpr unsigned firmware_file = 0x0406;
constexpr unsigned firmware_volume = 0x0407;
constexpr unsigned legacy = 0x0501;
}  // namespace node

std::string hard_drive(Path& path, ByteView body) {
  constexpr std::uint8_t gpt = 2;
  const std::uint32_t number = body.u32(0).value_or(0);
  if (body.u8(36).value_or(0) != gpt || body.u8(37).value_or(0) != gpt) {
    return fmt::format("HD({},MBR,{:#x})", number, body.u32(20).value_or(0));
  }
  path.partition = Partition{number, to_string(Guid::at(body, 20))};
  return fmt::format("HD({},GPT,{})", number, path.partition->guid);
}

std::string node_text(Path& path, unsigned kind, ByteView body) {
  switch (kind) {
    case node::pci: return fmt::format("Pci({:#x},{:#x})", body.u8(1).value_or(0), body.u8(0).value_or(0));
    case node::acpi: return fmt::format("Acpi({:#x},{})", body.u32(0).value_or(0), body.u32(4).value_or(0));
    case node::usb: return fmt::format("USB({},{})", body.u8(0).value_or(0), body.u8(1).value_or(0));
    case node::sata:
      return fmt::format("Sata({},{},{})", body.u16(0).value_or(0), body.u16(2).value_or(0), body.u16(4).value_or(0));
    case node::nvme: return fmt::format("NVMe({})", body.u32(0).value_or(0));
    case node::mac: return "MAC(masked)";
    case node::hard_drive: return hard_drive(path, body);
    case node::cdrom: return fmt::format("CDROM({})", body.u32(0).value_or(0));
    case node::file: path.file += wide_text(body); return fmt::format("File({})", wide_text(body));
    case node::firmware_file: return fmt::format("FvFile({})", to_string(Guid::at(body, 0)));
    case node::firmware_volume: return fmt::format("Fv({})", to_string(Guid::at(body, 0)));
    case node::legacy:
      return fmt::format("BBS({:#x},{})", body.u16(0).value_or(0),
                         body.text(4, body.size() > 4 ? body.size() - 4 : 0).value_or(""));
    default: return fmt::format("Path({},{})", kind >> 8U, kind & 0xFFU);
  }
}

Path read_path(ByteView view) {
  constexpr std::uint8_t end = 0x7F;
  Path out;
  std::uint64_t at = 0;
  for (unsigned i = 0; i < most_nodes; ++i) {
    const unsigned type = view.u8(at).value_or(end);
    const unsigned subtype = view.u8(at + 1).value_or(0);
    const std::uint64_t size = view.u16(at + 2).value_or(0);
    if (type == end || size < node_header || !view.has(at, size)) break;
    const std::string text = node_text(out, type << 8U | subtype, view.clip({at + node_header, size - node_header}));
    out.text += (out.text.empty() ? "" : "/") + text;
    at += size;
  }
  return out;
}

// Within single quotation marks a shell takes everything but that mark as it is.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string command_for(const BootEntry& entry, const Path& path) {
  if (!path.partition || path.file.empty()) return {};
  return fmt::format("efibootmgr --create --disk /dev/DISK --part {} --label {} --loader {}  # partition {}",
                     path.partition->number, in_quotes(entry.description), in_quotes(path.file), path.partition->guid);
}

std::optional<std::uint16_t> number_of(std::string_view name) {
  if (name.size() != 8 || !name.starts_with("Boot")) return std::nullopt;
  const Buffer bytes = from_hex(name.substr(4));
  if (bytes.size() != 2) return std::nullopt;
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[0]) << 8U | std::to_integer<unsigned>(bytes[1]));
}

std::optional<std::uint16_t> small_number(const VariableStore& store, std::string_view name) {
  const Variable* found = store.find(name, global);
  if (found == nullptr) return std::nullopt;
  const auto value = found->data.u16(0);
  return value ? std::optional(*value) : std::nullopt;
}

}  // namespace

std::optional<BootEntry> read_load_option(std::uint16_t number, ByteView content) {
  const auto attributes = content.u32(0);
  const auto path_size = content.u16(4);
  if (!attributes || !path_size) return std::nullopt;
  BootEntry out{.number = number, .attributes = *attributes, .description = wide_text(content, 6)};
  std::uint64_t at = 6;
  while (true) {
    const auto unit = content.u16(at);
    if (!unit) return std::nullopt;
    at += 2;
    if (*unit == 0) break;
  }
  const auto path = content.sub(at, *path_size);
  if (!path) return std::nullopt;
  const Path read = read_path(*path);
  out.path = read.text;
  out.path_bytes = *path_size;
  out.optional_bytes = content.size() - at - *path_size;
  out.command = command_for(out, read);
  return out;
}

Boot read_boot(const std::vector<VariableStore>& stores) {
  Boot out;
  std::map<std::uint16_t, BootEntry> entries;
  for (const VariableStore& store : stores) {
    if (store.older || !store.inside.empty()) continue;
    for (const Variable& one : store.variables) {
      if (one.state != Variable::State::live || one.owner != global) continue;
      const auto number = number_of(one.name);
      if (!number) continue;
      if (auto entry = read_load_option(*number, one.data)) entries.emplace(*number, *std::move(entry));
    }
    if (const Variable* order = store.find("BootOrder", global)) {
      for (std::uint64_t at = 0; at + 2 <= order->data.size(); at += 2) {
        out.order.push_back(order->data.u16(at).value_or(0));
      }
    }
    if (const auto next = small_number(store, "BootNext")) out.next = next;
    if (const auto timeout = small_number(store, "Timeout")) out.timeout = timeout;
  }
  for (const std::uint16_t number : out.order) {
    const auto found = entries.find(number);
    if (found == entries.end()) continue;
    out.entries.push_back(std::move(found->second));
    entries.erase(found);
  }
  for (auto& [number, entry] : entries) out.entries.push_back(std::move(entry));
  return out;
}

}  // namespace quell::uefi
