// SPDX-License-Identifier: GPL-2.0-or-later
// The whole of `clean`: plan, apply, prove. Fed by whoever hands out a dump that somebody will flash afterwards. The
// first byte chooses the options.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "quell/intel/clean.h"
#include "quell/survey/recognise.h"
#include "report/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size < 2) return 0;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto choice = std::to_integer<unsigned>(bytes[0]);
  intel::CleanOptions options;
  options.strip = (choice & 1U) == 0;
  options.soft_disable = (choice & 2U) != 0 || !options.strip;
  options.relocate = (choice & 4U) != 0 && options.strip;
  options.truncate = (choice & 8U) != 0 && options.strip;
  options.keep_modules = (choice & 16U) != 0;
  if ((choice & 32U) != 0 && !options.relocate) options.keep = {"MFS", "EFFS", "NFTP"};
  options.lock_out = (choice & 64U) != 0;
  if ((choice & 128U) != 0) options.accepted = {Override::me12_strip, Override::boot_guard, Override::overlaps};

  Image image("fuzz.rom", ByteView(bytes.subspan(1)));
  recognise(image);
  const auto plan = intel::plan_clean(image, options);
  if (!plan) return 0;
  const auto cleaned = intel::apply_clean(*plan, image);
  if (!cleaned) return 0;
  if (!verify_applied(plan->plan, image.bytes(), ByteView(*cleaned))) std::abort();
  const report::PlanReport shown{"fuzz.rom",    image.bytes().size(), &plan->plan, image.bytes(),
                                 plan->notices, plan->costs,          {},          plan->minimum_size};
  if (report::to_text(shown, {}).empty() || report::to_json("clean", shown).empty()) std::abort();
  static_cast<void>(intel::extracted_me(*plan, ByteView(*cleaned)));
  static_cast<void>(intel::extracted_descriptor(*plan, ByteView(*cleaned)));
  if (plan->plan.truncate_to) return 0;

  Image again("fuzz.rom", ByteView(*cleaned));
  recognise(again);
  const auto second = intel::plan_clean(again, options);
  if (second && !second->plan.empty()) std::abort();  // cleaning is idempotent
  return 0;
}
