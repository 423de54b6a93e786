// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace quell {

// What a command still does with files once its input is open. Everything else is taken away before the first byte of
// the input is looked at: other files, the network, other programs, other processes.
struct SandboxNeeds {
  std::vector<std::filesystem::path> read{};         // files that are opened later, and folders with all below them
  std::vector<std::filesystem::path> write_files{};  // files that are made or replaced later, by their whole paths
  std::vector<std::filesystem::path> write_below{};  // folders in which anything may be made and removed
  bool handed_files = false;                         // open files come over a socket that it holds
  bool connected = false;                            // connections that are open already are used on

  [[nodiscard]] bool any() const noexcept { return !read.empty() || !write_files.empty() || !write_below.empty(); }
};

// The layers of the sandbox. Each is used where the kernel and the build have it.
struct SandboxLayers {
  int landlock = 0;  // its interface's version; 0: none
  bool seccomp = false;
  bool no_new_privileges = false;

  // Neither layer is missing.
  [[nodiscard]] bool complete() const noexcept { return landlock > 0 && seccomp; }
};

// What this kernel and this build offer.
SandboxLayers available_sandbox();

// Gives up, for this process and for good, all that `needs` does not name. To be called before any thread is started;
// helpers must run already. Returns what is in force.
SandboxLayers enter_sandbox(const SandboxNeeds& needs);

// Bounds the memory that this process may take beyond what it has now; more than that is std::bad_alloc. Builds with
// sanitizers, which map terabytes, take no notice.
void limit_memory(std::uint64_t more);

// What a command still needs that works with devices or with a host.
struct DeviceNeeds {
  SandboxNeeds files{};
  std::vector<std::filesystem::path> devices{};   // opened for writing and steered, with all below them
  std::vector<std::filesystem::path> programs{};  // started later; they live under the same rules
  std::vector<std::uint16_t> ports{};             // where it connects to over TCP
  bool privileged = false;                        // its capabilities stay
};

// For a process that talks to devices or to a host through a library: gives up the files, programs, processes and
// connections that `needs` does not name, the kernel's own interfaces and every capability. Which calls a library makes
// is its own affair, so the filter names what is barred, not what is allowed. Its threads are confined by the filter
// too.
SandboxLayers enter_device_sandbox(const DeviceNeeds& needs);

// "Landlock 7, seccomp"; "none" where there is nothing.
std::string to_string(const SandboxLayers& layers);

}  // namespace quell
