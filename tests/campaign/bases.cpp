// SPDX-License-Identifier: GPL-2.0-or-later
#include "campaign/bases.h"

#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "quell/flash/descriptor.h"
#include "quell/mapped_file.h"

namespace quell::campaign {
namespace {

namespace fs = std::filesystem;

Base make(std::string name, Buffer bytes) {
  Base base{std::move(name), std::move(bytes), {}};
  base.structures = structures_in(ByteView(base.bytes));
  return base;
}

Buffer content(const fs::path& path) {
  const auto file = MappedFile::open(path);
  if (!file) return {};
  return {file->bytes().begin(), file->bytes().end()};
}

void add_specimens(std::vector<Base>& bases) {
  for (const specimen::IntelFlavour flavour : specimen::intel_flavours()) {
    const std::string name(to_string(flavour));
    bases.push_back(small_dump(flavour));
    bases.push_back(small_region(flavour));
    bases.push_back(make(name + " update", specimen::intel_update_image(flavour, {.code_size = 0x400})));
  }
}

// A descriptor's page and the ME region where it says, up to the next power of two.
Buffer assemble(const Buffer& page, const Buffer& me) {
  Buffer head(page.begin(), page.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(page.size(), 0x1000)));
  const auto descriptor = flash::parse_descriptor(ByteView(head));
  if (!descriptor || descriptor->me() == nullptr) return {};
  std::uint64_t end = 0x1000;
  for (const auto& region : descriptor->regions) end = std::max(end, region.range.end());
  if (end > 0x4000000 || !descriptor->me()->in_use()) return {};
  Buffer image(std::bit_ceil(end), std::byte{0xFF});
  std::ranges::copy(head, image.begin());
  const std::uint64_t at = descriptor->me()->range.offset;
  if (!ByteView(image).has(at, me.size())) return {};
  std::ranges::copy(me, image.begin() + static_cast<std::ptrdiff_t>(at));
  return image;
}

void add_real(std::vector<Base>& bases, const fs::path& shared) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(shared / "corpus/intel")) files.push_back(entry.path());
  std::ranges::sort(files);
  for (const fs::path& file : files) bases.push_back(make(file.filename(), content(file)));

  std::ifstream stream(shared / "oracle/clean.json");
  const auto cases = nlohmann::json::parse(stream, nullptr, false);
  for (const auto& recorded : cases) {
    if (!recorded.is_object() || !recorded.contains("dump") || recorded["dump"].contains("me_start")) continue;
    const std::string descriptor = recorded["dump"]["descriptor"];
    const std::string me = recorded["dump"]["me"];
    Buffer dump = assemble(content(shared / "corpus/descriptors" / descriptor), content(shared / "corpus/intel" / me));
    if (!dump.empty()) bases.push_back(make(descriptor + " + " + me, std::move(dump)));
  }
}

}  // namespace

std::vector<Range> structures_in(ByteView image) {
  // The tag of a manifest stands 0x1C bytes into it; everything else begins with its tag.
  struct Tag {
    std::string_view text;
    std::uint64_t before, size;
  };
  using namespace std::string_view_literals;
  constexpr std::array tags{Tag{"\x5A\xA5\xF0\x0F"sv, 0x10, 0x200},
                            Tag{"$FPT"sv, 0x10, 0x200},
                            Tag{"$MN2"sv, 0x1C, 0x290},
                            Tag{"$MAN"sv, 0x1C, 0x290},
                            Tag{"$CPD"sv, 0, 0x200},
                            Tag{"$MME"sv, 0, 0x80},
                            Tag{"LLUT"sv, 0, 0x100},
                            Tag{"\xAA\x55\0\0"sv, 0, 0x80},
                            Tag{"_FVH"sv, 0x28, 0x60},
                            Tag{"_FIT_   "sv, 0, 0x40}};
  std::vector<Range> found{{0, std::min<std::uint64_t>(image.size(), 0x60)}};
  for (const Tag& tag : tags) {
    auto at = image.find(as_bytes(tag.text), 0, 4);
    for (unsigned count = 0; at && count < 64; ++count) {
      const std::uint64_t start = *at - std::min(*at, tag.before);
      found.push_back(Range{start, tag.size}.intersection({0, image.size()}));
      at = image.find(as_bytes(tag.text), *at + 4, 4);
    }
  }
  return found;
}

Base small_dump(specimen::IntelFlavour flavour) {
  return make(std::string(to_string(flavour)) + " dump", specimen::intel_small_dump(flavour));
}

Base small_region(specimen::IntelFlavour flavour) {
  return make(std::string(to_string(flavour)) + " region", specimen::intel_small_me_region(flavour));
}

std::vector<Base> all_bases(const std::string& shared) {
  std::vector<Base> bases;
  add_specimens(bases);
  if (!shared.empty() && fs::exists(fs::path(shared) / "corpus/intel")) add_real(bases, shared);
  std::erase_if(bases, [](const Base& base) { return base.bytes.empty(); });
  return bases;
}

}  // namespace quell::campaign
