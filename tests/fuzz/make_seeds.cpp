// SPDX-License-Identifier: GPL-2.0-or-later
// make_seeds FOLDER: writes the specimens there, one file each, as seeds for the fuzz targets.
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "base/atomic_file.h"
#include "intel/acm.h"
#include "specimen/amd.h"
#include "specimen/intel.h"
#include "specimen/other.h"
#include "specimen/uefi.h"

namespace {

bool write(const std::filesystem::path& folder, const std::string& name, quell::Bytes bytes) {
  const auto written = quell::write_file(folder / name, bytes);
  if (!written) std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return written.has_value();
}

// As fuzz_amd takes it: how to look, then what follows the first 128 KiB, without the blank end.
quell::Buffer amd_seed(quell::specimen::AmdLayout layout) {
  const quell::Buffer image = quell::specimen::amd_image(layout, {.size = 0x80000, .code_size = 0x100});
  quell::Buffer seed(image.begin() + quell::specimen::amd_efs_offset, image.end());
  while (!seed.empty() && seed.back() == std::byte{0xFF}) seed.pop_back();
  seed.insert(seed.begin(), std::byte{1});
  return seed;
}

bool write_intel(const std::filesystem::path& folder) {
  namespace specimen = quell::specimen;
  bool good = true;
  for (const specimen::IntelFlavour flavour : specimen::intel_flavours()) {
    const std::string name(to_string(flavour));
    good = write(folder, name + "-dump.bin", specimen::intel_small_dump(flavour)) && good;
    good = write(folder, name + "-region.bin", specimen::intel_small_me_region(flavour)) && good;
    good = write(folder, name + "-update.bin", specimen::intel_update_image(flavour, {.code_size = 0x400})) && good;
  }
  return good;
}

// UEFI firmware, and what lies in it, each for the target that reads it alone.
bool write_uefi(const std::filesystem::path& folder) {
  namespace specimen = quell::specimen;
  const std::string owner = "8BE4DF61-93CA-11D2-AA0D-00E098032B8C";
  const quell::Buffer option = specimen::uefi_load_option("system", "\\EFI\\BOOT\\BOOTX64.EFI");
  const std::vector<specimen::UefiVariable> variables{{"Boot0000", owner, option, false}, {"Old", owner, option, true}};
  bool good = write(folder, "uefi-bios.bin", specimen::uefi_bios());
  good = write(folder, "uefi-vss2.bin", specimen::uefi_vss2_store(variables, 0x400)) && good;
  good = write(folder, "uefi-vss.bin", specimen::uefi_vss_store(variables, 0x400)) && good;
  good = write(folder, "uefi-nvar.bin", specimen::uefi_nvar_list(variables, 0x400)) && good;
  good = write(folder, "uefi-evsa.bin", specimen::uefi_evsa_store(variables, 0x400)) && good;
  good = write(folder, "uefi-option.bin", option) && good;
  return write(folder, "uefi-hashes.bin", specimen::uefi_hash_list({quell::Buffer(32)})) && good;
}

// BIOS regions, and the structures of Boot Guard in them one by one, each to the end of its image.
bool write_bios(const std::filesystem::path& folder) {
  using quell::specimen::BootGuardFlavour;
  bool good = write(folder, "microcode.bin", quell::specimen::microcode());
  for (const auto& [flavour, name] : {std::pair{BootGuardFlavour::none, "bios-plain"},
                                      {BootGuardFlavour::v1, "bios-v1"},
                                      {BootGuardFlavour::cbnt, "bios-cbnt"}}) {
    const quell::Buffer image = quell::specimen::bios_region(flavour);
    const quell::ByteView view(image);
    const std::string prefix = name;
    good = write(folder, prefix + ".bin", image) && good;
    for (const char* id : {"__KEYM__", "__ACBP__"}) {
      const auto at = view.find(quell::as_bytes(id));
      if (at)
        good = write(folder, prefix + "-" + std::string(id).substr(2, 4) + ".bin", view.clip({*at, 0x800}).bytes()) &&
               good;
    }
    for (std::uint64_t at = 0; at < view.size(); at += 0x1000) {
      const quell::ByteView rest = view.clip({at, 0x4000});
      if (quell::intel::looks_like_acm(rest)) good = write(folder, prefix + "-acm.bin", rest.bytes()) && good;
    }
  }
  return good;
}

// Lines of a scan.
bool write_lines(const std::filesystem::path& folder) {
  const std::string head = R"({"schema":"quell/scan/1",)";
  const std::string digest(64, 'a');
  const std::string file =
      R"("file":{"path":"a","size":7,"mtime":"2026-01-31T23:59:59Z","sha256":")" + digest + R"(","status":"ok"}})";
  const std::string image =
      R"("image":{"sha256":")" + digest +
      R"(","size":7,"quell":"0.1.0","tables":"b","level":"inspect","status":"ok",)" +
      R"("ms":1.5,"checks":{"digests":{"held":1}},"engines":[{"id":"intel-me","title":"t \u00e4","states":["disabled"],)" +
      R"("disable_bit_set":true,"network_stack":"none","network_set_up":"no","checks":{},"keys":[{"form":"md5","id":"c"}],)" +
      R"("facts":{"n":[-1.5e2,null]},"actions":[{"id":"strip","state":"done"}]}],"findings":[{"id":"f","severity":"info",)" +
      R"("question":"q","subject":"s"}],"advisories":[{"id":"i","engine":"e","confirmed":true,"severity":"info",)" +
      R"("cves":["CVE-2017-5705"]}],"tree":{"x":[1]}}})";
  const bool good = write(folder, "line-file.json", quell::as_bytes(head + file));
  return write(folder, "line-image.json", quell::as_bytes(head + image)) && good;
}

bool write_others(const std::filesystem::path& folder) {
  namespace specimen = quell::specimen;
  bool good = true;
  for (const specimen::AmdLayout layout : specimen::amd_layouts()) {
    good = write(folder, "amd-" + std::string(to_string(layout)) + ".bin", amd_seed(layout)) && good;
  }
  const quell::Buffer fip = specimen::fip_package();
  const quell::ByteView package(fip);
  const auto optee = package.find(quell::as_bytes("OPTE"));
  good = write(folder, "fip.bin", fip) && good;
  if (optee) good = write(folder, "optee.bin", package.clip({*optee, 0x200}).bytes()) && good;
  good = write(folder, "uboot-fit.itb", specimen::uboot_fit()) && good;
  good = write(folder, "qualcomm.mbn", specimen::qualcomm_image()) && good;
  good = write(folder, "image4.img4", specimen::image4()) && good;
  good = write(folder, "raspberrypi-start.elf", specimen::raspberrypi_start_elf()) && good;
  // Without the blank end.
  quell::Buffer eeprom = specimen::raspberrypi_eeprom();
  while (!eeprom.empty() && eeprom.back() == std::byte{0xFF}) eeprom.pop_back();
  return write(folder, "raspberrypi-eeprom.bin", eeprom) && good;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() != 2) {
    std::fputs("usage: make_seeds FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directories(folder);
  const bool intel = write_intel(folder);
  const bool bios = write_bios(folder) && write_uefi(folder);
  const bool others = write_others(folder) && write_lines(folder);
  return intel && bios && others ? 0 : 5;
}
