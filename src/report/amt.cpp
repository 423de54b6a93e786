// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/amt.h"

#include <fmt/format.h>

#include "report/json_values.h"
#include "report/text_writer.h"

namespace quell::report {
namespace {

Json json_of_answer(const intel::amt::Answer& answer) {
  Json out;
  out["port"] = answer.port;
  out["tls"] = answer.tls;
  if (!answer.problem.empty()) out["problem"] = answer.problem;
  out["status"] = answer.banner.status;
  out["server"] = answer.banner.server;
  out["product"] = answer.banner.product;
  out["version"] = answer.banner.version ? Json(to_string(*answer.banner.version)) : Json(nullptr);
  out["amt_login"] = answer.banner.digest_realm;
  if (!answer.banner.location.empty()) out["redirect_not_followed"] = answer.banner.location;
  return out;
}

std::string answer_text(const intel::amt::Answer& answer) {
  if (!answer.problem.empty()) return answer.problem;
  std::string out = fmt::format("HTTP {}", answer.banner.status);
  if (!answer.banner.server.empty()) out += ", " + answer.banner.server;
  if (answer.banner.digest_realm) out += ", AMT login";
  if (!answer.banner.location.empty()) out += ", redirects to " + answer.banner.location + " (not followed)";
  return out;
}

}  // namespace

namespace {

Json json_of_exposure(const intel::amt::Exposure& exposure, std::string_view command) {
  Json out = document(command);
  out["host"] = exposure.host;
  out["address"] = exposure.address;
  out["verdict"] = exposure.verdict;
  out["verdict_title"] = exposure.verdict_title;
  out["ports"] = Json::array();
  for (const intel::amt::Port& port : exposure.ports) {
    Json one;
    one["port"] = port.number;
    one["purpose"] = port.purpose;
    one["state"] = to_string(port.state);
    if (!port.reason.empty()) one["reason"] = port.reason;
    out["ports"].push_back(std::move(one));
  }
  out["answers"] = Json::array();
  for (const intel::amt::Answer& answer : exposure.answers) out["answers"].push_back(json_of_answer(answer));
  out["findings"] = Json::array();
  for (const Finding& finding : exposure.findings) out["findings"].push_back(json_of(finding));
  out["notes"] = exposure.notes;
  return out;
}

std::string ipmi_text(const net::Presence& ipmi) {
  if (!ipmi.answered) return "no answer: " + ipmi.problem;
  const std::string_view spoken = ipmi.ipmi ? "a management controller speaks IPMI" : "answers, without IPMI";
  return fmt::format("{}{}, enterprise number {}", spoken, ipmi.asf ? " (ASF)" : "", ipmi.enterprise);
}

std::string redfish_text(const net::Redfish& redfish) {
  if (!redfish.found) return "not found: " + redfish.problem;
  return fmt::format("a management controller's Redfish service (HTTP {}){}", redfish.status,
                     redfish.server.empty() ? "" : ", " + redfish.server);
}

}  // namespace

std::string to_json(const intel::amt::Exposure& exposure) { return dump(json_of_exposure(exposure, "amt")); }

std::string to_json(const intel::amt::Exposure& exposure, const Controller& controller) {
  Json out = json_of_exposure(exposure, "net");
  const net::Presence& ipmi = controller.ipmi;
  out["ipmi"] = {{"answered", ipmi.answered}, {"ipmi", ipmi.ipmi}, {"asf", ipmi.asf}, {"enterprise", ipmi.enterprise}};
  if (!ipmi.problem.empty()) out["ipmi"]["problem"] = ipmi.problem;
  out["redfish"] = {{"found", controller.redfish.found}, {"status", controller.redfish.status}};
  if (!controller.redfish.server.empty()) out["redfish"]["server"] = controller.redfish.server;
  if (!controller.redfish.problem.empty()) out["redfish"]["problem"] = controller.redfish.problem;
  return dump(out);
}

std::string to_text(const intel::amt::Exposure& exposure, const Controller& controller, const TextStyle& style) {
  std::string out = to_text(exposure, style);
  TextWriter writer(style);
  writer.item(style.verbosity < 0 ? 0 : 2, {"IPMI (UDP 623)", Ink::bold}, printable(ipmi_text(controller.ipmi)));
  writer.item(style.verbosity < 0 ? 0 : 2, {"Redfish (TCP 443)", Ink::bold},
              printable(redfish_text(controller.redfish)));
  return out + std::move(writer).take();
}

std::string to_text(const intel::amt::Exposure& exposure, const TextStyle& style) {
  TextWriter writer(style);
  const std::string name = printable(exposure.host);
  const Ink ink = exposure.verdict == "reachable" ? Ink::red : Ink::plain;
  if (style.verbosity < 0) return name + ": " + exposure.verdict_title + "\n";
  writer.line(fmt::format("{} ({}): {}", name, exposure.address, writer.paint(ink, exposure.verdict_title)));
  std::vector<Row> rows;
  for (const intel::amt::Port& port : exposure.ports) {
    rows.push_back(
        {{fmt::format("{}", port.number), Ink::plain, true},
         {std::string(to_string(port.state)), port.state == intel::amt::PortState::open ? Ink::yellow : Ink::dim},
         {port.purpose}});
  }
  writer.table(2, rows);
  for (const intel::amt::Answer& answer : exposure.answers)
    writer.item(2, {fmt::format("port {}", answer.port), Ink::bold}, printable(answer_text(answer)));
  std::vector<const Finding*> findings;
  for (const Finding& finding : exposure.findings) findings.push_back(&finding);
  write_findings(writer, findings);
  for (const std::string& note : exposure.notes) {
    writer.line();
    writer.paragraph(0, printable(note));
  }
  return std::move(writer).take();
}

}  // namespace quell::report
