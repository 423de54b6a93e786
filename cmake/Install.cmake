# SPDX-License-Identifier: GPL-2.0-or-later
include(GNUInstallDirs)
install(TARGETS quell RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# A man page for each command, from what the program says of itself: a cross build has them only where an emulator can
# ask the program.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "no man pages: this machine cannot run the program, and CMAKE_CROSSCOMPILING_EMULATOR is not set")
elseif(NOT QUELL_SANITIZE)
  string(REPLACE ";" " " emulator "${CMAKE_CROSSCOMPILING_EMULATOR}")
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/man/quell.1
    COMMAND ${PROJECT_SOURCE_DIR}/tools/man_pages.sh $<TARGET_FILE:quell> ${PROJECT_BINARY_DIR}/man
      ${PROJECT_BINARY_DIR}/completions "${emulator}"
    DEPENDS quell ${PROJECT_SOURCE_DIR}/tools/man_pages.sh
    COMMENT "Writing man pages" VERBATIM)
  add_custom_target(man_pages ALL DEPENDS ${PROJECT_BINARY_DIR}/man/quell.1)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
  set(completions ${PROJECT_BINARY_DIR}/completions)
  install(FILES ${completions}/quell.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME quell)
  install(FILES ${completions}/_quell DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${completions}/quell.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
install(FILES share/quell-watch.service DESTINATION lib/systemd/system)
install(PROGRAMS share/quell/me_cleaner.py DESTINATION ${CMAKE_INSTALL_DATADIR}/quell)
install(DIRECTORY share/quell/scan DESTINATION ${CMAKE_INSTALL_DATADIR}/quell USE_SOURCE_PERMISSIONS)

# The names of the tools that the front ends stand in for. ifdtool and intelmetool also belong to a package of coreboot's,
# so they have a folder of their own, to be put first in PATH.
option(QUELL_LINKS "Install links named me_cleaner, ifdtool and intelmetool" ON)
set(QUELL_LINK_FOLDER "lib/quell/bin" CACHE STRING "Where the links ifdtool and intelmetool go, below the prefix")
if(QUELL_LINKS)
  install(CODE "
    set(root \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
    file(MAKE_DIRECTORY \"\${root}/${QUELL_LINK_FOLDER}\")
    file(RELATIVE_PATH program \"/${QUELL_LINK_FOLDER}\" \"/${CMAKE_INSTALL_BINDIR}/quell\")
    file(CREATE_LINK quell \"\${root}/${CMAKE_INSTALL_BINDIR}/me_cleaner\" SYMBOLIC)
    foreach(tool ifdtool intelmetool)
      file(CREATE_LINK \"\${program}\" \"\${root}/${QUELL_LINK_FOLDER}/\${tool}\" SYMBOLIC)
    endforeach()
  ")
endif()

# What people read, and the licence.
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/guide DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")
install(FILES docs/exit-status.md docs/stability.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/schema DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.json")
if(QUELL_LIBRARY)
  include(InstallLibrary)
endif()
