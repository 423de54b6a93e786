// SPDX-License-Identifier: GPL-2.0-or-later
// What most sources include and is slow to parse; see cmake/PrecompiledHeaders.cmake. No header of our own: a change of
// one would compile everything again.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <tl/expected.hpp>
