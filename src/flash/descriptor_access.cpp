// SPDX-License-Identifier: GPL-2.0-or-later
// The master section: who may read and write which region. Fields as in descriptor_details.cpp.
#include <array>

#include <fmt/format.h>

#include "flash/descriptor_words.h"

namespace quell::flash {
namespace {

enum : unsigned { descriptor_region, bios, me, gbe, platform_data, device_expansion, ec = 8, device_expansion_2 = 9 };

struct Access {
  std::uint32_t read = 0, write = 0;  // bit n: region n
  void allow_read(unsigned region) { read |= 1U << region; }
  void allow(unsigned region) {
    allow_read(region);
    write |= 1U << region;
  }
};

struct Masters {
  Access host, me, gbe, ec;
};

bool is_v2(const EditRules& rules) { return rules.version == DescriptorVersion::v2; }

std::uint32_t word_of(const Access& access, const EditRules& rules) {
  return is_v2(rules) ? access.read << 8U | access.write << 20U : access.read << 16U | access.write << 24U;
}

std::uint64_t master(const FlashDescriptor& d, unsigned number) {
  return d.master_section + std::uint64_t{4} * (number - 1);
}

struct UsedRegions {
  const FlashDescriptor& descriptor;
  const EditRules& rules;
  bool operator()(unsigned index) const {
    const DescriptorRegion* region = descriptor.region(index);
    return region != nullptr && (region->in_use() || (rules.zero_word_is_region && region->word == 0));
  }
};

Masters classic(const UsedRegions& used) {
  Masters m;
  for (const unsigned region : {descriptor_region, bios}) m.host.allow_read(region);
  for (const unsigned region : {unsigned{descriptor_region}, unsigned{me}}) m.me.allow_read(region);
  m.host.allow(bios);
  m.me.allow(me);
  if (used(gbe)) {
    for (Access* access : {&m.host, &m.me, &m.gbe}) access->allow(gbe);
  }
  return m;
}

Masters client(const UsedRegions& used) {
  Masters m;
  m.host.allow_read(descriptor_region);
  m.host.allow(bios);
  m.me.allow_read(descriptor_region);
  m.me.allow(me);
  if (used(gbe)) {
    m.host.allow(gbe);
    m.me.allow_read(gbe);
    m.gbe.allow_read(descriptor_region);
    m.gbe.allow(gbe);
  }
  if (used(platform_data)) m.host.allow(platform_data);
  if (used(ec)) {
    m.host.allow_read(ec);
    m.ec.allow_read(descriptor_region);
    m.ec.allow(ec);
  }
  if (used(device_expansion_2)) m.host.allow_read(device_expansion_2);
  return m;
}

Masters atom() {
  Masters m;
  m.host.allow_read(descriptor_region);
  m.host.allow(bios);
  m.me.allow_read(descriptor_region);
  m.me.allow_read(bios);
  m.me.allow(device_expansion);
  return m;
}

Masters server() {
  Masters m;
  m.host.allow_read(descriptor_region);
  m.host.allow(bios);
  m.me.allow_read(descriptor_region);
  m.me.allow(me);
  return m;
}

Masters locked(const FlashDescriptor& d, const EditRules& rules) {
  const UsedRegions used{d, rules};
  switch (rules.lock) {
    case LockProfile::classic: return classic(used);
    case LockProfile::client: return client(used);
    case LockProfile::atom: return atom();
    case LockProfile::server: return server();
  }
  return server();
}

std::string reason(std::string_view what, unsigned number) { return fmt::format("FLMSTR{}: {}", number, what); }

}  // namespace

Result<void> plan_unlock(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules) {
  constexpr std::string_view what = "full access";
  if (is_v2(rules)) {
    for (const unsigned number : {1U, 2U, 3U, 5U}) {
      QUELL_TRY(const auto old, builder.u32(master(descriptor, number)));
      const std::uint32_t word = rules.extended_access ? 0xFFFFFFFF : 0xFFFFFF00 | (old & 0xFFU);
      QUELL_CHECK(set_word(builder, rules, master(descriptor, number), word, reason(what, number)));
    }
    return {};
  }
  for (const unsigned number : {1U, 2U})
    QUELL_CHECK(set_word(builder, rules, master(descriptor, number), 0xFFFF0000, reason(what, number)));
  QUELL_TRY(const auto old, builder.u32(master(descriptor, 3)));
  return set_word(builder, rules, master(descriptor, 3), 0x08080000 | (old & 0xFFFFU), reason(what, 3));
}

Result<void> plan_lock(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules) {
  constexpr std::uint32_t gbe_requester = 0x118;
  const Masters masters = locked(descriptor, rules);
  const std::array<std::pair<unsigned, const Access*>, 4> words{
      {{1, &masters.host}, {2, &masters.me}, {3, &masters.gbe}, {5, &masters.ec}}};
  for (const auto& [number, access] : words) {
    if (number == 5 && !is_v2(rules)) continue;
    QUELL_TRY(const auto old, builder.u32(master(descriptor, number)));
    std::uint32_t kept = is_v2(rules) && !rules.extended_access ? old & 0xFFU : 0;
    if (!is_v2(rules) && number == 3) kept = gbe_requester;
    QUELL_CHECK(set_word(builder, rules, master(descriptor, number), kept | word_of(*access, rules),
                         reason("its own regions only", number)));
  }
  return {};
}

Result<void> plan_lock_out(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules) {
  constexpr std::string_view what = "the ME may touch nothing but itself";
  QUELL_TRY(const auto old, builder.u32(master(descriptor, 2)));
  Access access = rules.lock == LockProfile::atom ? atom().me : server().me;
  std::uint32_t word = word_of(access, rules);
  if (!is_v2(rules)) {
    access.read &= ~(1U << descriptor_region);
    word = word_of(access, rules) | (old & 0xFFFFU);
  } else if (!rules.extended_access) {
    word |= old & 0xFFU;
  }
  return set_word(builder, rules, master(descriptor, 2), word, reason(what, 2));
}

Result<void> plan_let_host_read_me(PlanBuilder& builder, const FlashDescriptor& descriptor, const EditRules& rules) {
  QUELL_TRY(const auto old, builder.u32(master(descriptor, 1)));
  return set_word(builder, rules, master(descriptor, 1), old | 1U << (is_v2(rules) ? 10U : 18U),
                  reason("the host may read the ME region", 1));
}

}  // namespace quell::flash
