# SPDX-License-Identifier: GPL-2.0-or-later
"""quell: what is in a firmware image, is it sound, how to quiet the engines in it; and how those of a machine are.

    import quell

    print(quell.status().summary)
    with quell.open("dump.rom") as image:
        for engine in image.inspect().engines:
            print(engine.title, engine.facts.get("version"))
        with image.plan_clean() as plan:
            cleaned = plan.apply(image)

An image is a file, or anything that has bytes. Looking never changes it; a plan changes a copy. Sizes and offsets are
in bytes, from the start of the image. Failures are exceptions with fields: see quell.Error. Everything may be used
from several threads at once, also one image; the library runs without the interpreter's lock. What is closed while
another thread uses it stays until that is done.

Where a function takes a Source, that is an Image, a path (str or os.PathLike) or bytes (bytes, bytearray, memoryview or
anything else with a buffer); what it opens for itself it closes again.
"""

from __future__ import annotations

import ctypes as _ctypes
import os as _os

from . import _library
from .errors import (Damaged, Error, InternalError, OutOfMemory, ReadError, Refused, Unrecognised, Unsupported,
                     UsageError, of_code)

__all__ = [
    "Action", "Answer", "Damaged", "Difference", "Edit", "Engine", "Error", "Finding", "Image", "InternalError",
    "LiveEngine", "Machine", "OutOfMemory", "Part", "Piece", "Pieces", "Plan", "Range", "ReadError", "Refused",
    "Report", "Unrecognised", "Unsupported", "UsageError", "Verdict", "check", "diff", "explain", "extract", "inspect",
    "join", "open", "plan_clean", "status",
]

# Loaded with the first use: the dataclasses take longer than everything else of this module.
_DOCUMENTS = ("Action", "Answer", "Difference", "Edit", "Engine", "Finding", "LiveEngine", "Machine", "Part", "Piece",
              "Range", "Report", "Verdict")

TYPE_CHECKING = False  # what type checkers take for true
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Any, TypeVar, Union

    from .documents import (Action, Answer, Difference, Edit, Engine, Finding, LiveEngine, Machine, Part, Piece, Range,
                            Report, Verdict)

    Buffer = Union[bytes, bytearray, memoryview]
    Path = Union[str, _os.PathLike[str]]
    Source = Union["Image", Path, Buffer]
    Self = TypeVar("Self", bound="_Handle")


def __getattr__(name: str) -> Any:
    if name not in _DOCUMENTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_documents(), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_DOCUMENTS})


def _documents() -> Any:
    from . import documents
    return documents


def _text_of(options: dict[str, Any]) -> bytes:
    import json
    return json.dumps(options).encode()


def _parsed(text: bytes) -> Any:
    import json
    return json.loads(text)


def _names(value: Iterable[str]) -> str | list[str]:
    # One text is no list of its letters: the library says so.
    return value if isinstance(value, str) else list(value)


def _c_text(what: str, value: str | bytes) -> bytes:
    """A text as C takes it, whose end is a NUL."""
    if not isinstance(value, (str, bytes)):
        raise TypeError(f"{what} is a text, not {type(value).__name__}")
    encoded = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
    if b"\0" in encoded:
        raise UsageError(f"there is a NUL in {what}")
    return encoded


__version__: str = _library.library.quell_version().decode("ascii")


def _call(function: str, *arguments: Any) -> Any:
    """The handle that a function gives; its failure as an exception."""
    return _result(*_library.call(function, *arguments))


def _result(code: int, result: Any, error: Any) -> Any:
    if code == 0:
        return result
    text, offset, accept = _library.take_error(error) if error else ("out of memory", None, ())
    raise of_code(code, text, offset, accept)


def _text(function: str, *arguments: Any) -> str:
    return _library.take_buffer(_call(function, *arguments)).decode()


def _document(function: str, *arguments: Any) -> Any:
    return _parsed(_library.take_buffer(_call(function, *arguments)))


class _Owned:
    """A handle of the library, given back with the last reference: a call that runs holds one."""

    __slots__ = ("_as_parameter_", "_free")

    def __init__(self, handle: _ctypes.c_void_p, free: str) -> None:
        # The library would take any number for the address of a handle.
        if not isinstance(handle, _ctypes.c_void_p) or not handle:
            raise TypeError("what the library gives is made by functions of this module alone")
        self._as_parameter_ = handle
        self._free = getattr(_library.library, free)

    def __del__(self) -> None:
        if hasattr(self, "_free"):
            self._free(self._as_parameter_)


class _Handle:
    """Something of the library: closed by close(), at the end of `with`, or with the last reference."""

    _free = ""
    _handle: _Owned | None = None

    def __init__(self, handle: _ctypes.c_void_p) -> None:
        self._handle = _Owned(handle, self._free)

    def _open(self) -> _Owned:
        handle = self._handle
        if handle is None:
            raise UsageError(f"this {type(self).__name__} is closed")
        return handle

    def close(self) -> None:
        """Gives the memory back, once no other thread uses it. Nothing else works any more; a second time does nothing.
        """
        self._handle = None

    def __enter__(self: Self) -> Self:
        self._open()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


class Image(_Handle):
    """An image in memory. Image(data, name) copies bytes, bytearray or anything else with a buffer; quell.open(path)
    reads a file. Raises UsageError for no bytes or more than 512 MiB, TypeError for what has no bytes."""

    _free = "quell_image_free"

    def __init__(self, data: Buffer, name: str = "image") -> None:
        content = data if isinstance(data, bytes) else memoryview(data).tobytes()
        super().__init__(_call("quell_open_bytes", content, len(content), _c_text("the name", name)))

    @classmethod
    def open(cls, path: Path) -> Image:
        """Reads a file of at least one byte and at most 512 MiB. Raises ReadError with the system's reason,
        Unrecognised for an empty file."""
        image = cls.__new__(cls)
        _Handle.__init__(image, _call("quell_open_file", _c_text("the path", _os.fsencode(path))))
        return image

    def __len__(self) -> int:
        """Its size in bytes."""
        return _library.library.quell_image_size(self._open())

    def __bytes__(self) -> bytes:
        """A copy of its bytes."""
        handle = self._open()
        return _ctypes.string_at(_library.library.quell_image_bytes(handle), _library.library.quell_image_size(handle))

    def inspect(self) -> Report:
        """What is in it: a Report. Raises Unrecognised, with advice, where nothing in it is known; damage is no
        exception, it is among the findings."""
        return _documents().Report.of(_document("quell_examine", self._open()))

    def check(self) -> Verdict:
        """Whether it is sound: a Verdict. A bad verdict is no exception. Raises as inspect()."""
        return _documents().Verdict.of(_document("quell_check", self._open()))

    def diff(self, after: Source) -> Difference:
        """What differs in `after`, a Source: a Difference. Images that nothing is known of can be compared too. Raises
        ReadError."""
        with _Opened(after) as other:
            return _documents().Difference.of(_document("quell_diff", self._open(), other._open()))

    def inspect_text(self) -> str:
        """The same as inspect() in words, as the program prints it: lines, the last with its end. Raises as inspect().
        """
        return _text("quell_examine_text", self._open())

    def check_text(self) -> str:
        """The same as check() in words. Raises as inspect()."""
        return _text("quell_check_text", self._open())

    def diff_text(self, after: Source) -> str:
        """The same as diff() in words."""
        with _Opened(after) as other:
            return _text("quell_diff_text", self._open(), other._open())

    def second_chip(self) -> int:
        """Where the second of two flash chips begins in this image of both, in bytes, by its descriptor. Raises
        UsageError where that names one chip, or chips that do not make up the image; Unrecognised without a descriptor,
        Damaged where it cannot be read."""
        return _result(*_library.second_chip(self._open()))

    def report(self, before: Source | None = None) -> dict[str, Any]:
        """What the page of `quell report` shows, as `quell report --format json` prints it; with `before`, a Source of
        an earlier image, also what differs from it. Raises as inspect(), also of `before`; ReadError."""
        if before is None:
            return _document("quell_report", self._open(), None)
        with _Opened(before) as earlier:
            return _document("quell_report", self._open(), earlier._open())

    def explain(self) -> dict[str, Any]:
        """The engines in it, each with its five answers, as `quell explain --json` prints it of an image. Raises as
        inspect()."""
        return _document("quell_explain_image", self._open())

    def extract(self) -> Pieces:
        """Takes it apart: Pieces. Raises as inspect(); Refused where it claims more than a sound image can hold."""
        return Pieces(_call("quell_extract", self._open()))

    def plan_clean(self, *, soft: bool = False, strip: bool = False, relocate: bool = False, truncate: bool = False,
                   keep_modules: bool = False, lock_out: bool = False, keep: Iterable[str] = (),
                   drop: Iterable[str] = (), disable_bit: str | None = None, accept: Iterable[str] = ()) -> Plan:
        """Plans the cleaning of an Intel ME; changes nothing. See plan_clean() of the module for the options."""
        options = {"soft": soft, "strip": strip, "relocate": relocate, "truncate": truncate,
                   "keep_modules": keep_modules, "lock_out": lock_out, "keep": _names(keep), "drop": _names(drop),
                   "accept": _names(accept)}
        if disable_bit is not None:
            options["disable_bit"] = disable_bit
        return Plan(_call("quell_plan_clean", self._open(), _text_of(options)))


class Pieces(_Handle):
    """An image taken apart: its regions, partitions, modules, keys, volumes; and the gaps between them.

    index: list of Piece; those with a path can be read
    document: dict, as `quell extract --json` prints it
    """

    _free = "quell_pieces_free"

    def __init__(self, handle: _ctypes.c_void_p) -> None:
        super().__init__(handle)
        self.document: dict[str, Any] = _document("quell_pieces_document", self._open())
        self.index: list[Piece] = [_documents().Piece.of(one) for one in self.document["artifacts"]]

    def __iter__(self) -> Iterator[str]:
        """The paths of all pieces that can be read."""
        return (piece.path for piece in self.index if piece.path is not None)

    def read(self, path: str) -> bytes:
        """The bytes of the piece with this path, which may be none. Raises UsageError for another path."""
        return _library.take_buffer(_call("quell_pieces_bytes", self._open(), _c_text("the path", path)))


class Plan(_Handle):
    """What to change in an image, and why.

    edits: list of Edit, in ascending order, never overlapping
    notices: list of Finding, what to know before, the costs among it
    costs: list of Finding, what stops working
    document: dict, as `quell clean --dry-run --json` prints it
    """

    _free = "quell_plan_free"

    def __init__(self, handle: _ctypes.c_void_p) -> None:
        super().__init__(handle)
        self.document: dict[str, Any] = _document("quell_plan_document", self._open())
        self.edits: list[Edit] = [_documents().Edit.of(one) for one in self.document["edits"]]
        self.notices: list[Finding] = [_documents().Finding.of(one) for one in self.document["notices"]]
        self.costs: list[Finding] = [_documents().Finding.of(one) for one in self.document.get("costs", [])]

    def apply(self, data: Source) -> bytes:
        """The changed bytes of `data`, a Source: the image the plan was made for, or one with the same bytes. The
        result has been parsed again: nothing outside the plan differs, and what was signed still is, else Refused or
        Damaged is raised. Raises UsageError for other bytes."""
        return self._applied("quell_apply", data)

    def apply_descriptor(self, data: Source) -> bytes:
        """Of the changed bytes the descriptor alone, with borders moved to a region that `truncate` cut. Raises as
        apply(); UsageError where the image has no descriptor."""
        return self._applied("quell_apply_descriptor", data)

    def apply_me(self, data: Source) -> bytes:
        """Of the changed bytes the ME region alone, cut to its smallest size with `truncate`. Raises as apply();
        UsageError where the image has no descriptor, or no ME region stays."""
        return self._applied("quell_apply_me", data)

    def _applied(self, function: str, data: Source) -> bytes:
        with _Opened(data) as image:
            return _library.take_buffer(_call(function, self._open(), image._open()))


class _Opened:
    """What the functions of the module take as an image: closed afterwards where it was opened here."""

    def __init__(self, data: Source) -> None:
        self._own = not isinstance(data, Image)
        if isinstance(data, Image):
            self._image = data
        elif isinstance(data, (str, _os.PathLike)):
            self._image = Image.open(data)
        else:
            self._image = Image(data)

    def __enter__(self) -> Image:
        return self._image

    def __exit__(self, *_: object) -> None:
        if self._own:
            self._image.close()


def open(path: Path) -> Image:
    """Reads a file of at least one byte and at most 512 MiB: an Image. Raises ReadError with the system's reason,
    Unrecognised for an empty file."""
    return Image.open(path)


def inspect(data: Source) -> Report:
    """What is in an image: a Report. Raises Unrecognised, with advice, where nothing in it is known; ReadError."""
    with _Opened(data) as image:
        return image.inspect()


def check(data: Source) -> Verdict:
    """Whether an image is sound: a Verdict. A bad verdict is no exception. Raises as inspect()."""
    with _Opened(data) as image:
        return image.check()


def diff(before: Source, after: Source) -> Difference:
    """What differs between two images: a Difference. Images that nothing is known of can be compared too. Raises
    ReadError."""
    with _Opened(before) as first, _Opened(after) as second:
        return first.diff(second)


def extract(data: Source) -> Pieces:
    """Takes an image apart: Pieces. Raises as inspect(); Refused where it claims more than a sound image can hold."""
    with _Opened(data) as image:
        return image.extract()


def join(first: Source, second: Source, accept: Iterable[str] = ()) -> bytes:
    """The images of two flash chips as one. `first` begins with the descriptor.

    accept: names; "sizes" joins although the sizes are not those of the descriptor

    Raises Refused for other sizes, UsageError where the second begins with a descriptor too, Unrecognised, Damaged.
    """
    with _Opened(first) as one, _Opened(second) as two:
        options = _text_of({"accept": _names(accept)})
        return _library.take_buffer(_call("quell_join", one._open(), two._open(), options))


def plan_clean(data: Source, *, soft: bool = False, strip: bool = False, relocate: bool = False,
               truncate: bool = False, keep_modules: bool = False, lock_out: bool = False, keep: Iterable[str] = (),
               drop: Iterable[str] = (), disable_bit: str | None = None, accept: Iterable[str] = ()) -> Plan:
    """Plans the cleaning of an Intel ME in an image: a Plan. Nothing is changed.

    soft, strip: only the disable bit, only the removal; both: both. Neither: what is safe
    relocate: move what stays to the lowest place; truncate: cut the region to its smallest size
    keep_modules: remove partitions, but no module; lock_out: let the ME reach nothing but its own region
    keep, drop: names of partitions ("MFS"): those that stay besides FTPR, or those that alone go
    disable_bit: "OFFSET[:BIT]" ("0x70:16"), this bit instead of the platform's. OFFSET is hexadecimal, in bytes from
        FPSBA, where the straps of the chipset begin
    accept: what the caller insists on, by the names in Refused.accept

    Raises UsageError for options that do not go together, Refused where it is not safe, Unsupported, Unrecognised,
    Damaged, ReadError.
    """
    with _Opened(data) as image:
        return image.plan_clean(soft=soft, strip=strip, relocate=relocate, truncate=truncate,
                                keep_modules=keep_modules, lock_out=lock_out, keep=keep, drop=drop,
                                disable_bit=disable_bit, accept=accept)


def status(root: Path | Buffer | None = None) -> Machine:
    """The engines of a machine: a Machine. Without an argument of this machine, as far as the caller may read it; else
    of a captured tree: a path to its folder or its archive, or the archive's bytes. Nothing is written. Raises
    ReadError; Unrecognised where it is no captured tree; Damaged where the archive is."""
    if root is None or isinstance(root, (str, _os.PathLike)):
        path = None if root is None else _c_text("the path", _os.fsencode(root))
        return _documents().Machine.of(_document("quell_status", path))
    archive = memoryview(root).tobytes()
    return _documents().Machine.of(_document("quell_status_bytes", archive, len(archive)))


def explain(word: str | None = None) -> dict[str, Any]:
    """What there is to know of an engine ("intel-me"), a question ("network"), the id of a finding or a word of the
    field, as `quell explain --json` prints it. Without a word every answer to every question. Raises UsageError for
    another word."""
    return _document("quell_explain", None if word is None else _c_text("the word", word))
