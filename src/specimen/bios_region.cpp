// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "base/checksum.h"
#include "base/size.h"
#include "quell/digest.h"
#include "specimen/other.h"
#include "specimen/signing.h"

namespace quell::specimen {
namespace {

constexpr std::uint64_t size = 0x40000;
constexpr std::uint64_t base = 0x1'0000'0000U - size;  // physical address of the first byte
constexpr std::uint64_t volume = 0x0;
constexpr std::uint64_t flash_map = 0x10000;
constexpr std::uint64_t file_system = 0x11000;
constexpr std::uint64_t table = 0x20000;
constexpr std::uint64_t key_manifest = 0x21000;
constexpr std::uint64_t boot_policy = 0x22000;
constexpr std::uint64_t module = 0x28000;
constexpr std::uint64_t boot_block = 0x3F000;
constexpr std::uint64_t boot_block_size = 0xF00;
constexpr std::uint32_t module_size = 0x4000;

std::uint32_t address(std::uint64_t offset) { return static_cast<std::uint32_t>(base + offset); }

Buffer hashed(const Canvas& canvas, std::uint64_t offset, std::uint64_t length) {
  return hash(HashAlgorithm::sha256, Bytes(canvas.bytes()).subspan(to_size(offset), to_size(length)));
}

void put_volume(Canvas& canvas) {
  canvas.put(volume, Buffer(0x48, std::byte{0}));
  canvas.put(volume + 0x10, from_hex("78e58c8c3d8a1c4f9935896185c32dd3"));
  canvas.u64(volume + 0x20, 0x8000).text(volume + 0x28, "_FVH").u32(volume + 0x2C, 0x800);
  canvas.u16(volume + 0x30, 0x48).u8(volume + 0x37, 2).u32(volume + 0x38, 8).u32(volume + 0x3C, 0x1000);
  const ByteView view(canvas.bytes());
  unsigned sum = 0;
  for (std::uint64_t i = 0; i < 0x48; i += 2) sum += view.u16(volume + i).value_or(0);
  canvas.u16(volume + 0x32, static_cast<std::uint16_t>(0x10000U - (sum & 0xFFFFU)));
}

void put_area(Canvas& canvas, unsigned index, std::uint64_t offset, std::uint64_t length, std::string_view name) {
  const std::uint64_t at = flash_map + 0x38 + std::uint64_t{42} * index;
  canvas.put(at, Buffer(42, std::byte{0}));
  canvas.u32(at, static_cast<std::uint32_t>(offset)).u32(at + 4, static_cast<std::uint32_t>(length)).text(at + 8, name);
}

void put_be32(Canvas& canvas, std::uint64_t at, std::uint32_t value) { canvas.u32(at, __builtin_bswap32(value)); }

void put_coreboot(Canvas& canvas) {
  canvas.put(flash_map, Buffer(0x38, std::byte{0}));
  canvas.text(flash_map, "__FMAP__").u8(flash_map + 8, 1).u8(flash_map + 9, 1);
  canvas.u32(flash_map + 0x12, size).text(flash_map + 0x16, "FLASH").u16(flash_map + 0x36, 2);
  put_area(canvas, 0, flash_map, 0x1000, "FMAP");
  put_area(canvas, 1, file_system, 0x8000, "COREBOOT");
  constexpr std::string_view config =
      "# This image was built using coreboot 24.08\nCONFIG_USE_ME_CLEANER=y\nCONFIG_ME_CLEANER_ARGS=\"-S\"\n";
  canvas.text(file_system, "LARCHIVE");
  put_be32(canvas, file_system + 8, config.size());
  put_be32(canvas, file_system + 12, 0x50);
  put_be32(canvas, file_system + 16, 0);
  put_be32(canvas, file_system + 20, 0x28);
  canvas.put(file_system + 24, Buffer(16, std::byte{0}))
      .text(file_system + 24, "config")
      .text(file_system + 0x28, config);
}

// Version 0.0, production, signed as Intel's are: bare digest in reversed byte order, exponent 17.
void put_module(Canvas& canvas) {
  const TestKey key = TestKey::of_bits(2048, 17);
  const auto put = [&](std::uint64_t offset, std::uint32_t value) { canvas.u32(module + offset, value); };
  canvas.put(module, Buffer(module_size, std::byte{0x5A}));
  canvas.put(module, Buffer(0x80, std::byte{0}));
  put(0, 2 | 1U << 16U);
  put(4, 161);
  put(0x0C, 0xB002);
  put(0x10, 0x8086);
  put(0x14, 0x20200131);
  put(0x18, module_size / 4);
  put(0x78, 64);
  put(0x7C, 143);
  canvas.put(module + 0x80, key.modulus(ByteOrder::little));
  put(0x180, 17);
  const Bytes whole = Bytes(canvas.bytes()).subspan(module, module_size);
  Buffer digest = hash(HashAlgorithm::sha256, whole.first(0x80), whole.subspan(0x4C0));
  std::ranges::reverse(digest);
  canvas.put(module + 0x184, key.sign_pkcs1_bare(digest, ByteOrder::little));
}

// Key and signature over the first `signed_size` bytes; returns what follows.
std::uint64_t put_signature(Canvas& canvas, std::uint64_t start, std::uint64_t signed_size, std::uint64_t at) {
  const TestKey key = TestKey::of_bits(2048);
  canvas.u8(at, 0x10).u16(at + 1, 1).u8(at + 3, 0x10).u16(at + 4, 2048).u32(at + 6, 65537);
  canvas.put(at + 10, key.modulus(ByteOrder::little));
  canvas.u16(at + 266, 0x14).u8(at + 268, 0x10).u16(at + 269, 2048).u16(at + 271, 0x0B);
  canvas.put(at + 273, key.sign_pkcs1(HashAlgorithm::sha256, hashed(canvas, start, signed_size), ByteOrder::big));
  return at + 273 + 256;
}

void put_key_manifest(Canvas& canvas, bool cbnt) {
  const Buffer digest = hash(HashAlgorithm::sha256, TestKey::of_bits(2048).modulus(ByteOrder::little));
  canvas.put(key_manifest, Buffer(0x44, std::byte{0})).text(key_manifest, "__KEYM__");
  if (!cbnt) {
    canvas.u8(key_manifest + 8, 0x10).u8(key_manifest + 9, 0x10).u8(key_manifest + 0x0B, 3);
    canvas.u16(key_manifest + 0x0C, 0x0B).u16(key_manifest + 0x0E, 32).put(key_manifest + 0x10, digest);
    put_signature(canvas, key_manifest, 0x30, key_manifest + 0x30);
    return;
  }
  canvas.u8(key_manifest + 8, 0x21).u16(key_manifest + 0x0C, 0x44).u8(key_manifest + 0x13, 3);
  canvas.u16(key_manifest + 0x14, 0x0B).u16(key_manifest + 0x16, 1).u64(key_manifest + 0x18, 1);
  canvas.u16(key_manifest + 0x20, 0x0B).u16(key_manifest + 0x22, 32).put(key_manifest + 0x24, digest);
  put_signature(canvas, key_manifest, 0x44, key_manifest + 0x44);
}

void put_policy_v1(Canvas& canvas) {
  const std::uint64_t ibb = boot_policy + 0x10;
  canvas.put(boot_policy, Buffer(0x100, std::byte{0})).text(boot_policy, "__ACBP__").u8(boot_policy + 8, 0x10);
  canvas.text(ibb, "__IBBS__").u8(ibb + 8, 0x10).u8(ibb + 0x0B, 15).u32(ibb + 0x0C, 3);
  canvas.u16(ibb + 0x38, 0x10).u32(ibb + 0x5C, 0xFFFFFFF0);
  canvas.u16(ibb + 0x60, 0x0B).u16(ibb + 0x62, 32).put(ibb + 0x64, hashed(canvas, boot_block, boot_block_size));
  canvas.u8(ibb + 0x84, 1).u32(ibb + 0x89, address(boot_block)).u32(ibb + 0x8D, boot_block_size);
  const std::uint64_t end = ibb + 0x85 + 12;
  canvas.text(end, "__PMSG__").u8(end + 8, 0x10);
  put_signature(canvas, boot_policy, end - boot_policy, end + 9);
}

void put_policy_cbnt(Canvas& canvas) {
  const std::uint64_t ibb = boot_policy + 0x14;
  constexpr std::uint16_t ibb_size = 0x80;
  const std::uint64_t end = ibb + ibb_size;
  canvas.put(boot_policy, Buffer(0x120, std::byte{0})).text(boot_policy, "__ACBP__").u8(boot_policy + 8, 0x23);
  canvas.u16(boot_policy + 0x0A, 0x14).u16(boot_policy + 0x0C, static_cast<std::uint16_t>(end + 12 - boot_policy));
  canvas.text(ibb, "__IBBS__").u8(ibb + 8, 0x20).u16(ibb + 0x0A, ibb_size).u8(ibb + 0x0F, 15).u32(ibb + 0x10, 3);
  canvas.u16(ibb + 0x3C, 0x10).u32(ibb + 0x40, 0xFFFFFFF0).u16(ibb + 0x44, 40).u16(ibb + 0x46, 1);
  canvas.u16(ibb + 0x48, 0x0B).u16(ibb + 0x4A, 32).put(ibb + 0x4C, hashed(canvas, boot_block, boot_block_size));
  canvas.u16(ibb + 0x6C, 0x10).u8(ibb + 0x73, 1).u32(ibb + 0x78, address(boot_block)).u32(ibb + 0x7C, boot_block_size);
  canvas.text(end, "__PMSG__").u8(end + 8, 0x20);
  put_signature(canvas, boot_policy, end + 12 - boot_policy, end + 12);
}

void put_fit(Canvas& canvas, BootGuardFlavour flavour) {
  struct Entry {
    std::uint64_t target;
    std::uint32_t size;
    std::uint8_t type;
  };
  std::vector<Entry> entries;
  const bool guarded = flavour == BootGuardFlavour::v1 || flavour == BootGuardFlavour::cbnt;
  if (guarded) entries.push_back({module, 0, 0x02});
  entries.push_back({boot_block, boot_block_size / 16, 0x07});
  if (guarded) entries.push_back({key_manifest, 0x241, 0x0B});
  if (guarded) entries.push_back({boot_policy, 0x300, 0x0C});
  canvas.text(table, "_FIT_   ").u32(table + 8, static_cast<std::uint32_t>(entries.size() + 1));
  canvas.u16(table + 0xC, 0x100).u8(table + 0xE, 0x80).u8(table + 0xF, 0);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::uint64_t at = table + 16 * (i + 1);
    canvas.u64(at, address(entries[i].target)).u32(at + 8, entries[i].size);
    canvas.u16(at + 0xC, 0x100).u8(at + 0xE, entries[i].type).u8(at + 0xF, 0);
  }
  canvas.u8(table + 0xF, complement_of(sum_of(Bytes(canvas.bytes()).subspan(table, 16 * (entries.size() + 1)))));
  canvas.u64(size - 0x40, address(table));
}

}  // namespace

Buffer bios_region(BootGuardFlavour flavour) {
  Canvas canvas(size);
  put_volume(canvas);
  put_coreboot(canvas);
  canvas.put(boot_block, Buffer(boot_block_size, std::byte{0x90}));
  const bool guarded = flavour == BootGuardFlavour::v1 || flavour == BootGuardFlavour::cbnt;
  if (guarded || flavour == BootGuardFlavour::km_alone) put_key_manifest(canvas, flavour == BootGuardFlavour::cbnt);
  if (guarded) put_module(canvas);
  if (flavour == BootGuardFlavour::v1) put_policy_v1(canvas);
  if (flavour == BootGuardFlavour::cbnt) put_policy_cbnt(canvas);
  if (flavour != BootGuardFlavour::no_fit) put_fit(canvas, flavour);
  return std::move(canvas).take();
}

}  // namespace quell::specimen
