// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/words.h"
#include "uefi/look.h"

namespace quell::uefi {
namespace {

void set_text(Attributes& to, std::string_view key, const std::string& text) {
  if (!text.empty()) to.set(key, text);
}

Component describe(const Variable& variable) {
  Component out{"variable", variable.name, {variable.offset, variable.data.size()}};
  out.attributes.set("owner", owner_name(variable.owner));
  out.attributes.set("owner_guid", to_string(variable.owner));
  out.attributes.set("data_size", std::uint64_t{variable.data.size()});
  out.attributes.set("variable_attributes", std::uint64_t{variable.attributes}, Show::hex);
  if (variable.hops != 0) out.attributes.set("versions", std::uint64_t{variable.hops} + 1);
  if (!is_private(variable)) out.attributes.set("sha256", to_hex(sha256(variable.data.bytes())));
  return out;
}

Component describe(const VariableStore& store) {
  Component out{"variable-store", std::string(to_string(store.kind)), store.range};
  if (store.kind == StoreKind::fault_tolerant) {
    out.attributes.set("summary", std::string(store.healthy ? "at rest" : "a write was interrupted"));
    return out;
  }
  set_text(out.attributes, "inside", store.inside);
  out.attributes.set("live", store.live());
  out.attributes.set("old_copies", store.old());
  out.attributes.set("older", store.older);
  // Printers count the variables themselves.
  std::vector<std::string> notes;
  if (!store.inside.empty()) notes.push_back(store.inside);
  if (store.older) notes.emplace_back("an older copy of the store");
  if (store.old() != 0) notes.push_back(fmt::format("{} no longer in use", store.old()));
  if (!notes.empty()) out.attributes.set("summary", fmt::format("{}", fmt::join(notes, "; ")));
  for (const Variable& one : store.variables) {
    if (one.state == Variable::State::live) out.children.push_back(describe(one));
  }
  return out;
}

std::string common_name(const std::string& subject) {
  const auto at = subject.find("CN = ");
  return at == std::string::npos ? subject : subject.substr(at + 5, subject.find(", ", at) - at - 5);
}

Component describe(const KnownCertificate& one, std::string kind) {
  Component out{std::move(kind), one.readable ? common_name(one.subject) : "unreadable certificate", {}};
  Attributes& to = out.attributes;
  if (one.test_key) to.set("public_test_key", true);
  set_text(to, "known_as", one.whose);
  set_text(to, "subject", one.subject);
  set_text(to, "issuer", one.issuer);
  set_text(to, "serial_number", one.serial);
  set_text(to, "not_before", one.not_before);
  set_text(to, "not_after", one.not_after);
  if (one.bits != 0) to.set("key_bits", one.bits);
  to.set("sha256", to_hex(one.sha256));
  to.set("sha1", to_hex(one.sha1));
  return out;
}

std::string list_summary(const KeyList& list) {
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  const auto many = static_cast<std::uint64_t>(list.certificates.size());
  if (many == 1) {
    const KnownCertificate& one = list.certificates.front();
    add(common_name(one.subject));
    if (one.test_key) add("a public TEST key");
  } else if (many != 0) {
    add(count_text(many, "certificate"));
  }
  if (!list.hashes.empty()) add(fmt::format("{} hashes", list.hashes.size()));
  if (list.empty_marker && list.hashes.empty()) add("the empty list");
  if (list.others != 0) add(fmt::format("{} other signatures", list.others));
  if (!list.newest.empty())
    add(fmt::format("newest of {}, {} of {} missing", list.newest, list.missing, list.published));
  const bool signed_by_test = std::ranges::any_of(list.signers, &KnownCertificate::test_key);
  if (signed_by_test) add("signed with a public TEST key");
  return out.empty() ? "empty" : out;
}

Component describe(const KeyList& list, bool live) {
  Component out{"key-list", live ? list.name : list.name + " (factory)", list.range};
  out.attributes.set("source", list.source);
  out.attributes.set("live", live);
  out.attributes.set("hashes", std::uint64_t{list.hashes.size()});
  if (list.published != 0) {
    out.attributes.set("missing", list.missing);
    out.attributes.set("published", list.published);
    set_text(out.attributes, "newest", list.newest);
  }
  out.attributes.set("summary", list_summary(list));
  for (std::size_t i = 0; i < list.certificates.size(); ++i) {
    Component one = describe(list.certificates[i], "certificate");
    one.attributes.set("owner", owner_name(list.owners[i]));
    out.children.push_back(std::move(one));
  }
  for (const KnownCertificate& one : list.signers) out.children.push_back(describe(one, "signer"));
  return out;
}

Component describe(const BootEntry& entry) {
  Component out{"boot-entry", fmt::format("Boot{:04X}", entry.number), {}};
  out.attributes.set("description", entry.description);
  out.attributes.set("active", entry.active());
  out.attributes.set("path", entry.path);
  out.attributes.set("path_bytes", entry.path_bytes);
  out.attributes.set("optional_bytes", entry.optional_bytes);
  set_text(out.attributes, "command", entry.command);
  out.attributes.set("summary",
                     fmt::format("{}{}: {}", entry.description, entry.active() ? "" : " (inactive)", entry.path));
  return out;
}

Component describe(const Module& module) {
  Component out{"bios-module", module.name, module.place.image};
  out.attributes.set("topic", std::string(to_string(module.topic)));
  out.attributes.set("guid", to_string(module.guid));
  set_text(out.attributes, "version", module.version);
  return out;
}

std::string secure_boot_text(const SecureBoot& keys) {
  const KeyList* pk = keys.find("PK");
  if (pk == nullptr) return keys.readable ? "no PK in the variables (setup mode)" : "";
  std::string out = fmt::format("PK: {}", list_summary(*pk));
  if (keys.enabled) out += *keys.enabled ? "; on" : "; switched off";
  if (keys.keys_changed) out += *keys.keys_changed ? "; keys changed by the owner" : "; the vendor's keys";
  return out;
}

std::string modules_text(const std::vector<Module>& modules, Topic topic) {
  std::string out;
  std::size_t many = 0;
  for (const Module& one : modules) {
    if (one.topic != topic) continue;
    if (++many <= 3) out += (out.empty() ? "" : ", ") + one.name;
  }
  return many <= 3 ? out : fmt::format("{} and {} more", out, many - 3);
}

void set_facts(Attributes& facts, const Look& look) {
  const Identity& who = look.identity;
  set_text(facts, "vendor", who.vendor);
  set_text(facts, "version", who.version);
  set_text(facts, "core", who.core);
  set_text(facts, "board", who.board_vendor.empty() ? who.board : who.board_vendor + " " + who.board);
  set_text(facts, "date", who.date);
  set_text(facts, "built", who.built);
  if (!who.agesa.empty()) facts.set("agesa", who.agesa);
  const Counts& counts = look.firmware.counts;
  facts.set("volumes", counts.volumes);
  facts.set("files", counts.files);
  facts.set("sections", counts.sections);
  if (look.unpacked && counts.unpacked != 0) {
    facts.set("unpacked",
              fmt::format("{}, {}", count_text(counts.unpacked, "stream"), size_text(counts.unpacked_bytes)));
  }
  if (counts.opaque != 0) facts.set("not_opened", counts.opaque);
  set_text(facts, "secure_boot", secure_boot_text(look.secure_boot));
  if (!look.boot.entries.empty()) {
    facts.set("boot_entries", fmt::format("{} (note them before flashing)", look.boot.entries.size()));
  }
  if (!look.boot.order.empty()) {
    std::vector<std::string> order;
    for (const std::uint16_t number : look.boot.order) order.push_back(fmt::format("{:04X}", number));
    facts.set("boot_order", order);
  }
  for (const Topic topic :
       {Topic::amt, Topic::me_talk, Topic::me_update, Topic::anti_theft, Topic::txt, Topic::absolute, Topic::psp}) {
    std::string key = lower_case(to_string(topic));
    std::ranges::replace(key, ' ', '_');
    std::ranges::replace(key, '-', '_');
    set_text(facts, key, modules_text(look.modules, topic));
  }
}

}  // namespace

Summary summarise(const Look& look) {
  Summary out;
  if (look.firmware.empty()) return out;
  set_facts(out.facts, look);
  out.tree = {"uefi", "UEFI firmware", {}};
  for (const BootEntry& one : look.boot.entries) out.tree.children.push_back(describe(one));
  for (const KeyList& one : look.secure_boot.variables) out.tree.children.push_back(describe(one, true));
  for (const KeyList& one : look.secure_boot.defaults) out.tree.children.push_back(describe(one, false));
  for (const VariableStore& one : look.stores) out.tree.children.push_back(describe(one));
  for (const Module& one : look.modules) out.tree.children.push_back(describe(one));
  return out;
}

}  // namespace quell::uefi
