// SPDX-License-Identifier: GPL-2.0-or-later
// An ME, TXE or SPS region of the classic kind: `$FPT` at 0x00 or 0x10 and a code partition in it (generations 1-3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intel/code_directory.h"
#include "intel/fpt.h"
#include "intel/gen2.h"
#include "intel/manifest.h"
#include "intel/product.h"
#include "quell/byte_view.h"

namespace quell::intel {

// 1: ME 1-5. 2: ME 6-10, TXE 0-2, SPS 1-3. 3: ME 11 and later, TXE 3 and later, SPS 4 and later.
enum class Generation { first = 1, second = 2, third = 3 };

// All offsets are ME offsets (from the start of the region) unless a name says otherwise.
struct MeRegion {
  ByteView bytes{};
  FlashPartitionTable table{};
  FptEntry code_partition{};  // `CODE` or `FTPR`
  Generation generation = Generation::second;
  std::uint64_t manifest_offset = 0;
  Manifest manifest{};
  SigningKey key{};
  Product product = Product::me;  // a region says it only through the key that signed it
  Signatures signatures{};        // of the manifests in the region

  std::optional<CodeDirectory> directory{};  // generation 3
  std::optional<Gen2ModuleTable> modules{};  // generation 2, unless `module_error`
  std::optional<Llut> llut{};                // generation 2 with Huffman modules, unless `module_error`
  std::optional<Error> module_error{};       // why modules or LLUT could not be read

  // P and PL: where the code partition lies and how long its row says it is.
  [[nodiscard]] std::uint64_t code_offset() const noexcept { return code_partition.offset; }
  [[nodiscard]] std::uint64_t code_length() const noexcept { return code_partition.range(bytes.size()).size; }
  // The whole-region firmware of ME 6 on Ibex Peak servers: a $SKU record of zero right after the modules. It has
  // nothing but a bring-up program, and the region may be blank.
  [[nodiscard]] bool is_ignition() const;
  // "ME", "CSE ME", "TXE", "CSE TXE", "SPS", "CSE SPS".
  [[nodiscard]] std::string_view family() const noexcept;
};

// Generation 2: where the module headers begin, from the code partition.
inline constexpr std::uint64_t gen2_headers_offset = 0x290;

// Reads a region. `ich_descriptor` says that it comes from a dump whose descriptor signature stands at 0x0, which makes
// it generation 1. Errc::unrecognised without `$FPT`, Errc::damaged where the code partition or its manifest is missing
// or cut off. Damage in the module table does not fail: see `module_error`. `signatures` is shared with other readers
// of the same image.
Result<MeRegion> parse_me_region(ByteView region, bool ich_descriptor, Signatures signatures = {});

}  // namespace quell::intel
