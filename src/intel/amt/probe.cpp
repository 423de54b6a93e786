// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/amt/probe.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/file_descriptor.h"
#include "net/get.h"

namespace quell::intel::amt {
namespace {

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds left_until(Clock::time_point end) {
  return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()),
                  std::chrono::milliseconds(0));
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string text{};
};

// A name server may be slow: the look-up runs on a thread of the C library and is given up at the deadline. Its
// request must outlive it, so it is never freed when given up (the program ends soon after).
Result<Address> resolve(const std::string& host, Clock::time_point end) {
  struct Request {
    std::string name;
    addrinfo hints{};
    gaicb block{};
  };
  auto request = std::make_unique<Request>();
  request->name = host;
  request->hints.ai_socktype = SOCK_STREAM;
  request->block.ar_name = request->name.c_str();
  request->block.ar_request = &request->hints;
  std::array<gaicb*, 1> list = {&request->block};
  if (::getaddrinfo_a(GAI_NOWAIT, list.data(), 1, nullptr) != 0) return fail(Errc::io, host + ": cannot look it up");
  int state = ::gai_error(&request->block);
  while (state == EAI_INPROGRESS) {
    const auto left = left_until(end);
    if (left.count() == 0) {
      static_cast<void>(request.release());
      return fail(Errc::io, host + ": the name look-up took too long");
    }
    const timespec wait = {static_cast<time_t>(left.count() / 1000), static_cast<long>(left.count() % 1000) * 1000000};
    const std::array<const gaicb*, 1> waiting = {&request->block};
    static_cast<void>(::gai_suspend(waiting.data(), 1, &wait));
    state = ::gai_error(&request->block);
  }
  if (state != 0) return fail(Errc::io, host + ": " + ::gai_strerror(state));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(request->block.ar_result, &::freeaddrinfo);
  Address out;
  out.size = found->ai_addrlen;
  std::copy_n(static_cast<const char*>(static_cast<const void*>(found->ai_addr)), out.size,
              static_cast<char*>(static_cast<void*>(&out.storage)));
  std::array<char, NI_MAXHOST> text{};
  if (::getnameinfo(found->ai_addr, out.size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
    out.text = text.data();
  return out;
}

void set_port(Address& address, std::uint16_t port) {
  void* raw = &address.storage;
  if (address.storage.ss_family == AF_INET6) {
    static_cast<sockaddr_in6*>(raw)->sin6_port = htons(port);
  } else {
    static_cast<sockaddr_in*>(raw)->sin_port = htons(port);
  }
}

std::string purpose_of(std::uint16_t port, const Options& options) {
  if (port == options.http_port) return "AMT over HTTP";
  if (port == options.https_port) return "AMT over HTTPS";
  switch (port) {
    case 16994: return "AMT redirection (serial, storage, KVM)";
    case 16995: return "AMT redirection over TLS";
    case 623: return "ASF / DASH";
    case 664: return "ASF / DASH over TLS";
    case 5900: return "VNC, also AMT KVM when enabled";
    default: return "other";
  }
}

void set_state(Port& port, int number) {
  port.state = number == 0              ? PortState::open
               : number == ECONNREFUSED ? PortState::refused
               : number == ETIMEDOUT    ? PortState::silent
                                        : PortState::failed;
  if (number != 0) port.reason = std::generic_category().message(number);
}

// All connections at once, so that a host that drops packets costs the wait only once.
std::vector<Port> try_ports(const Options& options, Address address, Clock::time_point end) {
  std::vector<Port> ports;
  std::vector<FileDescriptor> sockets;
  std::vector<pollfd> waiting;
  std::vector<std::uint16_t> numbers = {options.http_port, options.https_port};
  numbers.insert(numbers.end(), options.other_ports.begin(), options.other_ports.end());
  for (const std::uint16_t number : numbers) {
    Port port{number, purpose_of(number, options), PortState::silent, "no answer in time"};
    FileDescriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    set_port(address, number);
    const void* raw = &address.storage;
    const int result = socket.valid() ? ::connect(socket.get(), static_cast<const sockaddr*>(raw), address.size) : -1;
    const bool pending = result != 0 && socket.valid() && errno == EINPROGRESS;
    if (!pending) set_state(port, result == 0 ? 0 : errno);
    waiting.push_back({pending ? socket.get() : -1, POLLOUT, 0});
    ports.push_back(std::move(port));
    sockets.push_back(std::move(socket));
  }
  while (std::any_of(waiting.begin(), waiting.end(), [](const pollfd& one) { return one.fd >= 0; })) {
    const auto left = left_until(end);
    if (left.count() == 0 || ::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) == 0) break;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      int number = 0;
      socklen_t size = sizeof number;
      if (::getsockopt(waiting[i].fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0) number = errno;
      ports[i].reason.clear();
      set_state(ports[i], number);
      waiting[i].fd = -1;
    }
  }
  return ports;
}

Answer ask(const Options& options, const Address& address, bool tls, Clock::time_point end) {
  Answer answer;
  answer.tls = tls;
  answer.port = tls ? options.https_port : options.http_port;
  const bool six = address.storage.ss_family == AF_INET6;
  const std::string url =
      fmt::format("{}://{}{}{}:{}/", tls ? "https" : "http", six ? "[" : "", address.text, six ? "]" : "", answer.port);
  const auto head = net::get_head(url, left_until(end));
  if (!head) {
    answer.problem = head.error().message;
    return answer;
  }
  answer.banner = read_banner(*head);
  if (answer.banner.status == 0) answer.problem = "not an HTTP response";
  return answer;
}

void judge_answers(Exposure& exposure) {
  std::optional<Version> version;
  bool plain = false;
  bool amt = false;
  for (const Answer& answer : exposure.answers) {
    if (!answer.banner.is_amt()) continue;
    amt = true;
    plain = plain || !answer.tls;
    if (answer.banner.version) version = answer.banner.version;
  }
  const bool open = std::any_of(exposure.ports.begin(), exposure.ports.end(),
                                [](const Port& port) { return port.state == PortState::open; });
  exposure.verdict = amt ? Reachability::reachable : open ? Reachability::ports_open : Reachability::nothing_answers;
  if (!version && amt) exposure.notes.emplace_back("AMT answers without telling its version.");
  if (version) {
    const auto advise = [&](AdvisedProduct product, const std::vector<Advisory>& advisories) {
      auto findings = advisory_findings(product, *version, advisories, AdvisedFirmware::at_work);
      std::ranges::move(findings, std::back_inserter(exposure.findings));
    };
    const auto match = match_advisories(AdvisedProduct::amt, *version);
    advise(AdvisedProduct::amt, match.advisories);
    if (!match.covered)
      exposure.notes.emplace_back("No advisory in the table speaks of this branch: no data, not \"safe\".");
    if (plain) {
      constexpr auto product = AdvisedProduct::amt_plain_http;
      advise(product, match_advisories(product, *version).advisories);
    }
  }
}

void explain_silence(Exposure& exposure) {
  const bool loopback = exposure.address.starts_with("127.") || exposure.address == "::1";
  if (exposure.verdict != Reachability::nothing_answers) return;
  if (loopback) {
    exposure.notes.emplace_back(
        "On this machine itself AMT only answers through the local service lms. AMT shares the network port with the "
        "system and takes its traffic before Linux sees it: run `quell amt ADDRESS-OF-THIS-MACHINE` on another "
        "machine of the same network for the real answer.");
  } else {
    exposure.notes.emplace_back(
        "Not provisioned, switched off, or filtered on the way. It does not prove that the machine has no AMT.");
  }
}

}  // namespace

Result<Exposure> probe(const Options& options) {
  const auto start = Clock::now();
  const auto end = start + options.timeout;
  QUELL_TRY(const Address address, resolve(options.host, end));
  if (options.before_asking) {
    net::load_module();
    options.before_asking();
  }
  Exposure exposure;
  exposure.host = options.host;
  exposure.address = address.text;
  // Half of the time for connecting, so that a silent port leaves some for the answers of the others.
  exposure.ports = try_ports(options, address, start + options.timeout / 2);
  for (const bool tls : {false, true}) {
    const std::uint16_t number = tls ? options.https_port : options.http_port;
    const auto port = std::find_if(exposure.ports.begin(), exposure.ports.end(),
                                   [number](const Port& one) { return one.number == number; });
    if (port == exposure.ports.end() || port->state != PortState::open) continue;
    // The first answer must not use up the time of the second.
    const auto until = tls ? end : std::min(end, Clock::now() + left_until(end) / 2);
    exposure.answers.push_back(ask(options, address, tls, until));
  }
  judge_answers(exposure);
  explain_silence(exposure);
  return exposure;
}

}  // namespace quell::intel::amt
