// SPDX-License-Identifier: GPL-2.0-or-later
// Answers begin with a completion code; 0 is success. Get Device ID (06/01): id, revision, firmware major in 7 bits,
// minor in BCD, IPMI version in BCD with its halves turned, support, u24 manufacturer. Get LAN Configuration Parameters
// (0C/02 with channel, parameter, 0, 0): revision, then the parameter: 3 IP address, 4 its source in the low half,
// 5 MAC address. (IPMI specification 2.0, chapters 20.1 and 23.2)
#include "bmc/ipmi.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "host/ipmi_device.h"

namespace quell::bmc {

using namespace host;

namespace {

constexpr std::string_view device = "ipmi0";
constexpr std::array<std::uint8_t, 2> lan_channels{1, 2};  // 2 on iLO (HPE iLO IPMI user guide); 1 on nearly all others

// The answer without its completion code; nothing unless the controller says that it is one.
std::optional<Buffer> ask(const Root& root, EngineStatus& engine, std::uint8_t function, std::uint8_t command,
                          const Buffer& data, std::string_view what) {
  const Reading reading = root.read(ipmi_path(device, function, command, data), 64);
  if (!reading.ok()) {
    attempted(engine.attempts, fmt::format("/dev/{}: {}", device, what), reading);
    return std::nullopt;
  }
  const Bytes bytes = reading.bytes();
  if (bytes.empty() || bytes.front() != std::byte{0}) {
    engine.attempts.push_back({fmt::format("/dev/{}: {}", device, what), Reach::failed, "the controller refused it"});
    return std::nullopt;
  }
  return Buffer(bytes.begin() + 1, bytes.end());
}

unsigned byte_at(const Buffer& bytes, std::size_t at) { return std::to_integer<unsigned>(bytes.at(at)); }

void add(EngineStatus& engine, std::string_view key, std::string_view label, Value value) {
  engine.facts.push_back(fact(key, label, std::move(value), fmt::format("/dev/{}", device), "root"));
}

void ask_device(const Root& root, EngineStatus& engine) {
  const auto answer = ask(root, engine, 0x06, 0x01, {}, "device id");
  if (!answer || answer->size() < 9) return;
  const unsigned version = byte_at(*answer, 4);
  add(engine, "firmware_version", "firmware",
      fmt::format("{}.{:02x}", byte_at(*answer, 2) & 0x7FU, byte_at(*answer, 3)));
  add(engine, "ipmi_version", "IPMI version", fmt::format("{}.{}", version & 0xFU, version >> 4U));
  add(engine, "manufacturer", "manufacturer (IANA)",
      std::uint64_t{byte_at(*answer, 6) | byte_at(*answer, 7) << 8U | byte_at(*answer, 8) << 16U});
}

// A parameter of at least this size; nothing where it is all zero, which means that it is not set.
std::optional<Buffer> lan_parameter(const Root& root, EngineStatus& engine, std::uint8_t channel, std::uint8_t number,
                                    std::size_t size, std::string_view what) {
  const Buffer data{std::byte{channel}, std::byte{number}, std::byte{0}, std::byte{0}};
  auto answer = ask(root, engine, 0x0C, 0x02, data, what);
  if (!answer || answer->size() < size + 1) return std::nullopt;
  answer->erase(answer->begin());
  const bool empty = std::ranges::all_of(*answer, [](std::byte byte) { return byte == std::byte{0}; });
  return empty ? std::nullopt : std::optional(*std::move(answer));
}

// Whether the channel told something.
bool ask_lan(const Root& root, EngineStatus& engine, std::uint8_t channel) {
  const std::size_t before = engine.facts.size();
  if (const auto source = lan_parameter(root, engine, channel, 4, 1, "source of its address")) {
    constexpr std::array<std::string_view, 5> names{"not told", "static", "DHCP", "the BIOS", "another protocol"};
    const unsigned number = byte_at(*source, 0) & 0xFU;
    add(engine, "address_source", "its address comes from",
        std::string(number < names.size() ? names.at(number) : "a source without a name"));
  }
  if (const auto ip = lan_parameter(root, engine, channel, 3, 4, "its IP address")) {
    const std::string address =
        fmt::format("{}.{}.{}.{}", byte_at(*ip, 0), byte_at(*ip, 1), byte_at(*ip, 2), byte_at(*ip, 3));
    add(engine, "ip_address", "its IP address", address);
    engine.answers.push_back(
        {Asked::reachable, Holds::yes, Basis::observed, fmt::format("at {}, by whoever is on its network", address)});
  }
  if (const auto mac = lan_parameter(root, engine, channel, 5, 6, "its MAC address")) {
    add(engine, "mac_address", "its MAC address",
        fmt::format("{:02x}:{:02x}:{:02x}:xx:xx:xx", byte_at(*mac, 0), byte_at(*mac, 1), byte_at(*mac, 2)));
  }
  return engine.facts.size() != before;
}

}  // namespace

void ask_controller(const Root& root, EngineStatus& engine) {
  ask_device(root, engine);
  for (const std::uint8_t channel : lan_channels)
    if (ask_lan(root, engine, channel)) return;
}

}  // namespace quell::bmc
