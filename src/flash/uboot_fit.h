// SPDX-License-Identifier: GPL-2.0-or-later
// U-Boot FIT images (.itb): a device tree that holds or points to images, among them the secure world's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/finding.h"

namespace quell::flash {

struct FitImageHash {
  std::string algorithm{};
  std::optional<bool> matches{};  // nothing for algorithms that are not computed here, or content that is not there
};

struct FitImageNode {
  std::string node{};
  std::string description{};
  std::string type{}, os{}, arch{}, compression{};
  std::optional<std::uint64_t> load{}, entry{};
  bool inline_data = false;
  ByteView content{};  // empty when it does not lie in the image
  std::vector<FitImageHash> hashes{};
};

struct FitConfiguration {
  std::string node{};
  std::string description{}, firmware{}, loadables{}, fdt{};
  std::vector<std::string> signatures{};  // names of the signature nodes
};

struct UbootFit {
  Range range{};
  std::string description{};
  std::string default_configuration{};
  std::vector<FitImageNode> images{};
  std::vector<FitConfiguration> configurations{};
  std::vector<Finding> problems{};

  // The nodes of the secure world by type, os or name; nullptr when there is none.
  [[nodiscard]] std::vector<const FitImageNode*> monitors() const;  // one program may come in several pieces
  [[nodiscard]] const FitImageNode* trusted_os() const noexcept;
  [[nodiscard]] bool signed_configuration() const noexcept;
};

// Whether a device tree's magic stands at the start.
bool looks_like_device_tree(ByteView view) noexcept;
// The same with a node named "images" in it, which makes it a FIT.
bool looks_like_uboot_fit(ByteView view);

// Reads the tree at the start of the view. Errc::unrecognised when it is no tree or has no /images, Errc::damaged when
// its sizes do not fit the view.
Result<UbootFit> parse_uboot_fit(ByteView view);

Component describe(const UbootFit& fit);

}  // namespace quell::flash
