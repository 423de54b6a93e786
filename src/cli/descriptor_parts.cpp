// SPDX-License-Identifier: GPL-2.0-or-later
// `quell descriptor extract`, `inject`, `split` and `join`.
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "cli/descriptor.h"
#include "cli/overrides.h"
#include "flash/recognise.h"
#include "flash/two_chips.h"

namespace quell::cli {
namespace {

Buffer copy_of(ByteView view) { return {view.bytes().begin(), view.bytes().end()}; }

Error beyond_file(const DescriptorFile& source, const flash::DescriptorRegion& region) {
  const ByteView image = source.image.bytes();
  if (flash::is_descriptor_alone(source.descriptor, image)) {
    return {Errc::damaged,
            fmt::format("the file is the descriptor alone, the {} region is not in it: give the dump of the whole chip",
                        region.title),
            region.word_offset};
  }
  return {
      Errc::damaged,
      fmt::format("the {} region ends at {:#x} but the file ends at {:#x}: give the dump of the whole chip, or join "
                  "both halves",
                  region.title, region.range.end() - 1, image.size() - 1),
      region.word_offset};
}

struct ExtractArguments {
  std::string input, folder = ".";
  std::vector<std::string> names;
};

// The regions named, or every region in use. Of a descriptor alone, which names what it does not hold, only itself.
Result<std::vector<const flash::DescriptorRegion*>> chosen(const DescriptorFile& source,
                                                           const std::vector<std::string>& names) {
  std::vector<const flash::DescriptorRegion*> out;
  const ByteView image = source.image.bytes();
  for (const std::string& name : names) {
    const auto* region = flash::find_region(source.descriptor, name);
    if (region == nullptr || !region->in_use())
      return fail(Errc::usage, fmt::format("there is no region '{}' in use", name));
    out.push_back(region);
  }
  if (names.empty()) {
    const bool alone = flash::is_descriptor_alone(source.descriptor, image);
    for (const auto& region : source.descriptor.regions) {
      if (region.in_use() && (!alone || region.range.end() <= image.size())) out.push_back(&region);
    }
  }
  for (const auto* region : out) {
    if (region->range.end() > image.size()) return tl::unexpected<Error>(beyond_file(source, *region));
  }
  return out;
}

// The folder, or the nearest one above it that is there already.
std::filesystem::path existing_part(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::path at = std::filesystem::absolute(folder, error);
  while (!std::filesystem::exists(at, error) && at.has_relative_path()) at = at.parent_path();
  return at;
}

Result<void> extract(const ExtractArguments& arguments) {
  QUELL_TRY(const auto source, open_descriptor(arguments.input, {.write_below = {existing_part(arguments.folder)}}));
  QUELL_TRY(const auto regions, chosen(source, arguments.names));
  std::error_code error;
  std::filesystem::create_directories(arguments.folder, error);
  if (error) return fail(Errc::io, fmt::format("{}: {}", arguments.folder, error.message()));
  Outputs outputs;
  outputs.protect_input(arguments.input);
  std::string lines;
  for (const auto* region : regions) {
    const auto path = std::filesystem::path(arguments.folder) / (std::string(region->short_name) + ".bin");
    QUELL_CHECK(outputs.add_own(path.string(), copy_of(source.image.bytes().clip(region->range))));
    lines += fmt::format("{}  {} bytes from {:#x}\n", path.string(), region->range.size, region->range.offset);
  }
  QUELL_CHECK(outputs.write());
  if (arguments.names.empty() && flash::is_descriptor_alone(source.descriptor, source.image.bytes())) {
    lines += "the file is the descriptor alone: the regions that it names are not in it\n";
  }
  print(lines);
  return {};
}

struct InjectArguments {
  EditArguments edit;
  std::vector<std::string> items;
};

// The files whose content goes in are read later.
SandboxNeeds needs_of(const InjectArguments& arguments) {
  SandboxNeeds needs{.write_files = {arguments.edit.output}};
  for (const std::string& item : arguments.items) {
    const auto equals = item.find('=');
    if (equals != std::string::npos) needs.read.emplace_back(item.substr(equals + 1));
  }
  return needs;
}

Result<void> inject(const InjectArguments& arguments, const Session& session) {
  QUELL_TRY(const auto source, open_descriptor(arguments.edit.input, needs_of(arguments)));
  const ByteView bytes = source.image.bytes();
  QUELL_CHECK(flash::require_editable(source.descriptor, bytes, arguments.edit.accepted));
  PlanBuilder builder(bytes);
  for (const std::string& item : arguments.items) {
    const auto equals = item.find('=');
    if (equals == std::string::npos || equals + 1 == item.size())
      return fail(Errc::usage, fmt::format("'{}': name a region and a file, as in me=new-me.bin", item));
    const auto* region = flash::find_region(source.descriptor, item.substr(0, equals));
    if (region == nullptr) return fail(Errc::usage, fmt::format("there is no region '{}'", item.substr(0, equals)));
    QUELL_TRY(const MappedFile content, MappedFile::copy(item.substr(equals + 1)));
    QUELL_CHECK(flash::plan_inject(builder, source.descriptor, bytes, region->index, content.bytes()));
  }
  const Plan plan = std::move(builder).build(source.image.sha256());
  return finish_edit(arguments.edit, session, source.image, plan, {});
}

struct SplitArguments {
  std::string input, first, second;
  std::uint64_t at = 0;
};

// Where the second chip begins: as the user says, or by the sizes in the descriptor.
Result<std::uint64_t> border(const DescriptorFile& source, std::uint64_t at) {
  const std::uint64_t size = source.image.bytes().size();
  if (at != 0) {
    if (at < size) return at;
    return fail(Errc::usage, fmt::format("--at {:#x}: the file has {:#x} bytes", at, size));
  }
  auto second = flash::second_chip(source.descriptor, source.image.bytes());
  if (!second) second.error().message.append("; say where the second one begins with --at");
  return second;
}

Result<void> split(const SplitArguments& arguments) {
  QUELL_TRY(const auto source, open_descriptor(arguments.input, {.write_files = {arguments.first, arguments.second}}));
  QUELL_TRY(const auto at, border(source, arguments.at));
  const ByteView image = source.image.bytes();
  Outputs outputs;
  outputs.protect_input(arguments.input);
  QUELL_CHECK(outputs.add(arguments.first, copy_of(image.clip({0, at}))));
  QUELL_CHECK(outputs.add(arguments.second, copy_of(image.clip(Range::between(at, image.size())))));
  QUELL_CHECK(outputs.write());
  print(fmt::format("{}  {} KiB\n{}  {} KiB\n", arguments.first, at / 1024, arguments.second,
                    (image.size() - at) / 1024));
  return {};
}

struct JoinArguments {
  std::string first, second, output;
  Overrides accepted{};
};

Result<void> join(const JoinArguments& arguments) {
  QUELL_TRY(const auto source,
            open_descriptor(arguments.first, {.read = {arguments.second}, .write_files = {arguments.output}}));
  QUELL_TRY(const MappedFile second, MappedFile::copy(arguments.second));
  QUELL_TRY(Buffer image,
            flash::join_chips(source.descriptor, source.image.bytes(), second.view(), arguments.accepted));
  const std::size_t size = image.size();
  Outputs outputs;
  outputs.protect_input(arguments.first);
  outputs.protect_input(arguments.second);
  QUELL_CHECK(outputs.add(arguments.output, std::move(image)));
  QUELL_CHECK(outputs.write());
  if (arguments.output != "-") print(fmt::format("{}  {} KiB\n", arguments.output, size / 1024));
  return {};
}

}  // namespace

void add_part_verbs(const Command& parent, Session& session) {
  auto extracted = std::make_shared<ExtractArguments>();
  Command verb = add_command(parent, session, "extract", "write regions to files of their own",
                             "quell descriptor extract dump.rom me gbe -d parts", no_choice);
  verb.option("IMAGE", extracted->input, "full flash dump; - is standard input").required();
  verb.option("REGION", extracted->names, "fd, bios, me, gbe, ...; every region in use when none is named");
  verb.option("-d,--directory", extracted->folder, "folder for the files; made when missing");
  on_run(verb, session, &extracted->input, [extracted] { return extract(*extracted); });

  auto injected = std::make_shared<InjectArguments>();
  verb = add_command(parent, session, "inject", "put files into regions",
                     "quell descriptor inject dump.rom me=me.bin -o new.rom", of_change);
  add_edit_options(verb, injected->edit);
  verb.option("REGION=FILE", injected->items, "what is shorter than the region goes to its start, in bios to its end")
      .required();
  on_run(
      verb, session, &injected->edit.input, [injected, &session] { return inject(*injected, session); },
      edit_overrides);

  auto halves = std::make_shared<SplitArguments>();
  verb = add_command(parent, session, "split", "cut the image of a board with two flash chips in two",
                     "quell descriptor split dump.rom --first 8m.bin --second 4m.bin", no_choice);
  verb.option("IMAGE", halves->input, "full flash dump; - is standard input").required();
  verb.option("--first", halves->first, "file for the first chip, which begins with the descriptor").required();
  verb.option("--second", halves->second, "file for the second chip").required();
  verb.option("--at", halves->at, "size of the first chip, when the descriptor does not say it");
  on_run(verb, session, &halves->input, [halves] { return split(*halves); });

  auto both = std::make_shared<JoinArguments>();
  verb = add_command(parent, session, "join", "put the images of two flash chips together",
                     "quell descriptor join 8m.bin 4m.bin -o dump.rom", no_choice);
  verb.option("FIRST", both->first, "first chip, which begins with the descriptor").required();
  verb.option("SECOND", both->second, "second chip").required();
  verb.option("-o,--output", both->output, "write the joined image here").required();
  add_override_options(verb, flash::join_overrides, both->accepted);
  on_run(
      verb, session, &both->first, [both] { return join(*both); }, flash::join_overrides);
}

}  // namespace quell::cli
