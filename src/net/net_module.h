// SPDX-License-Identifier: GPL-2.0-or-later
// The one function of the module quell-net, which carries libcurl and is only loaded by `quell amt`.
#pragma once

#include <cstddef>

extern "C" {

// What one GET gave.
struct quell_net_result {
  char* head;             // buffer for the head of the response
  std::size_t head_size;  // its size
  std::size_t head_used;  // how much of it was filled
  bool head_too_long;     // it did not fit: the GET counts as failed
  bool connected;         // somebody listens there
  char* problem;          // buffer for the reason of a failure, NUL-terminated
  std::size_t problem_size;
};

// One GET of `url` over the given address, without redirects, proxies, credentials or a check of the certificate, for
// at most timeout_ms. 0 when a complete head came.
using quell_net_get_function = int (*)(const char* url, long timeout_ms, quell_net_result* result);
}
