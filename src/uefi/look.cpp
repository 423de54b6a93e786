// SPDX-License-Identifier: GPL-2.0-or-later
#include "uefi/look.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/table.h"
#include "data/uefi-modules.h"
#include "uefi/names.h"

namespace quell::uefi {
namespace {

struct KnownModule {
  Topic topic = Topic::amt;
  std::string name{};
};

const std::map<Guid, KnownModule>& known_modules() {
  static constexpr std::array words{Word{"amt", Topic::amt},
                                    Word{"me-talk", Topic::me_talk},
                                    Word{"me-update", Topic::me_update},
                                    Word{"anti-theft", Topic::anti_theft},
                                    Word{"txt", Topic::txt},
                                    Word{"absolute", Topic::absolute},
                                    Word{"psp", Topic::psp}};
  static const auto known = [] {
    std::map<Guid, KnownModule> out;
    for (const auto row : Table(data::uefi_modules)) {
      out.emplace(Guid::parse(row["guid"]), KnownModule{row.choice<words>("topic"), std::string(row["name"])});
    }
    return out;
  }();
  return known;
}

class ModuleSearch {
 public:
  explicit ModuleSearch(std::vector<Module>& out) : out_(out) {}

  void take(const std::vector<Volume>& volumes) {
    for (const Volume& volume : volumes) {
      for (const File& file : volume.files) take(file);
    }
  }
  void take(const File& file) {
    const auto known = known_modules().find(file.name);
    if (known != known_modules().end()) {
      add(known->second.topic, file, known->second.name);
    } else if (file.label.find("Computrace") != std::string::npos || file.label.starts_with("Absolute")) {
      add(Topic::absolute, file, file.label);
    }
    take(file.sections);
    take(file.volumes);
  }

 private:
  void take(const std::vector<Section>& sections) {
    for (const Section& section : sections) {
      take(section.sections);
      take(section.volumes);
    }
  }
  // A module may lie in two volumes, one of them a copy.
  void add(Topic topic, const File& file, const std::string& name) {
    const bool there = std::ranges::any_of(out_, [&](const Module& one) { return one.guid == file.name; });
    if (there) return;
    out_.push_back({.topic = topic,
                    .guid = file.name,
                    .name = file.label.empty() ? name : file.label,
                    .version = file.version,
                    .place = file.place});
  }

  std::vector<Module>& out_;
};

// Takes what it can from the leaves while their bytes are there.
class Collector {
 public:
  explicit Collector(Look& out) : out_(out) {}

  void take(const Leaf& leaf) {
    if (leaf.file == nullptr && leaf.volume != nullptr && leaf.volume->store && !leaf.place.unpacked) {
      for (VariableStore& store : find_stores(leaf.bytes)) out_.stores.push_back(std::move(store));
      return;
    }
    if (leaf.file != nullptr && !leaf.place.unpacked && leaf.file->name == names::ami_variables) {
      for (VariableStore& store : read_nvar(leaf.bytes)) out_.stores.push_back(std::move(store));
      return;
    }
    if (leaf.file != nullptr) take_defaults(leaf);
    identify(out_.identity, leaf);
  }

 private:
  void take_defaults(const Leaf& leaf) {
    const DefaultFile file = default_file(leaf.file->name);
    if (file.name.empty()) return;
    std::string source = "firmware file ";
    source += to_string(leaf.file->name);
    KeyList list = file.is_signed ? read_signed_key_list(std::string(file.name), std::move(source), leaf.bytes)
                                  : read_key_list(std::string(file.name), std::move(source), leaf.bytes);
    list.range = leaf.place.image;
    const bool holds = !list.certificates.empty() || !list.hashes.empty() || list.empty_marker || !list.signers.empty();
    if (holds) out_.secure_boot.defaults.push_back(std::move(list));
  }

  Look& out_;
};

}  // namespace

std::string_view to_string(Topic topic) noexcept {
  switch (topic) {
    case Topic::amt: return "AMT";
    case Topic::me_talk: return "ME talk";
    case Topic::me_update: return "ME update";
    case Topic::anti_theft: return "Intel Anti-Theft";
    case Topic::txt: return "TXT";
    case Topic::absolute: return "Absolute";
    case Topic::psp: return "PSP";
  }
  return "";
}

Look look(const Image& image, const WalkOptions& options) {
  Look out;
  out.unpacked = options.unpack;
  Collector collector(out);
  WalkOptions all = options;
  all.leaf = [&](const Leaf& leaf) {
    collector.take(leaf);
    if (options.leaf) options.leaf(leaf);
  };
  if (is_file(image.body())) {
    out.firmware = read_file(image.body(), all).value_or(Firmware{});
  } else {
    out.firmware = read_volumes(image.bytes(), flash::find_volumes(image.bytes(), image.landmarks()).volumes, all);
  }
  mark_older(out.stores);
  SecureBoot keys = read_secure_boot(out.stores);
  for (KeyList& list : keys.defaults) out.secure_boot.defaults.push_back(std::move(list));
  keys.defaults = std::move(out.secure_boot.defaults);
  out.secure_boot = std::move(keys);
  out.boot = read_boot(out.stores);
  ModuleSearch search(out.modules);
  search.take(out.firmware.volumes);
  for (const File& file : out.firmware.files) search.take(file);
  std::ranges::stable_sort(out.modules, {}, &Module::topic);
  return out;
}

std::vector<Finding> judge(const Look& look) {
  std::vector<Finding> out = judge(look.secure_boot);
  const auto of = [&](Topic topic) { return std::ranges::find(look.modules, topic, &Module::topic); };
  if (const auto absolute = of(Topic::absolute); absolute != look.modules.end()) {
    out.push_back(
        {.id = "uefi.absolute.present",
         .question = Question::access,
         .severity = Severity::info,
         .title = "the firmware carries Absolute's (Computrace's) installer",
         .detail = fmt::format("{} ({}). It puts an agent into Windows. Whether it is activated is not in the "
                               "image.",
                               absolute->name, to_string(absolute->guid)),
         .advice = "look in the setup menu: some machines can switch it off for good",
         .range = absolute->place.image});
  }
  if (const auto update = of(Topic::me_update); update != look.modules.end()) {
    out.push_back({.id = "uefi.me-update.present",
                   .question = Question::access,
                   .severity = Severity::info,
                   .title = "the firmware can write to the ME region",
                   .detail = fmt::format("{} ({}): the setup menu or an update may write the ME region again.",
                                         update->name, to_string(update->guid)),
                   .advice = "after a BIOS update look again whether the ME is still disabled",
                   .range = update->place.image});
  }
  for (const VariableStore& store : look.stores) {
    if (store.kind == StoreKind::fault_tolerant && !store.healthy) {
      out.push_back({.id = "uefi.variables.interrupted",
                     .question = Question::structure,
                     .severity = Severity::info,
                     .title = "a write to the variables was interrupted",
                     .detail = fmt::format("The record of writes at {:#x} is not at rest.", store.range.offset),
                     .advice = "",
                     .range = store.range});
    }
    if (store.broken) {
      out.push_back({.id = "uefi.variables.broken",
                     .question = Question::structure,
                     .severity = Severity::warning,
                     .title = "a list of variables breaks off",
                     .detail = fmt::format("Behind the last of {} variables at {:#x} stands something that is neither "
                                           "a variable nor erased.",
                                           store.variables.size(), *store.broken),
                     .advice = "read the chip again and compare the two reads",
                     .range = store.range});
    }
  }
  return out;
}

}  // namespace quell::uefi
