// SPDX-License-Identifier: GPL-2.0-or-later
// Loaded before the libraries of a program under test. Right after the program has entered its sandbox it tries what an
// intruder would, and writes one line a try to the file QUELL_ATTEMPTS: "PROGRAM WHAT stopped" or "PROGRAM WHAT
// allowed". QUELL_FORBIDDEN is a folder with a file `secret` that no command was named.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

int record = -1;

std::string folder() {
  const char* named = std::getenv("QUELL_FORBIDDEN");
  return named == nullptr ? "/nonexistent" : named;
}

// Must be open before the sandbox is entered.
__attribute__((constructor)) void open_record() {
  const char* path = std::getenv("QUELL_ATTEMPTS");
  if (path != nullptr) record = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
}

void note(const char* what, bool stopped) {
  std::string line = program_invocation_short_name;
  line.append(" ").append(what).append(stopped ? " stopped\n" : " allowed\n");
  static_cast<void>(!::write(record, line.data(), line.size()));
}

void try_file(const char* what, const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  note(what, file < 0 && (errno == EACCES || errno == EPERM));
  if (file >= 0) ::close(file);
}

// Nobody listens there: what is allowed is refused by the port.
void try_connect() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(9);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool stopped =
      socket < 0 ||
      (::connect(socket, static_cast<const sockaddr*>(static_cast<const void*>(&address)), sizeof address) != 0 &&
       (errno == EACCES || errno == EPERM));
  note("connect", stopped);
  if (socket >= 0) ::close(socket);
}

void try_fork() {
  const long child = ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) ::_exit(0);
  note("fork", child < 0);
  if (child > 0) ::waitpid(static_cast<pid_t>(child), nullptr, 0);
}

void try_exec() {
  std::string program = "/bin/true";
  char* arguments[] = {program.data(), nullptr};
  ::execve(program.c_str(), arguments, nullptr);
  // A program that was started instead writes no line.
  note("exec", errno == EACCES || errno == EPERM);
}

}  // namespace

// The program may hold libseccomp itself, but asks the kernel through libc.
extern "C" long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  std::array<long, 6> words{};
  for (long& word : words) word = va_arg(list, long);
  va_end(list);
  void* real = ::dlsym(RTLD_NEXT, "syscall");
  long (*call)(long, ...) = nullptr;
  std::memcpy(&call, &real, sizeof real);
  const long result = call(number, words[0], words[1], words[2], words[3], words[4], words[5]);
  constexpr long set_filter = 1;  // SECCOMP_SET_MODE_FILTER
  if (number != SYS_seccomp || words[0] != set_filter || result != 0 || record < 0) return result;
  try_file("read", folder() + "/secret", O_RDONLY);
  try_file("write", folder() + "/secret", O_WRONLY);
  try_file("create", folder() + "/new", O_WRONLY | O_CREAT);
  try_connect();
  try_fork();
  try_exec();
  return result;
}
