// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/sandbox.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef QUELL_HAS_SECCOMP
#include <seccomp.h>
#endif

#include "base/file_descriptor.h"

namespace quell {
namespace {

namespace fs = std::filesystem;

// Rights that came after the second version of the interface (linux/landlock.h of Linux 6.12), which older headers
// lack.
constexpr std::uint64_t access_truncate = std::uint64_t{1} << 14U;      // version 3
constexpr std::uint64_t access_ioctl_device = std::uint64_t{1} << 15U;  // version 5
constexpr std::uint64_t access_bind_and_connect = std::uint64_t{3};     // version 4
constexpr std::uint64_t access_connect = std::uint64_t{2};              // version 4
constexpr std::uint64_t scope_sockets_and_signals = std::uint64_t{3};   // version 6
struct Ruleset {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scoped;
};
// A port and what may be done with it.
constexpr int rule_of_a_port = 2;
struct PortRule {
  std::uint64_t rights;
  std::uint64_t port;
};

constexpr std::uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t replacing = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                                    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                                    LANDLOCK_ACCESS_FS_REMOVE_FILE | access_truncate;
constexpr std::uint64_t building =
    replacing | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER;
constexpr std::uint64_t steering = reading | LANDLOCK_ACCESS_FS_WRITE_FILE | access_truncate | access_ioctl_device;
constexpr std::uint64_t starting = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE;

// Sanitizers start processes and map terabytes at the end of the program.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer);
#else
constexpr bool sanitized = false;
#endif

// NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): the kernel's interfaces
int landlock_version() {
  return static_cast<int>(::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

// All rights of files that this version knows.
std::uint64_t known_rights(int version) {
  std::uint64_t rights = (std::uint64_t{1} << 13U) - 1;
  if (version >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) rights |= access_truncate;
  if (version >= 5) rights |= access_ioctl_device;
  return rights;
}

void allow(int ruleset, std::uint64_t rights, const fs::path& path, std::uint64_t handled) {
  const FileDescriptor place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat status {};
  if (!place.valid() || ::fstat(place.get(), &status) != 0) return;
  // Rights that only a folder can have are refused for anything else.
  constexpr std::uint64_t of_files = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                     LANDLOCK_ACCESS_FS_READ_FILE | access_truncate | access_ioctl_device;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = rights & handled & (S_ISDIR(status.st_mode) ? ~std::uint64_t{0} : of_files);
  rule.parent_fd = place.get();
  static_cast<void>(::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
}

// Where a file is made or replaced: its folder, and what it is now when that is a device.
void allow_output(int ruleset, const fs::path& file, std::uint64_t handled) {
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    allow(ruleset, LANDLOCK_ACCESS_FS_WRITE_FILE, file, handled);
    return;
  }
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(file, ignored);
  const fs::path folder = (real.empty() ? file : real).parent_path();
  allow(ruleset, replacing, folder.empty() ? fs::path(".") : folder, handled);
}

int enter_landlock(const DeviceNeeds& needs) {
  const int version = landlock_version();
  if (version <= 0) return 0;
  const std::uint64_t handled = known_rights(version);
  const Ruleset rules{handled, version >= 4 ? access_bind_and_connect : 0,
                      version >= 6 ? scope_sockets_and_signals : 0};
  const std::size_t size = version >= 6 ? sizeof rules : version >= 4 ? 2 * sizeof rules.files : sizeof rules.files;
  const FileDescriptor ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, size, 0)));
  if (!ruleset.valid()) return 0;
  // At the end of the program the leak check reads which threads there are.
  if (sanitized) allow(ruleset.get(), reading, "/proc", handled);
  for (const fs::path& path : needs.files.read) allow(ruleset.get(), reading, path, handled);
  for (const fs::path& path : needs.files.write_files) allow_output(ruleset.get(), path, handled);
  for (const fs::path& path : needs.files.write_below) allow(ruleset.get(), building, path, handled);
  for (const fs::path& path : needs.devices) allow(ruleset.get(), steering, path, handled);
  for (const fs::path& path : needs.programs) allow(ruleset.get(), starting, path, handled);
  for (const std::uint16_t port : needs.ports) {
    const PortRule rule{access_connect, port};
    static_cast<void>(::syscall(SYS_landlock_add_rule, ruleset.get(), rule_of_a_port, &rule, 0));
  }
  return ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) == 0 ? version : 0;
}

#ifdef QUELL_HAS_SECCOMP
class Filter {
 public:
  explicit Filter(std::uint32_t otherwise) : context_(::seccomp_init(otherwise)) {}
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  Filter(Filter&&) = delete;
  Filter& operator=(Filter&&) = delete;
  ~Filter() {
    if (context_ != nullptr) ::seccomp_release(context_);
  }

  template <class Calls>
  void add(std::uint32_t action, const Calls& calls) {
    // A call that this architecture lacks has no number, and none to be made.
    for (const int call : calls) static_cast<void>(::seccomp_rule_add_exact(context_, action, call, 0));
  }
  void add_where(std::uint32_t action, int call, scmp_arg_cmp condition) {
    static_cast<void>(::seccomp_rule_add_exact_array(context_, action, call, 1, &condition));
  }
  // Not only of the one that loads it. Where the kernel cannot, of that one.
  void of_all_threads() { static_cast<void>(::seccomp_attr_set(context_, SCMP_FLTATR_CTL_TSYNC, 1)); }
  bool load() { return context_ != nullptr && ::seccomp_load(context_) == 0; }

 private:
  scmp_filter_ctx context_;
};

// What a program does that computes, and reads and writes what is open.
constexpr std::array quiet_calls{SCMP_SYS(read),
                                 SCMP_SYS(write),
                                 SCMP_SYS(readv),
                                 SCMP_SYS(writev),
                                 SCMP_SYS(pread64),
                                 SCMP_SYS(pwrite64),
                                 SCMP_SYS(lseek),
                                 SCMP_SYS(close),
                                 SCMP_SYS(fstat),
                                 SCMP_SYS(newfstatat),
                                 SCMP_SYS(stat),
                                 SCMP_SYS(lstat),
                                 SCMP_SYS(statx),
                                 SCMP_SYS(readlink),
                                 SCMP_SYS(readlinkat),
                                 SCMP_SYS(access),
                                 SCMP_SYS(faccessat),
                                 SCMP_SYS(faccessat2),
                                 SCMP_SYS(fsync),
                                 SCMP_SYS(fdatasync),
                                 SCMP_SYS(sync_file_range),
                                 SCMP_SYS(ftruncate),
                                 SCMP_SYS(fchmod),
                                 SCMP_SYS(fchown),
                                 SCMP_SYS(flock),
                                 SCMP_SYS(fcntl),
                                 SCMP_SYS(dup),
                                 SCMP_SYS(getcwd),
                                 SCMP_SYS(mmap),
                                 SCMP_SYS(mremap),
                                 SCMP_SYS(munmap),
                                 SCMP_SYS(mprotect),
                                 SCMP_SYS(madvise),
                                 SCMP_SYS(brk),
                                 SCMP_SYS(futex),
                                 SCMP_SYS(rt_sigaction),
                                 SCMP_SYS(rt_sigprocmask),
                                 SCMP_SYS(rt_sigreturn),
                                 SCMP_SYS(rt_sigpending),
                                 SCMP_SYS(sigaltstack),
                                 SCMP_SYS(restart_syscall),
                                 SCMP_SYS(set_robust_list),
                                 SCMP_SYS(rseq),
                                 SCMP_SYS(membarrier),
                                 SCMP_SYS(sched_yield),
                                 SCMP_SYS(sched_getaffinity),
                                 SCMP_SYS(clock_gettime),
                                 SCMP_SYS(clock_getres),
                                 SCMP_SYS(clock_nanosleep),
                                 SCMP_SYS(nanosleep),
                                 SCMP_SYS(gettimeofday),
                                 SCMP_SYS(time),
                                 SCMP_SYS(getrandom),
                                 SCMP_SYS(getpid),
                                 SCMP_SYS(gettid),
                                 SCMP_SYS(getuid),
                                 SCMP_SYS(geteuid),
                                 SCMP_SYS(getgid),
                                 SCMP_SYS(getegid),
                                 SCMP_SYS(poll),
                                 SCMP_SYS(ppoll),
                                 SCMP_SYS(prlimit64),
                                 SCMP_SYS(sysinfo),
                                 SCMP_SYS(uname),
                                 SCMP_SYS(tgkill),
                                 SCMP_SYS(exit),
                                 SCMP_SYS(exit_group),
                                 SCMP_SYS(getrusage)};

// What works on names; Landlock says on which.
constexpr std::array naming_calls{SCMP_SYS(open),   SCMP_SYS(openat),    SCMP_SYS(openat2),  SCMP_SYS(getdents64),
                                  SCMP_SYS(mkdir),  SCMP_SYS(mkdirat),   SCMP_SYS(unlink),   SCMP_SYS(unlinkat),
                                  SCMP_SYS(rmdir),  SCMP_SYS(rename),    SCMP_SYS(renameat), SCMP_SYS(renameat2),
                                  SCMP_SYS(linkat), SCMP_SYS(fadvise64), SCMP_SYS(fstatfs),  SCMP_SYS(fallocate)};

// What exchanges data over a socket that is open.
constexpr std::array talking_calls{SCMP_SYS(sendto),  SCMP_SYS(recvfrom),   SCMP_SYS(sendmsg),
                                   SCMP_SYS(recvmsg), SCMP_SYS(getsockopt), SCMP_SYS(shutdown)};

// What a library that drives an open device has no business with.
constexpr std::array device_denied{SCMP_SYS(ptrace),
                                   SCMP_SYS(bpf),
                                   SCMP_SYS(listen),
                                   SCMP_SYS(accept),
                                   SCMP_SYS(accept4),
                                   SCMP_SYS(mount),
                                   SCMP_SYS(umount2),
                                   SCMP_SYS(pivot_root),
                                   SCMP_SYS(chroot),
                                   SCMP_SYS(init_module),
                                   SCMP_SYS(finit_module),
                                   SCMP_SYS(delete_module),
                                   SCMP_SYS(kexec_load),
                                   SCMP_SYS(kexec_file_load),
                                   SCMP_SYS(reboot),
                                   SCMP_SYS(swapon),
                                   SCMP_SYS(swapoff),
                                   SCMP_SYS(add_key),
                                   SCMP_SYS(request_key),
                                   SCMP_SYS(keyctl),
                                   SCMP_SYS(unshare),
                                   SCMP_SYS(setns),
                                   SCMP_SYS(process_vm_readv),
                                   SCMP_SYS(process_vm_writev),
                                   SCMP_SYS(userfaultfd),
                                   SCMP_SYS(perf_event_open),
                                   SCMP_SYS(open_by_handle_at),
                                   SCMP_SYS(memfd_create),
                                   SCMP_SYS(io_uring_setup),
                                   SCMP_SYS(chmod),
                                   SCMP_SYS(fchmodat),
                                   SCMP_SYS(chown),
                                   SCMP_SYS(fchownat),
                                   SCMP_SYS(setuid),
                                   SCMP_SYS(setgid),
                                   SCMP_SYS(setresuid),
                                   SCMP_SYS(setresgid)};

// The same for a library that starts no program. A lock or a watcher of devices binds a socket without a network.
constexpr std::array program_denied{SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
                                    SCMP_SYS(bind)};

// A thread is a clone of this kind; what makes a process lacks the flag. clone3 hides its flags behind a pointer: with
// "no such call" glibc takes clone.
void allow_threads_only(Filter& filter, std::uint32_t action, bool allow) {
  constexpr scmp_datum_t thread = CLONE_THREAD;
  filter.add_where(action, SCMP_SYS(clone), scmp_arg_cmp{0, SCMP_CMP_MASKED_EQ, thread, allow ? thread : 0});
  filter.add(SCMP_ACT_ERRNO(ENOSYS), std::array{SCMP_SYS(clone3)});
}

bool enter_seccomp(const SandboxNeeds& needs) {
  if (sanitized) return false;
  Filter filter(SCMP_ACT_ERRNO(EPERM));
  filter.add(SCMP_ACT_ALLOW, quiet_calls);
  if (needs.any()) filter.add(SCMP_ACT_ALLOW, naming_calls);
  if (needs.handed_files) filter.add(SCMP_ACT_ALLOW, std::array{SCMP_SYS(recvmsg)});
  if (needs.connected) filter.add(SCMP_ACT_ALLOW, talking_calls);
  for (const scmp_datum_t request : {scmp_datum_t{TCGETS}, scmp_datum_t{TIOCGWINSZ}}) {
    // Of the request the kernel reads 32 bits.
    filter.add_where(SCMP_ACT_ALLOW, SCMP_SYS(ioctl), {1, SCMP_CMP_MASKED_EQ, 0xFFFFFFFF, request});
  }
  allow_threads_only(filter, SCMP_ACT_ALLOW, true);
  return filter.load();
}

bool enter_device_seccomp(const DeviceNeeds& needs) {
  if (sanitized) return false;
  Filter filter(SCMP_ACT_ALLOW);
  filter.of_all_threads();
  filter.add(SCMP_ACT_ERRNO(EPERM), device_denied);
  if (needs.ports.empty()) filter.add(SCMP_ACT_ERRNO(EPERM), std::array{SCMP_SYS(connect)});
  if (needs.programs.empty()) {
    filter.add(SCMP_ACT_ERRNO(EPERM), program_denied);
    allow_threads_only(filter, SCMP_ACT_ERRNO(EPERM), false);
  }
  return filter.load();
}
#else
bool enter_seccomp(const SandboxNeeds& /*needs*/) { return false; }
bool enter_device_seccomp(const DeviceNeeds& /*needs*/) { return false; }
#endif

bool give_up_privileges() { return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0; }

void drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  static_cast<void>(::syscall(SYS_capset, &header, none.data()));
}
// NOLINTEND(cppcoreguidelines-pro-type-vararg)

// No image in a core dump, and an end to memory that a fault would take without one.
void set_limits() {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  constexpr rlim_t most_memory = rlim_t{8} << 30U;
  rlimit memory{};
  if (sanitized || ::getrlimit(RLIMIT_AS, &memory) != 0 || memory.rlim_max <= most_memory) return;
  memory = {most_memory, most_memory};
  ::setrlimit(RLIMIT_AS, &memory);
}

}  // namespace

SandboxLayers available_sandbox() {
  SandboxLayers layers;
  layers.landlock = std::max(0, landlock_version());
#ifdef QUELL_HAS_SECCOMP
  // The filter is asked for with a null pointer: EFAULT says that there is one.
  layers.seccomp = !sanitized && ::prctl(PR_SET_SECCOMP, 2, nullptr) == -1 && errno == EFAULT;
#endif
  layers.no_new_privileges = true;
  return layers;
}

SandboxLayers enter_sandbox(const SandboxNeeds& needs) {
  SandboxLayers layers;
  set_limits();
  layers.no_new_privileges = give_up_privileges();
  layers.landlock = enter_landlock({.files = needs});
  layers.seccomp = enter_seccomp(needs);
  return layers;
}

void limit_memory(std::uint64_t more) {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0;  // of address space, the first number of the line
  if (sanitized || !(file >> pages)) return;
  const rlim_t most = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + more;
  rlimit memory{};
  if (::getrlimit(RLIMIT_AS, &memory) != 0 || memory.rlim_max <= most) return;
  memory = {most, most};
  ::setrlimit(RLIMIT_AS, &memory);
}

SandboxLayers enter_device_sandbox(const DeviceNeeds& needs) {
  SandboxLayers layers;
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  layers.no_new_privileges = give_up_privileges();
  if (!needs.privileged) drop_capabilities();
  layers.landlock = enter_landlock(needs);
  layers.seccomp = enter_device_seccomp(needs);
  return layers;
}

std::string to_string(const SandboxLayers& layers) {
  std::string out;
  if (layers.landlock > 0) out = fmt::format("Landlock {}", layers.landlock);
  if (layers.seccomp) out += out.empty() ? "seccomp" : ", seccomp";
  return out.empty() ? "none" : out;
}

}  // namespace quell
