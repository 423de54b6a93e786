// SPDX-License-Identifier: GPL-2.0-or-later
// Every report as a Document, for whatever prints it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "intel/amt/probe.h"
#include "model/document.h"
#include "quell/survey/compare.h"
#include "quell/survey/report.h"
#include "quell/survey/status.h"
#include "report/amt.h"
#include "report/check.h"
#include "report/json.h"
#include "report/plan.h"
#include "survey/extraction.h"
#include "survey/watch.h"

namespace quell::report {

// One image, as `inspect` tells of it; several make the document.
doc::Section section_of(const Report& report, OptionOf option_of = nullptr);
// The same of a report that was made with Depth::everything, whose items are known.
doc::Section inspected(const Report& report, const std::vector<CheckItem>& items, OptionOf option_of);
doc::Section section_of(const UnreadFile& file);
doc::Document document_of(std::string_view command, std::span<const Report> reports, OptionOf option_of = nullptr);
doc::Document document_of(std::string_view command, std::span<const InspectedFile> files, OptionOf option_of = nullptr);
// What a command of the name leaves when it ended with `error` before it had anything to report.
doc::Document failed_document(std::string_view command, std::string_view error);

doc::Section section_of(const CheckedFile& checked);
doc::Section section_of(std::span<const ReadDifference> reads);
doc::Document document_of(std::span<const CheckedFile> files, std::span<const ReadDifference> reads);

doc::Document document_of(const Report& before, const Report& after, const Comparison& comparison);
doc::Document document_of(const HostStatus& status);
doc::Document document_of(std::string_view command, const PlanReport& report);
doc::Document document_of(const intel::amt::Exposure& exposure);
doc::Document document_of(const intel::amt::Exposure& exposure, const Controller& controller);
doc::Document document_of(const WatchOutcome& outcome);
doc::Document document_of(const Image& image, std::span<const ExtractedFile> files);

}  // namespace quell::report
