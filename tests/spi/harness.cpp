// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/harness.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_descriptor.h"
#include "quell/intel/clean.h"
#include "quell/mapped_file.h"
#include "specimen/intel.h"

namespace quell::test {
namespace {

// What a program writes into a pipe, collected by a thread until `end` (a helper of the program may keep it open).
class Collector {
 public:
  Collector() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    read_ = FileDescriptor(ends[0]);
    write_ = FileDescriptor(ends[1]);
    thread_ = std::thread([this] { collect(); });
  }
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  ~Collector() { static_cast<void>(end()); }
  [[nodiscard]] int entrance() const noexcept { return write_.get(); }
  std::string end() {
    write_ = FileDescriptor();
    ended_ = true;
    if (thread_.joinable()) thread_.join();
    return std::move(text_);
  }

 private:
  void collect() {
    std::array<char, 4096> part{};
    for (;;) {
      const bool last = ended_;
      pollfd entry{read_.get(), POLLIN, 0};
      const int ready = ::poll(&entry, 1, last ? 0 : 10);
      if (ready == 0 && last) return;
      if (ready <= 0) continue;
      const ssize_t got = ::read(read_.get(), part.data(), part.size());
      if (got <= 0) return;
      text_.append(part.data(), static_cast<std::size_t>(got));
    }
  }

  FileDescriptor read_{};
  FileDescriptor write_{};
  std::atomic<bool> ended_ = false;
  std::string text_{};
  std::thread thread_{};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// Polls rather than waits, so that a program that hangs is killed.
int wait_for(pid_t process, unsigned seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  auto pause = std::chrono::microseconds(200);
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(process, &status, WNOHANG);
    if (ended == process) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (std::chrono::steady_clock::now() > deadline) ::kill(process, SIGKILL);
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::microseconds(5000));
  }
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "quell-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code problem;
  std::filesystem::remove_all(path_, problem);
}

Outcome run(const std::vector<std::string>& arguments, const RunOptions& options) {
  const TemporaryFolder folder;
  std::vector<std::string> words{options.program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment = options.environment;
  for (char** entry = environ; *entry != nullptr; entry = std::next(entry)) environment.emplace_back(*entry);
  write_bytes(folder / "in", as_bytes(options.input));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, (folder / "in").c_str(), O_RDONLY, 0);
  Collector output, errors;
  posix_spawn_file_actions_adddup2(&actions, output.entrance(), 1);
  posix_spawn_file_actions_adddup2(&actions, errors.entrance(), 2);
  rlimit former{};
  ::getrlimit(RLIMIT_FSIZE, &former);
  if (options.file_size_limit != 0) {
    const rlimit limit{options.file_size_limit, former.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  auto argument_list = pointers(words);
  auto environment_list = pointers(environment);
  pid_t process = -1;
  const int problem = ::posix_spawn(&process, options.program.c_str(), &actions, nullptr, argument_list.data(),
                                    environment_list.data());
  ::setrlimit(RLIMIT_FSIZE, &former);
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) throw std::runtime_error(options.program + " does not start");
  if (options.started) options.started(process);
  Outcome outcome;
  outcome.status = wait_for(process, options.seconds);
  outcome.output = output.end();
  outcome.errors = errors.end();
  return outcome;
}

Buffer read_bytes(const std::filesystem::path& path) {
  const auto file = MappedFile::copy(path);
  if (!file) return {};
  return Buffer(file->bytes().begin(), file->bytes().end());
}

void write_bytes(const std::filesystem::path& path, Bytes bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wbe");
  if (file == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size())
    throw std::runtime_error(path.string());
  std::fclose(file);
}

Buffer machine(std::uint64_t size, std::uint32_t seed) {
  specimen::IntelOptions options;
  options.seed = seed;
  options.flash_size = size;
  if (size < 8 * 1024 * 1024) {
    options.me_size = size / 2;
    options.code_size = 2048;
  }
  return specimen::intel_dump(specimen::IntelFlavour::me8, options);
}

Buffer amd_machine(specimen::AmdLayout layout, std::uint64_t size) {
  constexpr std::uint64_t block = 4096;
  Buffer dump = specimen::amd_image(layout, {.size = size});
  std::mt19937 random(9);
  for (std::uint64_t at = size / 2; at < size; at += block) {
    const auto free = std::span(dump).subspan(at, block);
    if (!ByteView(Bytes(free)).filled_with(std::byte{0xFF})) continue;
    for (std::byte& byte : free.first(block / 2)) byte = static_cast<std::byte>(random() & 0xFFU);
  }
  return dump;
}

Buffer quieted(const Buffer& dump) {
  const Image image("machine", ByteView(dump));
  intel::CleanOptions options;
  options.soft_disable = true;
  options.accepted.add(Override::descriptor_alone);  // the specimens' key is nobody's
  const auto plan = intel::plan_clean(image, options);
  if (!plan) throw std::runtime_error(plan.error().message);
  auto cleaned = intel::apply_clean(*plan, image);
  if (!cleaned) throw std::runtime_error(cleaned.error().message);
  return *std::move(cleaned);
}

}  // namespace quell::test
