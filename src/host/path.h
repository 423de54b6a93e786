// SPDX-License-Identifier: GPL-2.0-or-later
// Paths inside a tree. For src/host/ only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quell::host {

// No path of a system is longer; one that claims to be is none.
constexpr std::size_t longest_path = 4096;

// Parent and last part: "/a/b" gives {"/a", "b"}, "b" gives {"/", "b"}.
std::pair<std::string, std::string> split_path(std::string_view path);

// The target of the link at an absolute path; nothing when there is no link.
using LinkReader = std::function<std::optional<std::string>(const std::string&)>;

// An absolute path without links, "." and "..": ".." at the top stays at the top, absolute targets start at the
// top of the tree. With `whole` false a link at the very end is not followed. More than 40 links, or a path over
// longest_path characters, gives "".
std::string resolve_links(std::string_view path, bool whole, const LinkReader& reader);

// The lines of /quell/denied: reason by path; paths over longest_path are left out.
std::map<std::string, std::string, std::less<>> parse_denied(std::string_view text);

}  // namespace quell::host
