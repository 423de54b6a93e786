// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "cli/command.h"
#include "quell/mapped_file.h"

namespace quell::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view marker = "# Written by `quell hide`; `quell hide --remove` takes it away.\n";

struct Rule {
  const char* path;
  std::string_view content;
};

// The drivers of the engine's host interface, and what stands on them. "install X /bin/false" also stops a module that
// another one asks for. intel_pmt and the graphics engines' mei_gsc stay: they are not the host's engine.
constexpr std::array<Rule, 2> rules = {
    Rule{"etc/modprobe.d/quell-hide-engine.conf",
         "blacklist mei_me\ninstall mei_me /bin/false\n"
         "blacklist mei_txe\ninstall mei_txe /bin/false\n"
         "blacklist mei_wdt\ninstall mei_wdt /bin/false\n"
         "blacklist mei_hdcp\ninstall mei_hdcp /bin/false\n"
         "blacklist mei_pxp\ninstall mei_pxp /bin/false\n"},
    Rule{"etc/udev/rules.d/60-quell-hide-engine.rules",
         "# A driver that is loaded all the same: its device is for nobody, its PCI function is let go.\n"
         "SUBSYSTEM==\"mei\", MODE=\"0000\"\n"
         "ACTION==\"bind\", SUBSYSTEM==\"pci\", ATTR{vendor}==\"0x8086\", ATTR{class}==\"0x078000\", "
         "DRIVER==\"mei_me\", RUN+=\"/bin/sh -c 'echo %k > /sys/bus/pci/drivers/mei_me/unbind'\"\n"}};

constexpr std::string_view plain_words =
    "This only keeps the operating system from talking to the engine. The engine itself runs on as before, with all\n"
    "its access; to quiet it, its firmware must be changed (`quell status` tells the options, `quell guide` the "
    "way).\n";

struct HideCommand {
  bool write = false;
  bool remove = false;
  std::string root = "/";
};

enum class State { absent, ours, other_version, foreign };

State state_of(const fs::path& path, const Rule& rule) {
  std::error_code problem;
  if (!fs::exists(path, problem)) return State::absent;
  const auto file = MappedFile::open(path);
  if (!file || !file->view().matches(0, marker)) return State::foreign;
  const std::string wanted = std::string(marker) + std::string(rule.content);
  return equal(file->bytes(), as_bytes(wanted)) ? State::ours : State::other_version;
}

Error foreign_file(const fs::path& path) {
  return {Errc::refused, path.string() + ": exists and was not written by `quell hide`; move it away first",
          std::nullopt};
}

Result<void> write_rules(const fs::path& root) {
  for (const Rule& rule : rules) {
    if (state_of(root / rule.path, rule) == State::foreign) return tl::unexpected(foreign_file(root / rule.path));
  }
  for (const Rule& rule : rules) {
    const fs::path path = root / rule.path;
    std::error_code problem;
    fs::create_directories(path.parent_path(), problem);
    if (problem) return fail(Errc::io, path.parent_path().string() + ": " + problem.message());
    QUELL_CHECK(write_file(path, as_bytes(std::string(marker) + std::string(rule.content))));
    print(path.string() + ": written\n");
  }
  print(
      "In effect from the next start on; on systems with an early root file system run\n"
      "`update-initramfs -u` (Debian) or `dracut -f` (Fedora) first.\n");
  return {};
}

Result<void> remove_rules(const fs::path& root) {
  for (const Rule& rule : rules) {
    const fs::path path = root / rule.path;
    const State state = state_of(path, rule);
    if (state == State::foreign) return tl::unexpected(foreign_file(path));
    if (state == State::absent) {
      print(path.string() + ": not there\n");
    } else if (std::error_code problem; fs::remove(path, problem)) {
      print(path.string() + ": removed\n");
    } else {
      return fail(Errc::io, path.string() + ": " + problem.message());
    }
  }
  return {};
}

void show_rules(const fs::path& root) {
  constexpr std::array<const char*, 4> words = {"not there", "in place", "in place, from another version of quell",
                                                "a file of that name that quell did not write"};
  for (const Rule& rule : rules) {
    const fs::path path = root / rule.path;
    print(fmt::format("{}: {}\n", path.string(), words.at(static_cast<std::size_t>(state_of(path, rule)))));
    print(std::string(marker) + std::string(rule.content) + "\n");
  }
}

int run(const HideCommand& options) {
  Result<void> result;
  if (options.write) {
    result = write_rules(options.root);
  } else if (options.remove) {
    result = remove_rules(options.root);
  } else {
    show_rules(options.root);
  }
  if (!result) return complain(result.error());
  if (!options.remove) print(plain_words);
  return done;
}

}  // namespace

void add_hide(const Command& app, Session& session) {
  auto options = std::make_shared<HideCommand>();
  const Command command =
      add_command(app, session, "hide", "keep the operating system from talking to the engine",
                  "quell hide                shows the rules and whether they are in place\n"
                  "  sudo quell hide --write   writes them; sudo quell hide --remove takes them away\n\n" +
                      std::string(plain_words),
                  false);
  const Option write = command.flag("--write", options->write, "write the module settings and the udev rule");
  command.flag("--remove", options->remove, "remove them").excludes(write);
  command.option("--root", options->root, "file system they belong to").shows_default();
  command.callback([options, &session] { session.status = run(*options); });
}

}  // namespace quell::cli
