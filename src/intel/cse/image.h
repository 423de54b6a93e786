// SPDX-License-Identifier: GPL-2.0-or-later
// The firmware of a converged security engine as a whole: CSME 11 and later, CSTXE 3-4, CSSPS 4 and later, in every
// container it comes in. docs/formats/csme.md
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intel/code_directory.h"
#include "intel/cse/extensions.h"
#include "intel/cse/layout.h"
#include "intel/cse/mfs.h"
#include "intel/fpt.h"
#include "intel/manifest.h"
#include "quell/byte_view.h"
#include "quell/engine.h"

namespace quell {
class Budget;
}  // namespace quell

namespace quell::intel {

// What is known of the integrity of one thing.
enum class Integrity {
  not_checked,    // nobody asked for it
  verified,       // a signature or a signed digest holds
  unsigned_part,  // unsigned by design
  uncheckable,    // no digest exists, or it cannot be computed; `reason` says why
  failed,
};
// "not checked", "verified", "unsigned", "not verifiable", "FAILED".
std::string_view to_string(Integrity integrity) noexcept;

enum class ModuleCompression : std::uint8_t { none = 0, huffman = 1, lzma = 2 };

// One file of a code partition directory.
struct CseModule {
  enum class Kind { manifest, metadata, key, module };
  std::string name{};
  Kind kind = Kind::module;
  Range stored{};  // image offsets; only the stored bytes where a metadata file or a table knows how many they are
  ModuleCompression compression = ModuleCompression::none;
  bool encrypted = false;
  bool cut_off = false;  // some of its bytes lie beyond the end of the file
  bool absent = false;   // it is erased, or has no bytes
  bool has_metadata = false;
  std::uint64_t unpacked_size = 0;
  Bytes digest{};  // from the metadata
  Integrity integrity = Integrity::not_checked;
  std::string reason{};  // how it was verified, or why not
  std::uint64_t unknown_symbols = 0;
  ExtensionList extensions{};  // of a metadata file or a signed key
};

// What a check came to, by the names that the tables in docs/formats/csme.md use.
struct CseTally {
  std::uint64_t metadata_verified = 0;   // metadata files whose digest stands in the manifest
  std::uint64_t metadata_elsewhere = 0;  // listed in the manifest, but stripped from this build
  std::uint64_t modules_verified = 0;    // of all kinds
  std::uint64_t huffman = 0;             // verified by their own metadata, unpacked
  std::uint64_t lzma_packed = 0;         // ... as stored
  std::uint64_t lzma_unpacked = 0;       // ... unpacked
  std::uint64_t plain = 0;               // ... plain
  std::uint64_t tabled_huffman = 0;      // verified by the tables of rbe and pm
  std::uint64_t tabled_lzma = 0;
  std::uint64_t tabled_plain = 0;
  std::uint64_t other_extensions = 0;  // verified by a digest in another signed extension
  std::uint64_t microcode = 0;         // CPU microcode whose own checksum holds
  std::uint64_t keys = 0;              // signed .key modules
  std::uint64_t erased = 0;
  std::uint64_t empty = 0;
  std::uint64_t cut_off = 0;
  std::uint64_t unsigned_modules = 0;
  std::uint64_t uncheckable = 0;
  std::uint64_t failed = 0;
  CseTally& operator+=(const CseTally& other) noexcept;
};

// A partition that begins with $CPD.
struct CsePartition {
  std::string name{};       // as its directory says
  std::string listed_as{};  // as the table that lists it says
  std::string container{};  // "$FPT", "boot 1", ...; empty for a file that is nothing but a partition
  ByteView bytes{};
  CodeDirectory directory{};
  std::vector<Range> extents{};  // bytes of each entry, from $CPD
  std::optional<Manifest> manifest{};
  std::uint64_t manifest_offset = 0;  // from $CPD
  SignatureState signature = SignatureState::empty;
  std::optional<std::uint64_t> pss_salt{};
  SigningKey key{};
  ExtensionList extensions{};
  std::vector<CseModule> modules{};  // in the order of the directory
  Integrity digest = Integrity::not_checked;
  std::string digest_reason{};
  std::optional<bool> listed_key{};  // whether the key manifest in the image accepts the key for this partition's role
  CseTally tally{};
};

// A partition of data, or one that is claimed and not there.
struct CseDataPartition {
  std::string name{};
  std::string container{};
  Range range{};  // image offsets, as claimed
  bool blank = false;
};

enum class CseContainer {
  region,       // $FPT at 0x00 or 0x10, code partitions in it
  layout_1_6,   // CSE layout table of IFWI 1.6
  layout_1_7,   // of IFWI 1.7
  boot_region,  // BPDT at the start of the BIOS region: Apollo and Gemini Lake
  partition,    // $CPD at the start of the file
};
std::string_view to_string(CseContainer container) noexcept;

enum class CseFamily { csme, cstxe, cssps };

struct CseImage {
  ByteView bytes{};
  CseContainer container = CseContainer::region;
  std::optional<LayoutTable> layout{};
  ByteView data_partition{};  // what the rows of `table` count from
  std::optional<FlashPartitionTable> table{};
  std::vector<Bpdt> boot_tables{};         // offsets in `bytes`
  std::vector<CsePartition> partitions{};  // by offset; each range once
  std::vector<CseDataPartition> data{};    // everything else that a table names
  std::vector<Error> cut_off{};            // partitions that reach beyond the end of the file
  std::vector<Error> damage{};             // parts that could not be read
  std::optional<MfsVolume> mfs{};

  CseFamily family = CseFamily::csme;
  bool verified = false;          // whether `verify` has run
  bool budget_exhausted = false;  // the image claims more than any sound one; not all was read or checked

  // The partition that says what the image is: FTPR, else RBEP, NFTP or the first one; nullptr when there is none.
  [[nodiscard]] const CsePartition* main() const noexcept;
  [[nodiscard]] const CsePartition* find(std::string_view name) const noexcept;
  [[nodiscard]] CseTally tally() const noexcept;
};

// CSME 18 and later (Meteor Lake on): layout, manifests and names are known from public descriptions, no image could be
// looked at. What does not fit there is unknown, not damaged.
bool in_outline(const CseImage& image) noexcept;

// Reads the firmware that begins with the view: an ME region, an Apollo or Gemini Lake BIOS region, an update or a
// single partition. Structure, manifests and their signatures; no module is unpacked. Errc::unrecognised when it is
// none. `signatures` is shared with other readers of the same image.
Result<CseImage> parse_cse(ByteView bytes, Signatures signatures = {});

// Checks every digest down to the last module.
void verify(CseImage& image);
// The same within what is left of a budget.
void verify(CseImage& image, Budget& budget);

// The whole directory digest chain needs Huffman and LZMA; this gives a module's unpacked bytes, or those stored where
// it is plain. Errc::unsupported for encrypted ones.
Result<Buffer> unpack_module(const CseImage& image, const CsePartition& partition, const CseModule& module,
                             Budget& budget);

}  // namespace quell::intel
