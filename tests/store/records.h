// SPDX-License-Identifier: GPL-2.0-or-later
// Lines as a scan writes them, about images that never were.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace quell::test {

using Json = nlohmann::ordered_json;

// A SHA-256 that stands for the number.
std::string digest_of(unsigned number);
// A record of a sound Intel image; tests change what they are about.
Json image_record(unsigned number);
Json file_record(const std::string& path, unsigned number);
// The same as lines.
std::string image_line(const Json& image);
std::string file_line(const Json& file);

// Records that have something for each question that has a name, in a fixed order.
std::vector<std::string> fleet();
std::string joined(const std::vector<std::string>& lines);

void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace quell::test
