// SPDX-License-Identifier: GPL-2.0-or-later
// Directory header: +0x00 cookie, +0x04 Fletcher-32 from +0x08 on, +0x08 count, +0x0C additional info (combo: lookup
// mode, then 16 reserved bytes). Entries follow: PSP and combo 16 bytes, BIOS 24.
#include "amd/read_directory.h"

#include <fmt/format.h>

namespace quell::amd {
namespace {

constexpr std::uint64_t header_size = 0x10;
constexpr std::uint64_t combo_header_size = 0x20;
constexpr std::uint64_t psp_entry_size = 0x10;
constexpr std::uint64_t bios_entry_size = 0x18;
constexpr std::uint32_t size_of_value = 0xFFFFFFFF;
constexpr std::uint64_t address_mask = (std::uint64_t{1} << 62U) - 1;

constexpr std::uint32_t bits(std::uint32_t value, unsigned high, unsigned low) {
  return (value >> low) & ((1U << (high - low + 1)) - 1);
}

bool is_combo(DirectoryKind kind) { return kind == DirectoryKind::psp_combo || kind == DirectoryKind::bios_combo; }

void place(Entry& entry, std::optional<std::uint64_t> offset, AddressMode mode, Quirk quirk = Quirk::none) {
  entry.offset = offset;
  entry.mode = mode;
  entry.quirk = quirk;
}

// The directory's own mode holds for all its entries unless it is 2 or 3: then the entry's two top bits decide.
AddressMode mode_of(const Directory& directory, const Entry& entry) {
  if (directory.info.mode == AddressMode::physical || directory.info.mode == AddressMode::flash_offset) {
    return directory.info.mode;
  }
  return static_cast<AddressMode>(entry.raw_address >> 62U);
}

void resolve_address(Entry& entry, const Directory& directory, const Window& window) {
  const std::uint64_t address = entry.raw_address & address_mask;
  const bool mmio = address >= mmio_start && address < mmio_end;
  // Slot pointers are relative to the base, whatever the modes say.
  if (!entry.bios && (entry.type == 0x48 || entry.type == 0x4A)) {
    return place(entry, resolve(window, address), AddressMode::flash_offset);
  }
  const AddressMode mode = mode_of(directory, entry);
  switch (mode) {
    case AddressMode::physical:
      if (mmio) return place(entry, resolve(window, address), mode);
      // coreboot writes the PSP's data area this way on Picasso.
      if (address < window.missing + (window.end - window.base)) {
        return place(entry, resolve(window, address), mode, Quirk::flash_offset_in_physical_mode);
      }
      return place(entry, std::nullopt, mode);
    case AddressMode::flash_offset:
      return place(entry, resolve(window, address), mode, mmio ? Quirk::mmio_address_in_flash_mode : Quirk::none);
    case AddressMode::directory_relative: return place(entry, checked_add(directory.offset, address), mode);
    case AddressMode::slot_relative: return place(entry, checked_add(directory.slot_start, address), mode);
  }
}

// Which file bytes belong to the entry, given its offset. A compressed reset image states the uncompressed size; what
// is stored is a 0x100-byte header with the stream's size at 0x14, and the stream.
std::uint64_t stored_size(ByteView file, const Entry& entry) {
  if (entry.kind() == PayloadKind::reset && entry.compressed && entry.size != 0) {
    return std::uint64_t{0x100} + file.u32(entry.offset.value_or(0) + 0x14).value_or(0);
  }
  return entry.size;
}

void locate_bytes(Entry& entry, const Directory& directory, const Window& window, ByteView file) {
  const PayloadKind kind = entry.kind();
  if (kind == PayloadKind::memory) return;
  if (kind == PayloadKind::value || entry.size == size_of_value) {
    entry.value = entry.raw_address;
    return;
  }
  resolve_address(entry, directory, window);
  if (!entry.offset || entry.links()) return;
  const Range wanted{*entry.offset, stored_size(file, entry)};
  const bool inside = wanted.offset <= window.end && wanted.size <= window.end - wanted.offset;
  if (inside) entry.stored = wanted;
  if (!inside && entry.size == 0) entry.offset.reset();  // a placeholder may point anywhere
}

// PSP entry: +0 type, +1 sub-program, +2 ROM ID 1:0, writable 2, instance 6:3, +4 size, +8 address.
void read_psp_flags(Entry& entry, Fields& fields, std::uint64_t at) {
  entry.subprogram = fields.u8(at + 1);
  entry.raw_flags = fields.u16(at + 2);
  entry.rom_id = static_cast<std::uint8_t>(bits(entry.raw_flags, 1, 0));
  entry.writable = bits(entry.raw_flags, 2, 2) != 0;
  entry.instance = static_cast<std::uint8_t>(bits(entry.raw_flags, 6, 3));
}

// BIOS entry: +0 type, +1 region type, +2 reset 0, copy 1, read-only 2, compressed 3, instance 7:4, +3 sub-program
// 2:0, ROM ID 4:3, writable 5, +4 size, +8 source, +0x10 destination.
void read_bios_flags(Entry& entry, Fields& fields, std::uint64_t at) {
  entry.region_type = fields.u8(at + 1);
  entry.raw_flags = fields.u16(at + 2);
  entry.reset_image = bits(entry.raw_flags, 0, 0) != 0;
  entry.copy_image = bits(entry.raw_flags, 1, 1) != 0;
  entry.read_only = bits(entry.raw_flags, 2, 2) != 0;
  entry.compressed = bits(entry.raw_flags, 3, 3) != 0;
  entry.instance = static_cast<std::uint8_t>(bits(entry.raw_flags, 7, 4));
  entry.subprogram = static_cast<std::uint8_t>(bits(entry.raw_flags, 10, 8));
  entry.rom_id = static_cast<std::uint8_t>(bits(entry.raw_flags, 12, 11));
  entry.writable = bits(entry.raw_flags, 13, 13) != 0;
  entry.destination = fields.u64(at + 0x10);
}

Entry read_entry(Fields& fields, const Directory& directory, std::uint64_t index, std::uint64_t at) {
  Entry entry{.index = index, .entry_offset = at, .type = fields.u8(at), .bios = directory.bios()};
  entry.known = entry_type(entry.bios, entry.type);
  if (entry.bios) {
    read_bios_flags(entry, fields, at);
  } else {
    read_psp_flags(entry, fields, at);
  }
  entry.size = fields.u32(at + 4);
  entry.raw_address = fields.u64(at + 8);
  return entry;
}

void read_combo_entry(Directory& directory, Fields& fields, const Window& window, std::uint64_t at) {
  ComboEntry entry{.id_select = fields.u32(at), .id = fields.u32(at + 4), .address = fields.u64(at + 8)};
  entry.target = resolve(window, entry.address & address_mask);
  directory.combo_entries.push_back(entry);
}

}  // namespace

std::string hex32(std::uint64_t number) { return fmt::format("0x{:08x}", number); }

std::uint32_t fletcher32(Bytes bytes) noexcept {
  constexpr std::size_t block = 359;  // words that cannot overflow the second sum
  std::uint32_t first = 0xFFFF;
  std::uint32_t second = 0xFFFF;
  const auto fold = [](std::uint32_t sum) { return (sum & 0xFFFFU) + (sum >> 16U); };
  const std::size_t words = bytes.size() / 2;
  for (std::size_t word = 0; word < words; ++word) {
    first += std::to_integer<std::uint32_t>(bytes[2 * word]) | std::to_integer<std::uint32_t>(bytes[2 * word + 1])
                                                                   << 8U;
    second += first;
    if (word % block == block - 1) {
      first = fold(first);
      second = fold(second);
    }
  }
  first = fold(fold(first));
  second = fold(fold(second));
  return second << 16U | first;
}

AdditionalInfo read_additional_info(std::uint32_t raw) noexcept {
  AdditionalInfo info{.raw = raw, .version = bits(raw, 31, 31)};
  if (info.version == 0) {
    info.directory_size = std::uint64_t{bits(raw, 9, 0)} * 0x1000;
    info.spi_block_field = bits(raw, 13, 10);
    info.base_address = std::uint64_t{bits(raw, 28, 14)} << 12U;
    info.mode = static_cast<AddressMode>(bits(raw, 30, 29));
  } else {
    info.directory_size = std::uint64_t{bits(raw, 15, 0)} * 0x1000;
    info.spi_block_field = bits(raw, 19, 16);
    info.header_size = std::uint64_t{bits(raw, 23, 20)} * 0x400;
    info.mode = static_cast<AddressMode>(bits(raw, 25, 24));
  }
  return info;
}

std::uint64_t directory_bytes(DirectoryKind kind, std::uint64_t count) noexcept {
  if (kind == DirectoryKind::slot_header) return 0x20;
  const std::uint64_t entry = kind == DirectoryKind::bios ? bios_entry_size : psp_entry_size;
  return (is_combo(kind) ? combo_header_size : header_size) + count * entry;
}

Result<Directory> read_directory(ByteView file, const Window& window, const Cookie& cookie, Directory context) {
  Directory directory = std::move(context);
  const std::uint64_t at = directory.offset;
  Fields fields(file, "directory");
  directory.kind = cookie.kind;
  directory.magic = cookie.text;
  directory.level = cookie.level;
  directory.checksum.stored = fields.u32(at + 4);
  directory.count = fields.u32(at + 8);
  const std::uint32_t word = fields.u32(at + 0xC);
  if (cookie.combo) {
    directory.lookup_mode = word;
  } else {
    directory.info = read_additional_info(word);
  }
  QUELL_CHECK(fields.done());
  const std::uint64_t size = directory_bytes(directory.kind, directory.count);
  if (directory.count > most_entries || size > window.end - at) return directory;
  directory.checksum.computed = fletcher32(file.clip({at + 8, size - 8}).bytes());
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    if (cookie.combo) {
      read_combo_entry(directory, fields, window, at + combo_header_size + i * psp_entry_size);
      continue;
    }
    const std::uint64_t entry_size = cookie.bios ? bios_entry_size : psp_entry_size;
    Entry entry = read_entry(fields, directory, i, at + header_size + i * entry_size);
    locate_bytes(entry, directory, window, file);
    directory.entries.push_back(entry);
  }
  QUELL_CHECK(fields.done());
  return directory;
}

std::string_view to_string(DirectoryKind kind) noexcept {
  switch (kind) {
    case DirectoryKind::psp: return "psp";
    case DirectoryKind::bios: return "bios";
    case DirectoryKind::psp_combo: return "psp-combo";
    case DirectoryKind::bios_combo: return "bios-combo";
    case DirectoryKind::slot_header: return "ish";
  }
  return "";
}

std::string_view to_string(Quirk quirk) noexcept {
  switch (quirk) {
    case Quirk::none: return "";
    case Quirk::flash_offset_in_physical_mode: return "flash-offset-in-physical-mode";
    case Quirk::mmio_address_in_flash_mode: return "mmio-address-in-flash-mode";
  }
  return "";
}

std::string Entry::name() const {
  return known == nullptr ? fmt::format("unknown_{:02x}", type) : std::string(known->name);
}

Range Directory::table() const noexcept {
  const std::uint64_t listed = combo() ? combo_entries.size() : entries.size();
  return {offset, directory_bytes(kind, listed)};
}

std::string Directory::title() const {
  std::string text;
  if (kind == DirectoryKind::slot_header) {
    text = "image slot header";
  } else {
    text = fmt::format("{} {}directory", bios() ? "BIOS" : "PSP", combo() ? "combo " : "");
  }
  if (level != 0) text += fmt::format(" level {}", level);
  if (slot != 0) text += fmt::format(", slot {}", slot);
  if (combo_id) text += fmt::format(", ID 0x{:08x}", *combo_id);
  return text;
}

}  // namespace quell::amd
