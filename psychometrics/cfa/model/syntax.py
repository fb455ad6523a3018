"""The model language of the field: text in, statements with their place out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...errors import ModelSyntaxError
from .defined_parameters import split_defined

_TOKEN = re.compile(
    r"(?P<space>[ \t\r]+)|(?P<comment>[#!][^\n]*)|(?P<end>[\n;])"
    r"|(?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
    r"|(?P<name>[^\W\d][\w.]*|\.[^\W\d][\w.]*)"
    r"|(?P<op>=~|~\*~|~~|==|~|\||\+|\*|\(|\)|,)"
)
_OPERATORS = ("=~", "~~", "~*~", "~", "|", "==")
MOST_STATEMENTS = 20_000
_CONTINUES = (*_OPERATORS, "+", "*", ",", "(")


@dataclass(frozen=True)
class Token:
    """One word of the model and where it stands."""

    kind: str
    text: str
    line: int
    column: int


@dataclass(frozen=True)
class Statement:
    """One parameter that the model mentions.

    `fixed`, `label` and `start` hold one entry a group, or a single entry for all
    groups; None means not said, and `free` marks an explicit ``NA*``.
    """

    lhs: str
    op: str
    rhs: str
    fixed: tuple = (None,)
    free: tuple = (False,)
    label: tuple = (None,)
    start: tuple = (None,)
    line: int = 0
    column: int = 0


def parse_model(text: str) -> tuple[Statement, ...]:
    """Read a model in the ``f =~ x1 + 0.8*x2 + a*x3`` language (Rosseel, 2012).

    Operators: ``=~`` is measured by, ``~~`` (co)varies with, ``~`` is regressed on
    (``x ~ 1`` is an intercept), ``x | t1`` a threshold, ``x ~*~ x`` the scale of a
    latent response, ``a == b`` equal labels. A modifier before ``*`` is a number
    (fixed), a name (label), ``NA`` (free), ``start(v)``, or ``c(...)`` with one of
    these a group. ``name := a*b`` defines a parameter from labels; `confirm` gives it
    with its error, and it is none of the statements here.

    Parameters
    ----------
    text : str
        The model, a statement a line or parted by semicolons.

    Returns
    -------
    tuple of Statement
        One for each parameter, in order; repeated mentions are merged.

    Raises
    ------
    ModelSyntaxError
        With line and column of the first thing that cannot be read, or of the
        20 001st parameter.

    Examples
    --------
    >>> [(s.rhs, s.fixed[0], s.label[0]) for s in parse_model("f =~ 0.8*x1 + a*x2")]
    [('x1', 0.8, None), ('x2', None, 'a')]
    """
    if not isinstance(text, str) or not text.strip():
        raise ModelSyntaxError("the model is empty; write for instance 'f =~ x1 + x2'")
    text, _ = split_defined(text)
    merged = {}
    stated = (s for line in _lines(_tokens(text)) for s in _statements(line))
    for n, statement in enumerate(stated):
        if n >= MOST_STATEMENTS:
            said = f"more than {MOST_STATEMENTS} parameters are stated"
            raise _error(said, statement.line, statement.column - 1)
        key = _key(statement)
        before = merged.get(key)
        merged[key] = _merge(before, statement) if before else statement
    return tuple(merged.values())


def _key(statement: Statement) -> tuple[str, str, str]:
    if statement.op == "~~":
        return ("~~", *sorted((statement.lhs, statement.rhs)))
    return (statement.op, statement.lhs, statement.rhs)


def _merge(old: Statement, new: Statement) -> Statement:
    def pick(name: str, empty: bool | None) -> tuple[float | str | None, ...]:
        value = getattr(new, name)
        return getattr(old, name) if all(v == empty for v in value) else value

    return replace(
        old,
        fixed=pick("fixed", None),
        free=pick("free", False),
        label=pick("label", None),
        start=pick("start", None),
    )


def _tokens(text: str) -> Iterator[Token]:
    line, start, at = 1, 0, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _error(f"{text[at]!r} is not part of the language", line, at - start)
        kind = match.lastgroup
        if kind not in ("space", "comment"):
            yield Token(kind, match.group(), line, at - start + 1)
        if match.group() == "\n":
            line, start = line + 1, match.end()
        at = match.end()


def _error(message: str, line: int, column: int) -> ModelSyntaxError:
    return ModelSyntaxError(f"line {line}, column {column + 1}: {message}")


def _at(token: Token, message: str) -> ModelSyntaxError:
    return _error(message, token.line, token.column - 1)


def _lines(tokens: Iterator) -> Iterator[list[Token]]:
    """Gather tokens into statements; a line that ends in an operator goes on."""
    gathered = []
    for token in tokens:
        if token.kind != "end":
            if gathered and token.text == "+" and gathered[-1].kind == "end":
                gathered.pop()
            if gathered and gathered[-1].kind == "end":
                yield gathered[:-1]
                gathered = []
            gathered.append(token)
        elif gathered and gathered[-1].kind != "end":
            if gathered[-1].text not in _CONTINUES:
                gathered.append(token)
    if gathered:
        yield gathered[:-1] if gathered[-1].kind == "end" else gathered


def _statements(line: Sequence[Token]) -> Iterator[Statement]:
    where = next((i for i, t in enumerate(line) if t.text in _OPERATORS), None)
    if where is None:
        raise _at(line[0], f"no operator after {line[0].text!r}; use =~, ~~, ~ or |")
    operator, right = line[where], line[where + 1 :]
    if not right:
        raise _at(operator, f"nothing stands after {operator.text!r}")
    for name in _names(line[:where], operator):
        for term in _terms(right):
            yield _term(name, operator, term)


def _names(left: Sequence[Token], operator: Token) -> list[str]:
    if not left:
        raise _at(operator, f"nothing stands before {operator.text!r}")
    for i, token in enumerate(left):
        wanted = "name" if i % 2 == 0 else "op"
        if token.kind != wanted or (wanted == "op" and token.text != "+"):
            raise _at(token, f"{token.text!r} where a variable's name should stand")
    return [token.text for token in left[::2]]


def _terms(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    depth, term = 0, []
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "+" and depth == 0:
            if not term:
                raise _at(token, "'+' with nothing before it")
            yield term
            term = []
        else:
            term.append(token)
    if not term:
        raise _at(tokens[-1], "'+' with nothing after it")
    yield term


def _term(lhs: str, operator: Token, tokens: Sequence[Token]) -> Statement:
    *modifiers, target = _factors(tokens)
    if len(target) != 1 or target[0].kind not in ("name", "number"):
        raise _at(target[0], f"{target[0].text!r} where a variable should stand")
    word = target[0]
    if word.kind == "number" and not (operator.text == "~" and word.text == "1"):
        if operator.text != "==":
            raise _at(word, f"{word.text} where a variable's name should stand")
    if operator.text == "|" and not re.fullmatch(r"t\d+", word.text):
        raise _at(word, f"{word.text!r}: thresholds are called t1, t2, ...")
    statement = Statement(
        lhs, operator.text, word.text, line=word.line, column=word.column
    )
    for modifier in modifiers:
        statement = _merge(statement, _modified(statement, modifier))
    return statement


def _factors(tokens: Sequence[Token]) -> list[list[Token]]:
    depth, part, parts = 0, [], []
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth < 0:
            raise _at(token, "')' closes nothing")
        if token.text == "*" and depth == 0:
            if not part:
                raise _at(token, "'*' with nothing before it")
            parts.append(part)
            part = []
        else:
            part.append(token)
    if depth:
        raise _at(tokens[-1], "a '(' is not closed")
    if not part:
        raise _at(tokens[-1], "'*' with nothing after it")
    return [*parts, part]


def _modified(statement: Statement, tokens: Sequence[Token]) -> Statement:
    first = tokens[0]
    if len(tokens) == 1:
        return replace(statement, **_values([first]))
    inside = tokens[2:-1]
    if tokens[1].text != "(" or tokens[-1].text != ")":
        raise _at(tokens[1], f"{tokens[1].text!r} after {first.text!r}; '*' is missing")
    entries = inside[::2]
    if any(token.text != "," for token in inside[1::2]) or len(inside) % 2 == 0:
        raise _at(first, f"{first.text}(...) needs entries separated by commas")
    if first.text == "start":
        return replace(statement, start=tuple(_number(token) for token in entries))
    if first.text == "c":
        return replace(statement, **_values(entries))
    raise _at(first, f"{first.text!r} is not known; use c(...) or start(...)")


def _number(token: Token) -> float:
    if token.kind != "number":
        raise _at(token, f"{token.text!r} where a number should stand")
    return float(token.text)


def _values(tokens: Sequence[Token]) -> dict[str, tuple[float | str | None, ...]]:
    if all(t.kind == "name" and t.text != "NA" for t in tokens):
        return {"label": tuple(token.text for token in tokens)}
    for token in tokens:
        if token.kind != "number" and token.text != "NA":
            raise _at(token, f"{token.text!r} mixed with numbers; give one kind")
    return {
        "fixed": tuple(None if t.text == "NA" else float(t.text) for t in tokens),
        "free": tuple(token.text == "NA" for token in tokens),
    }
