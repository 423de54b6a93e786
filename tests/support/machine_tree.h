// SPDX-License-Identifier: GPL-2.0-or-later
// A captured machine written as text, made into a folder for as long as the object lives. Directives start with @:
//     @file PATH            the lines up to the next directive are its text
//     @hex PATH             the same as bytes in hex
//     @link PATH TARGET     a symbolic link
//     @dir PATH             an empty directory
//     @deny PATH REASON     what the capture could not read
// Lines that start with # before the first directive are comments.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace quell::test {

class MachineTree {
 public:
  explicit MachineTree(const std::filesystem::path& description) {
    std::string name = (std::filesystem::temp_directory_path() / "quell-tree-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    std::ifstream file(description);
    std::string line;
    while (std::getline(file, line)) {
      if (line.starts_with('@')) {
        finish();
        begin(line);
      } else if (!path_.empty()) {
        take(line);
      }
    }
    finish();
    if (!denied_.empty()) write("quell/denied", denied_);
  }
  ~MachineTree() { std::filesystem::remove_all(folder_); }
  MachineTree(const MachineTree&) = delete;
  MachineTree& operator=(const MachineTree&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }

 private:
  void begin(const std::string& line) {
    std::istringstream words(line);
    std::string kind;
    std::string path;
    std::string rest;
    words >> kind >> path;
    std::getline(words >> std::ws, rest);
    const auto place = folder_ / path;
    hex_ = kind == "@hex";
    if (hex_ || kind == "@file") {
      path_ = path;
    } else if (kind == "@dir") {
      std::filesystem::create_directories(place);
    } else if (kind == "@link") {
      std::filesystem::create_directories(place.parent_path());
      std::filesystem::create_symlink(rest, place);
    } else if (kind == "@deny") {
      denied_ += "/" + path + "\t" + rest + "\n";
    }
  }
  void take(const std::string& line) {
    if (!hex_) {
      content_ += line + "\n";
      return;
    }
    std::istringstream words(line);
    std::string word;
    while (words >> word) content_ += static_cast<char>(std::stoi(word, nullptr, 16));
  }
  void finish() {
    if (!path_.empty()) write(path_, content_);
    path_.clear();
    content_.clear();
  }
  void write(const std::string& path, const std::string& content) {
    std::filesystem::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path, std::ios::binary) << content;
  }

  std::filesystem::path folder_;
  std::string path_;
  std::string content_;
  std::string denied_;
  bool hex_ = false;
};

}  // namespace quell::test
