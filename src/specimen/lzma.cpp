// SPDX-License-Identifier: GPL-2.0-or-later
#include "specimen/lzma.h"

#include <array>
#include <span>
#include <stdexcept>

#include <lzma.h>

#include "base/octets.h"
#include "specimen/intel_parts.h"

namespace quell::specimen {

Buffer lzma_alone(Bytes plain, const LzmaShape& shape) {
  lzma_options_lzma options{};
  lzma_lzma_preset(&options, shape.preset);
  options.lc = shape.literal_context;
  options.lp = shape.literal_position;
  options.pb = shape.position;
  options.ext_flags = 0;  // no end mark: the header says the size
  lzma_set_ext_size(options, plain.size());
  if (shape.dictionary != 0) options.dict_size = shape.dictionary;
  std::array<lzma_filter, 3> filters{};
  std::size_t count = 0;
  if (shape.x86) filters.at(count++) = {LZMA_FILTER_X86, nullptr};
  filters.at(count++) = {LZMA_FILTER_LZMA1EXT, &options};
  filters.at(count) = {LZMA_VLI_UNKNOWN, nullptr};
  Buffer stream(plain.size() + plain.size() / 2 + 0x100);
  std::size_t used = 0;
  if (lzma_raw_buffer_encode(filters.data(), nullptr, octets(plain), plain.size(), octets(std::span(stream)), &used,
                             stream.size()) != LZMA_OK) {
    throw std::runtime_error("LZMA encoder failed");
  }
  stream.resize(used);
  Buffer out;
  append_u8(out, (options.pb * 5 + options.lp) * 9 + options.lc);
  append_u32(out, options.dict_size);
  append_u32(out, plain.size());
  append_u32(out, 0);
  append(out, stream);
  return out;
}

}  // namespace quell::specimen
