// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/amt.h"

#include <fmt/format.h>

#include "report/document_json.h"
#include "report/document_text.h"
#include "report/documents.h"

namespace quell::report {
namespace {

using doc::Audience;

std::string_view title_of(intel::amt::Reachability verdict) {
  switch (verdict) {
    case intel::amt::Reachability::reachable: return "AMT answers";
    case intel::amt::Reachability::ports_open: return "ports of AMT are open, but nothing says that it is AMT";
    case intel::amt::Reachability::nothing_answers: return "nothing answers on AMT's ports";
  }
  return {};
}

std::string answer_text(const intel::amt::Answer& answer) {
  if (!answer.problem.empty()) return answer.problem;
  std::string out = fmt::format("HTTP {}", answer.banner.status);
  if (!answer.banner.server.empty()) out.append(", ").append(answer.banner.server);
  if (answer.banner.digest_realm) out += ", AMT login";
  if (!answer.banner.location.empty()) out += fmt::format(", redirects to {} (not followed)", answer.banner.location);
  return out;
}

doc::Cell unless_empty(const std::string& text) {
  doc::Cell out;
  if (!text.empty()) out.value = doc::Value(text);
  return out;
}

doc::Table ports_table(const std::vector<intel::amt::Port>& ports) {
  doc::Table out{.key = "ports"};
  out.columns = {{"port", {}, Audience::all, true},
                 {"purpose", {}, Audience::programs},
                 {"state"},
                 {"reason", {}, Audience::programs},
                 {{}, {}, Audience::people}};
  for (const intel::amt::Port& port : ports) {
    const bool open = port.state == intel::amt::PortState::open;
    out.rows.push_back({{doc::Value(std::uint64_t{port.number}),
                         port.purpose,
                         {doc::Value(to_string(port.state), doc::As::state), open ? doc::Tone::odd : doc::Tone::minor},
                         unless_empty(port.reason),
                         port.purpose}});
  }
  return out;
}

doc::Table answers_table(const std::vector<intel::amt::Answer>& answers) {
  doc::Table out{.key = "answers", .form = doc::Table::Form::wrapped};
  out.columns = {{"port"}, {{}, {}, Audience::people}};
  for (const char* key :
       {"tls", "problem", "status", "server", "product", "version", "amt_login", "redirect_not_followed"}) {
    out.columns.push_back({key, {}, Audience::programs});
  }
  for (const intel::amt::Answer& answer : answers) {
    const intel::amt::Banner& banner = answer.banner;
    out.rows.push_back({{{std::uint64_t{answer.port}, fmt::format("port {}", answer.port), doc::Tone::title},
                         answer_text(answer),
                         doc::Value(answer.tls),
                         unless_empty(answer.problem),
                         doc::Value(std::uint64_t{banner.status}),
                         banner.server,
                         banner.product,
                         banner.version ? doc::Value(to_string(*banner.version)) : doc::Value(),
                         doc::Value(banner.digest_realm),
                         unless_empty(banner.location)}});
  }
  return out;
}

std::string ipmi_text(const net::Presence& ipmi) {
  if (!ipmi.answered) return fmt::format("no answer: {}", ipmi.problem);
  const std::string_view spoken = ipmi.ipmi ? "a management controller speaks IPMI" : "answers, without IPMI";
  return fmt::format("{}{}, enterprise number {}", spoken, ipmi.asf ? " (ASF)" : "", ipmi.enterprise);
}

std::string redfish_text(const net::Redfish& redfish) {
  if (!redfish.found) return fmt::format("{}: {}", redfish.told ? "not found" : "not told", redfish.problem);
  return fmt::format("a management controller's Redfish service (HTTP {}){}{}", redfish.status,
                     redfish.server.empty() ? "" : ", ", redfish.server);
}

void show_controller(doc::Section& out, const Controller& controller, std::size_t indent) {
  out.show(doc::Paragraph{
      indent, {fmt::format("IPMI (UDP {})", controller.ipmi_port), doc::Tone::title}, {ipmi_text(controller.ipmi)}});
  out.show(doc::Paragraph{indent,
                          {fmt::format("Redfish (TCP {})", controller.redfish_port), doc::Tone::title},
                          {redfish_text(controller.redfish)}});
}

}  // namespace

doc::Document document_of(const intel::amt::Exposure& exposure) {
  const std::string_view title = title_of(exposure.verdict);
  doc::Document out{"amt", {}};
  doc::Section& body = out.body;
  body.field("host", exposure.host)
      .field("address", exposure.address)
      .field("verdict", {to_string(exposure.verdict), doc::As::state})
      .field("verdict_title", title);
  const doc::Tone tone = exposure.verdict == intel::amt::Reachability::reachable ? doc::Tone::bad : doc::Tone::plain;
  body.show(doc::Line{{{fmt::format("{}: {}", exposure.host, title)}}}, -1);
  body.items.back().to = -1;
  body.show(doc::Line{{{fmt::format("{} ({}): ", exposure.host, exposure.address)}, {std::string(title), tone}}});
  body.add(ports_table(exposure.ports)).add(answers_table(exposure.answers));
  body.add(doc::findings_of("findings", exposure.findings, doc::Findings::Form::grouped));
  body.field("notes", exposure.notes);
  for (const std::string& note : exposure.notes) body.show(doc::Line{}).show(doc::Paragraph{0, {}, {note}});
  return out;
}

doc::Document document_of(const intel::amt::Exposure& exposure, const Controller& controller) {
  doc::Document out = document_of(exposure);
  out.command = "net";
  const net::Presence& ipmi = controller.ipmi;
  const net::Redfish& redfish = controller.redfish;
  doc::Section of_ipmi("ipmi");
  of_ipmi.field("answered", ipmi.answered)
      .field("ipmi", ipmi.ipmi)
      .field("asf", ipmi.asf)
      .field("enterprise", std::uint64_t{ipmi.enterprise})
      .field_unless_empty("problem", ipmi.problem);
  doc::Section of_redfish("redfish");
  of_redfish.field("found", redfish.found)
      .field("told", redfish.told)
      .field("status", std::uint64_t{redfish.status})
      .field_unless_empty("server", redfish.server)
      .field_unless_empty("problem", redfish.problem);
  out.body.data(std::move(of_ipmi)).data(std::move(of_redfish));
  show_controller(out.body, controller, 0);
  for (std::size_t i = out.body.items.size() - 2; i < out.body.items.size(); ++i) {
    out.body.items[i].from = -1;
    out.body.items[i].to = -1;
  }
  show_controller(out.body, controller, 2);
  return out;
}

std::string to_json(const intel::amt::Exposure& exposure, const Controller& controller) {
  return to_json(document_of(exposure, controller));
}

std::string to_text(const intel::amt::Exposure& exposure, const Controller& controller, const TextStyle& style) {
  return to_text(document_of(exposure, controller).body, style);
}

std::string to_json(const intel::amt::Exposure& exposure) { return to_json(document_of(exposure)); }

std::string to_text(const intel::amt::Exposure& exposure, const TextStyle& style) {
  return to_text(document_of(exposure).body, style);
}

}  // namespace quell::report
