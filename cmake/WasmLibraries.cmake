# SPDX-License-Identifier: GPL-2.0-or-later
# The libraries of the wasm build, under the names that Dependencies.cmake gives them. fmt, nlohmann-json and tl::expected
# are headers; the others are compiled here from Debian's source packages (tools/wasm_sources.sh).
set(QUELL_WASM_SOURCES ${PROJECT_SOURCE_DIR}/build/wasm-sources CACHE PATH "What tools/wasm_sources.sh has fetched")
execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/wasm_sources.sh ${QUELL_WASM_SOURCES} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "The sources of the libraries are missing: see above")
endif()
enable_language(C)
set(QUELL_HAS_SECCOMP OFF)
set(QUELL_HAS_BROTLI ON)

foreach(name tl::expected nlohmann_json::nlohmann_json)
  add_library(${name} INTERFACE IMPORTED)
endforeach()
target_compile_definitions(nlohmann_json::nlohmann_json INTERFACE JSON_NOEXCEPTION)
add_library(quell_fmt STATIC ${PROJECT_SOURCE_DIR}/src/base/fmt_library.cpp)
# Without it fmt asks the locale, which is a tenth of the module.
target_compile_definitions(quell_fmt PUBLIC FMT_STATIC_THOUSANDS_SEPARATOR=0x2C)
# What a size is bounded by here is the image, which memory holds.
target_compile_options(quell_settings INTERFACE -Wno-shorten-64-to-32)
add_library(quell::fmt ALIAS quell_fmt)

# wasm_library(name alias folder INCLUDE dirs... DEFINE definitions... SOURCES files...): of one source package.
function(wasm_library name alias folder)
  cmake_parse_arguments(PARSE_ARGV 3 library "" "" "INCLUDE;DEFINE;SOURCES")
  list(TRANSFORM library_SOURCES PREPEND ${QUELL_WASM_SOURCES}/${folder}/)
  list(TRANSFORM library_INCLUDE PREPEND ${QUELL_WASM_SOURCES}/${folder}/)
  add_library(${name} STATIC ${library_SOURCES})
  add_library(${alias} ALIAS ${name})
  target_include_directories(${name} SYSTEM PUBLIC ${library_INCLUDE} ${PROJECT_BINARY_DIR}/libraries)
  target_compile_definitions(${name} PRIVATE ${library_DEFINE})
  target_compile_options(${name} PRIVATE -w -O2)
endfunction()

wasm_library(wasm_zlib ZLIB::ZLIB zlib INCLUDE . SOURCES adler32.c crc32.c inffast.c inflate.c inftrees.c zutil.c)

wasm_library(wasm_lz4 PkgConfig::LZ4 lz4 INCLUDE lib SOURCES lib/lz4.c lib/lz4frame.c lib/lz4hc.c lib/xxhash.c)

wasm_library(wasm_brotli quell::brotli brotli INCLUDE c/include
  SOURCES c/common/constants.c c/common/context.c c/common/dictionary.c c/common/platform.c c/common/transform.c
          c/dec/bit_reader.c c/dec/decode.c c/dec/huffman.c c/dec/state.c)

wasm_library(wasm_fdt quell::fdt libfdt INCLUDE include
  SOURCES fdt.c fdt_empty_tree.c fdt_ro.c fdt_rw.c fdt_strerror.c fdt_sw.c)

# Decoders alone, without threads: MYTHREAD_H is the guard of their header.
wasm_library(wasm_lzma LibLZMA::LibLZMA xz
  INCLUDE src/liblzma/api src/common src/liblzma/common src/liblzma/check src/liblzma/lz src/liblzma/lzma
          src/liblzma/rangecoder src/liblzma/simple src/liblzma/delta
  DEFINE HAVE_STDBOOL_H HAVE_STDINT_H HAVE_INTTYPES_H HAVE_STRING_H HAVE_DECODERS HAVE_DECODER_LZMA1 HAVE_DECODER_LZMA2
         HAVE_DECODER_X86 HAVE_CHECK_CRC32 HAVE_VISIBILITY=0 TUKLIB_SYMBOL_PREFIX=lzma_ SIZEOF_SIZE_T=4
         MYTHREAD_H
  SOURCES src/liblzma/common/common.c src/liblzma/common/alone_decoder.c src/liblzma/common/filter_common.c
          src/liblzma/common/filter_decoder.c src/liblzma/check/crc32_fast.c src/liblzma/check/crc32_table.c src/liblzma/lz/lz_decoder.c
          src/liblzma/lzma/lzma_decoder.c src/liblzma/lzma/lzma2_decoder.c src/liblzma/lzma/lzma_encoder_presets.c
          src/liblzma/simple/simple_coder.c src/liblzma/simple/simple_decoder.c src/liblzma/simple/x86.c
          src/liblzma/common/block_util.c)

file(WRITE ${PROJECT_BINARY_DIR}/libraries/config.h "")
wasm_library(wasm_nettle PkgConfig::NETTLE nettle INCLUDE .
  SOURCES md5.c md5-compress.c sha1.c sha1-compress.c sha256.c sha256-compress.c sha512.c sha512-compress.c
          write-be32.c write-le32.c)
# Headers are named nettle/sha2.h; the version header is made by configure, and this build needs none of it.
file(CREATE_LINK ${QUELL_WASM_SOURCES}/nettle ${PROJECT_BINARY_DIR}/libraries/nettle SYMBOLIC)

# The small multiplication of GMP in one file: a verification costs milliseconds.
wasm_library(wasm_gmp PkgConfig::GMP gmp INCLUDE mini-gmp SOURCES mini-gmp/mini-gmp.c)
file(WRITE ${PROJECT_BINARY_DIR}/libraries/gmp.h "#include <mini-gmp.h>\n")
