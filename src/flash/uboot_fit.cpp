// SPDX-License-Identifier: GPL-2.0-or-later
// The tree is read with libfdt, which checks every access against the total size; what is added here are limits that
// keep hostile trees cheap. Layout: U-Boot doc/usage/fit/source_file_format.rst. data-offset counts from the end of the
// tree rounded up to 4, data-position from its start.
#include "flash/uboot_fit.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include <fmt/format.h>
#include <libfdt.h>

#include "base/ascii.h"
#include "model/judged.h"
#include "model/problems.h"
#include "quell/digest.h"

namespace quell::flash {
namespace {

constexpr std::uint32_t tree_magic = 0xD00DFEED;
constexpr std::uint64_t tree_header = 40;
// libfdt compares names anew at every access: their table must stay small. Real ones have a few hundred bytes.
constexpr std::uint32_t largest_strings = 4096;
constexpr std::size_t most_nodes = 256;
constexpr std::uint64_t tree_alignment = 8;

struct Blob {
  const void* data;
  std::uint64_t size;
  ByteView image;  // from the tree's start to the end of the input
  std::uint64_t hash_budget;
};

std::optional<Bytes> property(const Blob& blob, int node, const char* name) {
  int size = 0;
  const void* value = fdt_getprop(blob.data, node, name, &size);
  if (value == nullptr || size < 0) return std::nullopt;
  return Bytes(static_cast<const std::byte*>(value), static_cast<std::size_t>(size));
}

std::string text(const Blob& blob, int node, const char* name) {
  const auto bytes = property(blob, node, name);
  if (!bytes) return {};
  return ByteView(*bytes).text(0, std::min<std::uint64_t>(bytes->size(), 512)).value_or("");
}

// A list of strings, separated by spaces.
std::string text_list(const Blob& blob, int node, const char* name) {
  const auto bytes = property(blob, node, name);
  std::string out;
  if (!bytes) return out;
  ByteView rest(bytes->first(std::min<std::size_t>(bytes->size(), 1024)));
  while (!rest.empty()) {
    const std::string item = rest.text(0, rest.size()).value_or("");
    if (!item.empty()) out += (out.empty() ? "" : " ") + item;
    const auto end = rest.find(as_bytes(std::string_view("\0", 1)));
    if (!end) break;
    rest = rest.from(*end + 1).value_or(ByteView());
  }
  return out;
}

// One or two cells.
std::optional<std::uint64_t> number(const Blob& blob, int node, const char* name) {
  const auto bytes = property(blob, node, name);
  if (!bytes) return std::nullopt;
  const ByteView view(*bytes);
  if (view.size() == 4) return view.be32(0).value_or(0);
  if (view.size() == 8) return view.be64(0).value_or(0);
  return std::nullopt;
}

std::string node_name(const Blob& blob, int node) {
  int size = 0;
  const char* name = fdt_get_name(blob.data, node, &size);
  if (name == nullptr || size <= 0) return {};
  const Bytes bytes = as_bytes(std::string_view(name, static_cast<std::size_t>(size)));
  return ByteView(bytes).text(0, std::min<std::uint64_t>(bytes.size(), 64)).value_or("");
}

std::optional<bool> matches(std::string_view algorithm, ByteView content, Bytes stored) {
  if (algorithm == "crc32") {
    const std::uint32_t value = crc32(content.bytes());
    return ByteView(stored).be32(0).value_or(~value) == value;
  }
  if (algorithm == "md5") return equal(md5(content.bytes()), stored);
  if (algorithm == "sha1") return equal(hash(HashAlgorithm::sha1, content.bytes()), stored);
  if (algorithm == "sha256") return equal(hash(HashAlgorithm::sha256, content.bytes()), stored);
  if (algorithm == "sha384") return equal(hash(HashAlgorithm::sha384, content.bytes()), stored);
  if (algorithm == "sha512") return equal(hash(HashAlgorithm::sha512, content.bytes()), stored);
  return std::nullopt;
}

void read_hashes(UbootFit& out, FitImageNode& image, Blob& blob, int node) {
  int child = 0;
  fdt_for_each_subnode(child, blob.data, node) {
    if (image.hashes.size() >= 8 || !node_name(blob, child).starts_with("hash")) continue;
    FitImageHash hash{.algorithm = text(blob, child, "algo")};
    const auto stored = property(blob, child, "value");
    if (stored && !image.content.empty() && image.content.size() <= blob.hash_budget) {
      blob.hash_budget -= image.content.size();
      hash.matches = matches(hash.algorithm, image.content, *stored);
    }
    if (hash.matches == false) {
      note_error(out.problems, "arm.uboot-fit.hash", Question::digests, "an image does not match its hash",
                 fmt::format("{} of {}.", hash.algorithm, image.node), image.content.range());
    }
    image.hashes.push_back(std::move(hash));
  }
}

void read_content(UbootFit& out, FitImageNode& image, const Blob& blob, int node) {
  if (const auto data = property(blob, node, "data")) {
    image.inline_data = true;
    const auto offset = std::distance(static_cast<const std::byte*>(blob.data), data->data());
    image.content = blob.image.clip({static_cast<std::uint64_t>(offset), data->size()});
    return;
  }
  const auto size = number(blob, node, "data-size");
  const auto from_end = number(blob, node, "data-offset");
  const auto position = number(blob, node, "data-position");
  if (!size || (!from_end && !position)) return;
  const std::uint64_t start =
      position ? *position : checked_add((blob.size + 3) / 4 * 4, *from_end).value_or(~std::uint64_t{0});
  const auto content = blob.image.sub(start, *size);
  if (content) {
    image.content = *content;
  } else {
    note_error(out.problems, "arm.uboot-fit.data", Question::size, "an image runs past the end of the file",
               fmt::format("{}: {:#x} bytes at {:#x}.", image.node, *size, start), out.range);
  }
}

void read_images(UbootFit& out, Blob& blob, int parent) {
  int node = 0;
  fdt_for_each_subnode(node, blob.data, parent) {
    if (out.images.size() >= most_nodes) return;
    FitImageNode image;
    image.node = node_name(blob, node);
    image.description = text(blob, node, "description");
    image.type = text(blob, node, "type");
    image.os = text(blob, node, "os");
    image.arch = text(blob, node, "arch");
    image.compression = text(blob, node, "compression");
    image.load = number(blob, node, "load");
    image.entry = number(blob, node, "entry");
    read_content(out, image, blob, node);
    read_hashes(out, image, blob, node);
    out.images.push_back(std::move(image));
  }
}

void read_configurations(UbootFit& out, const Blob& blob, int parent) {
  out.default_configuration = text(blob, parent, "default");
  int node = 0;
  fdt_for_each_subnode(node, blob.data, parent) {
    if (out.configurations.size() >= most_nodes) return;
    FitConfiguration c;
    c.node = node_name(blob, node);
    c.description = text(blob, node, "description");
    c.firmware = text(blob, node, "firmware");
    c.loadables = text_list(blob, node, "loadables");
    c.fdt = text_list(blob, node, "fdt");
    int child = 0;
    fdt_for_each_subnode(child, blob.data, node) {
      const std::string name = node_name(blob, child);
      if (name.starts_with("signature") && c.signatures.size() < 8) c.signatures.push_back(name);
    }
    out.configurations.push_back(std::move(c));
  }
}

// "atf", "atf-1", "atf_1"
bool is_name(const std::string& node, std::string_view name) {
  return node.starts_with(name) && (node.size() == name.size() || node[name.size()] == '-' ||
                                    node[name.size()] == '_' || node[name.size()] == '@');
}

Component describe_image(const FitImageNode& image) {
  Component out{"fit-image", image.node, image.content.range()};
  Attributes& a = out.attributes;
  const auto set_text = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) a.set(key, value);
  };
  set_text("description", image.description);
  set_text("type", image.type);
  set_text("os", image.os);
  set_text("arch", image.arch);
  set_text("compression", image.compression);
  if (image.load) a.set("load", *image.load, Show::hex);
  if (image.entry) a.set("entry", *image.entry, Show::hex);
  a.set("data_inline", image.inline_data);
  std::vector<std::string> algorithms;
  bool all_match = true;
  for (const FitImageHash& hash : image.hashes) {
    algorithms.push_back(hash.algorithm);
    const Judged verdict =
        judged(hash.matches, "not there, or of an algorithm that is not known", "the image has another hash");
    out.checks.push_back({.question = Question::digests,
                          .state = verdict.state,
                          .subject = "image hash",
                          .range = image.content.range(),
                          .reason = verdict.reason,
                          .algorithm = hash.algorithm});
    all_match = all_match && hash.matches.value_or(false);
  }
  if (!algorithms.empty()) a.set("hashes_match", all_match);
  a.set("hashes", std::move(algorithms));
  return out;
}

}  // namespace

std::vector<const FitImageNode*> UbootFit::monitors() const {
  std::vector<const FitImageNode*> out;
  for (const FitImageNode& i : images) {
    const bool named = is_name(i.node, "atf") || is_name(i.node, "bl31");
    if (lower_case(i.os) == "arm-trusted-firmware" || named) out.push_back(&i);
  }
  return out;
}

const FitImageNode* UbootFit::trusted_os() const noexcept {
  const auto found = std::ranges::find_if(images, [](const FitImageNode& i) {
    return i.type == "tee" || lower_case(i.os) == "tee" || is_name(i.node, "tee") || is_name(i.node, "optee");
  });
  return found == images.end() ? nullptr : &*found;
}

bool UbootFit::signed_configuration() const noexcept {
  return std::ranges::any_of(configurations, [](const FitConfiguration& c) { return !c.signatures.empty(); });
}

bool looks_like_device_tree(ByteView view) noexcept {
  const auto word = view.be32(0);
  return word && *word == tree_magic && view.has(0, tree_header);
}

bool looks_like_uboot_fit(ByteView view) {
  constexpr std::string_view images("images\0", 7);
  return looks_like_device_tree(view) && view.clip({0, view.be32(4).value_or(0)}).find(as_bytes(images)).has_value();
}

Result<UbootFit> parse_uboot_fit(ByteView view) {
  if (!looks_like_device_tree(view)) return fail(Errc::unrecognised, "no device tree", view.origin());
  const std::uint64_t total = view.be32(4).value_or(0);
  const std::uint64_t strings = view.be32(0x20).value_or(0);
  if (total > view.size()) {
    return fail(Errc::damaged,
                fmt::format("the device tree says it is {} bytes long, the file has {}", total, view.size()),
                view.origin());
  }
  if (total < tree_header || strings > largest_strings) return fail(Errc::unrecognised, "no U-Boot FIT", view.origin());
  // libfdt wants its input at a multiple of 8.
  Buffer copy;
  const Bytes tree = view.clip({0, total}).bytes();
  const void* data = tree.data();
  void* aligned = const_cast<void*>(data);  // NOLINT(cppcoreguidelines-pro-type-const-cast): std::align only computes
  std::size_t room = tree.size();
  if (std::align(tree_alignment, 1, aligned, room) == nullptr || room != tree.size()) {
    copy.assign(tree.begin(), tree.end());
    data = copy.data();
  }
  Blob blob{data, total, view, 2 * view.size()};
  if (fdt_check_header(blob.data) != 0)
    return fail(Errc::damaged, "the device tree's header is damaged", view.origin());
  const int images = fdt_path_offset(blob.data, "/images");
  if (images < 0) return fail(Errc::unrecognised, "a device tree without /images", view.origin());
  UbootFit out;
  out.range = {view.origin(), total};
  out.description = text(blob, 0, "description");
  read_images(out, blob, images);
  const int configurations = fdt_path_offset(blob.data, "/configurations");
  if (configurations >= 0) read_configurations(out, blob, configurations);
  return out;
}

Component describe(const UbootFit& fit) {
  Component out{"uboot-fit", fit.description.empty() ? "U-Boot FIT" : fit.description, fit.range};
  out.attributes.set("description", fit.description);
  out.attributes.set("default", fit.default_configuration);
  for (const FitImageNode& image : fit.images) out.children.push_back(describe_image(image));
  for (const FitConfiguration& c : fit.configurations) {
    Component child{"fit-configuration", c.node, {}};
    child.attributes.set("description", c.description);
    child.attributes.set("firmware", c.firmware);
    child.attributes.set("loadables", c.loadables);
    child.attributes.set("fdt", c.fdt);
    child.attributes.set("signatures", c.signatures);
    out.children.push_back(std::move(child));
  }
  return out;
}

}  // namespace quell::flash
