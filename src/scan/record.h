// SPDX-License-Identifier: GPL-2.0-or-later
// What a scan writes: one file line for every path, one image line for every content (docs/schema/quell-scan-1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quell/digest.h"

namespace quell::scan {

inline constexpr std::string_view schema = "quell/scan/1";

// What came of reading a path. ok: all of it was read. changed: another program wrote to it meanwhile. The last three:
// the worker process did not survive it, and the digest is not known.
enum class FileStatus { ok, unreadable, not_a_file, too_large, changed, timeout, memory, crash };
// "ok", "unreadable", "not-a-file", ...: stable.
std::string_view to_string(FileStatus status) noexcept;

// What came of looking at a content. ok: recognised, and no finding says that something is wrong with it; damaged: one
// of severity error or critical does; unknown: nothing in it is known.
enum class ImageStatus { ok, unknown, damaged, timeout, memory, crash };
// "ok", "unknown", ...: stable.
std::string_view to_string(ImageStatus status) noexcept;

// What decides whether a file is still the one that was read.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t seconds = 0;  // of the last change to its content, since 1970, UTC
  std::int64_t nanoseconds = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
// "2026-01-31T23:59:59.000000001Z"
std::string time_text(const FileStamp& stamp);

struct FileRecord {
  std::string path{};                // its bytes, whatever they are
  std::optional<FileStamp> stamp{};  // nothing where the system did not tell
  std::optional<Sha256> sha256{};    // of status ok
  FileStatus status = FileStatus::ok;
  std::string error{};  // why not ok, in words
  std::optional<int> signal{};
};

struct ImageRecord {
  Sha256 sha256{};
  std::uint64_t size = 0;
  ImageStatus status = ImageStatus::ok;
  std::optional<int> signal{};
  double milliseconds = 0;
  std::string error{};    // why it is unknown, in words
  std::string members{};  // the other members of the object in JSON, without its braces: kind, engines, findings, ...
};

// The key of an image over many runs, but for its digest.
struct RunKey {
  std::string version{};  // of the program
  std::string tables{};   // digest of the tables that are compiled in, in hex
  std::string level{};    // "inspect", "check"
  bool tree = false;      // whether lines of images must hold the tree; those that do serve either way
};

// The key of what this program writes.
RunKey run_key(std::string_view level);

// One line each, with its newline.
std::string to_line(const FileRecord& record);
std::string to_line(const ImageRecord& record, const RunKey& key);

// How every line begins.
std::string head_of_lines();
// How every image line begins, up to its digest, and the members that follow its size, with the commas around them:
// what tells lines of one run from others without reading them whole.
std::string head_of_images();
std::string key_members(const RunKey& key);

}  // namespace quell::scan
