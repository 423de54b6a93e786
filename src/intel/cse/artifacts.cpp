// SPDX-License-Identifier: GPL-2.0-or-later
// What `extract` writes of CSE firmware:
//   intel/partitions/<offset>-<name>.bin     as stored
//   intel/<offset>-<name>/<nn>-<file>        each file of the directory as stored; compressed ones as .huff or .lzma
//   ... intel/<offset>-<name>/<nn>-<file>.bin    ... and unpacked intel/keys/<md5>.pem                     every public
//   key once intel/mfs/<number>-<what>.bin            every file of the file system
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "intel/cse/partition.h"
#include "intel/cse/report.h"

namespace quell::intel {
namespace {

using Shared = std::shared_ptr<const CseImage>;

class Collector {
 public:
  Collector(Shared image, std::shared_ptr<Budget> budget) : image_(std::move(image)), budget_(std::move(budget)) {}

  std::vector<Artifact> run() {
    for (std::size_t i = 0; i < image_->partitions.size(); ++i) add_partition(i);
    for (const CseDataPartition& data : image_->data) add_data(data);
    if (image_->mfs) add_files();
    return std::move(out_);
  }

 private:
  void add_partition(std::size_t number);
  void add_module(std::size_t number, std::size_t index, const std::string& folder);
  void add_key(const Manifest& manifest);
  void add_data(const CseDataPartition& data);
  void add_files();

  Shared image_;
  std::shared_ptr<Budget> budget_;
  std::vector<Artifact> out_{};
  std::set<std::string> keys_{};
};

void Collector::add_partition(std::size_t number) {
  const CsePartition& partition = image_->partitions[number];
  const std::string place = fmt::format("{:08x}-{}", partition.bytes.origin(), partition.name);
  Artifact whole{.path = "intel/partitions/" + place + ".bin", .kind = "partition", .range = partition.bytes.range()};
  whole.attributes.set("name", partition.name);
  if (!partition.container.empty()) whole.attributes.set("listed_in", partition.container);
  if (partition.manifest) {
    whole.attributes.set("version", to_string(partition.manifest->version));
    whole.attributes.set("signature", std::string(to_string(partition.signature)));
    add_key(*partition.manifest);
  }
  out_.push_back(std::move(whole));
  for (std::size_t i = 0; i < partition.modules.size(); ++i) add_module(number, i, "intel/" + place + "/");
}

std::string_view kind_text(CseModule::Kind kind) {
  switch (kind) {
    case CseModule::Kind::manifest: return "manifest";
    case CseModule::Kind::metadata: return "metadata";
    case CseModule::Kind::key: return "key";
    case CseModule::Kind::module: return "module";
  }
  return "module";
}

void Collector::add_module(std::size_t number, std::size_t index, const std::string& folder) {
  const CsePartition& partition = image_->partitions[number];
  const CseModule& module = partition.modules[index];
  if (module.stored.empty()) return;
  const bool packed = module.compression != ModuleCompression::none && !module.encrypted;
  const std::string base = fmt::format("{}{:02d}-{}", folder, index, module.name);
  Artifact stored{.path = base, .kind = std::string(kind_text(module.kind)), .range = module.stored};
  if (packed) stored.path += module.compression == ModuleCompression::huffman ? ".huff" : ".lzma";
  stored.attributes.set("partition", partition.name);
  stored.attributes.set("name", module.name);
  if (module.encrypted) stored.attributes.set("encrypted", true);
  out_.push_back(stored);
  const ByteView bytes = partition.bytes.clip({module.stored.offset - partition.bytes.origin(), module.stored.size});
  if (module.kind == CseModule::Kind::key) {
    if (const auto manifest = find_key_manifest(bytes)) add_key(*manifest);
  }
  if (!packed || bytes.filled_with(std::byte{0xFF})) return;
  Artifact unpacked = std::move(stored);
  unpacked.path = base + ".bin";
  unpacked.kind = "unpacked";
  unpacked.attributes.set("compression", module.compression == ModuleCompression::huffman ? "huffman" : "lzma");
  unpacked.unpack = [image = image_, budget = budget_, number, index]() {
    const CsePartition& owner = image->partitions.at(number);
    return unpack_module(*image, owner, owner.modules.at(index), *budget);
  };
  out_.push_back(std::move(unpacked));
}

void Collector::add_key(const Manifest& manifest) {
  const std::string name = to_hex(key_identifier(manifest));
  if (ByteView(manifest.modulus).filled_with(std::byte{0}) || !keys_.insert(name).second) return;
  const SigningKey known = identify_key(manifest);
  Artifact key{.path = "intel/keys/" + name + ".pem", .kind = "key"};
  key.attributes.set("key_md5", name);
  if (known.known) {
    key.attributes.set("owner", known.owner);
    key.attributes.set("status", known.status);
  }
  const std::string text = public_key_pem(manifest);
  const Bytes bytes = as_bytes(text);
  key.unpack = [content = Buffer(bytes.begin(), bytes.end())]() { return Result<Buffer>(content); };
  out_.push_back(std::move(key));
}

void Collector::add_data(const CseDataPartition& data) {
  const std::uint64_t origin = image_->bytes.origin();
  const Range inside = data.range.intersection({0, image_->bytes.size()});
  if (inside.empty()) return;
  Artifact artifact{.path = fmt::format("intel/partitions/{:08x}-{}.bin", origin + inside.offset, data.name),
                    .kind = "partition",
                    .range = Range{origin + inside.offset, inside.size}};
  artifact.attributes.set("name", data.name);
  artifact.attributes.set("listed_in", data.container);
  out_.push_back(std::move(artifact));
}

void Collector::add_files() {
  for (std::size_t i = 0; i < image_->mfs->files.size(); ++i) {
    const MfsFile& file = image_->mfs->files[i];
    Artifact artifact{.path = fmt::format("intel/mfs/{:04d}-{}.bin", file.number, mfs_file_title(file.number)),
                      .kind = "file"};
    artifact.attributes.set("number", std::uint64_t{file.number});
    artifact.attributes.set("title", std::string(mfs_file_title(file.number)));
    if (file.damaged) artifact.attributes.set("damaged", true);
    artifact.unpack = [image = image_, i]() { return Result<Buffer>(image->mfs->content(image->mfs->files.at(i))); };
    out_.push_back(std::move(artifact));
  }
}

}  // namespace

std::vector<Artifact> artifacts_of(std::shared_ptr<const CseImage> image, std::shared_ptr<Budget> budget) {
  return Collector(std::move(image), std::move(budget)).run();
}

}  // namespace quell::intel
