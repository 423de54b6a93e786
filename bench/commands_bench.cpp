// SPDX-License-Identifier: GPL-2.0-or-later
// inspect, check and clean of specimens in memory, beside SHA-256 and memcpy of the same bytes: the physical reference.
#include <benchmark/benchmark.h>

#include <cstring>

#include "quell/digest.h"
#include "quell/intel/clean.h"
#include "quell/survey/check.h"
#include "quell/survey/recognise.h"
#include "quell/survey/report.h"
#include "report/text.h"
#include "specimen/intel.h"

namespace {

using namespace quell;

const Buffer& dump(const benchmark::State& state) {
  static const Buffer me8 = specimen::intel_dump(specimen::IntelFlavour::me8);
  static const Buffer me11 = specimen::intel_dump(specimen::IntelFlavour::me11);
  return state.range(0) == 8 ? me8 : me11;
}

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(dump(state).size()));
}

void copy(benchmark::State& state) {
  Buffer target(dump(state).size());
  for (auto _ : state) {
    std::memcpy(target.data(), dump(state).data(), target.size());
    benchmark::DoNotOptimize(target.data());
  }
  count_bytes(state);
}

void hash_sha256(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(sha256(dump(state)));
  count_bytes(state);
}

void inspect(benchmark::State& state) {
  for (auto _ : state) {
    Image image("dump.rom", ByteView(dump(state)));
    const auto report = examine(image, Depth::structure);
    benchmark::DoNotOptimize(report::to_text(report.value(), {}));
  }
  count_bytes(state);
}

void check(benchmark::State& state) {
  for (auto _ : state) {
    Image image("dump.rom", ByteView(dump(state)));
    const auto report = examine(image, Depth::everything);
    benchmark::DoNotOptimize(check_items(report.value()));
  }
  count_bytes(state);
}

void clean(benchmark::State& state) {
  for (auto _ : state) {
    Image image("dump.rom", ByteView(dump(state)));
    recognise(image);
    const auto plan = intel::plan_clean(image, {.soft_disable = true, .accepted = {Override::boot_guard}});
    benchmark::DoNotOptimize(intel::apply_clean(plan.value(), image).value().data());
  }
  count_bytes(state);
}

BENCHMARK(copy)->Arg(8)->Unit(benchmark::kMillisecond);
BENCHMARK(hash_sha256)->Arg(8)->Unit(benchmark::kMillisecond);
BENCHMARK(inspect)->Arg(8)->Arg(11)->Unit(benchmark::kMillisecond);
BENCHMARK(check)->Arg(8)->Arg(11)->Unit(benchmark::kMillisecond);
BENCHMARK(clean)->Arg(8)->Arg(11)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
