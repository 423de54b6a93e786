// SPDX-License-Identifier: GPL-2.0-or-later
// The recorded results of ../shared/oracle/amd and how they map onto `inspect --json`.
//
// The mapping is mechanical. A reference object becomes a component; its plain members become attributes of the same
// name; a nested object's members get its name and "_" in front ("additional_info": {"raw"} is
// "additional_info_raw"). Hexadecimal texts ("0x00031000") are numbers in our JSON; null and absent are the same.
//   rom                      one element of "engines" ("amd-psp"): the attributes of its tree
//   rom.efs                  the tree's child of kind "efs"; its `fields` are attributes without a prefix
//   rom.directories[]        children of kind "directory", in order
//   directory.entries[]      their children of kind "entry" ("combo-entry" in combo directories), in order
//   entry.sub_images[]       children of kind "sub-image"; entry.spl.entries[] of kind "spl-record"
//   rom.keys[]               children of the child of kind "keys", in order
//   rom.findings[]           "findings": id with "amd." in front, notice is "warning", `where` is range.offset,
//   `detail`
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "quell/byte_view.h"

namespace quell::test {

using Json = nlohmann::ordered_json;

Json read_json(const std::filesystem::path& path);

// The bytes of an .xz file.
Buffer unxz(const std::filesystem::path& path);

// `inspect --json` of the bytes, as the program prints it: the one image's object.
Json inspect(const Buffer& bytes, const std::string& name);

// The "amd-psp" engines of an inspected image.
std::vector<Json> amd_engines(const Json& image);

// Every way in which our engine object differs from a rom of the reference, one line each.
std::vector<std::string> differences(const Json& rom, const Json& engine);

// A finding as one comparable line: id, severity, where, detail; in the reference's terms.
std::string line_of_reference(const Json& finding);
std::string line_of(const Json& finding);

// Whether the reference's vocabulary has this finding; ours has a few more.
bool in_vocabulary(const std::string& id);

}  // namespace quell::test
