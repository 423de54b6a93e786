// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/digest.h"

namespace quell::flash {
struct FlashDescriptor;
}  // namespace quell::flash

namespace quell {

struct Landmark;
class PendingDigest;

// What a file is to the code that decides by it; its stable name and its title are for reports.
enum class FileKind {
  other,       // nothing hangs on what it is
  dump,        // the content of a flash chip with a descriptor, whole or cut short
  half,        // the first of two chips that one descriptor divides
  descriptor,  // a descriptor alone
  rom,         // the content of a whole chip without a descriptor
  part,        // a part of an engine's firmware on its own
  update,      // what an updater carries for an engine
  capsule,     // a header, perhaps with one of these behind it
};

// What a file is, as `recognise` (quell/survey/recognise.h) says.
struct Recognition {
  std::string kind = "unrecognised";  // stable: "intel.dump", "intel.me-region", "intel.me-update", ...
  std::string title{};                // for people: "full flash dump with an Intel descriptor"
  std::string next_step{};            // what to do when the file is not what most commands want; else empty
  Range body{};                       // where the firmware lies inside the file (a capsule has a header before it)
  bool recognised = false;
  FileKind type = FileKind::other;
  std::string engine{};  // id of the engine that knew it; empty when the layout of the flash told
};

// A file that is one thing from its first byte to its last, and recognised.
Recognition whole_file(ByteView file, std::string kind, std::string title, FileKind type = FileKind::other,
                       std::string next_step = {});

// The title as a part of a sentence: "a full flash dump with an Intel descriptor".
std::string in_sentence(const Recognition& what);

// One region of a flash layout, in image offsets.
struct NamedRange {
  std::string name{};  // flashrom's short name: "fd", "bios", "me", "gbe", ...
  Range range{};
};

// The short name of the first region that holds this address; "unassigned" where none does.
std::string region_at(const std::vector<NamedRange>& regions, std::uint64_t address);

// The digest of an input: known, or still being computed beside the caller's work.
class InputDigest {
 public:
  // Implicit: a known digest is the usual case.
  InputDigest(const Sha256& known = {}) : known_(known) {}  // NOLINT(google-explicit-constructor)
  explicit InputDigest(std::shared_ptr<const PendingDigest> pending) : pending_(std::move(pending)) {}

  // Waits where it is still being computed. Not safe to call from two threads at once on one object.
  [[nodiscard]] const Sha256& value() const;
  // Does not wait where both are of the same computation.
  [[nodiscard]] bool same_as(const InputDigest& other) const {
    return (pending_ && pending_ == other.pending_) || value() == other.value();
  }

 private:
  Sha256 known_{};
  std::shared_ptr<const PendingDigest> pending_{};
};

// An input and what is known of it before any engine looks. Does not own its bytes.
class Image {
 public:
  Image(std::string name, ByteView bytes);
  Image(const Image&) = default;
  Image(Image&&) = default;
  Image& operator=(const Image&) = default;
  Image& operator=(Image&&) = default;
  // Waits for start_hashing(), which reads the bytes.
  ~Image();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  // The whole file.
  [[nodiscard]] ByteView bytes() const noexcept { return bytes_; }
  // The firmware in it: the whole file, unless it is wrapped in something. Keeps file offsets in `origin()`.
  [[nodiscard]] ByteView body() const noexcept { return bytes_.clip(what.body); }
  // SHA-256 of the whole file, computed once: at the first call, or from start_hashing() on. Not safe to call from two
  // threads at once.
  [[nodiscard]] const Sha256& sha256() const;
  // The same without waiting for it, where start_hashing() was called.
  [[nodiscard]] InputDigest digest() const;
  // Starts computing the digest beside whatever the caller does next. The bytes must outlive the image.
  void start_hashing();
  // The signatures that may stand anywhere in the file (file offsets), searched at the first call. Not safe to call
  // from two threads at once.
  [[nodiscard]] const std::vector<Landmark>& landmarks() const;
  // The region with this short name, cut to what the file holds; nothing when the layout has none.
  [[nodiscard]] std::optional<ByteView> region(std::string_view short_name) const;

  Recognition what{};
  std::vector<NamedRange> regions{};  // file offsets
  // The flash descriptor of the body, as `recognise` read it; offsets count from the body's start. Null where there is
  // none that can be read.
  std::shared_ptr<const flash::FlashDescriptor> descriptor{};

 private:
  std::string name_{};
  ByteView bytes_;
  mutable std::optional<Sha256> sha256_;
  std::shared_ptr<const PendingDigest> pending_{};
  mutable std::shared_ptr<const std::vector<Landmark>> landmarks_{};
};

}  // namespace quell
