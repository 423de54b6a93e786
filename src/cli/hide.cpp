// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/printable.h"
#include "cli/command.h"
#include "cli/confine.h"

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

// The folder that a rule belongs to, found from the root as that system would find it: a link in it never leads out.
Result<Folder> folder_of(const Folder& root, const Rule& rule, bool make) {
  const fs::path relative = fs::path(rule.path).parent_path();
  auto found = root.inside(relative);
  if (found || !make) return found;
  return root.below(relative, true);
}

std::string name_of(const Rule& rule) { return fs::path(rule.path).filename().string(); }

std::string shown(const Folder& root, const Rule& rule) { return printable((root.path() / rule.path).string()); }

State state_of(const Folder& root, const Rule& rule) {
  const auto folder = folder_of(root, rule, false);
  struct stat status {};
  if (!folder || ::fstatat(folder->get(), name_of(rule).c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return State::absent;
  const FileDescriptor file(
      ::openat(folder->get(), name_of(rule).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid() || !S_ISREG(status.st_mode)) return State::foreign;
  std::string wanted(marker);
  wanted += rule.content;
  std::string text(wanted.size() + 1, '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  if (!text.starts_with(marker)) return State::foreign;
  return text == wanted ? State::ours : State::other_version;
}

Error foreign_file(const Folder& root, const Rule& rule) {
  return {Errc::refused,
          fmt::format("{}: exists and was not written by `quell hide`; move it away first", shown(root, rule)),
          std::nullopt};
}

Result<void> write_rule(const Folder& root, const Rule& rule) {
  QUELL_TRY(const Folder folder, folder_of(root, rule, true));
  std::string content(marker);
  content += rule.content;
  QUELL_CHECK(write_file(folder, name_of(rule), as_bytes(content)));
  print(shown(root, rule) + ": written\n");
  return {};
}

Result<void> write_rules(const Folder& root) {
  for (const Rule& rule : rules) {
    if (state_of(root, rule) == State::foreign) return tl::unexpected(foreign_file(root, rule));
  }
  for (const Rule& rule : rules) QUELL_CHECK(write_rule(root, rule));
  print(
      "In effect from the next start on; on systems with an early root file system run\n"
      "`update-initramfs -u` (Debian) or `dracut -f` (Fedora) first.\n");
  return {};
}

Result<void> remove_rules(const Folder& root) {
  for (const Rule& rule : rules) {
    const State state = state_of(root, rule);
    if (state == State::foreign) return tl::unexpected(foreign_file(root, rule));
    if (state == State::absent) {
      print(shown(root, rule) + ": not there\n");
      continue;
    }
    QUELL_TRY(const Folder folder, folder_of(root, rule, false));
    if (::unlinkat(folder.get(), name_of(rule).c_str(), 0) != 0) {
      return fail(Errc::io, fmt::format("{}: {}", shown(root, rule), std::strerror(errno)));
    }
    print(shown(root, rule) + ": removed\n");
  }
  return {};
}

void show_rules(const Folder& root) {
  constexpr std::array<const char*, 4> words = {"not there", "in place", "in place, from another version of quell",
                                                "a file of that name that quell did not write"};
  for (const Rule& rule : rules) {
    print(fmt::format("{}: {}\n", shown(root, rule), words.at(static_cast<std::size_t>(state_of(root, rule)))));
    print(fmt::format("{}{}\n", marker, rule.content));
  }
}

// Nothing but the root: a link in its etc may lead anywhere in it.
SandboxNeeds needs_of(const HideCommand& options) {
  SandboxNeeds needs;
  (options.write || options.remove ? needs.write_below : needs.read).emplace_back(options.root);
  return needs;
}

int run(const HideCommand& options, const Session& session) {
  const auto root = Folder::open(options.root);
  if (!root) return complain(root.error());
  confine(session, needs_of(options));
  Result<void> result;
  if (options.write) {
    result = write_rules(*root);
  } else if (options.remove) {
    result = remove_rules(*root);
  } else {
    show_rules(*root);
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
                  no_choice);
  const Option write = command.flag("--write", options->write, "write the module settings and the udev rule");
  command.flag("--remove", options->remove, "remove them").excludes(write);
  command.option("--root", options->root, "file system they belong to").shows_default();
  command.callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
