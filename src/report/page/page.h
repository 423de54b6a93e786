// SPDX-License-Identifier: GPL-2.0-or-later
// `quell report`: one document with all that the viewer shows, and the page that shows it.
#pragma once

#include <span>
#include <string>

#include "quell/survey/status.h"
#include "report/built_in.h"
#include "report/check.h"

namespace quell::report {

// An image, examined with Depth::everything, and its bytes. `checked.report` must be there.
struct PageImage {
  CheckedFile checked{};
  ByteView bytes{};
};

struct PageStyle {
  std::string_view (*option_of)(Override) noexcept = nullptr;  // as in TextStyle
  std::span<const BuiltIn::Table> tables{};                    // what the program judged by
  bool identifiers = false;  // serial numbers, MAC addresses and UUIDs in full, and the bytes that hold them
};

// What a page is made of.
struct Page {
  std::string title{};
  std::string document{};  // JSON of schema quell/2, command "report", in one line
};

// `before`: an earlier image that it is compared with; null for none.
Page page_of(const PageImage& image, const PageImage* before, const PageStyle& style);
Page page_of(const HostStatus& status, const PageStyle& style);

// One file of HTML with everything in it, which asks for nothing and runs no script but its own.
std::string to_html(const Page& page);

}  // namespace quell::report
