// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/access.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/table.h"
#include "data/spi-jedec.h"
#include "spi/device_lock.h"
#include "spi/failure.h"
#include "spi/marking.h"

namespace quell::spi {
namespace {

constexpr int attempts = 3;

// A unique definition, ambiguous ones, or nothing but noise.
bool unique(const ChipIdentity& identity) { return identity.definition.has_value(); }
bool ambiguous(const ChipIdentity& identity) { return !identity.candidates.empty(); }

std::string id_note(const ChipIdentity& identity) {
  return identity.jedec_id.empty() ? "" : fmt::format(" (ID {})", identity.jedec_id);
}

std::string names_of(const std::vector<ChipDefinition>& chips) {
  std::string names;
  for (const ChipDefinition& chip : chips) names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", chip.name);
  return names;
}

}  // namespace

std::string supply_voltage(std::string_view jedec_id) {
  static const Table table(data::spi_jedec);
  const auto row = table.find("jedec", jedec_id);
  return row ? std::string((*row)["volts"]) : std::string();
}

bool low_voltage(std::string_view jedec_id, std::string_view name) {
  const std::string volts = supply_voltage(jedec_id);
  return volts.empty() ? marked_as_low_voltage(name) : volts == "1.8";
}

ChipAccess::ChipAccess(AccessOptions options, Watcher& watcher) : options_(std::move(options)), watcher_(&watcher) {
  options_.worker.log = [this](int level, std::string_view line) { watcher_->log(level, line); };
}

Result<void> ChipAccess::prepare() {
  const Programmer& programmer = options_.programmer;
  if (programmer.internal() && !options_.accepted.has(Override::controller)) return failed("internal-probe");
  QUELL_CHECK(programmer.preflight());
  if (programmer.asks_about_wiring() && !options_.accepted.has(Override::wiring) &&
      !watcher_->ask("Is the supply voltage of the chip checked, and is the board without mains and batteries?")) {
    return failed("wiring-not-confirmed");
  }
  if (!programmer.level_question().empty() && !options_.accepted.has(Override::wiring) &&
      !watcher_->ask(programmer.level_question()))
    return failed("level-not-confirmed", {{"programmer", programmer.name()}});
  QUELL_TRY(lock_, lock_device(programmer));
  options_.worker.lock = lock_.get();
  return {};
}

Error ChipAccess::explain(const Trouble& trouble, std::string_view doing) const {
  const std::string untouched = "Nothing was written to the chip.";
  switch (trouble.kind) {
    case Trouble::Kind::missing: return failure("worker-missing", {{"where", trouble.detail}});
    case Trouble::Kind::died: return failure("worker-crashed", {{"detail", trouble.detail}, {"state", untouched}});
    case Trouble::Kind::interrupted: return failure("stopped-reading");
    case Trouble::Kind::confused: return failure("worker-confused", {{"detail", trouble.detail}});
    case Trouble::Kind::timeout:
    case Trouble::Kind::device:
    case Trouble::Kind::escalation: break;
  }
  return failure("contact-lost-reading", {{"programmer", options_.programmer.text()},
                                          {"detail", fmt::format("{}: {}", doing, trouble.detail)}});
}

Error ChipAccess::explain_open(const Trouble& trouble, const Worker& worker) const {
  // flashrom's own code for a parameter that no driver took.
  constexpr int left_over_parameter = -238;
  const std::string& name = options_.programmer.name();
  if (trouble.kind == Trouble::Kind::device && trouble.code == left_over_parameter) {
    const std::string& said = worker.complaint();
    const std::size_t colon = said.find(": ");
    return failure("programmer-parameter",
                   {{"detail", colon == std::string::npos ? said : said.substr(colon + 2)}, {"programmer", name}});
  }
  if (trouble.detail.starts_with("Error: Unknown programmer")) {
    return failure("programmer-unknown", {{"programmer", name}, {"known", short_names()}});
  }
  if (trouble.kind == Trouble::Kind::device || trouble.kind == Trouble::Kind::timeout) {
    std::string detail = trouble.detail.empty() ? fmt::format("code {}", trouble.code) : trouble.detail;
    if (detail.ends_with('.')) detail.pop_back();  // the library's own full stop
    return failure("programmer-absent",
                   {{"programmer", name}, {"detail", detail}, {"next", options_.programmer.absent_advice()}});
  }
  return explain(trouble, "starting the programmer");
}

Error ChipAccess::nothing_found(const ChipIdentity& identity) const {
  const std::string& id = identity.jedec_id;
  if (chip_) return failure("another-chip", {{"what", "ID"}});
  if (!options_.chip.empty())
    return failure("unknown-definition", {{"chip", options_.chip}, {"id", id_note(identity)}});
  std::string next =
      "Reseat the clip (several attempts are normal), check where pin 1 is (painted dots do not mark it), "
      "the supply, the wires and the voltage; lower the clock.";
  if (id.find_first_not_of('f') == std::string::npos && !id.empty()) {
    next = "The ID reads as all ones: the chip's DO is not connected, or the chip has no supply. " + next;
  } else if (id.find_first_not_of('0') == std::string::npos && !id.empty()) {
    next = "The ID reads as all zeroes: DO is shorted or pulled low, /HOLD is low, or the supply is wrong. " + next;
  }
  const bool silent = id.empty() || id.find_first_not_of(id.front()) == std::string::npos;
  return failure(silent ? "no-chip" : "not-identified",
                 {{"programmer", options_.programmer.text()}, {"id", id_note(identity)}, {"next", next}});
}

// By the name that was asked for; where that is no definition of the library, as the marking of what answers.
Reply<ChipIdentity> ChipAccess::probe(Worker& worker) {
  auto named = worker.probe(options_.chip);
  if (!named || options_.chip.empty() || named->definition || !named->candidates.empty()) return named;
  auto any = worker.probe("");
  if (!any) return named;
  const std::vector<ChipDefinition> all =
      any->definition ? std::vector<ChipDefinition>{*any->definition} : any->candidates;
  const auto fits = fitting(all, options_.chip);
  if (fits.size() != 1) {
    any->candidates = fits;
    any->definition.reset();
    return fits.empty() ? named : any;
  }
  options_.chip = fits.front().name;
  return worker.probe(options_.chip);
}

Result<Attached> ChipAccess::attach_once() {
  auto worker = Worker::start(options_.worker);
  if (!worker) return tl::unexpected<Error>(explain(worker.error(), "starting the worker"));
  if (auto opened = worker->open(options_.programmer); !opened) {
    return tl::unexpected<Error>(explain_open(opened.error(), *worker));
  }
  auto identity = probe(*worker);
  if (!identity) return tl::unexpected<Error>(explain(identity.error(), "identifying the chip"));
  Attached attached{*std::move(worker), *std::move(identity)};
  if (!unique(attached.identity)) return attached;
  auto protection = attached.worker.protection();
  if (!protection) return tl::unexpected<Error>(explain(protection.error(), "reading the protection"));
  attached.protection = *protection;
  return attached;
}

Result<void> ChipAccess::judge(const ChipIdentity& identity) const {
  if (!identity.definition) return {};
  const ChipDefinition& chip = *identity.definition;
  if (low_voltage(identity.jedec_id, chip.name) && !options_.accepted.has(Override::level_adapter)) {
    return failed("voltage-1v8", {{"chip", chip.name}, {"id", identity.jedec_id}});
  }
  if (!options_.expect_chip.empty() && chip.name.find(options_.expect_chip) == std::string::npos) {
    return failed("unexpected-chip", {{"found", chip.name}, {"expected", options_.expect_chip}});
  }
  if (options_.expect_size != 0 && chip.size != options_.expect_size) {
    return failed("unexpected-chip", {{"found", fmt::format("{} KiB", chip.size / 1024)},
                                      {"expected", fmt::format("{} KiB", options_.expect_size / 1024)}});
  }
  return {};
}

Result<Attached> ChipAccess::look() {
  std::vector<std::string> ids;
  for (int i = 1;; ++i) {
    QUELL_TRY(Attached attached, attach_once());
    if (unique(attached.identity) || ambiguous(attached.identity)) {
      QUELL_CHECK(judge(attached.identity));
      return attached;
    }
    ids.push_back(attached.identity.jedec_id.empty() ? "none" : attached.identity.jedec_id);
    static_cast<void>(attached.worker.finish());
    if (i < attempts) continue;
    if (ids.front() != ids.back()) return failed("unstable-id", {{"ids", fmt::format("{}", fmt::join(ids, ", "))}});
    return tl::unexpected<Error>(nothing_found(attached.identity));
  }
}

Result<Attached> ChipAccess::attach() {
  QUELL_TRY(Attached attached, look());
  const ChipIdentity& identity = attached.identity;
  if (!identity.definition) {
    return failed("ambiguous-chip", {{"count", std::to_string(identity.candidates.size())},
                                     {"id", identity.jedec_id},
                                     {"names", names_of(identity.candidates)}});
  }
  if (!chip_) {
    chip_ = identity.definition;
    jedec_id_ = identity.jedec_id;
    candidates_ = identity.candidates;
    options_.chip = chip_->name;
    return attached;
  }
  if (identity.jedec_id != jedec_id_) return failed("another-chip", {{"what", "ID"}});
  if (identity.definition->size != chip_->size) return failed("another-chip", {{"what", "size"}});
  return attached;
}

}  // namespace quell::spi
