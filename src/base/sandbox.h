// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

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

// For a process that talks to a device which it has opened: gives up programs, processes, new connections, the kernel's
// own interfaces and every capability, and keeps what a driver library may need (files, memory, threads, ioctl).
SandboxLayers enter_device_sandbox();

// "Landlock 7, seccomp"; "none" where there is nothing.
std::string to_string(const SandboxLayers& layers);

}  // namespace quell
