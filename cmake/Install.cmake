# SPDX-License-Identifier: GPL-2.0-or-later
include(GNUInstallDirs)
install(TARGETS quell RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# A man page for each command, from what the program says of itself.
if(NOT QUELL_SANITIZE)
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/man/quell.1
    COMMAND ${PROJECT_SOURCE_DIR}/tools/man_pages.sh $<TARGET_FILE:quell> ${PROJECT_BINARY_DIR}/man
    DEPENDS quell ${PROJECT_SOURCE_DIR}/tools/man_pages.sh
    COMMENT "Writing man pages" VERBATIM)
  add_custom_target(man_pages ALL DEPENDS ${PROJECT_BINARY_DIR}/man/quell.1)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
endif()
install(FILES completions/quell.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME quell)
install(FILES share/quell-watch.service DESTINATION lib/systemd/system)
