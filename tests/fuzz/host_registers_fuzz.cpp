// SPDX-License-Identifier: GPL-2.0-or-later
// Status registers, fw_status text, replies of the engine over /dev/mei and SMBIOS tables: whoever controls the
// engine's firmware or the BIOS feeds these, and so does anybody who hands over a captured tree.
#include <cstdlib>

#include "compat/intelmetool_report.h"
#include "host/smbios.h"
#include "intel/live/mei.h"

using namespace quell;
using namespace quell::host;
using namespace quell::intel::live;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> input(data, size);
  const Bytes bytes = std::as_bytes(input);
  const ByteView view(bytes);
  std::string text;
  for (const std::byte byte : bytes) text.push_back(static_cast<char>(byte));

  Registers registers = parse_fw_status(text);
  for (std::size_t i = 0; i < registers.size(); ++i) {
    if (const auto value = view.u32(2 + 4 * i)) registers.at(i) = *value;
  }
  const unsigned from = view.u8(0).value_or(0);
  const unsigned to = view.u8(1).value_or(99);
  for (const intel::Product kind : {intel::Product::me, intel::Product::txe, intel::Product::sps}) {
    const Generation generation = refine({kind, from, to, false}, registers);
    const auto fields = decode(registers, generation);
    static_cast<void>(phase_state_text(fields, generation));
    static_cast<void>(boot_guard(fields, generation));
    static_cast<void>(manufacturing_closed(fields, generation));
    if (words_of(judge(registers, generation)).title.empty()) std::abort();
    static_cast<void>(compat::intelmetool_report(registers, generation));
  }
  static_cast<void>(version_reply(bytes));
  static_cast<void>(rule_reply(bytes, 0));
  static_cast<void>(hmrfpo_reply(bytes));
  static_cast<void>(amt_number_reply(bytes, AmtQuery::control_mode));
  static_cast<void>(code_versions_reply(bytes));
  static_cast<void>(read_smbios(view));
  // What is left of a reduced table is all there is to find in the whole one.
  const Buffer reduced = reduce_smbios(view);
  if (read_smbios(ByteView(reduced)).components.size() != read_smbios(view).components.size()) std::abort();
  static_cast<void>(parse_version(text));
  return 0;
}
