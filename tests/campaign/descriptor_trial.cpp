// SPDX-License-Identifier: GPL-2.0-or-later
#include "campaign/descriptor_trial.h"

#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "campaign/program.h"
#include "quell/flash/descriptor.h"
#include "quell/mapped_file.h"

namespace quell::campaign {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t page = 0x1000;
constexpr std::uint64_t values = 3;

struct Command {
  std::string_view name;
  std::array<std::string_view, 4> words;  // around the input; empty ones are left out
  bool writes;
};
constexpr std::array<Command, 4> commands{
    {{"descriptor show", {"descriptor", "show", "--json", ""}, false},
     {"descriptor unlock", {"descriptor", "unlock", "", ""}, true},
     {"descriptor set", {"descriptor", "set", "density=8M", "strap1=0x12345678"}, true},
     {"clean --soft", {"clean", "--soft", "--accept-descriptor-alone", "--accept-reported"}, true}}};

struct Choice {
  const Base& base;
  std::uint64_t offset;
  std::uint64_t value;
  const Command& command;
};

// The commands change fastest, the descriptors slowest.
Choice choice(const std::vector<Base>& bases, std::uint64_t number) {
  const std::uint64_t place = number / commands.size() / values;
  return {bases.at(place / page), place % page, number / commands.size() % values,
          commands.at(number % commands.size())};
}

// The words that a command may change, in every copy of the descriptor.
std::vector<Range> allowed(const flash::FlashDescriptor& d, const Command& command, std::uint64_t size) {
  std::vector<Range> words;
  if (command.name == "descriptor unlock") words = {{d.master_section, 6 * 4}};
  if (command.name == "descriptor set") words = {{d.component_section, 4}, {d.strap_section + 4, 4}};
  if (command.name == "clean --soft") {
    words = {{d.strap_section, 4 * d.straps.size()}, {d.mch_strap_section, 4 * d.mch_straps.size()}};
  }
  const std::size_t own = words.size();
  for (std::uint64_t copy = page; copy < size; copy += page) {
    for (std::size_t i = 0; i < own; ++i) words.push_back({words[i].offset + copy, words[i].size});
  }
  return words;
}

std::optional<std::string> compare(Bytes before, Bytes after, const Command& command) {
  if (before.size() != after.size()) return "the output has another size";
  const auto old = flash::parse_descriptor(ByteView(before));
  const auto now = flash::parse_descriptor(ByteView(after));
  if (!old || !now) return "the output is no readable descriptor";
  const auto words = allowed(*old, command, before.size());
  int bits = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == after[i]) continue;
    bits += std::popcount(std::to_integer<unsigned>(before[i] ^ after[i]));
    if (std::ranges::none_of(words, [i](const Range& word) { return word.contains(i); })) {
      return fmt::format("byte {:#x} changed, which nobody asked for", i);
    }
  }
  // One bit, two words on ICH, each perhaps in a second copy.
  if (command.name == "clean --soft" && bits > 4) return fmt::format("{} bits changed", bits);
  const auto known = flash::audit(*old, ByteView(before));
  for (const Finding& finding : flash::audit(*now, ByteView(after))) {
    if (finding.severity < Severity::error) continue;
    const auto same = [&finding](const Finding& other) {
      return other.id == finding.id && other.title == finding.title;
    };
    if (std::ranges::none_of(known, same)) return "the output has a fault that the input had not: " + finding.title;
  }
  return std::nullopt;
}

std::optional<std::string> judge(int status, const Command& command, const fs::path& output, const fs::path& messages) {
  if (status < 0 || status > 5) return fmt::format("ended with status {}", status);
  const bool written = fs::exists(output);
  if (written != (status == 0 && command.writes)) {
    return fmt::format("status {} and {} output", status, written ? "an" : "no");
  }
  const auto said = MappedFile::copy(messages);
  const auto lines = said ? std::ranges::count(said->bytes(), std::byte{'\n'}) : 0;
  if (status >= 2 && lines != 1) return fmt::format("status {} with {} lines of message", status, lines);
  return std::nullopt;
}

Buffer first_bytes(const fs::path& path) {
  const auto file = MappedFile::open(path);
  return file ? Buffer(file->bytes().begin(), file->bytes().end()) : Buffer();
}

}  // namespace

std::vector<Base> descriptors(const std::string& shared) {
  constexpr std::array names{"lenovo-x200", "xx30", "hatch-dratini", "msi-ms7d25", "rex-screebo"};
  std::vector<Base> out;
  const fs::path folder = fs::path(shared) / "corpus/descriptors";
  if (!shared.empty() && fs::exists(folder)) {
    for (const char* name : names) out.push_back({name, first_bytes(folder / (std::string(name) + ".bin")), {}});
    return out;
  }
  using specimen::IntelFlavour;
  for (const auto flavour :
       {IntelFlavour::me5, IntelFlavour::me8, IntelFlavour::me11, IntelFlavour::me14, IntelFlavour::me16}) {
    Base base = small_dump(flavour);
    base.bytes.resize(page);
    out.push_back(std::move(base));
  }
  return out;
}

std::uint64_t descriptor_trial_count(const std::vector<Base>& bases) {
  return bases.size() * page * values * commands.size();
}

Variant descriptor_variant(const std::vector<Base>& bases, std::uint64_t number) {
  const Choice chosen = choice(bases, number);
  Variant out{.bytes = chosen.base.bytes};
  std::byte& place = out.bytes.at(chosen.offset);
  place = chosen.value == 0 ? std::byte{0} : chosen.value == 1 ? std::byte{0xFF} : ~place;
  out.what = fmt::format("{}: byte {:#x} is {:#04x}: quell {}", chosen.base.name, chosen.offset,
                         std::to_integer<unsigned>(place), chosen.command.name);
  return out;
}

std::optional<std::string> try_descriptor(const std::vector<Base>& bases, std::uint64_t number,
                                          const std::string& program, const std::string& folder) {
  const Command& command = choice(bases, number).command;
  const Variant variant = descriptor_variant(bases, number);
  const Folder place(fs::path(folder) / fmt::format("trial-{}", ::getpid()));
  const fs::path input = place.path / "in.rom";
  const fs::path output = place.path / "out.rom";
  const fs::path messages = place.path / "messages";
  if (const auto written = write_file(input, variant.bytes); !written) return written.error().message;

  std::vector<std::string> arguments{std::string(command.words[0]), std::string(command.words[1]), input};
  for (const std::string_view word : std::span(command.words).subspan(2)) {
    if (!word.empty()) arguments.emplace_back(word);
  }
  if (command.writes) arguments.insert(arguments.end(), {"-o", output});
  const int status = run_quietly(program, arguments, messages);
  if (auto wrong = judge(status, command, output, messages)) return wrong;
  if (place.entries() != (fs::exists(output) ? 3U : 2U)) return "left something behind";
  if (first_bytes(input) != variant.bytes) return "changed its input";
  if (!fs::exists(output)) return std::nullopt;
  const Buffer result = first_bytes(output);
  return compare(variant.bytes, result, command);
}

}  // namespace quell::campaign
