// SPDX-License-Identifier: GPL-2.0-or-later
// Getting hold of one certain chip, again and again: each conversation is a fresh worker, because the library remembers
// the first chip it ever saw for the life of its process.
#pragma once

#include <optional>
#include <string>

#include "spi/watcher.h"
#include "spi/worker_client.h"

namespace quell::spi {

struct AccessOptions {
  Programmer programmer{};
  std::string chip{};         // the definition to use; filled in by the first attachment
  std::string expect_chip{};  // part of the name
  std::uint64_t expect_size = 0;
  Overrides accepted{};  // level_adapter, controller, wiring
  WorkerSettings worker{};
};

// A worker that has its chip.
struct Attached {
  Worker worker;
  ChipIdentity identity{};
  Protection protection{};
};

class ChipAccess {
 public:
  ChipAccess(AccessOptions options, Watcher& watcher);

  // Takes the lock of the programmer and looks for what it needs. Call once, first.
  Result<void> prepare();
  // A fresh worker with the chip identified and its protection read. The first attachment decides which chip it is;
  // every later one must find the same (definition and JEDEC ID), else it is refused.
  Result<Attached> attach();
  // Identifies without choosing: several fitting definitions are an answer, not an error. For `probe`.
  Result<Attached> look();

  [[nodiscard]] Programmer& programmer() noexcept { return options_.programmer; }
  // Whether an attachment has decided which chip it is.
  [[nodiscard]] bool identified() const noexcept { return chip_.has_value(); }
  [[nodiscard]] const ChipDefinition& chip() const noexcept { return *chip_; }
  [[nodiscard]] const std::string& jedec_id() const noexcept { return jedec_id_; }
  [[nodiscard]] const std::vector<ChipDefinition>& candidates() const noexcept { return candidates_; }
  [[nodiscard]] const AccessOptions& options() const noexcept { return options_; }
  [[nodiscard]] Watcher& watcher() const noexcept { return *watcher_; }
  // While units are written or verified only a second Ctrl-C ends a conversation.
  void set_writing(bool writing) noexcept { options_.worker.urgent_only = writing; }
  // Puts the user's limits (1.8 V, name, size) to an identified chip.
  [[nodiscard]] Result<void> judge(const ChipIdentity& identity) const;
  // The words for a conversation that ended early, outside of writing.
  [[nodiscard]] Error explain(const Trouble& trouble, std::string_view doing) const;

 private:
  Result<Attached> attach_once();
  Reply<ChipIdentity> probe(Worker& worker);
  [[nodiscard]] Error explain_open(const Trouble& trouble, const Worker& worker) const;
  [[nodiscard]] Error nothing_found(const ChipIdentity& identity) const;

  AccessOptions options_;
  Watcher* watcher_;
  std::optional<ChipDefinition> chip_{};
  std::string jedec_id_{};
  std::vector<ChipDefinition> candidates_{};
  FileDescriptor lock_{};
};

// The chip's supply as the table of JEDEC IDs says: "1.8", "3.3" or empty.
std::string supply_voltage(std::string_view jedec_id);
// Whether 3.3 V destroys it: by its ID, and where that is in no table by its name.
bool low_voltage(std::string_view jedec_id, std::string_view name);

}  // namespace quell::spi
