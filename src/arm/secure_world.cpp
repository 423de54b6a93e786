// SPDX-License-Identifier: GPL-2.0-or-later
// OP-TEE header: 0x00 "OPTE", 0x04 u8 version, 0x05 u8 architecture (1 AArch64), 0x06 u16 flags;
//   version 1: 0x08 u32 init size, u32 load address high, u32 low, u32 memory use, u32 paged size
//   version 2: 0x08 u32 images, then {u32 address high, u32 low, u32 id, u32 size} each
// Source: optee_os scripts/gen_tee_bin.py.
#include "arm/secure_world.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/size.h"
#include "base/table.h"
#include "data/tfa-dispatchers.h"

namespace quell::arm {
namespace {

constexpr std::uint64_t legacy_header = 64;
constexpr std::uint32_t legacy_magic = 0x27051956;
constexpr std::uint64_t any_address = ~std::uint64_t{0};

std::uint64_t joined(std::uint32_t high, std::uint32_t low) { return std::uint64_t{high} << 32U | low; }

bool in_version(std::byte byte) {
  const auto c = std::to_integer<char>(byte);
  return is_plain_in_names(c) || c == '+';
}

// The word that ends in "(debug):" or "(release):" and begins with "v" and a digit.
std::string version_of(ByteView content) {
  for (const std::string_view flavour : {"(debug):", "(release):"}) {
    for (auto at = content.find(as_bytes(flavour)); at; at = content.find(as_bytes(flavour), *at + 1)) {
      std::uint64_t start = *at;
      while (start > 0 && *at - start < 40 && in_version(content.bytes()[to_size(start - 1)])) --start;
      const std::uint64_t size = *at - start + flavour.size();
      const auto digit = content.u8(start + 1).value_or(0);
      if (content.matches(start, "v") && digit >= '0' && digit <= '9') return content.text(start, size).value_or("");
    }
  }
  return {};
}

}  // namespace

std::optional<OpteeHeader> read_optee(ByteView content) {
  if (content.be32(0).value_or(0) == legacy_magic) content = content.from(legacy_header).value_or(ByteView());
  if (!content.matches(0, "OPTE")) return std::nullopt;
  OpteeHeader out;
  Fields f(content, "OP-TEE header");
  out.version = f.u8(4);
  out.aarch64 = f.u8(5) == 1;
  out.flags = f.u16(6);
  if (out.version == 1) {
    out.init_size = f.u32(8);
    out.init_load = joined(f.u32(0x0C), f.u32(0x10));
    out.init_mem_usage = f.u32(0x14);
    out.paged_size = f.u32(0x18);
  } else if (out.version == 2) {
    const std::uint32_t count = std::min<std::uint32_t>(f.u32(8), 2);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint64_t at = 0x0C + std::uint64_t{16} * i;
      const std::uint64_t load = joined(f.u32(at), f.u32(at + 4));
      out.images.push_back({f.u32(at + 8), load == any_address ? std::nullopt : std::optional(load), f.u32(at + 12)});
    }
  }
  if (!f.done()) return std::nullopt;
  return out;
}

Component describe(const OpteeHeader& header) {
  Component out{"optee-header", "OP-TEE header", {}};
  Attributes& a = out.attributes;
  a.set("version", std::uint64_t{header.version});
  a.set("arch", std::string(header.aarch64 ? "AArch64" : "AArch32"));
  a.set("flags", std::uint64_t{header.flags}, Show::hex);
  if (header.version == 1) {
    a.set("init_size", std::uint64_t{header.init_size}, Show::size);
    a.set("init_load", header.init_load, Show::hex);
    a.set("init_mem_usage", std::uint64_t{header.init_mem_usage}, Show::size);
    a.set("paged_size", std::uint64_t{header.paged_size}, Show::size);
  }
  for (const OpteeImage& image : header.images) {
    Component child{"optee-image", image.id == 0 ? "pager" : "pageable part", {}};
    child.attributes.set("id", std::uint64_t{image.id});
    child.attributes.set("load", image.load ? Value(*image.load) : Value(std::string("any")), Show::hex);
    child.attributes.set("size", std::uint64_t{image.size}, Show::size);
    out.children.push_back(std::move(child));
  }
  return out;
}

MonitorInfo read_monitor(ByteView content) {
  MonitorInfo out;
  out.version = version_of(content);
  constexpr std::string_view built = "Built : ";
  if (const auto at = content.find(as_bytes(built))) {
    const ByteView text = content.clip({*at + built.size(), 64});
    out.built = text.text(0, text.size()).value_or("");
    out.built.resize(std::min(out.built.find('\\'), out.built.size()));
  }
  for (const auto row : Table(data::tfa_dispatchers)) {
    if (content.find(as_bytes(row["marker"]))) out.dispatcher = row["dispatcher"];
  }
  if (out.dispatcher.empty() && content.find(as_bytes("std_svc"))) out.dispatcher = "none";
  return out;
}

std::string trusted_os_of(ByteView content) {
  if (read_optee(content) || content.find(as_bytes("core/arch/arm"))) return "OP-TEE";
  if (content.find(as_bytes("Trusty")) || content.find(as_bytes("lk/MP"))) return "Trusty (by its strings)";
  return "trusted OS of unknown kind";
}

}  // namespace quell::arm
