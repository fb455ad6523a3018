"""From statements to the full list of parameters: free, fixed, equal or derived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...counted import counted
from ...errors import ModelSyntaxError, NotIdentified
from ...options import check_option
from .identification import wu_estabrook
from .syntax import Statement, parse_model

EQUALITIES = (
    "loadings",
    "thresholds",
    "intercepts",
    "residuals",
    "residual_covariances",
    "means",
    "lv_variances",
    "lv_covariances",
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What completes a model: identification, kind of data, equality over groups.

    `equal` names classes of `EQUALITIES`; `released` lists parameters, such as
    ``"f =~ x2"``, that stay free over groups all the same. `identification` says
    what is freed beyond the first group once something is equal: "standard" or
    "wu_estabrook" (Wu & Estabrook, 2016; ordinal items, theta).
    """

    n_groups: int = 1
    ordinal: bool = False
    theta: bool = False
    std_lv: bool = False
    orthogonal: bool = False
    meanstructure: bool = False
    equal: tuple = ()
    released: tuple = ()
    identification: str = "standard"


@dataclass
class _Parameter:
    value: float | None = None  # None while free
    label: str | None = None
    start: float | None = None
    is_derived: bool = False
    is_users: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class ParameterTable:
    """Every parameter of a model in every group.

    Attributes
    ----------
    frame : DataFrame
        lhs, op, rhs, group (1, 2, ...), free (1, 2, ...; 0 when fixed), value (of
        the fixed), start, label, is_derived.
    items, latents : tuple of str
    """

    frame: pd.DataFrame
    items: tuple
    latents: tuple
    settings: Settings = field(default_factory=Settings)
    n_thresholds: dict = field(default_factory=dict)

    @property
    def n_free(self) -> int:
        return int(self.frame["free"].max())

    def rows(self, group: int) -> pd.DataFrame:
        """Return the rows of one group (1, 2, ...)."""
        return self.frame[self.frame["group"] == group]


def complete(
    statements: Sequence[Statement],
    settings: Settings,
    *,
    n_thresholds: Mapping[str, int] | None = None,
) -> ParameterTable:
    """Fill in what the statements leave unsaid and number the free parameters.

    Parameters
    ----------
    statements : tuple of Statement
    settings : Settings
    n_thresholds : dict of str to int, optional
        Thresholds of each ordinal item.
    """
    for name in sorted(settings.equal):
        check_option("equal", name, EQUALITIES)
    latents = tuple(dict.fromkeys(s.lhs for s in statements if s.op == "=~"))
    items = _observed(statements, latents)
    _check_names(latents)
    released = {_key(s) for text in settings.released for s in parse_model(text)}
    place = {name: i for i, name in enumerate((*items, *latents))}
    rows = []
    for group in range(1, settings.n_groups + 1):
        parameters = _stated(statements, group, settings.n_groups)
        _add_defaults(parameters, items, latents, settings, n_thresholds)
        if group > 1:
            _free_beyond_first(
                parameters, items, latents, settings, n_thresholds, released
            )
        _label_equal(parameters, settings, latents, released)
        rows += [(*_ordered(key, place), group, p) for key, p in parameters.items()]
    frame = _numbered(rows, statements)
    counts = {item: n_thresholds[item] for item in items} if settings.ordinal else {}
    return ParameterTable(
        frame=frame,
        items=items,
        latents=latents,
        settings=settings,
        n_thresholds=counts,
    )


def _observed(
    statements: Sequence[Statement], latents: Sequence[str]
) -> tuple[str, ...]:
    names = [s.rhs for s in statements if s.op == "=~"]
    for s in statements:
        if s.op in ("~~", "~"):
            names += [name for name in (s.lhs, s.rhs) if name not in ("1", "0")]
    return tuple(dict.fromkeys(name for name in names if name not in latents))


def _check_names(latents: Sequence[str]) -> None:
    if not latents:
        raise ModelSyntaxError("no factor is defined; write for instance 'f =~ x1'")


def _key(statement: Statement) -> tuple[str, str, str]:
    op, lhs, rhs = statement.op, statement.lhs, statement.rhs
    if op == "~" and rhs == "1":
        return ("~1", lhs, "")
    if op == "~~" and rhs < lhs:
        lhs, rhs = rhs, lhs
    return (op, lhs, rhs)


def _ordered(
    key: tuple[str, str, str], place: Mapping[str, int]
) -> tuple[str, str, str]:
    """(lhs, op, rhs), a covariance's variables in the model's order."""
    op, lhs, rhs = key
    if op == "~~" and place[rhs] < place[lhs]:
        lhs, rhs = rhs, lhs
    return lhs, op, rhs


def _entry(
    values: tuple[float | None, ...], group: int, n_groups: int, statement: Statement
) -> float | None:
    if len(values) == 1:
        return values[0]
    if len(values) != n_groups:
        raise ModelSyntaxError(
            f"line {statement.line}, column {statement.column}: {len(values)} entries "
            f"in c(...) for {counted(n_groups, 'group')}"
        )
    return values[group - 1]


def _stated(
    statements: Sequence[Statement], group: int, n_groups: int
) -> dict[tuple[str, str, str], _Parameter]:
    parameters, measured = {}, set()
    for s in statements:
        if s.op == "==":
            continue
        value, is_free, label, start = (
            _entry(v, group, n_groups, s) for v in (s.fixed, s.free, s.label, s.start)
        )
        stated = _Parameter(value, label, start, is_users=value is not None or is_free)
        if s.op == "=~" and s.lhs not in measured and not stated.is_users:
            stated.is_derived = True  # the marker, settled by the defaults
        measured |= {s.lhs} if s.op == "=~" else set()
        parameters[_key(s)] = stated
    return parameters


def _add_defaults(
    parameters: dict[tuple[str, str, str], _Parameter],
    items: Sequence[str],
    latents: Sequence[str],
    settings: Settings,
    n_thresholds: Mapping[str, int] | None,
) -> None:
    def default(
        op: str, lhs: str, rhs: str, value: float | None = None, **more: bool
    ) -> None:
        if op == "~~" and rhs < lhs:
            lhs, rhs = rhs, lhs
        parameters.setdefault((op, lhs, rhs), _Parameter(value, **more))

    for key, p in parameters.items():
        if key[0] == "=~" and p.is_derived:
            p.is_derived, p.value = False, None if settings.std_lv else 1.0
    if settings.ordinal:
        for item in items:
            for k in range(1, n_thresholds[item] + 1):
                default("|", item, f"t{k}")
    for item in items:
        if not settings.ordinal:
            default("~~", item, item)
        elif settings.theta:
            default("~~", item, item, 1.0)
            default("~*~", item, item, 1.0, is_derived=True)
        else:
            default("~*~", item, item, 1.0)
            default("~~", item, item, 0.0, is_derived=True)
    outcomes = {k[2] for k in parameters if k[0] == "=~"}
    outcomes |= {k[1] for k in parameters if k[0] == "~"}
    for latent in latents:
        default("~~", latent, latent, 1.0 if settings.std_lv else None)
    exogenous = [latent for latent in latents if latent not in outcomes]
    for i, one in enumerate(exogenous):
        for other in exogenous[i + 1 :]:
            default("~~", one, other, 0.0 if settings.orthogonal else None)
    if settings.meanstructure or settings.ordinal:
        for item in items:
            default("~1", item, "", 0.0 if settings.ordinal else None)
        for latent in latents:
            default("~1", latent, "", 0.0)


def _free_beyond_first(
    parameters: Mapping[tuple[str, str, str], _Parameter],
    items: Sequence[str],
    latents: Sequence[str],
    settings: Settings,
    n_thresholds: Mapping[str, int],
    released: set[tuple[str, str, str]],
) -> None:
    """Free what equality over groups identifies beyond the first group."""

    def free(op: str, names: Sequence[str]) -> None:
        for name in names:
            p = parameters[(op, name, "" if op == "~1" else name)]
            if not p.is_users:
                p.value = None

    equal = set(settings.equal)
    outcomes = {k[2] for k in parameters if k[0] == "=~"}
    top = [latent for latent in latents if latent not in outcomes]
    if settings.identification == "wu_estabrook":
        scales = {f: [k[2] for k in parameters if k[:2] == ("=~", f)] for f in latents}
        left_out = {*_left_out(released, latents)}
        freed = wu_estabrook(equal, scales, n_thresholds or {}, left_out)
        free("~1", freed.intercepts)
        free("~~", freed.residuals)
        if settings.std_lv and "lv_variances" not in equal:
            free("~~", freed.variances)
        if "means" not in equal:
            free("~1", [name for name in freed.means if name in top])
        return
    if settings.ordinal and {"thresholds", "loadings"} <= equal:
        free("~~" if settings.theta else "~*~", items)
    if settings.std_lv and "loadings" in equal and "lv_variances" not in equal:
        free("~~", latents)
    measured = {"thresholds", "loadings"} if settings.ordinal else {"intercepts"}
    if measured <= equal and "means" not in equal:
        free("~1", top)


def _left_out(
    released: set[tuple[str, str, str]], latents: Sequence[str]
) -> Iterator[tuple[str, str, int]]:
    """(class, item, number of the threshold or 0) of what is released."""
    for key in released:
        op, lhs, rhs = key
        item = rhs if op == "=~" else lhs
        yield _class(key, latents), item, int(rhs[1:]) if op == "|" else 0


def _label_equal(
    parameters: Mapping[tuple[str, str, str], _Parameter],
    settings: Settings,
    latents: Sequence[str],
    released: set[tuple[str, str, str]],
) -> None:
    for key, p in parameters.items():
        if _class(key, latents) in settings.equal and key not in released:
            if p.label is None and p.value is None:
                p.label = f".{key[1]}{key[0]}{key[2]}."


def _class(key: tuple[str, str, str], latents: Sequence[str]) -> str | None:
    op, lhs, rhs = key
    if op == "~1":
        return "means" if lhs in latents else "intercepts"
    if op == "~~":
        kind = ("lv_variances", "lv_covariances") if lhs in latents else _RESIDUAL
        return kind[lhs != rhs]
    return {"=~": "loadings", "|": "thresholds"}.get(op)


_RESIDUAL = ("residuals", "residual_covariances")


def _numbered(
    rows: Sequence[tuple[str, str, str, int, _Parameter]],
    statements: Sequence[Statement],
) -> pd.DataFrame:
    same = _aliases(statements)
    numbers, free, labels = {}, [], []
    _fix_like_markers(rows, same)
    for place, (*_, p) in enumerate(rows):
        label = same.get(p.label, p.label)
        labels.append(label or "")
        if p.value is not None or p.is_derived:
            free.append(0)
        else:
            free.append(numbers.setdefault(label or place, len(numbers) + 1))
    frame = pd.DataFrame(
        [row[:4] for row in rows], columns=["lhs", "op", "rhs", "group"]
    )
    frame["free"] = np.array(free, dtype=int)
    frame["value"] = [np.nan if p.value is None else p.value for *_, p in rows]
    frame["start"] = [np.nan if p.start is None else p.start for *_, p in rows]
    frame["label"] = labels
    frame["is_derived"] = [p.is_derived for *_, p in rows]
    return frame


def _fix_like_markers(
    rows: Sequence[tuple[str, str, str, int, _Parameter]], same: Mapping[str, str]
) -> None:
    """What is labelled as a fixed parameter is fixed at its value."""
    fixed = {
        same.get(p.label, p.label): p.value
        for *_, p in rows
        if p.label is not None and p.value is not None
    }
    for *_, p in rows:
        if p.value is None and p.label is not None:
            p.value = fixed.get(same.get(p.label, p.label))


def _aliases(statements: Sequence[Statement]) -> dict[str, str]:
    same = {}
    for s in statements:
        if s.op == "==":
            root = same.get(s.lhs, s.lhs)
            same = {name: root if to == s.rhs else to for name, to in same.items()}
            same[s.rhs] = root
    return same


def check_counts(table: ParameterTable, n_moments: int) -> None:
    """Refuse a model with more free parameters than moments.

    Raises
    ------
    NotIdentified
    """
    if table.n_free > n_moments:
        raise NotIdentified(
            f"{table.n_free} free parameters and {n_moments} moments; "
            "fix or equate parameters, or give factors more items"
        )
