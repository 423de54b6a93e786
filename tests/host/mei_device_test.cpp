// SPDX-License-Identifier: GPL-2.0-or-later
// Conversations over /dev/mei0 with real system calls: umockdev's preload library redirects them to an engine that
// lives in this process (connect by ioctl, one message a write, one a read). Run through umockdev-wrapper.
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <linux/mei.h>
#include <sys/ioctl.h>
#include <umockdev.h>
#include <nlohmann/json.hpp>

#include "host/mei_device.h"
#include "intel/live/mei.h"
#include "quell/survey/status.h"
#include "support/program.h"

namespace quell::host {

using namespace intel::live;

namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

std::string text_of(Bytes bytes) {
  std::string out;
  for (const std::byte byte : bytes) out.push_back(static_cast<char>(byte));
  return out;
}

// How the emulated engine behaves.
struct Engine {
  std::map<std::string, std::map<std::string, std::string>> clients;  // wire GUID -> request -> reply
  int read_error = 0;                                                 // errno instead of a reply
  int connect_error = 0;                                              // errno of every connect
  std::string connected;                                              // client of the present connection
  std::string reply;
  int connects = 0;
};

void set_bytes(UMockdevIoctlData* data, const std::string& text) {
  std::vector<guint8> bytes(text.begin(), text.end());
  umockdev_ioctl_data_update(data, 0, bytes.data(), static_cast<gint>(bytes.size()));
}

std::string get_bytes(UMockdevIoctlData* data) {
  guint8* bytes = nullptr;
  gint size = 0;
  umockdev_ioctl_data_retrieve(data, &bytes, &size);
  std::string out(static_cast<std::size_t>(size), '\0');
  std::memcpy(out.data(), bytes, out.size());
  g_free(bytes);
  return out;
}

gboolean on_ioctl(UMockdevIoctlBase* /*handler*/, UMockdevIoctlClient* client, gpointer context) {
  auto& engine = *static_cast<Engine*>(context);
  if (umockdev_ioctl_client_get_request(client) != IOCTL_MEI_CONNECT_CLIENT) return FALSE;
  UMockdevIoctlData* argument = umockdev_ioctl_client_get_arg(client);
  UMockdevIoctlData* data = umockdev_ioctl_data_resolve(argument, 0, sizeof(mei_connect_client_data), nullptr);
  const std::string guid = get_bytes(data);
  ++engine.connects;
  if (engine.connect_error != 0 || !engine.clients.contains(guid)) {
    umockdev_ioctl_client_complete(client, -1, engine.connect_error != 0 ? engine.connect_error : ENOTTY);
  } else {
    engine.connected = guid;
    // Longest message 4096, protocol version 1.
    set_bytes(data, std::string("\x00\x10\x00\x00\x01\x00\x00\x00", 8) + std::string(8, '\0'));
    umockdev_ioctl_client_complete(client, 0, 0);
  }
  umockdev_ioctl_data_unref(data);
  return TRUE;
}

gboolean on_write(UMockdevIoctlBase* /*handler*/, UMockdevIoctlClient* client, gpointer context) {
  auto& engine = *static_cast<Engine*>(context);
  const std::string request = get_bytes(umockdev_ioctl_client_get_arg(client));
  const auto& replies = engine.clients[engine.connected];
  const auto found = replies.find(request);
  engine.reply = found == replies.end() ? std::string() : found->second;
  umockdev_ioctl_client_complete(client, static_cast<glong>(request.size()), 0);
  return TRUE;
}

gboolean on_read(UMockdevIoctlBase* /*handler*/, UMockdevIoctlClient* client, gpointer context) {
  auto& engine = *static_cast<Engine*>(context);
  if (engine.read_error != 0) {
    umockdev_ioctl_client_complete(client, -1, engine.read_error);
    return TRUE;
  }
  set_bytes(umockdev_ioctl_client_get_arg(client), engine.reply);
  umockdev_ioctl_client_complete(client, static_cast<glong>(engine.reply.size()), 0);
  return TRUE;
}

class MeiDevice : public testing::Test {
 protected:
  MeiDevice() {
    // Without the preload library the calls would reach the real machine.
    const char* preload = std::getenv("LD_PRELOAD");
    if (preload == nullptr || std::string_view(preload).find("umockdev") == std::string_view::npos) return;
    testbed_ = umockdev_testbed_new();
    const char* device =
        "P: /devices/pci0000:00/0000:00:16.0\nE: SUBSYSTEM=pci\nA: vendor=0x8086\\n\nA: device=0xa13a\\n\n"
        "A: class=0x078000\\n\n\n"
        "P: /devices/pci0000:00/0000:00:16.0/mei/mei0\nN: mei0=00\nE: DEVNAME=/dev/mei0\nE: SUBSYSTEM=mei\n"
        "A: fw_status=90000245\\n89118306\\n00000030\\n00004000\\n00001F01\\n47C00BC9\\n\n"
        "A: fw_ver=0:11.8.50.3399\\n\nA: dev_state=ENABLED\\n\nA: kind=mei\\n\n"
        "L: device=../../../0000:00:16.0\n\n";
    GError* error = nullptr;
    EXPECT_TRUE(umockdev_testbed_add_from_string(testbed_, device, &error)) << (error != nullptr ? error->message : "");
    // Where the running kernel has a bus of that name, umockdev makes no class folder.
    gchar* sys = umockdev_testbed_get_sys_dir(testbed_);
    const std::filesystem::path classes = std::filesystem::path(sys) / "class/mei";
    g_free(sys);
    std::filesystem::create_directories(classes);
    if (!std::filesystem::exists(classes / "mei0"))
      std::filesystem::create_symlink("../../devices/pci0000:00/0000:00:16.0/mei/mei0", classes / "mei0");
    handler_ = umockdev_ioctl_base_new();
    g_signal_connect(handler_, "handle-ioctl", G_CALLBACK(on_ioctl), &engine_);
    g_signal_connect(handler_, "handle-read", G_CALLBACK(on_read), &engine_);
    g_signal_connect(handler_, "handle-write", G_CALLBACK(on_write), &engine_);
    EXPECT_TRUE(umockdev_testbed_attach_ioctl(testbed_, "/dev/mei0", handler_, &error));
    add(mkhi_client, text_of(version_request()), version_reply_bytes());
  }
  ~MeiDevice() override {
    if (testbed_ == nullptr) return;
    g_object_unref(handler_);
    g_object_unref(testbed_);
  }
  void SetUp() override {
    if (testbed_ == nullptr) GTEST_SKIP() << "needs umockdev-wrapper around the test program";
  }

  static std::string version_reply_bytes() {
    const std::string block("\x08\x00\x0b\x00\x47\x0d\x32\x00", 8);  // 11.8.50.3399
    return std::string("\xff\x82\x00\x00", 4) + block + block + block;
  }
  void add(std::string_view client, const std::string& request, const std::string& reply) {
    engine_.clients[text_of(guid_bytes(client).value())][request] = reply;
  }
  static Reading ask(std::string_view client, Bytes request) {
    return mei_converse("/dev/mei0", client, request,
                        {std::chrono::milliseconds(300), std::chrono::milliseconds(300), 2});
  }

  Engine engine_;                         // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  UMockdevTestbed* testbed_ = nullptr;    // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  UMockdevIoctlBase* handler_ = nullptr;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

TEST_F(MeiDevice, AnswersTheVersionQuestion) {
  const Reading reply = ask(mkhi_client, version_request());
  ASSERT_TRUE(reply.ok()) << reply.reason;
  EXPECT_EQ(to_string(version_reply(reply.bytes())->front()), "11.8.50.3399");
  EXPECT_EQ(engine_.connects, 1);
}

TEST_F(MeiDevice, AMissingClientIsAbsentAndNotTriedTwice) {
  const Reading reply = ask(amthi_client, amt_request(AmtQuery::provisioning_state));
  EXPECT_EQ(reply.reach, Reach::absent);
  EXPECT_THAT(reply.reason, HasSubstr("no such client"));
  EXPECT_EQ(engine_.connects, 1);
}

TEST_F(MeiDevice, ABusyClientIsTriedTwiceThenNamed) {
  engine_.connect_error = EBUSY;
  const Reading reply = ask(mkhi_client, version_request());
  EXPECT_EQ(reply.reach, Reach::failed);
  EXPECT_THAT(reply.reason, HasSubstr("another program owns"));
  EXPECT_EQ(engine_.connects, 2);
}

TEST_F(MeiDevice, ASilentEngineEndsInTime) {
  engine_.read_error = EAGAIN;
  const auto start = std::chrono::steady_clock::now();
  const Reading reply = ask(mkhi_client, version_request());
  EXPECT_EQ(reply.reach, Reach::failed);
  EXPECT_THAT(reply.reason, HasSubstr("did not answer in time"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST_F(MeiDevice, ALinkThatBreaksInMidExchangeIsNamed) {
  engine_.read_error = ENODEV;
  EXPECT_THAT(ask(mkhi_client, version_request()).reason, HasSubstr("link to the engine is down"));
}

TEST_F(MeiDevice, AShortReplyIsNoVersion) {
  add(mkhi_client, text_of(version_request()), std::string("\xff\x82\x00\x00\x08\x00", 6));
  const Reading reply = ask(mkhi_client, version_request());
  ASSERT_TRUE(reply.ok());
  EXPECT_FALSE(version_reply(reply.bytes()).has_value());
}

TEST_F(MeiDevice, AnEmptyReplyMeansTheEngineClosed) {
  add(mkhi_client, text_of(version_request()), "");
  EXPECT_THAT(ask(mkhi_client, version_request()).reason, HasSubstr("closed the connection"));
}

TEST_F(MeiDevice, AWrongCommandIdIsNoVersion) {
  std::string other = version_reply_bytes();
  other[1] = '\x83';
  add(mkhi_client, text_of(version_request()), other);
  const Reading reply = ask(mkhi_client, version_request());
  ASSERT_TRUE(reply.ok());
  EXPECT_THAT(version_reply(reply.bytes()).error().message, HasSubstr("another question"));
}

TEST_F(MeiDevice, NoDeviceIsAbsent) {
  EXPECT_EQ(mei_converse("/dev/mei7", mkhi_client, version_request(), {}).reach, Reach::absent);
}

// The whole command on the emulated machine: sysfs and device together.
TEST_F(MeiDevice, StatusTellsVersionAndAmtState) {
  add(amthi_client, text_of(amt_request(AmtQuery::provisioning_state)),
      std::string("\x01\x01\x00\x00\x11\x00\x80\x04\x08\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00", 20));
  const auto root = live_root();
  const HostStatus status = collect_status(*root, {});
  ASSERT_EQ(status.engines.size(), 1U);
  EXPECT_EQ(status.engines[0].verdict, Verdict::running);
  std::map<std::string, Value> facts;
  for (const Fact& fact : status.engines[0].facts) facts[fact.key] = fact.value;
  EXPECT_EQ(facts["firmware_version"], Value(std::string("11.8.50.3399")));
  EXPECT_EQ(facts["mkhi_version"], Value(std::string("11.8.50.3399")));
  EXPECT_EQ(facts["amt_provisioning"], Value(std::string("set up")));
}

}  // namespace
}  // namespace quell::host
