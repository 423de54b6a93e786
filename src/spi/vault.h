// SPDX-License-Identifier: GPL-2.0-or-later
// The place where chip contents are kept: content-addressed and write-once.
//   VERSION                              "quell vault 2"
//   index                                every manifest and job that was ever written; lines as in journal.h
//   objects/<2 digits>/<sha256>.bin      0400, never opened for writing again
//   copies/<2 digits>/<sha256>.bin       the same bytes once more: one bad sector loses nothing
//   manifests/<sha256>/<time>-<random>.json
//   jobs/<id>/job.json, journal, closed  see job.h and journal.h
// Version 1 had neither index nor copies, and its JSON files no seal. It is read as it is; `upgrade` brings it up.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "quell/byte_view.h"
#include "quell/digest.h"
#include "quell/image.h"

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
  std::vector<std::string> checks{};   // what the structure checks said
  std::string what{};                  // "full flash dump with an Intel descriptor"
  std::vector<std::string> parts{};    // of a joined object
  std::vector<NamedRange> not_read{};  // what the machine did not let its host read: FF in the object
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
  // Where nobody says a folder: $QUELL_VAULT, then $XDG_DATA_HOME/quell/vault, then ~/.local/share/quell/vault.
  static std::filesystem::path default_path();
  // Creates what is missing. Errc::io with the reason; Errc::damaged when the folder is something else.
  static Result<Vault> open(const std::filesystem::path& path);
  // The same without creating anything.
  static Result<Vault> open_existing(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path jobs() const { return path_ / "jobs"; }
  // Errc::refused while another quell writes into this vault. Held until the object ends. `read_only` for a vault that
  // cannot be written.
  Result<void> lock(bool read_only = false);
  // Whether new files can be made in it, as far as permissions and the mount tell.
  [[nodiscard]] bool writable() const;
  // 1 or 2; 0 when the file VERSION is gone or damaged in a folder that is otherwise a vault.
  [[nodiscard]] unsigned version() const noexcept { return version_; }
  // Brings an older vault, or one whose VERSION is lost, to version 2: second copies of what is sound, then VERSION.
  Result<void> upgrade();
  // Writes a line into the index: "manifest" or "job", and its name.
  [[nodiscard]] Result<void> note(std::string_view kind, std::string_view name) const;

  // Stores the bytes under their hash, twice: temporary file, fsync, read back, publish, fsync of the folders. A copy
  // that is there already is compared; one with other bytes than its name says is replaced.
  Result<std::string> store(Bytes bytes);
  Result<void> describe(const Manifest& manifest);
  // Both, for bytes that no chip was read for: hash, size and time of the description are filled in. Gives the hash.
  Result<std::string> keep(Bytes bytes, Manifest manifest);
  [[nodiscard]] bool has(std::string_view sha256) const;
  // The content, whose hash was checked, from whichever copy is whole.
  [[nodiscard]] Result<Buffer> load(std::string_view sha256) const;
  // Success when a copy of the object holds exactly these bytes.
  [[nodiscard]] Result<void> confirm(std::string_view sha256, Bytes bytes) const;
  // The one object whose hash begins with these digits.
  [[nodiscard]] Result<std::string> find(std::string_view prefix) const;
  [[nodiscard]] Result<VaultEntry> entry(std::string_view sha256) const;
  // Every object, newest manifest last.
  [[nodiscard]] Result<std::vector<VaultEntry>> list() const;
  // Whether an object with a manifest that proves a backup exists.
  [[nodiscard]] bool has_backup(std::string_view sha256) const;
  // What of this object nobody ever read; empty when one description says that all of it was.
  [[nodiscard]] std::vector<NamedRange> not_read(std::string_view sha256) const;
  // Warnings about the place: a RAM disk, or little space left for `needed` bytes.
  [[nodiscard]] std::vector<std::string> place_warnings(std::uint64_t needed) const;

 private:
  std::filesystem::path path_{};
  FileDescriptor lock_{};
  unsigned version_ = 2;
};

// The folders that hold the copies of objects, in the order in which they are asked.
inline constexpr std::array<std::string_view, 2> copy_folders{"objects", "copies"};
// Where a copy of this object lies.
std::filesystem::path copy_path(const std::filesystem::path& vault, std::string_view folder, std::string_view sha256);
// Whether this file holds what its hash says.
bool holds(const std::filesystem::path& file, std::string_view sha256);

// The content of a small file as text; empty when it cannot be read.
std::string file_text(const std::filesystem::path& path);
// UTC as 2026-01-02T03:04:05Z.
std::string utc_now();
// Some hexadecimal digits that nobody else has.
std::string random_name();

}  // namespace quell::spi
