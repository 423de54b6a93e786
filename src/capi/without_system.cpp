// SPDX-License-Identifier: GPL-2.0-or-later
// What the wasm build has instead of an operating system: no files and no exceptions. An exception
// ends the call as a trap, after its name was written to the standard error stream, where the page finds it; so does
// memory that runs out.
#include <cstdio>
#include <cstdlib>
#include <new>
#include <typeinfo>

#include "quell/mapped_file.h"

namespace quell {

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) { return copy(path); }

Result<MappedFile> MappedFile::copy(const std::filesystem::path& /*path*/) {
  return fail(Errc::io, "there are no files here: give the bytes");
}

MappedFile::MappedFile(MappedFile&&) noexcept = default;
MappedFile& MappedFile::operator=(MappedFile&&) noexcept = default;
MappedFile::~MappedFile() = default;

namespace {

[[noreturn]] void out_of_memory() {
  std::fputs("out of memory", stderr);
  __builtin_trap();
}
[[maybe_unused]] const std::new_handler before = std::set_new_handler(&out_of_memory);

}  // namespace
}  // namespace quell

// Names of the C++ ABI.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {

void* __cxa_allocate_exception(std::size_t size) { return std::malloc(size); }

[[noreturn]] void __cxa_throw(void* /*exception*/, std::type_info* type, void (* /*destroy*/)(void*)) {
  std::fputs(type->name(), stderr);
  __builtin_trap();
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)
