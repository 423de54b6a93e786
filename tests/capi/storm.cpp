// SPDX-License-Identifier: GPL-2.0-or-later
// capi_storm [--seconds N | --calls N] [--seed N] [--threads N]: calls of the C interface in random order with random
// and damaged input, NULL among it. Every thread has images of its own and shares some. Meant to run under a sanitizer;
// fails by itself where a call breaks its promise about what it gives.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "quell/quell.h"
#include "support/specimens.h"

namespace {

struct Settings {
  unsigned seconds = 0;
  std::uint64_t calls = 300;
  std::uint64_t seed = 1;
  unsigned threads = 1;
};

[[noreturn]] void broken(const char* promise) {
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// What all threads use at once.
struct Shared {
  std::vector<quell::Buffer> seeds{};
  std::vector<quell_image*> images{};
  std::vector<quell_plan*> plans{};
};

constexpr std::array<const char*, 14> options_seen{
    nullptr,
    "",
    "{}",
    "[]",
    "{\"soft\":true}",
    "{\"strip\":true,\"accept\":[\"boot-guard\",\"me12-strip\"]}",
    "{\"soft\":true,\"strip\":true,\"accept\":[\"boot-guard\",\"overlaps\",\"descriptor-alone\"]}",
    "{\"strip\":true,\"relocate\":true,\"truncate\":true,\"accept\":[\"boot-guard\"]}",
    "{\"strip\":true,\"keep\":[\"MFS\",\"\"],\"drop\":[\"NFTP\"],\"accept\":[\"boot-guard\"]}",
    "{\"lock_out\":true,\"keep_modules\":true}",
    "{\"disable_bit\":\"0x70:16\",\"soft\":true,\"accept\":[\"place\"]}",
    "{\"soft\":1}",
    "{\"soft\":",
    "\xff\xfe"};

class Caller {
 public:
  Caller(const Shared& shared, std::uint64_t seed) : shared_(shared), random_(seed) {}
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller() {
    for (auto* image : images_) quell_image_free(image);
    for (auto* plan : plans_) quell_plan_free(plan);
  }

  void call() {
    switch (below(11)) {
      case 0: open(); break;
      case 1: free_one(); break;
      case 2: document(&quell_examine, image()); break;
      case 3: document(&quell_check, image()); break;
      case 4: diff(); break;
      case 5:
      case 6: plan(); break;
      case 7: document(&quell_plan_document, any_plan()); break;
      case 8: apply(); break;
      case 9: explain(); break;
      default: ask_nothing(); break;
    }
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  quell_image* image() {
    const auto pick = below(8);
    if (pick == 0) return nullptr;
    if (pick < 3 || images_.empty()) return shared_.images[below(shared_.images.size())];
    return images_[below(images_.size())];
  }
  quell_plan* any_plan() {
    const auto pick = below(8);
    if (pick == 0) return nullptr;
    if (pick < 3 || plans_.empty()) return shared_.plans.empty() ? nullptr : shared_.plans[below(shared_.plans.size())];
    return plans_[below(plans_.size())];
  }

  quell::Buffer content() {
    if (below(6) == 0) {
      quell::Buffer noise(1 + below(5000));
      for (std::byte& byte : noise) byte = std::byte(random_() & 0xFFU);
      return noise;
    }
    quell::Buffer bytes = shared_.seeds[below(shared_.seeds.size())];
    for (auto damage = below(12); damage > 0; --damage) {
      // Headers lie at the start more often than elsewhere.
      const auto reach = below(2) == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 0x4000);
      bytes[below(reach)] = std::byte(random_() & 0xFFU);
    }
    if (below(4) == 0) bytes.resize(1 + below(bytes.size()));
    return bytes;
  }

  void open() {
    quell_image* made = nullptr;
    quell_error* error = nullptr;
    const auto pick = below(12);
    if (pick == 0) {
      settle(quell_open_bytes(nullptr, below(100), "nothing", &made, &error), made, error);
    } else if (pick == 1) {
      settle(quell_open_file("/nowhere/at/all", &made, &error), made, error);
    } else if (pick == 2) {
      settle(quell_open_file(nullptr, &made, below(2) == 0 ? nullptr : &error), made, error, true);
    } else {
      const quell::Buffer bytes = content();
      settle(quell_open_bytes(bytes.data(), bytes.size(), pick == 3 ? nullptr : "\xff odd\n", &made, &error), made,
             error);
      if (made == nullptr || quell_image_size(made) != bytes.size()) broken("an image has the size that was given");
      keep(images_, made, &quell_image_free);
    }
  }

  template <class Handle>
  void keep(std::vector<Handle*>& kept, Handle* made, void (*free)(Handle*)) {
    if (made == nullptr) return;
    if (kept.size() < 6) {
      kept.push_back(made);
    } else {
      auto& slot = kept[below(kept.size())];
      free(slot);
      slot = made;
    }
  }

  void free_one() {
    quell_image_free(nullptr);
    quell_plan_free(nullptr);
    quell_buffer_free(nullptr);
    quell_error_free(nullptr);
    if (!images_.empty() && below(2) == 0) {
      quell_image_free(images_.back());
      images_.pop_back();
    }
    if (!plans_.empty() && below(2) == 0) {
      quell_plan_free(plans_.back());
      plans_.pop_back();
    }
  }

  // Success gives a thing and no error; failure an error, with words, and nothing else. By reference: a compiler may
  // look at the last arguments before it makes the call that is the first.
  template <class Handle>
  void settle(quell_code code, Handle* const& made, quell_error* const& error, bool unwanted = false) {
    if ((code == QUELL_OK) != (made != nullptr)) broken("a result with success, and only then");
    if (!unwanted && (code == QUELL_OK) != (error == nullptr)) broken("an error with failure, and only then");
    if (code == QUELL_INTERNAL) broken(error == nullptr ? "no fault of the library" : quell_error_text(error));
    if (error != nullptr) {
      if (quell_error_code(error) != code) broken("the error's code is the call's");
      if (std::string_view(quell_error_text(error)).empty()) broken("an error has words");
      std::uint64_t offset = 0;
      static_cast<void>(quell_error_offset(error, &offset));
      static_cast<void>(std::string_view(quell_error_accept(error)).size());
    }
    quell_error_free(error);
  }

  void read(quell_buffer* buffer, bool text) {
    if (buffer == nullptr) return;
    const auto* const bytes = static_cast<const char*>(quell_buffer_bytes(buffer));
    const std::string_view content(bytes, quell_buffer_size(buffer));
    if (content.empty()) broken("what is given is not empty");
    if (text && (content.front() != '{' || std::string_view(bytes).size() != content.size())) {
      broken("a document is a text with one NUL, behind it");
    }
    quell_buffer_free(buffer);
  }

  template <class Handle>
  void document(quell_code (*function)(const Handle*, quell_buffer**, quell_error**), const Handle* handle) {
    quell_buffer* buffer = nullptr;
    quell_error* error = nullptr;
    if (below(20) == 0) {
      settle(function(handle, nullptr, &error), buffer, error);
      return;
    }
    settle(function(handle, &buffer, &error), buffer, error);
    read(buffer, true);
  }

  void diff() {
    quell_buffer* buffer = nullptr;
    quell_error* error = nullptr;
    settle(quell_diff(image(), image(), &buffer, &error), buffer, error);
    read(buffer, true);
  }

  void plan() {
    quell_plan* made = nullptr;
    quell_error* error = nullptr;
    settle(quell_plan_clean(image(), options_seen[below(options_seen.size())], &made, &error), made, error);
    keep(plans_, made, &quell_plan_free);
  }

  void apply() {
    quell_buffer* buffer = nullptr;
    quell_error* error = nullptr;
    settle(quell_apply(any_plan(), image(), &buffer, &error), buffer, error);
    read(buffer, false);
  }

  void explain() {
    constexpr std::array<const char*, 6> words{nullptr, "", "intel-me", "amd-psp", "network", "\xff\x1b"};
    quell_buffer* buffer = nullptr;
    quell_error* error = nullptr;
    settle(quell_explain(words[below(words.size())], &buffer, &error), buffer, error);
    read(buffer, true);
  }

  static void ask_nothing() {
    if (quell_image_size(nullptr) != 0 || quell_image_bytes(nullptr) != nullptr || quell_buffer_size(nullptr) != 0 ||
        quell_buffer_bytes(nullptr) != nullptr || quell_error_code(nullptr) != QUELL_OK ||
        !std::string_view(quell_error_text(nullptr)).empty() || quell_error_offset(nullptr, nullptr) != 0) {
      broken("NULL is nothing");
    }
    if (std::string_view(quell_version()).empty()) broken("a version");
  }

  const Shared& shared_;
  std::mt19937_64 random_;
  std::vector<quell_image*> images_{};
  std::vector<quell_plan*> plans_{};
};

Settings settings_of(int argc, char** argv) {
  Settings out;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::uint64_t number = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--seconds") out.seconds = static_cast<unsigned>(number);
    if (name == "--calls") out.calls = number;
    if (name == "--seed") out.seed = number;
    if (name == "--threads") out.threads = static_cast<unsigned>(number);
  }
  return out;
}

Shared make_shared_things() {
  Shared shared;
  for (auto& [name, content] : quell::test::specimens()) {
    if (content.size() > 0x100000) continue;
    quell_image* image = nullptr;
    if (quell_open_bytes(content.data(), content.size(), name.c_str(), &image, nullptr) != QUELL_OK) std::abort();
    shared.images.push_back(image);
    quell_plan* plan = nullptr;
    if (quell_plan_clean(image, R"({"strip":true,"accept":["boot-guard"]})", &plan, nullptr) == QUELL_OK) {
      shared.plans.push_back(plan);
    }
    shared.seeds.push_back(std::move(content));
  }
  return shared;
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = settings_of(argc, argv);
  const Shared shared = make_shared_things();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(settings.seconds);
  std::atomic<std::uint64_t> total = 0;
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < settings.threads; ++number) {
    threads.emplace_back([&, number] {
      Caller caller(shared, settings.seed * 1000 + number);
      std::uint64_t calls = 0;
      while (settings.seconds == 0 ? calls < settings.calls : std::chrono::steady_clock::now() < end) {
        caller.call();
        ++calls;
      }
      total += calls;
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto* plan : shared.plans) quell_plan_free(plan);
  for (auto* image : shared.images) quell_image_free(image);
  std::printf("%llu calls in %u threads, no promise broken\n", static_cast<unsigned long long>(total.load()),
              settings.threads);
}
