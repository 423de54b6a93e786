// SPDX-License-Identifier: GPL-2.0-or-later
// A server on 127.0.0.1 and a port of the system's choice that behaves as one test wants it, with TLS or without.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace quell::test {

class LoopbackServer {
 public:
  struct Behaviour {
    std::string response{};              // what is sent after the request
    std::size_t piece = 0;               // bytes a packet; 0: all at once
    std::chrono::milliseconds pause{0};  // before each packet
    bool silent = false;                 // accepts and never answers
    bool tls = false;
  };
  explicit LoopbackServer(Behaviour behaviour);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // The requests so far, each up to its empty line.
  [[nodiscard]] std::vector<std::string> requests() const;

 private:
  void serve();
  void talk(int connection);
  void send_all(const std::function<bool(const char*, std::size_t)>& send) const;
  void remember(std::string request);

  Behaviour behaviour_;
  std::uint16_t port_ = 0;  // set while the next member is made
  int listener_ = -1;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// A port on 127.0.0.1 on which nothing listens.
std::uint16_t closed_port();

}  // namespace quell::test
