// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "base/budget.h"
#include "intel/cse/lzma.h"
#include "intel/cse/report.h"
#include "intel/region_report.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t most_unpacked = std::uint64_t{16} << 20U;

Range in_image(const MeRegion& me, Range range) {
  const Range inside = range.intersection({0, me.bytes.size()});
  return {me.bytes.origin() + inside.offset, inside.size};
}

void add_key(std::vector<Artifact>& out, const Manifest& manifest) {
  const std::string name = to_hex(key_identifier(manifest));
  const std::string text = public_key_pem(manifest);
  const Bytes bytes = as_bytes(text);
  Artifact key{.path = "intel/keys/" + name + ".pem", .kind = "key"};
  key.attributes.set("key_md5", name);
  key.unpack = [content = Buffer(bytes.begin(), bytes.end())]() { return Result<Buffer>(content); };
  out.push_back(std::move(key));
}

// Huffman modules of generation 2 are spread over chunks that all modules share; the stream as a whole is extracted.
void add_modules(std::vector<Artifact>& out, const MeRegion& me, const std::shared_ptr<Budget>& budget) {
  const std::string folder = fmt::format("intel/{:08x}-{}/", me.bytes.origin() + me.code_offset(), "FTPR");
  if (me.llut) {
    const Range stream = in_image(me, Range::between(me.llut->offset, me.llut->stream_end()));
    out.push_back({.path = folder + "LLUT-huffman-stream.bin", .kind = "module", .range = stream});
  }
  std::size_t number = 0;
  for (const Gen2Module& module : me.modules->modules) {
    const std::string base = fmt::format("{}{:02d}-{}", folder, number++, module.name);
    if (module.is_huffman()) continue;
    const Range range = in_image(me, {me.code_offset() + module.data_offset, module.stored_size});
    if (range.empty()) continue;
    const ByteView bytes = me.bytes.clip({range.offset - me.bytes.origin(), range.size});
    const bool lzma = module.compression_code() == static_cast<unsigned>(Compression::lzma);
    out.push_back({.path = base + (lzma ? ".lzma" : ".bin"), .kind = "module", .range = range});
    out.back().attributes.set("name", module.name);
    if (!lzma || bytes.filled_with(std::byte{0xFF})) continue;
    out.push_back({.path = base + ".bin", .kind = "unpacked", .range = range});
    out.back().attributes.set("name", module.name);
    out.back().attributes.set("compression", "lzma");
    out.back().unpack = [bytes, budget]() -> Result<Buffer> {
      if (!budget->spend(std::min(bytes.u64(5).value_or(0), most_unpacked))) {
        return fail(Errc::unsupported, "the image claims more content than it can hold: not unpacked", bytes.origin());
      }
      QUELL_TRY(LzmaOutput output, unpack_lzma(bytes, most_unpacked));
      return std::move(output.bytes);
    };
  }
}

}  // namespace

std::vector<Artifact> artifacts_of(const MeRegion& me, const std::shared_ptr<Budget>& budget) {
  std::vector<Artifact> out;
  for (const FptEntry& entry : me.table.entries) {
    const Range range = in_image(me, entry.has_data() ? entry.range(me.bytes.size()) : Range{});
    if (range.empty()) continue;
    out.push_back({.path = fmt::format("intel/partitions/{:08x}-{}.bin", range.offset, entry.name),
                   .kind = "partition",
                   .range = range});
    out.back().attributes.set("name", entry.name);
  }
  const Range manifest = me.manifest.bytes.range();
  out.push_back({.path = fmt::format("intel/{:08x}-{}/manifest.bin", me.bytes.origin() + me.code_offset(),
                                     me.code_partition.name),
                 .kind = "manifest",
                 .range = manifest});
  out.back().attributes.set("version", to_string(me.manifest.version));
  add_key(out, me.manifest);
  if (me.modules) add_modules(out, me, budget);
  return out;
}

}  // namespace quell::intel
