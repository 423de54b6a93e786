// SPDX-License-Identifier: GPL-2.0-or-later
// Generation 3 (ME 11): $FPT at 0x10, FTPR and NFTP as code partitions with directories.
#include <stdexcept>

#include "specimen/intel_parts.h"

namespace quell::specimen {
namespace {

CpdStyle style() {
  CpdStyle out;
  out.version = {11, 6, 55, 3510};
  out.client_information = true;
  return out;
}

std::vector<CpdModule> modules(std::span<const std::string_view> plain, std::span<const std::string_view> compressed,
                               std::uint64_t code_size, Random& random) {
  std::vector<CpdModule> out;
  for (const std::string_view name : plain) {
    out.push_back({std::string(name), random.code(round_up(code_size, 0x400)), false});
  }
  for (const std::string_view name : compressed) {
    out.push_back({std::string(name), random.code(round_up(code_size, 0x400)), true});
  }
  return out;
}

}  // namespace

Buffer me11_code(const IntelOptions& options) {
  Random random(options.seed * 8 + 3);
  constexpr std::array<std::string_view, 4> boot{"rbe", "kernel", "syslib", "bup"};
  constexpr std::array<std::string_view, 18> rest{"pm",      "vfs",    "evtdisp", "loadmgr",  "busdrv",  "gpio",
                                                  "prtc",    "policy", "crypto",  "heci",     "storage", "pmdrv",
                                                  "maestro", "fpf",    "hci",     "fwupdate", "ptt",     "touch_fw"};
  const std::uint64_t code_size = options.code_size == 0 ? 0x8000 : options.code_size;
  return code_partition("FTPR", style(), modules(boot, rest, code_size, random));
}

Buffer me11_region(const IntelOptions& options) {
  const bool small = options.code_size != 0 && options.code_size < 0x4000;
  const std::uint64_t file_system_size = small ? 0x2000 : 0x64000;
  Random random(options.seed * 8 + 4);
  constexpr std::array<std::string_view, 6> main_modules{"sigma", "pavp", "amt_core", "mctp", "dal_ivm", "icc"};
  const Buffer ftpr = me11_code(options);
  const Buffer nftp = code_partition(
      "NFTP", style(), modules({}, main_modules, options.code_size == 0 ? 0xC000 : options.code_size, random));

  const std::uint64_t ftpr_at = 0x1000;
  const std::uint64_t file_system_at = ftpr_at + ftpr.size();
  const std::uint64_t values_at = file_system_at + file_system_size;
  const std::uint64_t nftp_at = values_at + 0x1000;
  const std::uint64_t log_at = nftp_at + nftp.size();
  const std::uint64_t token_at = log_at + 0x1000;
  const std::uint64_t used = token_at + 0x2000;
  const std::uint64_t size = options.me_size != 0 ? options.me_size : small ? used : 0x1FD000;
  if (used > size) throw std::length_error("ME region too small for this firmware");

  Canvas canvas(size);
  canvas.put(0, Buffer(16));
  canvas.put(ftpr_at, ftpr);
  canvas.put(values_at, random.noise(0x40));
  canvas.put(nftp_at, nftp);
  const std::array<std::uint32_t, 3> reserved{};
  const std::string_view no_owner("\0\0\0\0", 4);
  constexpr std::uint32_t not_valid = 0xFF000000;
  put_fpt(canvas, 0x10, {.header_length = 0x20, .flags = 0},
          {{"FTPR", no_owner, ftpr_at, ftpr.size(), 0, reserved},
           {"FTUP", no_owner, nftp_at, nftp.size(), 0, reserved},
           {"DLMP", no_owner, 0, 0, not_valid, reserved},
           {"PSVN", no_owner, 0xE00, 0x200, 1, reserved},
           {"IVBP", no_owner, values_at, 0x1000, 1, reserved},
           {"MFS", no_owner, file_system_at, file_system_size, 1, reserved},
           {"NFTP", no_owner, nftp_at, nftp.size(), 0, reserved},
           {"ROMB", no_owner, 0, 0, not_valid, reserved},
           {"FLOG", no_owner, log_at, 0x1000, 1, reserved},
           {"UTOK", no_owner, token_at, 0x2000, 1, reserved}});
  return std::move(canvas).take();
}

}  // namespace quell::specimen
