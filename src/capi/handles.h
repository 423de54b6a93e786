// SPDX-License-Identifier: GPL-2.0-or-later
// What the opaque types of quell.h hold, and the border that no exception crosses.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "quell/engine.h"
#include "quell/intel/clean.h"
#include "quell/mapped_file.h"
#include "quell/quell.h"
#include "quell/result.h"

namespace quell::capi {

// The bytes of an image; what was made of it keeps them too.
struct Content {
  Buffer bytes{};  // of an image that was given, not read
  std::optional<MappedFile> file{};

  [[nodiscard]] ByteView view() const noexcept { return file ? file->view() : ByteView(bytes); }
};

}  // namespace quell::capi

struct quell_image {
  std::string name{};
  std::shared_ptr<const quell::capi::Content> content{};

  [[nodiscard]] quell::ByteView view() const noexcept { return content->view(); }
};

struct quell_pieces {
  std::shared_ptr<const quell::capi::Content> content{};
  std::map<std::string, quell::Artifact, std::less<>> by_path{};
  std::string document{};
};

struct quell_plan {
  quell::intel::CleanPlan plan{};
  std::string document{};
};

struct quell_buffer {
  std::string text{};     // a document
  quell::Buffer bytes{};  // an image or a piece of one; empty for a document
};

struct quell_error {
  quell_code code = QUELL_OK;
  std::string text{};
  std::optional<std::uint64_t> offset{};
  std::string accept{};
};

namespace quell::capi {

quell_code code_of(Errc code) noexcept;

// Gives `error` to the caller, who may not want it. Where there is no memory for it the code has to do.
quell_code report(quell_error** out, quell_code code, std::string_view text) noexcept;
quell_code report(quell_error** out, const Error& error) noexcept;

tl::unexpected<Error> null_argument(std::string_view what);

// Runs one call: `work` gives a Result<T>, which becomes a new object at `out`, of a type that is made from a T.
template <class Object, class Work>
quell_code give(Object** out, quell_error** error, const Work& work) noexcept {
  if (error != nullptr) *error = nullptr;
  if (out == nullptr) return report(error, QUELL_USAGE, "there is no place for the result: its pointer is NULL");
  *out = nullptr;
  try {
    auto made = work();
    if (!made) return report(error, made.error());
    *out = new Object(*std::move(made));
    return QUELL_OK;
  } catch (const std::bad_alloc&) {
    return report(error, QUELL_MEMORY, "out of memory");
  } catch (const std::exception& fault) {
    return report(error, QUELL_INTERNAL, fault.what());
  }
}

// Reads the options of quell_plan_clean. Errc::usage for what is not known or has another type.
struct CleanRequest {
  bool soft = false;
  bool strip = false;
  intel::CleanOptions options{};
};
Result<CleanRequest> parse_clean_options(std::string_view json);

// Reads the options of quell_join: what is accepted.
Result<Overrides> parse_join_options(std::string_view json);

}  // namespace quell::capi
