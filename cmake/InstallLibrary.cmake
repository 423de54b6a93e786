# SPDX-License-Identifier: GPL-2.0-or-later
# What other programs are built with: libquell and quell.h for C, the static library and its headers for C++, each
# found by pkg-config (quell, quell-core) and by find_package(quell) (quell::c, quell::core). Components, one a package
# of a distribution: library (libquell.so.0, for programs that were built with it), development, python.
include(CMakePackageConfigHelpers)

install(TARGETS quell_c quell_core
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY include/quell DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
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
  DESTINATION ${quell_package} COMPONENT development)

# Paths relative to the .pc file, so that an installed tree can be moved.
file(RELATIVE_PATH quell_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
foreach(name quell quell-core)
  configure_file(cmake/package/${name}.pc.in ${PROJECT_BINARY_DIR}/package/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/package/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endforeach()

# Pure Python over libquell: one place for every version of Python, as Debian has it below /usr. Below /usr/local its
# interpreter looks in a folder of its own version alone.
set(quell_python_dir lib/python3/dist-packages)
find_program(QUELL_DEBIAN_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr/local" AND QUELL_DEBIAN_PYTHON)
  execute_process(COMMAND ${QUELL_DEBIAN_PYTHON} -c "import site; print(site.getsitepackages()[0])"
    OUTPUT_VARIABLE quell_python_looks OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(quell_python_looks MATCHES "^/usr/local/(.+)$")
    set(quell_python_dir ${CMAKE_MATCH_1})
  endif()
endif()
set(QUELL_PYTHON_DIR ${quell_python_dir} CACHE STRING "Where the Python module goes, below the prefix")
install(DIRECTORY python/quell DESTINATION ${QUELL_PYTHON_DIR} COMPONENT python
  FILES_MATCHING PATTERN "*.py" PATTERN py.typed)

# The smallest programs.
install(DIRECTORY tests/capi/users/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT development)
install(DIRECTORY python/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT python
  FILES_MATCHING PATTERN "*.py")
