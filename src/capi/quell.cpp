// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/quell.h"

#include <fmt/format.h>

#include "base/large_buffer.h"
#include "capi/handles.h"
#include "quell/survey/check.h"
#include "quell/survey/compare.h"
#include "quell/survey/recognise.h"
#include "quell/survey/report.h"
#include "quell/version.h"
#include "report/check.h"
#include "report/diff.h"
#include "report/explain.h"
#include "report/json.h"
#include "report/plan.h"
#include "survey/cleaning.h"

namespace {

using quell::Depth;
using quell::Errc;
using quell::fail;
using quell::Image;
using quell::Report;
using quell::Result;
using quell::capi::give;

constexpr std::uint64_t largest = std::uint64_t{4} << 30U;

tl::unexpected<quell::Error> null_argument(std::string_view what) {
  return fail(Errc::usage, std::string(what) + " is NULL");
}

// What is known of the image; one that nothing knows can be compared all the same.
Report look(const quell_image& handle) {
  Image image(handle.name, handle.view());
  auto report = examine(image, Depth::structure);
  if (report) return *std::move(report);
  Report plain{.file = handle.name, .size = handle.view().size(), .sha256 = image.sha256(), .what = image.what};
  plain.layout = {"image", handle.name, handle.view().range()};
  return plain;
}

Result<quell_plan> plan_clean(const quell_image& handle, const char* options) {
  QUELL_TRY(auto request, quell::capi::parse_clean_options(options == nullptr ? "{}" : options));
  Image image(handle.name, handle.view());
  QUELL_TRY(auto plan, plan_cleaning(image, {.soft = request.soft, .strip = request.strip}, request.options));
  if (plan.left_out) plan.notices.push_back(notice_of(*plan.left_out));
  const quell::report::PlanReport shown{handle.name, image.bytes().size(), &plan.plan, image.bytes(), plan.notices,
                                        {},          plan.minimum_size};
  std::string document = quell::report::to_json("clean", shown);
  return quell_plan{std::move(plan), std::move(document)};
}

}  // namespace

const char* quell_version(void) { return quell::version; }

quell_code quell_open_file(const char* path, quell_image** image, quell_error** error) {
  return give(image, error, [&]() -> Result<quell_image> {
    if (path == nullptr) return null_argument("the path");
    // A file of the name "-" is a file here.
    const std::string name = path;
    QUELL_TRY(auto file, quell::MappedFile::copy(name == "-" ? "./-" : name));
    return quell_image{.name = name, .file = std::move(file)};
  });
}

quell_code quell_open_bytes(const void* bytes, size_t size, const char* name, quell_image** image,
                            quell_error** error) {
  return give(image, error, [&]() -> Result<quell_image> {
    if (bytes == nullptr) return null_argument("the place of the bytes");
    if (size == 0) return fail(Errc::usage, "an image has at least one byte");
    if (size > largest) return fail(Errc::usage, "an image has at most 4 GiB");
    const quell::Bytes content(static_cast<const std::byte*>(bytes), size);
    return quell_image{.name = name == nullptr ? "image" : name, .bytes = quell::copy_of(content)};
  });
}

const void* quell_image_bytes(const quell_image* image) {
  return image == nullptr ? nullptr : image->view().bytes().data();
}

size_t quell_image_size(const quell_image* image) { return image == nullptr ? 0 : image->view().bytes().size(); }

void quell_image_free(quell_image* image) { delete image; }

quell_code quell_examine(const quell_image* image, quell_buffer** document, quell_error** error) {
  return give(document, error, [&]() -> Result<quell_buffer> {
    if (image == nullptr) return null_argument("the image");
    Image view(image->name, image->view());
    std::vector<Report> reports;
    QUELL_TRY(reports.emplace_back(), examine(view, Depth::structure));
    return quell_buffer{.text = quell::report::to_json("inspect", reports)};
  });
}

quell_code quell_check(const quell_image* image, quell_buffer** document, quell_error** error) {
  return give(document, error, [&]() -> Result<quell_buffer> {
    if (image == nullptr) return null_argument("the image");
    Image view(image->name, image->view());
    QUELL_TRY(auto report, examine(view, Depth::everything));
    quell::report::CheckedFile checked{.file = image->name};
    checked.items = check_items(report);
    checked.report = std::move(report);
    return quell_buffer{.text = quell::report::check_json({std::move(checked)}, {})};
  });
}

quell_code quell_diff(const quell_image* before, const quell_image* after, quell_buffer** document,
                      quell_error** error) {
  return give(document, error, [&]() -> Result<quell_buffer> {
    if (before == nullptr || after == nullptr) return null_argument("an image");
    const Report before_report = look(*before);
    const Report after_report = look(*after);
    const auto comparison = compare(before_report, before->view(), after_report, after->view());
    return quell_buffer{.text = quell::report::diff_json(before_report, after_report, comparison)};
  });
}

quell_code quell_explain(const char* word, quell_buffer** document, quell_error** error) {
  return give(document, error, [&]() -> Result<quell_buffer> {
    if (word == nullptr) return quell_buffer{.text = quell::report::explain_json()};
    const quell::Explained known = quell::look_up(word);
    if (const auto* finding = std::get_if<quell::KnownFinding>(&known)) {
      return quell_buffer{.text = quell::report::to_json(*finding)};
    }
    if (const auto* subject = std::get_if<const quell::Subject*>(&known)) {
      return quell_buffer{.text = quell::report::to_json(**subject)};
    }
    if (const auto* question = std::get_if<const quell::KnownQuestion*>(&known)) {
      return quell_buffer{.text = quell::report::to_json(**question)};
    }
    return fail(Errc::usage, fmt::format("\"{}\" is no finding, engine or question", word));
  });
}

quell_code quell_plan_clean(const quell_image* image, const char* options, quell_plan** plan, quell_error** error) {
  return give(plan, error, [&]() -> Result<quell_plan> {
    if (image == nullptr) return null_argument("the image");
    return plan_clean(*image, options);
  });
}

quell_code quell_plan_document(const quell_plan* plan, quell_buffer** document, quell_error** error) {
  return give(document, error, [&]() -> Result<quell_buffer> {
    if (plan == nullptr) return null_argument("the plan");
    return quell_buffer{.text = plan->document};
  });
}

quell_code quell_apply(const quell_plan* plan, const quell_image* image, quell_buffer** bytes, quell_error** error) {
  return give(bytes, error, [&]() -> Result<quell_buffer> {
    if (plan == nullptr) return null_argument("the plan");
    if (image == nullptr) return null_argument("the image");
    Image view(image->name, image->view());
    recognise(view);
    QUELL_TRY(auto cleaned, apply_clean(plan->plan, view));
    return quell_buffer{.bytes = std::move(cleaned)};
  });
}

void quell_plan_free(quell_plan* plan) { delete plan; }

const void* quell_buffer_bytes(const quell_buffer* buffer) {
  if (buffer == nullptr) return nullptr;
  if (!buffer->bytes.empty()) return buffer->bytes.data();
  return buffer->text.c_str();
}

size_t quell_buffer_size(const quell_buffer* buffer) {
  if (buffer == nullptr) return 0;
  return buffer->bytes.empty() ? buffer->text.size() : buffer->bytes.size();
}

void quell_buffer_free(quell_buffer* buffer) { delete buffer; }
