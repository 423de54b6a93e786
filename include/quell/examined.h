// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <typeindex>

#include "quell/flash/descriptor.h"
#include "quell/image.h"

namespace quell {

class Budget;

// A recognised image with what several engines need of it, each parsed once. Does not own the image. Not safe to use
// from two threads at once.
class Examined {
 public:
  explicit Examined(const Image& image);

  [[nodiscard]] const Image& image() const noexcept { return *image_; }

  // The work that this input may still cause (base/budget.h): every walker and decompressor asks it first. Shared with
  // what unpacks later, after this object is gone.
  [[nodiscard]] const std::shared_ptr<Budget>& budget() const noexcept { return budget_; }

  // The flash descriptor of the image's body, as recognise() read it, else parsed at the first call: offsets count from
  // the body's start. Errc::unrecognised when there is none, Errc::damaged when it cannot be read.
  [[nodiscard]] const Result<flash::FlashDescriptor>& descriptor() const;

  // What `make()` gives, made at the first call for its type and kept for the next: what one engine has parsed of this
  // image serves its report, its actions and its artifacts. Use a type of the engine's own.
  template <class Make>
  [[nodiscard]] const std::invoke_result_t<Make>& once(const Make& make) const {
    using Parsed = std::invoke_result_t<Make>;
    std::shared_ptr<const void>& slot = parsed_[std::type_index(typeid(Parsed))];
    if (!slot) slot = std::make_shared<const Parsed>(make());
    return *static_cast<const Parsed*>(slot.get());
  }

 private:
  const Image* image_;
  std::shared_ptr<Budget> budget_;
  mutable std::optional<Result<flash::FlashDescriptor>> descriptor_{};
  mutable std::map<std::type_index, std::shared_ptr<const void>> parsed_{};
};

}  // namespace quell
