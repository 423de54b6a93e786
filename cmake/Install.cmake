# SPDX-License-Identifier: GPL-2.0-or-later
include(GNUInstallDirs)
install(TARGETS quell RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
