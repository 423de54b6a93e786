// SPDX-License-Identifier: GPL-2.0-or-later
// The 55 published register samples (hfsts-samples.json: registers, what the source's tool printed, and what must
// come out), and the properties every decoder must have.
#include "intel/live/hfsts.h"

#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "compat/intelmetool_report.h"

namespace quell::intel::live {

using namespace host;

namespace {

using Json = nlohmann::json;

const Json& samples() {
  static const Json all = [] {
    std::ifstream file(QUELL_SOURCE "/tests/host/hfsts-samples.json");
    return Json::parse(file);
  }();
  return all;
}

Registers registers_of(const Json& sample) {
  Registers out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!sample["hfsts"][i].is_null()) out.at(i) = sample["hfsts"][i].get<std::uint32_t>();
  }
  return out;
}

Generation generation_of(const Json& sample) {
  Generation out;
  if (sample.contains("generation")) {
    const std::string kind = sample["generation"]["kind"];
    out.kind = kind == "txe" ? Product::txe : kind == "sps" ? Product::sps : Product::me;
    out.from = sample["generation"]["from"];
    out.to = sample["generation"]["to"];
  }
  return refine(out, registers_of(sample));
}

// The decoder's answer in the keys of the samples' `derived`.
Json derive(const Registers& registers, const Generation& generation) {
  const auto fields = decode(registers, generation);
  Json out;
  for (const char* key :
       {"working_state", "fpt_bad", "operation_state", "init_complete", "bup_load_failure", "update_in_progress",
        "error", "operation_mode", "reset_count", "boot_options_present", "phase_code", "pm_event", "phase_state",
        "sps_eop", "sps_phase", "sps_extended_status", "sps_heartbeat", "sps_target_image_boot_fault"}) {
    if (const auto value = field_value(fields, key)) out[key] = *value;
  }
  for (const char* key : {"manufacturing_mode", "spi_unprotected", "mfg_or_spi_unlocked"}) {
    if (const auto value = field_value(fields, key)) out["mfg_or_spi_unlocked"] = *value;
  }
  for (const char* key : {"working_state", "operation_state", "operation_mode", "error"}) {
    if (const Field* field = find_field(fields, key)) out[std::string(key) + "_name"] = field->name;
  }
  out["verdict"] = std::string(to_string(judge(registers, generation)));
  return out;
}

TEST(Hfsts, ReproducesEveryDerivedValueExactly) {
  ASSERT_EQ(samples().size(), 55U);
  int with_registers = 0;
  for (const Json& sample : samples()) {
    if (sample["derived"].is_null()) continue;
    ++with_registers;
    EXPECT_EQ(derive(registers_of(sample), generation_of(sample)), sample["derived"]) << sample["id"];
  }
  EXPECT_EQ(with_registers, 52);
}

// What the tools print, as the field and value that it means. intelmetool, MEInfo and FPT wordings.
struct Claim {
  const char* field;
  std::uint32_t value;
};
const std::map<std::pair<std::string, std::string>, Claim> wordings = {
    {{"fw_partition_table", "OK"}, {"fpt_bad", 0}},
    {{"flash_partition", "Valid"}, {"fpt_bad", 0}},
    {{"bringup_loader_failure", "NO"}, {"bup_load_failure", 0}},
    {{"bup_load_state", "Success"}, {"bup_load_failure", 0}},
    {{"firmware_init_complete", "NO"}, {"init_complete", 0}},
    {{"firmware_init_complete", "YES"}, {"init_complete", 1}},
    {{"init", "Initializing"}, {"init_complete", 0}},
    {{"init", "Complete"}, {"init_complete", 1}},
    {{"manufacturing_mode", "YES"}, {"bit4", 1}},
    {{"manufacturing_mode", "NO"}, {"bit4", 0}},
    {{"manufacturing_mode", "Enabled"}, {"bit4", 1}},
    {{"manufacturing_mode", "Disabled"}, {"bit4", 0}},
    {{"spi_protection_mode_enabled", "YES"}, {"bit4", 0}},
    {{"boot_options_present", "NO"}, {"boot_options_present", 0}},
    {{"update_in_progress", "NO"}, {"update_in_progress", 0}},
    {{"working_state", "Initializing"}, {"working_state", 1}},
    {{"working_state", "Init"}, {"working_state", 1}},
    {{"working_state", "Normal"}, {"working_state", 5}},
    {{"working_state", "Recovery"}, {"working_state", 2}},
    {{"working_state", "Disabled"}, {"working_state", 4}},
    {{"working_state", "Platform Disable Wait"}, {"working_state", 6}},
    {{"working_state", "Disabled and waiting to timeout"}, {"working_state", 6}},
    {{"fpt_current_me_state", "( 0x1 ) : Bring Up"}, {"working_state", 1}},
    {{"operation_state", "Bring up"}, {"operation_state", 6}},
    {{"operation_state", "Bring Up"}, {"operation_state", 6}},
    {{"operation_state", "M0 with UMA"}, {"operation_state", 1}},
    {{"operation_state", "CM0 with UMA"}, {"operation_state", 1}},
    {{"operation_state", "Transitioning"}, {"operation_state", 0}},
    {{"operation_state", "Preboot"}, {"operation_state", 0}},
    {{"operation_state", "M0 without UMA"}, {"operation_state", 5}},
    {{"operation_mode", "Debug"}, {"operation_mode", 2}},
    {{"operation_mode", "Alt Disable Mode"}, {"operation_mode", 2}},
    {{"operation_mode", "Normal"}, {"operation_mode", 0}},
    {{"operation_mode", "Unsecured mode by H/W jumper"}, {"operation_mode", 4}},
    {{"error", "No Error"}, {"error", 0}},
    {{"error", "Image Failure"}, {"error", 3}},
    {{"error", "Disabled"}, {"error", 2}},
    {{"error", "Debug Error"}, {"error", 4}},
    {{"phase", "BUP Phase"}, {"phase_name_bup", 1}},
    {{"phase", "BringUp"}, {"phase_name_bup", 1}},
    {{"phase", "Host Communication"}, {"phase_code", 6}},
    {{"phase", "HOSTCOMM Module"}, {"phase_code", 6}},
    {{"phase", "Unknown (8)"}, {"phase_code", 8}},
    {{"phase", "ROM/Preboot"}, {"phase_code", 0}},
    {{"phase_status", "CALL_NEXT_MODULE"}, {"phase_state", 0x0B}},
    {{"pm_event", "Clean Moff->Mx wake"}, {"pm_event", 0}},
    {{"pm_event", "Moff->Mx wake after an error"}, {"pm_event", 1}},
    {{"pm_event", "Clean global reset"}, {"pm_event", 2}},
    {{"pm_event", "Pseudo-global reset"}, {"pm_event", 6}},
    {{"pm_event", "Non-power cycle reset"}, {"pm_event", 9}},
    {{"phase_state", "0x4d"}, {"phase_state", 0x4D}},
    {{"phase_state", "Unknown 0x04"}, {"phase_state", 0x04}},
    {{"phase_state", "Host communication established"}, {"phase_state", 0}},
    {{"phase_state", "Check to see if straps say ME DISABLED"}, {"phase_state", 0x0A}},
    {{"phase_state", "M0 kernel load"}, {"phase_state", 0x32}},
    {{"icc", "No valid OEM data, ICC not programmed"}, {"icc_status", 0}},
    {{"icc", "Valid OEM data, ICC programmed"}, {"icc_status", 3}},
    {{"me_file_system_corrupted", "No"}, {"file_system_failure", 0}},
    {{"spi_flash_log", "Present"}, {"spi_flash_log", 1}},
    {{"fpf_and_me_config_status", "Match"}, {"fpf_lock", 1}},
    {{"fpf_and_me_config_status", "Committed"}, {"fpf_lock", 1}},
    {{"fpf_and_me_config_status", "Not committed"}, {"fpf_lock", 0}},
    {{"fpf_status", "fused"}, {"fpf_lock", 1}},
    {{"fpfs_committed", "YES"}, {"fpf_lock", 1}},
    {{"manufacturing_vars_locked", "YES"}, {"manufacturing_lock", 1}},
    {{"fwupd_manufacturing_mode", "Locked"}, {"bit4", 0}},
    {{"fwupd_bootguard_otp", "Valid"}, {"fpf_lock", 1}},
    {{"fwupd_bootguard_otp", "valid"}, {"fpf_lock", 1}},
    {{"fwupd_bootguard_acm", "Valid"}, {"acm_active", 1}},
    {{"fwupd_bootguard_acm", "not-valid"}, {"force_acm", 0}},
    {{"fwupd_bootguard_verified", "not-valid"}, {"verified_boot", 0}},
    {{"fwupd_bootguard_policy", "not-valid"}, {"error_enforcement_policy", 0}},
    {{"fwupd_bootguard_enabled", "enabled"}, {"bootguard_disabled", 0}},
    {{"fwupd_bootguard_enabled", "Enabled"}, {"bootguard_status", 1}},
    {{"fwupd_override_strap", "Locked"}, {"not_overridden", 1}},
    {{"fwupd_override_strap", "locked"}, {"not_overridden", 1}},
};

// Reported values that say nothing of a register: texts of other logs, the tool's "UNKNOWN", a version, and
// capability sets (those are decoded in mei_messages_test.cpp).
bool says_nothing_of_registers(const std::string& key, const std::string& value) {
  const std::set<std::string> other = {
      "windows_event",      "kernel",       "lspci_name", "firmware_version_string", "fw_capabilities",
      "feature_enablement", "platform_type"};
  return other.contains(key) || value == "UNKNOWN";
}

std::optional<std::uint32_t> meant_value(const Claim& claim, const std::vector<Field>& fields,
                                         const Registers& registers) {
  const std::string field = claim.field;
  if (field == "bit4") return (*registers[0] >> 4U) & 1U;
  if (field == "not_overridden") return field_value(fields, "operation_mode") != 4U ? 1 : 0;
  if (field == "phase_name_bup") return find_field(fields, "phase_code")->name == "bup" ? 1 : 0;
  return field_value(fields, field);
}

TEST(Hfsts, AgreesWithWhatTheToolsPrintedExceptWhereTheyAreKnownToBeWrong) {
  int compared = 0;
  for (const Json& sample : samples()) {
    if (sample["caveat"] == true || sample["derived"].is_null()) continue;
    const Registers registers = registers_of(sample);
    const auto fields = decode(registers, generation_of(sample));
    for (const auto& [key, value] : sample["reported"].items()) {
      const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
      if (says_nothing_of_registers(key, text)) continue;
      const std::string where = sample["id"].get<std::string>() + " " + key + " " + text;
      if (key == "spi_flash_log" && text == "Not Present") {
        // On ME 10 the register has no such field although the bit may be set.
        EXPECT_NE(field_value(fields, "spi_flash_log"), 1U) << where;
      } else if (key == "source_description") {
        EXPECT_EQ(judge(registers, generation_of(sample)), Verdict::disabled_hap) << where;
        EXPECT_EQ(boot_guard(fields, generation_of(sample)).profile, 5U) << where;
        EXPECT_EQ(field_value(fields, "fpf_lock"), 1U) << where;
      } else {
        const auto claim = wordings.find({key, text});
        ASSERT_NE(claim, wordings.end()) << where;
        EXPECT_EQ(meant_value(claim->second, fields, registers), claim->second.value) << where;
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 300);
}

// `quell intelmetool` prints, for the samples that tool was run on, the values it printed.
TEST(Hfsts, IntelmetoolReportsAreReproduced) {
  const std::map<std::string, std::string> labels = {{"fw_partition_table", "FW Partition Table"},
                                                     {"bringup_loader_failure", "Bringup Loader Failure"},
                                                     {"firmware_init_complete", "Firmware Init Complete"},
                                                     {"manufacturing_mode", "Manufacturing Mode"},
                                                     {"boot_options_present", "Boot Options Present"},
                                                     {"update_in_progress", "Update In Progress"},
                                                     {"working_state", "Current Working State"},
                                                     {"operation_state", "Current Operation State"},
                                                     {"operation_mode", "Current Operation Mode"},
                                                     {"error", "Error Code"},
                                                     {"phase", "Progress Phase"},
                                                     {"pm_event", "Power Management Event"}};
  int lines = 0;
  for (const Json& sample : samples()) {
    if (sample["tool"] != "intelmetool" || sample["caveat"] == true) continue;
    const std::string report = compat::intelmetool_report(registers_of(sample), generation_of(sample));
    for (const auto& [key, value] : sample["reported"].items()) {
      const auto label = labels.find(key);
      if (label == labels.end()) continue;
      ++lines;
      std::string line = "ME: " + label->second;
      line.resize(28, ' ');
      EXPECT_THAT(report, testing::HasSubstr(line + ": " + value.get<std::string>() + "\n")) << sample["id"];
    }
  }
  EXPECT_GT(lines, 150);
}

// Samples without raw registers give field values only: they must name states the tables know.
TEST(Hfsts, KnowsTheStatesOfSamplesWithoutRawRegisters) {
  // Zenbook UX305F with -S: initializing (1), bring-up (6), debug (2), not complete; ME 10 class.
  const Registers registers = {0x00020181U, 0x104D0000U, {}, {}, {}, {}};
  EXPECT_EQ(judge(registers, {Product::me, 10, 10, false}), Verdict::disabled_hap);
  EXPECT_TRUE(hap_is_certain(registers, {Product::me, 10, 10, false}));
  // System76: working state 4, operation state 1, mode 3, error 2; and enabled: 5, 1, 0, 0.
  EXPECT_EQ(judge({0x00032044U}, {}), Verdict::disabled_soft_temporary);
  EXPECT_EQ(judge({0x00000245U}, {}), Verdict::running);
}

TEST(Hfsts, VerdictNeedsOnlyTheFirstRegister) {
  for (const Json& sample : samples()) {
    if (sample["derived"].is_null()) continue;
    Registers registers = registers_of(sample);
    const Generation generation = generation_of(sample);
    for (const std::size_t kept : {2U, 1U}) {
      for (std::size_t i = kept; i < registers.size(); ++i) registers.at(i).reset();
      EXPECT_EQ(std::string(to_string(judge(registers, generation))), sample["derived"]["verdict"])
          << sample["id"] << " with " << kept;
      EXPECT_FALSE(decode(registers, generation).empty());
    }
  }
  EXPECT_EQ(judge({}, {}), Verdict::unknown);
}

TEST(Hfsts, EverySingleBitFlipStaysInsideTheListOfVerdicts) {
  int flips = 0;
  for (const char* id : {"t440p-coreboot-S", "adl-p-hap-bootguard", "dell-r730-sps"}) {
    const auto found =
        std::find_if(samples().begin(), samples().end(), [id](const Json& one) { return one["id"] == id; });
    ASSERT_NE(found, samples().end());
    for (unsigned bit = 0; bit < 32; ++bit) {
      Registers registers = registers_of(*found);
      *registers[0] ^= 1U << bit;
      const Generation generation = refine({}, registers);
      const Verdict verdict = judge(registers, generation);
      EXPECT_EQ(words_of(verdict).verdict, verdict);
      EXPECT_FALSE(decode(registers, generation).empty());
      ++flips;
    }
  }
  EXPECT_EQ(flips, 96);
}

// Synthetic values: combinations the specification's rules name but no public sample shows.
TEST(Hfsts, SyntheticStatesWithoutAPublicSample) {
  EXPECT_EQ(judge({0xFFFFFFFFU}, {}), Verdict::unreadable);
  EXPECT_EQ(judge({0x00050245U}, {}), Verdict::override_mei);                            // HMRFPO
  EXPECT_EQ(judge({0x00070245U}, {}), Verdict::enhanced_debug_or_ignition);              // mode 7
  EXPECT_EQ(judge({0x00000265U}, {}), Verdict::partition_table_bad);                     // FPT bad
  EXPECT_EQ(judge({0x00020245U}, {}), Verdict::running_debug);                           // debug, complete
  EXPECT_EQ(judge({0x80022004U}, {Product::me, 12, 12, false}), Verdict::disabled_hap);  // HAP on CSME 12
  EXPECT_EQ(judge({0x80022004U}, {Product::me, 15, 15, false}), Verdict::disabled_hap);  // HAP on CSME 15
  EXPECT_EQ(judge({0x00000000U}, {}), Verdict::transient);
  EXPECT_EQ(judge({0x0000000EU}, {}), Verdict::unknown);  // halted, no reason given
  const Registers sps5 = {0x90000245U, {}, 0x00000060U, {}, {}, {}};
  EXPECT_EQ(judge(sps5, {Product::me, 12, 12, false}), Verdict::sps_running);  // SPS 5: SKU 6 in HFSTS3
}

TEST(Hfsts, DoubtfulHapCombinationsAreNotCertain) {
  EXPECT_TRUE(hap_is_certain({0x80022004U}, {Product::me, 11, 11, false}));
  EXPECT_FALSE(hap_is_certain({0x80020004U}, {Product::me, 11, 11, false}));
  EXPECT_TRUE(hap_is_certain({0x00020191U, 0x100A0000U}, {Product::me, 7, 7, false}));
  EXPECT_FALSE(hap_is_certain({0x00020191U, 0x10550000U}, {Product::me, 7, 7, false}));
}

TEST(Hfsts, BootGuardProfilesByGeneration) {
  const auto profile = [](std::uint32_t fifth, std::uint32_t sixth, unsigned major) {
    const Generation generation{Product::me, major, major, false};
    const Registers registers = {0x90000245U, 0U, 0U, 0U, fifth, sixth};
    return boot_guard(decode(registers, generation), generation).profile;
  };
  EXPECT_EQ(profile(0, 0x47C00BC9U, 11), 5U);
  EXPECT_EQ(profile(0, 0x444003C9U, 12), 5U);
  EXPECT_EQ(profile(0, 0x03C00EC9U, 11), 4U);
  EXPECT_EQ(profile(0, 0x40200002U, 16), 0U);
  EXPECT_EQ(profile(0, 0x00000001U, 16), std::nullopt);
  EXPECT_EQ(profile(0x02F41F03U, 0x40000000U, 18), 5U);
}

// The number stands beside it already.
TEST(Hfsts, BootGuardOfCsme18IsSaidInWords) {
  const Generation generation{Product::me, 18, 18, false};
  const auto words = [&](std::uint32_t fifth) {
    return boot_guard(decode({0x90000245U, 0U, 0U, 0U, fifth, 0x40000000U}, generation), generation).summary;
  };
  EXPECT_EQ(words(0x02F41F03U), "verified and measured boot, enforced");
  EXPECT_EQ(words(0x02E01F03U), "off");
}

TEST(Hfsts, ManufacturingModeIsDecidedByGeneration) {
  const auto closed = [](std::uint32_t first, std::uint32_t sixth, unsigned major) {
    const Generation generation{Product::me, major, major, false};
    return manufacturing_closed(decode({first, 0U, 0U, 0U, 0U, sixth}, generation), generation);
  };
  EXPECT_EQ(closed(0x245, 0, 8), true);
  EXPECT_EQ(closed(0x255, 0, 8), false);
  EXPECT_EQ(closed(0x245, 0, 15), false);
  EXPECT_EQ(closed(0x245, 0x40000000, 15), true);
  EXPECT_EQ(closed(0x245, 0x40200000, 16), true);
  EXPECT_EQ(closed(0x245, 0x40000000, 16), std::nullopt);
  EXPECT_EQ(closed(0x245, 0x40000000, 19), std::nullopt);
}

TEST(Hfsts, StatesAreNamedByPhaseAndGeneration) {
  const auto text = [](std::uint32_t second, unsigned major) {
    const Generation generation{Product::me, major, major, false};
    return phase_state_text(decode({0x245U, second}, generation), generation);
  };
  EXPECT_EQ(text(0x104D0000, 9), "0x4d (CPU reset polling finished)");
  EXPECT_EQ(text(0x304D0000, 11), "0x4d (CPU reset polling finished)");
  EXPECT_EQ(text(0x60000000, 8), "0x00 (established)");
  EXPECT_EQ(text(0x30040000, 8), "0x04 (S4 received)");  // phase 3 is the policy module up to ME 10
  EXPECT_EQ(text(0x80040000, 9), "0x04");                // phase 8 has no names
  EXPECT_EQ(text(0x000B0000, 11), "0x0b (call next module)");
}

}  // namespace
}  // namespace quell::intel::live
