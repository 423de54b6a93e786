// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intel/live/hfsts.h"
#include "model/firmware_version.h"
#include "quell/host/root.h"

namespace quell::intel::live {

// One entry of /sys/class/mei.
struct MeiInterface {
  std::string name{};         // "mei0"
  std::string kind{};         // "mei", "itouch", "gsc", ...; empty before Linux 5.8
  std::string state{};        // "ENABLED"; empty before Linux 5.1
  std::string pci_address{};  // "0000:00:16.0", empty when unknown
  std::string hbm_version{};
  host::Registers registers{};
  std::vector<Version> versions{};     // code, recovery, FITC, as far as given
  std::vector<std::string> clients{};  // GUIDs the firmware offers on the kernel's bus
  host::Reading fw_status{};
};
std::vector<MeiInterface> mei_interfaces(const host::Root& root);

// The text of `fw_status`: a register of up to 8 hex digits a line, HFSTS1 first.
host::Registers parse_fw_status(std::string_view text);

// Clients of the engine (GUID in text form).
inline constexpr std::string_view mkhi_client = "8e6a6715-9abc-4043-88ef-9e39c6f63e0f";
inline constexpr std::string_view amthi_client = "12f80028-b4b7-4b2d-aca8-46e0ff65814c";
inline constexpr std::string_view wd_client = "05b79a6f-4628-4d7f-899d-a91514cb32ab";

// A question to the engine and how its answer is understood. Every one of them only reads.
Bytes version_request() noexcept;
Result<std::vector<Version>> version_reply(Bytes reply);

// FWCAPS rule: 0 capabilities, 32 features switched on, 29 platform type. The reply is a 32 bit set.
Buffer rule_request(std::uint32_t rule);
Result<std::uint32_t> rule_reply(Bytes reply, std::uint32_t rule);

// State of the host's override of the ME region's flash protection: 0 off, 1 locked, 2 on.
Buffer hmrfpo_request();
Result<std::uint8_t> hmrfpo_reply(Bytes reply);

// AMT host interface: provisioning state (0 pre, 1 in, 2 post), control mode (0 none, 1 client, 2 admin).
enum class AmtQuery : std::uint32_t {
  provisioning_state = 0x04000011,
  control_mode = 0x0400006B,
  code_versions = 0x0400001A
};
Buffer amt_request(AmtQuery query);
Result<std::uint32_t> amt_number_reply(Bytes reply, AmtQuery query);

struct CodeVersion {
  std::string name{};
  std::string value{};
};
// The list behind AmtQuery::code_versions; at most 50 records.
Result<std::vector<CodeVersion>> code_versions_reply(Bytes reply);

// What the bits of a capability set mean for this generation, as words.
std::vector<std::string> capability_names(std::uint32_t capabilities, const Generation& generation);

}  // namespace quell::intel::live
