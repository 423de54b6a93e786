// SPDX-License-Identifier: GPL-2.0-or-later
// Which modules inside FTPR go: everything that the machine's start does not need.
#include <algorithm>
#include <array>
#include <numeric>
#include <ranges>

#include <fmt/format.h>

#include "intel/clean/workspace.h"

namespace quell::intel {
namespace {

// Erases all Huffman chunks that no essential module owns; true when an essential module has chunks.
Result<bool> remove_chunks(Workspace& work) {
  const MeRegion& me = *work.me;
  QUELL_TRY(const auto extents, chunk_extents(*me.llut, me.modules->modules));
  bool essential_found = false;
  for (const ChunkExtent& extent : extents) {
    if (extent.essential) {
      essential_found = true;
      work.essential_end = std::max(work.essential_end, extent.range.end());
    } else {
      QUELL_CHECK(work.erase(extent.range, "remove Huffman chunks of modules that are not needed"));
    }
  }
  return essential_found;
}

Result<void> remove_whole_modules(Workspace& work) {
  for (const Gen2Module& module : work.me->modules->modules) {
    if (module.is_huffman()) continue;
    const Range range{work.code_offset + module.data_offset, module.stored_size};
    if (module.essential()) {
      work.essential_end = std::max(work.essential_end, range.end());
    } else {
      QUELL_CHECK(work.erase(range, fmt::format("remove module {}", module.name)));
    }
  }
  return {};
}

Result<void> check_gen2_modules(const Workspace& work) {
  for (const Gen2Module& module : work.me->modules->modules) {
    const auto at = work.me_range.offset + module.header_offset;
    if (!module.plain_name) return fail(Errc::damaged, fmt::format("module name {} is not ASCII", module.name), at);
    if (module.compression_code() > 2) {
      return fail(Errc::damaged,
                  fmt::format("module {} has the undefined compression {}", module.name, module.compression_code()),
                  at);
    }
  }
  return {};
}

Result<void> nothing_essential(const Workspace& work) {
  if (work.essential_end != 0) return {};
  return fail(Errc::damaged, "no module that the machine needs to start was found in FTPR",
              work.me_range.offset + work.code_offset);
}

// Generation 3: names that begin with one of these belong to modules that the machine does not start without.
constexpr std::array<std::string_view, 4> essential_prefixes{"rbe", "kernel", "syslib", "bup"};

bool stays(const CodeDirectoryEntry& entry) {
  return entry.is_manifest() || entry.is_metadata() ||
         std::ranges::any_of(essential_prefixes,
                             [&](std::string_view prefix) { return entry.name.starts_with(prefix); });
}

}  // namespace

Result<void> remove_gen2_modules(Workspace& work) {
  const MeRegion& me = *work.me;
  if (me.module_error && me.module_error->code != Errc::unsupported) return tl::unexpected(*me.module_error);
  if (!me.modules) {
    if (work.options.relocate || work.options.truncate) {
      return fail(
          Errc::unsupported,
          fmt::format("FTPR can be neither moved nor the region cut: {}; clean without both", me.module_error->message),
          me.module_error->offset);
    }
    work.modules_unusable = true;
    work.notice("intel.clean.modules-kept", Question::structure,
                "the modules inside FTPR stay: their table is of no known kind", me.module_error->message);
    return {};
  }
  QUELL_CHECK(check_gen2_modules(work));
  if (work.options.keep_modules) {
    work.essential_end = work.code_offset + me.code_length();
    return {};
  }
  QUELL_CHECK(remove_whole_modules(work));
  if (me.llut) QUELL_CHECK(remove_chunks(work));
  return nothing_essential(work);
}

Result<void> remove_gen3_modules(Workspace& work) {
  const CodeDirectory& directory = *work.me->directory;
  const std::uint64_t length = work.me->code_length();
  if (work.options.keep_modules) {
    work.essential_end = work.code_offset + length;
    return {};
  }
  for (const CodeDirectoryEntry& entry : directory.entries) {
    if (!entry.plain_name) return fail(Errc::damaged, fmt::format("module name {} is not ASCII", entry.name));
    if (!entry.absent() && entry.offset < directory.table_size()) {
      return fail(Errc::damaged, fmt::format("module {} lies over the directory that names it", entry.name),
                  directory.bytes.origin());
    }
    if (entry.offset > length) {
      return fail(
          Errc::damaged,
          fmt::format("module {} begins at {:#x} of a partition of {:#x} bytes", entry.name, entry.offset, length),
          directory.bytes.origin());
    }
  }
  const auto ranges = stored_ranges(directory, length);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const Range range{work.code_offset + ranges[i].offset, ranges[i].size};
    const CodeDirectoryEntry& entry = directory.entries[i];
    if (entry.absent()) continue;
    if (stays(entry)) {
      work.essential_end = std::max(work.essential_end, range.end());
    } else {
      QUELL_CHECK(work.erase(range, fmt::format("remove module {}", entry.name)));
    }
  }
  return nothing_essential(work);
}

}  // namespace quell::intel
