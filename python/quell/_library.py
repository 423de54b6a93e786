# SPDX-License-Identifier: GPL-2.0-or-later
"""libquell through ctypes: the one file that knows the C interface (quell/quell.h)."""

from __future__ import annotations

import ctypes
import os

TYPE_CHECKING = False  # what type checkers take for true
if TYPE_CHECKING:
    from typing import Any

_HANDLE = ctypes.c_void_p
_OUT = ctypes.POINTER(_HANDLE)

# Result and arguments of every function of quell.h.
_FUNCTIONS = {
    "quell_version": (ctypes.c_char_p, ()),
    "quell_open_file": (ctypes.c_int, (ctypes.c_char_p, _OUT, _OUT)),
    "quell_open_bytes": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, _OUT, _OUT)),
    "quell_image_bytes": (ctypes.c_void_p, (_HANDLE,)),
    "quell_image_size": (ctypes.c_size_t, (_HANDLE,)),
    "quell_image_free": (None, (_HANDLE,)),
    "quell_examine": (ctypes.c_int, (_HANDLE, _OUT, _OUT)),
    "quell_check": (ctypes.c_int, (_HANDLE, _OUT, _OUT)),
    "quell_diff": (ctypes.c_int, (_HANDLE, _HANDLE, _OUT, _OUT)),
    "quell_examine_text": (ctypes.c_int, (_HANDLE, _OUT, _OUT)),
    "quell_check_text": (ctypes.c_int, (_HANDLE, _OUT, _OUT)),
    "quell_diff_text": (ctypes.c_int, (_HANDLE, _HANDLE, _OUT, _OUT)),
    "quell_report": (ctypes.c_int, (_HANDLE, _HANDLE, _OUT, _OUT)),
    "quell_explain": (ctypes.c_int, (ctypes.c_char_p, _OUT, _OUT)),
    "quell_explain_image": (ctypes.c_int, (_HANDLE, _OUT, _OUT)),
    "quell_status": (ctypes.c_int, (ctypes.c_char_p, _OUT, _OUT)),
    "quell_status_bytes": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_size_t, _OUT, _OUT)),
    "quell_extract": (ctypes.c_int, (_HANDLE, _OUT, _OUT)),
    "quell_pieces_document": (ctypes.c_int, (_HANDLE, _OUT, _OUT)),
    "quell_pieces_bytes": (ctypes.c_int, (_HANDLE, ctypes.c_char_p, _OUT, _OUT)),
    "quell_pieces_free": (None, (_HANDLE,)),
    "quell_plan_clean": (ctypes.c_int, (_HANDLE, ctypes.c_char_p, _OUT, _OUT)),
    "quell_plan_document": (ctypes.c_int, (_HANDLE, _OUT, _OUT)),
    "quell_apply": (ctypes.c_int, (_HANDLE, _HANDLE, _OUT, _OUT)),
    "quell_apply_descriptor": (ctypes.c_int, (_HANDLE, _HANDLE, _OUT, _OUT)),
    "quell_apply_me": (ctypes.c_int, (_HANDLE, _HANDLE, _OUT, _OUT)),
    "quell_plan_free": (None, (_HANDLE,)),
    "quell_second_chip": (ctypes.c_int, (_HANDLE, ctypes.POINTER(ctypes.c_uint64), _OUT)),
    "quell_join": (ctypes.c_int, (_HANDLE, _HANDLE, ctypes.c_char_p, _OUT, _OUT)),
    "quell_buffer_bytes": (ctypes.c_void_p, (_HANDLE,)),
    "quell_buffer_size": (ctypes.c_size_t, (_HANDLE,)),
    "quell_buffer_free": (None, (_HANDLE,)),
    "quell_error_code": (ctypes.c_int, (_HANDLE,)),
    "quell_error_text": (ctypes.c_char_p, (_HANDLE,)),
    "quell_error_offset": (ctypes.c_int, (_HANDLE, ctypes.POINTER(ctypes.c_uint64))),
    "quell_error_accept": (ctypes.c_char_p, (_HANDLE,)),
    "quell_error_free": (None, (_HANDLE,)),
}


def _candidates() -> list[str]:
    """$QUELL_LIBRARY; the library of the prefix that this module was installed to; the system's."""
    named = os.environ.get("QUELL_LIBRARY")
    if named:
        return [named]
    beside = []
    folder = os.path.dirname(os.path.realpath(__file__))
    while folder != os.path.dirname(folder):
        folder, name = os.path.split(folder)
        if name == "lib":
            folder = os.path.join(folder, name)
            beside = [os.path.join(folder, "libquell.so.0")]
            folders = [one for one in sorted(os.listdir(folder)) if "-linux-" in one]
            beside += [os.path.join(folder, one, "libquell.so.0") for one in folders]
            break
    return [*beside, "libquell.so.0"]


def _load() -> ctypes.CDLL:
    last = None
    for name in _candidates():
        try:
            library = ctypes.CDLL(name)
        except OSError as error:
            last = error
            continue
        for function, (result, arguments) in _FUNCTIONS.items():
            entry = getattr(library, function, None)
            if entry is None:
                raise ImportError(f"{name} is older than this module: it has no {function}")
            entry.restype = result
            entry.argtypes = arguments
        return library
    raise ImportError(f"libquell.so.0 cannot be loaded: {last}; name it in QUELL_LIBRARY")


library = _load()


def take_buffer(handle: Any) -> bytes:
    """The bytes of a buffer, which is freed."""
    try:
        return ctypes.string_at(library.quell_buffer_bytes(handle), library.quell_buffer_size(handle))
    finally:
        library.quell_buffer_free(handle)


def take_error(handle: Any) -> tuple[str, int | None, tuple[str, ...]]:
    """(text, offset or None, names that lift a refusal) of an error, which is freed."""
    try:
        offset = ctypes.c_uint64()
        there = library.quell_error_offset(handle, ctypes.byref(offset))
        text = library.quell_error_text(handle).decode("utf-8", "replace")
        accept = tuple(library.quell_error_accept(handle).decode("ascii").split())
        return text, offset.value if there else None, accept
    finally:
        library.quell_error_free(handle)


def call(function: str, *arguments: Any) -> tuple[int, Any, Any]:
    """(code, handle, error) of a function whose last arguments are where result and error go."""
    result, error = _HANDLE(), _HANDLE()
    code = getattr(library, function)(*arguments, ctypes.byref(result), ctypes.byref(error))
    return code, result, error


def second_chip(image: Any) -> tuple[int, int, Any]:
    """(code, offset, error) of quell_second_chip, whose result is a number."""
    offset, error = ctypes.c_uint64(), _HANDLE()
    code = library.quell_second_chip(image, ctypes.byref(offset), ctypes.byref(error))
    return code, offset.value, error
