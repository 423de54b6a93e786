// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <span>
#include <stdexcept>

#include <sys/mman.h>
#include <unistd.h>

#include "quell/byte_view.h"

namespace quell::campaign {

// A copy of some bytes in pages that cannot be written, right before a page that cannot even be read.
class Guarded {
 public:
  explicit Guarded(Bytes bytes) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t used = (bytes.size() + page - 1) / page * page;
    size_ = used + page;
    mapping_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping_ == MAP_FAILED) throw std::runtime_error("no memory for a variant");
    const auto all = std::span(static_cast<std::byte*>(mapping_), size_);
    const auto place = all.subspan(used - bytes.size(), bytes.size());
    std::ranges::copy(bytes, place.begin());
    ::mprotect(all.data(), used, PROT_READ);
    ::mprotect(all.subspan(used).data(), page, PROT_NONE);
    bytes_ = place;
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { ::munmap(mapping_, size_); }

  [[nodiscard]] Bytes bytes() const noexcept { return bytes_; }

 private:
  void* mapping_ = nullptr;
  std::size_t size_ = 0;
  Bytes bytes_{};
};

}  // namespace quell::campaign
