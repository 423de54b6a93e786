// SPDX-License-Identifier: GPL-2.0-or-later
// Files that are not yet what they are to become, and what clears them away: a signal, or the next run.
#pragma once

#include <string>
#include <string_view>

namespace quell {

// Sixteen hexadecimal digits that nobody can foresee.
std::string random_suffix();

// Has a signal handler unlink this name. The descriptor of the folder stays open until it is forgotten.
void remember_temporary(int folder, const std::string& name);
void forget_temporary(int folder, const std::string& name) noexcept;
// Unlinks what is remembered. May run in a signal handler.
void remove_temporaries() noexcept;

// Takes a lock that ends with the process, by which the next run knows that this one is at work.
void mark_in_use(int descriptor) noexcept;
// Removes files and folders in `folder` that a run which is no longer alive left: their names are `prefix` and 16 more
// characters, they belong to this user, and nobody holds their lock.
void remove_leftovers(int folder, std::string_view prefix) noexcept;
// Removes a file, or a folder with all that is in it, without following any link.
void remove_tree(int folder, const std::string& name) noexcept;

}  // namespace quell
