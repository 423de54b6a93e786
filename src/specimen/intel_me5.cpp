// SPDX-License-Identifier: GPL-2.0-or-later
// Generation 1 (ME 1-5): the CODE partition with a $MAN manifest, SHA-1.
#include <stdexcept>

#include "specimen/intel_parts.h"

#include "base/size.h"

namespace quell::specimen {
namespace {

constexpr std::array<std::uint16_t, 4> version{5, 0, 2, 1129};
constexpr std::array<std::string_view, 6> module_names{"BRINGUP",    "SUPPORT_OVL",   "PRELOADER",
                                                       "KernelPriv", "KernelNonPriv", "PMHWSEQ"};

void append_version(Buffer& out) {
  for (const std::uint16_t part : version) append_u16(out, part);
}

// `$MOD`, 0x50 bytes, then the code.
Buffer module_body(std::string_view name, Bytes guid, Bytes code) {
  Buffer out;
  append(out, "$MOD", 4);
  append_u32(out, 0);
  append_u32(out, version[0]);
  append_version(out);
  append_u32(out, 0);
  append_u32(out, code.size());
  append_u32(out, code.size());
  append_u32(out, 0);
  append_u32(out, 0x00100000);
  append_u32(out, 0);
  append(out, name, 16);
  append(out, guid);
  append_u32(out, 0);
  append(out, code);
  return out;
}

}  // namespace

Buffer me5_code(const IntelOptions& options) {
  Random random(options.seed * 8 + 1);
  const std::uint64_t code_size = options.code_size == 0 ? 0x10000 : options.code_size;
  Buffer tail(12);
  Buffer bodies;
  for (const std::string_view name : module_names) {
    const Buffer guid = random.noise(16);
    const Buffer body = module_body(name, guid, random.code(round_up(code_size, 4)));
    append(tail, "$MME", 4);
    append(tail, guid);
    append_version(tail);
    append(tail, name, 16);
    append(tail, reversed(sha1(body)));
    append_u32(tail, body.size());
    append_u32(tail, 0);  // flags
    append_u32(tail, 0);
    append_u32(tail, 0);
    append(bodies, body);
  }
  ManifestSpec spec;
  spec.tag = "$MAN";
  spec.version = version;
  spec.date = 0x20081223;
  spec.module_count = static_cast<std::uint32_t>(module_names.size());
  Buffer out = unsigned_manifest(spec, tail);
  sign_manifest(out, spec);
  append(out, bodies);
  out.resize(to_size(round_up(out.size(), 0x1000)), std::byte{0xFF});
  return out;
}

Buffer me5_region(const IntelOptions& options) {
  const bool small = options.code_size != 0 && options.code_size < 0x4000;
  const std::uint64_t effs_size = small ? 0x1000 : 0x60000;
  const Buffer code = me5_code(options);
  const std::uint64_t effs_at = 0x2000;
  const std::uint64_t code_at = effs_at + effs_size;
  const std::uint64_t rest_at = code_at + code.size();
  const std::uint64_t size = options.me_size != 0 ? options.me_size : small ? rest_at + 0x1000 : 0x17D000;
  if (rest_at >= size) throw std::length_error("ME region too small for this firmware");

  Random random(options.seed * 8 + 2);
  Canvas canvas(size);
  canvas.put(0, from_hex("00001f38000410000000000000000000"));
  canvas.put(effs_at, random.noise(effs_size / 2));
  canvas.put(code_at, code);
  canvas.put(rest_at, random.noise((size - rest_at) / 2));
  const std::array<std::uint32_t, 3> data{0xB40, 0x2760, 0};
  put_fpt(canvas, 0x10, {.flags = 0xFFFFFE07},
          {{"FOVD", "KRID", 0x400, 0x1C00, 0x783},
           {"EFFS", "OSID", effs_at, effs_size, 0x2784, data},
           {"NVKR", "KRID", 0, 0x20000, 0x2882, data},
           {"NVSH", "OSID", 0, 0x4000, 0x2B82, data},
           {"CODE", {}, code_at, code.size(), 0x2780},
           {"NFTP", {}, rest_at, 0xFFFFFFFF, 0x2780}});
  return std::move(canvas).take();
}

}  // namespace quell::specimen
