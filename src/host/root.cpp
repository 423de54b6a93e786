// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/host/root.h"

#include <algorithm>

#include "host/path.h"

namespace quell::host {

std::string_view to_string(Reach reach) noexcept {
  switch (reach) {
    case Reach::ok: return "ok";
    case Reach::absent: return "absent";
    case Reach::denied: return "denied";
    case Reach::failed: return "failed";
  }
  return "failed";
}

std::string Reading::text() const {
  if (!ok()) return {};
  std::string_view view(data);
  view = view.substr(0, view.find('\0'));
  constexpr std::string_view blank = " \t\r\n";
  const auto first = view.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return std::string(view.substr(first, view.find_last_not_of(blank) - first + 1));
}

std::string Root::link_name(std::string_view path) const {
  const Reading target = link(path);
  return target.ok() ? split_path(target.data).second : std::string();
}

namespace {

class MemoryRoot final : public Root {
 public:
  explicit MemoryRoot(Entries entries) : entries_(std::move(entries)) {
    for (const auto& [path, entry] : entries_) {
      if (entry.kind == Entry::Kind::file && path == "/quell/denied") denied_ = parse_denied(entry.data);
    }
  }

  using Root::read;
  [[nodiscard]] Reading read(std::string_view path, std::size_t limit) const override {
    const std::string real = resolve(path, true);
    if (const auto denial = denied_.find(real); denial != denied_.end()) return {Reach::denied, {}, denial->second};
    const auto found = entries_.find(real);
    if (found == entries_.end() || found->second.kind != Entry::Kind::file)
      return {Reach::absent, {}, "not in the captured tree"};
    return {Reach::ok, found->second.data.substr(0, limit), {}};
  }

  [[nodiscard]] Listing list(std::string_view path) const override {
    const std::string real = resolve(path, true);
    std::set<std::string> names;
    add_children(entries_, real, names);
    add_children(denied_, real, names);
    const auto itself = entries_.find(real);
    const bool listed = itself != entries_.end() && itself->second.kind == Entry::Kind::directory;
    if (names.empty() && !listed) return {Reach::absent, {}, "not in the captured tree"};
    return {Reach::ok, {names.begin(), names.end()}, {}};
  }

  [[nodiscard]] Reading link(std::string_view path) const override {
    const auto found = entries_.find(resolve(path, false));
    if (found == entries_.end() || found->second.kind != Entry::Kind::link)
      return {Reach::absent, {}, "no link in the captured tree"};
    return {Reach::ok, found->second.data, {}};
  }

  [[nodiscard]] bool exists(std::string_view path) const override {
    const std::string real = resolve(path, false);
    return entries_.contains(real) || denied_.contains(real) || has_children(entries_, real) ||
           has_children(denied_, real);
  }

  [[nodiscard]] bool live() const noexcept override { return false; }

 private:
  // What every path below a directory begins with.
  static std::string below(std::string_view directory) {
    std::string prefix(directory);
    if (prefix != "/") prefix += '/';
    return prefix;
  }

  template <class Map>
  static bool has_children(const Map& paths, const std::string& directory) {
    const std::string prefix = below(directory);
    const auto first = paths.upper_bound(prefix);
    return !directory.empty() && first != paths.end() && first->first.starts_with(prefix);
  }

  // The names in a directory, those included that only exist as part of a longer path. Paths are in order, so whatever
  // lies below one child is passed over at once; no path is kept but those of the archive.
  template <class Map>
  static void add_children(const Map& paths, const std::string& directory, std::set<std::string>& names) {
    if (directory.empty()) return;
    const std::string prefix = below(directory);
    for (auto at = paths.upper_bound(prefix); at != paths.end() && at->first.starts_with(prefix);) {
      const auto end = std::min(at->first.find('/', prefix.size()), at->first.size());
      const bool deeper = end != at->first.size();
      std::string child = at->first.substr(0, end);
      names.insert(child.substr(prefix.size()));
      // Past everything below the child; a sibling such as "child-2" sorts before that and was seen already.
      child += static_cast<char>('/' + 1);
      at = deeper ? paths.lower_bound(child) : std::next(at);
    }
  }

  // The path with every link followed, except a link at its end where `whole` is false; unresolvable gives "".
  [[nodiscard]] std::string resolve(std::string_view path, bool whole) const {
    const LinkReader reader = [this](const std::string& at) -> std::optional<std::string> {
      const auto found = entries_.find(at);
      if (found == entries_.end() || found->second.kind != Entry::Kind::link) return std::nullopt;
      return found->second.data;
    };
    return resolve_links(path, whole, reader);
  }

  Entries entries_;
  std::map<std::string, std::string, std::less<>> denied_;
};

}  // namespace

std::unique_ptr<Root> memory_root(Entries entries) { return std::make_unique<MemoryRoot>(std::move(entries)); }

Reading RecordingRoot::read(std::string_view path, std::size_t limit) const {
  Reading reading = source_.read(path, limit);
  const std::string key(path);
  if (reading.ok()) {
    Entry& entry = entries_[key];
    entry.kind = Entry::Kind::file;
    if (entry.data.size() < reading.data.size()) entry.data = reading.data;
  } else if (reading.reach != Reach::absent) {
    denied_[key] = reading.reason;
  }
  return reading;
}

Listing RecordingRoot::list(std::string_view path) const {
  Listing listing = source_.list(path);
  if (listing.reach == Reach::ok) {
    entries_.try_emplace(std::string(path), Entry{Entry::Kind::directory, {}});
    // Names that nobody looks into are kept, too: the presence of a directory entry is itself evidence.
    for (const std::string& name : listing.names)
      entries_.try_emplace(std::string(path) + "/" + name, Entry{Entry::Kind::directory, {}});
  }
  return listing;
}

Reading RecordingRoot::link(std::string_view path) const {
  Reading reading = source_.link(path);
  if (reading.ok()) entries_[std::string(path)] = {Entry::Kind::link, reading.data};
  return reading;
}

bool RecordingRoot::exists(std::string_view path) const {
  const bool there = source_.exists(path);
  if (there) entries_.try_emplace(std::string(path), Entry{Entry::Kind::directory, {}});
  return there;
}

Entries RecordingRoot::entries() const {
  Entries out = entries_;
  for (const auto& [path, reason] : denied_) out.erase(path);
  std::string denied;
  for (const auto& [path, reason] : denied_) denied.append(path).append("\t").append(reason).append("\n");
  if (!denied.empty()) out["/quell/denied"] = {Entry::Kind::file, std::move(denied)};
  return out;
}

}  // namespace quell::host
