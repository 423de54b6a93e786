// SPDX-License-Identifier: GPL-2.0-or-later
// What differs between two images, told by region, partition, module and descriptor word. Linear in their size.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/flash/word_difference.h"
#include "quell/survey/report.h"

namespace quell {

// Calls `found` with every run of differing bytes, in order, over the length that both have. Runs end at equal bytes.
void for_each_difference(ByteView before, ByteView after, const std::function<void(Range run)>& found);

// Differences inside one component that both have (and not inside a smaller one of it). Of a component that moved,
// between its old and its new place; what that leaves and overwrites is no difference of other parts.
struct PartDifference {
  std::string path{};              // "me / FTPR / bup"; empty: outside of everything known
  std::string kind{};              // of the component: "region", "partition", "module", ...
  std::string anchor{};            // of the component before (trees_of()); empty: there was none
  std::string anchor_after{};      // of the component afterwards; empty: there is none
  Range range{};                   // of the component
  std::uint64_t bytes = 0;         // that differ
  std::uint64_t runs = 0;          // separate places
  std::vector<Range> first{};      // the first few of them
  std::uint64_t to_erased = 0;     // differing bytes that are 0xFF afterwards
  std::uint64_t to_zero = 0;       // ... that are 0x00 afterwards
  std::uint64_t from_erased = 0;   // ... that were 0xFF before
  std::uint64_t bits_cleared = 0;  // bits that went from 1 to 0
  std::uint64_t bits_set = 0;      // bits that went from 0 to 1
  bool erased = false;             // the whole component is 0xFF afterwards
  bool zeroed = false;             // the whole component is 0x00 afterwards
};

// A component that only one image has, or that both have at different places. Parts are matched by what they are: kind
// and name, the same content before the same place before the same order, then content alone.
struct StructureDifference {
  enum class Kind { added, removed, moved, resized };
  Kind kind = Kind::moved;
  std::string path{};
  std::string component{};  // its kind
  Range before{};
  Range after{};
  std::string path_after{};            // of a part that has another name or parent afterwards; else empty
  std::optional<bool> same_content{};  // of what moved: whether its own bytes are the same; nothing where not compared
  std::string anchor{};                // before (trees_of()); empty of what was added
  std::string anchor_after{};          // afterwards; empty of what was removed
};

// A variable or a module of UEFI firmware that only one image has, or both with other content, wherever it stands and
// however it is packed. The content of variables stays untold.
struct FirmwareDifference {
  enum class Kind { added, removed, changed };
  enum class Part { variable, module };
  Kind kind = Kind::changed;
  Part part = Part::variable;
  std::string name{};    // of the variable; what the module calls itself, empty where it does not
  std::string owner{};   // of the variable, by name or GUID; the module's GUID
  std::string inside{};  // of a variable in a list of defaults ("StdDefaults")
  std::uint64_t size_before = 0;
  std::uint64_t size_after = 0;
};

// A fact or an action's state that differs.
struct FactDifference {
  std::string engine{};
  std::string key{};
  std::optional<Attribute> before{};  // nothing where only the other image has it
  std::optional<Attribute> after{};
};

struct Comparison {
  bool same = true;
  std::uint64_t size_before = 0;
  std::uint64_t size_after = 0;
  std::uint64_t bytes = 0;  // differing ones, over the length that both have
  std::vector<PartDifference> parts{};
  std::vector<flash::WordDifference> words{};
  std::vector<StructureDifference> structure{};
  std::vector<FirmwareDifference> firmware{};
  std::vector<FactDifference> facts{};
};

// "added", "removed", "moved", "resized".
std::string_view to_string(StructureDifference::Kind kind) noexcept;

// "added", "removed", "changed"; "variable", "module".
std::string_view to_string(FirmwareDifference::Kind kind) noexcept;
std::string_view to_string(FirmwareDifference::Part part) noexcept;

// Differences by region only: for two reads of one chip.
std::vector<PartDifference> compare_regions(const Report& report, ByteView before, ByteView after);

// Everything that differs. The reports are those of the two images, in the same order.
Comparison compare(const Report& before_report, ByteView before, const Report& after_report, ByteView after);

// What happened to the part, in words: "erased (0xFF)", "1234 bytes differ in 5 places".
std::string summary(const PartDifference& part);

}  // namespace quell
