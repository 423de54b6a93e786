// SPDX-License-Identifier: GPL-2.0-or-later
// What `inspect` offers of an image is what `clean` does to it, and what it calls refused is refused there too.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "intel/clean_support.h"
#include "quell/engine.h"
#include "quell/mapped_file.h"
#include "quell/survey/recognise.h"
#include "support/shared.h"

namespace quell::intel::test {
namespace {

namespace fs = std::filesystem;

bool agree(Action::State state, const Result<CleanPlan>& plan) {
  const bool refused = !plan && plan.error().code == Errc::refused;
  switch (state) {
    case Action::State::available: return plan && !plan->plan.empty();
    case Action::State::done: return !plan || plan->plan.empty();
    case Action::State::refused: return refused;
    case Action::State::impossible: return !refused && (!plan || plan->plan.empty());
  }
  return false;
}

// Offers compared; nothing of an image without an engine to clean.
unsigned compare_offers(ByteView bytes) {
  Image image("image", bytes);
  recognise(image);
  if (image.what.body != bytes.range()) return 0;  // taken out of its wrapping first
  unsigned compared = 0;
  for (const Engine* engine : engines()) {
    for (const EngineReport& report : engine->look(Examined(image), Depth::structure)) {
      for (const Action& action : report.actions) {
        const bool soft = action.id == "soft-disable";
        if (!soft && action.id != "strip") continue;
        const auto plan = plan_clean(image, {.strip = !soft, .soft_disable = soft});
        EXPECT_TRUE(agree(action.state, plan)) << report.title << ": " << action.id << " is " << to_string(action.state)
                                               << ", but " << (plan ? "it is planned" : plan.error().message);
        ++compared;
      }
    }
  }
  return compared;
}

TEST(Offers, OfEverySpecimenAreWhatCleanDoes) {
  for (const IntelFlavour flavour : specimen::intel_flavours()) {
    SCOPED_TRACE(to_string(flavour));
    for (const Buffer& bytes : {specimen::intel_me_region(flavour), specimen::intel_dump(flavour)})
      EXPECT_EQ(compare_offers(ByteView(bytes)), 2U);
  }
}

TEST(Offers, OfEveryRealImageAreWhatCleanDoes) {
  QUELL_NEEDS_SHARED("corpus/intel");
  unsigned compared = 0;
  for (const fs::path& path : quell::test::corpus_images()) {
    SCOPED_TRACE(path.string());
    const auto file = MappedFile::open(path.string());
    ASSERT_TRUE(file.has_value());
    compared += compare_offers(file->view());
  }
  EXPECT_GT(compared, 60U);
}

}  // namespace
}  // namespace quell::intel::test
