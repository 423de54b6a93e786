// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/cleaning.h"

#include <algorithm>

#include <fmt/format.h>

#include "intel/second_image.h"
#include "quell/engine.h"
#include "quell/survey/recognise.h"

namespace quell {
namespace {

// An engine of another kind for which nothing can be done says why.
Result<void> refuse_impossible(const Image& image) {
  const Examined examined(image);
  for (const Engine* engine : engines()) {
    for (const EngineReport& report : engine->look(examined, Depth::structure)) {
      const bool impossible = !report.actions.empty() && std::ranges::all_of(report.actions, [](const Action& action) {
        return action.state == Action::State::impossible;
      });
      if (!impossible) continue;
      return fail(Errc::refused, fmt::format("{} cannot be switched off: {}. It can be inspected, checked and compared",
                                             report.title, report.actions.front().reason));
    }
  }
  return {};
}

// What the file is instead of something that can be cleaned.
Error nothing_to_clean(const Image& image) {
  if (image.what.recognised) {
    return {Errc::unsupported,
            fmt::format("this is {}: there is nothing in it that can be cleaned", in_sentence(image.what))};
  }
  const std::string next = image.what.next_step.empty() ? "" : ": " + image.what.next_step;
  return {Errc::unrecognised, fmt::format("this is {}{}", in_sentence(image.what), next)};
}

Result<intel::CleanPlan> plan(const Image& image, CleaningChoice choice, intel::CleanOptions options) {
  if (!choice.soft && !choice.strip) return intel::plan_default(Examined(image), std::move(options));
  options.soft_disable = choice.soft;
  options.strip = choice.strip;
  return intel::plan_clean(image, options);
}

}  // namespace

Result<intel::CleanPlan> plan_cleaning(Image& image, CleaningChoice choice, intel::CleanOptions options) {
  recognise(image);
  if (image.what.recognised && image.what.body != image.bytes().range()) {
    return fail(Errc::unsupported, fmt::format("this is {}; the image in it can be cleaned once it has been extracted",
                                               in_sentence(image.what)));
  }
  auto made = plan(image, choice, std::move(options));
  if (!made && made.error().code == Errc::unrecognised) {
    QUELL_CHECK(refuse_impossible(image));
    return tl::unexpected(nothing_to_clean(image));
  }
  if (made) {
    for (Finding& finding : intel::second_images(Examined(image))) made->notices.push_back(std::move(finding));
  }
  return made;
}

}  // namespace quell
