// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/engine.h"
#include "arm/live.h"
#include "arm/loader.h"
#include "base/landmarks.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "arm/fip.h"
#include "arm/qualcomm.h"
#include "arm/secure_world.h"
#include "flash/uboot_fit.h"

namespace quell {
namespace arm {
namespace {

using flash::FitImageNode;
using flash::looks_like_uboot_fit;
using flash::parse_uboot_fit;
using flash::UbootFit;

constexpr std::uint64_t fip_alignment = 16;
constexpr std::uint64_t tree_alignment = 4;
constexpr std::size_t most_containers = 32;

void add_action(EngineReport& report) {
  report.actions.push_back({.id = "neutralise",
                            .title = "switch the secure world off",
                            .state = Action::State::impossible,
                            .reason = "EL3 code always runs on such a chip, and the boot needs it"});
}

void add_monitor(EngineReport& report, const MonitorInfo& info) {
  if (!info.version.empty()) report.facts.set("tf_a_version_string", info.version);
  if (!info.built.empty()) report.facts.set("tf_a_built", info.built);
  if (!info.dispatcher.empty()) report.facts.set("dispatcher", info.dispatcher);
}

void add_summary(EngineReport& report, bool monitor, bool trusted_os) {
  report.facts.set("not_knowable", std::vector<std::string>{"what the boot ROM enforces", "what the fuses hold"});
  if (monitor && !trusted_os) {
    report.findings.push_back({.id = "arm.trusted-os.none",
                               .question = Question::structure,
                               .title = "no trusted OS in this image; the EL3 monitor remains",
                               .detail = "The monitor (BL31) stays resident above the operating system."});
  } else if (trusted_os) {
    report.findings.push_back({.id = "arm.trusted-os.present",
                               .question = Question::structure,
                               .title = "a trusted OS runs beside the operating system",
                               .detail = "It lives in the secure world and sees all memory."});
  }
}

void add_fip_facts(EngineReport& report, const Fip& fip) {
  Attributes& facts = report.facts;
  facts.set("container", std::string("FIP"));
  const FipEntry* monitor = fip.find("soc-fw");
  if (monitor != nullptr) {
    facts.set("monitor", std::string(monitor->encryption ? "BL31, encrypted" : "TF-A BL31"));
    if (!monitor->encryption) add_monitor(report, read_monitor(monitor->content));
  }
  const FipEntry* os = fip.find("tos-fw");
  if (os != nullptr) {
    facts.set("trusted_os", os->encryption ? std::string("trusted OS, encrypted") : trusted_os_of(os->content));
  }
  facts.set("scp", fip.find("scp-fw") != nullptr);
  facts.set("rmm", fip.find("rmm-fw") != nullptr);
  if (const std::uint64_t platform = fip.flags >> 32U & 0xFFFFU; platform != 0) {
    facts.set("platform_flags", platform, Show::hex);
  }
  std::vector<std::string> encrypted;
  std::vector<std::string> unknown;
  bool certificates = false;
  for (const FipEntry& entry : fip.entries) {
    if (entry.encryption) encrypted.push_back(entry.option);
    if (entry.option == "blob") unknown.push_back(entry.uuid);
    if (!entry.certificate) continue;
    certificates = true;
    if (entry.certificate->trusted_counter) facts.set("trusted_nv_counter", *entry.certificate->trusted_counter);
    if (entry.certificate->non_trusted_counter) {
      facts.set("non_trusted_nv_counter", *entry.certificate->non_trusted_counter);
    }
  }
  facts.set("certificates", certificates);
  facts.set("encrypted", std::move(encrypted));
  if (!unknown.empty()) facts.set("unknown_entries", std::move(unknown));
  if (fip.hashes_match) facts.set("hashes_match", *fip.hashes_match);
  if (fip.chain_consistent) facts.set("chain_consistent", *fip.chain_consistent);
  add_summary(report, monitor != nullptr, os != nullptr);
}

EngineReport report_fip(const Fip& fip) {
  EngineReport report{.engine = "arm-tee", .title = "ARM Trusted Firmware package (FIP)"};
  add_fip_facts(report, fip);
  report.tree = describe(fip);
  for (Finding& finding : audit(fip)) report.findings.push_back(std::move(finding));
  add_structure_check(report, "package");
  add_action(report);
  return report;
}

EngineReport report_uboot(const UbootFit& fit) {
  EngineReport report{.engine = "arm-tee", .title = "U-Boot FIT image"};
  if (!fit.description.empty()) report.title += ": " + fit.description;
  report.tree = describe(fit);
  report.facts.set("container", std::string("U-Boot FIT"));
  const auto monitors = fit.monitors();
  if (!monitors.empty()) {
    std::string nodes;
    for (const FitImageNode* node : monitors) nodes += fmt::format("{}{}", nodes.empty() ? "" : ", ", node->node);
    report.facts.set("monitor", fmt::format("TF-A BL31 (node{} {})", monitors.size() == 1 ? "" : "s", nodes));
    for (const FitImageNode* node : monitors) add_monitor(report, read_monitor(node->content));
  }
  if (const FitImageNode* os = fit.trusted_os()) {
    report.facts.set("trusted_os", fmt::format("{} (node {})", trusted_os_of(os->content), os->node));
    const auto header = read_optee(os->content);
    for (Component& child : report.tree.children) {
      if (header && child.kind == "fit-image" && child.name == os->node) child.children.push_back(describe(*header));
    }
  }
  const auto scp = std::ranges::find_if(fit.images, [](const FitImageNode& i) { return i.node.starts_with("scp"); });
  if (scp != fit.images.end()) {
    report.facts.set("scp", true);
    report.facts.set("scp_processor", fmt::format("{} (node {}{})", scp->arch.empty() ? "of unknown kind" : scp->arch,
                                                  scp->node, scp->description.empty() ? "" : ", " + scp->description));
  }
  report.facts.set("signed_configuration", fit.signed_configuration());
  report.findings = fit.problems;
  add_structure_check(report, "device tree");
  add_summary(report, !monitors.empty(), fit.trusted_os() != nullptr);
  add_action(report);
  return report;
}

EngineReport report_damaged_tree(const Error& error, ByteView view) {
  EngineReport report{
      .engine = "arm-tee", .title = "device tree, damaged", .tree = {"uboot-fit", "device tree", view.range()}};
  report.findings.push_back({.id = "arm.uboot-fit.damaged",
                             .question = Question::structure,
                             .severity = Severity::error,
                             .title = "the device tree is damaged",
                             .detail = error.message + ".",
                             .range = Range{view.origin(), std::min<std::uint64_t>(view.size(), 40)}});
  add_structure_check(report, "device tree");
  return report;
}

EngineReport report_qualcomm(const QualcommImage& image, ByteView view) {
  EngineReport report{.engine = "arm-tee", .title = "Qualcomm signed image", .tree = describe(image, view)};
  Attributes& facts = report.facts;
  facts.set("container", std::string("Qualcomm MBN"));
  facts.set("vendor", std::string("Qualcomm"));
  facts.set("image", image.image.empty() ? Value(Unknown{}) : Value(image.image));
  facts.set("mbn_version", std::uint64_t{image.version});
  facts.set("sw_id", image.software_id ? Value(*image.software_id) : Value(Unknown{}), Show::hex);
  if (!image.oem_id.empty()) facts.set("oem_id", image.oem_id);
  if (!image.debug.empty()) facts.set("debug", image.debug);
  facts.set("signature", image.signature);
  if (!image.subjects.empty()) {
    const std::string& root = image.subjects.back();
    facts.set("root", root.starts_with("CN = ") ? root.substr(5) : root);
    facts.set("root_sha256", to_hex(*image.root_sha256));
  }
  facts.set("not_knowable", std::vector<std::string>{"whether the device's fuses demand a signature",
                                                     "which root certificate they hold"});
  report.findings = image.problems;
  report.tree.checks.push_back(
      {.question = Question::signatures,
       .state = image.is_signed ? CheckState::not_checked : CheckState::absent,
       .subject = "signature of the hash segment",
       .range = report.tree.range,
       .reason = image.signature.empty() ? "the hash segment cannot be read" : image.signature});
  add_structure_check(report, "hash segment");
  add_action(report);
  return report;
}

EngineReport report_loader(const Loader& loader, ByteView image) {
  EngineReport report{.engine = "arm-tee", .title = loader.title, .tree = describe(loader)};
  Attributes& facts = report.facts;
  if (!loader.vendor.empty()) facts.set("vendor", loader.vendor);
  facts.set("version", loader.version.empty() ? Value(Unknown{}) : Value(loader.version));
  if (!loader.built.empty()) facts.set("built", loader.built);
  const bool monitor = loader.role == Loader::Role::monitor;
  const bool os = loader.role == Loader::Role::trusted_os;
  if (monitor) {
    facts.set("monitor", std::string("TF-A BL31"));
    add_monitor(report, loader.monitor);
  }
  if (os) facts.set("trusted_os", trusted_os_of(image));
  report.findings = loader.problems;
  add_summary(report, false, os);  // which trusted OS a monitor alone is used with, the file does not tell
  if (loader.size) add_structure_check(report, "header of the program");
  if (monitor || os) add_action(report);
  return report;
}

// The one program that the file is.
std::optional<Loader> loader_of(const Image& image) {
  if (image.what.engine != "arm-tee" || image.what.type != FileKind::part) return std::nullopt;
  auto headed = read_headed_loader(image.bytes());
  return headed ? headed : read_raw_loader(image.bytes());
}

// Whether a package or tree lies in the file, whose programs are its content.
bool holds_container(ByteView file) {
  constexpr unsigned most_hits = 256;
  constexpr std::array<std::byte, 4> fip{std::byte{0x01}, std::byte{0}, std::byte{0x64}, std::byte{0xAA}};
  constexpr std::array<std::byte, 4> tree{std::byte{0xD0}, std::byte{0x0D}, std::byte{0xFE}, std::byte{0xED}};
  const auto any = [&](const auto& magic, std::uint64_t alignment, auto test) {
    auto hit = file.find(magic, 0, alignment);
    for (unsigned tries = 0; hit && tries < most_hits; ++tries, hit = file.find(magic, *hit + 4, alignment)) {
      if (test(file.clip(Range::between(*hit, file.size())))) return true;
    }
    return false;
  };
  return any(fip, fip_alignment, looks_like_known_fip) || any(tree, tree_alignment, looks_like_uboot_fit);
}

Recognition recognition_of(ByteView file, const Loader& loader) {
  return whole_file(file, loader.kind, loader.title, FileKind::part);
}

// Packages and trees wherever they lie, in ascending order; what lies inside an accepted one is its content.
template <class OnFip, class OnTree>
void each_container(const Image& image, OnFip on_fip, OnTree on_tree) {
  std::uint64_t next = 0;
  std::size_t tries = 0;
  for (const Landmark& mark : image.landmarks()) {
    if (mark.offset < next || tries >= most_containers) continue;
    const ByteView view = image.bytes().clip(Range::between(mark.offset, image.bytes().size()));
    if (mark.mark == Mark::fip && mark.offset % fip_alignment == 0) {
      const bool worth = mark.offset == 0 ? looks_like_fip(view) : looks_like_known_fip(view);
      if (!worth) continue;
      ++tries;
      if (const auto fip = parse_fip(view)) next = on_fip(*fip);
    } else if (mark.mark == Mark::device_tree && mark.offset % tree_alignment == 0) {
      ++tries;
      const auto fit = parse_uboot_fit(view);
      if (fit) {
        next = std::max(next, on_tree(*fit));
      } else if (mark.offset == 0 && fit.error().code == Errc::damaged) {
        on_tree(fit.error(), view);
      }
    }
  }
}

struct Collect {
  std::vector<EngineReport>& out;
  std::uint64_t operator()(const UbootFit& fit) const {
    out.push_back(report_uboot(fit));
    return fit.range.end();
  }
  void operator()(const Error& error, ByteView view) const { out.push_back(report_damaged_tree(error, view)); }
};

struct CollectArtifacts {
  std::vector<Artifact>& out;
  std::uint64_t operator()(const UbootFit& fit) const {
    std::size_t index = 0;
    for (const FitImageNode& node : fit.images) {
      if (node.content.empty()) continue;
      out.push_back({.path = fmt::format("arm/uboot-fit-{:x}/{:02}.bin", fit.range.offset, index++),
                     .kind = "image",
                     .range = node.content.range()});
      out.back().attributes.set("node", node.node);
    }
    return fit.range.end();
  }
  void operator()(const Error& /*error*/, ByteView /*view*/) const {}
};

class ArmEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return "arm-tee"; }

  [[nodiscard]] std::optional<Recognition> recognise(ByteView file) const override {
    if (looks_like_fip(file)) return whole_file(file, "arm.fip", "ARM firmware image package (FIP)");
    if (looks_like_uboot_fit(file)) return whole_file(file, "arm.uboot-fit", "U-Boot FIT image");
    if (looks_like_qualcomm(file)) {
      return whole_file(file, "arm.qualcomm", "Qualcomm signed image (TrustZone, hypervisor or loader)");
    }
    if (const auto loader = read_headed_loader(file)) return recognition_of(file, *loader);
    return std::nullopt;
  }
  // Programs without a header: any text stands anywhere in them.
  [[nodiscard]] std::optional<Recognition> recognise_inside(ByteView file) const override {
    const auto loader = holds_container(file) ? std::nullopt : read_raw_loader(file);
    return loader ? std::optional(recognition_of(file, *loader)) : std::nullopt;
  }

  [[nodiscard]] std::vector<EngineReport> look(const Examined& examined, Depth /*depth*/) const override {
    const Image& image = examined.image();
    std::vector<EngineReport> out;
    if (looks_like_qualcomm(image.bytes())) {
      if (const auto parsed = parse_qualcomm(image.bytes())) out.push_back(report_qualcomm(*parsed, image.bytes()));
      return out;
    }
    if (const auto loader = loader_of(image)) {
      out.push_back(report_loader(*loader, image.bytes()));
      return out;
    }
    each_container(
        image,
        [&](const Fip& fip) {
          out.push_back(report_fip(fip));
          return fip.range.end();
        },
        Collect{out});
    return out;
  }

  [[nodiscard]] std::vector<EngineStatus> live(const host::Root& root, const host::Machine& machine,
                                               const StatusOptions& /*options*/) const override {
    return arm::live(root, machine);
  }

  [[nodiscard]] std::vector<Artifact> artifacts(const Examined& examined) const override {
    const Image& image = examined.image();
    std::vector<Artifact> out;
    each_container(
        image,
        [&](const Fip& fip) {
          for (std::size_t i = 0; i < fip.entries.size(); ++i) {
            const FipEntry& entry = fip.entries[i];
            if (entry.content.empty()) continue;
            out.push_back({.path = fmt::format("arm/fip-{:x}/{:02}-{}.bin", fip.range.offset, i, entry.option),
                           .kind = entry.certificate ? "certificate" : "image",
                           .range = entry.content.range()});
          }
          return fip.range.end();
        },
        CollectArtifacts{out});
    const auto signed_image = parse_qualcomm(image.bytes());
    for (std::size_t i = 0; signed_image && i < signed_image->segments.size(); ++i) {
      const ElfSegment& s = signed_image->segments[i];
      const ByteView content = image.bytes().clip({s.offset, s.file_size});
      if (content.empty()) continue;
      out.push_back(
          {.path = fmt::format("arm/qualcomm/segment-{:02}.bin", i), .kind = "image", .range = content.range()});
    }
    return out;
  }
};

}  // namespace
}  // namespace arm

const Engine& arm_engine() {
  static const arm::ArmEngine engine;
  return engine;
}

}  // namespace quell
