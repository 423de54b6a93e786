// SPDX-License-Identifier: GPL-2.0-or-later
// `quell amt` as a user runs it, against servers on the loopback interface: present and absent, plain and TLS, slow,
// silent, garbage, redirecting; and how long it may take.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "amt/loopback_server.h"
#include "amt/net_schema.h"
#include "support/program.h"

namespace quell::intel::amt {
namespace {

using Json = nlohmann::json;
using test::LoopbackServer;
using testing::HasSubstr;

constexpr const char* amt_login =
    "HTTP/1.1 401 Unauthorized\r\nServer: Intel(R) Active Management Technology 11.8.50.3399\r\n"
    "WWW-Authenticate: Digest realm=\"Digest:A4070000000000000000000000000000\", nonce=\"1\",qop=\"auth\"\r\n"
    "Content-Length: 5\r\n\r\nlogin";

struct Ran {
  test::Outcome outcome;
  Json document;
};

Ran run(std::uint16_t http, std::uint16_t https, const char* seconds = "5") {
  Ran out;
  out.outcome = test::run_program(QUELL_PROGRAM, {"amt", "127.0.0.1", "--json", "--timeout", seconds, "--http-port",
                                                  std::to_string(http), "--https-port", std::to_string(https)});
  out.document = Json::parse(out.outcome.out, nullptr, false);
  test::expect_net_schema(out.outcome.out);
  return out;
}

TEST(Amt, AnswersOverPlainHttpWithVersionAndAdvisories) {
  const LoopbackServer server({amt_login});
  const Ran ran = run(server.port(), test::closed_port());
  EXPECT_EQ(ran.outcome.status, 1) << ran.outcome.error;
  EXPECT_EQ(ran.document["verdict"], "reachable");
  EXPECT_EQ(ran.document["answers"][0]["version"], "11.8.50.3399");
  EXPECT_EQ(ran.document["answers"][0]["amt_login"], true);
  EXPECT_THAT(ran.document["findings"].dump(), HasSubstr("INTEL-SA-00404"));
  EXPECT_THAT(ran.document["findings"].dump(), HasSubstr("plain HTTP"));
  ASSERT_EQ(server.requests().size(), 1U);  // one GET, nothing else
  EXPECT_THAT(server.requests()[0], testing::StartsWith("GET / HTTP/1.1\r\n"));
  EXPECT_THAT(server.requests()[0], testing::Not(HasSubstr("Authorization")));
}

TEST(Amt, AnswersOverTlsWithACertificateOfItsOwn) {
  LoopbackServer::Behaviour behaviour{amt_login};
  behaviour.tls = true;
  const LoopbackServer server(behaviour);
  const Ran ran = run(test::closed_port(), server.port());
  EXPECT_EQ(ran.document["verdict"], "reachable") << ran.outcome.out;
  EXPECT_EQ(ran.document["answers"][0]["tls"], true);
  EXPECT_EQ(ran.document["answers"][0]["version"], "11.8.50.3399");
  EXPECT_THAT(ran.document["findings"].dump(), testing::Not(HasSubstr("plain HTTP")));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(Amt, AbsentIsNoErrorAndProvesNothing) {
  const Ran ran = run(test::closed_port(), test::closed_port());
  EXPECT_EQ(ran.outcome.status, 0);
  EXPECT_EQ(ran.document["verdict"], "nothing-answers");
  EXPECT_EQ(ran.document["ports"][0]["state"], "refused");
  EXPECT_THAT(ran.document["notes"].dump(), HasSubstr("another machine"));
}

TEST(Amt, AHeadSplitOverPacketsIsPutTogether) {
  LoopbackServer::Behaviour behaviour{amt_login};
  behaviour.piece = 7;
  behaviour.pause = std::chrono::milliseconds(2);
  const LoopbackServer server(behaviour);
  EXPECT_EQ(run(server.port(), test::closed_port()).document["answers"][0]["version"], "11.8.50.3399");
}

TEST(Amt, ASilentServerCostsNoMoreThanTheTimeout) {
  LoopbackServer::Behaviour behaviour;
  behaviour.silent = true;
  const LoopbackServer server(behaviour);
  const LoopbackServer second(behaviour);
  const Ran ran = run(server.port(), second.port(), "1");
  EXPECT_EQ(ran.outcome.status, 3) << "open, and not identified";
  EXPECT_EQ(ran.document["verdict"], "ports-open");
  EXPECT_NE(ran.document["answers"][0]["problem"], "");
  EXPECT_LT(ran.outcome.time.count(), 1500);
}

TEST(Amt, AServerThatDripsIsGivenUp) {
  LoopbackServer::Behaviour behaviour{std::string(amt_login)};
  behaviour.piece = 1;
  behaviour.pause = std::chrono::milliseconds(50);
  const LoopbackServer server(behaviour);
  const Ran ran = run(server.port(), test::closed_port(), "1");
  EXPECT_EQ(ran.document["verdict"], "ports-open");
  EXPECT_LT(ran.outcome.time.count(), 1500);
}

TEST(Amt, GarbageAndEndlessHeadsAreNamed) {
  std::string endless = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 1000; ++i) endless += "X-Padding: " + std::string(60, 'x') + "\r\n";
  for (const std::string& response :
       {std::string("\x00\xff\x13\x37 not http", 14), std::string("SSH-2.0-x\r\n\r\n"), endless + "\r\n"}) {
    const LoopbackServer server({response});
    const Ran ran = run(server.port(), test::closed_port());
    EXPECT_EQ(ran.outcome.status, 3);
    EXPECT_EQ(ran.document["verdict"], "ports-open");
    EXPECT_FALSE(ran.document["answers"][0].value("problem", "").empty()) << ran.outcome.out;
  }
}

TEST(Amt, ARedirectIsReportedAndNotFollowed) {
  const LoopbackServer target({amt_login});
  const std::string to = "http://127.0.0.1:" + std::to_string(target.port()) + "/logon.htm";
  const LoopbackServer server(
      {"HTTP/1.1 303 See Other\r\nLocation: " + to +
       "\r\nServer: Intel(R) Active Management Technology 9.0.31\r\nContent-Length: 0\r\n\r\n"});
  const Ran ran = run(server.port(), test::closed_port());
  EXPECT_EQ(ran.document["answers"][0]["redirect_not_followed"], to);
  EXPECT_EQ(ran.document["answers"][0]["version"], "9.0.31");
  EXPECT_TRUE(target.requests().empty());
}

TEST(Amt, HostileHeadersDoNotReachTheTerminal) {
  const LoopbackServer server({"HTTP/1.1 200 OK\r\nServer: \x1b[2Jevil\r\n\r\n"});
  const test::Outcome outcome = test::run_program(QUELL_PROGRAM, {"amt", "--http-port", std::to_string(server.port()),
                                                                  "--https-port", std::to_string(test::closed_port())});
  EXPECT_THAT(outcome.out, testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(outcome.out, HasSubstr("evil"));
}

TEST(Amt, AHostWithoutAnAddressIsAnError) {
  const test::Outcome outcome = test::run_program(QUELL_PROGRAM, {"amt", "999.1.1.1.invalid", "--timeout", "2"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.error, HasSubstr("999.1.1.1.invalid"));
  EXPECT_LT(outcome.time.count(), 2600);
  EXPECT_EQ(test::run_program(QUELL_PROGRAM, {"amt", "--timeout", "0"}).status, 2);
}

}  // namespace
}  // namespace quell::intel::amt
