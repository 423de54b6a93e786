// SPDX-License-Identifier: GPL-2.0-or-later
#include "storm_caller.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace quell::test {
namespace {

[[noreturn]] void broken(const char* promise) {
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

constexpr std::array<const char*, 14> clean_options{
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
    "\xff\xfe",
    "{\"accept\":[\"reported-place\",\"verified-descriptor\",\"descriptor-alone\",\"boot-guard\",\"overlaps\"]}"};

}  // namespace

Caller::~Caller() {
  for (auto* image : images_) quell_image_free(image);
  for (auto* plan : plans_) quell_plan_free(plan);
  for (auto* pieces : pieces_) quell_pieces_free(pieces);
  std::remove(file_.c_str());
}

void Caller::call() {
  switch (below(20)) {
    case 0:
    case 1: open(); break;
    case 2: look_at_image(); break;
    case 3: free_some(); break;
    case 4: document("quell_examine", &quell_examine, image()); break;
    case 5: document("quell_check", &quell_check, image()); break;
    case 6: document("quell_explain_image", &quell_explain_image, image()); break;
    case 7: diff(); break;
    case 8: words(); break;
    case 9: report(); break;
    case 10:
    case 11: plan(); break;
    case 12: document("quell_plan_document", &quell_plan_document, any_plan()); break;
    case 13: apply_any(); break;
    case 14: extract(); break;
    case 15: pieces(); break;
    case 16: status(); break;
    case 17: explain(); break;
    case 18: below(2) == 0 ? second_chip() : join(); break;
    default: ask_nothing(); break;
  }
}

quell_image* Caller::image() {
  const auto pick = below(8);
  if (pick == 0) return nullptr;
  if (pick < 3 || images_.empty()) return shared_.images[below(shared_.images.size())];
  return images_[below(images_.size())];
}

quell_plan* Caller::any_plan() {
  const auto pick = below(8);
  if (pick == 0) return nullptr;
  if (pick < 3 || plans_.empty()) return shared_.plans.empty() ? nullptr : shared_.plans[below(shared_.plans.size())];
  return plans_[below(plans_.size())];
}

quell_pieces* Caller::any_pieces() {
  const auto pick = below(8);
  if (pick == 0) return nullptr;
  if (pick < 3 || pieces_.empty()) {
    return shared_.pieces.empty() ? nullptr : shared_.pieces[below(shared_.pieces.size())];
  }
  return pieces_[below(pieces_.size())];
}

void Caller::count(std::string_view function, bool given) {
  Count& count = tally_[function];
  ++count.calls;
  if (given) ++count.given;
}

// Success gives a thing and no error; failure an error, with words, and nothing else. By reference: a compiler may
// look at the last arguments before it makes the call that is the one before them.
template <class Handle>
void Caller::settle(std::string_view function, quell_code code, Handle* const& made, quell_error* const& error,
                    bool unwanted) {
  count(function, code == QUELL_OK);
  if ((code == QUELL_OK) != (made != nullptr)) broken("a result with success, and only then");
  if (!unwanted && (code == QUELL_OK) != (error == nullptr)) broken("an error with failure, and only then");
  if (code == QUELL_INTERNAL) broken(error == nullptr ? "no fault of the library" : quell_error_text(error));
  if (error != nullptr) {
    count("quell_error_code");
    count("quell_error_text");
    count("quell_error_offset");
    count("quell_error_accept");
    if (quell_error_code(error) != code) broken("the error's code is the call's");
    if (std::string_view(quell_error_text(error)).empty()) broken("an error has words");
    if (std::ranges::any_of(std::string_view(quell_error_text(error)),
                            [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
      broken("an error is one line that steers no terminal");
    }
    std::uint64_t offset = 0;
    if (quell_error_offset(error, &offset) != quell_error_offset(error, nullptr)) broken("a place is named or not");
    if (code != QUELL_REFUSED && !std::string_view(quell_error_accept(error)).empty()) broken("refusals are lifted");
  }
  count("quell_error_free");
  quell_error_free(error);
}

void Caller::read(const quell_buffer* buffer, Holds holds) {
  count("quell_buffer_bytes");
  count("quell_buffer_size");
  const auto* const bytes = static_cast<const char*>(quell_buffer_bytes(buffer));
  const std::string_view content(bytes, quell_buffer_size(buffer));
  if (bytes == nullptr || (content.empty() && holds != Holds::piece)) broken("what is given is not empty");
  if (holds == Holds::document && content.front() != '{') broken("a document is an object");
  if ((holds == Holds::document || holds == Holds::text) && std::string_view(bytes).size() != content.size()) {
    broken("a text has one NUL, behind it");
  }
}

void Caller::take(quell_buffer* buffer, Holds holds) {
  if (buffer == nullptr) return;
  read(buffer, holds);
  count("quell_buffer_free");
  quell_buffer_free(buffer);
}

template <class Handle>
void Caller::keep(std::vector<Handle*>& kept, Handle* made, void (*free)(Handle*)) {
  if (made == nullptr) return;
  if (kept.size() < 6) {
    kept.push_back(made);
    return;
  }
  auto& slot = kept[below(kept.size())];
  free(slot);
  slot = made;
}

template <class Handle>
void Caller::document(std::string_view name, quell_code (*function)(const Handle*, quell_buffer**, quell_error**),
                      const Handle* handle, Holds holds) {
  quell_buffer* buffer = nullptr;
  quell_error* error = nullptr;
  if (below(20) == 0) {
    settle(name, function(handle, nullptr, &error), buffer, error);
  } else if (below(20) == 0) {
    settle(name, function(handle, &buffer, nullptr), buffer, error, true);
  } else {
    settle(name, function(handle, &buffer, &error), buffer, error);
  }
  take(buffer, holds);
}

void Caller::open() {
  quell_image* made = nullptr;
  quell_error* error = nullptr;
  const auto pick = below(12);
  if (pick == 0) {
    settle("quell_open_bytes", quell_open_bytes(nullptr, below(100), "nothing", &made, &error), made, error);
    return;
  }
  if (pick < 4) return open_file();
  const Buffer bytes = input_.content(shared_.seeds);
  const char* const name = pick == 4 ? nullptr : "\xff odd\n";
  settle("quell_open_bytes", quell_open_bytes(bytes.data(), bytes.size(), name, &made, &error), made, error);
  if (made == nullptr || quell_image_size(made) != bytes.size()) broken("an image has the size that was given");
  keep(images_, made, &quell_image_free);
}

void Caller::open_file() {
  quell_image* made = nullptr;
  quell_error* error = nullptr;
  constexpr std::array<const char*, 4> wrong{nullptr, "", "/", "/nowhere/at/all"};
  if (below(2) == 0) {
    settle("quell_open_file", quell_open_file(wrong[below(wrong.size())], &made, &error), made, error);
    return;
  }
  const Buffer bytes = input_.content(shared_.seeds);
  std::ofstream out(file_, std::ios::binary | std::ios::trunc);
  for (const std::byte byte : bytes) out.put(static_cast<char>(byte));
  out.close();
  settle("quell_open_file", quell_open_file(file_.c_str(), &made, &error), made, error);
  if (made == nullptr || quell_image_size(made) != bytes.size()) broken("an image has the size of its file");
  keep(images_, made, &quell_image_free);
}

void Caller::look_at_image() {
  const quell_image* const one = image();
  count("quell_image_bytes");
  count("quell_image_size");
  const std::string_view bytes(static_cast<const char*>(quell_image_bytes(one)), quell_image_size(one));
  if (bytes.empty() != (one == nullptr) || (bytes.data() == nullptr) != (one == nullptr)) broken("an image has bytes");
  // Both ends can be read.
  if (!bytes.empty() && bytes.find(bytes.back()) == std::string_view::npos) broken("its bytes are all there");
}

void Caller::free_some() {
  count("quell_image_free");
  count("quell_plan_free");
  count("quell_pieces_free");
  quell_image_free(nullptr);
  quell_plan_free(nullptr);
  quell_pieces_free(nullptr);
  quell_buffer_free(nullptr);
  quell_error_free(nullptr);
  const auto drop = [this](auto& kept, auto free) {
    if (kept.empty() || below(2) == 0) return;
    free(kept.back());
    kept.pop_back();
  };
  drop(images_, &quell_image_free);
  drop(plans_, &quell_plan_free);
  drop(pieces_, &quell_pieces_free);
}

void Caller::diff() {
  quell_buffer* buffer = nullptr;
  quell_error* error = nullptr;
  settle("quell_diff", quell_diff(image(), image(), &buffer, &error), buffer, error);
  take(buffer, Holds::document);
}

void Caller::words() {
  if (below(3) == 0) return document("quell_examine_text", &quell_examine_text, image(), Holds::text);
  if (below(2) == 0) return document("quell_check_text", &quell_check_text, image(), Holds::text);
  quell_buffer* buffer = nullptr;
  quell_error* error = nullptr;
  settle("quell_diff_text", quell_diff_text(image(), image(), &buffer, &error), buffer, error);
  take(buffer, Holds::text);
}

void Caller::report() {
  quell_buffer* buffer = nullptr;
  quell_error* error = nullptr;
  const quell_image* const before = below(2) == 0 ? nullptr : image();
  settle("quell_report", quell_report(image(), before, &buffer, &error), buffer, error);
  take(buffer, Holds::document);
}

void Caller::second_chip() {
  std::uint64_t offset = 0;
  quell_error* error = nullptr;
  const quell_image* one = image();
  const quell_code code = quell_second_chip(one, below(20) == 0 ? nullptr : &offset, &error);
  if (code == QUELL_OK && (offset == 0 || offset >= quell_image_size(one))) broken("the second chip is in the image");
  const quell_image* const there = code == QUELL_OK ? one : nullptr;
  settle("quell_second_chip", code, there, error);
}

void Caller::join() {
  constexpr std::array<const char*, 4> options{"{}", "{\"accept\":[\"sizes\"]}", "{\"accept\":1}", "[]"};
  quell_buffer* buffer = nullptr;
  quell_error* error = nullptr;
  const std::string chosen = input_.worn(options[below(options.size())]);
  const char* const text = below(8) == 0 ? nullptr : chosen.c_str();
  settle("quell_join", quell_join(image(), image(), text, &buffer, &error), buffer, error);
  take(buffer, Holds::image);
}

void Caller::plan() {
  quell_plan* made = nullptr;
  quell_error* error = nullptr;
  const bool known = !shared_.planned.empty() && below(2) == 0;
  const quell_image* const one = known ? shared_.planned[below(shared_.planned.size())] : image();
  const std::string chosen = input_.worn(clean_options[below(clean_options.size())]);
  const char* const text = below(8) == 0 ? nullptr : chosen.c_str();
  settle("quell_plan_clean", quell_plan_clean(one, text, &made, &error), made, error);
  if (made != nullptr && below(2) == 0) apply(made, one);
  keep(plans_, made, &quell_plan_free);
}

void Caller::apply(const quell_plan* plan, const quell_image* image) {
  quell_buffer* buffer = nullptr;
  quell_error* error = nullptr;
  switch (below(3)) {
    case 0: settle("quell_apply", quell_apply(plan, image, &buffer, &error), buffer, error); break;
    case 1:
      settle("quell_apply_descriptor", quell_apply_descriptor(plan, image, &buffer, &error), buffer, error);
      break;
    default: settle("quell_apply_me", quell_apply_me(plan, image, &buffer, &error), buffer, error); break;
  }
  take(buffer, Holds::image);
}

void Caller::apply_any() {
  if (shared_.plans.empty() || below(2) == 0) return apply(any_plan(), image());
  const auto which = below(shared_.plans.size());
  apply(shared_.plans[which], shared_.planned[which]);
}

void Caller::extract() {
  quell_pieces* made = nullptr;
  quell_error* error = nullptr;
  settle("quell_extract", quell_extract(image(), &made, &error), made, error);
  keep(pieces_, made, &quell_pieces_free);
}

// The image may be gone when its pieces are read.
void Caller::pieces() {
  const quell_pieces* const taken = any_pieces();
  quell_buffer* index = nullptr;
  quell_error* error = nullptr;
  settle("quell_pieces_document", quell_pieces_document(taken, &index, &error), index, error);
  std::vector<std::string> paths{"", "image.rom", "../\xff"};
  if (index != nullptr) {
    const std::string_view text(static_cast<const char*>(quell_buffer_bytes(index)), quell_buffer_size(index));
    constexpr std::string_view key = "\"path\": \"";
    for (auto at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
      const auto begin = at + key.size();
      paths.emplace_back(text.substr(begin, text.find('"', begin) - begin));
    }
  }
  take(index, Holds::document);
  for (int i = 0; i < 4; ++i) {
    quell_buffer* buffer = nullptr;
    const std::string path = input_.worn(paths[below(paths.size())]);
    const char* const named = below(20) == 0 ? nullptr : path.c_str();
    settle("quell_pieces_bytes", quell_pieces_bytes(taken, named, &buffer, &error), buffer, error);
    take(buffer, Holds::piece);
  }
}

void Caller::status() {
  quell_buffer* buffer = nullptr;
  quell_error* error = nullptr;
  const auto pick = below(20);
  if (pick < 2) {
    constexpr std::array<const char*, 4> places{nullptr, "", "/nowhere/at/all", "/"};
    settle("quell_status", quell_status(places[below(places.size())], &buffer, &error), buffer, error);
  } else {
    const Buffer captured = input_.archive(shared_.machine);
    const std::byte* const bytes = pick == 2 ? nullptr : captured.data();
    settle("quell_status_bytes", quell_status_bytes(bytes, captured.size(), &buffer, &error), buffer, error);
  }
  take(buffer, Holds::document);
}

void Caller::explain() {
  constexpr std::array<const char*, 8> words{"",        "intel-me", "amd-psp", "network", "intel.disable-bit.set",
                                             "beliefs", "\xff\x1b", "HAP"};
  quell_buffer* buffer = nullptr;
  quell_error* error = nullptr;
  const std::string word = input_.worn(words[below(words.size())]);
  settle("quell_explain", quell_explain(below(8) == 0 ? nullptr : word.c_str(), &buffer, &error), buffer, error);
  take(buffer, Holds::document);
}

void Caller::ask_nothing() {
  count("quell_version");
  if (quell_image_size(nullptr) != 0 || quell_image_bytes(nullptr) != nullptr || quell_buffer_size(nullptr) != 0 ||
      quell_buffer_bytes(nullptr) != nullptr || quell_error_code(nullptr) != QUELL_OK ||
      !std::string_view(quell_error_text(nullptr)).empty() || !std::string_view(quell_error_accept(nullptr)).empty() ||
      quell_error_offset(nullptr, nullptr) != 0) {
    broken("NULL is nothing");
  }
  if (std::string_view(quell_version()).empty()) broken("a version");
  if (!shared_.buffers.empty()) read(shared_.buffers[below(shared_.buffers.size())], Holds::document);
}

}  // namespace quell::test
