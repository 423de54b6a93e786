// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of cleaning share.
#pragma once

#include <algorithm>
#include <functional>

#include "intel/me_region.h"
#include "quell/intel/clean.h"
#include "specimen/intel.h"
#include "specimen/specimen.h"

namespace quell::intel::test {

using specimen::Canvas;
using specimen::IntelFlavour;

inline CleanOptions strip_options() {
  CleanOptions options;
  options.accepted.add(Override::boot_guard);
  return options;
}

inline CleanOptions soft_options() {
  CleanOptions options;
  options.strip = false;
  options.soft_disable = true;
  // The specimens are signed with worthless keys, so their firmware proves nothing.
  options.accepted.add(Override::descriptor_alone);
  options.accepted.add(Override::reported_place);
  return options;
}

struct Cleaned {
  CleanPlan plan;
  Buffer bytes;
};

inline Result<Cleaned> clean(const Buffer& bytes, const CleanOptions& options) {
  const Image image("specimen", ByteView(bytes));
  QUELL_TRY(auto plan, plan_clean(image, options));
  QUELL_TRY(auto output, apply_clean(plan, image));
  return Cleaned{std::move(plan), std::move(output)};
}

inline MeRegion parse(const Buffer& region) { return parse_me_region(ByteView(region), false).value(); }

inline Buffer changed(const Buffer& bytes, const std::function<void(Canvas&)>& change) {
  Canvas canvas(bytes.size());
  canvas.put(0, bytes);
  change(canvas);
  return canvas.bytes();
}

inline const Gen2Module& module_named(const MeRegion& me, std::string_view name) {
  return *std::ranges::find(me.modules->modules, name, &Gen2Module::name);
}

}  // namespace quell::intel::test
