// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>

#include "intel/cse/huffman.h"
#include "intel/cse/image.h"

namespace quell::intel {

// A module's bytes in the form that its digest may cover.
struct ModuleContent {
  Buffer unpacked{};  // empty for plain modules
  ByteView packed{};  // exactly the stored stream
  ModuleCompression compression = ModuleCompression::none;
  std::uint64_t unknown_symbols = 0;
  std::string unknown_names{};  // the unknown codewords, for people
};

// The most that unpacking it can make, by what the module and its stream announce: whether the stream then holds that
// or is damaged, so much may be done. Nothing is when that is more than `limit`.
std::uint64_t unpacking_cost(const CsePartition& partition, const CseModule& module, std::uint64_t limit) noexcept;

// Unpacks a module; at most `limit` bytes.
Result<ModuleContent> read_content(const CsePartition& partition, const CseModule& module,
                                   const HuffmanDictionary& dictionary, std::uint64_t limit);

// The dictionary that firmware of this version was packed with.
const HuffmanDictionary& dictionary_for(CseFamily family, const Version& version);
const HuffmanDictionary& dictionary_of(const CseImage& image, const CsePartition& partition);

// The digests in the tables of `rbe` and `pm`, as stored. Tables are told by the vendor id 0x8086 in three neighbouring
// records; what happens to look like one does no harm, as nothing has a digest that is not its own.
class DigestTables {
 public:
  void add_from(Bytes module);
  [[nodiscard]] bool empty() const noexcept { return digests_.empty(); }
  // Whether the SHA-256 or SHA-384 of these bytes stands in a table.
  [[nodiscard]] bool cover(Bytes content) const;

 private:
  std::set<Buffer> digests_;
  bool has_sha256_ = false, has_sha384_ = false;
};

// SHA-256 or SHA-384, by the size of the digest it will be compared with; reversed, as most are stored.
Buffer reversed_digest(Bytes content, std::uint64_t digest_size, Bytes second = {});
Buffer forward_digest(Bytes content, std::uint64_t digest_size);

}  // namespace quell::intel
