// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/scan_progress.h"

#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/printable.h"
#include "base/words.h"

namespace quell::cli {
namespace {

double seconds(const scan::Progress& progress) { return std::chrono::duration<double>(progress.time).count(); }

std::uint64_t in_this_run(const scan::Progress& progress) { return progress.done - progress.earlier; }

double per_second(std::uint64_t number, const scan::Progress& progress) {
  const double time = seconds(progress);
  return time > 0 ? static_cast<double>(number) / time : 0;
}

// From the rate so far. Nothing before there is one.
std::optional<std::uint64_t> seconds_left(const scan::Progress& progress) {
  const double rate = per_second(in_this_run(progress), progress);
  if (rate <= 0) return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(progress.total - progress.done) / rate));
}

std::string duration_text(std::uint64_t time) {
  if (time < 100) return fmt::format("{} s", time);
  if (time < 6000) return fmt::format("{} min", (time + 30) / 60);
  return fmt::format("{} h {:02} min", time / 3600, time % 3600 / 60);
}

std::string rate_text(double bytes) {
  return bytes >= 1e9 ? fmt::format("{:.1f} GB/s", bytes / 1e9) : fmt::format("{:.1f} MB/s", bytes / 1e6);
}

// What is not as it should be, of files and of images: "3 damaged, 1 crash".
std::string odd_counts(const scan::Progress& progress) {
  std::vector<std::string> out;
  const auto add = [&](const auto& counts, auto status_of) {
    for (std::size_t i = 1; i < counts.size(); ++i) {
      if (counts.at(i) != 0) out.push_back(fmt::format("{} {}", counts.at(i), to_string(status_of(i))));
    }
  };
  add(progress.images, [](std::size_t i) { return static_cast<scan::ImageStatus>(i); });
  add(progress.files, [](std::size_t i) { return static_cast<scan::FileStatus>(i); });
  return fmt::format("{}", fmt::join(out, ", "));
}

template <class Status, std::size_t N>
nlohmann::ordered_json counts_json(const std::array<std::uint64_t, N>& counts) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < N; ++i) {
    if (counts.at(i) != 0) out[std::string(to_string(static_cast<Status>(i)))] = counts.at(i);
  }
  return out;
}

}  // namespace

std::string progress_text(const scan::Progress& progress) {
  std::string out =
      fmt::format("{} of {} files, {:.0f} files/s, {}", progress.done, progress.total,
                  per_second(in_this_run(progress), progress), rate_text(per_second(progress.bytes, progress)));
  if (const auto left = seconds_left(progress)) out.append(", ").append(duration_text(*left)).append(" left");
  const std::string odd = odd_counts(progress);
  return odd.empty() ? out : out.append("; ").append(odd);
}

std::string progress_json(const scan::Progress& progress, bool finished) {
  nlohmann::ordered_json out;
  out["done"] = progress.done;
  out["total"] = progress.total;
  out["earlier"] = progress.earlier;
  out["bytes"] = progress.bytes;
  out["seconds"] = seconds(progress);
  out["files_per_second"] = per_second(in_this_run(progress), progress);
  out["bytes_per_second"] = per_second(progress.bytes, progress);
  if (const auto left = seconds_left(progress)) out["seconds_left"] = *left;
  out["files"] = counts_json<scan::FileStatus>(progress.files);
  out["images"] = counts_json<scan::ImageStatus>(progress.images);
  out["finished"] = finished;
  return out.dump() + "\n";
}

std::string stopped_text(const scan::Progress& progress, const std::string& output) {
  return fmt::format("stopped: {} of {} done, kept in {}.part; the same command with --resume goes on\n", progress.done,
                     count_text(progress.total, "file"), printable(output));
}

std::string summary_text(const scan::Progress& progress, const std::string& output) {
  const std::uint64_t images = std::accumulate(progress.images.begin(), progress.images.end(), std::uint64_t{0});
  std::string out = count_text(progress.total, "file");
  if (progress.earlier != 0) out += fmt::format(", {} of them before", progress.earlier);
  out += fmt::format("; {} in {:.1f} s", count_text(images, "content"), seconds(progress));
  const std::string odd = odd_counts(progress);
  if (!odd.empty()) out.append(": ").append(odd);
  if (output != "-") out.append("\nwritten: ").append(printable(output));
  return out.append("\n");
}

}  // namespace quell::cli
