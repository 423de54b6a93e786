// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/net_module.h"

#include <algorithm>
#include <cstring>
#include <span>

#include <curl/curl.h>

namespace {

// Called for every header line. Returning less than was given ends the transfer: the head is longer than its buffer.
std::size_t take_header(char* data, std::size_t one, std::size_t count, void* context) {
  auto* result = static_cast<quell_net_result*>(context);
  const std::span<char> buffer(result->head, result->head_size);
  const std::size_t size = one * count;
  if (size > result->head_size - result->head_used) {
    result->head_too_long = true;
    return 0;
  }
  std::copy_n(data, size, buffer.begin() + static_cast<std::ptrdiff_t>(result->head_used));
  result->head_used += size;
  return size;
}

// The body is of no interest: ending the transfer at its first byte is success.
std::size_t refuse_body(char* /*data*/, std::size_t /*one*/, std::size_t /*count*/, void* /*context*/) { return 0; }

}  // namespace

extern "C" __attribute__((visibility("default"))) int quell_net_get(const char* url, long timeout_ms,
                                                                    quell_net_result* result) {
  result->head_used = 0;
  result->head_too_long = false;
  result->connected = false;
  CURL* handle = curl_easy_init();
  if (handle == nullptr) return 1;
  curl_easy_setopt(handle, CURLOPT_URL, url);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, timeout_ms);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "quell");
  // Identification only: AMT's certificate is its own, and nothing secret is sent.
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, result);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, refuse_body);
  const CURLcode code = curl_easy_perform(handle);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  long own_port = 0;
  curl_easy_getinfo(handle, CURLINFO_LOCAL_PORT, &own_port);
  result->connected = own_port > 0 && code != CURLE_COULDNT_CONNECT;
  // libcurl's own bound on one line.
  result->head_too_long = result->head_too_long || code == CURLE_OUT_OF_MEMORY;
  curl_easy_cleanup(handle);
  const bool head_complete = !result->head_too_long && status != 0 && (code == CURLE_OK || code == CURLE_WRITE_ERROR);
  if (head_complete || result->problem_size == 0) return head_complete ? 0 : 1;
  const std::span<char> problem(result->problem, result->problem_size);
  const char* text = result->head_too_long ? "the head of the response is too long" : curl_easy_strerror(code);
  const std::size_t size = std::min(std::strlen(text), problem.size() - 1);
  std::copy_n(text, size, problem.begin());
  problem[size] = '\0';
  return 1;
}
