// SPDX-License-Identifier: GPL-2.0-or-later
#include "raspberrypi/boot_files.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/elf.h"
#include "model/cut_short.h"
#include "raspberrypi/eeprom.h"
#include "raspberrypi/signatures.h"

namespace quell::raspberrypi {
namespace {

constexpr std::uint16_t videocore = 137;  // e_machine of VideoCore III programs
constexpr std::string_view label = "VC_BUILD_ID_";
constexpr std::uint64_t largest_stage = 1U << 20U;

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
      cut_short("raspberrypi.boot-file.cut", "the program", elf ? elf->end : 0, view, "fetch the file again"));
}

void read_second_stage(BootFile& out, ByteView view) {
  const auto of_2712 = read_stage_signatures(view, true);
  const bool recovery = view.find(as_bytes("RECOVERY")).has_value();
  out.kind = recovery ? "recovery.bin" : "bootcode";
  out.title = fmt::format("Raspberry Pi {} of {}",
                          recovery ? "recovery.bin (writes the boot EEPROM)"
                                   : "second stage for booting over USB (bootcode4.bin, bootcode5.bin)",
                          of_2712.empty() ? "BCM2711" : "BCM2712");
  BuildInfo build;
  read_build_info(build, view, false);
  if (!build.version.empty()) out.attributes.set("version", build.version);
  if (!build.date.empty()) out.attributes.set("date", build.date);
  const bool wrong = std::ranges::any_of(of_2712, [](const StageSignature& one) { return one.valid == false; });
  out.attributes.set("signature", std::string(of_2712.empty() ? "present; the key is in the chip"
                                              : wrong         ? "invalid"
                                                              : "valid"));
  if (!wrong) return;
  out.problems.push_back({.id = "raspberrypi.stage.signature-bad",
                          .question = Question::signatures,
                          .severity = Severity::error,
                          .title = "the signature of the second stage is wrong",
                          .detail = "The boot ROM refuses this second stage; the board does not start from it.",
                          .advice = "Fetch the file again.",
                          .range = view.range()});
}

}  // namespace

// Stages that the boot ROM loads from USB or a card in place of the EEPROM's: no section header, the same signatures.
bool looks_like_second_stage(ByteView view) {
  if (view.size() > largest_stage || view.clip({0, 512}).size() != 512) return false;
  if (!view.clip({0, 512}).filled_with(std::byte{0})) return false;
  return !read_stage_signatures(view, false).empty() || !read_stage_signatures(view, true).empty();
}

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
  if (zero_head && looks_like_second_stage(view)) {
    read_second_stage(out, view);
    return out;
  }
  // Firmware of the USB controller of the Pi 4, which has no name in it: known by its first words and its file name.
  if (name.starts_with("vl805") && view.u32(0).value_or(0) == 0xB159080D && view.u32(4).value_or(1) == 0) {
    out.kind = "vl805";
    out.title = "firmware of the VL805 USB controller (Raspberry Pi 4)";
    const std::string version = name.substr(0, name.find('.'));
    if (version.size() > 6) out.attributes.set("version", version.substr(6));
    return out;
  }
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
