// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>
#include <span>

#include <fmt/format.h>
#include <zlib.h>

#include "base/base64.h"
#include "base/octets.h"
#include "data/viewer_script.h"
#include "data/viewer_style.h"
#include "quell/digest.h"
#include "report/page/page.h"
#include "report/text.h"

namespace quell::report {
namespace {

// Text between tags.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      default: out += c;
    }
  }
  return out;
}

// The document as a zlib stream in base64: a tenth of the size, and without a character that means anything to HTML.
std::string packed(std::string_view document) {
  z_stream stream{};
  if (deflateInit(&stream, Z_BEST_COMPRESSION) != Z_OK) return {};
  const std::unique_ptr<z_stream, void (*)(z_stream*)> end(&stream, [](z_stream* one) { deflateEnd(one); });
  const Bytes bytes = as_bytes(document);
  Buffer in(bytes.begin(), bytes.end());
  Buffer out(deflateBound(&stream, in.size()));
  stream.next_in = octets(std::span(in));
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = octets(std::span(out));
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) return {};
  out.resize(stream.total_out);
  return base64(out);
}

// What the page may run and apply: these bytes alone.
std::string source_of(std::string_view text) { return fmt::format("'sha256-{}'", base64(sha256(as_bytes(text)))); }

}  // namespace

std::string to_html(const Page& page) {
  std::string script(data::viewer_script);
  script += "await renderPacked(document.getElementById(\"view\"), document.getElementById(\"document\"));\n";
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += fmt::format(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {}; style-src {}; "
      "base-uri 'none'; form-action 'none'\">\n",
      source_of(script), source_of(data::viewer_style));
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<meta name=\"referrer\" content=\"no-referrer\">\n";
  out += fmt::format("<title>{} - quell</title>\n<style>", escaped(printable(page.title)));
  out.append(data::viewer_style).append("</style>\n</head>\n<body>\n");
  out +=
      "<div id=\"view\"><noscript>This report is drawn by the script inside it; nothing is loaded or sent. Without "
      "scripts, `quell report --format markdown` writes the same as text.</noscript></div>\n";
  out.append("<script type=\"application/octet-stream\" id=\"document\">").append(packed(page.document));
  out.append("</script>\n<script type=\"module\">").append(script).append("</script>\n</body>\n</html>\n");
  return out;
}

}  // namespace quell::report
