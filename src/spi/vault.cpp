// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/vault.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <set>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "quell/mapped_file.h"
#include "spi/failure.h"
#include "spi/journal.h"
#include "spi/vault_files.h"

namespace quell::spi {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view version_text = "quell vault 2\n";
constexpr std::string_view first_version_text = "quell vault 1\n";
constexpr std::size_t hash_digits = 64;
constexpr long tmpfs_magic = 0x01021994;  // linux/magic.h

bool hash_name(std::string_view text) {
  return text.size() == hash_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string utc_now() {
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

std::string file_text(const fs::path& path) {
  const auto file = MappedFile::copy(path);
  if (!file) return {};
  std::string text(file->bytes().size(), '\0');
  std::ranges::transform(file->bytes(), text.begin(), [](std::byte byte) { return static_cast<char>(byte); });
  return text;
}

std::string random_name() {
  std::array<std::byte, 8> bytes{};
  while (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
  }
  return to_hex(bytes);
}

fs::path Vault::default_path() {
  const auto value = [](const char* name) {
    const char* text = std::getenv(name);
    return std::string(text == nullptr ? "" : text);
  };
  if (const std::string vault = value("QUELL_VAULT"); !vault.empty()) return vault;
  if (const std::string data = value("XDG_DATA_HOME"); !data.empty()) return fs::path(data) / "quell" / "vault";
  const std::string home = value("HOME");
  return fs::path(home.empty() ? "/root" : home) / ".local" / "share" / "quell" / "vault";
}

namespace {

// Two folders that nothing else has together.
bool looks_like_vault(const fs::path& path) {
  std::error_code problem;
  return fs::is_directory(path / "objects", problem) && fs::is_directory(path / "manifests", problem);
}

}  // namespace

fs::path copy_path(const fs::path& vault, std::string_view folder, std::string_view sha256) {
  return vault / folder / sha256.substr(0, 2) / (std::string(sha256) + ".bin");
}

bool holds(const fs::path& file, std::string_view sha256) {
  const auto mapped = MappedFile::open(file);
  return mapped && to_hex(quell::sha256(mapped->bytes())) == sha256;
}

Result<Vault> Vault::open_existing(const fs::path& path) {
  std::error_code problem;
  if (!fs::exists(path, problem)) {
    return fail(Errc::io, fmt::format("{}: there is no vault yet; `quell backup` makes one", path.string()));
  }
  const std::string version = file_text(path / "VERSION");
  Vault vault;
  vault.path_ = path;
  vault.version_ = version == version_text ? 2 : version == first_version_text ? 1 : 0;
  if (vault.version_ == 0 && !looks_like_vault(path)) {
    return fail(Errc::damaged, fmt::format("{}: not a vault of this program; choose another place", path.string()));
  }
  return vault;
}

Result<Vault> Vault::open(const fs::path& path) {
  std::error_code problem;
  const bool present = fs::exists(path / "VERSION", problem) || looks_like_vault(path);
  if (!present) {
    if (fs::exists(path, problem) && (!fs::is_directory(path, problem) || !fs::is_empty(path, problem))) {
      return fail(Errc::refused, fmt::format("{}: not a vault, and not empty; choose another place", path.string()));
    }
    QUELL_CHECK(make_folders(fs::absolute(path).lexically_normal()));
    // First of all: where the disk is full now, the folder stays empty and can become a vault later.
    QUELL_CHECK(write_once(path / "VERSION", as_bytes(version_text)));
  }
  QUELL_TRY(Vault vault, open_existing(path));
  for (const char* folder : {"objects", "copies", "manifests", "jobs"}) QUELL_CHECK(make_folder(path / folder));
  return vault;
}

Result<void> Vault::lock(bool read_only) {
  const fs::path file = read_only ? path_ : path_ / "lock";
  const int flags = read_only ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT | O_NOFOLLOW;
  lock_ = FileDescriptor(::open(file.c_str(), flags | O_CLOEXEC, 0600));
  if (!lock_.valid()) return io(file, "cannot be opened", errno);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  return fail(Errc::refused,
              fmt::format("{}: another quell is writing into this vault; wait until it has ended", path_.string()));
}

bool Vault::writable() const {
  return std::ranges::all_of(std::array{path_, path_ / "objects", path_ / "jobs"}, [](const fs::path& folder) {
    return ::access(folder.c_str(), W_OK | X_OK) == 0 || errno == ENOENT;
  });
}

Result<void> Vault::note(std::string_view kind, std::string_view name) const {
  if (version_ != 2) return {};
  const fs::path file = path_ / "index";
  const FileDescriptor guard(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!guard.valid() || ::flock(guard.get(), LOCK_EX) != 0) return io(file, "cannot be opened", errno);
  QUELL_TRY(Journal index, Journal::resume(file));
  QUELL_CHECK(index.append(kind, name));
  return sync_folder(path_);
}

bool Vault::has(std::string_view sha256) const {
  std::error_code problem;
  return hash_name(sha256) && std::ranges::any_of(copy_folders, [&](std::string_view folder) {
           return fs::exists(copy_path(path_, folder, sha256), problem);
         });
}

Result<Buffer> Vault::load(std::string_view sha256) const {
  if (!has(sha256)) return fail(Errc::io, fmt::format("{}: no object {} in this vault", path_.string(), sha256));
  for (const std::string_view folder : copy_folders) {
    const auto file = MappedFile::open(copy_path(path_, folder, sha256));
    if (file && to_hex(quell::sha256(file->bytes())) == sha256)
      return Buffer(file->bytes().begin(), file->bytes().end());
  }
  return failed("vault-damaged", {{"object", std::string(sha256)}});
}

Result<std::string> Vault::store(Bytes bytes) {
  const std::string name = to_hex(quell::sha256(bytes));
  for (const std::string_view folder : copy_folders) {
    const fs::path target = copy_path(path_, folder, name);
    auto stored = [&]() -> Result<void> {
      std::error_code problem;
      if (fs::exists(target, problem)) {
        const auto file = MappedFile::open(target);
        if (file && equal(file->bytes(), bytes)) return {};
        return replace_file(target, bytes);
      }
      QUELL_CHECK(make_folder(path_ / folder));
      QUELL_CHECK(make_folder(target.parent_path()));
      return write_once(target, bytes);
    }();
    if (!stored && !holds(target, name)) return failed("backup-not-saved", {{"reason", stored.error().message}});
  }
  return name;
}

Result<void> Vault::confirm(std::string_view sha256, Bytes bytes) const {
  for (const std::string_view folder : copy_folders) {
    if (!has(sha256)) break;
    const auto file = MappedFile::open(copy_path(path_, folder, sha256));
    if (file && equal(file->bytes(), bytes)) return {};
  }
  return failed("vault-damaged", {{"object", std::string(sha256)}});
}

Result<std::string> Vault::keep(Bytes bytes, Manifest manifest) {
  QUELL_TRY(manifest.sha256, store(bytes));
  manifest.size = bytes.size();
  manifest.time = utc_now();
  QUELL_CHECK(describe(manifest));
  return manifest.sha256;
}

Result<void> Vault::describe(const Manifest& manifest) {
  if (!hash_name(manifest.sha256)) return fail(Errc::usage, "a manifest without an object");
  const fs::path folder = path_ / "manifests" / manifest.sha256;
  std::string stamp = manifest.time;
  std::erase_if(stamp, [](char c) { return c == ':' || c == '-'; });
  const std::string json = to_json(manifest);
  auto stored = [&]() -> Result<void> {
    QUELL_CHECK(make_folder(folder));
    const std::string file = fmt::format("{}-{}.json", stamp, random_name());
    QUELL_CHECK(write_once(folder / file, as_bytes(json)));
    return note("manifest", fmt::format("{}/{}", manifest.sha256, file));
  }();
  if (!stored) return failed("backup-not-saved", {{"reason", stored.error().message}});
  return {};
}

Result<VaultEntry> Vault::entry(std::string_view sha256) const {
  if (!has(sha256)) return fail(Errc::io, fmt::format("{}: no object {} in this vault", path_.string(), sha256));
  VaultEntry entry{std::string(sha256)};
  std::error_code problem;
  for (const std::string_view folder : copy_folders) {
    const auto size = fs::file_size(copy_path(path_, folder, sha256), problem);
    if (!problem) entry.size = std::max(entry.size, size);
  }
  for (const auto& file : fs::directory_iterator(path_ / "manifests" / sha256, problem)) {
    if (file.path().extension() != ".json") continue;
    auto manifest = parse_manifest(file_text(file.path()));
    if (manifest && manifest->sha256 == sha256) entry.manifests.push_back(*std::move(manifest));
  }
  std::ranges::sort(entry.manifests, {}, &Manifest::time);
  return entry;
}

Result<std::vector<VaultEntry>> Vault::list() const {
  std::set<std::string> names;
  std::error_code problem;
  for (const std::string_view copies : copy_folders) {
    for (const auto& folder : fs::directory_iterator(path_ / copies, problem)) {
      for (const auto& file : fs::directory_iterator(folder.path(), problem)) {
        const std::string name = file.path().stem().string();
        if (hash_name(name) && file.path().extension() == ".bin") names.insert(name);
      }
    }
  }
  std::vector<VaultEntry> entries;
  for (const std::string& name : names) {
    QUELL_TRY(VaultEntry found, entry(name));
    entries.push_back(std::move(found));
  }
  const auto newest = [](const VaultEntry& e) { return e.manifests.empty() ? std::string() : e.manifests.back().time; };
  std::ranges::sort(entries, [&](const VaultEntry& a, const VaultEntry& b) {
    return std::pair(newest(a), a.sha256) < std::pair(newest(b), b.sha256);
  });
  return entries;
}

Result<std::string> Vault::find(std::string_view prefix) const {
  QUELL_TRY(const auto entries, list());
  std::string found;
  for (const VaultEntry& entry : entries) {
    if (!entry.sha256.starts_with(prefix)) continue;
    if (!found.empty()) return fail(Errc::usage, fmt::format("{}: several objects begin so; give more digits", prefix));
    found = entry.sha256;
  }
  if (found.empty()) return fail(Errc::usage, fmt::format("{}: no such object; `quell vault list` shows them", prefix));
  return found;
}

bool Vault::has_backup(std::string_view sha256) const {
  const auto found = has(sha256) ? entry(sha256) : Result<VaultEntry>(VaultEntry{});
  return found && std::ranges::any_of(found->manifests, &Manifest::proves_backup);
}

std::vector<NamedRange> Vault::not_read(std::string_view sha256) const {
  const auto found = entry(sha256);
  if (!found) return {};
  std::vector<NamedRange> out;
  for (const Manifest& manifest : found->manifests) {
    if (manifest.not_read.empty() && manifest.proves_backup()) return {};
    if (!manifest.not_read.empty()) out = manifest.not_read;
  }
  return out;
}

std::vector<std::string> Vault::place_warnings(std::uint64_t needed) const {
  std::vector<std::string> warnings;
  struct statfs place {};
  if (::statfs(path_.c_str(), &place) != 0) return warnings;
  if (place.f_type == tmpfs_magic) {
    warnings.push_back(
        fmt::format("{} is a RAM disk: the backup is gone after a restart; copy it elsewhere", path_.string()));
  }
  const std::uint64_t left = static_cast<std::uint64_t>(place.f_bavail) * static_cast<std::uint64_t>(place.f_bsize);
  if (left < needed) {
    warnings.push_back(
        fmt::format("{} has {} MiB left; a job needs {} MiB", path_.string(), left >> 20U, needed >> 20U));
  }
  return warnings;
}

}  // namespace quell::spi
