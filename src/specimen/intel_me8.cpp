// SPDX-License-Identifier: GPL-2.0-or-later
// Generation 2 (ME 6-10, TXE 1-2): FTPR with a $MN2 manifest, module headers, and for ME the Huffman chunk table (LLUT)
// that all Huffman modules share. The chunks hold noise: the dictionary of these generations is not public.
#include <stdexcept>

#include "specimen/intel_parts.h"

#include "base/size.h"

namespace quell::specimen {
namespace {

enum Compression : std::uint32_t { none = 0, huffman = 1, lzma = 2 };

struct Module {
  std::string_view name{};
  Compression compression = none;
  unsigned size_percent = 100;  // of the average
};

constexpr std::array me_modules{
    Module{"UPDATE", lzma, 20},     Module{"ROMP", huffman, 20},    Module{"BUP", huffman, 120},
    Module{"KERNEL", huffman, 200}, Module{"POLICY", huffman, 150}, Module{"HOSTCOMM", lzma, 80},
    Module{"RSA", lzma, 80},        Module{"CLS", lzma, 70},        Module{"TDT", lzma, 90},
    Module{"FTCS", huffman, 60},    Module{"ClsPriv", lzma, 20},    Module{"SESSMGR", lzma, 150}};
constexpr std::array txe_modules{
    Module{"BUP", none, 100}, Module{"KERNEL", lzma, 250}, Module{"POLICY", lzma, 120}, Module{"HOSTCOMM", lzma, 100},
    Module{"FPF", lzma, 30},  Module{"RSA", lzma, 80},     Module{"fTPM", lzma, 200},   Module{"SBOOT", lzma, 60}};
constexpr std::array recovery_modules{Module{"KERNEL", lzma, 100}, Module{"HOSTCOMM", lzma, 60}};

constexpr std::uint64_t chunk_size = 0x400;
constexpr std::uint32_t address_base = 0x100E0000;  // of the unpacked address space, less 0x10000000
// The two middle bytes of AddrBase: the firmware finds the chunk table at SpiBase plus this.
constexpr std::uint64_t table_distance = address_base >> 8U & 0xFFFFU;

struct Partition {
  std::string_view name{};
  std::span<const Module> modules{};
  bool txe = false;
  std::uint64_t at = 0;  // in the region
  std::uint64_t code_size = 0;
};

class Generation2 {
 public:
  Generation2(const Partition& partition, std::uint64_t seed) : p_(partition), random_(seed) {}

  Buffer build() {
    const std::uint64_t headers = 0x290 + header_size() * (p_.modules.size() + 1);
    const std::uint64_t manifest_end = headers + 0x44 + 0x10 + 0x10;
    table_at_ = round_up(manifest_end, 0x40);
    for (const Module& module : p_.modules) plan_chunks(module);
    stream_at_ = has_huffman() ? table_at_ + 0x40 + 4 * chunks_.size() : table_at_;
    data_at_ = stream_at_ + stream_.size();
    if (p_.txe) data_at_ = round_up(data_at_, 0x1000);

    Buffer tail;
    append(tail, p_.name, 12);
    for (const Module& module : p_.modules) append_header(tail, module);
    tail.resize(to_size(tail.size() + header_size()), std::byte{0xFF});
    append_records(tail);

    ManifestSpec spec;
    spec.version = p_.txe ? std::array<std::uint16_t, 4>{1, 1, 4, 1145} : std::array<std::uint16_t, 4>{8, 1, 40, 1416};
    spec.module_count = static_cast<std::uint32_t>(p_.modules.size());
    Buffer out = unsigned_manifest(spec, tail);
    sign_manifest(out, spec);
    if (has_huffman()) {
      out.resize(to_size(table_at_), std::byte{0xFF});
      append_table(out);
      append(out, stream_);
    }
    out.resize(to_size(data_at_), std::byte{0xFF});
    append(out, data_);
    out.resize(to_size(round_up(out.size(), 0x1000)), std::byte{0xFF});
    return out;
  }

 private:
  struct Chunk {
    bool live = false;
    std::uint64_t offset = 0;  // in the stream
    std::uint8_t flags = 0;
  };

  [[nodiscard]] std::uint64_t header_size() const { return p_.txe ? 0x80 : 0x60; }
  [[nodiscard]] bool has_huffman() const { return !stream_.empty(); }
  [[nodiscard]] std::uint64_t unpacked_size(const Module& module) const {
    return round_up(p_.code_size * module.size_percent / 100 + 1, chunk_size);
  }

  // Modules follow each other in the unpacked address space with gaps, whose chunks do not exist.
  void plan_chunks(const Module& module) {
    if (module.compression != huffman) return;
    chunks_.resize(chunks_.size() + 8);
    bases_.push_back(chunks_.size());
    const std::uint64_t count = unpacked_size(module) / chunk_size;
    const std::uint64_t before = stream_.size();
    for (std::uint64_t i = 0; i < count; ++i) {
      const bool shares = module.name == "POLICY" && count > 1 && i == count - 1;
      if (shares) {
        chunks_.push_back(chunks_.back());
        continue;
      }
      chunks_.push_back({true, stream_.size(), static_cast<std::uint8_t>(module.name == "KERNEL" ? 0x40 : 0x00)});
      append(stream_, random_.noise(0x200 + random_.below(0x180)));
    }
    stored_sizes_.push_back(stream_.size() - before);
  }

  void append_header(Buffer& out, const Module& module) {
    const std::uint64_t size = unpacked_size(module);
    const Buffer plain = random_.code(size);
    std::uint64_t base = 0x20040000 + 0x20000 * next_module_++;
    std::uint64_t offset = data_at_ + data_.size();
    std::uint64_t stored_size = 0;
    if (module.compression == huffman) {
      base = address_base + 0x10000000ULL + chunk_size * bases_.at(next_huffman_);
      offset = table_at_;
      stored_size = stored_sizes_.at(next_huffman_++);
    } else {
      const Buffer stored = module.compression == lzma ? intel_lzma(plain, p_.txe) : plain;
      stored_size = stored.size();
      append(data_, stored);
      if (p_.txe) data_.resize(to_size(round_up(data_.size(), 0x1000)), std::byte{0xFF});
    }
    append(out, "$MME", 4);
    append(out, module.name, 16);
    append(out, reversed(sha256(plain)));
    append_u32(out, base);
    append_u32(out, offset);
    append_u32(out, size);
    append_u32(out, stored_size);
    append_u32(out, size + 0x28);
    append_u32(out, size + 0x28);
    append_u32(out, base);
    append_u32(out, 0x0012C00AU | module.compression << 4U);
    out.resize(to_size(out.size() + header_size() - 0x54));
  }

  void append_records(Buffer& out) {
    append(out, "$MCP", 4);
    append_u32(out, 0x11);
    append_u32(out, data_at_ + data_.size() - table_at_);
    append_u32(out, table_at_);
    append_u32(out, p_.at);
    append(out, random_.noise(32));
    for (const std::uint32_t value : {0x100U, 8U, 1U, 1U}) append_u32(out, value);
    append(out, "$SKU", 4);
    append_u32(out, 4);
    append_u32(out, 0x111C0CE0);
    append_u32(out, 0x00002203);
    append(out, "$MMX", 4);
    append_u32(out, 4);
    append_u32(out, 0x10);
    append_u32(out, 0);
  }

  void append_table(Buffer& out) const {
    append(out, "LLUT", 4);
    append_u32(out, chunks_.size());
    append_u32(out, address_base);
    append_u32(out, p_.at + table_at_ + 0x40 - table_distance);
    append_u32(out, stream_.size());
    append_u32(out, p_.at + stream_at_);
    append_u32(out, 1);  // 1 KiB chunks
    out.resize(out.size() + 0x14);
    append_u32(out, chunk_size);
    append_u16(out, 1);  // packer version
    append_u16(out, 0);
    append(out, "CPT A0  ", 8);
    for (const Chunk& chunk : chunks_) {
      append_u32(out,
                 chunk.live ? std::uint64_t{chunk.flags} << 24U | (p_.at + stream_at_ + chunk.offset) : 0x80000000U);
    }
  }

  Partition p_;
  Random random_;
  std::uint64_t table_at_ = 0, stream_at_ = 0, data_at_ = 0;  // from the start of the partition
  std::vector<Chunk> chunks_{};
  std::vector<std::uint64_t> bases_{};         // first chunk of each Huffman module
  std::vector<std::uint64_t> stored_sizes_{};  // of each Huffman module
  std::size_t next_huffman_ = 0, next_module_ = 0;
  Buffer stream_{};
  Buffer data_{};
};

bool is_small(const IntelOptions& options) { return options.code_size != 0 && options.code_size < 0x4000; }

}  // namespace

Buffer me8_code(const IntelOptions& options, bool txe, std::uint64_t at) {
  const std::uint64_t code_size = options.code_size == 0 ? 0xC000 : options.code_size;
  const auto modules = txe ? std::span<const Module>(txe_modules) : std::span<const Module>(me_modules);
  return Generation2({"FTPR", modules, txe, at, code_size}, options.seed * 8 + 3).build();
}

Buffer me8_region(const IntelOptions& options, bool txe) {
  const bool small = is_small(options);
  const std::uint64_t effs_size = small ? 0x1000 : 0x48000;
  const std::uint64_t lookup_at = 0x3000 + effs_size;
  const std::uint64_t ftpr_at = lookup_at + (small ? 0x1000 : 0x2000);
  const Buffer ftpr = me8_code(options, txe, ftpr_at);
  const std::uint64_t nftp_at = ftpr_at + ftpr.size();
  const std::uint64_t code_size = options.code_size == 0 ? 0x10000 : options.code_size;
  const Buffer nftp = Generation2({"NFTP", recovery_modules, txe, nftp_at, code_size}, options.seed * 8 + 4).build();
  const std::uint64_t used = nftp_at + nftp.size();
  const std::uint64_t stock = txe ? 0x1FF000 : 0x17D000;
  const std::uint64_t size = options.me_size != 0 ? options.me_size : small ? used : stock;
  if (used > size) throw std::length_error("ME region too small for this firmware");

  Random random(options.seed * 8 + 5);
  Canvas canvas(size);
  canvas.put(0, txe ? Buffer(16) : from_hex("2020800f400000100000000000000000"));
  canvas.put(0x400, random.noise(0x100));
  canvas.put(0x3000, random.noise(effs_size / 2));
  canvas.text(lookup_at, "GLUT").put(lookup_at + 8, random.noise(0x200));
  canvas.put(ftpr_at, ftpr);
  canvas.put(nftp_at, nftp);
  const std::array<std::uint32_t, 3> nowhere{0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF};
  put_fpt(canvas, 0x10, {},
          {{"PSVN", "KRID", 0x3C0, 0x40, 0x783},
           {"FOVD", "KRID", 0x400, 0xC00, 0x783},
           {"MDES", "MDID", 0x1000, 0x1000, 0x2383},
           {"FCRS", "OSID", 0x2000, 0x1000, 0x2383},
           {"EFFS", "OSID", 0x3000, effs_size, 0x2704, {0xB40, 0x2760, 0}},
           {"NVCL", {}, 0xFFFFFFFF, 0x69C9, 2, nowhere},
           {"NVKR", {}, 0xFFFFFFFF, 0x5FB3, 2, nowhere},
           {"NVTD", {}, 0xFFFFFFFF, 0x1FEB, 2, nowhere},
           {"GLUT", {}, lookup_at, ftpr_at - lookup_at, 0x2783},
           {"FTPR", {}, ftpr_at, ftpr.size(), 0x2780},
           {"NFTP", {}, nftp_at, nftp.size(), 0x2780}});
  return std::move(canvas).take();
}

}  // namespace quell::specimen
