// SPDX-License-Identifier: GPL-2.0-or-later
// The conversation between quell and quell-flash-worker over one socket pair. Every frame is a header of 12 bytes
// (magic "QFW1" u32, type u16, version u16, payload length u32, all little-endian) and the payload. Texts are a u32
// length and bytes; lists a u32 count and entries. Both ends distrust every number of the other.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quell/byte_view.h"
#include "spi/chip.h"

namespace quell::spi {

inline constexpr std::uint32_t frame_magic = 0x31574651;  // "QFW1"
inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::uint64_t frame_header_size = 12;
// No frame carries more than one unit of a chip with very large sectors.
inline constexpr std::uint32_t maximum_payload = 1U << 20U;
// What one read frame carries.
inline constexpr std::uint64_t chunk_size = 0x10000;

enum class MessageType : std::uint16_t {
  // quell to worker
  hello = 1,
  open = 2,
  probe = 3,
  protection = 4,
  read = 5,
  write = 6,
  set_protection = 7,
  bye = 8,
  // worker to quell
  ready = 64,
  log = 65,
  opened = 66,
  identified = 67,
  protection_is = 68,
  chunk = 69,
  read_done = 70,
  written = 71,
  aborted = 72,
  protection_set = 73,
  closed = 74,
  mistake = 75,
  silence = 76,
};

struct Frame {
  MessageType type{};
  Buffer payload{};
};

struct FrameHeader {
  MessageType type{};
  std::uint32_t length = 0;
};

// Errc::damaged for a foreign magic, another version, an unknown type or a payload over the limit.
Result<FrameHeader> parse_frame_header(Bytes header);
Buffer frame_header(MessageType type, std::uint32_t length);

// Builds a payload.
class Packer {
 public:
  Packer& u8(std::uint8_t value);
  Packer& u16(std::uint16_t value);
  Packer& u32(std::uint32_t value);
  Packer& u64(std::uint64_t value);
  Packer& text(std::string_view value);
  Packer& bytes(Bytes value);
  [[nodiscard]] Buffer take() { return std::move(bytes_); }

 private:
  Buffer bytes_{};
};

// Takes a payload apart; after the first failure every further read gives nothing, and `done` says so.
class Unpacker {
 public:
  explicit Unpacker(Bytes payload) noexcept : view_(payload) {}
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::string text();
  // Everything that is left.
  Bytes rest();
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  // Success when everything was read and nothing is left over.
  [[nodiscard]] Result<void> done() const;

 private:
  template <class T>
  T take(Result<T> value, std::uint64_t size);
  ByteView view_;
  std::uint64_t position_ = 0;
  bool failed_ = false;
};

// A request to read: `chunked` false asks the library for the whole chip in one call (see Protection).
struct ReadRequest {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  bool chunked = true;
  std::uint32_t alarm_seconds = 0;  // the worker ends itself after this time, should its parent be gone
};

Buffer pack(const ReadRequest& request);
Buffer pack(const ChipIdentity& identity, std::int32_t result);
Buffer pack(const Protection& protection);
Result<ReadRequest> unpack_read_request(Bytes payload);
Result<ChipIdentity> unpack_identity(Bytes payload);
Result<Protection> unpack_protection(Bytes payload);

// Sends one frame; `rest` follows `payload` without being copied. Errc::io when the other end is gone.
Result<void> send_frame(int socket, MessageType type, Bytes payload, Bytes rest = {});

// Waits for one frame until `deadline` (nothing: for ever). Errc::io with the message "timeout", "closed" or
// "interrupted" (`stop` was set by a signal), Errc::damaged for anything that is not a frame.
Result<Frame> receive_frame(int socket, std::optional<std::chrono::steady_clock::time_point> deadline,
                            const volatile int* stop = nullptr);

}  // namespace quell::spi
