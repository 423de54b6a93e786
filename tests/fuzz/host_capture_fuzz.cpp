// SPDX-License-Identifier: GPL-2.0-or-later
// Captured machines: anybody can send a tar or an lspci dump to the person who runs `quell status --root` on it. The
// whole of status, both writers, the capture of the capture and the watch's journal run on the input.
#include <cstdlib>

#include "host/pci.h"
#include "host/tar.h"
#include "report/status.h"
#include "survey/capture.h"
#include "survey/watch.h"

using namespace quell;
using namespace quell::host;

namespace {

void look(Entries entries) {
  const auto root = memory_root(std::move(entries));
  StatusOptions options;
  options.deep = true;
  options.unsure = true;
  const HostStatus status = collect_status(*root, options);
  static_cast<void>(report::to_json(status));
  static_cast<void>(report::to_text(status, {false, 80, 2}));
  const auto archive = write_tar(capture(*root, {options, false}));
  if (archive && !read_tar(ByteView(*archive))) std::abort();
}

// A tree without the need to guess tar checksums: "path NUL content NUL NUL" again and again.
Entries plain_tree(const std::string& text) {
  Entries entries;
  std::size_t at = 0;
  while (at < text.size() && entries.size() < 64) {
    const auto name_end = std::min(text.find('\0', at), text.size());
    const auto content_end = std::min(text.find(std::string(2, '\0'), name_end), text.size());
    const std::string path = "/" + text.substr(at, name_end - at);
    if (name_end < content_end)
      entries[path] = {Entry::Kind::file, text.substr(name_end + 1, content_end - name_end - 1)};
    at = content_end + 2;
  }
  return entries;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> input(data, size);
  const ByteView view(std::as_bytes(input));
  if (auto entries = read_tar(view)) look(*std::move(entries));
  if (auto entries = read_lspci_dump(view)) look(*std::move(entries));
  std::string text;
  for (const std::byte byte : view.bytes()) text.push_back(static_cast<char>(byte));
  look(plain_tree(text));
  static_cast<void>(look_back(read_journal(text), "boot"));
  const std::string trimmed = trim_journal(text, 10);
  if (trim_journal(trimmed, 10) != trimmed) std::abort();
  return 0;
}
