// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/real_images.h"

#include <algorithm>
#include <bit>
#include <fstream>
#include <span>
#include <stdexcept>

#include <lzma.h>

#include "base/octets.h"
#include "quell/digest.h"
#include "quell/flash/descriptor.h"
#include "quell/mapped_file.h"
#include "specimen/specimen.h"
#include "support/shared.h"

namespace quell::test {
namespace {

std::uint32_t region_word(std::uint64_t begin, std::uint64_t end) {
  return static_cast<std::uint32_t>(begin >> 12U | ((end - 1) >> 12U) << 16U);
}

Buffer assemble(const nlohmann::json& dump) {
  Buffer descriptor = read_file(shared("corpus/descriptors") / dump.at("descriptor").get<std::string>());
  const Buffer me = read_file(shared("corpus/intel") / dump.at("me").get<std::string>());
  descriptor.resize(std::min<std::size_t>(descriptor.size(), 0x1000));
  auto parsed = flash::parse_descriptor(ByteView(descriptor)).value();
  if (dump.contains("me_start")) {
    const auto start = dump.at("me_start").get<std::uint64_t>();
    const auto end = dump.at("me_end").get<std::uint64_t>();
    specimen::Canvas canvas(descriptor.size());
    canvas.put(0, descriptor);
    canvas.u32(parsed.region_section + 8, region_word(start, end));
    canvas.u32(parsed.region_section + 4, region_word(end, dump.at("flash_size").get<std::uint64_t>()));
    descriptor = canvas.bytes();
  }
  // The recorded dumps take five regions with plain base and limit fields, absent or not, as long as base <= limit.
  std::uint64_t last = 0;
  std::uint64_t me_start = 0;
  for (std::uint64_t i = 0; i < 5; ++i) {
    const std::uint32_t word = ByteView(descriptor).u32(parsed.region_section + 4 * i).value();
    const std::uint64_t begin = std::uint64_t{word & 0x7FFFU} << 12U;
    const std::uint64_t end = (std::uint64_t{word >> 16U & 0x7FFFU} << 12U) + 0x1000;
    if (begin < end) last = std::max(last, end);
    if (i == 2) me_start = begin;
  }
  specimen::Canvas image(std::bit_ceil(last));
  image.put(0, descriptor).put(me_start, me);
  return image.bytes();
}

}  // namespace

Buffer read_file(const std::filesystem::path& path) {
  const auto file = MappedFile::copy(path);
  if (!file) throw std::runtime_error(file.error().message);
  return {file->bytes().begin(), file->bytes().end()};
}

Buffer read_sample(const std::filesystem::path& path) {
  Buffer packed = read_file(path);
  if (path.extension() != ".xz") return packed;
  Buffer out(std::size_t{80} << 20U);
  std::uint64_t memory = std::uint64_t{1} << 30U;
  std::size_t from = 0;
  std::size_t to = 0;
  const auto status = lzma_stream_buffer_decode(&memory, 0, nullptr, octets(Bytes(packed)), &from, packed.size(),
                                                octets(std::span(out)), &to, out.size());
  if (status != LZMA_OK) throw std::runtime_error("cannot unpack " + path.string());
  out.resize(to);
  return out;
}

nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error(path.string() + " cannot be opened");
  return nlohmann::json::parse(stream);
}

Buffer clean_case_image(const nlohmann::json& test_case) {
  Buffer image = test_case.contains("dump")
                     ? assemble(test_case.at("dump"))
                     : read_file(shared("corpus/intel") / test_case.at("image").get<std::string>());
  if (to_hex(sha256(image)) != test_case.at("input").at("sha256")) {
    throw std::runtime_error(clean_case_name(test_case) + " is not the recorded image");
  }
  return image;
}

std::string clean_case_name(const nlohmann::json& test_case) {
  return test_case.contains("image") ? test_case.at("image").get<std::string>() : test_case.at("dump").dump();
}

}  // namespace quell::test
