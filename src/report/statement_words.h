// SPDX-License-Identifier: GPL-2.0-or-later
// How a statement is worded, the same in every format.
#pragma once

#include <string>
#include <string_view>

#include "survey/explain.h"

namespace quell::report {

// "yes: in the chipset", "only with AMT", "no": a few words.
std::string brief_of(const Statement& statement);
// The whole answer; with its doubt where the source is weak.
std::string text_of(const Statement& statement);
std::string text_of(const Belief& belief);
// "HAP, AltMeDisable, disable bit".
std::string names_of(const Term& term);
// What all of this is about, for somebody who hears of it for the first time.
constexpr std::string_view introduction =
    "Beside the processor that runs your programs, most computers hold smaller ones with firmware of their own. They "
    "start before your operating system and most go on beside it, whichever you install; a few can be reached over the "
    "network.";
// "warning or error".
std::string severities_of(const KnownFinding& finding);

}  // namespace quell::report
