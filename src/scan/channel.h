// SPDX-License-Identifier: GPL-2.0-or-later
// What the scan and one of its workers say to each other over their socket. What a worker says is not trusted: an image
// may have taken it over.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/file_descriptor.h"
#include "quell/byte_view.h"
#include "quell/finding.h"
#include "scan/record.h"

namespace quell::scan {

// To a worker: an open file to read (with it), and then, once its digest is known, whether to look at it.
enum class Order : std::uint8_t { read = 1, examine = 2, skip = 3 };

// From a worker: the file was read, and this is its digest.
struct Digested {
  FileStamp stamp{};
  Sha256 sha256{};
};
// The file could not be read, or changed meanwhile.
struct Unread {
  FileStatus status = FileStatus::unreadable;
  std::string error{};
};
// What came of looking at it. `members` as in ImageRecord.
struct Looked {
  ImageStatus status = ImageStatus::ok;
  std::optional<Severity> worst{};  // of its findings
  std::chrono::microseconds time{};
  std::string error{};
  std::string members{};
};
using Reply = std::variant<Digested, Unread, Looked>;

// False where the other end is gone.
bool send_order(int socket, Order order, int file = -1);
struct Received {
  Order order = Order::skip;
  FileDescriptor file{};
};
// Waits for one. Nothing where the other end is gone.
std::optional<Received> receive_order(int socket);

// A frame: the length of what follows (32 bits, little-endian, as all numbers), the index of the kind of reply (a
// byte), its fields.
Buffer encode(const Reply& reply);
// Takes the first frame out of `received`. Nothing: it is not whole yet. Errc::damaged: no worker of ours says this.
Result<std::optional<Reply>> take_reply(Buffer& received);

}  // namespace quell::scan
