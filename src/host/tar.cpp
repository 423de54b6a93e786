// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/tar.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "host/path.h"

namespace quell::host {
namespace {

// ustar header, 512 bytes (POSIX.1-1988): name 0+100, mode 100+8, uid 108+8, gid 116+8, size 124+12 (octal),
// mtime 136+12, checksum 148+8 (sum of all bytes with this field as blanks), type 156, link name 157+100,
// magic 257 "ustar\0" "00", prefix 345+155. Content follows, padded to 512; two zero blocks end the archive.
constexpr std::uint64_t block_size = 512;
constexpr std::size_t name_size = 100;
constexpr std::size_t prefix_size = 155;

Result<std::uint64_t> octal(ByteView header, std::uint64_t offset, std::uint64_t width) {
  std::uint64_t value = 0;
  for (std::uint64_t i = 0; i < width; ++i) {
    QUELL_TRY(const std::uint8_t digit, header.u8(offset + i));
    if (digit == 0 || digit == ' ') {
      if (value != 0 || digit == 0) break;
      continue;
    }
    if (digit < '0' || digit > '7') return fail(Errc::damaged, "a tar header holds a bad number", header.origin());
    value = value * 8 + (digit - std::uint64_t{'0'});
  }
  return value;
}

std::uint64_t checksum(ByteView header) {
  std::uint64_t sum = 0;
  const Bytes bytes = header.bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool own_field = i >= 148 && i < 156;
    sum += own_field ? std::uint64_t{' '} : std::to_integer<std::uint64_t>(bytes[i]);
  }
  return sum;
}

std::string raw_text(ByteView header, std::uint64_t offset, std::uint64_t width) {
  std::string out;
  for (const std::byte byte : header.clip({offset, width}).bytes()) {
    if (byte == std::byte{0}) break;
    out.push_back(static_cast<char>(byte));
  }
  return out;
}

std::string member_path(ByteView header) {
  const std::string prefix = raw_text(header, 345, prefix_size);
  const std::string name = raw_text(header, 0, name_size);
  return resolve_links(prefix.empty() ? name : prefix + "/" + name, false,
                       [](const std::string&) { return std::nullopt; });
}

void put(std::string& header, std::size_t offset, std::string_view text) {
  std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(offset));
}

Result<std::string> header_of(const std::string& path, const Entry& entry) {
  std::string name = path.substr(1);
  std::string prefix;
  if (name.size() > name_size) {
    const auto slash = name.find('/', name.size() - name_size - 1);
    if (slash > prefix_size)  // npos is larger
      return fail(Errc::unsupported, path + ": too long for a tar archive");
    prefix = name.substr(0, slash);
    name.erase(0, slash + 1);
  }
  if (entry.kind == Entry::Kind::link && entry.data.size() > name_size)
    return fail(Errc::unsupported, path + ": its link target is too long for a tar archive");
  const bool file = entry.kind == Entry::Kind::file;
  const bool directory = entry.kind == Entry::Kind::directory;
  std::string header(block_size, '\0');
  put(header, 0, name);
  put(header, 100, directory ? "0000755" : "0000644");
  for (const std::size_t zero : {108U, 116U}) put(header, zero, "0000000");
  put(header, 124, fmt::format("{:011o}", file ? entry.data.size() : 0));
  put(header, 136, "00000000000");
  put(header, 156, directory ? "5" : file ? "0" : "2");
  if (entry.kind == Entry::Kind::link) put(header, 157, entry.data);
  put(header, 257,
      std::string_view("ustar\0"
                       "00",
                       8));
  put(header, 345, prefix);
  put(header, 148, fmt::format("{:06o}", checksum(ByteView(as_bytes(header)))));
  header[155] = ' ';
  return header;
}

}  // namespace

Result<Entries> read_tar(ByteView archive) {
  Entries out;
  std::uint64_t offset = 0;
  while (true) {
    auto header = archive.sub(offset, block_size);
    if (!header) return fail(Errc::damaged, "the tar archive is cut off", offset);
    if (header->filled_with(std::byte{0})) break;
    if (!header->matches(257, "ustar")) return fail(Errc::unrecognised, "not a tar archive of the ustar kind", offset);
    QUELL_TRY(const std::uint64_t stored, octal(*header, 148, 8));
    if (stored != checksum(*header)) return fail(Errc::damaged, "a tar header's checksum is wrong", offset);
    QUELL_TRY(const std::uint64_t size, octal(*header, 124, 12));
    QUELL_TRY(const std::uint8_t type, header->u8(156));
    offset += block_size;
    const bool file = type == '0' || type == 0;
    const auto content = archive.sub(offset, size);
    if (!content) return fail(Errc::damaged, "a file in the tar archive is cut off", offset);
    std::string path = member_path(*header);
    if (path != "/" && !path.empty()) {
      if (file) {
        std::string data;
        data.reserve(content->bytes().size());
        for (const std::byte byte : content->bytes()) data.push_back(static_cast<char>(byte));
        out[std::move(path)] = {Entry::Kind::file, std::move(data)};
      } else if (type == '5') {
        out[std::move(path)] = {Entry::Kind::directory, {}};
      } else if (type == '2') {
        out[std::move(path)] = {Entry::Kind::link, raw_text(*header, 157, name_size)};
      }
    }
    // The content fits, so rounding it up to whole blocks cannot overflow.
    offset += (size + block_size - 1) / block_size * block_size;
  }
  if (out.empty()) return fail(Errc::unrecognised, "an empty tar archive");
  return out;
}

Result<Buffer> write_tar(const Entries& entries) {
  std::string out;
  for (const auto& [path, entry] : entries) {
    if (path == "/") continue;
    QUELL_TRY(const std::string header, header_of(path, entry));
    out += header;
    if (entry.kind != Entry::Kind::file) continue;
    out += entry.data;
    out.append((block_size - entry.data.size() % block_size) % block_size, '\0');
  }
  out.append(2 * block_size, '\0');
  const Bytes bytes = as_bytes(out);
  return Buffer(bytes.begin(), bytes.end());
}

}  // namespace quell::host
