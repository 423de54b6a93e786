// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/cse/image.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "intel/cse/partition.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t most_partitions = 256;
// Of all directories together: a sound image lists some hundred, and each takes memory in every report.
constexpr std::uint64_t most_modules(std::uint64_t image_size) { return 4096 + image_size / 1024; }
constexpr std::uint32_t first_in_outline = 18;
constexpr std::string_view not_listed = "no table";

class Reader {
 public:
  Reader(ByteView bytes, Signatures signatures)
      : signatures_(std::move(signatures)), modules_left_(most_modules(bytes.size())) {
    image_.bytes = bytes;
  }

  Result<CseImage> read() {
    QUELL_CHECK(find_container());
    std::ranges::stable_sort(image_.partitions, {}, [](const CsePartition& one) { return one.bytes.origin(); });
    find_unlisted();
    if (image_.partitions.empty() && image_.boot_tables.empty()) {
      return fail(Errc::unrecognised, "no CSE partition here", image_.bytes.origin());
    }
    decide_family();
    read_mfs();
    check_key_roles(image_);
    return std::move(image_);
  }

 private:
  Result<void> find_container();
  void read_partitions();
  Result<void> read_layout(LayoutTable layout);
  void read_table(ByteView base, std::uint64_t offset, const std::string& container);
  void read_boot(std::uint64_t offset, std::uint64_t base, const std::string& container, int depth = 0);
  void find_unlisted();
  void add(std::string listed_as, const std::string& container, Range range);
  void decide_family();
  void read_mfs();

  CseImage image_{};
  Signatures signatures_;
  std::uint64_t modules_left_;
  std::set<std::uint64_t> seen_{};  // starts of partitions; boot partitions may be listed twice
};

Result<void> Reader::find_container() {
  const ByteView bytes = image_.bytes;
  if (const auto offset = find_fpt(bytes)) {
    image_.container = CseContainer::region;
    read_table(bytes, *offset, "$FPT");
    return {};
  }
  if (bytes.matches(0, "$CPD")) {
    image_.container = CseContainer::partition;
    read_partitions();
    return {};
  }
  if (looks_like_bpdt(bytes, 0)) {
    image_.container = CseContainer::boot_region;
    read_boot(0, 0, "boot 1");
    // A second boot partition may mirror the first in the other half of the region.
    const std::uint64_t half = bytes.size() / 2;
    if (looks_like_bpdt(bytes, half)) read_boot(half, half, "boot 2");
    return {};
  }
  QUELL_TRY(LayoutTable layout, parse_layout_table(bytes));
  return read_layout(std::move(layout));
}

// An update file holds one partition behind the other and no table of them.
void Reader::read_partitions() {
  std::vector<std::uint64_t> starts;
  std::uint64_t at = 0;
  while (const auto found = image_.bytes.find(as_bytes("$CPD"), at)) {
    at = *found + 4;
    if (looks_like_code_partition(image_.bytes.clip(Range::between(*found, image_.bytes.size())))) {
      starts.push_back(*found);
    }
    if (starts.size() > most_partitions) break;
  }
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::uint64_t end = i + 1 < starts.size() ? starts[i + 1] : image_.bytes.size();
    add("", "", Range::between(starts[i], end));
  }
}

Result<void> Reader::read_layout(LayoutTable layout) {
  image_.container = layout.version_1_7 ? CseContainer::layout_1_7 : CseContainer::layout_1_6;
  for (const LayoutPart& part : layout.parts) {
    if (part.name == "data") {
      const ByteView data = image_.bytes.clip(part.range);
      if (data.matches(0, "$FPT")) {
        read_table(data, 0, "data");
      } else {
        image_.damage.push_back(
            {Errc::damaged, "the data partition does not begin with $FPT", image_.bytes.origin() + part.range.offset});
      }
    } else if (part.name.starts_with("boot")) {
      const bool known = std::ranges::any_of(
          image_.boot_tables, [&](const Bpdt& table) { return table.range.offset == part.range.offset; });
      if (!known) read_boot(part.range.offset, part.range.offset, std::string(part.name));
    } else {
      image_.data.push_back({std::string(part.name), "layout table", part.range});
    }
  }
  image_.layout = std::move(layout);
  return {};
}

void Reader::read_table(ByteView base, std::uint64_t offset, const std::string& container) {
  auto table = parse_fpt(base, offset);
  if (!table) {
    image_.damage.push_back(std::move(table).error());
    return;
  }
  image_.data_partition = base;
  for (const FptEntry& entry : table->entries) {
    constexpr std::uint32_t not_valid = 0xFF;
    if (!entry.has_data() || entry.offset == 0xFFFFFFFF || entry.flags >> 24U == not_valid) continue;
    Range range = entry.range(base.size());
    range.offset += base.origin() - image_.bytes.origin();
    add(entry.name, container, range);
  }
  image_.table = *std::move(table);
}

void Reader::read_boot(std::uint64_t offset, std::uint64_t base, const std::string& container, int depth) {
  auto table = parse_bpdt(image_.bytes, offset, base);
  if (!table) {
    image_.damage.push_back(std::move(table).error());
    return;
  }
  const std::vector<BpdtEntry> entries = table->entries;
  image_.boot_tables.push_back(*std::move(table));
  for (const BpdtEntry& entry : entries) {
    if (entry.range.empty()) continue;
    if (entry.type == bpdt_secondary) {
      // Its entries count from the primary table, and it lists no third.
      if (depth == 0) read_boot(entry.range.offset, base, container + " secondary", depth + 1);
      continue;
    }
    add(entry.name, container, entry.range);
  }
}

void Reader::add(std::string listed_as, const std::string& container, Range range) {
  const Range inside = range.intersection({0, image_.bytes.size()});
  const ByteView bytes = image_.bytes.clip(inside);
  if (!bytes.matches(0, "$CPD")) {
    constexpr std::array<std::string_view, 4> code{"FTPR", "NFTP", "RBEP", "PMCP"};
    const bool blank = bytes.filled_with(std::byte{0xFF});
    if (!blank && !bytes.empty() && std::ranges::find(code, listed_as) != code.end()) {
      image_.damage.push_back(
          {Errc::damaged, fmt::format("partition {} does not begin with its directory", listed_as), bytes.origin()});
    }
    image_.data.push_back({std::move(listed_as), container, range, bytes.filled_with(std::byte{0xFF})});
    return;
  }
  if (!seen_.insert(inside.offset).second) return;
  const std::uint64_t count = bytes.u32(4).value_or(0);
  if (image_.partitions.size() >= most_partitions || count > modules_left_) {
    image_.budget_exhausted = true;
    return;
  }
  modules_left_ -= count;
  auto partition = read_partition(bytes, signatures_);
  if (!partition) {
    image_.damage.push_back(std::move(partition).error());
    return;
  }
  partition->listed_as = std::move(listed_as);
  partition->container = container;
  if (inside.size < range.size) {
    image_.cut_off.push_back({Errc::damaged,
                              fmt::format("partition {} is cut off: {:#x} of {:#x} bytes are there", partition->name,
                                          inside.size, range.size),
                              bytes.origin()});
  }
  image_.partitions.push_back(*std::move(partition));
}

// Directories that no table names: at whole blocks, behind what the tables do name.
void Reader::find_unlisted() {
  constexpr std::uint64_t block = 0x1000;
  if (image_.container != CseContainer::region || image_.partitions.empty()) return;
  std::vector<Range> taken;
  for (const CsePartition& one : image_.partitions)
    taken.push_back({one.bytes.origin() - image_.bytes.origin(), one.bytes.size()});
  for (const CseDataPartition& one : image_.data) taken.push_back(one.range);
  std::ranges::sort(taken);
  std::vector<Range> free;
  std::uint64_t at = 0;
  for (const Range& range : taken) {
    if (range.offset > at) free.push_back(Range::between(at, std::min(range.offset, image_.bytes.size())));
    at = std::max(at, range.end());
  }
  if (at < image_.bytes.size()) free.push_back(Range::between(at, image_.bytes.size()));
  for (const Range& range : free) {
    for (std::uint64_t place = (range.offset + block - 1) / block * block; place < range.end(); place += block) {
      const Range rest = Range::between(place, range.end());
      if (!looks_like_code_partition(image_.bytes.clip(rest))) continue;
      add("", std::string(not_listed), rest);
      break;
    }
  }
  std::ranges::stable_sort(image_.partitions, {}, [](const CsePartition& one) { return one.bytes.origin(); });
}

void Reader::decide_family() {
  const CsePartition* main = image_.main();
  if (main == nullptr || !main->manifest) {
    if (image_.container == CseContainer::boot_region) image_.family = CseFamily::cstxe;
    return;
  }
  const std::uint32_t major = main->manifest->version.major;
  const bool package = main->extensions.has(extension_tag::signed_package);
  const bool ifwi = main->extensions.has(extension_tag::ifwi_partition);
  if (main->extensions.server_platform) {
    image_.family = CseFamily::cssps;
  } else if ((major == 3 || major == 4) && package && !ifwi) {
    image_.family = CseFamily::cstxe;
  }
}

void Reader::read_mfs() {
  const auto row = std::ranges::find(image_.data, "MFS", &CseDataPartition::name);
  if (row == image_.data.end()) return;
  auto volume = parse_mfs(image_.bytes.clip(row->range));
  if (volume) image_.mfs = *std::move(volume);
}

}  // namespace

const CsePartition* CseImage::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(partitions, name, &CsePartition::name);
  return found == partitions.end() ? nullptr : &*found;
}

bool in_outline(const CseImage& image) noexcept {
  const CsePartition* main = image.main();
  return main != nullptr && main->manifest && image.family == CseFamily::csme &&
         main->manifest->version.major >= first_in_outline;
}

const CsePartition* CseImage::main() const noexcept {
  // There the first stage is what gives the version; FTPR holds something else.
  const CsePartition* first_stage = find("RBEP");
  if (first_stage != nullptr && first_stage->manifest && first_stage->manifest->version.major >= first_in_outline)
    return first_stage;
  for (const std::string_view name : {"FTPR", "MFTP", "RBEP", "NFTP"}) {
    if (const CsePartition* partition = find(name); partition != nullptr && partition->manifest) return partition;
  }
  return partitions.empty() ? nullptr : &partitions.front();
}

CseTally CseImage::tally() const noexcept {
  CseTally sum;
  for (const CsePartition& partition : partitions) sum += partition.tally;
  return sum;
}

CseTally& CseTally::operator+=(const CseTally& other) noexcept {
  constexpr std::array fields{&CseTally::metadata_verified,
                              &CseTally::metadata_elsewhere,
                              &CseTally::modules_verified,
                              &CseTally::huffman,
                              &CseTally::lzma_packed,
                              &CseTally::lzma_unpacked,
                              &CseTally::cut_off,
                              &CseTally::plain,
                              &CseTally::tabled_huffman,
                              &CseTally::tabled_lzma,
                              &CseTally::tabled_plain,
                              &CseTally::other_extensions,
                              &CseTally::microcode,
                              &CseTally::keys,
                              &CseTally::erased,
                              &CseTally::empty,
                              &CseTally::unsigned_modules,
                              &CseTally::uncheckable,
                              &CseTally::failed};
  for (const auto field : fields) this->*field += other.*field;
  return *this;
}

std::string_view to_string(Integrity integrity) noexcept {
  switch (integrity) {
    case Integrity::not_checked: return "not checked";
    case Integrity::verified: return "verified";
    case Integrity::unsigned_part: return "unsigned";
    case Integrity::uncheckable: return "not verifiable";
    case Integrity::failed: return "FAILED";
  }
  return "unknown";
}

std::string_view to_string(CseContainer container) noexcept {
  switch (container) {
    case CseContainer::region: return "ME region";
    case CseContainer::layout_1_6: return "IFWI 1.6";
    case CseContainer::layout_1_7: return "IFWI 1.7";
    case CseContainer::boot_region: return "IFWI 2.0";
    case CseContainer::partition: return "single partition";
  }
  return "unknown";
}

Result<CseImage> parse_cse(ByteView bytes, Signatures signatures) {
  return Reader(bytes, std::move(signatures)).read();
}

}  // namespace quell::intel
