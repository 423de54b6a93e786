// SPDX-License-Identifier: GPL-2.0-or-later
// Pull-ups on /WP and /HOLD through the GPIO lines of a Raspberry Pi. Uses the kernel's own interface (GPIO_V2 ioctls,
// linux/gpio.h): it is stable, while libgpiod 1.x and 2.x share no call.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "quell/result.h"

namespace quell::spi {

// The system calls this needs, so that a test can stand in for the kernel.
struct GpioSystem {
  std::function<std::vector<std::string>()> chips{};                                  // paths of /dev/gpiochip*
  std::function<int(const std::string& path)> open{};                                 // descriptor, or -errno
  std::function<int(int descriptor, unsigned long request, void* argument)> ioctl{};  // 0, or -errno
};

// The real ones.
const GpioSystem& gpio_system();

// Lines held as inputs with pull-up for as long as the object lives: a released line may fall back to its default.
class PullUps {
 public:
  PullUps() = default;
  // Finds the Raspberry Pi's GPIO chip by its label, requests the lines of data/spi-pull-ups.csv and checks that each
  // reads 1. The bias is not read back: kernels report it unreliably.
  static Result<PullUps> request(const GpioSystem& system);
  [[nodiscard]] bool held() const noexcept { return !lines_.empty(); }

 private:
  std::vector<FileDescriptor> lines_{};
};

// Whether the Raspberry Pi's supply alarm is set; false where there is no such sensor. `root` stands for "/".
bool under_voltage(const std::string& root);

}  // namespace quell::spi
