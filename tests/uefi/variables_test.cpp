// SPDX-License-Identifier: GPL-2.0-or-later
// The variables, keys and boot entries of real images against what was recorded of them.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "support/shared.h"
#include "uefi/images.h"
#include "uefi/look.h"

namespace quell {
namespace {

using nlohmann::json;

uefi::Look look_at(const Buffer& bytes) {
  const Image image("image", ByteView(bytes));
  return uefi::look(image, {.unpack = true});
}

std::string state_of(const uefi::VariableStore& store, const uefi::Variable& one) {
  if (store.kind != uefi::StoreKind::nvar) return fmt::format("{:#x}", one.stored_state);
  if (one.state == uefi::Variable::State::part) return "data-only";
  if (one.state == uefi::Variable::State::old) return "invalid";
  return one.hops == 0 ? "full" : "link";
}

std::multiset<std::string> variables_of(const uefi::Look& look) {
  std::multiset<std::string> out;
  for (const uefi::VariableStore& store : look.stores) {
    for (const uefi::Variable& one : store.variables) {
      const bool part = one.state == uefi::Variable::State::part;
      if (store.kind == uefi::StoreKind::nvar && one.state == uefi::Variable::State::old) {
        out.insert("invalid");
        continue;
      }
      out.insert(fmt::format("{} {} {} {} {:#x} {} {}", store.inside, one.name, part ? "" : to_string(one.owner),
                             one.data.size(), one.attributes, state_of(store, one), to_hex(sha256(one.data.bytes()))));
    }
  }
  return out;
}

std::multiset<std::string> recorded_variables(const json& image) {
  std::multiset<std::string> out;
  for (const json& one : image.at("variables")) {
    const std::string store = one.at("store");
    const std::size_t slash = store.find('/');
    // What is no longer valid was recorded without its name.
    if (one.at("state") == "invalid") {
      out.insert("invalid");
      continue;
    }
    out.insert(fmt::format("{} {} {} {} {} {} {}", slash == std::string::npos ? "" : store.substr(slash + 1),
                           one.value("name", ""), one.value("guid", ""), one.at("size").get<std::uint64_t>(),
                           one.at("attributes").get<std::string>(), one.at("state").get<std::string>(),
                           one.at("sha256").get<std::string>()));
  }
  return out;
}

std::multiset<std::string> fingerprints(const std::vector<uefi::KnownCertificate>& list) {
  std::multiset<std::string> out;
  for (const auto& one : list) out.insert(to_hex(one.sha256) + " " + to_hex(one.sha1) + " " + one.not_after);
  return out;
}

void compare_list(const uefi::KeyList& list, const json& recorded) {
  std::multiset<std::string> certificates;
  std::vector<std::string> hashes;
  for (const json& one : recorded.value("signatures", json::array())) {
    if (one.at("type") == "X509") {
      certificates.insert(fmt::format("{} {} {}", one.at("sha256").get<std::string>(),
                                      one.at("sha1").get<std::string>(),
                                      one.at("not_after").get<std::string>().substr(0, 10)));
    } else if (!one.at("hash").get<std::string>().starts_with("e3b0c442")) {
      hashes.push_back(one.at("hash"));
    }
  }
  EXPECT_EQ(fingerprints(list.certificates), certificates);
  EXPECT_EQ(list.hashes, hashes);
  std::multiset<std::string> signers;
  for (const json& one : recorded.value("signer", json::array())) {
    signers.insert(fmt::format("{} {} {}", one.at("sha256").get<std::string>(), one.at("sha1").get<std::string>(),
                               one.at("not_after").get<std::string>().substr(0, 10)));
  }
  EXPECT_EQ(fingerprints(list.signers), signers);
  if (recorded.contains("missing_of_latest")) {
    // The marker of an empty list is no entry of the published one.
    EXPECT_EQ(list.missing, recorded.at("missing_of_latest").at("x64"));
    EXPECT_EQ(list.newest, recorded.at("newest_date_of_addition").is_null()
                               ? ""
                               : recorded.at("newest_date_of_addition").get<std::string>());
  }
}

void compare_lists(const std::vector<uefi::KeyList>& lists, const json& recorded) {
  std::size_t compared = 0;
  for (const auto& [name, list] : recorded.items()) {
    SCOPED_TRACE(name);
    const auto found = std::ranges::find(lists, name, &uefi::KeyList::name);
    const bool empty = list.value("signatures", json::array()).empty() && !list.contains("signer");
    if (empty && found == lists.end()) continue;
    ASSERT_NE(found, lists.end());
    compare_list(*found, list);
    ++compared;
  }
  EXPECT_EQ(compared, lists.size());
}

class UefiVariables : public testing::TestWithParam<std::string> {};

TEST_P(UefiVariables, AreThoseRecorded) {
  QUELL_NEEDS_SHARED("oracle/uefi.json");
  for (const json& image : test::uefi_oracle().at("files")) {
    if (image.at("file") != GetParam()) continue;
    const Buffer bytes = test::bios_image(GetParam());
    const uefi::Look look = look_at(bytes);
    EXPECT_EQ(variables_of(look), recorded_variables(image));
    std::uint64_t live = 0;
    for (const auto& store : look.stores) live += store.live();
    EXPECT_EQ(live, image.at("counts").at("live_variables"));
    compare_lists(look.secure_boot.variables, image.at("secure_boot"));
    compare_lists(look.secure_boot.defaults, image.at("secure_boot_defaults"));
  }
}

TEST_P(UefiVariables, HoldTheBootEntriesRecorded) {
  QUELL_NEEDS_SHARED("oracle/uefi.json");
  const json& all = test::uefi_oracle().at("boot");
  if (!all.contains(GetParam())) return;
  const json& recorded = all.at(GetParam());
  const Buffer bytes = test::bios_image(GetParam());
  const uefi::Look look = look_at(bytes);
  std::vector<std::string> order;
  for (const std::uint16_t number : look.boot.order) order.push_back(fmt::format("{:04X}", number));
  EXPECT_EQ(json(order), recorded.at("order"));
  ASSERT_EQ(look.boot.entries.size(), recorded.at("entries").size());
  for (const uefi::BootEntry& entry : look.boot.entries) {
    const json& want = recorded.at("entries").at(fmt::format("Boot{:04X}", entry.number));
    EXPECT_EQ(entry.description, want.at("description"));
    EXPECT_EQ(entry.attributes, want.at("attributes"));
    EXPECT_EQ(entry.path_bytes, want.at("path_bytes"));
    EXPECT_EQ(entry.optional_bytes, want.at("optional"));
    EXPECT_NE(entry.path, "");
  }
}

INSTANTIATE_TEST_SUITE_P(Images, UefiVariables,
                         testing::Values("aavmf-vars.ms.fd", "apl-fsp.fd", "ic847-bios.bin", "ovmf-vars-4m.ms.fd",
                                         "ovmf-vars-4m.snakeoil.fd", "ovmf-vars.fd", "quark-fsp.fd"));

TEST(UefiJudgement, NamesThePublicTestKeyOfARealBoard) {
  QUELL_NEEDS_SHARED("oracle/uefi.json");
  const Buffer bytes = test::bios_image("ic847-bios.bin");
  const uefi::Look look = look_at(bytes);
  std::string text;
  std::multiset<std::string> ids;
  for (const Finding& finding : judge(look)) {
    ids.insert(finding.id);
    text += finding.detail;
    EXPECT_LT(finding.severity, Severity::error) << "a weak key is no damage of the dump: " << finding.id;
  }
  for (const char* id : {"uefi.pk.test-key", "uefi.kek.test-key", "uefi.db.test-key", "uefi.dbx.old"}) {
    EXPECT_EQ(ids.count(id), 1U) << id;
  }
  EXPECT_THAT(text, testing::HasSubstr("617f9a3582de92b19a14bf45cd7041950f365b1e49bac2633fd02bb106902c8d"));
  EXPECT_THAT(text, testing::HasSubstr("13 hashes, the newest was published on 2018-04-01; 432 of the 4"));
  EXPECT_THAT(look.identity.vendor, testing::StartsWith("American Megatrends"));
  EXPECT_EQ(look.identity.board, "IC847-PLUS");
  EXPECT_EQ(look.identity.built, "2017-08-25");
  EXPECT_TRUE(std::ranges::any_of(look.modules, [](const auto& one) { return one.topic == uefi::Topic::amt; }));
}

}  // namespace
}  // namespace quell
