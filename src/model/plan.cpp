// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/plan.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/large_buffer.h"
#include "base/size.h"

namespace quell {
namespace {

// The part of an edit that lies in `part` (which must be inside the edit's range).
Edit slice(const Edit& edit, Range part) {
  Edit out{part, Fill{}, edit.reason};
  if (const auto* replace = std::get_if<Replace>(&edit.what)) {
    const auto from = Bytes(replace->bytes).subspan(to_size(part.offset - edit.range.offset), to_size(part.size));
    out.what = Replace{Buffer(from.begin(), from.end())};
  } else {
    out.what = edit.what;
  }
  return out;
}

void write_into(const Edit& edit, std::span<std::byte> target) {
  if (const auto* replace = std::get_if<Replace>(&edit.what)) {
    std::ranges::copy(replace->bytes, target.begin());
  } else {
    std::ranges::fill(target, std::get<Fill>(edit.what).value);
  }
}

bool same_content(const Edit& edit, ByteView current) {
  if (const auto* replace = std::get_if<Replace>(&edit.what)) return equal(replace->bytes, current.bytes());
  return current.filled_with(std::get<Fill>(edit.what).value);
}

bool joinable(const Edit& left, const Edit& right) {
  const auto* left_fill = std::get_if<Fill>(&left.what);
  const auto* right_fill = std::get_if<Fill>(&right.what);
  return left.range.end() == right.range.offset && left.reason == right.reason && left_fill != nullptr &&
         right_fill != nullptr && left_fill->value == right_fill->value;
}

}  // namespace

Result<void> PlanBuilder::check(Range range) const {
  if (image_.has(range.offset, range.size)) return {};
  return fail(Errc::damaged,
              fmt::format("a planned change of {:#x} bytes at {:#x} leaves the image of {:#x} bytes", range.size,
                          range.offset, image_.size()),
              range.offset);
}

void PlanBuilder::erase_overlaps(Range range) {
  auto next = edits_.lower_bound(range.offset);
  if (next != edits_.begin() && std::prev(next)->second.range.end() > range.offset) --next;
  while (next != edits_.end() && next->second.range.offset < range.end()) {
    const Edit old = std::move(next->second);
    next = edits_.erase(next);
    const Range before = Range::between(old.range.offset, range.offset);
    const Range after = Range::between(range.end(), old.range.end());
    if (!before.empty()) edits_.emplace(before.offset, slice(old, before));
    if (!after.empty()) next = std::next(edits_.emplace(after.offset, slice(old, after)).first);
  }
}

Result<void> PlanBuilder::fill(Range range, std::byte value, std::string reason) {
  QUELL_CHECK(check(range));
  if (range.empty()) return {};
  erase_overlaps(range);
  edits_.emplace(range.offset, Edit{range, Fill{value}, std::move(reason)});
  return {};
}

Result<void> PlanBuilder::replace(std::uint64_t offset, Buffer bytes, std::string reason) {
  const Range range{offset, bytes.size()};
  QUELL_CHECK(check(range));
  if (range.empty()) return {};
  erase_overlaps(range);
  edits_.emplace(offset, Edit{range, Replace{std::move(bytes)}, std::move(reason)});
  return {};
}

Result<void> PlanBuilder::set_u32(std::uint64_t offset, std::uint32_t value, std::string reason) {
  return replace(offset,
                 {static_cast<std::byte>(value), static_cast<std::byte>(value >> 8U),
                  static_cast<std::byte>(value >> 16U), static_cast<std::byte>(value >> 24U)},
                 std::move(reason));
}

Result<Buffer> PlanBuilder::read(Range range) const {
  QUELL_TRY(const auto original, image_.sub(range));
  Buffer out(original.bytes().begin(), original.bytes().end());
  auto edit = edits_.upper_bound(range.offset);
  if (edit != edits_.begin()) --edit;
  for (; edit != edits_.end() && edit->first < range.end(); ++edit) {
    const Range part = edit->second.range.intersection(range);
    if (part.empty()) continue;
    write_into(slice(edit->second, part),
               std::span(out).subspan(to_size(part.offset - range.offset), to_size(part.size)));
  }
  return out;
}

Result<std::uint32_t> PlanBuilder::u32(std::uint64_t offset) const {
  QUELL_TRY(const auto bytes, read({offset, 4}));
  return ByteView(bytes).u32(0);
}

Plan PlanBuilder::build(InputDigest input) && {
  Plan plan{std::move(input), image_.size(), {}, truncate_to_};
  if (plan.truncate_to == image_.size()) plan.truncate_to.reset();
  for (auto& [offset, edit] : edits_) {
    if (same_content(edit, image_.clip(edit.range))) continue;
    if (!plan.edits.empty() && joinable(plan.edits.back(), edit)) {
      plan.edits.back().range.size += edit.range.size;
    } else {
      plan.edits.push_back(std::move(edit));
    }
  }
  return plan;
}

std::uint64_t changed_bytes(const Edit& edit, ByteView input) {
  const auto before = input.clip(edit.range).bytes();
  if (const auto* fill = std::get_if<Fill>(&edit.what)) {
    return before.size() - count_of(before, fill->value);
  }
  const auto& after = std::get<Replace>(edit.what).bytes;
  std::uint64_t changed = 0;
  for (std::size_t i = 0; i < before.size() && i < after.size(); ++i) changed += before[i] != after[i] ? 1U : 0U;
  return changed;
}

Result<Buffer> apply(const Plan& plan, const Image& input) {
  constexpr auto other_image = "the plan was made for another image";
  if (plan.input_size != input.bytes().size()) return fail(Errc::usage, other_image);
  std::uint64_t position = 0;
  for (const Edit& edit : plan.edits) {
    const auto* replace = std::get_if<Replace>(&edit.what);
    const bool sound = edit.range.offset >= position && input.bytes().has(edit.range.offset, edit.range.size) &&
                       (replace == nullptr || replace->bytes.size() == edit.range.size);
    if (!sound) return fail(Errc::usage, "the plan's changes overlap or leave the image", edit.range.offset);
    position = edit.range.end();
  }
  if (plan.truncate_to && *plan.truncate_to > plan.input_size) {
    return fail(Errc::usage, "the plan would make the image longer");
  }
  Buffer output = copy_of(input.bytes().bytes());
  for (const Edit& edit : plan.edits)
    write_into(edit, std::span(output).subspan(to_size(edit.range.offset), to_size(edit.range.size)));
  if (plan.truncate_to) output.resize(to_size(*plan.truncate_to));
  // Last, because the digest may still be on its way.
  if (!plan.input.same_as(input.digest())) return fail(Errc::usage, other_image);
  return output;
}

Result<void> verify_applied(const Plan& plan, ByteView input, ByteView output) {
  const auto wrong = [](std::uint64_t offset) {
    return fail(Errc::refused, "the result differs from its plan; nothing was written", offset);
  };
  if (output.size() != plan.truncate_to.value_or(input.size())) return wrong(output.size());
  std::uint64_t position = 0;
  const auto unchanged_until = [&](std::uint64_t end) {
    const Range untouched = Range::between(position, std::min(end, output.size()));
    return equal(input.clip(untouched).bytes(), output.clip(untouched).bytes());
  };
  for (const Edit& edit : plan.edits) {
    if (!unchanged_until(edit.range.offset)) return wrong(position);
    const Range kept = edit.range.intersection({0, output.size()});
    if (!kept.empty() && !same_content(slice(edit, kept), output.clip(kept))) return wrong(edit.range.offset);
    position = edit.range.end();
  }
  if (!unchanged_until(output.size())) return wrong(position);
  return {};
}

}  // namespace quell
