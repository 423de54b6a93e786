// SPDX-License-Identifier: GPL-2.0-or-later
// The place where chip contents are kept: content-addressed and write-once.
//   VERSION                              "quell vault 1"
//   objects/<2 digits>/<sha256>.bin      0400, never opened for writing again
//   manifests/<sha256>/<time>-<random>.json
//   jobs/<id>/job.json, journal          see job.h and journal.h
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "quell/byte_view.h"
#include "quell/digest.h"

namespace quell::spi {

// What is known of the moment an object was stored.
struct Manifest {
  std::string sha256{};
  std::uint64_t size = 0;
  std::string role = "whole";  // "whole", "component 1", "component 2", "joined", "present", "target", "imported"
  std::string vendor{};
  std::string definition{};
  std::vector<std::string> candidates{};
  std::string jedec_id{};
  std::string status_register{};  // "0x1c", or empty
  std::string protection{};       // "none", "hardware", ...; empty when the library has no description
  std::string programmer{};
  std::uint64_t clock = 0;
  std::string library{};
  std::string quell{};
  std::string time{};                // UTC
  std::vector<std::string> reads{};  // hashes in order
  unsigned matches = 0;
  bool voted = false;
  std::uint64_t wobbling_blocks = 0;
  std::vector<std::string> checks{};  // what the structure checks said
  std::string what{};                 // "full flash dump with an Intel descriptor"
  std::vector<std::string> parts{};   // of a joined object
  std::string note{};

  // Whether it stands for a chip that was read until the reads agreed (and not, say, for a target to be written).
  [[nodiscard]] bool proves_backup() const noexcept;
};

std::string to_json(const Manifest& manifest);
// Errc::damaged for anything that is not a manifest.
Result<Manifest> parse_manifest(std::string_view json);

struct VaultEntry {
  std::string sha256{};
  std::uint64_t size = 0;
  std::vector<Manifest> manifests{};  // oldest first
};

class Vault {
 public:
  // --vault, then $QUELL_VAULT, then $XDG_DATA_HOME/quell/vault, then ~/.local/share/quell/vault.
  static std::filesystem::path default_path();
  // Creates what is missing. Errc::io with the reason; Errc::damaged when the folder is something else.
  static Result<Vault> open(const std::filesystem::path& path);
  // The same without creating anything.
  static Result<Vault> open_existing(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path jobs() const { return path_ / "jobs"; }
  // Errc::refused while another quell writes into this vault. Held until the object ends.
  Result<void> lock();

  // Stores the bytes under their hash: temporary file, fsync, read back, publish, fsync of the folders. An object that
  // is there already is compared and reused.
  Result<std::string> store(Bytes bytes);
  Result<void> describe(const Manifest& manifest);
  [[nodiscard]] bool has(std::string_view sha256) const;
  // The content, whose hash was checked.
  [[nodiscard]] Result<Buffer> load(std::string_view sha256) const;
  // Success when the object is there and holds exactly these bytes.
  [[nodiscard]] Result<void> confirm(std::string_view sha256, Bytes bytes) const;
  // The one object whose hash begins with these digits.
  [[nodiscard]] Result<std::string> find(std::string_view prefix) const;
  [[nodiscard]] Result<VaultEntry> entry(std::string_view sha256) const;
  // Every object, newest manifest last.
  [[nodiscard]] Result<std::vector<VaultEntry>> list() const;
  // Whether an object with a manifest that proves a backup exists.
  [[nodiscard]] bool has_backup(std::string_view sha256) const;
  // Warnings about the place: a RAM disk, or little space left for `needed` bytes.
  [[nodiscard]] std::vector<std::string> place_warnings(std::uint64_t needed) const;

 private:
  std::filesystem::path path_{};
  FileDescriptor lock_{};
};

// The content of a small file as text; empty when it cannot be read.
std::string file_text(const std::filesystem::path& path);
// UTC as 2026-01-02T03:04:05Z.
std::string utc_now();
// Some hexadecimal digits that nobody else has.
std::string random_name();
// Writes a new file that must not exist, whole, with fsync of file and folder; see Vault::store.
Result<void> write_once(const std::filesystem::path& target, Bytes bytes);

}  // namespace quell::spi
