// SPDX-License-Identifier: GPL-2.0-or-later
// Raspberry Pi: the VideoCore boots first; its boot loader leaves what it knows in the device tree.
#include <fmt/format.h>

#include "raspberrypi/live.h"

namespace quell::raspberrypi {

using namespace host;

namespace {

// Older documents write the names with underscores, real ones have hyphens.
std::string property(const Root& root, std::string_view name) {
  const std::string folder = std::string(device_tree) + "/chosen/bootloader/";
  std::string path = folder + std::string(name);
  if (root.exists(path)) return path;
  for (char& c : path) c = c == '-' && &c >= &path[folder.size()] ? '_' : c;
  return path;
}

void add_number(const Root& root, EngineStatus& engine, const char* name, const char* key, const char* label,
                Show show = Show::decimal) {
  const std::string path = property(root, name);
  const auto value = device_tree_number(root, path);
  if (!value) return;
  Fact one = fact(key, label, std::uint64_t{*value}, path, "none", Freshness::snapshot);
  one.show = show;
  engine.facts.push_back(std::move(one));
}

void add_secure_boot(const Root& root, EngineStatus& engine) {
  const std::string path = property(root, "signed");
  auto value = device_tree_number(root, path);
  if (!value) value = device_tree_number(root, property(root, "signed-boot"));
  if (!value) {
    engine.facts.push_back(fact("secure_boot", "secure boot", Unknown{}, path, "none", Freshness::snapshot));
    return;
  }
  // Bit 3: customer key digest in OTP; bit 0: SIGNED_BOOT in the EEPROM configuration. Neither can be undone for OTP.
  const char* state = (*value & 8U) != 0 ? "otp-fused" : (*value & 1U) != 0 ? "eeprom-only" : "off";
  engine.facts.push_back(fact("secure_boot", "secure boot", std::string(state), path, "none", Freshness::snapshot));
  engine.facts.push_back(fact("development_key_revoked", "ROM development key revoked", (*value & 4U) != 0, path,
                              "none", Freshness::snapshot));
}

}  // namespace

std::vector<EngineStatus> live(const Root& root, const Machine& machine) {
  const std::string model = root.read(std::string(device_tree) + "/model").text();
  if (!machine.compatible_with("raspberrypi,") && !model.starts_with("Raspberry Pi")) return {};
  EngineStatus engine;
  engine.name = "VideoCore";
  engine.title = "VideoCore of a " + (model.empty() ? std::string("Raspberry Pi") : model);
  set_verdict(engine, Verdict::videocore_running, Certainty::high);
  const std::string version_path = property(root, "version");
  if (const std::string version = root.read(version_path).text(); !version.empty()) {
    engine.facts.push_back(
        fact("bootloader_version", "boot loader", version, version_path, "none", Freshness::snapshot));
  }
  add_number(root, engine, "build-timestamp", "bootloader_built", "boot loader built (UTC seconds)");
  add_number(root, engine, "update-timestamp", "bootloader_updated", "boot loader updated (UTC seconds)");
  add_number(root, engine, "capabilities", "bootloader_capabilities", "boot loader capabilities", Show::hex);
  add_secure_boot(root, engine);
  const std::string throttle = "/sys/devices/platform/soc/soc:firmware/get_throttled";
  if (const std::string text = root.read(throttle).text(); !text.empty())
    engine.facts.push_back(fact("firmware_answers", "power warnings (get_throttled)", text, throttle));
  const std::string minimum = std::string(device_tree) + "/chosen/rpi-min-boot-ver";
  if (const std::string text = root.read(minimum).text(); !text.empty()) {
    engine.facts.push_back(
        fact("minimum_bootloader", "oldest boot loader accepted", text, minimum, "none", Freshness::snapshot));
  }
  engine.options = {
      {"No management engine and no AMT exist here; the VideoCore cannot be switched off, because it starts the "
       "machine."}};
  std::vector<EngineStatus> out;
  out.push_back(std::move(engine));
  return out;
}

}  // namespace quell::raspberrypi
