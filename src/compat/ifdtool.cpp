// SPDX-License-Identifier: GPL-2.0-or-later
// The front end with the options, bytes and exit statuses of ifdtool 1.2. Unlike it, the version of the descriptor is
// found from the image, absent regions are absent, and nothing is written unless everything has been checked.
#include <span>

#include <fmt/format.h>

#include "base/printable.h"
#include "base/sandbox.h"
#include "cli/command.h"
#include "cli/outputs.h"
#include "compat/ifdtool_options.h"
#include "compat/ifdtool_steps.h"
#include "quell/mapped_file.h"

namespace quell::compat {
namespace {

constexpr int success = 0;
constexpr int failure = 1;

int complain(const Error& error, const std::string& subject) {
  const std::string where = error.offset ? fmt::format(" (at {:#x})", *error.offset) : "";
  const std::string prefix = error.message.starts_with(subject) ? "" : subject + ": ";
  cli::say(printable(fmt::format("quell ifdtool: {}{}{}", prefix, error.message, where)) + "\n");
  return failure;
}

// Rules as -p says, or by the image. A platform that does not fit the layout of the sections is a mistake.
Result<flash::EditRules> rules_for(const flash::FlashDescriptor& descriptor, const IfdOptions& options) {
  using flash::DescriptorVersion;
  QUELL_TRY(auto rules, flash::edit_rules(descriptor, ByteView()));
  rules.copies.clear();  // ifdtool edits the first copy only
  rules.zero_word_is_region = true;
  if (!options.platform) return rules;
  const bool wants_v2 = options.platform->version == DescriptorVersion::v2;
  if (wants_v2 != (*descriptor.version == DescriptorVersion::v2)) {
    return fail(Errc::usage, fmt::format("-p {} does not fit: the sections are laid out as in version {}",
                                         options.platform->name, wants_v2 ? "1" : "2"));
  }
  rules.version = options.platform->version;
  rules.extended_access = options.platform->extended_access;
  rules.lock = options.platform->lock;
  return rules;
}

Result<void> plan_injection(const IfdJob& job, PlanBuilder& builder) {
  const auto* region = flash::find_region(job.descriptor, *job.options.inject_region);
  if (region == nullptr) return fail(Errc::usage, fmt::format("no region '{}'", *job.options.inject_region));
  QUELL_TRY(const MappedFile content, MappedFile::open(*job.options.inject_file));
  return flash::plan_inject(builder, job.descriptor, job.image, region->index, content.bytes());
}

// FLCOMP steps and permissions, in ifdtool's order.
Result<void> plan_group(const IfdJob& job, PlanBuilder& builder) {
  const IfdOptions& o = job.options;
  if (o.clock) QUELL_CHECK(flash::plan_clock(builder, job.descriptor, job.rules, *o.clock));
  if (o.density) {
    if (job.rules.version == flash::DescriptorVersion::v1 && *o.density > 5)
      return fail(Errc::usage, "this descriptor cannot name chips of 32 MiB and more, or none");
    QUELL_CHECK(flash::plan_density(builder, job.descriptor, job.rules, o.chip, *o.density));
  }
  if (o.em100) {
    const unsigned slowest = job.rules.version == flash::DescriptorVersion::v2 ? 6 : 0;
    QUELL_CHECK(flash::plan_dual_output(builder, job.descriptor, job.rules, false));
    QUELL_CHECK(flash::plan_clock(builder, job.descriptor, job.rules, slowest));
  }
  if (o.lock) QUELL_CHECK(flash::plan_lock(builder, job.descriptor, job.rules));
  if (o.read) QUELL_CHECK(flash::plan_let_host_read_me(builder, job.descriptor, job.rules));
  if (o.unlock) QUELL_CHECK(flash::plan_unlock(builder, job.descriptor, job.rules));
  return {};
}

Result<void> plan_all(const IfdJob& job, PlanBuilder& builder) {
  const IfdOptions& o = job.options;
  if (o.inject_file) QUELL_CHECK(plan_injection(job, builder));
  QUELL_CHECK(plan_group(job, builder));
  std::string text;
  if (o.gpr0 != Gpr0::leave) QUELL_CHECK(plan_gpr0(job, builder, text));
  if (o.top_swap_size) QUELL_CHECK(plan_top_swap(job, builder));
  if (o.strap) QUELL_CHECK(flash::plan_strap(builder, job.descriptor, job.rules, *o.strap, o.strap_value));
  if (o.disable_me) QUELL_CHECK(plan_alt_me_disable(job, builder, text));
  if (!text.empty()) cli::say(fmt::format("quell ifdtool: {}: {}\n", o.input, text));
  return {};
}

Result<void> extract(const IfdJob& job, cli::Outputs& outputs) {
  for (unsigned i = 0; i < std::min<std::size_t>(slot_count(job), job.descriptor.regions.size()); ++i) {
    const auto& region = job.descriptor.regions[i];
    if (!region.in_use()) continue;
    const auto bytes = job.image.sub(region.range);
    if (!bytes) {
      return fail(Errc::damaged,
                  fmt::format("the {} region ends at {:#x} but the file ends at {:#x}: give the dump of the whole chip",
                              region.title, region.range.end() - 1, job.image.size() - 1),
                  region.word_offset);
    }
    const Bytes content = bytes->bytes();
    QUELL_CHECK(outputs.add_own(region_file_name(i), Buffer(content.begin(), content.end())));
  }
  return {};
}

Result<void> add_text(cli::Outputs& outputs, const std::string& path, const std::string& text) {
  const Bytes bytes = as_bytes(text);
  return outputs.add(path, Buffer(bytes.begin(), bytes.end()));
}

Result<Buffer> changed_image(const IfdJob& job, const Image& image) {
  if (job.options.new_layout) {
    QUELL_TRY(const MappedFile text, MappedFile::open(*job.options.new_layout));
    const Bytes bytes = text.bytes();
    std::string layout;
    for (const std::byte byte : bytes) layout += static_cast<char>(byte);
    return rebuild_with_layout(job, layout);
  }
  PlanBuilder builder(job.image);
  QUELL_CHECK(plan_all(job, builder));
  const Plan plan = std::move(builder).build(image.sha256());
  // Edits that replace the descriptor itself may lead anywhere; all others must leave a sound one.
  if (job.options.inject_file) return apply(plan, image);
  return flash::apply_descriptor_plan(plan, image);
}

// The files that are read or written after the image was opened.
SandboxNeeds needs_of(const IfdOptions& options) {
  SandboxNeeds needs;
  for (const auto* name : {&options.layout, &options.fmap, &options.output}) {
    if (*name) needs.write_files.emplace_back(**name);
  }
  if (options.changes() && !options.output) needs.write_files.emplace_back(options.input + ".new");
  if (options.extract) needs.write_files.emplace_back(region_file_name(0));
  for (const auto* name : {&options.new_layout, &options.inject_file}) {
    if (*name) needs.read.emplace_back(**name);
  }
  return needs;
}

Result<int> run(const IfdOptions& options) {
  QUELL_TRY(const MappedFile file, MappedFile::copy(options.input));
  enter_sandbox(needs_of(options));
  const Image image(options.input, file.view());
  IfdJob job{options, file.view()};
  QUELL_TRY(job.descriptor, flash::parse_descriptor(job.image));
  QUELL_TRY(job.rules, rules_for(job.descriptor, options));
  cli::Outputs outputs;
  outputs.protect_input(options.input);
  int status = success;
  std::string text;
  if (options.dump) text = dump_text(job);
  if (options.layout) QUELL_CHECK(add_text(outputs, *options.layout, ifd_layout_text(job)));
  if (options.fmap) QUELL_CHECK(add_text(outputs, *options.fmap, fmap_text(job)));
  if (options.extract) QUELL_CHECK(extract(job, outputs));
  if (options.validate && !validate_fmap(job, text)) status = failure;
  if (options.gpr0 == Gpr0::status) {
    PlanBuilder nothing(job.image);
    QUELL_CHECK(plan_gpr0(job, nothing, text));
  }
  if (options.changes()) {
    QUELL_TRY(Buffer output, changed_image(job, image));
    const std::string name = options.output.value_or(options.input + ".new");
    if (cli::same_file(name, options.input)) outputs.allow_in_place();
    QUELL_CHECK(outputs.add(name, std::move(output)));
  }
  QUELL_CHECK(outputs.write());
  cli::print(printable_lines(text));
  return status;
}

}  // namespace

int ifdtool(std::span<char* const> arguments) {
  auto parsed = parse_ifdtool(arguments);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& options = std::get<IfdOptions>(parsed);
  const auto status = run(options);
  return status ? *status : complain(status.error(), options.input);
}

}  // namespace quell::compat
