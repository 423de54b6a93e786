// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/get.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include <dlfcn.h>

#include "net/net_module.h"

namespace quell::net {
namespace {

namespace fs = std::filesystem;

// Beside the program in a build folder, else where it is installed.
std::string module_path() {
  std::error_code problem;
  const fs::path program = fs::read_symlink("/proc/self/exe", problem);
  const fs::path beside = program.parent_path() / "libquell-net.so";
  if (!problem && fs::exists(beside, problem)) return beside.string();
  return (program.parent_path() / QUELL_LIBEXEC_FROM_BIN / "libquell-net.so").string();
}

// Loaded once, on first use, and kept.
quell_net_get_function load_get() {
  static const quell_net_get_function function = []() -> quell_net_get_function {
    void* module = ::dlopen(module_path().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) return nullptr;
    // dlsym gives an object pointer; POSIX guarantees that it may be used as a function.
    return reinterpret_cast<quell_net_get_function>(  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
        ::dlsym(module, "quell_net_get"));
  }();
  return function;
}

}  // namespace

void load_module() { static_cast<void>(load_get()); }

Result<std::string> get_head(const std::string& url, std::chrono::milliseconds timeout) {
  const quell_net_get_function get = load_get();
  if (get == nullptr)
    return fail(Errc::unsupported, "the module quell-net (libcurl) is not installed, so no HTTP request was made");
  std::string head(std::size_t{16} << 10U, '\0');
  std::array<char, 256> problem{};
  quell_net_result result{head.data(), head.size(), 0, false, false, problem.data(), problem.size()};
  const int status = get(url.c_str(), std::max<long>(1, timeout.count()), &result);
  head.resize(result.head_used);
  if (status == 0) return head;
  return fail(result.connected ? Errc::unrecognised : Errc::io, problem.data());
}

}  // namespace quell::net
