# SPDX-License-Identifier: GPL-2.0-or-later
"""Failures as exceptions, one class a code of quell.h."""

from __future__ import annotations


class Error(Exception):
    """Something could not be done.

    message: str, for people: what happened, where, what to do next
    offset: int or None, where in the image, in bytes from its start
    accept: tuple of str, what lifts a refusal: names for `accept` of plan_clean(); empty when nothing does
    code: int, QUELL_* of quell.h
    """

    code: int = 8

    def __init__(self, message: str, offset: int | None = None, accept: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.accept = accept


class UsageError(Error):
    """Arguments that make no sense."""

    code = 1


class Unrecognised(Error):
    """Nothing known in the input."""

    code = 2


class Damaged(Error):
    """A structure is cut off, contradicts itself or points outside."""

    code = 3


class Unsupported(Error):
    """Recognised, but this is not possible on it."""

    code = 4


class Refused(Error):
    """Possible, but not safe. `accept` says what lifts it."""

    code = 5


class ReadError(Error):
    """The operating system could not read the file."""

    code = 6


class OutOfMemory(Error):
    """The library could not get enough memory."""

    code = 7


class InternalError(Error):
    """A fault of the library."""

    code = 8


_BY_CODE = {
    kind.code: kind
    for kind in (UsageError, Unrecognised, Damaged, Unsupported, Refused, ReadError, OutOfMemory, InternalError)
}

# By the names that they are imported and caught by.
for _kind in (Error, *_BY_CODE.values()):
    _kind.__module__ = "quell"


def of_code(code: int, message: str, offset: int | None = None, accept: tuple[str, ...] = ()) -> Error:
    """The exception that stands for a code of quell.h."""
    return _BY_CODE.get(code, InternalError)(message, offset, accept)
