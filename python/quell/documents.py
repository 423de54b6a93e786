# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents of schema quell/2 as dataclasses. Each keeps what it was made from in `document`: the whole of it as
dicts and lists, as docs/schema describes it. Sizes and offsets are in bytes; offsets count from the start of the image.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False  # what type checkers take for true
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True)
class Range:
    """Bytes of an image: `size` bytes from `offset` on."""

    offset: int
    size: int

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return self.offset + self.size


def _range(value: Any) -> Any:
    return None if value is None else Range(value["offset"], value["size"])


@dataclass(frozen=True)
class Finding:
    """A judgement. `id` never changes its meaning; `severity` is "info", "warning", "error" or "critical"."""

    id: str
    severity: str
    title: str
    detail: str
    advice: str
    range: Range | None
    document: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, value: dict[str, Any]) -> Finding:
        return cls(value["id"], value["severity"], value["title"], value.get("detail", ""), value.get("advice", ""),
                   _range(value.get("range")), value)


@dataclass(frozen=True)
class Action:
    """What can be done to an engine. `state` is "available", "done", "refused" or "impossible"."""

    id: str
    title: str
    state: str
    reason: str
    document: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, value: dict[str, Any]) -> Action:
        return cls(value["id"], value["title"], value["state"], value.get("reason", ""), value)

    @property
    def costs(self) -> list[str]:
        """What stops working with it."""
        return list(self.document.get("costs", []))


@dataclass(frozen=True)
class Engine:
    """A hidden computer in an image. `facts` are its version, SKU and so on: str, int, bool, list of str, or None for
    what was looked for and is not known. `states` is what was done to it: "stripped", "shortened by design",
    "disabled", "not read or erased"; empty where it is whole and free to run."""

    id: str
    title: str
    facts: dict[str, Any]
    states: list[str]
    actions: list[Action]
    findings: list[Finding]
    document: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, value: dict[str, Any]) -> Engine:
        return cls(value["engine"], value["title"], value["facts"], value["states"],
                   [Action.of(one) for one in value["actions"]], [Finding.of(one) for one in value["findings"]], value)


@dataclass(frozen=True)
class Report:
    """What is in an image. `kind` is a stable word ("intel.dump"), `sha256` 64 hex digits."""

    file: str
    size: int
    sha256: str
    kind: str
    title: str
    engines: list[Engine]
    findings: list[Finding]
    document: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, document: dict[str, Any]) -> Report:
        image = document["images"][0]
        return cls(image["file"], image["size"], image["sha256"], image["kind"], image["title"],
                   [Engine.of(one) for one in image["engines"]], [Finding.of(one) for one in image["findings"]],
                   document)


@dataclass(frozen=True)
class Answer:
    """One question about a dump. `state` is "passed", "warned", "failed", "unknown" or "not applicable"."""

    id: str
    title: str
    state: str
    findings: list[Finding]
    document: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, value: dict[str, Any]) -> Answer:
        return cls(value["id"], value["title"], value["state"], [Finding.of(one) for one in value["findings"]], value)


@dataclass(frozen=True)
class Verdict:
    """Whether an image is sound: whether no answer is "failed"."""

    file: str
    sound: bool
    answers: list[Answer]
    document: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, document: dict[str, Any]) -> Verdict:
        image = document["images"][0]
        return cls(image["file"], image["verdict"] == "sound", [Answer.of(one) for one in image["checks"]], document)


@dataclass(frozen=True)
class Part:
    """Where two images differ: `bytes` differing bytes in `places` places of one component."""

    path: str
    kind: str
    range: Range
    summary: str
    bytes: int
    places: int
    document: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, value: dict[str, Any]) -> Part:
        return cls(value["path"], value["kind"], _range(value["range"]), value["summary"], value["bytes"],
                   value["places"], value)


@dataclass(frozen=True)
class Difference:
    """What differs between two images; `bytes` counts over the length that both have."""

    same: bool
    bytes: int
    parts: list[Part]
    document: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, document: dict[str, Any]) -> Difference:
        return cls(document["same"], document["bytes"], [Part.of(one) for one in document["parts"]], document)


@dataclass(frozen=True)
class Edit:
    """One change that a plan makes. `kind` is "fill" or "replace"; `changed` counts the bytes that become others; `anchor`
    names the smallest component that holds it, None where nothing is known of the image."""

    range: Range
    kind: str
    changed: int
    reason: str
    anchor: str | None = None

    @classmethod
    def of(cls, value: dict[str, Any]) -> Edit:
        return cls(_range(value), value["kind"], value["changed"], value["reason"], value.get("anchor"))


@dataclass(frozen=True)
class Piece:
    """One piece of an image. `path` is None for what has no bytes of its own: a blank gap, what cannot be unpacked.
    `stored`: whether it lies in the image as it is, at `range`; unpacked pieces do not."""

    path: str | None
    kind: str
    stored: bool
    range: Range | None
    size: int
    sha256: str
    document: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, value: dict[str, Any]) -> Piece:
        return cls(value["path"], value["kind"], value["stored"], _range(value.get("range")), value.get("size", 0),
                   value.get("sha256", ""), value)


@dataclass(frozen=True)
class LiveEngine:
    """A hidden computer of a machine. `verdict` is a stable word ("running"), `disabled` says whether it counts as
    switched off ("yes", "no", ...); `answers` are its five answers by question ("network-stack")."""

    id: str
    title: str
    verdict: str
    certainty: str
    disabled: str
    answers: dict[str, str]
    findings: list[Finding]
    document: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, value: dict[str, Any]) -> LiveEngine:
        return cls(value["engine"], value["title"], value["verdict"], value["certainty"], value["counts_as_disabled"],
                   {one["question"]: one["text"] for one in value["answers"]},
                   [Finding.of(one) for one in value["findings"]], value)


@dataclass(frozen=True)
class Machine:
    """The engines of a machine; `summary` is the whole in a sentence, `live` whether it is the machine asked from."""

    summary: str
    live: bool
    engines: list[LiveEngine]
    findings: list[Finding]
    document: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, document: dict[str, Any]) -> Machine:
        return cls(document["summary"], document["live"], [LiveEngine.of(one) for one in document["engines"]],
                   [Finding.of(one) for one in document["findings"]], document)
