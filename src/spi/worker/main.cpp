// SPDX-License-Identifier: GPL-2.0-or-later
// quell-flash-worker: one conversation with one chip, asked for by quell over the socket on descriptor 3. libflashrom
// can hang for ever, end the process, or remember the wrong chip; here it can do so without harm.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "spi/protocol.h"
#include "spi/worker/library.h"

namespace quell::spi {
namespace {

constexpr int socket_descriptor = 3;
// The alarm stands a little after the parent's deadline: it matters only when the parent is gone.
constexpr unsigned alarm_slack_seconds = 5;

// Sends a reply, or ends the worker: without its parent there is nobody to work for.
void reply(MessageType type, Bytes payload, Bytes rest = {}) {
  if (!send_frame(socket_descriptor, type, payload, rest)) ::_exit(1);
}

void reply_code(MessageType type, int code) { reply(type, Packer().u32(static_cast<std::uint32_t>(code)).take()); }

void reply_mistake(std::string_view what) { reply(MessageType::mistake, Packer().text(what).take()); }

void on_log(int level, std::string_view line) {
  reply(MessageType::log, Packer().u8(static_cast<std::uint8_t>(std::clamp(level, 0, 5))).text(line).take());
}

// Neither the library's shutdown nor any destructor may run: they would talk to the chip again.
[[noreturn]] void on_escalation() {
  reply(MessageType::aborted, {});
  ::_exit(0);
}

[[noreturn]] void on_silence() {
  reply(MessageType::silence, {});
  ::_exit(0);
}

Result<void> read(Library& library, Bytes payload) {
  QUELL_TRY(const ReadRequest request, unpack_read_request(payload));
  const Range wanted{request.offset, request.size};
  if (wanted.empty() || !Range{0, library.chip_size()}.contains(wanted))
    return fail(Errc::usage, "read outside the chip");
  ::alarm(request.alarm_seconds + alarm_slack_seconds);
  int code = request.chunked ? 0 : library.read_whole();
  for (std::uint64_t at = wanted.offset; code == 0 && at < wanted.end(); at += chunk_size) {
    const Range chunk = Range{at, chunk_size}.intersection(wanted);
    if (request.chunked) {
      ::alarm(request.alarm_seconds + alarm_slack_seconds);
      code = library.read(chunk);
    }
    if (code == 0) reply(MessageType::chunk, Packer().u64(at).take(), library.content(chunk));
  }
  ::alarm(0);
  reply_code(MessageType::read_done, code);
  return {};
}

Result<void> write(Library& library, Bytes payload) {
  Unpacker unpacker(payload);
  const std::uint32_t seconds = unpacker.u32();
  const std::uint64_t offset = unpacker.u64();
  const Bytes bytes = unpacker.rest();
  QUELL_CHECK(unpacker.done());
  if (bytes.empty() || !Range{0, library.chip_size()}.contains(Range{offset, bytes.size()})) {
    return fail(Errc::usage, "write outside the chip");
  }
  ::alarm(seconds + alarm_slack_seconds);
  const int code = library.write(offset, bytes);
  ::alarm(0);
  reply_code(MessageType::written, code);
  return {};
}

// The file that the emulated chip is read from and saved to; empty for every other programmer.
std::string emulated_image(std::string_view parameters) {
  constexpr std::string_view key = "image=";
  while (!parameters.empty()) {
    const auto end = std::min(parameters.find(','), parameters.size());
    const std::string_view one = parameters.substr(0, end);
    if (one.starts_with(key)) return std::string(one.substr(key.size()));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
  }
  return {};
}

// With the programmer open, what the library still does goes through descriptors that it holds. The emulated chip is
// saved when it is shut down. The machine's own chip is mapped anew for every access, which takes privileges.
void confine(const std::string& programmer, const std::string& parameters) {
  DeviceNeeds needs;
  needs.files.read = {"/dev", "/sys", "/proc"};
  needs.devices = {"/dev"};
  needs.privileged = programmer == "internal";
  if (const std::string image = emulated_image(parameters); !image.empty()) needs.files.write_files = {image};
  enter_device_sandbox(needs);
}

Result<void> open(Library& library, Bytes payload) {
  Unpacker unpacker(payload);
  const std::string programmer = unpacker.text();
  const std::string parameters = unpacker.text();
  QUELL_CHECK(unpacker.done());
  const int code = library.open(programmer, parameters);
  if (code == 0) confine(programmer, parameters);
  reply_code(MessageType::opened, code);
  return {};
}

Result<void> probe(Library& library, Bytes payload) {
  Unpacker unpacker(payload);
  const std::string definition = unpacker.text();
  QUELL_CHECK(unpacker.done());
  int result = 0;
  const ChipIdentity identity = library.probe(definition, result);
  reply(MessageType::identified, pack(identity, result));
  return {};
}

Result<void> set_protection(Library& library, Bytes payload) {
  QUELL_TRY(const Protection wanted, unpack_protection(payload));
  reply_code(MessageType::protection_set, library.set_protection(wanted));
  return {};
}

// Answers one request. False after the last one.
Result<bool> serve(Library& library, const Frame& frame) {
  const bool needs_chip = frame.type == MessageType::protection || frame.type == MessageType::read ||
                          frame.type == MessageType::write || frame.type == MessageType::set_protection;
  if (needs_chip && !library.has_chip()) return fail(Errc::usage, "no chip was identified");
  switch (frame.type) {
    case MessageType::hello: reply(MessageType::ready, Packer().text(Library::version()).take()); return true;
    case MessageType::open: QUELL_CHECK(open(library, frame.payload)); return true;
    case MessageType::probe: QUELL_CHECK(probe(library, frame.payload)); return true;
    case MessageType::protection: reply(MessageType::protection_is, pack(library.protection())); return true;
    case MessageType::read: QUELL_CHECK(read(library, frame.payload)); return true;
    case MessageType::write: QUELL_CHECK(write(library, frame.payload)); return true;
    case MessageType::set_protection: QUELL_CHECK(set_protection(library, frame.payload)); return true;
    case MessageType::bye: reply_code(MessageType::closed, library.close()); return false;
    default: return fail(Errc::damaged, "a reply where a request was expected");
  }
}

int run() {
  // Whoever is killed must not leave somebody behind who writes on.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system's interface
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct stat status {};
  if (::fstat(socket_descriptor, &status) != 0 || !S_ISSOCK(status.st_mode)) {
    std::fputs("quell-flash-worker is started by quell; it is of no use by itself\n", stderr);
    return 2;
  }
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  Library library(on_log, on_escalation, on_silence);
  for (;;) {
    const auto frame = receive_frame(socket_descriptor, std::nullopt);
    if (!frame) return 1;
    const auto more = serve(library, *frame);
    if (!more) {
      reply_mistake(more.error().message);
      return 1;
    }
    if (!*more) return 0;
  }
}

}  // namespace
}  // namespace quell::spi

int main() {
  try {
    return quell::spi::run();
  } catch (const std::exception&) {
    // No memory: quell says that the worker ended.
    return 1;
  }
}
