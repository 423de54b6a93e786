// SPDX-License-Identifier: GPL-2.0-or-later
// The variables that firmware keeps in the flash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"
#include "uefi/guid.h"

namespace quell::uefi {

enum class StoreKind {
  vss2,                // EDK II, GUID of a plain store
  vss2_authenticated,  // EDK II, variables with time and key
  vss,                 // "$VSS"
  nvar,                // AMI
  evsa,                // Phoenix
  fault_tolerant,      // EDK II's record of a write under way; holds no variables
  unknown,             // a magic of a layout that is not read
};

// "VSS2", "VSS2 authenticated", "NVAR", ...
std::string_view to_string(StoreKind kind) noexcept;

struct Variable {
  // live: what the firmware sees. old: replaced or deleted. part: a later value that an earlier entry leads to.
  enum class State { live, old, part };

  std::string name{};
  Guid owner{};
  std::uint32_t attributes = 0;
  State state = State::live;
  std::uint8_t stored_state = 0;  // of EDK II's layouts
  unsigned hops = 0;              // entries between the one with the name and the one with the value
  std::uint64_t offset = 0;       // of the entry, in the image
  ByteView data{};
};

struct VariableStore {
  StoreKind kind = StoreKind::unknown;
  Range range{};         // in the image
  std::string inside{};  // of a list that is the value of a variable ("StdDefaults"): its name
  bool older = false;    // another store holds what the firmware uses
  bool healthy = true;   // its header says that it is in use
  // Where the list breaks off although something that is not erased stands behind it (in the image).
  std::optional<std::uint64_t> broken{};
  std::vector<Variable> variables{};

  // The live variable of that name and owner, or null.
  [[nodiscard]] const Variable* find(std::string_view name, const Guid& owner) const noexcept;
  // How many the firmware sees, and how many old copies lie beside them.
  [[nodiscard]] std::uint64_t live() const noexcept;
  [[nodiscard]] std::uint64_t old() const noexcept;
};

// The stores in a volume for variables, at any multiple of 4.
std::vector<VariableStore> find_stores(ByteView volume);
// The list in a file of AMI's, and the lists inside its variables.
std::vector<VariableStore> read_nvar(ByteView body);
// Of several AMI stores, the one that the firmware uses has the highest MonotonicCounter: marks the others as older.
void mark_older(std::vector<VariableStore>& stores);

// What stands at the start of the view, for find_stores(). Nothing when it is no store of that layout.
std::optional<VariableStore> read_vss(ByteView view);
std::optional<VariableStore> read_evsa(ByteView view);

// Whether a digest of the content would tell it: it is short, or of a kind that holds secrets
// (data/uefi-private-variables.csv).
bool is_private(const Variable& variable);
// A short name of the owner (data/uefi-owners.csv); the GUID where there is none.
std::string owner_name(const Guid& owner);

}  // namespace quell::uefi
