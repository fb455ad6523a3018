"""Results as text and back: JSON of plain values, from which nothing is executed.

A value is a JSON value where JSON has it, else an object whose `type` says what it is.
Arrays keep their bytes, so that what is read back equals what was written bit for bit.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from inspect import signature
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .errors import InvalidResponses

if TYPE_CHECKING:
    from .results import Result

FORMAT = "psychometrics result"
SCHEMA = 1  # raised when an older package could no longer read what is written
KINDS = "biufUMm"  # of arrays whose bytes are all there is to them
NULLABLE = ("string", "Int64", "Float64", "boolean")
MOMENTS = (pd.Timestamp, pd.Timedelta, pd.Period, type(pd.NaT))  # of an index of them
# what parts of the wrong kind, length, size or depth raise
DAMAGE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)

# classes without a public name that results hold, and where each is at home
PARTS = {
    "AdaptiveSimulation": "adaptive.simulation",
    "Adequacy": "report.adequacy",
    "ClusterForm": "cfa.fit.cluster_tests",
    "Cover": "report.document",
    "DefinedParameter": "cfa.model.defined_parameters",
    "Entries": "cfa.model.model_matrices",
    "Figure": "report.document",
    "Implied": "cfa.model.model_matrices",
    "LeastSquares": "cfa.estimation.discrepancy",
    "LeastSquaresEvidence": "cfa.estimation.estimates",
    "Moments": "cfa.data.sample_moments",
    "NormalEvidence": "cfa.estimation.estimates",
    "Outcome": "report.document",
    "ParameterTable": "cfa.model.parameter_table",
    "Patterns": "irt.patterns",
    "Section": "report.document",
    "Settings": "cfa.model.parameter_table",
    "Simulated": "simulate",
    "Structure": "cfa.model.model_matrices",
    "Table": "report.document",
    "Verdict": "report.document",
}


def as_text(result: Result) -> str:
    """Return a result as JSON text with the versions that wrote it."""
    whole = {
        "format": FORMAT,
        "schema": SCHEMA,
        "version": _version(),
        "result": written(result),
    }
    return json.dumps(whole, allow_nan=False)


def from_text(text: str | bytes) -> Any:
    """Return the result that `as_text` wrote.

    Raises
    ------
    InvalidResponses
        Text that is no such result, or one of a form or class not known here.
    """
    try:
        whole = json.loads(text)
    except (RecursionError, ValueError) as problem:
        raise InvalidResponses(f"this is no saved result: {problem}") from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise InvalidResponses(
            "this is no saved result; give the text that a result's to_json() returned"
        )
    if whole.get("schema") != SCHEMA:
        raise InvalidResponses(
            f"the result is saved in form {whole.get('schema')!r}, by version "
            f"{whole.get('version')}; this version ({_version()}) reads form {SCHEMA}: "
            "use the version that wrote it, or estimate anew"
        )
    try:
        return read(whole.get("result"))
    except InvalidResponses:
        raise
    except DAMAGE as problem:
        raise InvalidResponses(
            f"the saved result is damaged: {type(problem).__name__}, {problem}"
        ) from None


def _version() -> str:
    try:
        return version("care-planning-survey")
    except PackageNotFoundError:  # run from its folder, not installed
        return "not installed"


def class_of(name: str) -> type:
    """Return the class that is saved under a name; no other can be made."""
    if name in PARTS:
        return getattr(import_module(f"psychometrics.{PARTS[name]}"), name)
    public = import_module("psychometrics")
    found = getattr(public, name) if name in public.__all__ else None
    if not isinstance(found, type) or not is_dataclass(found):
        raise InvalidResponses(
            f"the saved result holds {name!r}, which this version "
            f"({_version()}) does not know; use the version that wrote it"
        )
    return found


def _name_of(value: object) -> str:
    name = type(value).__name__
    try:
        known = class_of(name) is type(value)
    except InvalidResponses:
        known = False
    if not known:
        raise InvalidResponses(
            f"a result that holds {type(value).__module__}.{name} cannot be saved; "
            "save the results that it was made from"
        )
    return name


def written(value: Any) -> Any:
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value if isfinite(value) else {"type": "float", "value": repr(value)}
    if isinstance(value, Enum):
        return {"type": "member", "class": _name_of(value), "name": value.name}
    for kind, write in WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    name = _name_of(value)
    if hasattr(value, "savable"):  # it holds a function, and can do without
        value = value.savable()
    parts = {part: written(getattr(value, part)) for part in _parts_of(type(value))}
    return {"type": "object", "class": name, "fields": parts}


def _parts_of(kind: type) -> dict[str, bool]:
    """What a class is made of: each argument, and whether it has to be given."""
    arguments = signature(kind).parameters.values()
    return {one.name: one.default is one.empty for one in arguments}


def _mapping(value: Mapping) -> dict:
    items = [[written(key), written(one)] for key, one in value.items()]
    return {"type": "mapping", "items": items}


def _array(value: np.ndarray) -> dict:
    shape = list(value.shape)
    if value.dtype.kind not in KINDS:
        values = [written(one) for one in value.ravel()]
        return {"type": "objects", "shape": shape, "values": values}
    data = b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {"type": "array", "dtype": value.dtype.str, "shape": shape, "data": data}


def _column(value: pd.Series | pd.Index) -> dict:
    """The values of a column or an index, whatever pandas keeps them in."""
    if isinstance(value.dtype, np.dtype):
        return _array(value.to_numpy())
    if isinstance(value.dtype, pd.CategoricalDtype):
        kept = pd.Categorical(value)
        codes, categories = _array(kept.codes), _index(kept.categories)
        rest = {"categories": categories, "ordered": bool(kept.ordered)}
        return {"type": "categorical", "codes": codes, **rest}
    if isinstance(value.dtype, pd.PeriodDtype):
        ordinals = _array(pd.PeriodIndex(value).asi8)
        return {"type": "periods", "dtype": value.dtype.name, "values": ordinals}
    if isinstance(value.dtype, pd.DatetimeTZDtype):
        times = _array(pd.DatetimeIndex(value).tz_convert(None).to_numpy())
        return {"type": "zoned", "zone": str(value.dtype.tz), "times": times}
    if (name := str(value.dtype)) in NULLABLE:
        values = [None if pd.isna(one) else written(one) for one in value]
        return {"type": "nullable", "dtype": name, "values": values}
    raise InvalidResponses(f"a column of {name} cannot be saved; turn it into numbers")


def _index(value: pd.Index) -> dict:
    names = [written(name) for name in value.names]
    if isinstance(value, pd.RangeIndex):
        ends = [value.start, value.stop, value.step]
        return {"type": "range", "ends": ends, "names": names}
    if isinstance(value, pd.MultiIndex):
        levels = [_index(level) for level in value.levels]
        codes = [_array(np.asarray(code)) for code in value.codes]
        return {"type": "levels", "levels": levels, "codes": codes, "names": names}
    return {"type": "index", "values": _column(value), "names": names}


def _series(value: pd.Series) -> dict:
    parts = {"values": _column(value), "index": _index(value.index)}
    return {"type": "series", "name": written(value.name), **parts}


def _frame(value: pd.DataFrame) -> dict:
    columns = [_column(value.iloc[:, k]) for k in range(value.shape[1])]
    labels = {"index": _index(value.index), "columns": _index(value.columns)}
    return {"type": "frame", "values": columns, **labels}


def _moment(value: Any) -> dict:
    return {"type": "moment", "value": _index(pd.Index([value]))}


def _day(value: date) -> dict:
    return {"type": type(value).__name__, "value": value.isoformat()}


def _sequence(name: str) -> Callable[[Any], dict]:
    def write(value: Any) -> dict:
        return {"type": name, "values": [written(one) for one in value]}

    return write


WRITERS: dict[Any, Callable[[Any], Any]] = {
    **dict.fromkeys(MOMENTS, _moment),
    date: _day,
    np.generic: lambda value: {"type": "scalar", "value": _array(np.asarray(value))},
    np.ndarray: _array,
    pd.DataFrame: _frame,
    pd.Series: _series,
    pd.Index: _index,
    Mapping: _mapping,
    tuple: _sequence("tuple"),
    list: lambda value: [written(one) for one in value],
    frozenset: _sequence("frozenset"),
    set: _sequence("set"),
}


def read(value: Any) -> Any:
    if isinstance(value, list):
        return [read(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") not in READERS:
        raise InvalidResponses(
            f"the saved result holds a {value.get('type')!r}, which is not known here"
        )
    return READERS[value["type"]](value)


def _read_object(value: dict) -> Any:
    kind = class_of(value["class"])
    known, given = _parts_of(kind), value["fields"]
    needed = {name for name, has_to in known.items() if has_to}
    odd = sorted((given.keys() - known.keys()) | (needed - given.keys()))
    if odd:
        raise InvalidResponses(
            f"{value['class']} is saved with other parts than this version "
            f"({_version()}) has ({', '.join(odd)}); use the version that wrote it"
        )
    return kind(**{name: read(one) for name, one in given.items()})


def _read_member(value: dict) -> Any:
    kind: Any = class_of(value["class"])
    if not issubclass(kind, Enum):
        raise InvalidResponses(f"{value['class']} has no members")
    return kind[value["name"]]


def _read_array(value: dict) -> np.ndarray:
    dtype = np.dtype(value["dtype"])
    if dtype.kind not in KINDS:
        raise InvalidResponses(f"an array of {dtype} is not read")
    flat = np.frombuffer(b64decode(value["data"]), dtype)
    return flat.reshape(value["shape"]).copy()


def _read_objects(value: dict) -> np.ndarray:
    flat = np.empty(len(value["values"]), object)
    for k, one in enumerate(value["values"]):
        flat[k] = read(one)
    return flat.reshape(value["shape"])


def _read_categorical(value: dict) -> pd.Categorical:
    categories = read(value["categories"])
    codes = read(value["codes"])
    return pd.Categorical.from_codes(codes, categories, ordered=value["ordered"])


def _read_nullable(value: dict) -> Any:
    if value["dtype"] not in NULLABLE:
        raise InvalidResponses(f"a column of {value['dtype']!r} is not read")
    return pd.array(read(value["values"]), dtype=value["dtype"])


def _read_periods(value: dict) -> Any:
    dtype = pd.PeriodDtype(value["dtype"])
    return pd.arrays.PeriodArray(read(value["values"]), dtype=dtype)


def _read_zoned(value: dict) -> Any:
    utc = pd.DatetimeIndex(read(value["times"])).tz_localize("UTC")
    return utc.tz_convert(value["zone"]).array


def _read_index(value: dict) -> pd.Index:
    names = [read(name) for name in value["names"]]
    if value["type"] == "range":
        return pd.RangeIndex(*value["ends"], name=names[0])
    if value["type"] == "levels":
        levels, codes = read(value["levels"]), read(value["codes"])
        return pd.MultiIndex(levels=levels, codes=codes, names=names)
    kept = read(value["values"])
    dtype = kept.dtype if isinstance(kept, np.ndarray) else None
    return pd.Index(kept, dtype=dtype, name=names[0])


def _series_of(values: Any, index: pd.Index, name: Any = None) -> pd.Series:
    """As they are: pandas would take dates among objects for times."""
    is_mixed = isinstance(values, np.ndarray) and values.dtype == object
    return pd.Series(values, index, dtype=object if is_mixed else None, name=name)


def _read_series(value: dict) -> pd.Series:
    index, name = read(value["index"]), read(value["name"])
    return _series_of(read(value["values"]), index, name)


def _read_frame(value: dict) -> pd.DataFrame:
    index = read(value["index"])
    parts = enumerate(value["values"])
    columns = {k: _series_of(read(one), index) for k, one in parts}
    made = pd.DataFrame(columns, index=index)
    made.columns = read(value["columns"])
    return made


READERS: dict[str, Callable[[dict], Any]] = {
    "array": _read_array,
    "categorical": _read_categorical,
    "date": lambda value: date.fromisoformat(value["value"]),
    "datetime": lambda value: datetime.fromisoformat(value["value"]),
    "float": lambda value: float(value["value"]),
    "frame": _read_frame,
    "frozenset": lambda value: frozenset(read(value["values"])),
    "index": _read_index,
    "levels": _read_index,
    "mapping": lambda value: {read(key): read(one) for key, one in value["items"]},
    "member": _read_member,
    "moment": lambda value: _read_index(value["value"])[0],
    "nullable": _read_nullable,
    "object": _read_object,
    "objects": _read_objects,
    "periods": _read_periods,
    "range": _read_index,
    "scalar": lambda value: _read_array(value["value"])[()],
    "series": _read_series,
    "set": lambda value: set(read(value["values"])),
    "tuple": lambda value: tuple(read(value["values"])),
    "zoned": _read_zoned,
}
