// SPDX-License-Identifier: GPL-2.0-or-later
// From the Embedded Firmware Structure through combo directories, levels and recovery slots. Each directory is entered
// once; a link to one that is still open is a loop, a link to a finished one is a further reference.
#include "amd/walk.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "amd/read_directory.h"

namespace quell::amd {
namespace {

constexpr std::size_t deepest = 8;
constexpr std::uint64_t slot_header_size = 0x20;
// Largest chip that these processors can use: what lies beyond is a wild pointer, not a missing part of the file.
constexpr std::uint64_t largest_chip = 0x4000000;

// A pointer to a directory.
struct Link {
  std::string reference;
  std::uint64_t where = 0;      // file offset of the pointer
  std::string_view expected{};  // the cookie it must lead to ...
  std::string_view or_else{};   // ... or this one
  Directory context{};          // offset of the target, slot, IDs
};

class Walker {
 public:
  Walker(Rom& rom, ByteView file, WalkBudget& budget) : rom_(rom), file_(file), budget_(budget) {}

  void run() {
    for (const EfsField& field : rom_.efs.fields) {
      const EfsPointer pointer = field.type->pointer;
      if ((pointer != EfsPointer::psp && pointer != EfsPointer::bios) || !field.set()) continue;
      const std::uint64_t target = resolve(window(), field.value);
      if (in_missing_part(target)) continue;
      need(target, 0x10);
      if (!fits(target, 0x10)) {
        defect("amd.efs-pointer-out-of-range", rom_.efs.offset,
               fmt::format("{} = 0x{:08x}", field.type->name, field.value));
        continue;
      }
      const bool bios = pointer == EfsPointer::bios;
      follow({.reference = fmt::format("efs:{}", field.type->name),
              .where = rom_.efs.offset,
              .expected = bios ? "$BHD" : "$PSP",
              .or_else = bios ? "2BHD" : "2PSP",
              .context = {.offset = target}});
    }
  }

  // First levels before second ones, so that those are met on their way.
  void run_found(std::span<const std::uint64_t> directories) {
    for (const unsigned level : {0U, 1U, 2U}) {
      for (const std::uint64_t at : directories) {
        const Cookie* cookie = cookie_at(file_, at);
        if (cookie == nullptr || cookie->level != level || seen_.contains(at)) continue;
        follow({.reference = "its own header", .where = at, .expected = cookie->text, .context = {.offset = at}});
      }
    }
  }

 private:
  [[nodiscard]] const Window& window() const { return rom_.efs.window; }
  [[nodiscard]] bool fits(std::uint64_t offset, std::uint64_t size) const {
    return offset <= window().end && size <= window().end - offset;
  }

  // What the file does not hold is said once, of the image as a whole.
  [[nodiscard]] bool in_missing_part(std::uint64_t offset) const {
    return window().missing != 0 && offset == ~std::uint64_t{0};
  }

  void defect(std::string_view id, std::uint64_t where, std::string detail) {
    // Level 1 and its backup lead to the same places; one report is enough.
    if (reported_.emplace(id, where, detail).second) rom_.defects.push_back({id, where, std::move(detail)});
  }

  // Remembers how far the image reaches, as far as a chip can.
  void need(std::uint64_t offset, std::uint64_t size) {
    const Range range{offset, size};
    if (offset >= window().base && range.end() - window().base <= largest_chip) {
      rom_.needed_end = std::max(rom_.needed_end, range.end());
    }
  }

  // Whether the directory at this offset need not be entered; reports a loop, or adds a reference.
  bool known(const Link& link) {
    const std::uint64_t target = link.context.offset;
    if (std::ranges::find(open_, target) != open_.end()) {
      defect("amd.directory-recursion", target,
             fmt::format("{} leads back to the directory at {}", link.reference, hex32(target)));
      return true;
    }
    const auto seen = seen_.find(target);
    if (seen == seen_.end()) return false;
    rom_.directories[seen->second].referenced_by.push_back(link.reference);
    return true;
  }

  // Adds the directory and says whether its links are to be followed.
  bool add(Directory directory, std::string reference) {
    if (open_.size() >= deepest) {
      defect("amd.directory-depth", directory.offset,
             fmt::format("{} is level {} of nesting", reference, open_.size() + 1));
      return false;
    }
    if (budget_.directories == 0 || budget_.entries < directory.entries.size()) {
      if (!limit_reported_) defect("amd.directory-limit", directory.offset, "more directories than any image has");
      limit_reported_ = true;
      return false;
    }
    budget_.directories -= 1;
    budget_.entries -= directory.entries.size();
    directory.referenced_by.push_back(std::move(reference));
    seen_.emplace(directory.offset, rom_.directories.size());
    open_.push_back(directory.offset);
    rom_.directories.push_back(std::move(directory));
    return true;
  }

  // A link whose target lies inside the file.
  void follow(const Link& link) {
    const std::uint64_t target = link.context.offset;
    if (std::ranges::find(open_, target) != open_.end() && known(link)) return;
    const Cookie* cookie = cookie_at(file_, target);
    if (cookie == nullptr || (cookie->text != link.expected && cookie->text != link.or_else)) {
      defect("amd.directory-cookie-missing", target,
             fmt::format("{} leads to {} without {}", link.reference, hex32(target), link.expected));
      return;
    }
    if (known(link)) return;
    auto directory = read_directory(file_, window(), *cookie, link.context);
    if (!directory) {
      defect("amd.directory-out-of-range", link.where,
             fmt::format("{} is cut off by the end of the file", link.reference));
      return;
    }
    judge_header(*directory);
    const std::size_t index = rom_.directories.size();
    if (!add(*std::move(directory), link.reference)) return;
    if (cookie->combo) {
      follow_combo(index);
    } else {
      follow_entries(index);
    }
    open_.pop_back();
  }

  void judge_header(const Directory& directory) {
    if (!directory.checksum.computed) {
      const std::uint64_t size = directory_bytes(directory.kind, directory.count);
      defect("amd.directory-count-invalid", directory.offset,
             fmt::format("count {} needs {} bytes", directory.count, size));
    } else if (!directory.checksum.valid()) {
      defect("amd.directory-checksum-mismatch", directory.offset,
             fmt::format("stored 0x{:08x} computed 0x{:08x}", directory.checksum.stored, *directory.checksum.computed));
    }
  }

  void follow_combo(std::size_t index) {
    const Directory combo = rom_.directories[index];
    for (std::size_t i = 0; i < combo.combo_entries.size(); ++i) {
      const ComboEntry& entry = combo.combo_entries[i];
      const std::uint64_t where = combo.offset + 0x20 + i * 0x10;
      if (in_missing_part(entry.target)) continue;
      need(entry.target, 0x10);
      if (!fits(entry.target, 0x10)) {
        defect("amd.combo-target-out-of-range", where,
               fmt::format("ID 0x{:08x} address 0x{:016x}", entry.id, entry.address));
        continue;
      }
      follow({.reference = fmt::format("combo:{}[{}]", hex32(combo.offset), i),
              .where = where,
              .expected = combo.bios() ? "$BHD" : "$PSP",
              .context = {.offset = entry.target, .combo_id = entry.id}});
    }
  }

  void follow_entries(std::size_t index) {
    // A copy: the list of directories grows while its links are followed.
    const Directory directory = rom_.directories[index];
    for (const Entry& entry : directory.entries) {
      if (entry.offset && !in_missing_part(*entry.offset)) need(*entry.offset, entry.links() ? 0x10 : entry.size);
      if (entry.links()) {
        follow_entry(directory, entry);
      } else if (!entry.stored) {
        judge_missing_bytes(entry);
      }
    }
  }

  void judge_missing_bytes(const Entry& entry) {
    if (entry.value || entry.kind() == PayloadKind::memory || entry.size == 0) return;
    if (entry.offset && in_missing_part(*entry.offset)) return;
    if (entry.offset && *entry.offset < window().end) {
      defect("amd.entry-past-end", entry.entry_offset,
             fmt::format("type 0x{:02x} offset {} size {:#x} image {:#x}", entry.type, hex32(*entry.offset), entry.size,
                         file_.size()));
    } else {
      defect("amd.entry-address-out-of-range", entry.entry_offset,
             fmt::format("type 0x{:02x} address 0x{:016x}", entry.type, entry.raw_address));
    }
  }

  void follow_entry(const Directory& directory, const Entry& entry) {
    const bool slot_pointer = !directory.bios() && (entry.type == 0x48 || entry.type == 0x4A);
    Link link{.reference = fmt::format("dir:{}[{}]:0x{:02x}", hex32(directory.offset), entry.index, entry.type),
              .where = entry.entry_offset,
              .expected = !directory.bios() && entry.type == 0x40 ? "$PL2" : "$BL2",
              .context = {.offset = entry.offset.value_or(~std::uint64_t{0}),
                          .slot = directory.slot,
                          .combo_id = directory.combo_id,
                          .psp_id = directory.psp_id,
                          .slot_start = directory.slot_start}};
    if (in_missing_part(link.context.offset)) return;
    if (!fits(link.context.offset, slot_pointer ? slot_header_size : 0x10)) {
      defect(slot_pointer ? "amd.ish-out-of-range" : "amd.directory-out-of-range", entry.entry_offset,
             fmt::format("type 0x{:02x} address 0x{:016x}", entry.type, entry.raw_address));
      return;
    }
    if (!slot_pointer) return follow(link);
    link.context.slot = entry.type == 0x48 ? 'A' : 'B';
    link.context.slot_start = link.context.offset;
    link.expected = "$PL2";
    if (file_.matches(link.context.offset, "$PL2")) return follow(link);
    follow_slot_header(link);
  }

  [[nodiscard]] SlotHeader read_slot_header(std::uint64_t at) const {
    Fields fields(file_, "image slot header");
    return {.boot_priority = fields.u32(at + 0x04),
            .update_retry_count = fields.u32(at + 0x08),
            .glitch_retry_count = fields.u8(at + 0x0C),
            .level2_location = fields.u32(at + 0x10),
            .psp_id = fields.u32(at + 0x14),
            .slot_max_size = fields.u32(at + 0x18)};
  }

  // Image slot header: +0x00 Fletcher-32 over +0x04..+0x1F, +0x04 priority, +0x08 and +0x0C retries, +0x10 location
  // of the level 2 directory, +0x14 PSP ID, +0x18 maximum size.
  void follow_slot_header(const Link& link) {
    const std::uint64_t at = link.context.offset;
    if (known(link)) return;
    Directory header = link.context;
    header.kind = DirectoryKind::slot_header;
    header.slot_header = read_slot_header(at);
    header.psp_id = header.slot_header->psp_id;
    header.checksum = {file_.u32(at).value_or(0), fletcher32(file_.clip({at + 4, slot_header_size - 4}).bytes())};
    const std::uint64_t target = resolve(window(), header.slot_header->level2_location);
    const bool leads_on = fits(target, 0x10) && file_.matches(target, "$PL2");
    // Erased flash has a right checksum: words of 0xFFFF leave both sums as they were.
    const bool erased = file_.clip({at, slot_header_size}).filled_with(std::byte{0xFF});
    if (erased || (!header.checksum.valid() && !leads_on)) {
      defect("amd.recovery-slot-unusable", at,
             fmt::format("slot {}: neither a level 2 directory nor a valid image slot header", header.slot));
      return;
    }
    if (!header.checksum.valid()) {
      defect("amd.ish-checksum-mismatch", at,
             fmt::format("stored 0x{:08x} computed 0x{:08x}", header.checksum.stored, *header.checksum.computed));
    }
    if (!in_missing_part(target)) need(target, 0x10);
    Link onward{
        .reference = fmt::format("ish:{}", hex32(at)), .where = at, .expected = "$PL2", .context = link.context};
    onward.context.offset = target;
    onward.context.slot_start = target;
    onward.context.psp_id = header.psp_id;
    const std::uint32_t location = header.slot_header->level2_location;
    if (!add(std::move(header), link.reference)) return;
    if (fits(target, 0x10)) {
      follow(onward);
    } else if (!in_missing_part(target)) {
      defect("amd.ish-target-out-of-range", at, hex32(location));
    }
    open_.pop_back();
  }

  Rom& rom_;
  ByteView file_;
  WalkBudget& budget_;
  std::map<std::uint64_t, std::size_t> seen_{};
  std::vector<std::uint64_t> open_{};
  std::set<std::tuple<std::string_view, std::uint64_t, std::string>> reported_{};
  bool limit_reported_ = false;
};

}  // namespace

void walk(Rom& rom, ByteView file, WalkBudget& budget) { Walker(rom, file, budget).run(); }

void walk_found(Rom& rom, ByteView file, std::span<const std::uint64_t> directories, WalkBudget& budget) {
  Walker(rom, file, budget).run_found(directories);
}

}  // namespace quell::amd
