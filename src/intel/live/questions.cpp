// SPDX-License-Identifier: GPL-2.0-or-later
// The questions quell puts to a running engine over /dev/meiN: version, capabilities, AMT state.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "host/mei_device.h"
#include "intel/live/questions.h"

namespace quell::intel::live {

using namespace host;

namespace {

constexpr std::string_view privilege = "root or device group";

class Conversation {
 public:
  Conversation(const Root& root, const MeiInterface& interface, EngineStatus& engine)
      : root_(root), interface_(interface), engine_(engine) {}

  // The reply's bytes; a source that gives none is noted once a client.
  Reading ask(std::string_view client, Bytes request, std::string_view what) {
    if (refused_) return {Reach::denied, {}, {}};
    const std::string path = mei_path(interface_.name, client, request);
    Reading reading = root_.read(path);
    if (!reading.ok()) {
      attempted(engine_.attempts, fmt::format("/dev/{}: {}", interface_.name, what), reading);
      refused_ = reading.reach == Reach::denied;
    }
    return reading;
  }

  template <class T>
  std::optional<T> take(Result<T> result, std::string_view what) {
    if (result) return *std::move(result);
    engine_.attempts.push_back(
        {fmt::format("/dev/{}: {}", interface_.name, what), Reach::failed, result.error().message});
    return std::nullopt;
  }

  void add(std::string_view key, std::string_view label, Value value, Show show = Show::decimal) {
    Fact one = fact(key, label, std::move(value), "/dev/" + interface_.name, privilege);
    one.show = show;
    engine_.facts.push_back(std::move(one));
  }

 private:
  const Root& root_;
  const MeiInterface& interface_;
  EngineStatus& engine_;
  bool refused_ = false;  // one denial is enough: the device node is the same for all
};

std::string name_of(std::initializer_list<const char*> names, std::uint32_t value) {
  return value < names.size() ? std::string(*std::next(names.begin(), static_cast<std::ptrdiff_t>(value)))
                              : fmt::format("{}", value);
}

// Only the capability set (rule 0) tells whether the hardware could; rule 32 tells what is switched on.
void ask_capabilities(Conversation& talk, const Generation& generation) {
  struct Rule {
    std::uint32_t number;
    const char* key;
    const char* label;
  };
  constexpr std::array<Rule, 2> rules = {Rule{0, "capabilities", "capabilities"},
                                         Rule{32, "features_on", "features switched on"}};
  for (const Rule& rule : rules) {
    const Reading reply = talk.ask(mkhi_client, rule_request(rule.number), rule.label);
    if (!reply.ok()) continue;
    if (const auto value = talk.take(rule_reply(reply.bytes(), rule.number), rule.label)) {
      talk.add(fmt::format("{}_raw", rule.key), fmt::format("{} (raw)", rule.label), std::uint64_t{*value}, Show::hex);
      talk.add(rule.key, rule.label, capability_names(*value, generation));
    }
  }
}

Manageability::SetUp set_up_of(std::uint32_t provisioning) {
  switch (provisioning) {
    case 0: return Manageability::SetUp::no;
    case 1: return Manageability::SetUp::under_way;
    case 2: return Manageability::SetUp::yes;
    default: return Manageability::SetUp::not_told;
  }
}

// Whether AMT answers.
bool ask_amt(Conversation& talk, EngineStatus& engine, bool answers, bool halted) {
  const Reading state = talk.ask(amthi_client, amt_request(AmtQuery::provisioning_state), "AMT provisioning state");
  // Only an engine that answers on another client proves that it has none for AMT.
  if (state.reach == Reach::absent && answers) {
    talk.add("amt", "AMT", std::string("not in this firmware, or switched off in setup"));
    engine.manageability = {.stack = Manageability::Stack::none,
                            .reason = "AMT is not in this firmware, or is switched off in the setup"};
  }
  if (!state.ok()) return false;
  const auto value = talk.take(amt_number_reply(state.bytes(), AmtQuery::provisioning_state), "AMT provisioning state");
  if (!value) return false;
  talk.add("amt", "AMT", std::string("present"));
  engine.manageability = {Manageability::Stack::present, set_up_of(*value), "AMT is in its firmware"};
  talk.add("amt_provisioning", "AMT provisioning", name_of({"not set up", "being set up", "set up"}, *value));
  if (*value == 2) {
    engine.findings.push_back(
        {"host.amt.set-up",
         Question::access,
         Severity::warning,
         "AMT is set up: this machine can be managed over the network",
         "The provisioning state is \"set up\". Whoever holds the AMT password or certificate can "
         "reach the machine below the operating system.",
         "If nobody manages this machine, unprovision AMT in MEBx or the BIOS setup; `quell amt` "
         "shows what answers.",
         std::nullopt,
         {}});
  }
  const Reading mode = talk.ask(amthi_client, amt_request(AmtQuery::control_mode), "AMT control mode");
  if (mode.ok()) {
    if (const auto number = talk.take(amt_number_reply(mode.bytes(), AmtQuery::control_mode), "AMT control mode"))
      talk.add("amt_control_mode", "AMT control mode", name_of({"none", "client control", "admin control"}, *number));
  }
  const Reading list = talk.ask(amthi_client, amt_request(AmtQuery::code_versions), "AMT code versions");
  if (!list.ok()) return true;
  const auto versions = talk.take(code_versions_reply(list.bytes()), "AMT code versions");
  if (!versions) return true;
  for (const CodeVersion& entry : *versions) {
    if (entry.name != "AMT") continue;
    talk.add("amt_version", "AMT version", entry.value);
    if (const auto version = parse_version(entry.value)) add_advisories(AdvisedProduct::amt, *version, halted, engine);
  }
  return true;
}

}  // namespace

bool ask_engine(const Root& root, const MeiInterface& interface, const Generation& generation, EngineStatus& engine,
                std::vector<Version>& versions) {
  Conversation talk(root, interface, engine);
  const Reading reply = talk.ask(mkhi_client, version_request(), "firmware version");
  bool answered = false;
  if (reply.ok()) {
    if (const auto told = talk.take(version_reply(reply.bytes()), "firmware version")) {
      answered = true;
      talk.add("mkhi_version", "firmware, asked itself", to_string(told->front()));
      if (versions.empty()) versions = *told;
    }
  }
  const bool halted = is_off(engine.counts_as_disabled);
  if (answered && halted) {
    engine.findings.push_back({"host.intel.contradiction",
                               Question::structure,
                               Severity::error,
                               "The registers say disabled, but the engine answers questions",
                               "The status registers show \"" + engine.verdict_title +
                                   "\", yet the firmware answered a version query over /dev/" + interface.name + ".",
                               "Read both again after a cold start; do not trust either until they agree.",
                               std::nullopt,
                               {}});
  }
  if (answered) {
    ask_capabilities(talk, generation);
    const Reading lock = talk.ask(mkhi_client, hmrfpo_request(), "ME region write override");
    if (lock.ok()) {
      if (const auto state = talk.take(hmrfpo_reply(lock.bytes()), "ME region write override"))
        talk.add("hmrfpo", "ME region write override", name_of({"off", "locked", "on"}, *state));
    }
  }
  return ask_amt(talk, engine, answered, halted);
}

void add_advisories(AdvisedProduct product, const Version& version, bool halted, EngineStatus& engine) {
  const AdvisoryMatch match = match_advisories(product, version);
  auto findings = advisory_findings(product, version, match.advisories,
                                    halted ? AdvisedFirmware::halted : AdvisedFirmware::at_work);
  std::ranges::move(findings, std::back_inserter(engine.findings));
  const std::string state = !match.covered             ? "no data for this branch"
                            : match.advisories.empty() ? "none of the known ones matches"
                                                       : fmt::format("{} match", match.advisories.size());
  const bool amt = product == AdvisedProduct::amt;
  engine.facts.push_back(fact(amt ? "amt_advisories" : "advisories", amt ? "advisories for AMT" : "advisories", state,
                              "table of Intel advisories and version " + to_string(version), "none",
                              Freshness::inferred));
}

}  // namespace quell::intel::live
