// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/page/page.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "report/built_in_tables.h"
#include "report/document_json.h"
#include "report/documents.h"
#include "report/page/blocks.h"
#include "report/page/heads.h"
#include "report/page/labels.h"
#include "report/page/units.h"
#include "report/report_markdown.h"

namespace quell::report {
namespace {

doc::Section section_of(const PageImage& image, const PageStyle& style) {
  doc::Section out = inspected(*image.checked.report, image.checked.items, style.option_of);
  out.field("blocks", base64(block_kinds(image.bytes)));
  return out;
}

doc::Section difference(const PageImage& before, const PageImage& after) {
  const Report& from = *before.checked.report;
  const Report& to = *after.checked.report;
  doc::Section out = document_of(from, to, compare(from, before.bytes, to, after.bytes)).body;
  out.key = "diff";
  return out;
}

Page finished(std::string title, doc::Document document, const PageStyle& style) {
  document.body.field("tables", tables_of(style.tables));
  return {std::move(title), to_json(document, style.identifiers, Layout::one_line)};
}

}  // namespace

Page page_of(const PageImage& image, const PageImage* before, const PageStyle& style) {
  const Report& report = *image.checked.report;
  doc::Document out{"report", {}};
  doc::Sections images{"images", {}};
  images.sections.push_back(section_of(image, style));
  out.body.add(std::move(images));
  out.body.field("units", units_of(report));
  out.body.field("labels", labels_of(&report));
  out.body.field("heads", heads_of(report, image.bytes, style.identifiers));
  if (before != nullptr) {
    doc::Section earlier = section_of(*before, style);
    earlier.key = "before";
    out.body.add(std::move(earlier));
    out.body.add(difference(*before, image));
  }
  out.body.field("markdown", to_markdown(image.checked));
  return finished(report.file, std::move(out), style);
}

Page page_of(const HostStatus& status, const PageStyle& style) {
  doc::Document out{"report", {}};
  doc::Section machine = document_of(status).body;
  machine.key = "status";
  out.body.add(std::move(machine));
  out.body.field("labels", labels_of(nullptr));
  out.body.field("markdown", to_markdown(status));
  return finished(status.live ? "this machine" : "captured machine", std::move(out), style);
}

}  // namespace quell::report
