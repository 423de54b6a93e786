// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/protocol.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace quell::spi {
namespace {

// More definitions than any version of the library has.
constexpr std::uint32_t maximum_candidates = 4096;

bool known(std::uint16_t type) {
  constexpr std::uint16_t last_request = static_cast<std::uint16_t>(MessageType::bye);
  constexpr std::uint16_t first_reply = static_cast<std::uint16_t>(MessageType::ready);
  constexpr std::uint16_t last_reply = static_cast<std::uint16_t>(MessageType::silence);
  return (type >= 1 && type <= last_request) || (type >= first_reply && type <= last_reply);
}

void pack_definition(Packer& packer, const ChipDefinition& chip) {
  packer.text(chip.vendor).text(chip.name).u64(chip.size).u8(chip.tested_erase ? 1 : 0).u8(chip.tested_write ? 1 : 0);
}

ChipDefinition unpack_definition(Unpacker& unpacker) {
  ChipDefinition chip;
  chip.vendor = unpacker.text();
  chip.name = unpacker.text();
  chip.size = unpacker.u64();
  chip.tested_erase = unpacker.u8() != 0;
  chip.tested_write = unpacker.u8() != 0;
  return chip;
}

void pack_register(Packer& packer, const std::optional<std::uint8_t>& value) {
  packer.u8(value ? 1 : 0).u8(value.value_or(0));
}

std::optional<std::uint8_t> unpack_register(Unpacker& unpacker) {
  const bool present = unpacker.u8() != 0;
  const std::uint8_t value = unpacker.u8();
  return present ? std::optional(value) : std::nullopt;
}

// Waits until the socket can be read. The message of the error is a stable word (see receive_frame).
Result<void> wait_readable(int socket, std::optional<std::chrono::steady_clock::time_point> deadline,
                           const volatile int* stop) {
  for (;;) {
    if (stop != nullptr && *stop != 0) return fail(Errc::io, "interrupted");
    int milliseconds = -1;
    if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return fail(Errc::io, "timeout");
      milliseconds = static_cast<int>(std::min<std::int64_t>(left.count(), 1000));
    } else if (stop != nullptr) {
      milliseconds = 1000;
    }
    pollfd entry{socket, POLLIN, 0};
    const int ready = ::poll(&entry, 1, milliseconds);
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail(Errc::io, "closed");
  }
}

Result<void> receive_exactly(int socket, std::span<std::byte> into,
                             std::optional<std::chrono::steady_clock::time_point> deadline, const volatile int* stop) {
  while (!into.empty()) {
    QUELL_CHECK(wait_readable(socket, deadline, stop));
    const ssize_t got = ::recv(socket, into.data(), into.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Errc::io, "closed");
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace

Result<FrameHeader> parse_frame_header(Bytes header) {
  Fields fields(ByteView(header), "frame");
  const std::uint32_t magic = fields.u32(0);
  const std::uint16_t type = fields.u16(4);
  const std::uint16_t version = fields.u16(6);
  const std::uint32_t length = fields.u32(8);
  QUELL_CHECK(fields.done());
  if (magic != frame_magic) return fail(Errc::damaged, "not a frame of this protocol");
  if (version != protocol_version) return fail(Errc::damaged, "the worker speaks another version of the protocol");
  if (!known(type)) return fail(Errc::damaged, "unknown type of frame");
  if (length > maximum_payload) return fail(Errc::damaged, "frame over the limit");
  return FrameHeader{static_cast<MessageType>(type), length};
}

Buffer frame_header(MessageType type, std::uint32_t length) {
  Packer packer;
  packer.u32(frame_magic).u16(static_cast<std::uint16_t>(type)).u16(protocol_version).u32(length);
  return packer.take();
}

Packer& Packer::u8(std::uint8_t value) {
  bytes_.push_back(static_cast<std::byte>(value));
  return *this;
}

Packer& Packer::u16(std::uint16_t value) {
  return u8(static_cast<std::uint8_t>(value)).u8(static_cast<std::uint8_t>(value >> 8U));
}

Packer& Packer::u32(std::uint32_t value) {
  return u16(static_cast<std::uint16_t>(value)).u16(static_cast<std::uint16_t>(value >> 16U));
}

Packer& Packer::u64(std::uint64_t value) {
  return u32(static_cast<std::uint32_t>(value)).u32(static_cast<std::uint32_t>(value >> 32U));
}

Packer& Packer::text(std::string_view value) {
  const std::string_view cut = value.substr(0, maximum_payload / 4);
  return u32(static_cast<std::uint32_t>(cut.size())).bytes(as_bytes(cut));
}

Packer& Packer::bytes(Bytes value) {
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  return *this;
}

template <class T>
T Unpacker::take(Result<T> value, std::uint64_t size) {
  if (failed_ || !value) {
    failed_ = true;
    return T{};
  }
  position_ += size;
  return *std::move(value);
}

std::uint8_t Unpacker::u8() { return take(view_.u8(position_), 1); }
std::uint16_t Unpacker::u16() { return take(view_.u16(position_), 2); }
std::uint32_t Unpacker::u32() { return take(view_.u32(position_), 4); }
std::uint64_t Unpacker::u64() { return take(view_.u64(position_), 8); }

std::string Unpacker::text() {
  const std::uint32_t size = u32();
  const ByteView view = take(view_.sub(position_, size), size);
  std::string result(view.size(), '\0');
  std::ranges::transform(view.bytes(), result.begin(), [](std::byte byte) { return static_cast<char>(byte); });
  return result;
}

Bytes Unpacker::rest() {
  if (failed_) return {};
  const std::uint64_t start = position_;
  position_ = view_.size();
  return view_.bytes().subspan(start);
}

Result<void> Unpacker::done() const {
  if (failed_ || position_ != view_.size())
    return fail(Errc::damaged, "malformed message between quell and its worker");
  return {};
}

Buffer pack(const ReadRequest& request) {
  Packer packer;
  packer.u64(request.offset).u64(request.size).u8(request.chunked ? 1 : 0).u32(request.alarm_seconds);
  return packer.take();
}

Result<ReadRequest> unpack_read_request(Bytes payload) {
  Unpacker unpacker(payload);
  ReadRequest request;
  request.offset = unpacker.u64();
  request.size = unpacker.u64();
  request.chunked = unpacker.u8() != 0;
  request.alarm_seconds = unpacker.u32();
  QUELL_CHECK(unpacker.done());
  return request;
}

Buffer pack(const ChipIdentity& identity, std::int32_t result) {
  Packer packer;
  packer.u32(static_cast<std::uint32_t>(result)).text(identity.jedec_id).text(identity.bus);
  pack_register(packer, identity.status_register);
  packer.u8(identity.definition ? 1 : 0);
  if (identity.definition) pack_definition(packer, *identity.definition);
  packer.u32(static_cast<std::uint32_t>(identity.candidates.size()));
  for (const ChipDefinition& chip : identity.candidates) pack_definition(packer, chip);
  return packer.take();
}

Result<ChipIdentity> unpack_identity(Bytes payload) {
  Unpacker unpacker(payload);
  static_cast<void>(unpacker.u32());
  ChipIdentity identity;
  identity.jedec_id = unpacker.text();
  identity.bus = unpacker.text();
  identity.status_register = unpack_register(unpacker);
  if (unpacker.u8() != 0) identity.definition = unpack_definition(unpacker);
  const std::uint32_t count = unpacker.u32();
  if (count > maximum_candidates) return fail(Errc::damaged, "too many chip definitions in one message");
  for (std::uint32_t i = 0; i < count && !unpacker.failed(); ++i) {
    identity.candidates.push_back(unpack_definition(unpacker));
  }
  QUELL_CHECK(unpacker.done());
  return identity;
}

Buffer pack(const Protection& protection) {
  Packer packer;
  packer.u8(protection.described ? 1 : 0).u8(static_cast<std::uint8_t>(protection.mode));
  packer.u64(protection.start).u64(protection.length);
  pack_register(packer, protection.status_register);
  return packer.take();
}

Result<Protection> unpack_protection(Bytes payload) {
  Unpacker unpacker(payload);
  Protection protection;
  protection.described = unpacker.u8() != 0;
  const std::uint8_t mode = unpacker.u8();
  if (mode > static_cast<std::uint8_t>(Protection::Mode::permanent))
    return fail(Errc::damaged, "unknown protection mode");
  protection.mode = static_cast<Protection::Mode>(mode);
  protection.start = unpacker.u64();
  protection.length = unpacker.u64();
  protection.status_register = unpack_register(unpacker);
  QUELL_CHECK(unpacker.done());
  return protection;
}

Result<void> send_frame(int socket, MessageType type, Bytes payload, Bytes rest) {
  if (payload.size() + rest.size() > maximum_payload) return fail(Errc::damaged, "frame over the limit");
  Buffer head = frame_header(type, static_cast<std::uint32_t>(payload.size() + rest.size()));
  head.insert(head.end(), payload.begin(), payload.end());
  for (Bytes part : {Bytes(head), rest}) {
    while (!part.empty()) {
      const ssize_t sent = ::send(socket, part.data(), part.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return fail(Errc::io, "closed");
      part = part.subspan(static_cast<std::size_t>(sent));
    }
  }
  return {};
}

Result<Frame> receive_frame(int socket, std::optional<std::chrono::steady_clock::time_point> deadline,
                            const volatile int* stop) {
  std::array<std::byte, frame_header_size> head{};
  QUELL_CHECK(receive_exactly(socket, head, deadline, stop));
  QUELL_TRY(const FrameHeader header, parse_frame_header(head));
  Frame frame{header.type, Buffer(header.length)};
  QUELL_CHECK(receive_exactly(socket, frame.payload, deadline, stop));
  return frame;
}

}  // namespace quell::spi
