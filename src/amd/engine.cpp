// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/engine.h"
#include "amd/live.h"

#include <algorithm>

#include <fmt/format.h>

#include "amd/artifacts.h"
#include "amd/firmware.h"
#include "amd/part.h"
#include "amd/recognise.h"
#include "base/landmarks.h"

namespace quell {
namespace {

constexpr std::string_view engine_id = "amd-psp";

constexpr std::string_view why_not =
    "every part that the PSP runs is signed by AMD and checked by a ROM that compares the key with fuses, and the PSP "
    "brings up the memory and releases the x86 cores: without it, or with an altered part, the machine stops before "
    "the first x86 instruction";

// What can be done to the PSP: nothing, and why.
std::vector<Action> actions() {
  Action soft{.id = "soft-disable", .title = "switch the PSP off", .state = Action::State::impossible};
  soft.reason = fmt::format(
      "AMD has no disable bit; \"disable PSP\" options of a BIOS only hide its mailbox and fTPM from the operating "
      "system; {}",
      why_not);
  Action strip{.id = "strip", .title = "remove PSP firmware", .state = Action::State::impossible};
  strip.reason = fmt::format(
      "{}; the few optional parts (debug unlock image, MP2 firmware, fTPM driver) can be left out when an image is "
      "built, as coreboot's recipes do, but that neither stops the PSP nor reduces its privileges",
      why_not);
  return {std::move(soft), std::move(strip)};
}

// An update file may carry the image behind a header of its own; what is known to be another vendor's cannot.
amd::Search search_in(const Image& image) {
  const bool wrapped = image.what.body != image.bytes().range();
  const bool others = image.what.recognised && !wrapped && image.what.engine != engine_id;
  return {.body = image.what.body, .everywhere = !others, .by_headers = image.descriptor == nullptr};
}

EngineReport report_on(const amd::Rom& rom, const Image& image) {
  EngineReport report{.engine = std::string(engine_id)};
  const bool has_volumes =
      std::ranges::any_of(image.landmarks(), [](const Landmark& one) { return one.mark == Mark::firmware_volume; });
  report.facts = amd::summarise(rom, image.bytes(), has_volumes);
  report.title = "AMD Platform Security Processor";
  const std::string family = amd::platform(rom);
  if (!family.empty()) report.title += fmt::format(" ({})", family);
  const std::string version = report.facts.text("version");
  if (!version.empty()) report.title += fmt::format(", boot loader {}", version);
  report.tree = amd::describe(rom);
  report.findings = amd::audit(rom, image.bytes());
  add_structure_check(report, "Embedded Firmware Structure and directories");
  report.actions = actions();
  return report;
}

EngineReport report_on(amd::Part part) {
  EngineReport report{.engine = std::string(engine_id), .title = std::move(part.title)};
  report.facts = std::move(part.facts);
  report.tree = std::move(part.tree);
  report.findings = std::move(part.findings);
  add_structure_check(report, "header of the part");
  report.actions = actions();
  return report;
}

class AmdEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return engine_id; }

  [[nodiscard]] std::optional<Recognition> recognise(ByteView file) const override { return amd::recognise(file); }
  [[nodiscard]] std::optional<Recognition> recognise_inside(ByteView file) const override {
    return amd::recognise_inside(file);
  }

  // Digests and signatures are part of either depth: without them the directories alone say little.
  [[nodiscard]] std::vector<EngineReport> look(const Examined& examined, Depth /*depth*/) const override {
    const Image& image = examined.image();
    std::vector<EngineReport> reports;
    if (image.what.engine == engine_id && image.what.type == FileKind::part) {
      if (auto part = amd::read_part(image.bytes())) reports.push_back(report_on(*std::move(part)));
      return reports;
    }
    auto firmware = amd::parse(image.bytes(), search_in(image));
    if (!firmware) return reports;
    amd::verify(*firmware, image.bytes(), *examined.budget());
    for (const amd::Rom& rom : firmware->roms) reports.push_back(report_on(rom, image));
    for (const std::uint64_t offset : firmware->without_directories) {
      reports.front().findings.push_back({.id = "amd.signature-without-directories",
                                          .question = Question::structure,
                                          .title = "another Embedded Firmware Structure signature leads nowhere",
                                          .detail = fmt::format("signature without directories at 0x{:08x}", offset),
                                          .range = Range{offset, amd::efs_signature_size}});
    }
    return reports;
  }

  [[nodiscard]] std::vector<EngineStatus> live(const host::Root& root, const host::Machine& machine,
                                               const StatusOptions& options) const override {
    return amd::live(root, machine, options);
  }

  [[nodiscard]] std::vector<Artifact> artifacts(const Examined& examined) const override {
    const Image& image = examined.image();
    const auto firmware = amd::parse(image.bytes(), search_in(image));
    return firmware ? amd::artifacts(*firmware, image.bytes(), examined.budget()) : std::vector<Artifact>();
  }
};

}  // namespace

const Engine& amd_engine() {
  static const AmdEngine engine;
  return engine;
}

}  // namespace quell
