// SPDX-License-Identifier: GPL-2.0-or-later
// The words of the tables for what an engine does.
#pragma once

#include <array>

#include "base/table.h"
#include "quell/engine_status.h"

namespace quell {

inline constexpr std::array verdict_words{
    Word{"running", Verdict::running},
    Word{"running-debug", Verdict::running_debug},
    Word{"disabled-hap", Verdict::disabled_hap},
    Word{"disabled-soft-temporary", Verdict::disabled_soft_temporary},
    Word{"halted-image-failure", Verdict::halted_image_failure},
    Word{"halted-debug-failure", Verdict::halted_debug_failure},
    Word{"watchdog-pending", Verdict::watchdog_pending},
    Word{"sps-running", Verdict::sps_running},
    Word{"sps-recovery", Verdict::sps_recovery},
    Word{"sps-other", Verdict::sps_other},
    Word{"override-jumper", Verdict::override_jumper},
    Word{"override-mei", Verdict::override_mei},
    Word{"enhanced-debug-or-ignition", Verdict::enhanced_debug_or_ignition},
    Word{"partition-table-bad", Verdict::partition_table_bad},
    Word{"recovery", Verdict::recovery},
    Word{"transient", Verdict::transient},
    Word{"unreadable", Verdict::unreadable},
    Word{"psp-present-reporting", Verdict::psp_present_reporting},
    Word{"psp-present-silent", Verdict::psp_present_silent},
    Word{"psp-assumed", Verdict::psp_assumed},
    Word{"tee-present", Verdict::tee_present},
    Word{"secure-monitor-present", Verdict::secure_monitor_present},
    Word{"hypervisor-only", Verdict::hypervisor_only},
    Word{"none-found", Verdict::none_found},
    Word{"t2-present", Verdict::t2_present},
    Word{"sep-running", Verdict::sep_running},
    Word{"videocore-running", Verdict::videocore_running},
    Word{"not-visible", Verdict::not_visible},
    Word{"unknown", Verdict::unknown},
};

inline constexpr std::array offer_words{Word{"remarks", Quieting::none}, Word{"soft-disable", Quieting::soft_disable},
                                        Word{"strip", Quieting::strip}, Word{"setup", Quieting::setup}};

}  // namespace quell
