// SPDX-License-Identifier: GPL-2.0-or-later
// Page (0x2000): 00 signature AA557887 (0 in the spare), 04 page number, 08 erase count, 0C u16 next page to erase,
//   0E u16 first chunk (0: system page), 10 CRC-8 of the first 0x10 bytes, 11 reserved.
// System page: 12 u16[121] chunk numbers, obfuscated; 104 records of 0x40 data and a CRC-16, as many as numbers.
// Data page:   12 u8[122], 0 where the record is in use; 8C records for the chunks from `first chunk` on.
// Volume (the system chunks joined): 00 724F6201, 04 dictionary, 05 platform, 08 u32 size, 0C u16 files, 0E the FAT:
//   a u16 for each file, then for each data chunk. 0, FFFE, FFFF: no file; a value of 1-0x40 ends a file with so many
//   bytes in its last chunk; any other is the FAT slot of the next data chunk.
#include "intel/cse/mfs.h"

#include <algorithm>
#include <limits>

#include "base/size.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t page_size = 0x2000;
constexpr std::uint32_t page_signature = 0xAA557887;
constexpr std::uint64_t page_header_size = 0x12;
constexpr std::uint64_t record_size = mfs_chunk_size + 2;
constexpr std::uint64_t system_slots = 120;
constexpr std::uint64_t system_records = page_header_size + (system_slots + 1) * 2;
constexpr std::uint64_t data_slots = 122;
constexpr std::uint64_t data_records = page_header_size + data_slots;
constexpr std::uint32_t volume_signature = 0x724F6201;
constexpr std::uint64_t volume_header_size = 0x0E;
constexpr std::uint64_t pages_a_system_page = 12;
constexpr std::uint64_t most_bytes = std::uint64_t{64} << 20U;

std::uint8_t crc8(Bytes bytes) {
  unsigned crc = 1;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<unsigned>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1U) ^ ((crc & 0x80U) != 0 ? 0x107U : 0U);
  }
  return static_cast<std::uint8_t>(crc);
}

// The spare page has no signature, but its checksum is that of a header with one.
std::uint8_t header_checksum(ByteView page) {
  std::array<std::byte, 0x10> header{std::byte{0x87}, std::byte{0x78}, std::byte{0x55}, std::byte{0xAA}};
  std::ranges::copy(page.bytes().subspan(4, header.size() - 4), std::span(header).subspan(4).begin());
  return crc8(header);
}

constexpr auto crc16_table = [] {
  std::array<std::uint16_t, 256> table{};
  for (unsigned i = 0; i < table.size(); ++i) {
    unsigned crc = i << 8U;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1U) ^ ((crc & 0x8000U) != 0 ? 0x11021U : 0U);
    table.at(i) = static_cast<std::uint16_t>(crc);
  }
  return table;
}();

std::uint16_t crc16_step(std::uint16_t crc, std::uint8_t byte) {
  return static_cast<std::uint16_t>(crc << 8U ^ crc16_table[(crc >> 8U ^ byte) & 0xFFU]);
}

std::uint16_t crc16_of_chunk(Bytes data, std::uint32_t number) {
  std::uint16_t crc = 0xFFFF;
  for (const std::byte byte : data) crc = crc16_step(crc, std::to_integer<std::uint8_t>(byte));
  crc = crc16_step(crc, static_cast<std::uint8_t>(number));
  return crc16_step(crc, static_cast<std::uint8_t>(number >> 8U));
}

// The same polynomial, kept to 14 bits after each byte: hides the chunk numbers of system pages.
std::uint16_t crc14(std::uint16_t value) {
  constexpr std::uint16_t mask = 0x3FFF;
  const std::uint16_t low = crc16_step(mask, static_cast<std::uint8_t>(value)) & mask;
  return crc16_step(low, static_cast<std::uint8_t>(value >> 8U)) & mask;
}

struct Page {
  ByteView bytes{};
  std::uint32_t number = 0;
  std::uint32_t first_chunk = 0;
};

class Reader {
 public:
  explicit Reader(ByteView bytes) { volume_.bytes = bytes; }

  Result<MfsVolume> read() {
    QUELL_CHECK(sort_pages());
    for (const Page& page : system_) read_system_page(page);
    for (const Page& page : data_) read_data_page(page);
    read_volume();
    return std::move(volume_);
  }

 private:
  Result<void> sort_pages();
  void read_system_page(const Page& page);
  void read_data_page(const Page& page);
  void keep(const Page& page, std::uint64_t record, std::uint32_t chunk);
  void read_volume();
  [[nodiscard]] MfsFile follow(std::uint16_t number, std::uint16_t first, std::vector<bool>& taken) const;
  [[nodiscard]] std::uint16_t fat(std::uint32_t slot) const;

  MfsVolume volume_{};
  std::vector<Page> system_{}, data_{};
  Buffer system_volume_{};
};

Result<void> Reader::sort_pages() {
  volume_.pages = std::min(volume_.bytes.size(), most_bytes) / page_size;
  for (std::uint64_t i = 0; i < volume_.pages; ++i) {
    QUELL_TRY(const ByteView bytes, volume_.bytes.sub(i * page_size, page_size));
    Fields f(bytes, "MFS page");
    const std::uint32_t signature = f.u32(0);
    Page page{bytes, f.u32(0x04), f.u16(0x0E)};
    const std::uint8_t stored = f.u8(0x10);
    QUELL_CHECK(f.done());
    const bool spare = signature == 0 && header_checksum(bytes) == stored;
    if (signature == page_signature || spare) {
      ++volume_.page_checksums.checked;
      if (header_checksum(bytes) != stored) ++volume_.page_checksums.wrong;
    }
    if (signature != page_signature) {
      ++volume_.blank_pages;
      continue;
    }
    (page.first_chunk == 0 ? system_ : data_).push_back(page);
  }
  if (system_.empty() && data_.empty()) {
    return fail(Errc::unrecognised, "no MFS page here", volume_.bytes.origin());
  }
  volume_.system_pages = system_.size();
  volume_.data_pages = data_.size();
  std::ranges::stable_sort(system_, {}, &Page::number);
  std::ranges::stable_sort(data_, {}, &Page::first_chunk);
  std::uint64_t chunks = 0;
  for (const Page& page : data_) chunks = std::max<std::uint64_t>(chunks, page.first_chunk + data_slots);
  volume_.system_chunks = data_.empty() ? 0xFFFF : data_.front().first_chunk;
  volume_.chunk_places.resize(to_size(std::max<std::uint64_t>(chunks, data_.empty() ? 0 : volume_.system_chunks)));
  return {};
}

void Reader::keep(const Page& page, std::uint64_t record, std::uint32_t chunk) {
  const auto data = page.bytes.sub(record, mfs_chunk_size);
  const auto stored = page.bytes.u16(record + mfs_chunk_size);
  if (!data || !stored) return;
  const bool right = crc16_of_chunk(data->bytes(), chunk) == *stored;
  // A region that was read while the engine ran has chunks whose checksum is not written yet.
  if (!right && *stored == 0) {
    ++volume_.chunk_checksums.not_stored;
  } else {
    ++volume_.chunk_checksums.checked;
    if (!right) ++volume_.chunk_checksums.wrong;
  }
  if (chunk >= volume_.chunk_places.size()) volume_.chunk_places.resize(std::size_t{chunk} + 1);
  volume_.chunk_places[chunk] = static_cast<std::uint32_t>(data->origin() - volume_.bytes.origin());
}

// A chunk that is written again is appended: the last record of a number counts.
void Reader::read_system_page(const Page& page) {
  std::uint16_t previous = 0;
  for (std::uint64_t i = 0; i < system_slots; ++i) {
    const auto stored = page.bytes.u16(page_header_size + i * 2);
    if (!stored || (*stored & 0xC000U) != 0) return;
    previous = *stored ^ crc14(previous);
    keep(page, system_records + i * record_size, previous);
  }
}

void Reader::read_data_page(const Page& page) {
  for (std::uint32_t i = 0; i < data_slots; ++i) {
    const auto used = page.bytes.u8(page_header_size + i);
    if (used && *used == 0) keep(page, data_records + i * record_size, page.first_chunk + i);
  }
}

std::uint16_t Reader::fat(std::uint32_t slot) const {
  return ByteView(system_volume_).u16(volume_header_size + std::uint64_t{slot} * 2).value_or(0xFFFF);
}

void Reader::read_volume() {
  std::uint32_t system_chunks = volume_.system_chunks;
  if (data_.empty()) {
    system_chunks = 0;
    while (system_chunks < volume_.chunk_places.size() && volume_.chunk_places[system_chunks]) ++system_chunks;
    volume_.system_chunks = system_chunks;
  }
  system_volume_.resize(std::size_t{system_chunks} * mfs_chunk_size);
  for (std::uint32_t i = 0; i < system_chunks && i < volume_.chunk_places.size(); ++i) {
    if (!volume_.chunk_places[i]) continue;
    const ByteView chunk = volume_.bytes.clip({*volume_.chunk_places[i], mfs_chunk_size});
    std::ranges::copy(chunk.bytes(), std::span(system_volume_).subspan(i * mfs_chunk_size).begin());
  }
  Fields f(ByteView(system_volume_), "MFS volume header");
  const std::uint32_t signature = f.u32(0x00);
  volume_.dictionary = f.u8(0x04);
  volume_.platform = f.u8(0x05);
  volume_.volume_size = f.u32(0x08);
  volume_.file_slots = f.u16(0x0C);
  if (!f.done() || signature != volume_signature) {
    volume_.file_slots = 0;
    return;
  }
  volume_.initialised = true;
  const std::uint64_t system_pages = volume_.pages / pages_a_system_page;
  const std::uint64_t data_pages = volume_.pages > system_pages ? volume_.pages - system_pages - 1 : 0;
  volume_.data_chunks = static_cast<std::uint32_t>(data_pages * data_slots);
  volume_.expected_size = (std::uint64_t{system_chunks} + volume_.data_chunks) * mfs_chunk_size;
  std::vector<bool> taken(volume_.chunk_places.size());
  for (std::uint16_t number = 0; number < volume_.file_slots; ++number) {
    const std::uint16_t first = fat(number);
    if (first == 0 || first >= 0xFFFE) continue;
    volume_.files.push_back(follow(number, first, taken));
  }
}

// No chunk is followed twice, so all files together take time and memory in proportion to the volume.
MfsFile Reader::follow(std::uint16_t number, std::uint16_t first, std::vector<bool>& taken) const {
  MfsFile file{number};
  std::uint16_t value = first;
  while (true) {
    if (value < volume_.file_slots) break;
    const std::uint32_t chunk = value - volume_.file_slots + volume_.system_chunks;
    if (chunk >= taken.size() || taken[chunk]) break;
    taken[chunk] = true;
    file.chunks.push_back(chunk);
    const std::uint16_t next = fat(value);
    if (next >= 1 && next <= mfs_chunk_size) {
      file.size = (file.chunks.size() - 1) * mfs_chunk_size + next;
      return file;
    }
    value = next;
  }
  file.damaged = true;
  file.size = file.chunks.size() * mfs_chunk_size;
  return file;
}

}  // namespace

const MfsFile* MfsVolume::find(std::uint16_t number) const noexcept {
  const auto found = std::ranges::find(files, number, &MfsFile::number);
  return found == files.end() ? nullptr : &*found;
}

Buffer MfsVolume::content(const MfsFile& file) const {
  Buffer out(file.chunks.size() * mfs_chunk_size);
  for (std::size_t i = 0; i < file.chunks.size(); ++i) {
    const std::uint32_t chunk = file.chunks[i];
    if (chunk >= chunk_places.size() || !chunk_places[chunk]) continue;
    const ByteView data = bytes.clip({*chunk_places[chunk], mfs_chunk_size});
    std::ranges::copy(data.bytes(), std::span(out).subspan(i * mfs_chunk_size).begin());
  }
  out.resize(to_size(std::min<std::uint64_t>(out.size(), file.size)));
  return out;
}

Result<MfsVolume> parse_mfs(ByteView bytes) { return Reader(bytes).read(); }

std::string_view mfs_file_title(std::uint16_t number) noexcept {
  constexpr std::array<std::string_view, mfs_first_user_file> titles{
      "file 0",         "file 1",         "anti-replay",         "anti-replay",
      "SVN migration",  "quota",          "Intel configuration", "OEM configuration",
      "home directory", "manifest backup"};
  return number < titles.size() ? titles.at(number) : "user file";
}

}  // namespace quell::intel
