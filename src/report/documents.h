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
#include "report/plan.h"
#include "survey/extraction.h"
#include "survey/watch.h"

namespace quell::report {

// One image, as `inspect` tells of it; several make the document.
doc::Section section_of(const Report& report);
doc::Document document_of(std::string_view command, std::span<const Report> reports);

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
