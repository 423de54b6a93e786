// SPDX-License-Identifier: GPL-2.0-or-later
// What the program prints for people, and what its report shows.
#include "capi/handles.h"
#include "capi/look.h"
#include "quell/survey/check.h"
#include "quell/survey/compare.h"
#include "report/check.h"
#include "report/diff.h"
#include "report/override_options.h"
#include "report/page/page.h"

namespace {

using quell::Depth;
using quell::Image;
using quell::Report;
using quell::Result;
using quell::capi::give;
using quell::capi::null_argument;
using quell::report::CheckedFile;
using quell::report::PageImage;
using quell::report::TextStyle;

constexpr TextStyle plain{.option_of = &quell::report::option_of};

Result<CheckedFile> checked(const quell_image& handle) {
  Image view(handle.name, handle.view());
  QUELL_TRY(auto report, examine(view, Depth::everything));
  CheckedFile out{.file = handle.name};
  out.items = check_items(report);
  out.report = std::move(report);
  return out;
}

}  // namespace

quell_code quell_examine_text(const quell_image* image, quell_buffer** text, quell_error** error) {
  return give(text, error, [&]() -> Result<quell_buffer> {
    if (image == nullptr) return null_argument("the image");
    Image view(image->name, image->view());
    QUELL_TRY(const Report report, examine(view, Depth::structure));
    return quell_buffer{.text = to_text(report, plain)};
  });
}

quell_code quell_check_text(const quell_image* image, quell_buffer** text, quell_error** error) {
  return give(text, error, [&]() -> Result<quell_buffer> {
    if (image == nullptr) return null_argument("the image");
    QUELL_TRY(const CheckedFile file, checked(*image));
    return quell_buffer{.text = to_text(file, plain)};
  });
}

quell_code quell_diff_text(const quell_image* before, const quell_image* after, quell_buffer** text,
                           quell_error** error) {
  return give(text, error, [&]() -> Result<quell_buffer> {
    if (before == nullptr || after == nullptr) return null_argument("an image");
    const Report from = quell::capi::look(*before);
    const Report to = quell::capi::look(*after);
    const auto comparison = compare(from, before->view(), to, after->view());
    return quell_buffer{.text = quell::report::diff_text(from, to, comparison, plain)};
  });
}

quell_code quell_report(const quell_image* image, const quell_image* before, quell_buffer** document,
                        quell_error** error) {
  return give(document, error, [&]() -> Result<quell_buffer> {
    if (image == nullptr) return null_argument("the image");
    PageImage shown{.bytes = image->view()};
    QUELL_TRY(shown.checked, checked(*image));
    PageImage earlier{};
    if (before != nullptr) {
      earlier.bytes = before->view();
      QUELL_TRY(earlier.checked, checked(*before));
    }
    const quell::report::PageStyle style{.option_of = &quell::report::option_of,
                                         .tables = quell::report::built_in().tables};
    auto page = page_of(shown, before == nullptr ? nullptr : &earlier, style);
    return quell_buffer{.text = std::move(page.document)};
  });
}
