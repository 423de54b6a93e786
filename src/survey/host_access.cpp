// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/host_access.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "host/flash_controller.h"
#include "quell/flash/descriptor.h"

namespace quell {

using flash::HostAccess;
using flash::RegionAccess;

namespace {

using Verdict = RegionAccess::Verdict;

struct Wanted {
  std::string_view name;
  unsigned region;
};
constexpr std::array wanted{Wanted{"fd", 0}, Wanted{"bios", 1}, Wanted{"me", 2}, Wanted{"gbe", 3}, Wanted{"pd", 4}};

// Kernel 6.13 and later, Intel SPI driver (ABI document sysfs-driver-spi-intel).
std::optional<bool> kernel_flag(const host::Root& root, std::string_view name) {
  for (const char* driver : {"/sys/bus/pci/drivers/intel-spi", "/sys/bus/platform/drivers/intel-spi"}) {
    for (const std::string& device : root.list(driver).names) {
      const std::string text = root.read(fmt::format("{}/{}/{}", driver, device, name)).text();
      if (text == "1") return true;
      if (text == "0") return false;
    }
  }
  return std::nullopt;
}

// A right of the host by FLMSTR1: v1 read 23:16, write 31:24; v2 read 19:8, write 31:20.
std::optional<bool> right_of(const flash::FlashDescriptor& descriptor, unsigned region, bool write) {
  if (descriptor.masters.empty() || !descriptor.version) return std::nullopt;
  const bool wide = descriptor.version == flash::DescriptorVersion::v2;
  const unsigned shift = wide ? (write ? 20 : 8) : (write ? 24 : 16);
  return ((descriptor.masters.front() >> (shift + region)) & 1U) != 0;
}

// The state of a machine's locks, from wherever it could be read.
struct Locks {
  host::FlashController controller{};
  std::optional<flash::FlashDescriptor> descriptor{};
  std::optional<bool> guarded{};  // as the kernel's driver says: protected ranges are set

  [[nodiscard]] std::optional<bool> may(unsigned region, bool write) const {
    const auto by_controller = write ? controller.may_write(region) : controller.may_read(region);
    if (by_controller || !descriptor) return by_controller;
    return right_of(*descriptor, region, write);
  }
  [[nodiscard]] Range place(unsigned region) const {
    if (!controller.regions.empty()) return controller.region(region);
    const auto* found = descriptor ? descriptor->region(region) : nullptr;
    return found != nullptr && found->in_use() ? found->range : Range{};
  }
  [[nodiscard]] bool places_known() const { return !controller.regions.empty() || descriptor; }
  // Protected ranges are known: from their registers, or the kernel says that there are none.
  [[nodiscard]] bool guards_known() const { return controller.locked().has_value() || guarded.has_value(); }
};

// BIOS control: bit 0 write enable, bit 1 lock enable, bit 5 writes from SMM only.
bool bios_locked(std::uint8_t control) {
  const bool enabled = (control & 0x01U) != 0;
  const bool locked = (control & 0x02U) != 0;
  const bool smm_only = (control & 0x20U) != 0;
  return smm_only || (locked && !enabled);
}

RegionAccess judge(const Wanted& which, const Locks& locks) {
  const auto& controller = locks.controller;
  const auto may_write = locks.may(which.region, true);
  const auto answer = [&](Verdict verdict, std::string reason) {
    return RegionAccess{std::string(which.name), verdict, std::move(reason), locks.place(which.region),
                        locks.may(which.region, false)};
  };
  if (may_write == false) return answer(Verdict::external_only, "the descriptor gives the host no right to write it");
  // With the registers at hand each range stands for itself, below.
  if (!controller.locked() && locks.guarded == true)
    return answer(Verdict::external_only, "protected ranges are set and locked");
  if (which.name == "bios" && controller.bios_control && bios_locked(*controller.bios_control))
    return answer(Verdict::vendor_tool, "the BIOS lock is on");
  if (!may_write) return answer(Verdict::unknown, "the descriptor's rights are not known: give a dump");
  if (!locks.guards_known())
    return answer(Verdict::unknown, "the descriptor allows it; protected ranges could not be read");
  if (which.name == "bios" && !controller.bios_control)
    return answer(Verdict::unknown, "the descriptor allows it; the BIOS lock could not be read");
  return answer(Verdict::may_work, "nothing that was read forbids it; an external programmer is still the safe way");
}

RegionAccess judge(const host::GuardedRange& guarded, bool locked) {
  const std::string what = guarded.no_write ? "a protected range of the controller" : "a range that may not be read";
  if (!guarded.no_write) return {guarded.name, Verdict::may_work, what, guarded.range, false};
  return {
      guarded.name, locked ? Verdict::external_only : Verdict::may_work,
      locked ? what + ", locked until the next start" : what + ", not locked: the programmer lifts it when it starts",
      guarded.range, !guarded.no_read};
}

void tell_evidence(const Locks& locks, std::optional<bool> kernel_locked, HostAccess& out) {
  const auto& controller = locks.controller;
  if (controller.bios_control) {
    out.evidence.push_back(
        fmt::format("BIOS control register of {}: {:#04x}", controller.where, *controller.bios_control));
  }
  if (controller.status) {
    out.evidence.push_back(fmt::format("SPI controller: HSFS {:#x}, {}{}", *controller.status,
                                       *controller.locked() ? "locked until the next start" : "not locked",
                                       controller.override_strap() ? ", descriptor override strap active" : ""));
  }
  if (controller.access) out.evidence.push_back(fmt::format("SPI controller: FRAP {:#x}", *controller.access));
  if (locks.guarded) out.evidence.push_back(fmt::format("protected ranges set: {}", *locks.guarded ? "yes" : "no"));
  if (kernel_locked) out.evidence.push_back(fmt::format("SPI configuration locked: {}", *kernel_locked ? "yes" : "no"));
  if (locks.descriptor) out.evidence.emplace_back("access rights of the descriptor in the given image");
  out.missing = controller.missing;
  if (!controller.bios_control) {
    out.missing.emplace_back("BIOS control register: not readable (needs root, on an Intel machine)");
  }
  if (!locks.guards_known()) {
    out.missing.emplace_back(
        "protected ranges: need the controller's registers, or the kernel's Intel SPI driver of 6.13 or later");
  }
  if (!locks.descriptor && !controller.access) {
    out.missing.emplace_back("access rights of the descriptor: no image with a descriptor was given");
  }
}

bool mains_are_off(const host::Root& root) {
  constexpr std::string_view supplies = "/sys/class/power_supply";
  bool battery = false;
  bool mains = false;
  for (const std::string& name : root.list(supplies).names) {
    const std::string type = root.read(fmt::format("{}/{}/type", supplies, name)).text();
    battery = battery || type == "Battery";
    mains = mains || (type != "Battery" && root.read(fmt::format("{}/{}/online", supplies, name)).text() == "1");
  }
  return battery && !mains;
}

}  // namespace

HostAccess host_access(const host::Root& root, ByteView dump) {
  Locks locks;
  locks.controller = host::read_flash_controller(root, true);
  locks.guarded = kernel_flag(root, "intel_spi_protected");
  if (auto parsed = flash::parse_descriptor(dump)) locks.descriptor = *std::move(parsed);
  HostAccess out;
  tell_evidence(locks, kernel_flag(root, "intel_spi_locked"), out);
  for (const Wanted& which : wanted) {
    if (locks.places_known() && locks.place(which.region).empty()) continue;
    if (!locks.places_known() && which.name == "pd") continue;
    out.regions.push_back(judge(which, locks));
  }
  const bool locked = locks.controller.locked().value_or(true);
  for (const host::GuardedRange& guarded : locks.controller.guarded) out.regions.push_back(judge(guarded, locked));
  return out;
}

std::vector<std::string> risks_of_writing(const host::Root& root) {
  std::vector<std::string> out;
  if (mains_are_off(root))
    out.emplace_back("This machine runs on its battery: plug it in, so that the power does not end in the middle.");
  bool fwupd = false;
  bool machines = false;
  for (const std::string& process : root.list("/proc").names) {
    if (process.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string name = root.read(fmt::format("/proc/{}/comm", process)).text();
    fwupd = fwupd || name == "fwupd";
    machines = machines || name.starts_with("qemu-") || name.starts_with("VBoxHeadless") || name == "vmware-vmx";
  }
  if (fwupd) out.emplace_back("fwupd runs and may write the same chip: stop it first (systemctl stop fwupd).");
  if (machines) out.emplace_back("Virtual machines run: end them first; a machine that hangs has to be switched off.");
  return out;
}

}  // namespace quell
