// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <stdexcept>
#include <string>

#include <libfdt.h>

#include "quell/digest.h"
#include "specimen/other.h"

namespace quell::specimen {
namespace {

// Writes a device tree front to back. libfdt reports a full buffer, which would be a mistake here.
class Tree {
 public:
  Tree() : bytes_(0x2000) {
    done(fdt_create(bytes_.data(), static_cast<int>(bytes_.size())));
    done(fdt_finish_reservemap(bytes_.data()));
  }
  Tree& begin(const std::string& node) { return done(fdt_begin_node(bytes_.data(), node.c_str())); }
  Tree& end() { return done(fdt_end_node(bytes_.data())); }
  Tree& text(const std::string& name, const std::string& value) {
    const Bytes bytes = as_bytes(std::string_view(value.c_str(), value.size() + 1));
    return data(name, bytes);
  }
  Tree& cell(const std::string& name, std::uint32_t value) {
    return done(fdt_property_u32(bytes_.data(), name.c_str(), value));
  }
  Tree& data(const std::string& name, Bytes value) {
    return done(fdt_property(bytes_.data(), name.c_str(), value.data(), static_cast<int>(value.size())));
  }
  Buffer take() {
    done(fdt_finish(bytes_.data()));
    bytes_.resize(static_cast<std::size_t>(ByteView(bytes_).be32(4).value_or(0)));  // totalsize
    return std::move(bytes_);
  }

 private:
  Tree& done(int status) {
    if (status != 0) throw std::length_error(fdt_strerror(status));
    return *this;
  }
  Buffer bytes_;
};

void put_hash(Tree& tree, Bytes content) {
  tree.begin("hash-1").text("algo", "sha256").data("value", hash(HashAlgorithm::sha256, content)).end();
}

Buffer optee_part() {
  Canvas canvas(0x80, std::byte{0});
  canvas.text(0, "OPTE").u8(4, 1).u8(5, 1).u32(8, 0x40).u32(16, 0x0E100000).u32(20, 0x40);
  return std::move(canvas).take();
}

}  // namespace

Buffer fip_package() {
  constexpr std::uint64_t monitor = 0x100;
  constexpr std::uint64_t optee = 0x400;
  constexpr std::uint64_t pager = 0x440;
  constexpr std::uint64_t end = 0x540;
  Canvas canvas(end, std::byte{0});
  canvas.u32(0, 0xAA640001).u32(4, 0x12345678);
  const auto entry = [&canvas](unsigned index, std::string_view uuid, std::uint64_t offset, std::uint64_t size) {
    const std::uint64_t at = 0x10 + std::uint64_t{40} * index;
    canvas.put(at, from_hex(uuid)).u64(at + 16, offset).u64(at + 24, size);
  };
  entry(0, "47d4086d4cfe98469b952950cbbd5a00", monitor, 0x300);
  entry(1, "05d0e18953dc13478d2b500a4b7a3e38", optee, 28);
  entry(2, "0b70c29b2a5a78409f650a5682738288", pager, 0x100);
  entry(3, "00000000000000000000000000000000", end, 0);
  canvas.text(monitor, "v2.9(release):v2.9.0").text(monitor + 0x40, "Built : 10:00:00, Jan  1 2024");
  canvas.text(monitor + 0x80, "opteed_fast");
  canvas.text(optee, "OPTE").u8(optee + 4, 2).u8(optee + 5, 1).u32(optee + 8, 1);
  canvas.u32(optee + 12, 0).u32(optee + 16, 0x0E100000).u32(optee + 20, 0).u32(optee + 24, 0x100);
  return std::move(canvas).take();
}

Buffer uboot_fit() {
  const std::string banner = "v2.9(release):v2.9.0 Built : 10:00:00, Jan  1 2024 opteed_fast";
  const Buffer os = optee_part();
  Tree tree;
  tree.begin("").text("description", "specimen board").begin("images");
  tree.begin("atf").text("description", "monitor").text("type", "firmware").text("os", "arm-trusted-firmware");
  tree.text("arch", "arm64").text("compression", "none").cell("load", 0x40000).cell("entry", 0x40000);
  tree.data("data", as_bytes(banner));
  put_hash(tree, as_bytes(banner));
  tree.end().begin("tee").text("description", "trusted OS").text("type", "tee").text("os", "tee");
  tree.text("arch", "arm64").text("compression", "none").cell("load", 0x8400000).data("data", os);
  put_hash(tree, os);
  tree.end().end().begin("configurations").text("default", "board").begin("board");
  tree.text("description", "specimen").text("firmware", "atf").text("loadables", "tee").end().end().end();
  return tree.take();
}

Buffer qualcomm_image() {
  constexpr std::uint64_t hashes = 0x1000;
  constexpr std::uint64_t code = 0x2000;
  constexpr std::uint32_t headers_size = 0x34 + 3 * 0x20;
  constexpr std::uint32_t table_size = 3 * 32;
  constexpr std::uint32_t code_size = 0x100;
  Canvas canvas(code + code_size, std::byte{0});
  canvas.put(0, from_hex("7f454c46010101")).u16(0x10, 2).u16(0x12, 40).u32(0x14, 1);
  canvas.u32(0x1C, 0x34).u16(0x28, 0x34).u16(0x2A, 0x20).u16(0x2C, 3);
  const auto header = [&canvas](unsigned index, std::uint32_t type, std::uint32_t flags, std::uint64_t offset,
                                std::uint32_t length) {
    const std::uint64_t at = 0x34 + std::uint64_t{0x20} * index;
    canvas.u32(at, type).u32(at + 4, static_cast<std::uint32_t>(offset)).u32(at + 12, 0x86500000);
    canvas.u32(at + 16, length).u32(at + 20, length).u32(at + 24, flags);
  };
  header(0, 0, 7U << 24U, 0, headers_size);
  header(1, 0, 2U << 24U, hashes, 40 + table_size);
  header(2, 1, 5, code, code_size);
  canvas.text(code, "v2.9(release):v2.9.0").text(code + 0x40, "QSEE");
  // Ten words: image id, version, ..., size of what follows, of the digests, of signature and chain (none).
  canvas.u32(hashes + 4, 5).u32(hashes + 16, table_size).u32(hashes + 20, table_size);
  const Bytes whole(canvas.bytes());
  const Buffer headers_digest = hash(HashAlgorithm::sha256, whole.first(headers_size));
  const Buffer code_digest = hash(HashAlgorithm::sha256, whole.subspan(code, code_size));
  canvas.put(hashes + 40, headers_digest).put(hashes + 40 + 64, code_digest);
  return std::move(canvas).take();
}

}  // namespace quell::specimen
