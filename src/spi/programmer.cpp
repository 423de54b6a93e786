// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/programmer.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/table.h"
#include "data/programmers.h"
#include "quell/digest.h"
#include "spi/failure.h"

namespace quell::spi {
namespace {

const Table<data::Programmers>& table() {
  static const Table rows(data::programmers);
  return rows;
}

std::optional<Row<data::Programmers>> find(std::string_view name) {
  const auto row = table().find("short_name", name);
  return row ? row : table().find("library_name", name);
}

// "8000", "8k", "8M".
std::optional<std::uint64_t> speed_of(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_of("kKmM"), text.size());
  const std::string_view suffix = text.substr(digits);
  const auto value = parse_decimal(text.substr(0, digits));
  if (!value || suffix.empty()) return value;
  if (suffix.size() > 1) return std::nullopt;
  return checked_mul(*value, suffix == "k" || suffix == "K" ? 1000 : 1'000'000);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end != 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// Whether sysfs lists a USB device; nothing where there is no such tree (a container).
std::optional<bool> usb_present(std::string_view vendor, std::string_view product) {
  const std::filesystem::path root = "/sys/bus/usb/devices";
  std::error_code problem;
  std::filesystem::directory_iterator entries(root, problem);
  if (problem) return std::nullopt;
  const auto word = [](const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string text;
    file >> text;
    return text;
  };
  return std::any_of(begin(entries), end(entries), [&](const auto& entry) {
    return word(entry.path() / "idVendor") == vendor && word(entry.path() / "idProduct") == product;
  });
}

}  // namespace

std::string short_names() {
  std::string names;
  for (const auto row : table()) {
    if (!names.empty()) names += ", ";
    names += row["short_name"];
  }
  return names;
}

Result<Programmer> Programmer::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  if (name.empty()) return failed("no-programmer");
  Programmer programmer;
  programmer.name_ = name;
  programmer.absent_advice_ = "See `man flashrom` for what this programmer needs.";
  if (const auto row = find(name)) {
    programmer.name_ = (*row)["library_name"];
    for (const std::string_view part : split((*row)["default_parameters"], ',')) programmer.set(part);
    programmer.speed_parameter_ = (*row)["speed_parameter"];
    programmer.speed_unit_ = row->optional_number("speed_unit_hz").value_or(1);
    for (const std::string_view speed : row->list("speeds")) programmer.speeds_.push_back(parse_decimal(speed).value());
    programmer.clock_ = row->number("clock_hz");
    programmer.needs_ = (*row)["needs"];
    programmer.asks_about_wiring_ = row->flag("ask_wiring");
    programmer.absent_advice_ = (*row)["absent_advice"];
    programmer.level_question_ = (*row)["level_question"];
  }
  if (colon != std::string_view::npos) {
    for (const std::string_view part : split(text.substr(colon + 1), ',')) programmer.set(part);
  }
  programmer.take_clock();
  return programmer;
}

void Programmer::set(std::string_view text) {
  const std::size_t equals = text.find('=');
  Parameter parameter{std::string(text.substr(0, equals)), "", equals != std::string_view::npos};
  if (parameter.has_value) parameter.value = text.substr(equals + 1);
  const auto known = std::ranges::find(parameters_, parameter.key, &Parameter::key);
  if (known != parameters_.end()) {
    *known = std::move(parameter);
  } else {
    parameters_.push_back(std::move(parameter));
  }
}

void Programmer::take_clock() {
  if (speed_parameter_.empty()) return;
  const std::string given = parameter(speed_parameter_);
  if (const auto value = speed_of(given); value && *value != 0) {
    clock_ = std::max<std::uint64_t>(checked_mul(*value, speed_unit_).value_or(clock_), 1);
  }
}

std::string Programmer::parameter(std::string_view key) const {
  const auto known = std::ranges::find(parameters_, key, &Parameter::key);
  return known == parameters_.end() ? "" : known->value;
}

std::string Programmer::parameters() const {
  std::string text;
  for (const Parameter& parameter : parameters_) {
    if (!text.empty()) text += ',';
    text += parameter.has_value ? fmt::format("{}={}", parameter.key, parameter.value) : parameter.key;
  }
  return text;
}

std::string Programmer::text() const {
  const std::string all = parameters();
  return all.empty() ? name_ : fmt::format("{}:{}", name_, all);
}

bool Programmer::slow_down() {
  for (const std::uint64_t speed : speeds_) {
    if (speed * speed_unit_ >= clock_) continue;
    set(fmt::format("{}={}", speed_parameter_, speed));
    clock_ = speed * speed_unit_;
    return true;
  }
  return false;
}

namespace {

// Who may use a node that is there.
std::string permission_advice(const std::string& node) {
  struct stat status {};
  const group* owner = ::stat(node.c_str(), &status) == 0 ? ::getgrgid(status.st_gid) : nullptr;
  if (owner == nullptr || status.st_gid == 0) return "Run quell as root.";
  return fmt::format("The user must be in group {}, or run quell as root.", owner->gr_name);
}

}  // namespace

Result<void> Programmer::preflight() const {
  if (needs_.starts_with("usb:")) {
    const auto id = split(needs_, ':');
    if (usb_present(id.at(1), id.at(2)) == false) {
      return failed("programmer-absent",
                    {{"programmer", name_},
                     {"detail", fmt::format("no USB device {}:{} is plugged in", id.at(1), id.at(2))},
                     {"next", absent_advice_}});
    }
  }
  const std::string node = needs_ == "node:dev" || needs_ == "serprog" ? parameter("dev") : "";
  const std::string path = node.substr(0, node.find(':'));
  if (needs_ == "node:dev" && path.empty()) {
    return failed("programmer-absent",
                  {{"programmer", name_}, {"detail", "dev= is missing, as in dev=/dev/spidev0.0"}, {"next", ""}});
  }
  if (needs_ == "serprog" && path.empty() && parameter("ip").empty()) {
    return failed("programmer-absent", {{"programmer", name_},
                                        {"detail", "neither dev=NODE[:BAUD] nor ip=HOST:PORT was given"},
                                        {"next", absent_advice_}});
  }
  if (path.empty()) return {};
  if (::access(path.c_str(), F_OK) != 0) {
    return failed("programmer-missing-node", {{"node", path}, {"next", absent_advice_}});
  }
  if (::access(path.c_str(), R_OK | W_OK) != 0) {
    return failed("programmer-no-permission", {{"node", path}, {"next", permission_advice(path)}});
  }
  return {};
}

std::string Programmer::node() const {
  const std::string device = parameter("dev");
  return device.starts_with('/') ? device.substr(0, device.find(':')) : std::string();
}

std::string Programmer::lock_name() const {
  std::error_code problem;
  const std::string image = parameter("image");
  const std::string file = image.empty() ? "" : std::filesystem::absolute(image, problem).string();
  const std::string place = parameter("dev") + parameter("ip") + file + parameter("serial");
  return to_hex(Bytes(sha256(as_bytes(name_ + ":" + place))).first(8));
}

}  // namespace quell::spi
