// SPDX-License-Identifier: GPL-2.0-or-later
// What lies in UEFI firmware volumes: files, sections, volumes inside them, packed or not.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flash/uefi_volume.h"
#include "quell/byte_view.h"
#include "quell/digest.h"
#include "quell/finding.h"
#include "uefi/guid.h"
#include "uefi/unpack.h"

namespace quell::uefi {

// Where the bytes of an item stand.
struct Place {
  Range range{};  // in the image or, when `unpacked`, in the content of the stream that it was packed in
  bool unpacked = false;
  Range image{};  // always in the image: the item, or the outermost packed section that it lies in
};

struct Volume;

struct Section {
  // unpacked: the content was walked. plain: there is nothing to unpack. packed: it was not asked to be unpacked.
  // opaque: nobody here knows how. broken: the stream does not unpack. refused: it would cost more than it may.
  enum class State { plain, unpacked, packed, opaque, broken, refused };

  Place place{};
  std::uint8_t type = 0;
  std::uint8_t header_size = 0;  // up to the content: of a section with a GUID, all before its data
  Encoding encoding = Encoding::none;
  State state = State::plain;
  bool has_guid = false;
  Guid guid{};                      // of GUID-defined and freeform sections
  std::uint64_t unpacked_size = 0;  // of the content, where it was unpacked or announces its size
  std::optional<bool> crc_right{};  // of a CRC32 section
  std::string text{};               // of a name or version section
  std::optional<Sha256> digest{};   // of the whole section, where asked for
  std::optional<Sha256> unpacked_digest{};
  std::shared_ptr<const Buffer> content{};  // what was unpacked, where it was asked to be kept
  std::vector<Section> sections;
  std::vector<Volume> volumes;
};

struct File {
  enum class State { whole, updating, deleted, invalid, unfinished };
  // What the data checksum says: `fixed` is the constant that stands there when it is not used.
  enum class Sum { held, failed, fixed, wrong_constant, not_checked };

  Place place{};
  Guid name{};
  std::uint8_t type = 0;
  std::uint8_t attributes = 0;
  std::uint8_t header_size = 24;
  State state = State::whole;
  bool state_contradicts = false;  // the state's bits were never set in this order
  bool header_right = true;
  Sum data = Sum::not_checked;
  std::string label{};    // of its first name section, at any depth but not in a volume inside it
  std::string version{};  // of its first version section
  std::optional<Sha256> digest{};
  std::vector<Section> sections;
  std::vector<Volume> volumes;  // of a raw file
};

struct Volume {
  std::uint64_t number = 0;  // from 1 on, in the order of the walk
  Place place{};
  flash::FirmwareVolume header{};
  Guid file_system{};
  Guid name{};
  bool walked = false;                     // it holds files, and they were read
  bool store = false;                      // it holds variables
  bool broken = false;                     // the row of files stops before its end
  std::optional<std::uint64_t> foreign{};  // first byte in the free space that is not erased, from the volume's start
  std::optional<Sha256> digest{};
  std::vector<File> files{};
};

// How many of each there are; what is packed and was not unpacked does not count.
struct Counts {
  std::uint64_t volumes = 0, files = 0, sections = 0;
  std::uint64_t unpacked = 0;  // streams
  std::uint64_t unpacked_bytes = 0;
  std::uint64_t opaque = 0;  // streams that were not judged
  std::uint64_t crc32 = 0;   // sections whose CRC32 was computed
  std::uint64_t sums = 0;    // data checksums that were computed
};

struct Firmware {
  std::vector<Volume> volumes{};
  std::vector<File> files{};        // a file that stands alone, without a volume around it
  std::vector<Section> sections{};  // the same for a row of sections
  Counts counts{};
  std::vector<Finding> findings{};  // damage, in the order of the image

  [[nodiscard]] bool empty() const noexcept { return volumes.empty() && files.empty() && sections.empty(); }
};

// Content that holds no further structure, while its bytes are there.
struct Leaf {
  ByteView bytes{};
  Place place{};
  const File* file = nullptr;        // that it belongs to; its label may not be known yet
  const Section* section = nullptr;  // null for a file without sections
  const Volume* volume = nullptr;
};
using LeafVisitor = std::function<void(const Leaf&)>;

struct WalkOptions {
  bool unpack = false;   // else only what lies in the image as it is
  bool digests = false;  // of every item
  bool keep = false;     // what was unpacked
  LeafVisitor leaf{};    // called for every leaf
};

// Walks the volumes that find_volumes() has found in the image. What is damaged becomes a finding, and the walk goes on
// behind it.
Firmware read_volumes(ByteView image, const std::vector<flash::FirmwareVolume>& volumes, const WalkOptions& options);

// Walks a file that is the whole input, as tools extract them. Errc::unrecognised when it is none: the sum of its
// header must hold and its size be that of the input.
Result<Firmware> read_file(ByteView image, const WalkOptions& options);

// Whether read_file() would take it; reads its header only.
bool is_file(ByteView image);

}  // namespace quell::uefi
