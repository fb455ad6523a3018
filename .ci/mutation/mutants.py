"""The mutants of a module: each has one place changed as a mistake would change it."""

import ast
import copy
import os
from collections import Counter
from dataclasses import dataclass, replace

SWAPS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
# Calls of which each argument is a condition that can be forgotten.
OF_CONDITIONS = {"where", "filter_by", "and_", "or_", "having"}
GATHERED = (ast.Set, ast.Tuple, ast.List)
LONGEST = 200  # letters of a place; of more, what is equal is left out but for its ends


@dataclass(frozen=True)
class Mutant:
    """One changed place; `function` is None for what runs at import."""

    module: str
    function: str | None
    line: int
    was: str
    now: str
    tree: ast.Module
    nth: int = 1  # of those in the function that read the same

    @property
    def name(self):
        """The same as long as its place reads the same, wherever it moves to."""
        which = f" ({self.nth})" if self.nth > 1 else ""
        place = f"{self.module}:{self.function or ''}"
        return f"{place}: {self.was} -> {self.now}{which}"


def mutants_of(module, source):
    """Every mutant of a module's source, each with a name of its own."""
    names = Counter()
    for mutant in _mutants_of(module, ast.parse(source)):
        names[mutant.name] += 1
        yield replace(mutant, nth=names[mutant.name])


def _mutants_of(module, tree):
    for path, function in _places(tree, (), None):
        for changed in _changes(_at(tree, path), _at(tree, path[:-1])):
            copied = copy.deepcopy(tree)
            if path:
                _put(copied, path, changed)
            ast.fix_missing_locations(copied)
            was = _at(tree, path)
            names = _shortened(_text(was), _text(changed))
            yield Mutant(module, function, was.lineno, *names, copied)


def unchanged(module, source, function):
    """No mutant at all, which no test may notice."""
    return Mutant(module, function, 0, "it is", "as it was", ast.parse(source))


def raising(module, source):
    """One whose functions do nothing but raise, which some test must notice."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = ast.parse("raise RuntimeError('changed')").body
    ast.fix_missing_locations(tree)
    return Mutant(module, "every", 0, "it is", "raising", tree)


def _places(node, path, function):
    """Paths to all that may be changed, and the function that they are in."""
    for name, value in ast.iter_fields(node):
        if name in ("decorator_list", "annotation", "returns"):
            continue
        for n, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST) or _is_left_alone(child):
                continue
            inside = function
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and name == "body":
                inside = f"{function}.{node.name}" if function else node.name
            if isinstance(node, ast.ClassDef) and not isinstance(
                child, ast.FunctionDef
            ):
                continue
            step = (name, n if isinstance(value, list) else None)
            if hasattr(child, "lineno"):
                yield (*path, step), inside if _in_body(node, name, function) else None
            yield from _places(child, (*path, step), inside)


def _in_body(node, name, function):
    return bool(function) or (isinstance(node, ast.FunctionDef) and name == "body")


def _is_left_alone(node):
    """Words, imports, and what only a checker of types reads."""
    if isinstance(node, (ast.JoinedStr, ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _changes(node, parent):
    """What a node may be changed into."""
    if isinstance(node, ast.Compare):
        for n, op in enumerate(node.ops):
            swapped = SWAPS[type(op)]()
            yield _with(node, ops=[*node.ops[:n], swapped, *node.ops[n + 1 :]])
    elif isinstance(node, (ast.BoolOp, ast.BinOp, ast.AugAssign)):
        if type(node.op) in SWAPS:
            yield _with(node, op=SWAPS[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and type(node.value) in (bool, int, float):
        changed = not node.value if type(node.value) is bool else node.value + 1
        yield _with(node, value=changed)
    elif isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield _with(node, value=_like(node, ast.Constant(None)))
    elif isinstance(node, (ast.If, ast.IfExp)) and not isinstance(
        node.test, (ast.Compare, ast.UnaryOp)
    ):
        yield _with(node, test=_like(node, ast.UnaryOp(ast.Not(), node.test)))
    elif isinstance(node, ast.Raise) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ):
        yield _like(node, ast.Pass())
    elif isinstance(node, ast.Call):
        yield from _forgetting(node)
    elif isinstance(node, GATHERED) and isinstance(parent, (ast.Return, ast.Dict)):
        for n in range(len(node.elts)):
            yield _with(node, elts=node.elts[:n] + node.elts[n + 1 :])


def _forgetting(node):
    """A call of conditions without one of them."""
    called = node.func
    name = getattr(called, "attr", getattr(called, "id", ""))
    if name not in OF_CONDITIONS:
        return
    if len(node.args) + len(node.keywords) == 1 and isinstance(called, ast.Attribute):
        yield called.value
        return
    for n in range(len(node.args)):
        yield _with(node, args=node.args[:n] + node.args[n + 1 :])
    for n in range(len(node.keywords)):
        yield _with(node, keywords=node.keywords[:n] + node.keywords[n + 1 :])


def _with(node, **changes):
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _like(node, other):
    return ast.copy_location(other, node)


def _at(tree, path):
    for name, n in path:
        value = getattr(tree, name)
        tree = value if n is None else value[n]
    return tree


def _put(tree, path, changed):
    holder, (name, n) = _at(tree, path[:-1]), path[-1]
    if n is None:
        setattr(holder, name, copy.deepcopy(changed))
    else:
        getattr(holder, name)[n] = copy.deepcopy(changed)


def _text(node):
    """All of it in one line, of what has a body the test alone."""
    if isinstance(node, (ast.If, ast.While)):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())


def _shortened(was, now):
    """Two texts, of long ones little more than the difference."""
    if max(len(was), len(now)) <= LONGEST:
        return was, now
    first = len(os.path.commonprefix([was, now]))
    rest = was[first:], now[first:]
    same = len(os.path.commonprefix([each[::-1] for each in rest]))
    start, end = max(first - 40, 0), max(same - 40, 0)
    cut = [each[start : len(each) - end] for each in (was, now)]
    return tuple(f"{'…' * (start > 0)}{each}{'…' * (end > 0)}" for each in cut)
