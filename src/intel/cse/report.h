// SPDX-License-Identifier: GPL-2.0-or-later
// The report on CSE firmware, in the terms that every engine shares.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "intel/cse/image.h"
#include "quell/engine.h"

namespace quell::intel {

// Stock: as Intel publishes it. Extracted: configured or used, from a board or its maker's image.
enum class CseType { stock, extracted, update, recovery, partition };
std::string_view to_string(CseType type) noexcept;
CseType type_of(const CseImage& image);

// Unconfigured: as Intel publishes it. Configured: the board's maker has been there. Initialized: an engine has run on
// it.
std::optional<std::string> file_system_state(const CseImage& image);

// "Consumer LP", "Slim H", "Corporate", ...; nothing where the firmware does not say.
std::optional<std::string> sku_of(const CseImage& image);

// "SPT/KBP-LP C", "CNP/CMP-H B,A", "ADP": from the PHY configuration, else from the PMC firmware.
std::optional<std::string> chipset_of(const CseImage& image);

// "PMC", "PHY", "ISH", ...: what the firmware in a partition of this name is for; nothing for the engine's own.
std::optional<std::string> part_family(std::string_view partition);

// "CSE ME", "CSE TXE", "CSE SPS".
std::string_view to_string(CseFamily family) noexcept;

// Family, version, SKU, signatures and, after `verify`, the tally of digests.
Attributes facts(const CseImage& image);
// Containers, partitions, modules, files.
Component describe(const CseImage& image);

struct CseAuditOptions {
  bool stripped = false;    // a cleaner has been here: what is missing is missing on purpose
  bool with_tables = true;  // $FPT, $CPD and signatures too; false where the audit of the region covers them
};
std::vector<Finding> audit(const CseImage& image, const CseAuditOptions& options);

// Why nothing can be removed from an IFWI image.
Action strip_action(const CseImage& image);

// One line for titles: "Intel CSE ME 12.0.40.1433".
std::string title_of(const CseImage& image);

// What `extract` writes: partitions, modules as stored and unpacked, public keys, MFS files. The file that the image
// was read from must stay mapped as long as they live. Unpacking asks the budget.
std::vector<Artifact> artifacts_of(std::shared_ptr<const CseImage> image, std::shared_ptr<Budget> budget);

// An RSA public key in the form that other tools read ("BEGIN RSA PUBLIC KEY").
std::string public_key_pem(const Manifest& manifest);

}  // namespace quell::intel
