// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/merge.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/words.h"
#include "store/line.h"
#include "store/reader.h"

namespace quell::store {
namespace {

constexpr std::size_t told_at_most = 20;
constexpr std::uint64_t between_reports = 10'000;

class Merge {
 public:
  Merge(Store& store, const MergeSettings& settings) : store_(store), settings_(settings) {}

  Result<MergedFile> take(const std::string& name) {
    MergedFile out{.name = name};
    QUELL_TRY(LineReader reader, LineReader::open(name, settings_.stopped));
    for (;;) {
      auto line = reader.next();
      // What stands before damaged data is as good as ever.
      if (!line && line.error().code == Errc::damaged && out.images + out.files > 0) {
        out.damage =
            fmt::format("{}; {} before it {} taken", line.error().message, count_text(out.images + out.files, "record"),
                        out.images + out.files == 1 ? "was" : "were");
        return out;
      }
      if (!line) return tl::unexpected(line.error());
      if (!line->has_value()) break;
      QUELL_CHECK(take_line(**line, out));
    }
    out.cut_short = reader.cut_short();
    if (out.images + out.files == 0 && out.bad_count > 0) {
      return fail(Errc::unrecognised, fmt::format("{}: holds no record of a scan: line {}: {}", name,
                                                  out.bad_lines.front().number, out.bad_lines.front().reason));
    }
    return out;
  }

 private:
  Result<void> take_line(const Line& line, MergedFile& out) {
    if (++lines_ % between_reports == 0 && settings_.report) settings_.report(lines_);
    if (settings_.stopped()) return fail(Errc::io, "interrupted");
    const auto record = line.too_long ? fail(Errc::damaged, "is too long") : parser_.parse(line.text);
    if (!record) {
      const bool torn = !line.ended;
      if (!torn) ++out.bad_count;
      if (torn || out.bad_lines.size() < told_at_most) {
        out.bad_lines.push_back({line.number, record.error().message, torn});
      }
      return {};
    }
    (record->image ? out.images : out.files) += 1;
    return store_.add(*record);
  }

  Store& store_;
  const MergeSettings& settings_;
  LineParser parser_{};
  std::uint64_t lines_ = 0;
};

}  // namespace

bool Merged::complete() const noexcept {
  return std::all_of(files.begin(), files.end(),
                     [](const MergedFile& file) { return file.bad_count == 0 && file.damage.empty(); });
}

Result<Merged> merge(std::span<const std::string> names, Store& store, const MergeSettings& settings) {
  Merged out;
  Merge work(store, settings);
  for (const std::string& name : names) {
    QUELL_TRY(MergedFile file, work.take(name));
    out.files.push_back(std::move(file));
  }
  QUELL_TRY(out.counts, store.commit());
  return out;
}

}  // namespace quell::store
