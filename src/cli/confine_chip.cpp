// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/confine_chip.h"

#include <algorithm>
#include <filesystem>

#include "base/elf.h"
#include "base/number.h"
#include "cli/confine.h"
#include "quell/mapped_file.h"
#include "spi/worker_client.h"

namespace quell::cli {
namespace {

// The kernel starts it on behalf of the program: the dynamic linker, by the program's own word.
std::filesystem::path interpreter_of(const std::filesystem::path& program) {
  constexpr std::uint32_t names_interpreter = 3;
  const auto file = MappedFile::open(program.string());
  if (!file) return {};
  const auto elf = parse_elf(file->view());
  if (!elf) return {};
  const auto header = std::ranges::find(elf->programs, names_interpreter, &ElfProgramHeader::type);
  if (header == elf->programs.end()) return {};
  const auto bytes = file->view().sub(header->offset, header->file_size);
  if (!bytes) return {};
  const std::string name = bytes->text(0, bytes->size()).value_or("");
  return name.substr(0, name.find('\0'));
}

// serprog over a network: HOST:PORT.
std::vector<std::uint16_t> ports_of(const spi::Programmer& programmer) {
  const std::string place = programmer.parameter("ip");
  const auto colon = place.rfind(':');
  if (colon == std::string::npos) return {};
  const auto port = parse_decimal(std::string_view(place).substr(colon + 1));
  if (!port || *port > UINT16_MAX) return {};
  return {static_cast<std::uint16_t>(*port)};
}

}  // namespace

void confine_chip(const Session& session, const spi::Programmer& programmer, const std::string& vault,
                  const std::vector<std::string>& outputs) {
  const std::filesystem::path worker = spi::worker_program();
  DeviceNeeds needs{
      .devices = {"/dev", "/sys"}, .programs = {worker}, .ports = ports_of(programmer), .privileged = true};
  needs.files.read = {"/"};
  if (const auto interpreter = interpreter_of(worker); !interpreter.empty()) needs.programs.push_back(interpreter);
  if (!vault.empty()) needs.files.write_below.emplace_back(vault);
  for (const std::string& output : outputs) {
    if (!output.empty() && output != "-") needs.files.write_files.emplace_back(output);
  }
  if (const std::string image = programmer.parameter("image"); !image.empty())
    needs.files.write_files.emplace_back(image);
  confine_device(session, needs);
}

}  // namespace quell::cli
