// SPDX-License-Identifier: GPL-2.0-or-later
// `quell descriptor set`: single properties, regions by a layout file, the disable bit.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "base/number.h"
#include "cli/descriptor.h"
#include "cli/machine_tpm.h"
#include "flash/descriptor_details.h"
#include "flash/layout_file.h"
#include "intel/disable_bit.h"
#include "intel/firmware_tpm.h"
#include "intel/layout_loss.h"

namespace quell::cli {
namespace {

struct SetArguments {
  EditArguments edit;
  std::vector<std::string> items;
  std::string layout;
  std::string hap_at;
  MachineChoice machine;
};

// What the items are applied to.
struct Target {
  const flash::FlashDescriptor& descriptor;
  ByteView image;
  flash::EditRules rules{};
  PlanBuilder& builder;
  std::vector<Finding>& notices;
  std::vector<Finding>& costs;
  const MachineChoice& machine;
};

// "512K", "16M", "16MiB", "none".
std::optional<std::uint64_t> size_of(std::string_view text) {
  if (text == "none") return 0;
  const auto digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
  const std::string_view unit = text.substr(digits);
  const auto value = parse_integer(text.substr(0, digits));
  if (!value || *value > 1024) return std::nullopt;
  if (unit == "K" || unit == "KiB") return *value << 10U;
  if (unit == "M" || unit == "MiB") return *value << 20U;
  return std::nullopt;
}

Result<bool> on_off(std::string_view item, std::string_view value) {
  if (value == "on") return true;
  if (value == "off") return false;
  return fail(Errc::usage, fmt::format("{}: give on or off", item));
}

Result<void> set_density(Target& target, std::string_view value) {
  unsigned chip = 1;
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    const auto size = size_of(value.substr(0, comma));
    const auto code = size ? flash::density_code(*size, target.rules.version) : std::nullopt;
    if (!code || chip > 2) {
      return fail(Errc::usage,
                  fmt::format("density={}: give one size a chip, a power of two from 512K to {}, as in density=8M,4M",
                              value, target.rules.version == flash::DescriptorVersion::v1 ? "16M" : "256M, or none"));
    }
    QUELL_CHECK(flash::plan_density(target.builder, target.descriptor, target.rules, chip++, *code));
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return {};
}

Result<void> set_frequency(Target& target, std::string_view value) {
  const auto chipset = flash::chipset_of(target.descriptor);
  const auto mhz = parse_integer(value);
  const auto code = mhz && *mhz <= 1000 ? flash::clock_code(chipset, static_cast<unsigned>(*mhz)) : std::nullopt;
  if (!code) {
    return fail(Errc::usage, fmt::format("frequency={}: the {} has {} MHz", value, chipset.title,
                                         fmt::join(flash::clocks_offered(chipset), ", ")));
  }
  return flash::plan_clock(target.builder, target.descriptor, target.rules, *code);
}

Result<void> set_strap(Target& target, std::string_view index, std::string_view value) {
  const auto which = parse_integer(index);
  const auto word = parse_integer(value);
  if (!which || !word || *word > 0xFFFFFFFF) {
    return fail(Errc::usage,
                fmt::format("strap{}={}: give a strap and a 32-bit value, as in strap3=0x1234", index, value));
  }
  return flash::plan_strap(target.builder, target.descriptor, target.rules, *which, static_cast<std::uint32_t>(*word));
}

// region:me=0x1000-0x1fffff or region:me=none
Result<void> set_region(Target& target, std::string_view name, std::string_view value) {
  const auto* region = flash::find_region(target.descriptor, name);
  if (region == nullptr) return fail(Errc::usage, fmt::format("there is no region '{}'", name));
  if (value == "none") return flash::plan_region(target.builder, target.descriptor, target.rules, region->index, {});
  const auto dash = std::min(value.find('-'), value.size());
  constexpr std::uint64_t none = ~std::uint64_t{0};
  const std::uint64_t start = parse_integer(value.substr(0, dash)).value_or(none);
  const std::uint64_t last = dash < value.size() ? parse_integer(value.substr(dash + 1)).value_or(none) : none;
  if (last < start || last > 0xFFFFFFFF) {
    return fail(Errc::usage,
                fmt::format("region:{}={}: give START-LAST or none, as in region:me=0x1000-0x1fffff", name, value));
  }
  return flash::plan_region(target.builder, target.descriptor, target.rules, region->index,
                            Range::between(start, last + 1));
}

Result<void> set_disable(Target& target, bool on, intel::DisableOptions options) {
  options.on = on;
  const auto found =
      intel::find_disable_bits(target.descriptor, target.image, intel::firmware_facts(target.descriptor, target.image));
  QUELL_TRY(const auto edits, intel::plan_disable(target.builder, target.descriptor, found, options));
  auto more = intel::disable_notices(found, edits, on);
  std::ranges::move(more, std::back_inserter(target.notices));
  if (on) target.costs = intel::disable_costs(found);
  if (!on || edits.already) return {};
  const auto* me = target.descriptor.me();
  const auto region = me != nullptr && me->in_use() ? target.image.sub(me->range) : Result<ByteView>(ByteView());
  const auto tpm = region && !region->empty() ? intel::firmware_tpm(*region, target.descriptor.is_ich())
                                              : intel::FirmwareTpm::unknown;
  auto finding = intel::tpm_finding(tpm, &found);
  if (!finding) return {};
  target.costs.push_back(*std::move(finding));
  return refuse_tpm_loss(target.machine, options.accepted);
}

Result<void> set_item(Target& target, std::string_view item, const intel::DisableOptions& disable) {
  const auto equals = item.find('=');
  const std::string_view key = item.substr(0, equals);
  if (equals != std::string_view::npos) {
    const std::string_view value = item.substr(equals + 1);
    if (key == "density") return set_density(target, value);
    if (key == "frequency") return set_frequency(target, value);
    if (key.starts_with("strap")) return set_strap(target, key.substr(5), value);
    if (key.starts_with("region:")) return set_region(target, key.substr(7), value);
    if (key == "dual-output" || key == "disable") {
      QUELL_TRY(const bool on, on_off(item, value));
      if (key == "disable") return set_disable(target, on, disable);
      return flash::plan_dual_output(target.builder, target.descriptor, target.rules, on);
    }
  }
  return fail(Errc::usage, fmt::format("'{}' is nothing that can be set: density, frequency, dual-output, strapN, "
                                       "region:NAME or disable, each with =VALUE",
                                       item));
}

Result<std::string> read_text(const std::string& path) {
  QUELL_TRY(const MappedFile file, MappedFile::open(path));
  std::string text;
  for (const std::byte byte : file.bytes()) text += static_cast<char>(byte);
  return text;
}

// The layout is read later, and the capture where an item costs the machine's TPM its keys.
SandboxNeeds needs_of(const SetArguments& arguments) {
  SandboxNeeds needs{.write_files = {arguments.edit.output}};
  if (!arguments.layout.empty()) needs.read.emplace_back(arguments.layout);
  if (!arguments.machine.root.empty()) needs.read.emplace_back(arguments.machine.root);
  return needs;
}

// The layout and the items, as one plan. An image that grows is planned on a copy filled up with 0xFF.
Result<void> set(const SetArguments& arguments, const Session& session) {
  if (arguments.items.empty() && arguments.layout.empty())
    return fail(Errc::usage, "nothing to set: name items, as in density=16M, or a --layout");
  QUELL_TRY(const auto source, open_descriptor(arguments.edit.input, needs_of(arguments)));
  const ByteView original = source.image.bytes();
  QUELL_CHECK(flash::require_editable(source.descriptor, original, arguments.edit.accepted));
  std::optional<flash::Relayout> relayout;
  if (!arguments.layout.empty()) {
    QUELL_TRY(const std::string text, read_text(arguments.layout));
    QUELL_TRY(const auto lines, flash::parse_layout(text));
    QUELL_TRY(relayout, flash::plan_relayout(source.descriptor, original, lines));
    QUELL_CHECK(intel::refuse_loss(source.descriptor, original, *relayout, arguments.edit.accepted));
  }
  Buffer padded(original.bytes().begin(), original.bytes().end());
  padded.resize(std::max<std::uint64_t>(padded.size(), relayout ? relayout->size : 0), std::byte{0xFF});
  const Image image(arguments.edit.input, ByteView(padded));
  PlanBuilder builder(image.bytes());
  std::vector<Finding> notices;
  std::vector<Finding> costs;
  Target target{source.descriptor, image.bytes(), {}, builder, notices, costs, arguments.machine};
  QUELL_TRY(target.rules, flash::edit_rules(source.descriptor, original));
  if (relayout) {
    QUELL_CHECK(flash::plan_move(builder, source.descriptor, target.rules, original, *relayout));
    for (const std::string& name : relayout->ignored) {
      notices.push_back({.id = "flash.layout.unknown-name",
                         .question = Question::regions,
                         .severity = Severity::warning,
                         .title = fmt::format("the layout's '{}' is no region of this descriptor", name)});
    }
    if (padded.size() > original.size()) {
      notices.push_back({.id = "flash.layout.grows",
                         .question = Question::regions,
                         .title = fmt::format("the file grows to {} KiB", padded.size() / 1024)});
    }
  }
  intel::DisableOptions disable{.accepted = arguments.edit.accepted};
  if (!arguments.hap_at.empty()) {
    QUELL_TRY(disable.at, intel::parse_location(arguments.hap_at));
  }
  for (const std::string& item : arguments.items) QUELL_CHECK(set_item(target, item, disable));
  const Plan plan = std::move(builder).build(image.sha256());
  return finish_edit(arguments.edit, session, image, plan, std::move(notices), std::move(costs));
}

}  // namespace

void add_set_verb(const Command& parent, Session& session) {
  auto arguments = std::make_shared<SetArguments>();
  const Command verb = add_command(parent, session, "set", "change single properties",
                                   "quell descriptor set dump.rom disable=on -o quiet.rom\n"
                                   "  quell descriptor set dump.rom density=16M frequency=50 strap3=0x1234 -o new.rom\n"
                                   "  quell descriptor set dump.rom --layout new.layout -o moved.rom",
                                   of_change);
  add_edit_options(verb, arguments->edit, set_overrides);
  verb.option("ITEM", arguments->items,
              "density=SIZE[,SIZE], frequency=MHZ, dual-output=on|off, strapN=VALUE, "
              "region:NAME=START-LAST|none (the word alone), disable=on|off (the ME's disable bit)");
  add_machine_options(verb, arguments->machine);
  verb.option("--layout", arguments->layout, "move the regions as a flashrom layout file says");
  verb.option("--hap-at", arguments->hap_at,
              "disable: use this place, OFFSET[:BIT] from FPSBA, instead of the table; at your own risk");
  on_run(
      verb, session, &arguments->edit.input,
      [arguments, &session] {
        ask_this_machine(arguments->machine);
        return set(*arguments, session);
      },
      set_overrides);
}

}  // namespace quell::cli
