# SPDX-License-Identifier: GPL-2.0-or-later
# Writes the C++ source of one embedded text; see JoinModules.cmake. An array of characters, because string literals have
# a guaranteed length of only 64 KiB.
file(MAKE_DIRECTORY ${FOLDER})
file(READ ${SOURCE} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," characters "${hex}")
file(WRITE ${FOLDER}/${NAME}.h
"#pragma once
#include <string_view>
namespace quell::data {
extern const std::string_view ${NAME};
}
")
file(WRITE ${FOLDER}/${NAME}.cpp
"#include \"data/${NAME}.h\"
namespace quell::data {
static constexpr char bytes_of_${NAME}[] = {${characters}};
extern const std::string_view ${NAME};
const std::string_view ${NAME}(bytes_of_${NAME}, ${size});
}
")
