// SPDX-License-Identifier: GPL-2.0-or-later
// Real images and recorded results, and the full dumps that the results name.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "quell/byte_view.h"

namespace quell::test {

// Throw std::runtime_error when the file is missing or not what it should be.
Buffer read_file(const std::filesystem::path& path);
nlohmann::json read_json(const std::filesystem::path& path);
// A file as it is, or unpacked where its name ends in .xz.
Buffer read_sample(const std::filesystem::path& path);

// The image of one case of oracle/clean.json: a file of the corpus, or a dump made of a real descriptor and a real ME
// region where the descriptor (or the case) says it belongs, everything else 0xFF up to the next power of two.
Buffer clean_case_image(const nlohmann::json& test_case);
// What to call it in a message.
std::string clean_case_name(const nlohmann::json& test_case);

}  // namespace quell::test
