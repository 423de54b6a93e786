// SPDX-License-Identifier: GPL-2.0-or-later
#include "uefi/describe.h"

#include "uefi/names.h"

namespace quell::uefi {
namespace {

Component component(std::string kind, std::string name, const Place& place) {
  Component out{std::move(kind), std::move(name), place.image};
  if (place.unpacked) {
    out.attributes.set("unpacked_offset", place.range.offset, Show::hex);
    out.attributes.set("unpacked_length", place.range.size, Show::size);
  }
  return out;
}

Check check(Question question, CheckState state, std::string subject, const Place& place, std::string reason,
            std::string algorithm) {
  return {.question = question,
          .state = state,
          .subject = std::move(subject),
          .range = place.unpacked ? Range{} : place.range,
          .reason = std::move(reason),
          .algorithm = std::move(algorithm)};
}

Component describe(const Volume& volume) {
  Component out = flash::describe(volume.header);
  out.range = volume.place.image;
  if (volume.place.unpacked) out.checks.front().range = {};
  out.children = describe_files(volume);
  return out;
}

void add_children(Component& to, const std::vector<Section>& sections, const std::vector<Volume>& volumes);

void add_checks(Component& to, const Section& section) {
  const std::string encoding(to_string(section.encoding));
  if (section.crc_right) {
    to.checks.push_back(check(Question::checksums, check_state(*section.crc_right), "content", section.place,
                              *section.crc_right ? "" : "it does not have the CRC32 of its header", "CRC32"));
    return;
  }
  const auto structure = [&](CheckState state, std::string reason) {
    to.checks.push_back(
        check(Question::structure, state, "packed content", section.place, std::move(reason), encoding));
  };
  switch (section.state) {
    case Section::State::unpacked:
      if (section.encoding != Encoding::none) structure(CheckState::held, "");
      return;
    case Section::State::broken: return structure(CheckState::failed, "it does not unpack");
    case Section::State::opaque: return structure(CheckState::not_checked, "nobody here knows how it is packed");
    case Section::State::refused: return structure(CheckState::not_checked, "it unpacks to too much");
    case Section::State::packed: return structure(CheckState::not_checked, "`quell check` unpacks it");
    case Section::State::plain: return;
  }
}

std::string_view state_text(Section::State state) {
  switch (state) {
    case Section::State::unpacked: return "unpacked";
    case Section::State::broken: return "broken";
    case Section::State::opaque: return "opaque";
    case Section::State::refused: return "too large";
    case Section::State::packed: return "packed";
    case Section::State::plain: break;
  }
  return "plain";
}

Component describe(const Section& section) {
  Component out = component("firmware-section", section_type(section.type), section.place);
  if (section.has_guid) out.attributes.set("guid", to_string(section.guid));
  if (section.encoding != Encoding::none) out.attributes.set("encoding", std::string(to_string(section.encoding)));
  if (section.state != Section::State::plain) out.attributes.set("content", std::string(state_text(section.state)));
  if (section.unpacked_size != 0) out.attributes.set("unpacked_size", section.unpacked_size, Show::size);
  if (section.unpacked_digest) out.attributes.set("unpacked_sha256", to_hex(*section.unpacked_digest));
  if (section.digest) out.attributes.set("sha256", to_hex(*section.digest));
  if (!section.text.empty()) out.attributes.set("label", section.text);
  add_checks(out, section);
  add_children(out, section.sections, section.volumes);
  return out;
}

void add_children(Component& to, const std::vector<Section>& sections, const std::vector<Volume>& volumes) {
  for (const Section& section : sections) to.children.push_back(describe(section));
  for (const Volume& volume : volumes) to.children.push_back(describe(volume));
}

std::string_view state_text(File::State state) {
  switch (state) {
    case File::State::whole: return "whole";
    case File::State::updating: return "marked for update";
    case File::State::deleted: return "deleted";
    case File::State::invalid: return "invalid";
    case File::State::unfinished: return "unfinished";
  }
  return "unknown";
}

void add_checks(Component& to, const File& file) {
  to.checks.push_back(check(Question::checksums, check_state(file.header_right), "file header", file.place,
                            file.header_right ? "" : "the header does not sum to zero", "8-bit sum"));
  if (file.data == File::Sum::held || file.data == File::Sum::failed) {
    const bool held = file.data == File::Sum::held;
    to.checks.push_back(check(Question::checksums, check_state(held), "file content", file.place,
                              held ? "" : "the content does not sum to zero", "8-bit sum"));
  }
}

}  // namespace

std::vector<Component> describe_files(const Volume& volume) {
  std::vector<Component> out;
  out.reserve(volume.files.size());
  for (const File& file : volume.files) out.push_back(describe(file));
  return out;
}

Component describe(const File& file) {
  Component out = component("firmware-file", to_string(file.name), file.place);
  if (!file.label.empty()) out.attributes.set("label", file.label);
  out.attributes.set("type", file_type(file.type));
  if (!file.version.empty()) out.attributes.set("version", file.version);
  if (file.state != File::State::whole) out.attributes.set("state", std::string(state_text(file.state)));
  if (file.digest) out.attributes.set("sha256", to_hex(*file.digest));
  add_checks(out, file);
  add_children(out, file.sections, file.volumes);
  return out;
}

}  // namespace quell::uefi
