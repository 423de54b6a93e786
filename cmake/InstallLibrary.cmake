# SPDX-License-Identifier: GPL-2.0-or-later
# What other programs are built with: libquell and quell.h for C, the static library and its headers for C++, each
# found by pkg-config (quell, quell-core) and by find_package(quell) (quell::c, quell::core).
include(CMakePackageConfigHelpers)

install(TARGETS quell_c quell_core
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT library
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(DIRECTORY include/quell DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library
  FILES_MATCHING PATTERN "*.h" PATTERN README.md)

# What the static library was built with, by its name in pkg-config.
set(quell_optional_modules)
if(QUELL_HAS_SECCOMP)
  string(APPEND quell_optional_modules " libseccomp")
endif()
if(QUELL_HAS_BROTLI)
  string(APPEND quell_optional_modules " libbrotlidec")
endif()

set(quell_package ${CMAKE_INSTALL_LIBDIR}/cmake/quell)
configure_package_config_file(cmake/package/quellConfig.cmake.in ${PROJECT_BINARY_DIR}/package/quellConfig.cmake
  INSTALL_DESTINATION ${quell_package} PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/quellConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/quellConfig.cmake ${PROJECT_BINARY_DIR}/package/quellConfigVersion.cmake
  DESTINATION ${quell_package} COMPONENT library)

# Paths relative to the .pc file, so that an installed tree can be moved.
file(RELATIVE_PATH quell_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
foreach(name quell quell-core)
  configure_file(cmake/package/${name}.pc.in ${PROJECT_BINARY_DIR}/package/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/package/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
endforeach()

# Pure Python over libquell: one place for every version of Python, as Debian has it.
set(QUELL_PYTHON_DIR lib/python3/dist-packages CACHE STRING "Where the Python module goes, below the prefix")
install(DIRECTORY python/quell DESTINATION ${QUELL_PYTHON_DIR} COMPONENT python
  FILES_MATCHING PATTERN "*.py" PATTERN py.typed)
