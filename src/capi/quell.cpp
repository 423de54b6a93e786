// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/quell.h"

#include <type_traits>
#include <variant>

#include <fmt/format.h>

#include "base/large_buffer.h"
#include "capi/handles.h"
#include "capi/look.h"
#include "quell/survey/check.h"
#include "quell/survey/compare.h"
#include "quell/survey/recognise.h"
#include "quell/survey/report.h"
#include "quell/version.h"
#include "report/check.h"
#include "report/diff.h"
#include "report/explain.h"
#include "report/json.h"
#include "report/override_options.h"
#include "report/plan.h"
#include "survey/cleaning.h"

namespace {

using quell::Depth;
using quell::Errc;
using quell::fail;
using quell::Image;
using quell::Report;
using quell::Result;
using quell::capi::Content;
using quell::capi::give;
using quell::capi::look;
using quell::capi::null_argument;

Result<quell_plan> plan_clean(const quell_image& handle, const char* options) {
  QUELL_TRY(auto request, quell::capi::parse_clean_options(options == nullptr ? "{}" : options));
  Image image(handle.name, handle.view());
  QUELL_TRY(auto plan, plan_cleaning(image, {.soft = request.soft, .strip = request.strip}, request.options));
  if (plan.left_out) plan.notices.push_back(notice_of(*plan.left_out));
  Image seen(handle.name, handle.view());
  const auto about = examine(seen, Depth::structure);
  const quell::report::PlanReport shown{
      handle.name,       image.bytes().size(),     &plan.plan, image.bytes(), plan.notices, plan.costs, {},
      plan.minimum_size, about ? &*about : nullptr};
  std::string document = quell::report::to_json("clean", shown);
  return quell_plan{std::move(plan), std::move(document)};
}

struct ToJson {
  std::string operator()(std::monostate /*nothing*/) const { return {}; }
  template <class Thing>
  std::string operator()(const Thing& thing) const {
    if constexpr (std::is_pointer_v<Thing>) {
      return quell::report::to_json(*thing);
    } else {
      return quell::report::to_json(thing);
    }
  }
};

// The whole image as the plan changes it.
Result<quell::Buffer> cleaned_by(const quell_plan* plan, const quell_image* image) {
  if (plan == nullptr) return null_argument("the plan");
  if (image == nullptr) return null_argument("the image");
  Image view(image->name, image->view());
  recognise(view);
  return apply_clean(plan->plan, view);
}

}  // namespace

const char* quell_version(void) { return quell::version; }

quell_code quell_open_file(const char* path, quell_image** image, quell_error** error) {
  return give(image, error, [&]() -> Result<quell_image> {
    if (path == nullptr) return null_argument("the path");
    // A file of the name "-" is a file here.
    const std::string name = path;
    QUELL_TRY(auto file, quell::MappedFile::copy(name == "-" ? "./-" : name));
    return quell_image{name, std::make_shared<const Content>(Content{{}, std::move(file)})};
  });
}

quell_code quell_open_bytes(const void* bytes, size_t size, const char* name, quell_image** image,
                            quell_error** error) {
  return give(image, error, [&]() -> Result<quell_image> {
    if (bytes == nullptr) return null_argument("the place of the bytes");
    if (size == 0) return fail(Errc::usage, "an image has at least one byte");
    if (size > quell::largest_input) {
      return fail(Errc::usage, fmt::format("an image has at most {} MiB", quell::largest_input >> 20U));
    }
    const quell::Bytes given(static_cast<const std::byte*>(bytes), size);
    return quell_image{name == nullptr ? "image" : name,
                       std::make_shared<const Content>(Content{quell::copy_of(given), std::nullopt})};
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
    return quell_buffer{.text = quell::report::to_json("inspect", reports, &quell::report::option_of)};
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
    if (std::holds_alternative<std::monostate>(known)) {
      return fail(Errc::usage, fmt::format("\"{}\" is no finding, engine, question or word of the field", word));
    }
    return quell_buffer{.text = std::visit(ToJson{}, known)};
  });
}

quell_code quell_explain_image(const quell_image* image, quell_buffer** document, quell_error** error) {
  return give(document, error, [&]() -> Result<quell_buffer> {
    if (image == nullptr) return null_argument("the image");
    Image view(image->name, image->view());
    QUELL_TRY(const Report report, examine(view, Depth::structure));
    return quell_buffer{.text = quell::report::to_json(quell::report::found_in(report))};
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
    QUELL_TRY(auto cleaned, cleaned_by(plan, image));
    return quell_buffer{.bytes = std::move(cleaned)};
  });
}

quell_code quell_apply_descriptor(const quell_plan* plan, const quell_image* image, quell_buffer** bytes,
                                  quell_error** error) {
  return give(bytes, error, [&]() -> Result<quell_buffer> {
    QUELL_TRY(const auto cleaned, cleaned_by(plan, image));
    if (plan->plan.descriptor.empty()) return fail(Errc::usage, "this is a bare ME region: it has no descriptor");
    QUELL_TRY(auto descriptor, extracted_descriptor(plan->plan, quell::ByteView(cleaned)));
    return quell_buffer{.bytes = std::move(descriptor)};
  });
}

quell_code quell_apply_me(const quell_plan* plan, const quell_image* image, quell_buffer** bytes, quell_error** error) {
  return give(bytes, error, [&]() -> Result<quell_buffer> {
    QUELL_TRY(const auto cleaned, cleaned_by(plan, image));
    if (!plan->plan.has_me_output) {
      return fail(Errc::usage, "the ME region alone needs a full dump with an ME region that stays");
    }
    QUELL_TRY(auto region, extracted_me(plan->plan, quell::ByteView(cleaned)));
    return quell_buffer{.bytes = std::move(region)};
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
