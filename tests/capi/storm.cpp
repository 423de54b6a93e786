// SPDX-License-Identifier: GPL-2.0-or-later
// capi_storm [--seconds N | --calls N] [--seed N] [--threads N]: calls of the C interface in random order with random
// and damaged input, NULL among it. Every thread has images of its own and shares some. Meant to run under a sanitizer;
// fails by itself where a call breaks its promise about what it gives. Says at the end how often each function was
// called, and how often it gave what it was asked for.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <unistd.h>

#include "host/tar.h"
#include "storm_caller.h"
#include "support/specimens.h"

namespace {

using quell::test::Caller;
using quell::test::Shared;
using quell::test::Tally;

struct Settings {
  unsigned seconds = 0;
  std::uint64_t calls = 300;
  std::uint64_t seed = 1;
  unsigned threads = 1;
};

Settings settings_of(std::span<char* const> arguments) {
  Settings out;
  for (std::size_t i = 1; i + 1 < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    const std::uint64_t number = std::strtoull(arguments[i + 1], nullptr, 10);
    if (name == "--seconds") out.seconds = static_cast<unsigned>(number);
    if (name == "--calls") out.calls = number;
    if (name == "--seed") out.seed = number;
    if (name == "--threads") out.threads = static_cast<unsigned>(number);
  }
  return out;
}

// A machine small enough that damage meets what is read of it.
quell::host::Entries machine() {
  using quell::host::Entry;
  return {
      {"/proc/cpuinfo", {Entry::Kind::file, "vendor_id\t: GenuineIntel\nmodel\t\t: 94\n"}},
      {"/sys/bus/pci/devices/0000:00:16.0/vendor", {Entry::Kind::file, "0x8086\n"}},
      {"/sys/bus/pci/devices/0000:00:16.0/device", {Entry::Kind::file, "0xa13a\n"}},
      {"/sys/bus/pci/devices/0000:00:16.0/class", {Entry::Kind::file, "0x078000\n"}},
      {"/sys/class/mei/mei0/fw_status",
       {Entry::Kind::file, "90000245\n89118306\n00000030\n00004000\n00001F01\n47C00BC9\n"}},
      {"/sys/class/mei/mei0/fw_ver", {Entry::Kind::file, "0:11.8.50.3399\n"}},
      {"/sys/class/ipmi/ipmi0", {Entry::Kind::directory, {}}},
  };
}

// A dump of one chip as one of two chips, each of its size, the second erased.
quell::Buffer with_second_chip(quell::Buffer content) {
  content[0x15] |= std::byte{1};  // FLMAP0: one more chip
  content[0x30] = std::byte{0};   // FLCOMP: of 512 KiB each
  content.resize(0x100000, std::byte{0xFF});
  return content;
}

void add(Shared& shared, const std::string& name, quell::Buffer content) {
  quell_image* image = nullptr;
  if (quell_open_bytes(content.data(), content.size(), name.c_str(), &image, nullptr) != QUELL_OK) std::abort();
  shared.images.push_back(image);
  quell_plan* plan = nullptr;
  if (quell_plan_clean(image, R"({"strip":true,"accept":["boot-guard"]})", &plan, nullptr) == QUELL_OK) {
    shared.plans.push_back(plan);
    shared.planned.push_back(image);
  }
  quell_pieces* pieces = nullptr;
  if (quell_extract(image, &pieces, nullptr) == QUELL_OK) shared.pieces.push_back(pieces);
  quell_buffer* buffer = nullptr;
  if (quell_examine(image, &buffer, nullptr) == QUELL_OK) shared.buffers.push_back(buffer);
  shared.seeds.push_back(std::move(content));
}

Shared make_shared_things() {
  Shared shared;
  shared.machine = machine();
  for (auto& [name, content] : quell::test::specimens()) {
    if (content.size() > 0x100000) continue;
    if (name == "me11.rom") add(shared, "two.rom", with_second_chip(content));
    add(shared, name, std::move(content));
  }
  return shared;
}

void free_shared_things(const Shared& shared) {
  for (auto* buffer : shared.buffers) quell_buffer_free(buffer);
  for (auto* pieces : shared.pieces) quell_pieces_free(pieces);
  for (auto* plan : shared.plans) quell_plan_free(plan);
  for (auto* image : shared.images) quell_image_free(image);
}

// How many calls there were.
std::uint64_t tell(const std::vector<Tally>& tallies) {
  Tally all;
  for (const Tally& tally : tallies) {
    for (const auto& [name, count] : tally) {
      all[name].calls += count.calls;
      all[name].given += count.given;
    }
  }
  std::uint64_t calls = 0;
  for (const auto& [name, count] : all) {
    calls += count.calls;
    std::printf("%-24s %9llu calls, %9llu successful\n", std::string(name).c_str(),
                static_cast<unsigned long long>(count.calls), static_cast<unsigned long long>(count.given));
  }
  return calls;
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = settings_of({argv, static_cast<std::size_t>(argc)});
  const Shared shared = make_shared_things();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(settings.seconds);
  const std::string file = std::filesystem::temp_directory_path() / ("quell-storm-" + std::to_string(::getpid()));
  std::vector<Tally> tallies(settings.threads);
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < settings.threads; ++number) {
    threads.emplace_back([&, number] {
      Caller caller(shared, settings.seed * 1000 + number, file + "-" + std::to_string(number));
      std::uint64_t calls = 0;
      while (settings.seconds == 0 ? calls < settings.calls : std::chrono::steady_clock::now() < end) {
        caller.call();
        ++calls;
      }
      tallies[number] = caller.tally();
    });
  }
  for (auto& thread : threads) thread.join();
  free_shared_things(shared);
  const std::uint64_t calls = tell(tallies);
  std::printf("%llu calls in %u threads, no promise broken\n", static_cast<unsigned long long>(calls),
              settings.threads);
}
