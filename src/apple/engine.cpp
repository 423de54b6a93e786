// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/engine.h"
#include "apple/live.h"

#include <algorithm>

#include <fmt/format.h>

#include "apple/image4.h"
#include "apple/ticket.h"

namespace quell {
namespace apple {
namespace {

const Property* find(const Properties& properties, std::string_view name) {
  const auto found = std::ranges::find(properties, name, &Property::name);
  return found == properties.end() ? nullptr : &*found;
}

bool is_true(const Properties& properties, std::string_view name) {
  const Property* property = find(properties, name);
  return property != nullptr && (property->text == "true" || property->number.value_or(0) != 0);
}

// Apple Platform Security: smb0 reduced security, smb1 permissive security.
std::string security_mode(const Properties& policy) {
  if (is_true(policy, "smb1")) return "permissive security";
  return is_true(policy, "smb0") ? "reduced security" : "full security";
}

void add_payload_facts(Attributes& facts, const Im4p& p) {
  facts.set("type", p.type);
  if (const auto meaning = type_meaning(p.type); !meaning.empty()) facts.set("meaning", std::string(meaning));
  facts.set("version", p.description);
  facts.set("secure_enclave_os", p.type == "sepi" || p.type == "rsep");
  facts.set("encrypted", p.encrypted());
  const auto compression = compression_of(p.payload);
  if (!p.encrypted() && !compression.empty()) facts.set("compression", std::string(compression));
}

void add_manifest_facts(Attributes& facts, const Im4m& m) {
  // The exclusive chip id names one device: it stands in the tree only.
  for (const auto& [name, key] : {std::pair{"CHIP", "chip"}, std::pair{"BORD", "board"}}) {
    const Property* property = find(m.properties, name);
    if (property != nullptr && property->number) facts.set(key, *property->number, Show::hex);
  }
  facts.set("production", is_true(m.properties, "CPRO"));
  facts.set("manifest_images", m.images.size());
  facts.set("manifest_signature", std::string(!m.signature_valid   ? "not checked"
                                              : *m.signature_valid ? "valid"
                                                                   : "invalid"));
  if (!m.issuer.empty()) facts.set("manifest_issuer", m.issuer);
  const auto policy = std::ranges::find(m.images, "lpol", &ManifestImage::name);
  if (policy != m.images.end()) facts.set("security_mode", security_mode(policy->properties));
}

void set_facts(Attributes& facts, const Image4& image) {
  facts.set("container", image.container);
  if (image.payload) add_payload_facts(facts, *image.payload);
  if (image.manifest) add_manifest_facts(facts, *image.manifest);
  if (image.digest_in_manifest) facts.set("digest_in_manifest", *image.digest_in_manifest);
  if (image.restore) {
    if (const Property* nonce = find(image.restore->properties, "BNCN")) facts.set("restore_boot_nonce", nonce->text);
  }
  facts.set("not_knowable", std::vector<std::string>{"whether a device would accept this now (nonce, epochs, rollback)",
                                                     "whether the device is demoted",
                                                     "the LocalPolicy of a Mac, unless its file is given"});
}

std::string title_of(const Image4& image) {
  if (!image.payload) return image.manifest ? "Apple Image4 manifest" : "Apple Image4 restore info";
  const auto meaning = type_meaning(image.payload->type);
  return fmt::format("Apple {}{}{}", meaning.empty() ? image.payload->type : meaning,
                     image.payload->description.empty() ? "" : ", ", image.payload->description);
}

void move_to(Component& component, Range range, unsigned level) {
  constexpr unsigned deepest = 16;
  component.range = range;
  for (Check& check : component.checks) check.range = range;
  if (level >= deepest) return;
  for (Component& child : component.children) move_to(child, range, level + 1);
}

class AppleEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return "apple-sep"; }

  [[nodiscard]] std::optional<Recognition> recognise(ByteView file) const override {
    const std::string container = container_of(file);
    if (container == "IMG4") return whole_file(file, "apple.img4", "Apple Image4 (payload with its manifest)");
    if (container == "IM4P") return whole_file(file, "apple.im4p", "Apple Image4 payload");
    if (container == "IM4M") return whole_file(file, "apple.im4m", "Apple Image4 manifest");
    if (read_ticket(file)) {
      return whole_file(file, "apple.ticket",
                        "Apple signing ticket (SHSH blob), an Image4 manifest in a property list");
    }
    if (container == "IM4R") return whole_file(file, "apple.im4r", "Apple Image4 restore info");
    return std::nullopt;
  }

  [[nodiscard]] std::vector<EngineReport> look(const Examined& examined, Depth /*depth*/) const override {
    const Image& image = examined.image();
    if (const auto ticket = read_ticket(image.bytes())) return look_at_ticket(*ticket);
    if (container_of(image.bytes()).empty()) return {};
    const auto parsed = parse_image4(image.bytes());
    if (!parsed) return {};
    return {report_on(*parsed)};
  }

 private:
  [[nodiscard]] EngineReport report_on(const Image4& image) const {
    EngineReport report{.engine = std::string(id()), .title = title_of(image)};
    set_facts(report.facts, image);
    report.tree = describe(image);
    report.findings = audit(image);
    add_structure_check(report, "Image4 elements");
    report.actions.push_back({.id = "neutralise",
                              .title = "switch the Secure Enclave off",
                              .state = Action::State::impossible,
                              .reason = "sepOS is signed per device, and the machine does not boot fully without it"});
    return report;
  }

  // The manifest's bytes are in the file as text only: what is said of them points to that text.
  [[nodiscard]] std::vector<EngineReport> look_at_ticket(const Ticket& ticket) const {
    const auto parsed = parse_image4(ByteView(ticket.manifest));
    if (!parsed) return {};
    EngineReport report = report_on(*parsed);
    report.title = "Apple signing ticket (SHSH blob)";
    move_to(report.tree, ticket.range, 0);
    for (Finding& finding : report.findings) finding.range = ticket.range;
    if (!ticket.whole) {
      report.findings.push_back({.id = "apple.ticket.cut",
                                 .question = Question::size,
                                 .severity = Severity::error,
                                 .title = "the signing ticket is cut short or damaged",
                                 .detail = "Its base64 text does not end as it should.",
                                 .advice = "save the ticket again",
                                 .range = ticket.range});
    }
    return {std::move(report)};
  }

 public:
  [[nodiscard]] std::vector<EngineStatus> live(const host::Root& root, const host::Machine& machine,
                                               const StatusOptions& /*options*/) const override {
    return apple::live(root, machine);
  }

  [[nodiscard]] std::vector<Artifact> artifacts(const Examined& examined) const override {
    const Image& image = examined.image();
    std::vector<Artifact> out;
    if (auto ticket = read_ticket(image.bytes())) {
      out.push_back({.path = "apple/manifest.im4m", .kind = "manifest", .unpack = [ticket]() -> Result<Buffer> {
                       return ticket->manifest;
                     }});
      return out;
    }
    if (container_of(image.bytes()).empty()) return out;
    const auto parsed = parse_image4(image.bytes());
    if (!parsed) return out;
    const auto add = [&out](std::string path, std::string kind, ByteView part) {
      if (!part.empty()) out.push_back({.path = std::move(path), .kind = std::move(kind), .range = part.range()});
    };
    if (parsed->payload) {
      const Im4p payload = *parsed->payload;
      add("apple/payload.im4p", "container", payload.whole);
      add(payload.encrypted() ? "apple/payload-encrypted.bin" : "apple/payload.bin", "module", payload.payload);
      const auto compression = compression_of(payload.payload);
      if (!payload.encrypted() && (compression == "LZSS" || compression.starts_with("stored"))) {
        out.push_back({.path = "apple/payload-unpacked.bin", .kind = "unpacked", .unpack = [payload] {
                         return unpack(payload);
                       }});
      }
    }
    if (parsed->manifest) {
      add("apple/manifest.im4m", "manifest", parsed->manifest->whole);
      for (std::size_t i = 0; i < parsed->manifest->certificates.size(); ++i) {
        add(fmt::format("apple/certificate-{}.der", i), "key", parsed->manifest->certificates[i]);
      }
    }
    if (parsed->restore) add("apple/restore.im4r", "manifest", parsed->restore->whole);
    return out;
  }
};

}  // namespace
}  // namespace apple

const Engine& apple_engine() {
  static const apple::AppleEngine engine;
  return engine;
}

}  // namespace quell
