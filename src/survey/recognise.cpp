// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/survey/recognise.h"

#include <fmt/format.h>

#include "flash/recognise.h"
#include "flash/recognise_steps.h"
#include "quell/engine.h"
#include "uefi/firmware.h"

namespace quell {
namespace {

using Look = std::optional<Recognition> (Engine::*)(ByteView) const;

std::optional<Recognition> ask_engines(Look look, ByteView file) {
  for (const Engine* engine : engines()) {
    auto found = (engine->*look)(file);
    if (!found) continue;
    found->engine = engine->id();
    return found;
  }
  return std::nullopt;
}

std::optional<Recognition> by_start(ByteView file) {
  if (auto found = ask_engines(&Engine::recognise, file)) return found;
  if (auto found = flash::recognise_header(file)) return found;
  return flash::recognise_magic(file);
}

std::optional<Recognition> inside(ByteView file) {
  if (auto found = flash::find_dump(file)) return found;
  return ask_engines(&Engine::recognise_inside, file);
}

// What lies behind a header is told by its own descriptor where it has one.
void take_wrapped(Image& image, const Recognition& wrapped) {
  image.what.body = wrapped.body;
  if (!flash::recognise_dump(image)) {
    image.what = wrapped;
    return;
  }
  image.what.title += fmt::format(", inside {} (it begins at {:#x})", wrapped.title, wrapped.body.offset);
}

}  // namespace

void recognise(Image& image) {
  const ByteView file = image.bytes();
  image.what = Recognition{.body = {0, file.size()}};
  image.regions.clear();
  image.descriptor.reset();
  if (flash::recognise_dump(image)) return;
  auto found = by_start(file);
  // A capsule may only be the wrapping of the image that everyone wants to see.
  if (found && found->type != FileKind::capsule) {
    image.what = *std::move(found);
    return;
  }
  if (auto wrapped = inside(file)) {
    if (found && wrapped->type == FileKind::dump) wrapped->title = "a " + found->title;
    take_wrapped(image, *wrapped);
    return;
  }
  if (!found && uefi::is_file(file)) found = whole_file(file, "uefi.file", "UEFI firmware file, without its volume");
  if (!found) found = flash::recognise_bios(file);
  image.what = found ? *std::move(found) : flash::describe_unknown(file);
}

std::string title_of(Bytes content) {
  Image image("content", ByteView(content));
  recognise(image);
  return image.what.title;
}

}  // namespace quell
