"""Dataclasses as JSON: every kind of field is read within its bounds, to the last one that passes, and no further."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Optional

import pytest

from hearth.core import dataclass_json
from hearth.core.dataclass_json import MAX_SAFE_INTEGER, BadField, Check, Most, Size, reader_of


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


Name = Annotated[str, Size(3, least=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """One field of each kind."""

    kind: ClassVar[str] = "everything"
    name: Name
    note: Annotated[str, Size(2)] = ""
    number: int = 0
    small: Annotated[int, Most(9)] = 0
    sure: bool = False
    colour: Colour = Colour.RED
    names: Annotated[tuple[Name, ...], Size(2)] = ()
    colours: Annotated[Sequence[Colour], Size(2, least=1)] = (Colour.RED,)
    stamps: Annotated[Mapping[Name, int], Size(2)] = field(default_factory=dict)
    counts: Mapping[Colour, int] = field(default_factory=dict)
    anything: Mapping[str, Any] = field(default_factory=dict)
    maybe: Name | None = None
    perhaps: Optional[int] = None  # noqa: UP045 - both ways of writing it are read
    even: Annotated[int, Most(9), Check(lambda value: "it is odd" if value % 2 else None)] = 0
    pairs: Annotated[Sequence[Annotated[int, Check(lambda each: "seven" if each == 7 else None)]], Size(2)] = ()


def read(**values: object) -> Everything:
    return dataclass_json.read(Everything, {"name": "a", **values})


@pytest.mark.parametrize(
    ("name", "value", "becomes"),
    [
        ("name", "abc", "abc"),
        ("note", "", ""),
        ("note", "ab", "ab"),
        ("number", MAX_SAFE_INTEGER, MAX_SAFE_INTEGER),
        ("number", 0, 0),
        ("small", 9, 9),
        ("sure", True, True),
        ("colour", "blue", Colour.BLUE),
        ("names", ["a", "bcd"], ("a", "bcd")),
        ("names", [], ()),
        ("colours", ["blue"], (Colour.BLUE,)),
        ("stamps", {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        ("stamps", {}, {}),
        ("counts", {"red": 1, "blue": 0}, {Colour.RED: 1, Colour.BLUE: 0}),
        ("anything", {"a": [None]}, {"a": [None]}),
        ("maybe", "a", "a"),
        ("maybe", None, None),
        ("perhaps", 5, 5),
        ("perhaps", None, None),
        ("even", 8, 8),
        ("pairs", [1, 2], (1, 2)),
    ],
)
def test_what_fits_is_read(name: str, value: object, becomes: object) -> None:
    got = getattr(read(**{name: value}), name)
    assert got == becomes
    assert type(got) is type(becomes)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("name", "", "text of 1 to 3 characters"),
        ("name", "abcd", "text of 1 to 3 characters"),
        ("name", None, "text of 1 to 3 characters"),
        ("name", ["a"], "text"),
        ("note", "abc", "text of 0 to 2 characters"),
        ("number", -1, r"an integer from 0 to 2\*\*53 - 1"),
        ("number", 2**53, "an integer"),
        ("number", True, "an integer"),
        ("number", 1.0, "an integer"),
        ("number", "1", "an integer"),
        ("small", 10, "an integer from 0 to 9"),
        ("sure", 1, "true or false"),
        ("sure", None, "true or false"),
        ("colour", "green", "one of red, blue"),
        ("colour", ["red"], "one of"),
        ("colour", None, "one of"),
        ("names", "ab", "an array of 0 to 2 entries"),
        ("names", ["a", "b", "c"], "an array of 0 to 2 entries"),
        ("names", ["abcd"], "text"),
        ("names", {"a": 1}, "an array"),
        ("colours", [], "an array of 1 to 2 entries"),
        ("stamps", {"a": 1, "b": 1, "c": 1}, "an object of at most 2 entries"),
        ("stamps", {"abcd": 1}, "text"),
        ("stamps", {"a": -1}, "an integer"),
        ("stamps", [], "an object"),
        ("counts", {"green": 1}, "one of red, blue"),
        ("counts", {"red": "1"}, "an integer"),
        ("counts", [], "an object"),
        ("anything", [], "an object"),
        ("maybe", "", "text of 1 to 3"),
        ("perhaps", "5", "an integer"),
        ("even", 7, "refused: it is odd"),
        ("even", 10, "an integer from 0 to 9"),
        ("pairs", [1, 7], "refused: seven"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_fields_name(name: str, value: object, says: str) -> None:
    with pytest.raises(BadField, match=f'"{name}".*{says}'):
        read(**{name: value})


def test_the_greatest_integer_is_what_json_carries() -> None:
    assert MAX_SAFE_INTEGER == 9_007_199_254_740_991


def test_what_is_written_is_read() -> None:
    value = Everything(
        name="a", names=("b",), colours=(Colour.BLUE,), stamps={"c": 1}, counts={Colour.RED: 2}, maybe="d", even=2
    )
    assert dataclass_json.read(Everything, json.loads(json.dumps(dataclass_json.write(value)))) == value


def test_a_field_that_has_no_default_must_be_there() -> None:
    assert read() == Everything(name="a")
    with pytest.raises(BadField, match='"name" is missing'):
        dataclass_json.read(Everything, {"kind": "everything"})


def test_what_is_not_known_is_left_out_or_refused() -> None:
    values = {"name": "a", "x" * 50: 1}
    assert dataclass_json.read(Everything, values) == Everything(name="a")
    with pytest.raises(BadField, match=f'"{"x" * 40}" is not known'):
        dataclass_json.read(Everything, values, strict=True)
    assert dataclass_json.read(Everything, {"name": "a"}, strict=True) == Everything(name="a")


@pytest.mark.parametrize(
    "annotation",
    [
        str,
        Annotated[str, Most(5)],
        Annotated[int, Size(5)],
        float,
        Any,
        int | str,
        int | str | None,
        list,
        Sequence[int],
        tuple[Name, ...],
        Mapping[Name, int],
        Mapping,
        Mapping[Colour, str],
        Annotated[Sequence[str], Size(5)],
        bytes,
    ],
)
def test_what_has_no_bound_or_no_meaning_cannot_be_declared(annotation: object) -> None:
    with pytest.raises(TypeError):
        reader_of(annotation)
