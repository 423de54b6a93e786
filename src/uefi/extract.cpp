// SPDX-License-Identifier: GPL-2.0-or-later
#include "uefi/extract.h"

#include <algorithm>

#include <fmt/format.h>

#include "uefi/look.h"
#include "uefi/names.h"

namespace quell::uefi {
namespace {

constexpr std::uint8_t padding = 0xF0;

class Pieces {
 public:
  using Stream = std::shared_ptr<const Buffer>;

  explicit Pieces(const std::vector<VariableStore>& stores) : stores_(stores) {}

  void take(const std::vector<Volume>& volumes, const Stream& stream) {
    for (const Volume& volume : volumes) {
      for (const File& file : volume.files) take(file, stream);
    }
  }

  void take(const File& file, const Stream& stream) {
    const std::string before = std::exchange(folder_, folder_of(file));
    const std::uint64_t number = std::exchange(number_, 0);
    if (file.sections.empty() && file.volumes.empty() && file.type != padding) {
      add("firmware-file", file_type(file.type), behind(file.place.range, file.header_size), stream, file);
    }
    take(file.sections, stream, file);
    take(file.volumes, stream);
    folder_ = before;
    number_ = number;
  }

  void add_keys(const std::vector<KeyList>& lists, std::string_view suffix) {
    for (const KeyList& list : lists) {
      std::size_t number = 0;
      for (const KnownCertificate& one : list.certificates) {
        Piece piece{.path = fmt::format("bios/keys/{}{}-{}.der", list.name, suffix, number++), .kind = "certificate"};
        piece.stream = std::make_shared<const Buffer>(one.der);
        piece.range = {0, one.der.size()};
        piece.attributes.set("subject", one.subject);
        out_.push_back(std::move(piece));
      }
    }
  }

  [[nodiscard]] std::vector<Piece> done() && { return std::move(out_); }

 private:
  static std::string folder_of(const File& file) {
    return fmt::format("bios/{}{}{}", to_string(file.name), file.label.empty() ? "" : "-", file.label);
  }
  static Range behind(Range range, std::uint64_t header) { return Range::between(range.offset + header, range.end()); }

  void take(const std::vector<Section>& sections, const Stream& stream, const File& file) {
    for (const Section& section : sections) {
      const Stream& inside = section.content ? section.content : stream;
      if (section.sections.empty() && section.volumes.empty() && section.text.empty()) {
        add("firmware-section", section_type(section.type), behind(section.place.range, section.header_size), stream,
            file);
      }
      take(section.sections, inside, file);
      take(section.volumes, inside);
    }
  }

  void add(std::string_view kind, const std::string& type, Range range, const Stream& stream, const File& file) {
    Piece piece{
        .path = fmt::format("{}/{}-{}.bin", folder_, number_++, type), .kind = std::string(kind), .range = range};
    piece.stream = stream;
    piece.attributes.set("guid", to_string(file.name));
    if (!file.label.empty()) piece.attributes.set("label", file.label);
    piece.attributes.set("type", type);
    if (!range.empty() && !(stream == nullptr && holds_variables(range))) out_.push_back(std::move(piece));
  }

  // The contents of variables may be passwords and serial numbers: they get no file of their own.
  [[nodiscard]] bool holds_variables(Range range) const {
    return std::ranges::any_of(stores_, [&](const VariableStore& store) { return range.intersects(store.range); });
  }

  const std::vector<VariableStore>& stores_;
  std::vector<Piece> out_;
  std::string folder_{};
  std::uint64_t number_ = 0;
};

}  // namespace

std::vector<Piece> pieces(const Image& image) {
  const Look found = look(image, {.unpack = true, .keep = true});
  Pieces out(found.stores);
  out.take(found.firmware.volumes, nullptr);
  for (const File& file : found.firmware.files) out.take(file, nullptr);
  out.add_keys(found.secure_boot.variables, "");
  out.add_keys(found.secure_boot.defaults, "-factory");
  return std::move(out).done();
}

}  // namespace quell::uefi
