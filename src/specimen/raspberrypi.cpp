// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "quell/digest.h"
#include "specimen/other.h"
#include "specimen/signing.h"

namespace quell::specimen {
namespace {

constexpr std::uint64_t size = 2U << 20U;

class Eeprom {
 public:
  // A section of 8 bytes of header and this body, padded to 8.
  void section(std::uint32_t magic, const Buffer& body) {
    canvas_.u32(at_, __builtin_bswap32(magic)).u32(at_ + 4, __builtin_bswap32(static_cast<std::uint32_t>(body.size())));
    canvas_.put(at_ + 8, body);
    at_ = (at_ + 8 + body.size() + 7) / 8 * 8;
  }
  Buffer take() { return std::move(canvas_).take(); }

 private:
  Canvas canvas_{size};
  std::uint64_t at_ = 0;
};

void append(Buffer& to, Bytes from) { to.insert(to.end(), from.begin(), from.end()); }

Buffer named(std::string_view name, Bytes content) {
  Buffer out(16, std::byte{0});
  std::ranges::copy(as_bytes(name), out.begin());
  append(out, content);
  return out;
}

Buffer owner_key(const TestKey& key) {
  Buffer out = key.modulus(ByteOrder::little);
  out.resize(264, std::byte{0});
  out[256] = std::byte{0x01};
  out[258] = std::byte{0x01};
  return out;
}

// Length of what precedes, key number, version; signature over all of it; the key.
void sign_stage(Buffer& stage, const TestKey& key, std::uint32_t key_number) {
  Canvas block(12, std::byte{0});
  block.u32(0, static_cast<std::uint32_t>(stage.size())).u32(4, key_number).u32(8, 1);
  append(stage, block.bytes());
  append(stage, key.sign_pkcs1(HashAlgorithm::sha256, hash(HashAlgorithm::sha256, stage), ByteOrder::big));
  append(stage, owner_key(key));
}

// Code and blocks as the boot ROM of a Pi 5 checks them.
Buffer second_stage(CounterSigned counter_signed) {
  Buffer out(512, std::byte{0});
  out.resize(0x1000, std::byte{0x42});
  sign_stage(out, TestKey::of_bits(2048), 0);
  if (counter_signed == CounterSigned::by_the_owner) sign_stage(out, TestKey::of_bits(2048), 16);
  // The block names a key of its own: which one it is, and not whether it holds, is what this is for.
  if (counter_signed == CounterSigned::by_another) {
    sign_stage(out, TestKey::of_bits(2048), 16);
    out.back() = std::byte{1};
  }
  return out;
}

// CK packing of a text: literals, and one copy to have both kinds of items.
Buffer packed(std::string_view text) {
  Buffer out;
  const Bytes bytes = as_bytes(text);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 8 == 0) out.push_back(std::byte{0});
    out.push_back(bytes[i]);
  }
  out.push_back(std::byte{1});  // repeat the last byte 16 times, in a group that only holds this item
  out.push_back(std::byte{0});
  out.push_back(std::byte{15});
  return out;
}

}  // namespace

Buffer raspberrypi_eeprom(CounterSigned counter_signed) {
  // A multiple of 8, so that the copy starts a group of its own.
  std::string bootmain =
      "VC_BUILD_ID_VERSION: none\nBUILD_TIMESTAMP=1700000000\nVERSION:0badcafe DATE: 2023/11/14 TIME: 22:13:20 ";
  bootmain.resize((bootmain.size() + 7) / 8 * 8, '.');
  const std::string unpacked = bootmain + std::string(16, '.');
  const std::string config = "[all]\nBOOT_UART=1\nSIGNED_BOOT=1\n";
  const TestKey key = TestKey::of_bits(2048);
  const Buffer digest = hash(HashAlgorithm::sha256, as_bytes(config));
  const std::string signature = fmt::format("{}\nts: 1700000000\nrsa2048: {}\n", to_hex(digest),
                                            to_hex(key.sign_pkcs1(HashAlgorithm::sha256, digest, ByteOrder::big)));
  Eeprom eeprom;
  eeprom.section(0x55AAF00F, second_stage(counter_signed));
  Buffer body = named("bootmain", packed(bootmain));
  append(body, hash(HashAlgorithm::sha256, as_bytes(unpacked)));
  eeprom.section(0x55AAF33F, body);
  eeprom.section(0x55AAFEEF, Buffer(100, std::byte{0xFF}));
  eeprom.section(0x55AAF11F, named("pubkey.bin", owner_key(key)));
  eeprom.section(0x55AAF11F, named("bootconf.sig", as_bytes(signature)));
  eeprom.section(0x55AAF11F, named("bootconf.txt", as_bytes(config)));
  return eeprom.take();
}

Buffer raspberrypi_start_elf() {
  Canvas canvas(0x1000, std::byte{0});
  canvas.put(0, from_hex("7f454c46010101")).u16(0x10, 2).u16(0x12, 137).u32(0x14, 1);
  canvas.u32(0x1C, 0x34).u16(0x28, 0x34).u16(0x2A, 0x20).u16(0x2C, 1);
  canvas.u32(0x34, 1).u32(0x38, 0x200).u32(0x44, 0xE00).u32(0x48, 0xE00);  // one segment, up to the end
  canvas.text(0x200, "VC_BUILD_ID_TIME: 12:10:40").text(0x240, "VC_BUILD_ID_VARIANT: start");
  canvas.text(0x280, "VC_BUILD_ID_BRANCH: bcm2711_2").text(0x2C0, "VC_BUILD_ID_PLATFORM: raspberrypi_linux");
  canvas.text(0x300, "VC_BUILD_ID_VERSION: 0badcafe (clean)");
  return std::move(canvas).take();
}

}  // namespace quell::specimen
