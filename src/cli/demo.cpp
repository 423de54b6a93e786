// SPDX-License-Identifier: GPL-2.0-or-later
// Shows the program at work on a synthetic machine: every step is this very program, run as a user would run it.
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "cli/command.h"
#include "specimen/intel.h"
#ifdef QUELL_CHIP
#include "spi/worker_client.h"
#endif

namespace quell::cli {
namespace {

namespace fs = std::filesystem;

volatile std::sig_atomic_t interrupted = 0;

extern "C" void remember_signal(int number) { interrupted = number; }

// Until the end of its life, signals that end the program are remembered instead, so that the folder can be removed.
class HeldSignals {
 public:
  HeldSignals() {
    struct sigaction action {};
    action.sa_handler = remember_signal;
    for (std::size_t i = 0; i < numbers.size(); ++i) ::sigaction(numbers.at(i), &action, &before_.at(i));
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals() {
    for (std::size_t i = 0; i < numbers.size(); ++i) ::sigaction(numbers.at(i), &before_.at(i), nullptr);
    if (interrupted != 0) static_cast<void>(::raise(interrupted));
  }

  static constexpr std::array numbers{SIGINT, SIGTERM, SIGHUP};

 private:
  std::array<struct sigaction, numbers.size()> before_{};
};

class Folder {
 public:
  static Result<Folder> create(const std::string& wanted) {
    Folder folder;
    if (!wanted.empty()) {
      std::error_code error;
      fs::create_directories(wanted, error);
      if (error) return fail(Errc::io, fmt::format("{}: cannot be made: {}", wanted, error.message()));
      folder.path_ = wanted;
      return folder;
    }
    std::string name = (fs::temp_directory_path() / "quell-demo-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      return fail(Errc::io, fmt::format("{}: cannot be made: {}", name, std::strerror(errno)));
    }
    folder.path_ = name;
    folder.temporary_ = true;
    return folder;
  }
  Folder(Folder&& other) noexcept : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, false)) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder& operator=(Folder&&) = delete;
  ~Folder() {
    std::error_code ignored;
    if (temporary_) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

 private:
  Folder() = default;
  fs::path path_{};
  bool temporary_ = false;
};

// Runs this program with these arguments in the folder and waits. Returns its exit status.
Result<int> run_self(const fs::path& folder, std::vector<std::string> arguments) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return fail(Errc::io, fmt::format("/proc/self/exe: {}", error.message()));
  arguments.insert(arguments.begin(), "quell");
  std::vector<char*> words;
  words.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);

  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  sigset_t usual{};
  ::sigemptyset(&usual);
  for (const int number : HeldSignals::numbers) ::sigaddset(&usual, number);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, program.c_str(), &actions, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return fail(Errc::io, fmt::format("{}: {}", program.string(), std::strerror(failed)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status)) return fail(Errc::io, "a step of the demo was interrupted");
  return WEXITSTATUS(status);
}

struct Step {
  std::string_view explanation{};
  std::vector<std::string> arguments{};
  int expected = done;  // exit status
};

const std::array<Step, 6>& steps() {
  static const std::array<Step, 6> list{{
      {"What is in the dump? The regions, the engine with its version and signature, what can be done about it.",
       {"inspect", "machine.rom"}},
      {"Is the dump sound? A dump read through a loose clip must not be flashed back.", {"check", "machine.rom"}},
      {"Before anything is written: what would be changed, and why?",
       {"clean", "machine.rom", "--accept-descriptor-alone", "--dry-run"}},
      {"Neutralise it. The original stays as it is; the result is proven before it is written.",
       {"clean", "machine.rom", "--accept-descriptor-alone", "-o", "quiet.rom", "-q"}},
      {"What is different now? The engine keeps what the machine needs to start, and its disable bit is set.\n"
       "(Status 1 of diff means: they differ.)",
       {"diff", "machine.rom", "quiet.rom"},
       verdict_bad},
      {"And is the result still a sound image?", {"check", "-q", "quiet.rom"}},
  }};
  return list;
}

#ifdef QUELL_CHIP
bool have_chips() {
  std::error_code problem;
  return fs::exists(spi::worker_program(), problem);
}
#else
bool have_chips() { return false; }
#endif

// The same machine's chip as libflashrom emulates it: a file again, and no device.
std::vector<Step> chip_steps() {
  const std::string chip = "dummy:bus=spi,emulate=MX25L6436,image=chip.img";
  const auto on_chip = [&](std::vector<std::string> arguments) {
    const std::string definition = "MX25L6436E/MX25L6445E/MX25L6465E/MX25L6473E/MX25L6473F";
    arguments.insert(arguments.end(), {"-p", chip, "--chip", definition, "--vault", "vault"});
    return arguments;
  };
  return {
      {"Now the chip itself. On a real board: a clip and a programmer (-p ch341a, -p rpi); here one that libflashrom\n"
       "emulates. What answers? (Status 1 means: several definitions fit, and the marking on the chip decides.)",
       {"probe", "-p", chip},
       verdict_bad},
      {"Nothing is written without a backup: read until two reads agree, check, keep.", on_chip({"backup"})},
      {"Write what differs, unit by unit with a journal, and prove it by an independent read.",
       on_chip({"flash", "quiet.rom", "--yes"})},
      {"And the way back.", on_chip({"restore", "--yes", "-q"})},
      {"The chip holds the original again.", {"diff", "-q", "machine.rom", "chip.img"}},
  };
}

std::string command_line(const std::vector<std::string>& arguments) {
  std::string line = "quell";
  for (const std::string& argument : arguments) line += " " + argument;
  return line;
}

Result<void> show(const Step& step, const fs::path& folder, const Session& session) {
  const bool color = session.use_color();
  print(fmt::format("\n{}\n\n{}$ {}{}\n", step.explanation, color ? "\x1b[1m" : "", command_line(step.arguments),
                    color ? "\x1b[0m" : ""));
  std::vector<std::string> arguments = step.arguments;
  constexpr std::array<std::string_view, 3> coloured{"inspect", "check", "diff"};
  if (std::ranges::find(coloured, step.arguments.front()) != coloured.end())
    arguments.emplace_back(color ? "--color=always" : "--color=never");
  QUELL_TRY(const int status, run_self(folder, std::move(arguments)));
  if (status == step.expected) return {};
  return fail(Errc::io, fmt::format("`{}` ended with status {} where {} was expected", command_line(step.arguments),
                                    status, step.expected));
}

Result<void> demo(const std::string& wanted, const Session& session) {
  const HeldSignals held;
  QUELL_TRY(const Folder folder, Folder::create(wanted));
  print(
      "A machine of our own making: an 8 MiB flash chip of a 2012 laptop with descriptor, network controller,\n"
      "BIOS, and an ME 8 firmware. Its code is noise and its signing key is our own (which is what the one\n"
      "warning below is about); its structures, checksums, digests and signatures are complete.\n");
  QUELL_CHECK(write_file(folder.path() / "machine.rom", specimen::intel_dump(specimen::IntelFlavour::me8)));
  std::vector<Step> all(steps().begin(), steps().end());
  if (have_chips()) {
    QUELL_CHECK(write_file(folder.path() / "chip.img", specimen::intel_dump(specimen::IntelFlavour::me8)));
    std::ranges::move(chip_steps(), std::back_inserter(all));
  }
  for (const Step& step : all) {
    if (interrupted != 0) return fail(Errc::io, "interrupted");
    QUELL_CHECK(show(step, folder.path(), session));
  }
  if (!have_chips()) print("\nThe steps on the chip are left out: this build has no libflashrom.\n");
  print("\nThat was all on files. Nothing on this machine was read or changed.\n");
  if (!wanted.empty()) print(fmt::format("The images are in {}.\n", wanted));
  return {};
}

}  // namespace

void add_demo(const Command& app, Session& session) {
  auto folder = std::make_shared<std::string>();
  const Command command =
      add_command(app, session, "demo", "show the program at work on a synthetic machine, in a temporary folder",
                  "quell demo --keep /tmp/demo", no_choice);
  command.option("--keep", *folder, "work in this folder and leave the images there");
  command.option("--color", session.color, "colour the text: auto, always, never").one_of({"auto", "always", "never"});
  command.callback([folder, &session] {
    const auto shown = demo(*folder, session);
    session.status = shown ? done : complain(shown.error(), "demo");
  });
}

}  // namespace quell::cli
