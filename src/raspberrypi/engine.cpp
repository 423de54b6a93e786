// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/engine.h"
#include "base/words.h"
#include "raspberrypi/live.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "raspberrypi/boot_files.h"
#include "raspberrypi/eeprom.h"

namespace quell {
namespace raspberrypi {
namespace {

constexpr std::string_view statement =
    "No second system stays reachable from the network beside the operating system. The VideoCore processor boots the "
    "chip, initialises memory and starts the ARM cores with closed firmware, and that firmware keeps running as a "
    "service processor below the operating system.";

void add_statement(EngineReport& report) {
  report.facts.set("management_engine", std::string("none"));
  report.facts.set("in_its_place",
                   std::string("closed VideoCore boot firmware, which runs below the operating system"));
  report.findings.push_back({.id = "raspberrypi.no-management-engine",
                             .question = Question::structure,
                             .title = "no management engine; closed boot firmware runs below the operating system",
                             .detail = std::string(statement)});
  report.actions.push_back({.id = "neutralise",
                            .title = "remove the boot firmware",
                            .state = Action::State::impossible,
                            .reason = "nothing else can start the ARM cores"});
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Value number_or_unknown(std::optional<std::uint64_t> value) { return value ? Value(*value) : Value(Unknown{}); }

void set_facts(Attributes& facts, const Eeprom& eeprom) {
  facts.set("chip", eeprom.chip().empty() ? Value(Unknown{}) : Value(std::string(eeprom.chip())));
  facts.set("version", eeprom.build.version.empty() ? Value(Unknown{}) : Value(eeprom.build.version));
  if (!eeprom.build.date.empty()) facts.set("date", eeprom.build.date);
  facts.set("build_timestamp", number_or_unknown(eeprom.build.timestamp));
  facts.set("version_from_bootmain", eeprom.build.from_bootmain);
  facts.set("two_slots", eeprom.two_slots);
  facts.set("update_time", number_or_unknown(eeprom.update_time));
  facts.set("config", lines_of(eeprom.config));
  const auto signed_boot = eeprom.setting("SIGNED_BOOT");
  if (signed_boot) facts.set("signed_boot_setting", *signed_boot);
  if (eeprom.owner_key_sha256) facts.set("customer_key_sha256", to_hex(*eeprom.owner_key_sha256));
  if (eeprom.config_signature) {
    facts.set("bootconf_digest_matches", eeprom.config_signature->digest_matches);
    facts.set("bootconf_signature_valid",
              eeprom.config_signature->rsa_valid ? Value(*eeprom.config_signature->rsa_valid) : Value(Unknown{}));
  }
  facts.set("not_knowable",
            std::vector<std::string>{"whether OTP holds the owner's key hash (permanent)",
                                     "whether the development key is revoked", "whether JTAG is locked"});
}

// Names from the image, reduced to what a path may hold.
std::string safe(std::string_view name) {
  std::string out;
  for (const char c : name) {
    out.push_back(is_plain_in_names(c) ? c : '_');
  }
  return out.empty() || out.front() == '.' ? "_" + out : out;
}

class RaspberryPiEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return "raspberry-pi"; }

  [[nodiscard]] std::optional<Recognition> recognise(ByteView file) const override {
    if (looks_like_eeprom(file)) {
      Recognition out = whole_file(file, "raspberrypi.eeprom", "Raspberry Pi boot EEPROM image", FileKind::rom);
      const std::uint64_t size = eeprom_size(file);
      if (size == 0 || size >= file.size()) return out;
      out.title += fmt::format(" in the first {} of a longer file", size_text(size));
      out.body = {0, size};
      return out;
    }
    if (looks_like_second_stage(file)) {
      return whole_file(file, "raspberrypi.second-stage", "Raspberry Pi second stage (recovery.bin, bootcode4.bin)",
                        FileKind::part);
    }
    if (looks_like_start_elf(file)) {
      return whole_file(file, "raspberrypi.start-elf", "Raspberry Pi VideoCore firmware (start*.elf)");
    }
    return std::nullopt;
  }

  [[nodiscard]] std::vector<EngineReport> look(const Examined& examined, Depth /*depth*/) const override {
    const Image& image = examined.image();
    EngineReport report{.engine = std::string(id())};
    if (const auto eeprom = parse_eeprom(image.bytes())) {
      report.title = fmt::format("Raspberry Pi boot EEPROM{}{}", eeprom->chip().empty() ? "" : " of ", eeprom->chip());
      if (!eeprom->build.version.empty()) report.title += ", version " + eeprom->build.version;
      set_facts(report.facts, *eeprom);
      report.tree = describe(*eeprom, image.bytes());
      report.findings = audit(*eeprom);
      add_structure_check(report, "sections");
    } else if (const auto file = read_boot_file(image.name(), image.bytes())) {
      report.title = file->title;
      report.facts.set("file", file->kind);
      for (const Attribute& attribute : file->attributes) report.facts.set(attribute.key, attribute.value);
      report.tree = {"boot-file", file->kind, image.bytes().range(), file->attributes, {}};
      report.findings = file->problems;
      if (file->sized) add_structure_check(report, "ELF headers");
    } else {
      return {};
    }
    add_statement(report);
    return {std::move(report)};
  }

  [[nodiscard]] std::vector<EngineStatus> live(const host::Root& root, const host::Machine& machine,
                                               const StatusOptions& /*options*/) const override {
    return raspberrypi::live(root, machine);
  }

  [[nodiscard]] std::vector<Artifact> artifacts(const Examined& examined) const override {
    const Image& image = examined.image();
    std::vector<Artifact> out;
    const auto eeprom = parse_eeprom(image.bytes());
    if (!eeprom) return out;
    for (const Section& section : eeprom->sections) {
      if (section.name.empty() || section.content.empty()) continue;
      const std::string path = fmt::format("raspberry-pi/{:06x}-{}", section.range.offset, safe(section.name));
      out.push_back(
          {.path = section.packed() ? path + ".packed" : path, .kind = "file", .range = section.content.range()});
      if (!section.packed()) continue;
      out.push_back({.path = path, .kind = "unpacked", .unpack = [section] { return unpack(section); }});
    }
    return out;
  }
};

}  // namespace
}  // namespace raspberrypi

const Engine& raspberry_pi_engine() {
  static const raspberrypi::RaspberryPiEngine engine;
  return engine;
}

}  // namespace quell
