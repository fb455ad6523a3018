"""Parameters that a model defines from its labels: ``indirect := a*b``."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import ModelSyntaxError

_LINE = re.compile(r"(?P<name>[^\W\d][\w.]*)[ \t]*:=(?P<expression>[^\n;#!]*)")


def _power(base: complex, exponent: complex) -> complex:
    """Whole powers by products: a logarithm of a negative base would lose the step."""
    if exponent.imag == 0 and exponent.real == round(exponent.real):
        return base ** int(exponent.real)
    return complex(np.exp(exponent * np.log(base)))


_SUMS: dict[type, Callable] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: _power,
}
_FUNCTIONS = {"sqrt": np.sqrt, "exp": np.exp, "log": np.log}
LONGEST = 2000  # characters of an expression
_STEP = 1e-30  # of the complex step, whose derivative subtracts nothing


@dataclass(frozen=True)
class DefinedParameter:
    """A name, the expression as it was written, and where it stands."""

    name: str
    expression: str
    line: int
    column: int

    @property
    def labels(self) -> tuple[str, ...]:
        """The names that the expression uses, in order of appearance."""
        words = (node for node in ast.walk(self._tree) if isinstance(node, ast.Name))
        called = {node.func for node in ast.walk(self._tree) if hasattr(node, "func")}
        return tuple(dict.fromkeys(word.id for word in words if word not in called))

    def value(self, values: Mapping[str, complex]) -> complex:
        """Return the expression at these values of its labels."""
        try:
            return _value(self._tree.body, values, self)
        except (OverflowError, ZeroDivisionError):
            return complex(np.nan, np.nan)

    @property
    def _tree(self) -> ast.Expression:
        written = self.expression.replace("^", "**")
        try:
            return ast.parse(written, mode="eval")
        except SyntaxError:
            raise _error(self, "cannot be read") from None


def split_defined(text: str) -> tuple[str, tuple[DefinedParameter, ...]]:
    """Return the model without its definitions, lines kept, and the definitions.

    Raises
    ------
    ModelSyntaxError
        A definition that is no sum, product, power, sqrt, exp or log of names and
        numbers, or a name that is defined twice.
    """
    found = []

    def taken(match: re.Match) -> str:
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - text.rfind("\n", 0, match.start())
        expression = match["expression"].strip()
        one = DefinedParameter(match["name"], expression, line, column)
        if one.name in {other.name for other in found}:
            raise _error(one, "is defined twice")
        found.append(one)
        _check(one)
        return ""

    code = re.sub(r"[#!][^\n]*", lambda m: " " * len(m.group()), text)
    rest = _LINE.sub(taken, code) if ":=" in code else text
    return rest, tuple(found)


def defined_values(
    defined: Sequence[DefinedParameter], values: Mapping[str, float]
) -> Iterator[tuple[float, dict[str, float]]]:
    """Yield each value, NaN if it is none, and its derivatives by the model's labels.

    Parameters
    ----------
    defined : sequence of DefinedParameter
        Each may use those before it.
    values : mapping of labels to estimates

    Raises
    ------
    ModelSyntaxError
        A name that is neither a label nor was defined before.
    """
    earlier: list[DefinedParameter] = []
    for one in defined:
        earlier.append(one)

        def at(
            moved: str | None, chain: Sequence[DefinedParameter] = tuple(earlier)
        ) -> complex:
            known = {name: complex(value) for name, value in values.items()}
            if moved is not None:
                known[moved] += 1j * _STEP
            for each in chain:
                known[each.name] = each.value(known)
            return known[chain[-1].name]

        slopes = {name: at(name).imag / _STEP for name in values}
        value = at(None)
        yield value.real if abs(value.imag) < 1e-12 else np.nan, slopes


def _check(one: DefinedParameter) -> None:
    if not one.expression:
        raise _error(one, "has nothing after ':='")
    if len(one.expression) > LONGEST:
        raise _error(one, f"has more than {LONGEST} characters")
    one.value(dict.fromkeys(one.labels, 1.0 + 0j))


def _value(
    node: ast.expr, values: Mapping[str, complex], one: DefinedParameter
) -> complex:
    with np.errstate(all="ignore"):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return complex(node.value)
        if isinstance(node, ast.Name):
            if node.id not in values:
                raise _error(one, f"uses {node.id}, which labels no parameter before")
            return values[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            sign = -1 if isinstance(node.op, ast.USub) else 1
            return sign * _value(node.operand, values, one)
        if isinstance(node, ast.BinOp) and type(node.op) in _SUMS:
            sides = (_value(side, values, one) for side in (node.left, node.right))
            return complex(_SUMS[type(node.op)](*sides))
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            name = getattr(node.func, "id", None)
            if name in _FUNCTIONS:
                return complex(_FUNCTIONS[name](_value(node.args[0], values, one)))
    raise _error(
        one, "may hold labels, numbers, + - * / ^, brackets, sqrt, exp and log only"
    )


def _error(one: DefinedParameter, what: str) -> ModelSyntaxError:
    return ModelSyntaxError(
        f"line {one.line}, column {one.column}: the definition of {one.name} {what}"
    )
