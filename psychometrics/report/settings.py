"""What a caller and a plan say, brought to one setting each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from .plan import Plan

DEFAULTS = {
    "scales": None,
    "reverse": (),
    "categories": None,
    "seed": 1,
    "estimator": "wlsmv",
}


def settled(
    plan: Plan | None,
    given: Mapping[str, Sequence[int | str] | Mapping[str, Sequence[str]] | str | None],
) -> tuple[
    dict[str, Sequence[int | str] | dict[str, list[str]] | int | str | None],
    list[tuple[str, str, str]],
]:
    """Return (settings, departures): the caller's, else the plan's, else the default.

    Each departure is (what, planned, done): the caller said something else than the
    plan does. What a plan leaves open is no departure.
    """
    settings, departures = {}, []
    for name, default in DEFAULTS.items():
        own, planned = given[name], getattr(plan, name, None)
        chosen = [value for value in (own, planned, default) if value is not None]
        settings[name] = chosen[0] if chosen else None
        if None not in (own, planned) and _plain(own) != _plain(planned):
            departures.append((name, said(planned), said(own)))
    return settings, departures


def settled_groups(
    plan: Plan | None, groups: pd.Series | None, background: pd.DataFrame | None
) -> tuple[pd.Series | None, list[str]]:
    """The groups to compare, and where they are not those of the plan."""
    planned = plan.groups if plan else None
    if groups is False:
        return None, [("groups", planned, "none")] if planned else []
    if groups is None and planned and background is not None:
        if planned in background:
            return background[planned], []
    if groups is None:
        left = [("groups", planned, "no such column")] if planned else []
        return None, left
    own = str(groups.name or "group")
    if plan is not None and own != planned:
        return groups, [("groups", planned or "none", own)]
    return groups, []


def said(value: str) -> str:
    """A setting in words."""
    if isinstance(value, dict):
        return "; ".join(f"{k}: {said(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _plain(
    value: Sequence[str] | Mapping[str, Sequence[str]] | str,
) -> list[str] | dict[str, list[str]] | str:
    """Lists and tuples alike; the order of scales or of reversed items is no matter."""
    if isinstance(value, dict):
        return {k: sorted(map(str, v)) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return sorted(map(str, value))
    return value
