// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace quell::test {

// Whether the address sanitizer is in this program: everything is several times slower, and memory is kept after it was
// given back.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
inline constexpr bool sanitized = __has_feature(address_sanitizer);
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace quell::test
