// SPDX-License-Identifier: GPL-2.0-or-later
#include "raspberrypi/boot_files.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/elf.h"

namespace quell::raspberrypi {
namespace {

constexpr std::uint16_t videocore = 137;  // e_machine of VideoCore III programs
constexpr std::string_view label = "VC_BUILD_ID_";

std::string base_name(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

void read_build_strings(Attributes& out, ByteView view) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> labels{{
      {"VC_BUILD_ID_TIME: ", "build_time"},
      {"VC_BUILD_ID_VERSION: ", "version"},
      {"VC_BUILD_ID_VARIANT: ", "variant"},
      {"VC_BUILD_ID_BRANCH: ", "branch"},
      {"VC_BUILD_ID_PLATFORM: ", "platform"},
  }};
  for (const auto& [text, key] : labels) {
    const auto at = view.find(as_bytes(text));
    if (!at) continue;
    const ByteView value = view.clip({*at + text.size(), 128});
    std::string line = value.text(0, value.size()).value_or("");
    line.resize(std::min(line.find("\\x0a"), line.size()));
    out.set(key, line);
  }
}

void judge_size(BootFile& out, ByteView view) {
  out.sized = true;
  const auto elf = parse_elf(view);
  if (elf && elf->end <= view.size()) return;
  out.problems.push_back(
      {.id = "raspberrypi.boot-file.cut",
       .question = Question::size,
       .severity = Severity::error,
       .title = "the program is cut short",
       .detail = fmt::format("Its ELF headers reach to byte {}, the file has {}.", elf ? elf->end : 0, view.size()),
       .advice = "Fetch the file again.",
       .range = view.range()});
}

}  // namespace

bool looks_like_start_elf(ByteView view) noexcept {
  const auto elf = parse_elf(view);
  if (!elf || elf->wide || elf->machine != videocore) return false;
  return elf->end > view.size() || view.find(as_bytes(label)).has_value();
}

std::optional<BootFile> read_boot_file(const std::string& file_name, ByteView view) {
  const std::string name = base_name(file_name);
  BootFile out;
  if (looks_like_start_elf(view)) {
    out.kind = "start.elf";
    out.title = "Raspberry Pi VideoCore firmware (start*.elf)";
    read_build_strings(out.attributes, view);
    judge_size(out, view);
    return out;
  }
  // About 50 KiB of VideoCore code behind 512 zero bytes; no magic.
  const bool zero_head = view.clip({0, 512}).size() == 512 && view.clip({0, 512}).filled_with(std::byte{0});
  if (name == "bootcode.bin" && zero_head && view.size() >= 16U << 10U && view.size() <= 128U << 10U) {
    out.kind = "bootcode.bin";
    out.title = "Raspberry Pi first-stage loader (bootcode.bin, models before the boot EEPROM)";
    return out;
  }
  if (name.starts_with("fixup") && name.ends_with(".dat") && view.size() <= 64U << 10U && !view.empty()) {
    out.kind = "fixup.dat";
    out.title = "Raspberry Pi memory split data (fixup*.dat), which belongs to start*.elf";
    return out;
  }
  return std::nullopt;
}

}  // namespace quell::raspberrypi
