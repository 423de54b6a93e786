// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/gpio.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/table.h"
#include "data/spi-gpio-chips.h"
#include "data/spi-pull-ups.h"
#include "spi/failure.h"

namespace quell::spi {
namespace {

constexpr const char* consumer = "quell";

std::string field(const char* text, std::size_t size) { return std::string(text, ::strnlen(text, size)); }

bool known_label(const std::string& label) { return Table(data::spi_gpio_chips).find("label", label).has_value(); }

// The chip behind the 40-pin header.
Result<FileDescriptor> header_chip(const GpioSystem& system) {
  for (const std::string& path : system.chips()) {
    const int opened = system.open(path);
    if (opened == -EACCES)
      return failed("programmer-no-permission", {{"node", path}, {"next", "The user must be in group gpio."}});
    if (opened < 0) continue;
    FileDescriptor chip(opened);
    gpiochip_info info{};
    if (system.ioctl(chip.get(), GPIO_GET_CHIPINFO_IOCTL, &info) == 0 &&
        known_label(field(info.label, sizeof info.label))) {
      return chip;
    }
  }
  return failed("gpio-missing", {{"line", "GPIO header"}, {"detail", "no GPIO chip of a Raspberry Pi was found"}});
}

Result<FileDescriptor> request_line(const GpioSystem& system, int chip, unsigned gpio, const std::string& signal) {
  const std::string name = fmt::format("GPIO{}", gpio);
  gpio_v2_line_request request{};
  request.offsets[0] = gpio;
  request.num_lines = 1;
  std::strncpy(request.consumer, consumer, sizeof request.consumer - 1);
  request.config.flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_BIAS_PULL_UP;
  const int problem = system.ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request);
  if (problem == -EBUSY) {
    gpio_v2_line_info info{};
    info.offset = gpio;
    const bool known = system.ioctl(chip, GPIO_V2_GET_LINEINFO_IOCTL, &info) == 0 && info.consumer[0] != '\0';
    return failed("gpio-busy", {{"line", name},
                                {"consumer", known ? field(info.consumer, sizeof info.consumer) : "another program"}});
  }
  if (problem != 0) return failed("gpio-missing", {{"line", name}, {"detail", std::strerror(-problem)}});
  FileDescriptor line(request.fd);
  gpio_v2_line_values values{0, 1};
  if (system.ioctl(line.get(), GPIO_V2_LINE_GET_VALUES_IOCTL, &values) == 0 && (values.bits & 1U) == 0) {
    return failed("gpio-low", {{"signal", signal}, {"line", name}});
  }
  return line;
}

}  // namespace

const GpioSystem& gpio_system() {
  static const GpioSystem system{[] {
                                   std::vector<std::string> paths;
                                   std::error_code problem;
                                   for (const auto& entry : std::filesystem::directory_iterator("/dev", problem)) {
                                     if (entry.path().filename().string().starts_with("gpiochip"))
                                       paths.push_back(entry.path().string());
                                   }
                                   std::ranges::sort(paths);
                                   return paths;
                                 },
                                 [](const std::string& path) {
                                   const int opened = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
                                   return opened < 0 ? -errno : opened;
                                 },
                                 [](int descriptor, unsigned long request, void* argument) {
                                   return ::ioctl(descriptor, request, argument) < 0 ? -errno : 0;
                                 }};
  return system;
}

Result<PullUps> PullUps::request(const GpioSystem& system) {
  QUELL_TRY(const FileDescriptor chip, header_chip(system));
  PullUps pull_ups;
  for (const auto row : Table(data::spi_pull_ups)) {
    QUELL_TRY(FileDescriptor line, request_line(system, chip.get(), row.number("gpio"), std::string(row["signal"])));
    pull_ups.lines_.push_back(std::move(line));
  }
  return pull_ups;
}

bool under_voltage(const std::string& root) {
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(root + "/sys/class/hwmon", problem)) {
    std::string name, alarm;
    std::ifstream(entry.path() / "name") >> name;
    std::ifstream(entry.path() / "in0_lcrit_alarm") >> alarm;
    if (name == "rpi_volt" && alarm == "1") return true;
  }
  return false;
}

}  // namespace quell::spi
