// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/vault.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

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

namespace quell::spi {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view version_text = "quell vault 1\n";
constexpr std::size_t hash_digits = 64;
constexpr long tmpfs_magic = 0x01021994;  // linux/magic.h

tl::unexpected<Error> io(const fs::path& path, const char* doing, int number) {
  return fail(Errc::io, fmt::format("{}: {}: {}", path.string(), doing, std::strerror(number)));
}

Result<void> sync_folder(const fs::path& folder) {
  const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.valid() || ::fsync(descriptor.get()) != 0) return io(folder, "cannot be synchronised", errno);
  return {};
}

// Creates the folder and makes its name durable.
Result<void> make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0) return sync_folder(folder.parent_path());
  if (errno == EEXIST) return {};
  return io(folder, "cannot be created", errno);
}

Result<void> make_folders(const fs::path& folder) {
  std::error_code problem;
  if (folder.empty() || fs::is_directory(folder, problem)) return {};
  QUELL_CHECK(make_folders(folder.parent_path()));
  return make_folder(folder);
}

bool hash_name(std::string_view text) {
  return text.size() == hash_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<void> write_all(int descriptor, const fs::path& path, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io(path, "cannot be written", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// A file that was written and not yet published; unlinked unless it was.
class Unpublished {
 public:
  explicit Unpublished(fs::path path) : path_(std::move(path)) {}
  Unpublished(const Unpublished&) = delete;
  Unpublished& operator=(const Unpublished&) = delete;
  ~Unpublished() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  void keep() noexcept { path_.clear(); }
  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

// Gives the file its final name, which must be free. 0, or errno.
int publish(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  ::unlink(from.c_str());
  return 0;
}

Result<void> write_new(const fs::path& path, Bytes bytes) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400));
  if (!file.valid()) return io(path, "cannot be created", errno);
  Unpublished guard(path);
  QUELL_CHECK(write_all(file.get(), path, bytes));
  if (::fsync(file.get()) != 0) return io(path, "cannot be synchronised", errno);
  // Do not trust the cache alone: what the disk gives back is what counts.
  static_cast<void>(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED));
  QUELL_TRY(const MappedFile back, MappedFile::open(path));
  if (!equal(back.bytes(), bytes)) return fail(Errc::io, path.string() + ": reads back other bytes than were written");
  guard.keep();
  return {};
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

Result<void> write_once(const fs::path& target, Bytes bytes) {
  // A limit on file sizes must be an error like a full disk, not the end of the program.
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  Unpublished temporary(target.parent_path() / (".tmp-" + random_name()));
  const fs::path written = temporary.path();
  if (auto result = write_new(written, bytes); !result) {
    temporary.keep();  // already gone
    return result;
  }
  int problem = publish(written, target);
  if (problem == EPERM || problem == EOPNOTSUPP) {  // FAT has neither way
    if (::access(target.c_str(), F_OK) == 0) return io(target, "exists already", EEXIST);
    QUELL_CHECK(write_new(target, bytes));
  } else if (problem != 0) {
    return io(target, "cannot be published", problem);
  } else {
    temporary.keep();
  }
  return sync_folder(target.parent_path());
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

Result<Vault> Vault::open_existing(const fs::path& path) {
  std::error_code problem;
  if (!fs::exists(path, problem)) {
    return fail(Errc::io, fmt::format("{}: there is no vault yet; `quell backup` makes one", path.string()));
  }
  auto version = MappedFile::copy(path / "VERSION");
  if (!version || !equal(version->bytes(), as_bytes(version_text))) {
    return fail(Errc::damaged,
                fmt::format("{}: not a vault of this program; choose another place with --vault", path.string()));
  }
  Vault vault;
  vault.path_ = path;
  return vault;
}

Result<Vault> Vault::open(const fs::path& path) {
  std::error_code problem;
  const bool present = fs::exists(path / "VERSION", problem);
  if (!present) {
    if (fs::exists(path, problem) && (!fs::is_directory(path, problem) || !fs::is_empty(path, problem))) {
      return fail(Errc::refused,
                  fmt::format("{}: not a vault, and not empty; choose another place with --vault", path.string()));
    }
    QUELL_CHECK(make_folders(fs::absolute(path).lexically_normal()));
    // First of all: where the disk is full now, the folder stays empty and can become a vault later.
    QUELL_CHECK(write_once(path / "VERSION", as_bytes(version_text)));
  }
  QUELL_TRY(Vault vault, open_existing(path));
  for (const char* folder : {"objects", "manifests", "jobs"}) QUELL_CHECK(make_folder(path / folder));
  return vault;
}

Result<void> Vault::lock() {
  const fs::path file = path_ / "lock";
  lock_ = FileDescriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock_.valid()) return io(file, "cannot be opened", errno);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  return fail(Errc::refused,
              fmt::format("{}: another quell is writing into this vault; wait until it has ended", path_.string()));
}

namespace {

fs::path object_path(const fs::path& vault, std::string_view sha256) {
  return vault / "objects" / sha256.substr(0, 2) / (std::string(sha256) + ".bin");
}

}  // namespace

bool Vault::has(std::string_view sha256) const {
  std::error_code problem;
  return hash_name(sha256) && fs::exists(object_path(path_, sha256), problem);
}

Result<Buffer> Vault::load(std::string_view sha256) const {
  if (!has(sha256)) return fail(Errc::io, fmt::format("{}: no object {} in this vault", path_.string(), sha256));
  QUELL_TRY(const MappedFile file, MappedFile::open(object_path(path_, sha256)));
  if (to_hex(quell::sha256(file.bytes())) != sha256) return failed("vault-damaged", {{"object", std::string(sha256)}});
  return Buffer(file.bytes().begin(), file.bytes().end());
}

Result<std::string> Vault::store(Bytes bytes) {
  const std::string name = to_hex(quell::sha256(bytes));
  const fs::path target = object_path(path_, name);
  if (!has(name)) {
    auto stored = [&]() -> Result<void> {
      QUELL_CHECK(make_folder(target.parent_path()));
      return write_once(target, bytes);
    }();
    if (!stored && !has(name)) return failed("backup-not-saved", {{"reason", stored.error().message}});
    if (stored) return name;
  }
  QUELL_CHECK(confirm(name, bytes));
  return name;
}

Result<void> Vault::confirm(std::string_view sha256, Bytes bytes) const {
  if (has(sha256)) {
    const auto file = MappedFile::open(object_path(path_, sha256));
    if (file && equal(file->bytes(), bytes)) return {};
  }
  return failed("vault-damaged", {{"object", std::string(sha256)}});
}

Result<void> Vault::describe(const Manifest& manifest) {
  if (!hash_name(manifest.sha256)) return fail(Errc::usage, "a manifest without an object");
  const fs::path folder = path_ / "manifests" / manifest.sha256;
  std::string stamp = manifest.time;
  std::erase_if(stamp, [](char c) { return c == ':' || c == '-'; });
  const std::string json = to_json(manifest);
  auto stored = [&]() -> Result<void> {
    QUELL_CHECK(make_folder(folder));
    return write_once(folder / fmt::format("{}-{}.json", stamp, random_name()), as_bytes(json));
  }();
  if (!stored) return failed("backup-not-saved", {{"reason", stored.error().message}});
  return {};
}

Result<VaultEntry> Vault::entry(std::string_view sha256) const {
  if (!has(sha256)) return fail(Errc::io, fmt::format("{}: no object {} in this vault", path_.string(), sha256));
  VaultEntry entry{std::string(sha256)};
  std::error_code problem;
  entry.size = fs::file_size(object_path(path_, sha256), problem);
  for (const auto& file : fs::directory_iterator(path_ / "manifests" / sha256, problem)) {
    if (file.path().extension() != ".json") continue;
    if (auto manifest = parse_manifest(file_text(file.path()))) entry.manifests.push_back(*std::move(manifest));
  }
  std::ranges::sort(entry.manifests, {}, &Manifest::time);
  return entry;
}

Result<std::vector<VaultEntry>> Vault::list() const {
  std::vector<VaultEntry> entries;
  std::error_code problem;
  for (const auto& folder : fs::directory_iterator(path_ / "objects", problem)) {
    for (const auto& file : fs::directory_iterator(folder.path(), problem)) {
      const std::string name = file.path().stem().string();
      if (!hash_name(name) || file.path().extension() != ".bin") continue;
      QUELL_TRY(VaultEntry found, entry(name));
      entries.push_back(std::move(found));
    }
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
