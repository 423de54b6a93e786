// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/audit.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <set>

#include <fmt/format.h>

#include "amd/partial.h"
#include "amd/read_directory.h"
#include "base/words.h"

namespace quell::amd {
namespace {

constexpr std::string_view read_again = "the file may be cut short or damaged: read the chip again and compare";
constexpr std::string_view not_bootable = "the processor may refuse to boot from this; restore a sound image";

struct DefectText {
  std::string_view id;
  Question question;
  std::string_view title;
  std::string_view advice;
};

// What the defects met by the walk mean.
constexpr std::array defect_texts{
    DefectText{"amd.efs-pointer-out-of-range", Question::structure,
               "a pointer of the Embedded Firmware Structure leads outside the file", read_again},
    DefectText{"amd.directory-cookie-missing", Question::structure, "a link leads to bytes that are no directory",
               not_bootable},
    DefectText{"amd.directory-out-of-range", Question::structure, "a link to a directory leads outside the file",
               read_again},
    DefectText{"amd.directory-checksum-mismatch", Question::checksums, "the checksum of a directory is wrong",
               not_bootable},
    DefectText{"amd.directory-count-invalid", Question::structure, "a directory claims an impossible number of entries",
               not_bootable},
    DefectText{"amd.directory-recursion", Question::structure, "a directory leads back to itself", not_bootable},
    DefectText{"amd.directory-depth", Question::structure, "directories are nested too deeply", not_bootable},
    DefectText{"amd.directory-limit", Question::structure, "the image claims more directories than are looked at",
               not_bootable},
    DefectText{"amd.work-limit", Question::structure, "entries overlap so much that not all were examined",
               not_bootable},
    DefectText{"amd.combo-target-out-of-range", Question::structure, "a combo directory leads outside the file",
               read_again},
    DefectText{"amd.entry-address-out-of-range", Question::structure, "an entry begins outside the file", read_again},
    DefectText{"amd.entry-past-end", Question::structure, "an entry ends outside the file", read_again},
    DefectText{"amd.ish-checksum-mismatch", Question::checksums, "the checksum of an image slot header is wrong",
               not_bootable},
    DefectText{"amd.ish-target-out-of-range", Question::structure, "an image slot header leads outside the file",
               read_again},
    DefectText{"amd.ish-out-of-range", Question::structure, "an image slot header lies outside the file", read_again},
    DefectText{"amd.recovery-slot-unusable", Question::structure,
               "a recovery slot holds neither a directory nor an image slot header",
               "the machine can boot from the other slot only; restore a sound image"}};

void audit_defects(const Rom& rom, Findings& findings) {
  for (const Defect& defect : rom.defects) {
    const auto text = std::ranges::find(defect_texts, defect.id, &DefectText::id);
    const std::string_view title = text == defect_texts.end() ? defect.id : text->title;
    const Question question = text == defect_texts.end() ? Question::structure : text->question;
    Finding& finding =
        findings.add(defect.id, question, Severity::error, title, defect.detail, Range{defect.where, 0x10});
    if (text != defect_texts.end()) finding.advice = text->advice;
  }
}

// A chip's size is a power of two; a file of another size that its own directories reach beyond was cut short.
void audit_length(const Rom& rom, ByteView file, Findings& findings) {
  const Window& window = rom.efs.window;
  const std::uint64_t length = window.end - window.base;
  const bool whole = std::has_single_bit(length) || length % largest_window == 0;
  if (rom.needed_end <= window.end || whole) return;
  findings
      .add("amd.file-shorter-than-contents", Question::size, Severity::warning,
           "the file is shorter than its contents require",
           fmt::format("the directories reach to 0x{:x}, the file ends at 0x{:x}", rom.needed_end, file.size()),
           Range{window.end, 0})
      .advice = read_again;
}

// The directories are there, what leads to them is not.
void audit_absent_structure(const Rom& rom, ByteView file, Findings& findings) {
  const std::vector<std::uint64_t> erased = erased_places(file, rom.efs.window);
  std::string detail = rom.directories.size() == 1
                           ? "one directory was found by its header"
                           : fmt::format("{} directories were found by their headers", rom.directories.size());
  std::string_view lead = "; erased: ";
  for (const std::uint64_t at : erased) {
    detail += fmt::format("{}{}", lead, hex32(at));
    lead = ", ";
  }
  findings
      .add("amd.efs-missing", Question::structure, Severity::error,
           "the Embedded Firmware Structure, where the processor begins to read, is not in the file", std::move(detail))
      .advice = erased.empty() ? "the file is a part of an image: read the whole chip"
                               : "it is erased, or lies in a part that was not read: read the whole chip again; from "
                                 "this content no processor starts";
}

void audit_structure(const Rom& rom, ByteView file, Findings& findings) {
  const Efs& efs = rom.efs;
  if (efs.window.missing != 0) {
    findings
        .add("amd.first-part-missing", Question::size, Severity::error,
             "the first part of the image is not in the file",
             fmt::format("the file holds the last {} of an image of {}; the first {} are missing",
                         size_text(efs.window.end - efs.window.base), size_text(efs.window.size),
                         size_text(efs.window.missing)),
             Range{efs.window.base, 0})
        .advice = "read the whole chip; where the board has two, join both reads";
  }
  if (efs.absent) return audit_absent_structure(rom, file, findings);
  if (!efs.has_directories) {
    findings
        .add("amd.efs-without-directories", Question::structure, Severity::error,
             "no directory of the Embedded Firmware Structure was found",
             fmt::format("signature without directories at {}", hex32(efs.offset)), Range{efs.offset, efs_size})
        .advice = not_bootable;
  }
  for (const EfsField& field : efs.fields) {
    if (field.type->pointer != EfsPointer::firmware || !field.set()) continue;
    if (resolve(efs.window, field.value) < efs.window.end) continue;
    findings.add("amd.efs-firmware-out-of-range", Question::structure, Severity::warning,
                 "a firmware pointer of the Embedded Firmware Structure leads outside the file",
                 fmt::format("{} = 0x{:08x}", field.type->name, field.value),
                 Range{efs.offset + field.type->offset, 4});
  }
}

// Keys that share an ID must be the same key.
void audit_key_ids(const Rom& rom, Findings& findings) {
  std::map<KeyId, std::set<Sha256>> moduli;
  std::map<KeyId, const Key*> first;
  for (const Key& key : rom.keys) {
    moduli[key.id].insert(key.modulus_sha256);
    first.try_emplace(key.id, &key);
  }
  for (const Key& key : rom.keys) {
    const std::size_t different = moduli[key.id].size();
    if (different < 2 || first[key.id] != &key) continue;
    findings
        .add("amd.key-id-conflict", Question::signatures, Severity::error, "different keys carry the same key ID",
             fmt::format("{} different moduli carry the key ID {}", different, to_hex(key.id)),
             Range{key.location, 0x40})
        .advice = "one of them was altered: do not trust this image";
  }
}

void audit_root_keys(const Rom& rom, Findings& findings) {
  for (const Key& key : rom.keys) {
    if (key.trust != Trust::root) continue;
    const std::string id = to_hex(key.id);
    const RootKey* known = root_key(id);
    const Range where{key.location, 0x40 + 2 * (key.bits / 8)};
    if (known == nullptr) {
      findings
          .add("amd.root-key-unknown", Question::signatures, Severity::warning,
               "the root key is not one of AMD's published ones", fmt::format("key ID {}", id), where)
          .advice = "signatures are consistent with this key; whether it is AMD's cannot be said";
    } else if (known->modulus_sha256 != to_hex(key.modulus_sha256)) {
      findings
          .add("amd.root-key-altered", Question::signatures, Severity::error,
               "the root key is not the one that AMD published under its ID",
               fmt::format("key ID {} is known with another modulus", id), where)
          .advice = "the boot ROM compares the key with fuses and will refuse it; do not flash this image";
    }
  }
}

}  // namespace

Finding& Findings::add(std::string_view id, Question question, Severity severity, std::string_view title,
                       std::string detail, std::optional<Range> where) {
  list_.push_back({.id = std::string(id),
                   .question = question,
                   .severity = severity,
                   .title = std::string(title),
                   .detail = std::move(detail),
                   .range = where});
  return list_.back();
}

Range range_of(const Entry& entry) noexcept { return {entry.entry_offset, entry.bios ? 0x18U : 0x10U}; }

std::string short_id(const KeyId& id) { return to_hex(id).substr(0, 8); }

std::vector<Finding> audit(const Rom& rom, ByteView file) {
  Findings findings;
  audit_structure(rom, file, findings);
  audit_length(rom, file, findings);
  audit_defects(rom, findings);
  audit_key_ids(rom, findings);
  audit_root_keys(rom, findings);
  audit_entries(rom, findings);
  audit_rollback(rom, findings);
  audit_slots(rom, findings);
  return std::move(findings).take();
}

}  // namespace quell::amd
