// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/live_sources.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file_descriptor.h"
#include "base/number.h"
#include "base/size.h"
#include "base/split.h"
#include "host/ipmi_device.h"
#include "host/mei_device.h"

namespace quell::host {
namespace {

using Clock = std::chrono::steady_clock;

Reading failure(int number) {
  const bool refused = number == EACCES || number == EPERM;
  const bool missing = number == ENOENT || number == ENXIO;
  return {refused   ? Reach::denied
          : missing ? Reach::absent
                    : Reach::failed,
          {},
          std::generic_category().message(number)};
}

// Model specific register: eight bytes at the file offset that is its number.
Reading read_msr(std::uint64_t number) {
  const FileDescriptor file(::open("/dev/cpu/0/msr", O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return failure(errno);
  std::array<char, 8> value{};
  const ssize_t count = ::pread(file.get(), value.data(), value.size(), static_cast<off_t>(number));
  if (count < 0 && errno == EIO) return {Reach::absent, {}, "this processor has no such register"};
  if (count != static_cast<ssize_t>(value.size())) return failure(count < 0 ? errno : EIO);
  return {Reach::ok, std::string(value.data(), value.size()), {}};
}

// Four bytes of physical memory, mapped for reading only.
Reading read_memory(std::uint64_t address) {
  const FileDescriptor file(::open("/dev/mem", O_RDONLY | O_CLOEXEC | O_SYNC));
  if (!file.valid()) return failure(errno);
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t start = address / page * page;
  void* mapping = ::mmap(nullptr, page, PROT_READ, MAP_SHARED, file.get(), static_cast<off_t>(start));
  if (mapping == MAP_FAILED) return failure(errno);
  const std::span<const volatile std::uint32_t> words(static_cast<const volatile std::uint32_t*>(mapping), page / 4);
  const std::uint32_t value = words[to_size((address - start) / 4)];
  ::munmap(mapping, page);
  std::string out;
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>((value >> shift) & 0xFFU));
  return {Reach::ok, out, {}};
}

std::optional<Buffer> bytes_of_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  Buffer out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto value = parse_number(hex.substr(i, 2), 16);
    if (!value) return std::nullopt;
    out.push_back(static_cast<std::byte>(*value));
  }
  return out;
}

// "<device>/<client>/<request in hex>"
Reading read_mei(std::string_view path) {
  const auto parts = words_of(path, '/');
  const auto request = parts.size() == 3 ? bytes_of_hex(parts[2]) : std::nullopt;
  if (!request) return {Reach::absent, {}, "no such question"};
  return mei_exchange(std::string(parts[0]), parts[1], *request);
}

// "<device>/<network function, command and data in hex>"
Reading read_ipmi(std::string_view path) {
  const auto parts = words_of(path, '/');
  const auto request = parts.size() == 2 ? bytes_of_hex(parts[1]) : std::nullopt;
  if (!request || request->size() < 2) return {Reach::absent, {}, "no such question"};
  return ipmi_exchange(std::string(parts[0]), std::to_integer<std::uint8_t>(request->at(0)),
                       std::to_integer<std::uint8_t>(request->at(1)), Bytes(*request).subspan(2));
}

// "<device>/<command in hex>": one command to the TPM's resource manager. Only GetCapability is ever passed.
Reading read_tpm(std::string_view path) {
  const auto parts = words_of(path, '/');
  const auto command = parts.size() == 2 ? bytes_of_hex(parts[1]) : std::nullopt;
  if (!command) return {Reach::absent, {}, "no such question"};
  const FileDescriptor device(::open(("/dev/" + std::string(parts[0])).c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!device.valid()) return failure(errno);
  if (::write(device.get(), command->data(), command->size()) != static_cast<ssize_t>(command->size()))
    return failure(errno);
  struct pollfd item {};
  item.fd = device.get();
  item.events = POLLIN;
  constexpr int patience_ms = 2000;
  if (::poll(&item, 1, patience_ms) <= 0) return failure(ETIMEDOUT);
  std::array<char, 4096> reply{};
  const ssize_t count = ::read(device.get(), reply.data(), reply.size());
  if (count < 0) return failure(errno);
  return {Reach::ok, std::string(reply.data(), static_cast<std::size_t>(count)), {}};
}

// A register on AMD's system management network: its address goes into 0x60 of 00:00.0, its value comes out of 0x64.
// The kernel's own drivers use the same pair, so it is read twice and the index put back.
Reading read_smn(std::uint64_t address) {
  const FileDescriptor bridge(::open("/sys/bus/pci/devices/0000:00:00.0/config", O_RDWR | O_CLOEXEC));
  if (!bridge.valid()) return failure(errno);
  constexpr off_t index_register = 0x60;
  constexpr off_t data_register = 0x64;
  const auto index = static_cast<std::uint32_t>(address);
  std::uint32_t before = 0;
  std::array<std::uint32_t, 2> values{};
  bool good = ::pread(bridge.get(), &before, sizeof before, index_register) == sizeof before;
  for (std::uint32_t& value : values) {
    good = good && ::pwrite(bridge.get(), &index, sizeof index, index_register) == sizeof index &&
           ::pread(bridge.get(), &value, sizeof value, data_register) == sizeof value;
  }
  if (good) good = ::pwrite(bridge.get(), &before, sizeof before, index_register) == sizeof before;
  if (!good) return failure(errno == 0 ? EIO : errno);
  if (values[0] != values[1]) return {Reach::failed, {}, "two reads of the register differ"};
  std::string out;
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>((values[0] >> shift) & 0xFFU));
  return {Reach::ok, out, {}};
}

std::optional<std::uint64_t> number_behind(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) ? parse_hex(path.substr(prefix.size())) : std::nullopt;
}

}  // namespace

Reading mei_exchange(const std::string& device, std::string_view client, Bytes request) {
  static const Clock::time_point deadline = Clock::now() + std::chrono::seconds(15);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  if (left.count() <= 0) return {Reach::failed, {}, "the time for questions to the engine (15 s) is used up"};
  MeiLimits limits;
  limits.write = std::min(limits.write, left);
  limits.read = std::min(limits.read, left);
  if (left < limits.read * 2) limits.attempts = 1;
  return mei_converse("/dev/" + device, client, request, limits);
}

bool concerns_an_engine(std::string_view line) {
  constexpr std::array<std::string_view, 12> words = {"mei_me ",
                                                      "mei_txe ",
                                                      "mei mei",
                                                      "mei_hdcp",
                                                      "ccp ",
                                                      "optee: ",
                                                      "psci: ",
                                                      "arm_ffa",
                                                      "qcom_scm",
                                                      "qseecom",
                                                      "raspberrypi-firmware",
                                                      "Reading UEFI Secure Boot Certs is not supported on T2"};
  return std::any_of(words.begin(), words.end(),
                     [line](std::string_view word) { return line.find(word) != std::string_view::npos; });
}

Reading kernel_log_lines() {
  constexpr int read_all = 3;      // SYSLOG_ACTION_READ_ALL
  constexpr int buffer_size = 10;  // SYSLOG_ACTION_SIZE_BUFFER
  constexpr std::size_t longest = std::size_t{4} << 20U;
  constexpr std::size_t most_lines = 200;
  const int size = ::klogctl(buffer_size, nullptr, 0);
  if (size < 0) return failure(errno);
  std::vector<char> buffer(std::min(static_cast<std::size_t>(size), longest));
  const int count = ::klogctl(read_all, buffer.data(), static_cast<int>(buffer.size()));
  if (count < 0) return failure(errno);
  Reading out{Reach::ok, {}, {}};
  std::size_t lines = 0;
  for (const std::string_view line : lines_of(std::string_view(buffer.data(), static_cast<std::size_t>(count)))) {
    if (lines >= most_lines || !concerns_an_engine(line)) continue;
    ++lines;
    out.data += std::string(line) + "\n";
  }
  return out;
}

Reading read_live_source(std::string_view path, std::size_t limit) {
  Reading reading{Reach::absent, {}, "no such source"};
  constexpr std::string_view mei = "/quell/mei/";
  constexpr std::string_view tpm = "/quell/tpm/";
  constexpr std::string_view ipmi = "/quell/ipmi/";
  if (path.starts_with(ipmi)) {
    reading = read_ipmi(path.substr(ipmi.size()));
  } else if (path == "/quell/kernel-log") {
    reading = kernel_log_lines();
  } else if (path.starts_with(mei)) {
    reading = read_mei(path.substr(mei.size()));
  } else if (path.starts_with(tpm)) {
    reading = read_tpm(path.substr(tpm.size()));
  } else if (const auto smn = number_behind(path, "/quell/smn/")) {
    reading = read_smn(*smn);
  } else if (const auto msr = number_behind(path, "/quell/msr/")) {
    reading = read_msr(*msr);
  } else if (const auto address = number_behind(path, "/quell/mem/")) {
    reading = read_memory(*address);
  }
  if (reading.data.size() > limit) reading.data.resize(limit);
  return reading;
}

}  // namespace quell::host
