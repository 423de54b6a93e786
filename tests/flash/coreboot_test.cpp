// SPDX-License-Identifier: GPL-2.0-or-later
// Digests of coreboot files: what the attribute says, held against the content as it is stored.
#include "flash/coreboot.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "base/landmarks.h"
#include "quell/digest.h"
#include "specimen/specimen.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t map_at = 0x1000;
constexpr std::uint64_t files_at = 0x2000;
constexpr std::uint64_t attributes_at = 0x28;
constexpr std::uint64_t content_at = 0xA0;
constexpr std::uint64_t content_size = 0x200;

struct Case {
  std::uint32_t type;
  std::uint32_t compression;
  std::uint32_t algorithm;
  bool altered;
  CheckState state;
};

class Body {
 public:
  explicit Body(const Case& c) : canvas_(0x10000, std::byte{0}) {
    canvas_.text(map_at, "__FMAP__").u8(map_at + 8, 1).u32(map_at + 0x12, 0x10000).text(map_at + 0x16, "FLASH");
    canvas_.u16(map_at + 0x36, 2);
    area(0, map_at, 0x1000, "FMAP");
    area(1, files_at, 0x1000, "COREBOOT");
    Buffer content(content_size, std::byte{0x37});
    const Buffer digest =
        c.algorithm == 3 ? hash(HashAlgorithm::sha512, content) : hash(HashAlgorithm::sha256, content);
    if (c.altered) content[0x11] ^= std::byte{1};
    canvas_.text(files_at, "LARCHIVE").put(files_at + content_at, content).text(files_at + 0x18, "payload");
    be32(8, content_size);
    be32(0x0C, c.type);
    be32(0x10, attributes_at);
    be32(0x14, content_at);
    be32(attributes_at, 0x42435A4C);
    be32(attributes_at + 4, 16);
    be32(attributes_at + 8, c.compression);
    be32(attributes_at + 12, 0x1000);
    be32(attributes_at + 16, 0x68736148);
    be32(attributes_at + 20, static_cast<std::uint32_t>(12 + digest.size()));
    be32(attributes_at + 24, c.algorithm);
    canvas_.put(files_at + attributes_at + 28, digest);
  }

  [[nodiscard]] Coreboot read() const {
    const ByteView view(canvas_.bytes());
    return read_coreboot(view, find_landmarks(view));
  }
  [[nodiscard]] std::vector<Component> components() const { return describe(read(), ByteView(canvas_.bytes())); }

 private:
  void be32(std::uint64_t at, std::uint32_t value) { canvas_.u32(files_at + at, __builtin_bswap32(value)); }
  void area(unsigned index, std::uint32_t offset, std::uint32_t size, std::string_view name) {
    const std::uint64_t at = map_at + 0x38 + std::uint64_t{42} * index;
    canvas_.u32(at, offset).u32(at + 4, size).text(at + 8, name);
  }
  specimen::Canvas canvas_;
};

TEST(Coreboot, AFileIsHeldAgainstTheDigestInItsAttribute) {
  constexpr std::uint32_t raw = 0x50;
  constexpr std::uint32_t stage = 0x11;
  constexpr std::uint32_t self = 0x20;
  for (const Case& c :
       {Case{raw, 0, 2, false, CheckState::held}, Case{raw, 0, 2, true, CheckState::failed},
        Case{raw, 0, 3, false, CheckState::held}, Case{raw, 0, 3, true, CheckState::failed},
        Case{raw, 0, 4, false, CheckState::not_checked}, Case{raw, 0, 77, true, CheckState::not_checked},
        Case{raw, 1, 2, false, CheckState::held}, Case{raw, 1, 2, true, CheckState::not_checked},
        Case{stage, 0, 2, false, CheckState::held}, Case{stage, 0, 2, true, CheckState::not_checked},
        Case{self, 0, 2, true, CheckState::not_checked}}) {
    SCOPED_TRACE(testing::Message() << c.type << " " << c.compression << " " << c.algorithm << " " << c.altered);
    const Body body(c);
    const auto components = body.components();
    const auto files = std::ranges::find(components, "cbfs", &Component::kind);
    ASSERT_NE(files, components.end());
    ASSERT_EQ(files->children.size(), 1U);
    const std::vector<Check>& checks = files->children.front().checks;
    ASSERT_EQ(checks.size(), 1U);
    EXPECT_EQ(checks.front().question, Question::digests);
    EXPECT_EQ(checks.front().state, c.state);
    EXPECT_EQ(checks.front().range, (Range{files_at + content_at, content_size}));
    EXPECT_EQ(checks.front().reason.empty(), c.state == CheckState::held);
    EXPECT_EQ(body.read().problems.size(), c.state == CheckState::failed ? 1U : 0U);
  }
}

}  // namespace
}  // namespace quell::flash
