// SPDX-License-Identifier: GPL-2.0-or-later
// coreboot images: the flash map (FMAP), the file systems in it (CBFS), and what the files say about the build.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/landmarks.h"
#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/finding.h"

namespace quell::flash {

struct FmapArea {
  std::string name{};
  std::uint64_t offset = 0;  // as stored, from the start of the flash
  std::uint64_t size = 0;
  std::uint16_t flags = 0;  // 1 static, 2 compressed, 4 read-only, 8 preserve
  Range range{};            // image offsets, cut to the image
};

struct Fmap {
  Range range{};
  std::string name{};
  std::uint8_t major = 0, minor = 0;
  std::uint64_t base = 0;
  std::uint64_t size = 0;
  std::vector<FmapArea> areas{};
};

// What a file's attribute says that its content hashes to.
struct CbfsDigest {
  std::uint32_t algorithm = 0;  // vboot's number: 1 SHA-1, 2 SHA-256, 3 SHA-512, 4 SHA-224, 5 SHA-384
  Bytes stored{};
  // Whether the stored content has it; nothing for an algorithm that is not known, and for another digest of a file
  // that cbfstool converts or packs: it once took the digest before it did that.
  std::optional<bool> right{};
};

struct CbfsFile {
  Range entry{};    // header, attributes and content
  Range content{};  // image offsets
  std::uint64_t offset_in_region = 0;
  std::uint32_t type = 0;
  std::string name{};  // empty for empty space
  std::uint32_t compression = 0;
  std::uint64_t uncompressed_size = 0;
  std::optional<CbfsDigest> digest{};
  [[nodiscard]] bool blank() const noexcept { return type == 0 || type == 0xFFFFFFFF; }
};

struct Cbfs {
  Range region{};
  std::string area{};  // FMAP area; empty with a master header
  bool master_header = false;
  std::vector<CbfsFile> files{};
};

// What `config` and `revision` say.
struct CorebootBuild {
  std::string version{};
  std::string me_cleaner = "absent";  // "y", "n", or "absent"
  std::string me_cleaner_arguments{};
  std::string distribution{};          // "Heads", "Libreboot"
  std::vector<std::string> options{};  // Kconfig answers about the ME, the descriptor and Boot Guard
};

struct Coreboot {
  std::optional<Fmap> fmap{};
  std::vector<Cbfs> file_systems{};
  std::optional<CorebootBuild> build{};
  std::vector<Finding> problems{};
  [[nodiscard]] bool empty() const noexcept { return !fmap && file_systems.empty(); }
  // The first file with this name.
  [[nodiscard]] const CbfsFile* file(std::string_view name) const noexcept;
};

// Reads the first sound flash map and its file systems, or the file system of a master header at the end of the body.
Coreboot read_coreboot(ByteView body, const std::vector<Landmark>& landmarks);

// The map with its areas and their files; the image is needed for digests of small texts.
std::vector<Component> describe(const Coreboot& coreboot, ByteView body);
std::vector<Finding> audit(const Coreboot& coreboot);

}  // namespace quell::flash
