// SPDX-License-Identifier: GPL-2.0-or-later
// Engines of Intel's chips beside the management engine, on a live machine: the silicon security engine (ISSE), the
// partner security engine (IPSE), which runs Microsoft Pluton, and the graphics system controller (GSC).
// docs/formats/engines.md#how-they-show
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/table.h"
#include "data/intel-security-engines.h"
#include "host/machine.h"
#include "intel/live/mei.h"
#include "quell/engine.h"

namespace quell {
namespace intel {
namespace {

using namespace host;

constexpr std::uint16_t intel_vendor = 0x8086;
constexpr std::string_view pluton_device = "/sys/bus/acpi/devices/MSFT0200:00";

// Whether the function is one of the first three of this device of bus 0.
bool stands_at(const PciFunction& function, std::string_view device) {
  constexpr std::array<std::string_view, 3> functions{".0", ".1", ".2"};
  return function.vendor == intel_vendor && std::ranges::any_of(functions, [&](std::string_view number) {
           return function.address == fmt::format("0000:00:{}{}", device, number);
         });
}

EngineStatus present(std::string title, std::string name, Certainty certainty, std::string meaning) {
  EngineStatus out;
  out.name = std::move(name);
  out.title = std::move(title);
  set_verdict(out, Verdict::running, certainty);
  out.verdict_title = "present";
  out.meaning = std::move(meaning);
  out.advice.clear();
  return out;
}

void add_function(EngineStatus& engine, const PciFunction& function) {
  const std::string source = "/sys/bus/pci/devices/" + function.address;
  engine.facts.push_back(fact("device", "PCI device", function.id(), source));
  if (!function.driver.empty()) {
    engine.facts.push_back(fact("driver", "driver", function.driver, source + "/driver"));
  }
}

struct SiliconEngine {
  const PciFunction* function = nullptr;
  std::string platform{};
};

std::optional<SiliconEngine> find_isse(const Machine& machine) {
  for (const PciFunction& function : machine.pci) {
    if (!stands_at(function, "18")) continue;
    for (const auto row : Table(data::intel_security_engines)) {
      if (row.number<std::uint16_t>("device") == function.device)
        return SiliconEngine{&function, std::string(row["platform"])};
    }
    if (function.driver == "issei") return SiliconEngine{&function, {}};
  }
  return std::nullopt;
}

class IsseEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return "intel-isse"; }

  [[nodiscard]] std::vector<EngineStatus> live(const Root& /*root*/, const Machine& machine,
                                               const StatusOptions& /*options*/) const override {
    const auto found = find_isse(machine);
    if (!found) return {};
    EngineStatus engine = present(
        found->platform.empty() ? "Intel silicon security engine (ISSE)"
                                : fmt::format("Intel silicon security engine (ISSE), {} (probably)", found->platform),
        found->function->address, Certainty::medium,
        "The root of trust of the chip, separate hardware beside the management engine. Nothing public switches it "
        "off.");
    add_function(engine, *found->function);
    return {std::move(engine)};
  }
};

class IpseEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return "intel-ipse"; }

  // 00:13.0 is the sensor hub on older chips: only where the silicon security engine shows too.
  [[nodiscard]] std::vector<EngineStatus> live(const Root& root, const Machine& machine,
                                               const StatusOptions& /*options*/) const override {
    const bool pluton = root.exists(pluton_device) && machine.cpu_vendor == "GenuineIntel";
    const auto found =
        std::ranges::find_if(machine.pci, [](const PciFunction& function) { return stands_at(function, "13"); });
    const bool device = found != machine.pci.end() && find_isse(machine).has_value();
    if (!pluton && !device) return {};
    EngineStatus engine = present(pluton ? "Intel partner security engine (IPSE) with Microsoft Pluton"
                                         : "Intel partner security engine (IPSE), probably",
                                  device ? found->address : "MSFT0200", pluton ? Certainty::high : Certainty::medium,
                                  "Separate hardware that runs Microsoft's Pluton firmware.");
    if (device) add_function(engine, *found);
    if (pluton) engine.facts.push_back(fact("pluton", "Pluton", true, pluton_device));
    return {std::move(engine)};
  }
};

class GscEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return "intel-gsc"; }

  [[nodiscard]] std::vector<EngineStatus> live(const Root& root, const Machine& /*machine*/,
                                               const StatusOptions& /*options*/) const override {
    std::vector<EngineStatus> out;
    for (const live::MeiInterface& interface : live::mei_interfaces(root)) {
      if (interface.kind != "gsc") continue;  // gscfi is a second interface of the same controller
      EngineStatus engine = present("Intel graphics system controller (GSC)", interface.name, Certainty::high,
                                    "It belongs to the graphics chip and protects films; it is no management engine.");
      const std::string source = "/sys/class/mei/" + interface.name;
      engine.facts.push_back(fact("kind", "interface", interface.name + ", " + interface.kind, source + "/kind"));
      if (!interface.versions.empty()) {
        engine.facts.push_back(
            fact("firmware_version", "firmware", to_string(interface.versions.front()), source + "/fw_ver"));
      }
      out.push_back(std::move(engine));
    }
    return out;
  }
};

}  // namespace
}  // namespace intel

const Engine& intel_isse_engine() {
  static const intel::IsseEngine engine;
  return engine;
}

const Engine& intel_ipse_engine() {
  static const intel::IpseEngine engine;
  return engine;
}

const Engine& intel_gsc_engine() {
  static const intel::GscEngine engine;
  return engine;
}

}  // namespace quell
