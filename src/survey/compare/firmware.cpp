// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/compare/firmware.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "quell/digest.h"
#include "uefi/look.h"
#include "uefi/names.h"

namespace quell::compare_detail {
namespace {

constexpr unsigned deepest = 64;  // no walk nests deeper
constexpr std::uint8_t pad_file = 0xF0;

// A volume may hold several files of one name, and a file several leaves: their digests, in ascending order.
struct Content {
  std::vector<Sha256> parts{};
  std::uint64_t size = 0;
  friend bool operator==(const Content&, const Content&) = default;
  [[nodiscard]] bool holds(const Content& other) const { return std::ranges::includes(parts, other.parts); }
};

// Where a variable stands is no part of what it is; the list inside "StdDefaults" is.
using VariableName = std::tuple<std::string, std::string, std::string>;  // name, owner, inside
struct Firmware {
  std::map<VariableName, Content> variables{};
  std::map<uefi::Guid, Content> modules{};
  std::map<uefi::Guid, std::string> labels{};
  bool partial = false;  // something packed did not unpack: what is not seen may be there
};

class Modules {
 public:
  void take(const uefi::Leaf& leaf) {
    if (leaf.file == nullptr || leaf.file->type == pad_file || leaf.file->name == uefi::names::ami_variables) return;
    Content& content = by_name_[leaf.file->name];
    content.parts.push_back(sha256(leaf.bytes.bytes()));
    content.size += leaf.bytes.size();
  }

  std::map<uefi::Guid, Content> contents() && {
    for (auto& [name, content] : by_name_) std::ranges::sort(content.parts);
    return std::move(by_name_);
  }

 private:
  std::map<uefi::Guid, Content> by_name_{};
};

// The names of modules, and whether all that is packed was seen.
class Walk {
 public:
  explicit Walk(Firmware& out) : out_(out) {}

  void files(const std::vector<uefi::File>& list, unsigned level) {
    if (level >= deepest) return;
    for (const uefi::File& file : list) {
      if (!file.label.empty()) out_.labels.emplace(file.name, file.label);
      sections(file.sections, level + 1);
      volumes(file.volumes, level + 1);
    }
  }
  void volumes(const std::vector<uefi::Volume>& list, unsigned level) {
    for (const uefi::Volume& volume : list) {
      out_.partial = out_.partial || volume.broken;
      files(volume.files, level);
    }
  }

 private:
  void sections(const std::vector<uefi::Section>& list, unsigned level) {
    using State = uefi::Section::State;
    if (level >= deepest) return;
    for (const uefi::Section& section : list) {
      const bool unseen = section.state == State::broken || section.state == State::refused;
      out_.partial = out_.partial || unseen;
      sections(section.sections, level + 1);
      volumes(section.volumes, level + 1);
    }
  }

  Firmware& out_;
};

Firmware open(const Report& report, ByteView bytes) {
  Firmware out;
  if (!report.bios) return out;
  Image image(report.file, bytes);
  image.what = report.what;
  Modules modules;
  const uefi::Look look =
      uefi::look(image, {.unpack = true, .leaf = [&modules](const uefi::Leaf& leaf) { modules.take(leaf); }});
  out.modules = std::move(modules).contents();
  Walk walk(out);
  walk.volumes(look.firmware.volumes, 0);
  walk.files(look.firmware.files, 0);
  for (const uefi::VariableStore& store : look.stores) {
    if (store.older) continue;
    for (const uefi::Variable& one : store.variables) {
      if (one.state != uefi::Variable::State::live) continue;
      out.variables.insert_or_assign({one.name, uefi::owner_name(one.owner), store.inside},
                                     Content{{sha256(one.data.bytes())}, one.data.size()});
    }
  }
  return out;
}

// Everything that only one side has, or both with other content. `tell` words the key; a side that is `partial` may
// have what it does not show.
struct Partial {
  bool before = false;
  bool after = false;
};
template <class Key, class Tell>
void compare_maps(const std::map<Key, Content>& before, const std::map<Key, Content>& after, Partial partial,
                  std::vector<FirmwareDifference>& out, const Tell& tell) {
  using Kind = FirmwareDifference::Kind;
  for (const auto& [key, content] : before) {
    const auto other = after.find(key);
    const Content there = other == after.end() ? Content{} : other->second;
    const bool hidden = (partial.after && content.holds(there)) || (partial.before && there.holds(content));
    if (there == content || hidden) continue;
    FirmwareDifference& one = out.emplace_back(tell(key));
    one.kind = other == after.end() ? Kind::removed : Kind::changed;
    one.size_before = content.size;
    if (other != after.end()) one.size_after = other->second.size;
  }
  for (const auto& [key, content] : after) {
    if (before.contains(key) || partial.before) continue;
    FirmwareDifference& one = out.emplace_back(tell(key));
    one.kind = Kind::added;
    one.size_after = content.size;
  }
}

}  // namespace

std::vector<FirmwareDifference> compare_firmware(const Report& before_report, ByteView before,
                                                 const Report& after_report, ByteView after) {
  const Firmware old = open(before_report, before);
  const Firmware now = open(after_report, after);
  std::vector<FirmwareDifference> out;
  compare_maps(old.variables, now.variables, {}, out, [](const VariableName& key) {
    const auto& [name, owner, inside] = key;
    return FirmwareDifference{
        .part = FirmwareDifference::Part::variable, .name = name, .owner = owner, .inside = inside};
  });
  compare_maps(old.modules, now.modules, {old.partial, now.partial}, out, [&](const uefi::Guid& guid) {
    const auto label = now.labels.find(guid);
    const auto before_label = old.labels.find(guid);
    FirmwareDifference one{.part = FirmwareDifference::Part::module, .owner = to_string(guid)};
    if (label != now.labels.end()) {
      one.name = label->second;
    } else if (before_label != old.labels.end()) {
      one.name = before_label->second;
    }
    return one;
  });
  return out;
}

}  // namespace quell::compare_detail
