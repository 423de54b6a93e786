// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"
#include "quell/result.h"

namespace quell::host {

// What came of looking at one source. Absent, denied and failed are three different things: none of them ever
// means "switched off".
enum class Reach { ok, absent, denied, failed };

// "ok", "absent", "denied", "failed".
std::string_view to_string(Reach reach) noexcept;

struct Reading {
  Reach reach = Reach::absent;
  std::string data{};    // at most as long as asked for
  std::string reason{};  // why not, in words

  [[nodiscard]] bool ok() const noexcept { return reach == Reach::ok; }
  // The text up to its first NUL, without white space at either end; empty when not ok.
  [[nodiscard]] std::string text() const;
  // The content as bytes.
  [[nodiscard]] Bytes bytes() const noexcept { return as_bytes(data); }
};

struct Listing {
  Reach reach = Reach::absent;
  std::vector<std::string> names{};  // sorted, without "." and ".."
  std::string reason{};
};

// Where everything that is read of a machine comes from: the running system, a captured tree, or an archive of
// one. Paths are absolute ("/sys/class/mei"). Nothing is ever written through it. What is no file on a live
// machine has a name below /quell, so that a capture holds it as a file:
//     /quell/kernel-log                     the lines of the kernel log that concern an engine
//     /quell/mei/<dev>/<client>/<request>   the reply of one exchange over /dev/<dev>; client GUID, request in hex
//     /quell/msr/<number>                   eight bytes of a processor register, number in 8 hex digits
//     /quell/mem/<address>                  four bytes of physical memory, address in 8 hex digits
//     /quell/smn/<address>                  four bytes of AMD's system management network
//     /quell/tpm/<dev>/<command>            the reply of a TPM to one command in hex
//     /quell/denied                         what the capture could not read: one path a line, tab, reason
//     /quell/captured                       "key=value" lines about the capture itself
class Root {
 public:
  Root() = default;
  virtual ~Root() = default;
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;
  Root(Root&&) = delete;
  Root& operator=(Root&&) = delete;

  // At most the first `limit` bytes of a file.
  [[nodiscard]] virtual Reading read(std::string_view path, std::size_t limit) const = 0;
  [[nodiscard]] Reading read(std::string_view path) const { return read(path, text_limit); }
  // The names in a directory, at most 4096.
  [[nodiscard]] virtual Listing list(std::string_view path) const = 0;
  // Where a symbolic link points to, as written there.
  [[nodiscard]] virtual Reading link(std::string_view path) const = 0;
  // Whether this is the machine the program runs on.
  [[nodiscard]] virtual bool live() const noexcept = 0;

  // Whether something has this path: a file (readable or not), a directory or a link.
  [[nodiscard]] virtual bool exists(std::string_view path) const = 0;
  // The last part of a link's target; empty when it is no link.
  [[nodiscard]] std::string link_name(std::string_view path) const;

  static constexpr std::size_t text_limit = 4096;
};

// The running machine.
std::unique_ptr<Root> live_root();

// A captured tree: a directory, or a tar archive as `quell capture` writes it. Symbolic links in it never lead
// out of it.
Result<std::unique_ptr<Root>> open_root(const std::filesystem::path& path);

// One member of a tree held in memory.
struct Entry {
  enum class Kind { file, directory, link } kind = Kind::file;
  std::string data{};  // content, or target of the link
};
using Entries = std::map<std::string, Entry, std::less<>>;  // by absolute path

// A tree held in memory.
std::unique_ptr<Root> memory_root(Entries entries);

// Hands every question on to another root and remembers the answers, so that they can be asked again later.
class RecordingRoot final : public Root {
 public:
  explicit RecordingRoot(const Root& source) : source_(source) {}
  using Root::read;
  [[nodiscard]] Reading read(std::string_view path, std::size_t limit) const override;
  [[nodiscard]] Listing list(std::string_view path) const override;
  [[nodiscard]] Reading link(std::string_view path) const override;
  [[nodiscard]] bool exists(std::string_view path) const override;
  [[nodiscard]] bool live() const noexcept override { return source_.live(); }

  // What was read so far, /quell/denied included.
  [[nodiscard]] Entries entries() const;

 private:
  const Root& source_;
  mutable Entries entries_;
  mutable std::map<std::string, std::string, std::less<>> denied_;
};

}  // namespace quell::host
