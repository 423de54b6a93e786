// SPDX-License-Identifier: GPL-2.0-or-later
// `quell net` against a management controller on the loopback interface, kind and hostile.
#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "amt/loopback_server.h"
#include "amt/net_schema.h"
#include "net/redfish.h"
#include "net/rmcp.h"
#include "support/program.h"

namespace quell::net {
namespace {

using Json = nlohmann::json;
using test::LoopbackServer;
using Datagram = std::vector<std::uint8_t>;

Datagram pong(std::uint8_t tag, std::uint8_t entities = 0x81) {
  Datagram out{0x06, 0x00, 0xFF, 0x06, 0x00, 0x00, 0x11, 0xBE, 0x40, tag,     0x00,
               0x10, 0x00, 0x00, 0x11, 0xBE, 0x00, 0x00, 0x00, 0x00, entities};
  out.resize(28);
  return out;
}

std::optional<Presence> read(const Datagram& datagram, std::uint8_t tag) {
  return read_pong(std::as_bytes(std::span(datagram)), tag);
}

TEST(Rmcp, ReadsAPongAndNothingElse) {
  const auto found = read(pong(7), 7);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->ipmi);
  EXPECT_TRUE(found->asf);
  EXPECT_EQ(found->enterprise, 4542U);
  EXPECT_FALSE(read(pong(7, 0x01), 7)->ipmi);
  EXPECT_FALSE(read(pong(8), 7).has_value());
  Datagram short_data = pong(7);
  short_data[11] = 4;
  EXPECT_FALSE(read(short_data, 7).has_value());
  const Datagram whole = pong(7);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto end = whole.begin() + static_cast<std::ptrdiff_t>(size);
    EXPECT_FALSE(read(Datagram(whole.begin(), end), 7).has_value()) << size;
  }
}

TEST(Redfish, IsFoundByTheHeaderThatEveryServiceSends) {
  EXPECT_TRUE(read_redfish("HTTP/1.1 200 OK\r\nodata-version: 4.0\r\nServer: bmc\r\n\r\n").found);
  EXPECT_EQ(read_redfish("HTTP/1.1 200 OK\r\nOData-Version: 4.0\r\nServer: bmc\r\n\r\n").server, "bmc");
  EXPECT_FALSE(read_redfish("HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n").found);
  EXPECT_FALSE(read_redfish("HTTP/1.1 404 Not Found\r\nOData-Version: 4.0\r\n\r\n").found);
  for (const char* head : {"", "HTTP/", "HTTP/1.1", "SSH-2.0-x\r\n", "\r\n\r\n", ":", "HTTP/1.1 :\r\n:\r\n"})
    EXPECT_FALSE(read_redfish(head).found) << head;
}

// Answers every datagram with `answers`, once each; `tag_at` tells where the ping's tag goes.
class Responder {
 public:
  explicit Responder(std::vector<Datagram> answers) : answers_(std::move(answers)) {
    socket_ = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* raw = &place;
    EXPECT_EQ(::bind(socket_, static_cast<sockaddr*>(raw), sizeof place), 0);
    socklen_t size = sizeof place;
    EXPECT_EQ(::getsockname(socket_, static_cast<sockaddr*>(raw), &size), 0);
    port_ = ntohs(place.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Responder() {
    stop_ = true;
    thread_.join();
    ::close(socket_);
  }
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int pings() const { return pings_; }

 private:
  void serve() {
    while (!stop_) {
      pollfd waiting{socket_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      std::array<std::uint8_t, 64> ping{};
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      void* raw = &from;
      if (::recvfrom(socket_, ping.data(), ping.size(), 0, static_cast<sockaddr*>(raw), &size) != 12) continue;
      ++pings_;
      for (Datagram answer : answers_) {
        if (answer.size() > 9 && answer[9] == 0xAA) answer[9] = ping[9];
        ::sendto(socket_, answer.data(), answer.size(), 0, static_cast<sockaddr*>(raw), size);
      }
    }
  }

  std::vector<Datagram> answers_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<int> pings_{0};
  std::thread thread_;
};

struct Ran {
  test::Outcome outcome;
  Json document;
};

Ran run(std::uint16_t ipmi, std::uint16_t redfish, const char* seconds = "2", std::uint16_t amt = test::closed_port()) {
  const std::string closed = std::to_string(test::closed_port());
  Ran out;
  out.outcome = test::run_program(QUELL_PROGRAM, {"net", "127.0.0.1", "--json", "--timeout", seconds, "--http-port",
                                                  std::to_string(amt), "--https-port", closed, "--ipmi-port",
                                                  std::to_string(ipmi), "--redfish-port", std::to_string(redfish)});
  out.document = Json::parse(out.outcome.out, nullptr, false);
  test::expect_net_schema(out.outcome.out);
  return out;
}

TEST(Net, TellsAManagementControllerByItsPongAndItsRedfishRoot) {
  const Responder controller({pong(0xAA)});
  LoopbackServer::Behaviour behaviour{"HTTP/1.1 200 OK\r\nOData-Version: 4.0\r\nContent-Length: 2\r\n\r\n{}"};
  behaviour.tls = true;
  const LoopbackServer web(behaviour);
  const Ran ran = run(controller.port(), web.port());
  EXPECT_EQ(ran.outcome.status, 1) << ran.outcome.error;
  EXPECT_EQ(ran.document["ipmi"]["ipmi"], true) << ran.outcome.out;
  EXPECT_EQ(ran.document["redfish"]["found"], true) << ran.outcome.out;
  EXPECT_EQ(controller.pings(), 1);
  ASSERT_EQ(web.requests().size(), 1U);
  EXPECT_THAT(web.requests()[0], testing::StartsWith("GET /redfish/v1/ HTTP/1.1\r\n"));
}

TEST(Net, IsNotTakenInByOtherAnswers) {
  const Responder liar({Datagram(200, 0xFF), pong(0x01), {}, Datagram{0x06}});
  LoopbackServer::Behaviour endless{std::string("HTTP/1.1 200 OK\r\n") + std::string(100000, 'x')};
  endless.tls = true;
  const LoopbackServer web(endless);
  const Ran ran = run(liar.port(), web.port());
  EXPECT_EQ(ran.outcome.status, 0) << ran.outcome.error;
  EXPECT_EQ(ran.document["ipmi"]["answered"], false);
  EXPECT_EQ(ran.document["redfish"]["found"], false);
}

// As `amt` says: something that listens there and does not say what it is, is no "no".
TEST(Net, APortOfAmtThatTellsNothingIsNoNo) {
  const Responder nobody({});
  LoopbackServer::Behaviour behaviour;
  behaviour.silent = true;
  const LoopbackServer silent(behaviour);
  EXPECT_EQ(run(nobody.port(), test::closed_port(), "1", silent.port()).outcome.status, 3);
}

// A question that was not asked, or not answered, is no "no" either.
TEST(Net, SaysWhereItCannotBeToldWhetherRedfishIsThere) {
  const Responder nobody({});
  const Ran closed = run(nobody.port(), test::closed_port(), "1");
  EXPECT_EQ(closed.outcome.status, 0) << closed.outcome.out;
  EXPECT_EQ(closed.document["redfish"]["told"], true);
  LoopbackServer::Behaviour behaviour;
  behaviour.silent = true;
  const LoopbackServer silent(behaviour);
  const Ran ran = run(nobody.port(), silent.port(), "1");
  EXPECT_EQ(ran.outcome.status, 3) << ran.outcome.out;
  EXPECT_EQ(ran.document["redfish"]["told"], false);

  const test::TemporaryFolder folder;
  const std::string alone = (folder.path() / "quell").string();
  std::filesystem::copy_file(QUELL_PROGRAM, alone);
  const std::string port = std::to_string(test::closed_port());
  const test::Outcome outcome =
      test::run_program(alone, {"net", "127.0.0.1", "--timeout", "1", "--http-port", port, "--https-port", port,
                                "--redfish-port", port, "--ipmi-port", std::to_string(nobody.port())});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.out, testing::HasSubstr("Redfish (TCP " + port + ") not told: the module quell-net"));
}

TEST(Net, RefusesPortsAndTimesThatAreNone) {
  for (const char* option : {"--http-port", "--https-port", "--ipmi-port", "--redfish-port"})
    EXPECT_EQ(test::run_program(QUELL_PROGRAM, {"net", "127.0.0.1", option, "0"}).status, 2) << option;
  EXPECT_EQ(test::run_program(QUELL_PROGRAM, {"net", "127.0.0.1", "--timeout", "nan"}).status, 2);
}

TEST(Net, EndsInTimeWhereNobodyAnswersOrSomebodyIsSlow) {
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));  // the server writes on when the program has given up
  const Responder silent({});
  LoopbackServer::Behaviour behaviour{"HTTP/1.1 200 OK\r\nOData-Version: 4.0\r\n\r\n", 1,
                                      std::chrono::milliseconds(200)};
  behaviour.tls = true;
  const LoopbackServer slow(behaviour);
  const Ran ran = run(silent.port(), slow.port(), "1");
  EXPECT_EQ(ran.outcome.status, 3) << ran.outcome.error;
  EXPECT_LT(ran.outcome.time, std::chrono::milliseconds(2500));
}

}  // namespace
}  // namespace quell::net
