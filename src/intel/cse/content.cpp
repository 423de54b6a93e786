// SPDX-License-Identifier: GPL-2.0-or-later
// What digests are computed over.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/budget.h"
#include "base/size.h"
#include "intel/cse/lzma.h"
#include "intel/cse/verify.h"
#include "quell/digest.h"

namespace quell::intel {
namespace {

// Digest tables of rbe and pm: records of `stride` bytes, 06 vendor 8086, `digest_at` SHA.
struct TableForm {
  std::uint64_t stride;
  std::uint64_t digest_at;
  std::uint64_t digest_size;
};
constexpr std::array<TableForm, 4> table_forms{
    {{0x48, 0x28, 32}, {0x30, 0x10, 32}, {0x58, 0x28, 48}, {0x40, 0x10, 48}}};
constexpr std::uint64_t vendor_at = 0x06;
constexpr std::uint64_t fewest_records = 3;

bool is_record(Bytes bytes, std::uint64_t at) {
  return at + vendor_at + 2 <= bytes.size() && bytes[to_size(at + vendor_at)] == std::byte{0x86} &&
         bytes[to_size(at + vendor_at + 1)] == std::byte{0x80};
}

}  // namespace

Buffer forward_digest(Bytes content, std::uint64_t digest_size) {
  return hash(digest_size == 48 ? HashAlgorithm::sha384 : HashAlgorithm::sha256, content);
}

Buffer reversed_digest(Bytes content, std::uint64_t digest_size, Bytes second) {
  Buffer digest = hash(digest_size == 48 ? HashAlgorithm::sha384 : HashAlgorithm::sha256, content, second);
  std::ranges::reverse(digest);
  return digest;
}

void DigestTables::add_from(Bytes module) {
  for (std::uint64_t at = 0; at < module.size(); ++at) {
    if (!is_record(module, at)) continue;
    for (const TableForm& form : table_forms) {
      const auto record_at = [&](std::uint64_t distance) {
        return distance <= at ? is_record(module, at - distance) : false;
      };
      // Anywhere in a row of three: before, around or after.
      const std::uint64_t s = form.stride;
      static_assert(fewest_records == 3);
      const bool in_row = (is_record(module, at + s) && (is_record(module, at + 2 * s) || record_at(s))) ||
                          (record_at(s) && record_at(2 * s));
      if (!in_row || at + form.digest_at + form.digest_size > module.size()) continue;
      const Bytes digest = module.subspan(to_size(at + form.digest_at), to_size(form.digest_size));
      digests_.emplace(digest.begin(), digest.end());
      (form.digest_size == 48 ? has_sha384_ : has_sha256_) = true;
    }
  }
}

bool DigestTables::cover(Bytes content) const {
  return (has_sha256_ && digests_.contains(reversed_digest(content, 32))) ||
         (has_sha384_ && digests_.contains(reversed_digest(content, 48)));
}

const HuffmanDictionary& dictionary_for(CseFamily family, const Version& version) {
  const bool old = family == CseFamily::cssps ? version.major < 5
                                              : version.major <= 11 || (version.major == 14 && version.minor == 5);
  return old ? HuffmanDictionary::me11() : HuffmanDictionary::me12();
}

const HuffmanDictionary& dictionary_of(const CseImage& image, const CsePartition& partition) {
  return dictionary_for(image.family, partition.manifest ? partition.manifest->version : Version{.major = 12});
}

namespace {

// Without metadata nothing says how many bytes a stream takes; it ends where it ends.
ByteView lzma_source(const CsePartition& partition, const CseModule& module) {
  const std::uint64_t start = module.stored.offset - partition.bytes.origin();
  return partition.bytes.clip(module.has_metadata ? Range{start, module.stored.size}
                                                  : Range::between(start, partition.bytes.size()));
}

}  // namespace

std::uint64_t unpacking_cost(const CsePartition& partition, const CseModule& module, std::uint64_t limit) noexcept {
  if (module.compression == ModuleCompression::none || module.encrypted) return 0;
  const auto within_limit = [&](std::uint64_t size) { return size > limit ? 0 : size; };
  const std::uint64_t listed = module.unpacked_size;
  if (module.compression == ModuleCompression::huffman) return within_limit(listed);
  const std::uint64_t announced = lzma_source(partition, module).u64(5).value_or(0);
  return within_limit(announced) == 0 || (module.has_metadata && announced > listed) ? 0 : announced;
}

Result<ModuleContent> read_content(const CsePartition& partition, const CseModule& module,
                                   const HuffmanDictionary& dictionary, std::uint64_t limit) {
  ModuleContent content;
  content.compression = module.compression;
  content.packed = partition.bytes.clip({module.stored.offset - partition.bytes.origin(), module.stored.size});
  if (module.encrypted) return fail(Errc::unsupported, "encrypted", module.stored.offset);
  if (module.compression == ModuleCompression::huffman) {
    if (module.unpacked_size > limit) {
      return fail(Errc::damaged, fmt::format("declares {:#x} unpacked bytes", module.unpacked_size),
                  module.stored.offset);
    }
    QUELL_TRY(HuffmanOutput output, dictionary.unpack(content.packed, module.unpacked_size));
    content.unpacked = std::move(output.bytes);
    content.unknown_symbols = output.unknown_count;
    for (const UnknownSymbol& symbol : output.unknown) {
      content.unknown_names += (content.unknown_names.empty() ? "" : ", ") + symbol.codeword;
    }
    return content;
  }
  if (module.compression == ModuleCompression::lzma) {
    const ByteView from = lzma_source(partition, module);
    QUELL_TRY(LzmaOutput output,
              unpack_lzma(from, module.has_metadata ? std::min(limit, module.unpacked_size) : limit));
    content.unpacked = std::move(output.bytes);
    content.packed = module.has_metadata ? content.packed : from.clip({0, output.consumed});
    content.compression = ModuleCompression::lzma;
  }
  return content;
}

Result<Buffer> unpack_module(const CseImage& image, const CsePartition& partition, const CseModule& module,
                             Budget& budget) {
  constexpr std::uint64_t limit = std::uint64_t{64} << 20U;
  if (!budget.spend(unpacking_cost(partition, module, limit))) {
    return fail(Errc::unsupported, "the image claims more content than it can hold: not unpacked",
                module.stored.offset);
  }
  QUELL_TRY(ModuleContent content, read_content(partition, module, dictionary_of(image, partition), limit));
  if (content.compression == ModuleCompression::none) {
    return Buffer(content.packed.bytes().begin(), content.packed.bytes().end());
  }
  return std::move(content.unpacked);
}

}  // namespace quell::intel
