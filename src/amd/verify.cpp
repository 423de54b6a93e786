// SPDX-License-Identifier: GPL-2.0-or-later
// Three passes over the entries in walking order: digest and header of every payload; the keys they hold; signatures
// and content. Payloads with the same bytes (slots A and B of one build) are verified once.
#include <algorithm>
#include <map>
#include <tuple>

#include "amd/content.h"
#include "amd/firmware.h"
#include "amd/inflate.h"
#include "amd/keys.h"
#include "amd/rollback.h"
#include "amd/signature.h"

namespace quell::amd {
namespace {

constexpr std::uint64_t largest_plain = 32U << 20U;
// The largest real image has 600.
constexpr std::size_t most_rows = 8192;

// What of the surroundings decides how a payload is read.
struct Setting {
  bool family15 = false;
  std::optional<KeyId> root{};
  friend auto operator<=>(const Setting&, const Setting&) = default;
};

class Verifier {
 public:
  Verifier(Rom& rom, ByteView file, Budget& budget) : rom_(rom), file_(file), budget_(budget) {}

  void run() {
    for (Directory& directory : rom_.directories) {
      const Setting setting = setting_of(directory);
      for (Entry& entry : directory.entries) {
        if (entry.stored) assign_payload(entry, setting);
      }
    }
    for (std::size_t i = 0; i < work_.size(); ++i) collect_keys(i);
    for (std::size_t i = 0; i < work_.size(); ++i) examine(i);
    settle_trust();
    publish_keys();
    settle_spl_identities(rom_);
    if (budget_.exhausted() || over_limit_) {
      rom_.defects.push_back({"amd.work-limit", rom_.efs.offset, "entries overlap so much that not all were examined"});
    }
  }

 private:
  struct Item {
    const Entry* entry = nullptr;
    Setting setting{};
  };

  // Same bytes read in the same way; raw data is read in one of two ways.
  using Place = std::tuple<std::uint64_t, std::uint64_t, unsigned>;
  using Content256 = std::tuple<Sha256, unsigned, Setting>;

  static unsigned reading_of(const Entry& entry) {
    const bool raw = entry.kind() == PayloadKind::raw;
    if (raw) return entry.bios && (entry.type == 0x60 || entry.type == 0x68) ? 1 : 0;
    return 0x1000U + (entry.bios ? 0x100U : 0U) + entry.type;
  }

  [[nodiscard]] ByteView bytes_of(const Payload& payload) const { return file_.clip(payload.range); }

  // The boot loader of family 15h says so in its header; the root key is the first one of the directory, or that of
  // the PSP directory of the same slot and platform.
  [[nodiscard]] Setting setting_of(const Directory& directory) const {
    Setting setting;
    for (const Entry& entry : directory.entries) {
      if (entry.bios || !entry.stored || entry.type != 0x01) continue;
      const auto header = read_psp_header(file_.clip(*entry.stored));
      setting.family15 = setting.family15 || (header && to_hex(header->magic) == "01000000");
    }
    setting.root = root_of(directory);
    for (const Directory& other : rom_.directories) {
      if (setting.root) break;
      if (other.slot == directory.slot && other.combo_id == directory.combo_id) setting.root = root_of(other);
    }
    return setting;
  }

  [[nodiscard]] std::optional<KeyId> root_of(const Directory& directory) const {
    for (const Entry& entry : directory.entries) {
      if (entry.bios || entry.type != 0x00 || !entry.stored) continue;
      if (const auto token = read_key_token(file_.clip(*entry.stored))) return token->id;
    }
    return std::nullopt;
  }

  void assign_payload(Entry& entry, const Setting& setting) {
    const auto [place, fresh] =
        by_place_.try_emplace({entry.stored->offset, entry.stored->size, reading_of(entry)}, rom_.payloads.size());
    entry.payload = place->second;
    if (!fresh) return;
    Payload payload{.range = *entry.stored, .name = entry.name()};
    const ByteView bytes = bytes_of(payload);
    payload.examined = budget_.spend(Budget::hashing(bytes.size()));
    if (payload.examined) {
      payload.sha256 = sha256(bytes.bytes());
      payload.blank = bytes.filled_with(std::byte{0xFF}) || bytes.filled_with(std::byte{0});
      const PayloadKind kind = entry.kind();
      const bool plain_data = kind == PayloadKind::raw || kind == PayloadKind::reset;
      if (!payload.blank && kind == PayloadKind::key) payload.token = read_key_token(bytes);
      if (!payload.blank && kind != PayloadKind::key && !plain_data) payload.header = read_psp_header(bytes);
    }
    rom_.payloads.push_back(std::move(payload));
    work_.push_back({&entry, setting});
  }

  void collect_keys(std::size_t index) {
    const Payload& payload = rom_.payloads[index];
    if (!payload.examined || payload.blank || payload.range.empty()) return;
    std::vector<Key> found;
    if (payload.token) {
      found.push_back(key_of_token(*payload.token, bytes_of(payload)));
    } else if (payload.header && work_[index].entry->kind() == PayloadKind::database) {
      found = keys_of_database(payload);
    } else if (payload.header && budget_.spend(Budget::hashing(payload.range.size))) {
      found = inline_keys(bytes_of(payload));
    }
    for (Key& key : found) {
      key.container = payload.name;
      key.entry_offset = work_[index].entry->entry_offset;
      key.payload = index;
      keys_.add(std::move(key));
    }
  }

  [[nodiscard]] std::vector<Key> keys_of_database(const Payload& payload) {
    const ByteView bytes = bytes_of(payload);
    if (payload.header->encrypted) return {};
    if (!payload.header->compressed) return database_keys(bytes.clip({psp_header_size, bytes.size()}), std::nullopt);
    const auto plain = inflate_payload(*payload.header, bytes);
    return plain ? database_keys(ByteView(*plain), payload.range.offset) : std::vector<Key>();
  }

  std::optional<Buffer> inflate_payload(const PspHeader& header, ByteView bytes) {
    const std::uint64_t stream = header.compressed_size != 0 ? header.compressed_size : header.size_signed;
    // Family 15h announces no size, or that of something else.
    const bool announced = header.compressed_size != 0 && header.plain_size() != 0;
    const std::uint64_t bound = announced ? header.plain_size() : largest_plain;
    auto plain = inflate(bytes.clip({psp_header_size, stream}).bytes(), bound, budget_);
    if (!plain) return std::nullopt;
    return *std::move(plain);
  }

  // The reset image has a header of its own: the stream's size at 0x14, the stream at 0x100.
  std::optional<Buffer> inflate_reset_image(const Entry& entry, ByteView bytes) {
    auto plain = inflate(bytes.clip(Range::between(psp_header_size, bytes.size())).bytes(),
                         std::min<std::uint64_t>(entry.size, largest_plain), budget_);
    if (!plain) return std::nullopt;
    return *std::move(plain);
  }

  void examine(std::size_t index) {
    Payload& payload = rom_.payloads[index];
    if (!payload.examined || payload.blank || payload.range.empty()) return;
    const Entry& entry = *work_[index].entry;
    const Setting& setting = work_[index].setting;
    const auto [twin, fresh] = by_content_.try_emplace({payload.sha256, reading_of(entry), setting}, index);
    if (!fresh) {
      copy_results(rom_.payloads[twin->second], payload);
      return limit_rows(payload);
    }
    const ByteView bytes = bytes_of(payload);
    const SignatureContext context{keys_, budget_, setting.root, setting.family15};
    std::optional<Buffer> inflated;
    if (payload.header && payload.header->compressed && !payload.header->encrypted) {
      inflated = inflate_payload(*payload.header, bytes);
      if (inflated || !budget_.exhausted()) payload.inflates = inflated.has_value();
    } else if (entry.kind() == PayloadKind::reset && entry.compressed) {
      inflated = inflate_reset_image(entry, bytes);
    }
    const Content content{entry, bytes, inflated, setting.family15};
    if (payload.header) {
      payload.signature = check_entry(*payload.header, bytes, inflated, context);
      payload.payload_hash = check_payload_hash(*payload.header, content);
      if (entry.kind() == PayloadKind::container) examine_sub_images(payload, bytes, context);
      if (payload.sub_images.empty()) payload.unsigned_tail = tail_after_signature(payload, bytes);
    } else if (payload.token) {
      payload.signature = check_token(*payload.token, bytes, context);
    } else if (wants_header(entry)) {
      payload.signature = Signature{.result = SignatureResult::unknown};
      payload.signature->reason = entry.kind() == PayloadKind::key ? "not-a-key-token" : "no-psp-header";
    }
    read_content(payload, content);
    limit_rows(payload);
  }

  // Rows of tables and containers are listed one by one: entries that overlap must not multiply them without end.
  void limit_rows(Payload& payload) {
    const std::size_t rows = payload.sub_images.size() + (payload.spl ? payload.spl->records.size() : 0);
    if (rows <= rows_left_) {
      rows_left_ -= rows;
      return;
    }
    payload.sub_images.clear();
    if (payload.spl) payload.spl->records.clear();
    rows_left_ = 0;
    over_limit_ = true;
  }

  static bool wants_header(const Entry& entry) {
    const PayloadKind kind = entry.kind();
    return kind == PayloadKind::key || kind == PayloadKind::database || kind == PayloadKind::header ||
           kind == PayloadKind::container;
  }

  static void copy_results(const Payload& from, Payload& to) {
    const Range range = to.range;
    std::string name = std::move(to.name);
    to = from;
    to.range = range;
    to.name = std::move(name);
  }

  static void examine_sub_images(Payload& payload, ByteView bytes, const SignatureContext& context) {
    payload.sub_images = read_sub_images(*payload.header, bytes);
    for (SubImage& image : payload.sub_images) {
      if (image.header) {
        image.signature =
            check_entry(*image.header, bytes.clip(Range::between(image.offset, bytes.size())), std::nullopt, context);
      } else {
        image.signature = {.result = SignatureResult::invalid, .reason = "no-psp-header"};
      }
    }
  }

  // Bytes behind the signature that are neither erased nor zero.
  static std::uint64_t tail_after_signature(const Payload& payload, ByteView bytes) {
    if (!payload.signature || !payload.signature->present || payload.signature->byte_order != "big") return 0;
    const std::uint64_t end = payload.header->signature_offset() + payload.header->signature_size();
    const ByteView tail = bytes.clip(Range::between(end, bytes.size()));
    const bool blank = tail.empty() || tail.filled_with(std::byte{0}) || tail.filled_with(std::byte{0xFF});
    return blank ? 0 : tail.size();
  }

  // A key is trusted when what holds it, or its own certificate, verifies with a trusted key.
  void settle_trust() {
    std::vector<Key>& keys = keys_.keys();
    std::vector<std::optional<std::size_t>> certifier(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const Key& key = keys[i];
      const Payload& holder = rom_.payloads[key.payload];
      if (key.form == KeyForm::token && key.certifying_id == key.id && is_root_entry(key)) keys[i].trust = Trust::root;
      if (key.form == KeyForm::inlined) certifier[i] = certifier_of(key);
      if (!certifier[i] && holder.signature) certifier[i] = holder.signature->key;
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i].trust != Trust::unknown) continue;
        const Payload& holder = rom_.payloads[keys[i].payload];
        const bool by_certificate = certifier[i] && keys[*certifier[i]].trust != Trust::unknown;
        const bool by_holder =
            holder.signature && holder.signature->key && keys[*holder.signature->key].trust != Trust::unknown;
        if (!by_certificate && !by_holder) continue;
        keys[i].trust = Trust::chained;
        changed = true;
      }
    }
  }

  [[nodiscard]] bool is_root_entry(const Key& key) const {
    const Entry& entry = *work_[key.payload].entry;
    return !entry.bios && entry.type == 0x00;
  }

  // The key that certified an inline token whose certificate follows it.
  [[nodiscard]] std::optional<std::size_t> certifier_of(const Key& key) {
    const Payload& holder = rom_.payloads[key.payload];
    const ByteView bytes = file_.clip(Range::between(key.location, holder.range.end()));
    const auto token = read_key_token(bytes);
    if (!token || token->names_itself() || !keys_.knows(token->certifying_id)) return std::nullopt;
    const SignatureContext context{keys_, budget_, {}, false};
    return check_token(*token, bytes, context).key;
  }

  // Moves the keys to the Rom in the order of their places and renumbers what points to them.
  void publish_keys() {
    std::vector<Key>& keys = keys_.keys();
    std::vector<std::size_t> order(keys.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return keys[i].location; });
    std::vector<std::size_t> place(keys.size());
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    for (Payload& payload : rom_.payloads) {
      if (payload.signature && payload.signature->key) payload.signature->key = place[*payload.signature->key];
      for (SubImage& image : payload.sub_images) {
        if (image.signature.key) image.signature.key = place[*image.signature.key];
      }
    }
    for (const std::size_t i : order) rom_.keys.push_back(std::move(keys[i]));
  }

  Rom& rom_;
  ByteView file_;
  Budget& budget_;
  KeySet keys_{};
  std::vector<Item> work_{};
  std::size_t rows_left_ = most_rows;
  bool over_limit_ = false;
  std::map<Place, std::size_t> by_place_{};
  std::map<Content256, std::size_t> by_content_{};
};

}  // namespace

void verify(EmbeddedFirmware& firmware, ByteView file) {
  Budget budget(file.size());
  verify(firmware, file, budget);
}

void verify(EmbeddedFirmware& firmware, ByteView file, Budget& budget) {
  for (Rom& rom : firmware.roms) Verifier(rom, file, budget).run();
}

}  // namespace quell::amd
