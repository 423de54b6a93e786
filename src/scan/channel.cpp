// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/channel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

namespace quell::scan {
namespace {

// A record with all of the largest trees has a few MiB.
constexpr std::uint64_t most_in_frame = std::uint64_t{32} << 20U;
constexpr std::uint64_t frame_head = 4;
constexpr std::uint8_t no_findings = 0xFF;

class Writer {
 public:
  Writer& number(std::uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) out_.push_back(static_cast<std::byte>(value >> (8 * i)));
    return *this;
  }
  Writer& bytes(Bytes content) {
    out_.insert(out_.end(), content.begin(), content.end());
    return *this;
  }
  Writer& text(std::string_view content) { return number(content.size(), 4).bytes(as_bytes(content)); }
  [[nodiscard]] const Buffer& content() const noexcept { return out_; }

 private:
  Buffer out_;
};

void put(Writer& out, const Digested& digested) {
  out.number(digested.stamp.size, 8)
      .number(static_cast<std::uint64_t>(digested.stamp.seconds), 8)
      .number(static_cast<std::uint64_t>(digested.stamp.nanoseconds), 8)
      .bytes(digested.sha256);
}

void put(Writer& out, const Unread& unread) {
  out.number(static_cast<std::uint8_t>(unread.status), 1).text(unread.error);
}

void put(Writer& out, const Looked& looked) {
  out.number(static_cast<std::uint8_t>(looked.status), 1)
      .number(looked.worst ? static_cast<std::uint8_t>(*looked.worst) : no_findings, 1)
      .number(static_cast<std::uint64_t>(looked.time.count()), 8)
      .text(looked.error)
      .text(looked.members);
}

// The text at `offset`, with its length in front; moves on. What would end a line or steer a terminal is no text of
// ours.
std::string take_text(Fields& fields, std::uint64_t& offset, bool& clean) {
  const ByteView bytes = fields.sub(offset + 4, fields.u32(offset));
  offset += 4 + bytes.size();
  std::string out;
  out.reserve(bytes.size());
  for (const std::byte byte : bytes.bytes()) out += static_cast<char>(byte);
  clean = clean && std::ranges::none_of(out, [](unsigned char byte) { return byte < 0x20; });
  return out;
}

Result<Reply> parse_digested(ByteView payload) {
  Fields fields(payload, "digest");
  Digested out;
  out.stamp = {fields.u64(0), static_cast<std::int64_t>(fields.u64(8)), static_cast<std::int64_t>(fields.u64(16))};
  const Bytes digest = fields.sub(24, out.sha256.size()).bytes();
  QUELL_CHECK(fields.done());
  std::ranges::copy(digest, out.sha256.begin());
  return out;
}

Error not_ours() { return {Errc::damaged, "a worker says what none of ours says", std::nullopt}; }

Result<Reply> parse_unread(ByteView payload) {
  Fields fields(payload, "failure");
  const std::uint8_t status = fields.u8(0);
  std::uint64_t offset = 1;
  bool clean = status <= static_cast<std::uint8_t>(FileStatus::crash);
  Unread out{static_cast<FileStatus>(status), take_text(fields, offset, clean)};
  QUELL_CHECK(fields.done());
  if (!clean || out.status == FileStatus::ok) return tl::unexpected(not_ours());
  return out;
}

Result<Reply> parse_looked(ByteView payload) {
  Fields fields(payload, "record");
  const std::uint8_t status = fields.u8(0);
  const std::uint8_t worst = fields.u8(1);
  bool clean = status <= static_cast<std::uint8_t>(ImageStatus::crash) &&
               (worst == no_findings || worst <= static_cast<std::uint8_t>(Severity::critical));
  Looked out{.status = static_cast<ImageStatus>(status)};
  if (worst != no_findings) out.worst = static_cast<Severity>(worst);
  out.time = std::chrono::microseconds(static_cast<std::int64_t>(fields.u64(2)));
  std::uint64_t offset = 10;
  out.error = take_text(fields, offset, clean);
  out.members = take_text(fields, offset, clean);
  QUELL_CHECK(fields.done());
  if (!clean) return tl::unexpected(not_ours());
  return out;
}

}  // namespace

// NOLINTBEGIN(cppcoreguidelines-pro-bounds-pointer-arithmetic,cppcoreguidelines-pro-type-cstyle-cast,cppcoreguidelines-pro-type-reinterpret-cast):
// the macros of control messages
bool send_order(int socket, Order order, int file) {
  auto byte = static_cast<std::uint8_t>(order);
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof file)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (file >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof file);
    std::memcpy(CMSG_DATA(rights), &file, sizeof file);
  }
  ssize_t sent = -1;
  do {
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == 1;
}

std::optional<Received> receive_order(int socket) {
  std::uint8_t byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t count = -1;
  do {
    count = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  if (count != 1) return std::nullopt;
  Received out{.order = static_cast<Order>(byte)};
  const cmsghdr* rights = CMSG_FIRSTHDR(&message);
  if (rights != nullptr && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS) {
    int file = -1;
    std::memcpy(&file, CMSG_DATA(rights), sizeof file);
    out.file = FileDescriptor(file);
  }
  return out;
}
// NOLINTEND(cppcoreguidelines-pro-bounds-pointer-arithmetic,cppcoreguidelines-pro-type-cstyle-cast,cppcoreguidelines-pro-type-reinterpret-cast)

Buffer encode(const Reply& reply) {
  Writer payload;
  payload.number(reply.index(), 1);
  std::visit([&](const auto& content) { put(payload, content); }, reply);
  return Writer().number(payload.content().size(), frame_head).bytes(payload.content()).content();
}

Result<std::optional<Reply>> take_reply(Buffer& received) {
  const ByteView view(received);
  const auto length = view.u32(0);
  if (!length) return std::nullopt;
  if (*length > most_in_frame) return fail(Errc::damaged, "the record is larger than any can be");
  const auto frame = view.sub(frame_head, *length);
  if (!frame) return std::nullopt;
  QUELL_TRY(const std::uint8_t kind, frame->u8(0));
  QUELL_TRY(const ByteView payload, frame->from(1));
  constexpr std::array parsers{parse_digested, parse_unread, parse_looked};
  if (kind >= parsers.size()) return tl::unexpected(not_ours());
  QUELL_TRY(Reply reply, parsers.at(kind)(payload));
  received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(frame_head + *length));
  return std::optional(std::move(reply));
}

}  // namespace quell::scan
