// SPDX-License-Identifier: GPL-2.0-or-later
// A programmer on loopback: flashrom's serprog protocol (docs/formats/flashing.md#the-serprog-protocol) in front of a
// FlashModel.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/file_descriptor.h"
#include "spi/flash_model.h"

namespace quell::test {

class SerprogServer {
 public:
  explicit SerprogServer(FlashModel model);
  SerprogServer(const SerprogServer&) = delete;
  SerprogServer& operator=(const SerprogServer&) = delete;
  ~SerprogServer();

  // For -p.
  [[nodiscard]] std::string programmer() const;
  // The chip; only between conversations, or under `lock`.
  FlashModel& chip() noexcept { return model_; }
  std::mutex& lock() noexcept { return mutex_; }

  // Called once, in the server's thread, when the power is cut.
  std::function<void()> on_cut{};
  // Called at each new connection, before its first byte.
  std::function<void(unsigned connection)> on_connect{};
  [[nodiscard]] unsigned connections() const noexcept { return connections_; }

 private:
  void serve();
  void converse(int socket);
  bool command(int socket, unsigned opcode);
  bool spi_operation(int socket);

  FlashModel model_;
  std::mutex mutex_{};
  FileDescriptor listener_{};
  std::atomic<int> present_{-1};
  std::atomic<bool> ending_{false};
  std::atomic<unsigned> connections_{0};
  unsigned port_ = 0;
  std::thread thread_{};
};

}  // namespace quell::test
