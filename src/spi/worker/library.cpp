// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/worker/library.h"

#include <algorithm>
#include <array>
#include <memory>

extern "C" {
#include <libflashrom.h>  // no linkage guard of its own
}

#include "spi/worker/log_filter.h"
#include "spi/worker/silence.h"

namespace quell::spi {
namespace {

constexpr const char* region_name = "unit";
constexpr int code_impossible = 1;

// The library's callback has no user pointer.
LogFilter*& current_filter() {
  static LogFilter* filter = nullptr;
  return filter;
}

int on_log(enum flashrom_log_level level, const char* format, std::va_list arguments) {
  // One read of 16 MiB calls this sixteen million times at the lowest level.
  if (level > FLASHROM_MSG_DEBUG) return 0;
  if (LogFilter* filter = current_filter()) filter->take(static_cast<int>(level), format, arguments);
  return 0;
}

std::unique_ptr<LogFilter>& owned_filter() {
  static std::unique_ptr<LogFilter> filter;
  return filter;
}

std::vector<ChipDefinition> chip_table() {
  std::vector<ChipDefinition> table;
  flashrom_flashchip_info* const list = flashrom_supported_flash_chips();
  if (list == nullptr) return table;
  // The list ends with an entry without a name.
  for (const flashrom_flashchip_info* entry = list; entry->name != nullptr; entry = std::next(entry)) {
    table.push_back({entry->vendor == nullptr ? "" : entry->vendor, entry->name,
                     static_cast<std::uint64_t>(entry->total_size) * 1024, entry->tested.erase == FLASHROM_TESTED_OK,
                     entry->tested.write == FLASHROM_TESTED_OK});
  }
  flashrom_data_free(list);
  return table;
}

// The name itself, or the only definition that lists it: "W25Q64CV" stands for "W25Q64BV/W25Q64CV/W25Q64FV".
std::string full_name(const std::vector<ChipDefinition>& table, const std::string& wanted) {
  if (wanted.empty() || std::ranges::find(table, wanted, &ChipDefinition::name) != table.end()) return wanted;
  const auto lists = [&](const ChipDefinition& chip) { return lists_name(chip.name, wanted); };
  return std::ranges::count_if(table, lists) == 1 ? std::ranges::find_if(table, lists)->name : wanted;
}

// Pseudo definitions ("unknown SPI chip (RDID)", vendor "Generic", size 0) say only that something answered.
bool usable(const ChipDefinition& chip) {
  return chip.size != 0 && chip.vendor != "Generic" && !chip.name.starts_with("unknown") &&
         !chip.name.starts_with("Unknown");
}

}  // namespace

Library::Library(std::function<void(int, std::string_view)> log, std::function<void()> escalation,
                 std::function<void()> silence)
    : silence_(std::move(silence)) {
  owned_filter() = std::make_unique<LogFilter>(std::move(log), std::move(escalation));
  current_filter() = owned_filter().get();
  flashrom_set_log_callback(&on_log);
  flashrom_init(0);
}

Library::~Library() {
  static_cast<void>(close());
  current_filter() = nullptr;
}

std::string Library::version() {
  const char* text = flashrom_version_info();
  return text == nullptr ? "unknown" : text;
}

int Library::open(const std::string& programmer, const std::string& parameters) {
  opened_ = true;  // a failed start needs its shutdown too
  const int result = flashrom_programmer_init(&programmer_, programmer.c_str(), parameters.c_str());
  current_filter()->flush();
  return result;
}

ChipIdentity Library::probe(const std::string& definition, int& result) {
  LogFilter& filter = *current_filter();
  ChipIdentity identity;
  const auto table = chip_table();
  const auto attempt = [&](const std::string& name) {
    definition_ = name;
    flashrom_flashctx* found = nullptr;
    const int code = flashrom_flash_probe(&found, programmer_, definition_.empty() ? nullptr : definition_.c_str());
    if (code == 0 && flashrom_flash_getsize(found) != 0) {
      context_ = found;
    } else if (code == 0) {
      flashrom_flash_release(found);
    }
    return code;
  };
  result = attempt(full_name(table, definition));
  filter.flush();
  if (context_ != nullptr) {
    ChipDefinition chip{filter.facts.vendor, filter.facts.name, flashrom_flash_getsize(context_)};
    const auto row = std::ranges::find(table, chip.name, &ChipDefinition::name);
    if (row != table.end()) {
      chip.tested_erase = row->tested_erase;
      chip.tested_write = row->tested_write;
    }
    if (usable(chip)) identity.definition = chip;
    image_.assign(chip.size, std::byte{0});
  } else if (result == 3) {
    // Two or more fit; the library has named only the first two. Its ID cache makes asking for each cheap.
    filter.silent = true;
    for (const ChipDefinition& chip : table) {
      if (!usable(chip)) continue;
      if (attempt(chip.name) != 0 || context_ == nullptr) continue;
      identity.candidates.push_back(chip);
      flashrom_flash_release(context_);
      context_ = nullptr;
    }
    filter.silent = false;
  }
  identity.jedec_id = filter.facts.jedec_id;
  identity.bus = filter.facts.bus;
  identity.status_register = filter.facts.status_register;
  status_register_ = filter.facts.status_register;
  return identity;
}

Protection Library::protection() {
  Protection protection;
  protection.status_register = status_register_;
  flashrom_wp_cfg* config = nullptr;
  if (flashrom_wp_cfg_new(&config) != FLASHROM_WP_OK) return protection;
  if (flashrom_wp_read_cfg(config, context_) == FLASHROM_WP_OK) {
    protection.described = true;
    protection.mode = static_cast<Protection::Mode>(flashrom_wp_get_mode(config));
    std::size_t start = 0, length = 0;
    flashrom_wp_get_range(&start, &length, config);
    protection.start = start;
    protection.length = length;
  }
  flashrom_wp_cfg_release(config);
  current_filter()->flush();
  return protection;
}

int Library::set_protection(const Protection& wanted) {
  flashrom_wp_cfg* config = nullptr;
  if (flashrom_wp_cfg_new(&config) != FLASHROM_WP_OK) return FLASHROM_WP_ERR_OTHER;
  flashrom_wp_set_mode(config, static_cast<flashrom_wp_mode>(wanted.mode));
  flashrom_wp_set_range(config, wanted.start, wanted.length);
  const int result = flashrom_wp_write_cfg(context_, config);
  flashrom_wp_cfg_release(config);
  current_filter()->flush();
  return result;
}

bool Library::select(Range range, flashrom_layout** layout) {
  if (range.empty() || !Range{0, image_.size()}.contains(range)) return false;
  if (flashrom_layout_new(layout) != 0) return false;
  // The library's end is inclusive. A layout without an included region would make every call succeed idly.
  if (flashrom_layout_add_region(*layout, range.offset, range.end() - 1, region_name) != 0 ||
      flashrom_layout_include_region(*layout, region_name) != 0) {
    flashrom_layout_release(*layout);
    return false;
  }
  flashrom_layout_set(context_, *layout);
  return true;
}

int Library::read(Range range) {
  flashrom_layout* layout = nullptr;
  if (!select(range, &layout)) return code_impossible;
  const int result = flashrom_image_read(context_, image_.data(), image_.size());
  flashrom_layout_set(context_, nullptr);
  flashrom_layout_release(layout);
  current_filter()->flush();
  return result;
}

int Library::read_whole() {
  const int result = flashrom_image_read(context_, image_.data(), image_.size());
  current_filter()->flush();
  return result;
}

int Library::write(std::uint64_t offset, Bytes bytes) {
  flashrom_layout* layout = nullptr;
  if (!select({offset, bytes.size()}, &layout)) return code_impossible;
  std::ranges::copy(bytes, std::span(image_).subspan(offset).begin());
  // No verification by the library (it would read the whole chip after a pause of a second), and never force.
  flashrom_flag_set(context_, FLASHROM_FLAG_FORCE, false);
  flashrom_flag_set(context_, FLASHROM_FLAG_VERIFY_AFTER_WRITE, false);
  flashrom_flag_set(context_, FLASHROM_FLAG_VERIFY_WHOLE_CHIP, false);
  current_filter()->writing = true;
  watch_answers(silence_);
  const int result = flashrom_image_write(context_, image_.data(), image_.size(), nullptr);
  end_of_watch();
  current_filter()->writing = false;
  flashrom_layout_set(context_, nullptr);
  flashrom_layout_release(layout);
  current_filter()->flush();
  return result;
}

int Library::close() {
  if (context_ != nullptr) flashrom_flash_release(context_);
  context_ = nullptr;
  int result = 0;
  if (opened_) result = flashrom_programmer_shutdown(programmer_);
  opened_ = false;
  current_filter()->flush();
  return result;
}

}  // namespace quell::spi
