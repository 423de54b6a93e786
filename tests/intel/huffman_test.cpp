// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/cse/huffman.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/huffman-me11.h"
#include "data/huffman-me12.h"
#include "intel/huffman_reference.h"
#include "specimen/specimen.h"

namespace quell::intel {
namespace {

using test::ReferenceDictionary;

// Bytes with the runs and repeats that the dictionaries are made for.
Buffer sample(std::uint64_t size, unsigned seed) {
  std::mt19937 random(seed);
  Buffer out;
  while (out.size() < size) {
    const unsigned kind = random() % 4;
    const std::size_t length = 1 + random() % 40;
    const auto value = std::byte(random() & 0xFF);
    for (std::size_t i = 0; i < length && out.size() < size; ++i) {
      const auto any = std::byte(random() & 0xFF);
      out.push_back(kind == 0 ? std::byte{0} : kind == 1 ? std::byte{0xFF} : kind == 2 ? value : any);
    }
  }
  return out;
}

struct Named {
  const char* name;
  std::string_view csv;
  const HuffmanDictionary& (*dictionary)();
};

class Dictionaries : public testing::TestWithParam<int> {
 protected:
  const Named& named() const {
    static const Named both[] = {{"me11", data::huffman_me11, &HuffmanDictionary::me11},
                                 {"me12", data::huffman_me12, &HuffmanDictionary::me12}};
    return both[GetParam()];
  }
};
INSTANTIATE_TEST_SUITE_P(Both, Dictionaries, testing::Values(0, 1),
                         [](const auto& one) { return one.param == 0 ? "me11" : "me12"; });

TEST_P(Dictionaries, UnpackWhatWasPacked) {
  const ReferenceDictionary reference(named().csv);
  for (unsigned seed = 0; seed < 12; ++seed) {
    const Buffer plain = sample(huffman_chunk_size * (1 + seed % 5), seed);
    const Buffer packed = reference.pack(plain, seed % 2 == 0 ? "code" : "data");
    const auto unpacked = named().dictionary().unpack(ByteView(packed), plain.size());
    ASSERT_TRUE(unpacked.has_value()) << unpacked.error().message;
    EXPECT_TRUE(unpacked->bytes == plain) << seed;
    EXPECT_EQ(unpacked->unknown_count, 0U);
  }
}

// Every bit sequence stands for something, so random bits are nearly a valid stream; the slow decoder walks them
// codeword by codeword as the format's description reads. Chunks are long enough for 0x1000 bytes of the longest
// codewords.
TEST_P(Dictionaries, AgreeWithTheSlowDecoderOnRandomBits) {
  constexpr std::uint64_t room = 0x2400;
  const ReferenceDictionary reference(named().csv);
  std::mt19937 random(7);
  int good = 0;
  for (int turn = 0; turn < 40; ++turn) {
    const std::uint64_t chunks = 1 + random() % 3;
    specimen::Canvas canvas(chunks * 4 + chunks * room);
    for (std::uint64_t i = 0; i < chunks; ++i) {
      canvas.u32(i * 4, static_cast<std::uint32_t>(i * room) | (random() % 2 == 0 ? 0x40000000U : 0xC0000000U));
    }
    Buffer bytes = canvas.bytes();
    for (std::size_t i = chunks * 4; i < bytes.size(); ++i) bytes[i] = std::byte(random() & 0xFF);
    const auto fast = named().dictionary().unpack(ByteView(bytes), chunks * huffman_chunk_size);
    const auto slow = reference.unpack(bytes, chunks * huffman_chunk_size);
    ASSERT_EQ(fast.has_value(), slow.has_value()) << turn;
    if (!fast) continue;
    ++good;
    EXPECT_TRUE(fast->bytes == *slow) << turn;
  }
  EXPECT_GT(good, 5);
}

TEST_P(Dictionaries, NoticeAChunkThatEndsEarly) {
  const ReferenceDictionary reference(named().csv);
  const Buffer plain = sample(huffman_chunk_size, 3);
  Buffer packed = reference.pack(plain, "code");
  packed.resize(packed.size() - 8);
  const auto result = named().dictionary().unpack(ByteView(packed), plain.size());
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::damaged);
  EXPECT_THAT(result.error().message, testing::HasSubstr("chunk 0"));
}

TEST(Huffman, RefusesHostileSizesWithoutTouchingMemory) {
  const auto& dictionary = HuffmanDictionary::me12();
  const Buffer small(0x100);
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0xFFF}, huffman_chunk_size,
                                   huffman_chunk_size * 0x40, std::uint64_t{0xFFFFF000}, ~std::uint64_t{0xFFF}}) {
    EXPECT_FALSE(dictionary.unpack(ByteView(small), size).has_value()) << size;
  }
  EXPECT_FALSE(dictionary.unpack(ByteView(), huffman_chunk_size).has_value());
}

// 64 look-up words that all name the same bytes would otherwise unpack 64 times the data.
TEST(Huffman, RefusesChunksThatShareBytes) {
  specimen::Canvas canvas(64 * 4 + 0x1000);
  for (std::uint64_t i = 0; i < 64; ++i) canvas.u32(i * 4, 0x40000000);
  const auto result = HuffmanDictionary::me12().unpack(ByteView(canvas.bytes()), 64 * huffman_chunk_size);
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, testing::HasSubstr("too short"));
}

TEST(Huffman, RefusesChunkKindsThatNobodyHasSeen) {
  specimen::Canvas canvas(4 + 0x2400, std::byte{0x55});
  canvas.u32(0, 0x20U << 24U);
  const auto result = HuffmanDictionary::me12().unpack(ByteView(canvas.bytes()), huffman_chunk_size);
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, testing::HasSubstr("unknown kind"));
}

constexpr std::string_view tiny =
    "dictionary,codeword,symbol_hex\n"
    "code,1,00\ncode,01,4142\ncode,00,??????\n"
    "data,1,00\ndata,01,4142\ndata,00,434445464748494A4B4C4D4E4F5051\n";

TEST(Huffman, CountsAndNamesUnknownSymbolsAndGuessesNothing) {
  const auto dictionary = HuffmanDictionary::from_csv(tiny);
  ASSERT_TRUE(dictionary.has_value()) << dictionary.error().message;
  specimen::Canvas canvas(4 + 0x400);
  canvas.u32(0, 0x40000000);
  Buffer bytes = canvas.bytes();
  // 00 (unknown, 3 bytes), 01 (AB), then single zero bytes up to the end of the chunk.
  bytes[4] = std::byte{0x1F};
  const auto result = dictionary->unpack(ByteView(bytes), huffman_chunk_size);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->unknown_count, 1U);
  ASSERT_EQ(result->unknown.size(), 1U);
  EXPECT_EQ(result->unknown[0].codeword, "00");
  EXPECT_EQ(result->unknown[0].offset, 0U);
  EXPECT_EQ(to_hex(Bytes(result->bytes).first(6)), "000000414200");
}

TEST(Huffman, RefusesASymbolThatReachesBeyondItsChunk) {
  const auto dictionary = HuffmanDictionary::from_csv(tiny);
  ASSERT_TRUE(dictionary.has_value());
  // 274 symbols of 15 bytes are 14 more than a chunk.
  specimen::Canvas canvas(4 + 0x80, std::byte{0});
  canvas.u32(0, 0xC0000000);
  const auto result = dictionary->unpack(ByteView(canvas.bytes()), huffman_chunk_size);
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, testing::HasSubstr("beyond the chunk"));
}

TEST(HuffmanDictionaryTable, RefusesWhatIsNoCompletePrefixCode) {
  const std::string data = "data,1,00\ndata,0,01\n";
  for (const std::string_view code :
       {"", "code,1,00\n", "code,1,00\ncode,1,01\ncode,0,02\n", "code,1,00\ncode,0,0\n", "code,1,00\ncode,0,xy\n",
        "code,1,00\ncode,2,01\n", "code,1,00\ncode,,01\n", "code,1,00\ncode,0,00000000000000000000000000000000\n",
        "code,1,00\ncode,000000000000000000,01\n"}) {
    EXPECT_FALSE(HuffmanDictionary::from_csv(std::string(code) + data).has_value()) << code;
  }
  EXPECT_TRUE(HuffmanDictionary::from_csv("code,1,00\r\ncode,0,02\r\n" + data).has_value());
}

}  // namespace
}  // namespace quell::intel
