// SPDX-License-Identifier: GPL-2.0-or-later
// ME 12 and later: a layout table, a data partition with an $FPT of its own, boot partitions with BPDTs.
#include <algorithm>
#include <stdexcept>

#include "specimen/intel_parts.h"

namespace quell::specimen {
namespace {

CpdStyle style(bool version_1_7) {
  CpdStyle out;
  out.crc = version_1_7;
  out.signed_package = true;
  out.version =
      version_1_7 ? std::array<std::uint16_t, 4>{16, 1, 25, 1917} : std::array<std::uint16_t, 4>{14, 0, 45, 1389};
  out.client_information = true;
  return out;
}

Buffer partition(std::string_view name, bool version_1_7, std::span<const std::string_view> names,
                 std::uint64_t code_size, Random& random) {
  std::vector<CpdModule> modules;
  for (const std::string_view module : names) {
    modules.push_back({std::string(module), random.code(round_up(code_size, 0x400)), module != "rbe"});
  }
  return code_partition(name, style(version_1_7), modules);
}

struct BootEntry {
  std::uint16_t type = 0;
  Buffer content{};
};

// BPDT header, entries, and the partitions it names from 0x1000 on.
Buffer boot_partition(bool version_1_7, const std::vector<BootEntry>& entries) {
  Buffer table;
  append_u32(table, 0x000055AA);
  append_u16(table, entries.size());
  append_u16(table, version_1_7 ? 2 : 1);
  append_u32(table, 0);
  append_u32(table, 0);
  for (const unsigned part : {14U, 0U, 0U, 1065U}) append_u16(table, part);
  Buffer contents;
  for (const BootEntry& entry : entries) {
    append_u16(table, entry.type);
    append_u16(table, 0);
    append_u32(table, entry.content.empty() ? 0 : 0x1000 + contents.size());
    append_u32(table, entry.content.size());
    append(contents, entry.content);
  }
  const Bytes summed = Bytes(table).subspan(4);
  if (version_1_7) {
    const std::uint32_t crc = crc32(summed);
    for (unsigned i = 0; i < 4; ++i) table[0x08 + i] = static_cast<std::byte>(crc >> (8 * i));
  } else {
    // Two sums: over everything, and over the header and the entries that an update may not touch.
    unsigned all = 0;
    unsigned fixed = 0;
    for (std::size_t i = 0; i < summed.size(); ++i) {
      const unsigned value = std::to_integer<unsigned>(summed[i]);
      constexpr std::array<std::uint16_t, 6> fixed_types{1, 5, 9, 10, 12, 13};
      all += value;
      const bool counted = i < 0x14 || std::ranges::count(fixed_types, entries[(i - 0x14) / 12].type) != 0;
      if (counted) fixed += value;
    }
    table[0x0A] = static_cast<std::byte>(0x100 - all % 0x100);
    table[0x0B] = static_cast<std::byte>(0x100 - fixed % 0x100);
  }
  table.resize(0x1000, std::byte{0xFF});
  append(table, contents);
  return table;
}

Buffer data_partition(bool version_1_7, bool small, Random& random) {
  const std::uint64_t file_system_size = small ? 0x2000 : 0x60000;
  const std::uint64_t file_system_at = 0x3000;
  const std::uint64_t token_at = file_system_at + file_system_size;
  const std::uint64_t log_at = token_at + 0x2000;
  Canvas canvas(log_at + 0x1000);
  canvas.put(0x2000, random.noise(0x40));
  const std::array<std::uint32_t, 3> reserved{};
  const std::string_view no_owner("\0\0\0\0", 4);
  put_fpt(canvas, 0,
          {.version = static_cast<std::uint8_t>(version_1_7 ? 0x21 : 0x20), .header_length = 0x20, .flags = 0},
          {{"PSVN", no_owner, 0xE00, 0x200, 1, reserved},
           {"UEP", no_owner, 0x1000, 0x1000, 1, reserved},
           {"IVBP", no_owner, 0x2000, 0x1000, 1, reserved},
           {"MFS", no_owner, file_system_at, file_system_size, 1, reserved},
           {"UTOK", no_owner, token_at, 0x2000, 1, reserved},
           {"HVMP", no_owner, 0, 0, 0xFF000001, reserved},
           {"FLOG", no_owner, log_at, 0x1000, 1, reserved}});
  return std::move(canvas).take();
}

}  // namespace

Buffer ifwi_code(const IntelOptions& options, bool version_1_7) {
  Random random(options.seed * 8 + 3);
  constexpr std::array<std::string_view, 12> names{"kernel", "syslib", "bup",    "pm",       "vfs", "busdrv",
                                                   "crypto", "heci",   "policy", "fwupdate", "ptt", "touch_fw"};
  return partition("FTPR", version_1_7, names, options.code_size == 0 ? 0x8000 : options.code_size, random);
}

Buffer ifwi_region(const IntelOptions& options, bool version_1_7) {
  const bool small = options.code_size != 0 && options.code_size < 0x4000;
  const std::uint64_t code_size = options.code_size == 0 ? 0x8000 : options.code_size;
  Random random(options.seed * 8 + 4);
  constexpr std::array<std::string_view, 1> boot_rom{"rbe"};
  constexpr std::array<std::string_view, 1> power{"PMCC000"};
  constexpr std::array<std::string_view, 6> main_modules{"sigma", "pavp", "amt_core", "mctp", "dal_ivm", "icc"};

  const Buffer data = data_partition(version_1_7, small, random);
  const Buffer boot1 = boot_partition(version_1_7, {{9, {}},
                                                    {10, {}},
                                                    {5, {}},
                                                    {1, partition("RBEP", version_1_7, boot_rom, code_size, random)},
                                                    {12, {}},
                                                    {13, {}},
                                                    {2, ifwi_code(options, version_1_7)},
                                                    {14, partition("PMCP", version_1_7, power, code_size, random)}});
  const Buffer boot2 =
      boot_partition(version_1_7, {{9, {}},
                                   {10, {}},
                                   {5, {}},
                                   {1, {}},
                                   {7, partition("NFTP", version_1_7, main_modules, code_size, random)},
                                   {8, {}}});

  const std::uint64_t data_at = 0x1000;
  const std::uint64_t boot1_at = data_at + data.size();
  const std::uint64_t boot2_at = boot1_at + boot1.size();
  const std::uint64_t used = boot2_at + boot2.size();
  const std::uint64_t size = options.me_size != 0 ? options.me_size : small ? used : 0x3FF000;
  if (used > size) throw std::length_error("ME region too small for this firmware");

  Buffer pointers;
  for (const auto& [offset, length] :
       {std::pair{data_at, data.size()}, {boot1_at, boot1.size()}, {boot2_at, boot2.size()}}) {
    append_u32(pointers, offset);
    append_u32(pointers, length);
  }
  pointers.resize(version_1_7 ? 0x38 : 0x30);
  Buffer table;
  if (version_1_7) {
    append_u16(table, 0x40);
    append_u16(table, 0);
    append_u32(table, 0);
    append(table, pointers);
    const std::uint32_t crc = crc32(table);
    for (unsigned i = 0; i < 4; ++i) table[4 + i] = static_cast<std::byte>(crc >> (8 * i));
  } else {
    append(table, pointers);
    append_u32(table, 0x22);
    append_u32(table, 0);
  }
  Canvas canvas(size);
  canvas.put(0x10, table).put(data_at, data).put(boot1_at, boot1).put(boot2_at, boot2);
  return std::move(canvas).take();
}

}  // namespace quell::specimen
