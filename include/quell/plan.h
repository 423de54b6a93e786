// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "quell/byte_view.h"
#include "quell/digest.h"
#include "quell/image.h"

namespace quell {

// Every byte of the range becomes `value`.
struct Fill {
  std::byte value = std::byte{0xFF};
};
// The range becomes exactly these bytes.
struct Replace {
  Buffer bytes{};
};

struct Edit {
  Range range{};
  std::variant<Fill, Replace> what{};
  std::string reason{};  // for people: "remove partition NFTP"
};

// What to change and why. Edits are in ascending order, never overlap and stay inside the image.
struct Plan {
  InputDigest input{};  // of the image the plan was made for
  std::uint64_t input_size = 0;
  std::vector<Edit> edits{};
  std::optional<std::uint64_t> truncate_to{};  // new size, after the edits

  [[nodiscard]] bool empty() const noexcept { return edits.empty() && !truncate_to; }
};

// Collects edits in the order in which an operation thinks of them. A later edit wins where two overlap, and reads
// see what was planned so far, so an operation can move bytes that it has edited before. Nothing is written and the
// image is not copied.
class PlanBuilder {
 public:
  explicit PlanBuilder(ByteView image) noexcept : image_(image) {}

  // Errc::damaged when the range leaves the image. An empty range is fine and does nothing.
  Result<void> fill(Range range, std::byte value, std::string reason);
  Result<void> replace(std::uint64_t offset, Buffer bytes, std::string reason);
  Result<void> set_u32(std::uint64_t offset, std::uint32_t value, std::string reason);
  void truncate(std::uint64_t size) { truncate_to_ = size; }

  // The bytes of the range as the plan so far would leave them.
  [[nodiscard]] Result<Buffer> read(Range range) const;
  [[nodiscard]] Result<std::uint32_t> u32(std::uint64_t offset) const;

  // The finished plan. Edits that would change nothing are left out; neighbours with the same reason are joined.
  [[nodiscard]] Plan build(InputDigest input) &&;

 private:
  void erase_overlaps(Range range);
  Result<void> check(Range range) const;

  ByteView image_;
  std::map<std::uint64_t, Edit> edits_{};  // by offset, never overlapping
  std::optional<std::uint64_t> truncate_to_{};
};

// Bytes that an edit really changes in this input.
std::uint64_t changed_bytes(const Edit& edit, ByteView input);

// The only writer: the input with the plan's edits, as a new buffer. Fails when the plan was made for other bytes,
// when an edit leaves the image or overlaps the one before it.
Result<Buffer> apply(const Plan& plan, const Image& input);

// Proves that `output` differs from `input` only where the plan says so, and there exactly as it says.
Result<void> verify_applied(const Plan& plan, ByteView input, ByteView output);

}  // namespace quell
