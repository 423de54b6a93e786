# SPDX-License-Identifier: GPL-2.0-or-later
"""quell: what is in a firmware image, is it sound, and how to quiet the engines in it.

    import quell

    with quell.open("dump.rom") as image:
        for engine in image.inspect().engines:
            print(engine.title, engine.facts.get("version"))
        with image.plan_clean() as plan:
            cleaned = plan.apply(image)

An image is a file, or anything that has bytes. Looking never changes it; a plan changes a copy. Sizes and offsets are
in bytes, from the start of the image. Failures are exceptions with fields: see quell.Error. Everything may be used
from several threads at once, also one image; the library runs without the interpreter's lock.
"""

import ctypes as _ctypes
import json as _json
import os as _os

from . import _library
from .documents import Action, Answer, Difference, Edit, Engine, Finding, Part, Range, Report, Verdict
from .errors import (Damaged, Error, InternalError, OutOfMemory, ReadError, Refused, Unrecognised, Unsupported,
                     UsageError, of_code)

__all__ = [
    "Action", "Answer", "Damaged", "Difference", "Edit", "Engine", "Error", "Finding", "Image", "InternalError",
    "OutOfMemory", "Part", "Plan", "Range", "ReadError", "Refused", "Report", "Unrecognised", "Unsupported",
    "UsageError", "Verdict", "check", "diff", "explain", "inspect", "open", "plan_clean",
]

__version__ = _library.library.quell_version().decode("ascii")


def _call(function, *arguments):
    """The handle that a function gives; its failure as an exception."""
    code, result, error = _library.call(function, *arguments)
    if code == 0:
        return result
    text, offset, accept = _library.take_error(error) if error else ("out of memory", None, ())
    raise of_code(code, text, offset, accept)


def _document(function, *arguments):
    return _json.loads(_library.take_buffer(_call(function, *arguments)))


class _Handle:
    """Something of the library: closed by close(), at the end of `with`, or with the last reference."""

    _free = ""

    def __init__(self, handle):
        self._handle = handle

    def _open(self):
        if self._handle is None:
            raise UsageError(f"this {type(self).__name__} is closed")
        return self._handle

    def close(self):
        """Gives the memory back. Nothing else works any more; a second time does nothing."""
        handle, self._handle = self._handle, None
        if handle is not None:
            getattr(_library.library, self._free)(handle)

    def __enter__(self):
        self._open()
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_handle", None) is not None:
            self.close()


class Image(_Handle):
    """An image in memory. Image(data, name) copies bytes, bytearray or any other contiguous buffer; quell.open(path)
    reads a file. Raises UsageError for no bytes or more than 4 GiB."""

    _free = "quell_image_free"

    def __init__(self, data, name="image"):
        content = data if isinstance(data, bytes) else bytes(data)
        super().__init__(_call("quell_open_bytes", content, len(content), name.encode("utf-8", "surrogateescape")))

    @classmethod
    def open(cls, path):
        """Reads a file of at least one byte and at most 4 GiB. Raises ReadError with the system's reason."""
        image = cls.__new__(cls)
        _Handle.__init__(image, _call("quell_open_file", _os.fsencode(path)))
        return image

    def __len__(self):
        """Its size in bytes."""
        return _library.library.quell_image_size(self._open())

    def __bytes__(self):
        """A copy of its bytes."""
        return _ctypes.string_at(_library.library.quell_image_bytes(self._open()), len(self))

    def inspect(self):
        """What is in it: a Report. Raises Unrecognised, with advice, where nothing in it is known."""
        return Report.of(_document("quell_examine", self._open()))

    def check(self):
        """Whether it is sound: a Verdict. A bad verdict is no exception. Raises as inspect()."""
        return Verdict.of(_document("quell_check", self._open()))

    def diff(self, after):
        """What differs in `after`, another Image: a Difference. Images that nothing is known of can be compared too."""
        return Difference.of(_document("quell_diff", self._open(), after._open()))

    def plan_clean(self, **options):
        """Plans the cleaning of an Intel ME; changes nothing. See plan_clean() of the module for the options."""
        return Plan(_call("quell_plan_clean", self._open(), _json.dumps(options).encode()))


class Plan(_Handle):
    """What to change in an image, and why.

    edits: list of Edit, in ascending order, never overlapping
    notices: list of Finding, what to know before
    document: dict, as `quell clean --dry-run --json` prints it
    """

    _free = "quell_plan_free"

    def __init__(self, handle):
        super().__init__(handle)
        self.document = _document("quell_plan_document", handle)
        self.edits = [Edit.of(one) for one in self.document["edits"]]
        self.notices = [Finding.of(one) for one in self.document["notices"]]

    def apply(self, data):
        """The changed bytes of `data`: the image the plan was made for (an Image, a path or bytes). The result has been
        parsed again: nothing outside the plan differs, and what was signed still is. Raises UsageError for other bytes.
        """
        with _Opened(data) as image:
            return _library.take_buffer(_call("quell_apply", self._open(), image._open()))


class _Opened:
    """What the functions of the module take as an image: closed afterwards where it was opened here."""

    def __init__(self, data):
        self._own = not isinstance(data, Image)
        if not self._own:
            self._image = data
        elif isinstance(data, (str, _os.PathLike)):
            self._image = Image.open(data)
        else:
            self._image = Image(data)

    def __enter__(self):
        return self._image

    def __exit__(self, *_):
        if self._own:
            self._image.close()


def open(path):
    """Reads a file: an Image. Raises ReadError with the system's reason."""
    return Image.open(path)


def inspect(data):
    """What is in an image (an Image, a path or bytes): a Report. Raises Unrecognised where nothing in it is known."""
    with _Opened(data) as image:
        return image.inspect()


def check(data):
    """Whether an image (an Image, a path or bytes) is sound: a Verdict. Raises as inspect()."""
    with _Opened(data) as image:
        return image.check()


def diff(before, after):
    """What differs between two images (each an Image, a path or bytes): a Difference."""
    with _Opened(before) as first, _Opened(after) as second:
        return first.diff(second)


def plan_clean(data, **options):
    """Plans the cleaning of an Intel ME in an image (an Image, a path or bytes): a Plan. Nothing is changed.

    soft, strip: bool, only the disable bit, only the removal; both: both. Neither: what is safe
    relocate, truncate, keep_modules, lock_out: bool
    keep, drop: list of str, names of partitions
    disable_bit: str "OFFSET[:BIT]" from FPSBA, this bit instead of the platform's
    accept: list of str, what the caller insists on, by the names in Refused.accept

    Raises UsageError for options that are not known or do not go together, Refused where it is not safe, Unsupported,
    Unrecognised, Damaged.
    """
    with _Opened(data) as image:
        return image.plan_clean(**options)

def explain(word=None):
    """What there is to know of an engine ("intel-me"), a question or the id of a finding: a dict. Without a word every
    answer to every question. Raises UsageError for another word."""
    return _document("quell_explain", None if word is None else word.encode())
