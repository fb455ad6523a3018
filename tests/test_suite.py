"""What the suite asks of its tests: no verdict on speed, no name that is private."""

import ast
import re
from functools import cache
from pathlib import Path

import hypothesis
import pytest

from .conftest import LONGEST, kind_for, place
from .surveyapp.served import FIRST_PORT, LAST_PORT, free_port

HERE = Path(__file__).parent
MODULES = sorted(HERE.rglob("*.py"))
# It alone looks at a clock, to end a wait that would never end.
WAITS = HERE / "processes.py"
CLOCKS = {
    "clock_gettime",
    "cpu_times",
    "default_timer",
    "getrusage",
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "perf_counter_ns",
    "process_time",
    "process_time_ns",
    "thread_time",
    "thread_time_ns",
    "time_ns",
    "timeit",
}
NOWS = {"now", "today", "utcnow", "utc_now"}
LEAST = 60  # seconds
SPELT = re.compile("[0-9A-Za-z+/=_-]+")
MADE = {  # by programs, some of which run beside the tests
    ".git",
    ".mypy_cache",
    ".venv",
    "__pycache__",
    "build",
    "instance",
    "node_modules",
}


def name_of(node):
    """The last part of what is called or named, or nothing."""
    return getattr(node, "attr", getattr(node, "id", ""))


def clocks(tree):
    """Lines that read a clock, as a number or between two moments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = {alias.name.rpartition(".")[2] for alias in node.names}
            is_clock = bool(named & CLOCKS)
            is_clock |= isinstance(node, ast.ImportFrom) and (
                node.module == "time" and "time" in named
            )
        elif isinstance(node, ast.Attribute):
            is_clock = node.attr in CLOCKS or ast.unparse(node) == "time.time"
        elif isinstance(node, ast.Compare):
            is_clock = any(map(is_passing_of_time, ast.walk(node)))
        else:
            continue
        if is_clock:
            yield node.lineno


def is_passing_of_time(node):
    """A difference of which one side is this very moment."""
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Sub)
        and any(
            isinstance(side, ast.Call) and name_of(side.func) in NOWS
            for side in (node.left, node.right)
        )
    )


def short_waits(tree):
    """Lines that give another process, thread or example less than a minute."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = name_of(node.func)
        waits = [k.value for k in node.keywords if k.arg in ("timeout", "deadline")]
        if name in ("wait", "join", "result", "set_default_timeout"):
            waits += node.args[:1]
        in_milliseconds = "page." in ast.unparse(node) or name == "settings"
        least = LEAST * (1000 if in_milliseconds else 1)
        values = [wait.value for wait in waits if isinstance(wait, ast.Constant)]
        if any(isinstance(v, int | float) and v < least for v in values):
            yield node.lineno


def drawn_by_chance(tree):
    """Lines that look for what random letters spell, too: tokens, ciphers, hashes.

    Among a thousand of base64, a given three letters stand once in 260 runs; a page
    holds some hundred. Elements of a set are compared whole.
    """
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.NotIn):
            continue
        word, there = getattr(node.left, "value", None), node.comparators[0]
        if not isinstance(word, str | bytes) or name_of(
            getattr(there, "func", None)
        ) in ("set", "findall"):
            continue
        least = 8 if isinstance(word, bytes) else 4
        text = word if isinstance(word, str) else word.decode("latin-1")
        if len(word) < least and SPELT.fullmatch(text):
            yield node.lineno


def unseeded(tree):
    """Lines that draw numbers which are others in every run."""
    seeded = {"Random", "default_rng", "Generator", "SeedSequence", "PCG64"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_module = ast.unparse(node.func.value) in ("random", "np.random")
            if is_module and (node.func.attr not in seeded or not node.args):
                yield node.lineno


def unordered(tree):
    """Lines where rows stand in an order that no query asked for."""
    for test in ast.walk(tree):
        if not isinstance(test, ast.FunctionDef):
            continue
        rows = {
            ast.unparse(node.targets[0]): ast.unparse(node.value)
            for node in ast.walk(test)
            if isinstance(node, ast.Assign)
        }
        for node in ast.walk(test):
            whole = ast.unparse(node) if isinstance(node, ast.Subscript) else ""
            if isinstance(node, ast.Compare) and is_list_in_order(node.comparators[0]):
                queried = node.left
                if isinstance(queried, ast.ListComp):
                    queried = queried.generators[0].iter
                asked = ast.unparse(queried)
            elif whole.endswith((".all()[-1]", ".all()[1]")):
                asked = whole
            else:
                continue
            asked = rows.get(asked, asked)
            is_one = re.search(r"\.(scalar|one|get)\(", asked)
            has_order = "order_by" in asked or asked.startswith("sorted(")
            if re.search(r"select\(|\.query\(", asked) and not (is_one or has_order):
                yield node.lineno


def is_list_in_order(node):
    """A list of which two elements differ."""
    return isinstance(node, ast.List) and len({*map(ast.unparse, node.elts)}) > 1


def offences(find):
    """Where something that this looks for stands in the tests."""
    return offences_of_every_kind()[find]


@cache
def offences_of_every_kind():
    """By what looks for them; each module is read once."""
    found = {find: [] for find in FINDERS}
    for path in set(MODULES) - {WAITS}:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for find, folders in FINDERS.items():
            if not folders or folders & {*path.parts}:
                place = path.relative_to(HERE)
                found[find] += [f"{place}:{line}" for line in find(tree)]
    return {find: sorted(places) for find, places in found.items()}


def private_names(tree):
    """Lines that import or reach for what a module keeps to itself."""
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            paths = [alias.name for alias in node.names]
            imported |= {alias.asname or alias.name for alias in node.names}
            paths.append(getattr(node, "module", None) or "")
            if any(map(is_private, ".".join(paths).split("."))):
                yield node.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            if isinstance(node.value, ast.Name) and node.value.id in imported:
                yield node.lineno
        elif isinstance(node, ast.Call) and name_of(node.func) == "setattr":
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            if any(is_private(str(text).rpartition(".")[2]) for text in texts[:1]):
                yield node.lineno


def is_private(name):
    return name.startswith("_") and not name.endswith("__")


# What looks for a fault, and the folders whose tests may have it: none named, all.
FINDERS = {
    clocks: set(),
    short_waits: set(),
    private_names: set(),
    drawn_by_chance: {"surveyapp", "chaos"},
    unseeded: set(),
    unordered: set(),
}


def test_no_test_reads_a_clock():
    assert offences(clocks) == []


def test_no_wait_for_another_process_is_a_verdict_on_speed():
    assert offences(short_waits) == []


def test_no_test_reaches_for_a_private_name():
    assert offences(private_names) == []


def test_nothing_is_missed_that_chance_may_spell():
    assert offences(drawn_by_chance) == []


@pytest.mark.parametrize(
    "line, is_noticed",
    [
        ('assert b"Ada" not in bytes(stored)', True),
        ('assert "71" not in page', True),
        ('assert b"Ada Moor" not in stored', False),
        ('assert "71" not in re.findall(number, page)', False),
        ('assert "a1" not in set(items)', False),
        ('assert "Ada" in page', False),
    ],
)
def test_a_word_that_chance_may_spell_is_noticed(line, is_noticed):
    assert bool([*drawn_by_chance(ast.parse(line))]) == is_noticed


def test_no_property_is_judged_by_the_time_of_one_example():
    chosen = hypothesis.settings()
    assert chosen.deadline is None
    assert hypothesis.HealthCheck.too_slow in chosen.suppress_health_check


@pytest.mark.parametrize(
    "line",
    [
        "spent = time.perf_counter() - start",
        "from time import process_time as clock",
        "from time import time",
        "assert utc_now() - began < timedelta(seconds=3)",
        "took = timeit.timeit(job)",
    ],
)
def test_a_stop_watch_is_noticed(line):
    assert [*clocks(ast.parse(line))]


@pytest.mark.parametrize(
    "line",
    [
        "process.wait(20)",
        "process.communicate(timeout=5)",
        "page.set_default_timeout(10_000)",
        "settings(deadline=200)",
        "page.wait_for_url(there, timeout=5000)",
    ],
)
def test_a_short_wait_is_noticed(line):
    assert [*short_waits(ast.parse(line))]


def test_comparisons_with_other_programs_have_one_home():
    assert [
        str(path.relative_to(HERE))
        for path in MODULES
        if "golden" not in path.parts and "agreement import compare" in path.read_text()
    ] == ["test_suite.py"]


def test_only_the_pipeline_names_a_folder_beside_the_repository():
    beside = b"../" + b"shared"
    parts = [part for part in HERE.parent.iterdir() if part.name not in MADE]
    every = [path for part in parts for path in (part, *part.rglob("*"))]
    files = [p for p in every if not MADE & {*p.relative_to(HERE.parent).parts}]
    named = [f for f in files if f.is_file() and beside in f.read_bytes()]
    assert [str(file.relative_to(HERE.parent)) for file in named] == [".ci/run"]


@pytest.mark.one_database
def test_what_asks_nothing_of_sql_runs_on_one_database(database_url):
    assert database_url.startswith("sqlite")


def test_a_port_is_given_out_once_and_to_no_outgoing_connection():
    ports = [free_port() for _ in range(20)]
    assert len({*ports}) == 20
    assert all(FIRST_PORT <= port < LAST_PORT < 32_768 for port in ports)


def test_what_takes_longest_begins_first_and_the_short_files_come_last():
    files = sorted(HERE.rglob("test_*.py"), key=place)
    names = [path.name for path in files]
    assert [name for name in LONGEST if name not in names] == []
    assert names[: len(LONGEST)] == [*LONGEST]
    browser = [n for n, path in enumerate(files) if path.parent.name == "browser"]
    assert max(browser) < len(files) / 5


def test_one_function_looks_for_a_free_port():
    assert [
        str(path.relative_to(HERE))
        for path in MODULES
        if ".bind((" in path.read_text(encoding="utf-8")
    ] == ["surveyapp/served.py", "test_suite.py"]


def test_no_chance_is_unseeded():
    assert offences(unseeded) == []


def test_rows_stand_in_the_order_that_a_query_asked_for():
    assert offences(unordered) == []


@pytest.mark.parametrize(
    "lines, is_noticed",
    [
        (
            "rows = s.scalars(select(A)).all()\n assert [r.x for r in rows] == [1, 2]",
            True,
        ),
        ("assert s.query(A).all()[-1].x == 1", True),
        ("assert s.scalars(select(A).order_by(A.id)).all() == [1, 2]", False),
        ("assert s.scalars(select(A.x)).all() == [1, 1]", False),
        ("assert sorted(s.scalars(select(A.x))) == [1, 2]", False),
    ],
)
def test_rows_in_no_order_are_noticed(lines, is_noticed):
    tree = ast.parse(f"def test():\n {lines}")
    assert bool([*unordered(tree)]) == is_noticed


@pytest.mark.parametrize(
    "line, is_noticed",
    [
        ("os.kill(random.choice(alive))", True),
        ("np.random.default_rng()", True),
        ("np.random.normal(size=3)", True),
        ("random.Random(3).choice(alive)", False),
        ("np.random.default_rng(3)", False),
        ("np.random.Generator(bits)", False),
    ],
)
def test_chance_without_a_seed_is_noticed(line, is_noticed):
    assert bool([*unseeded(ast.parse(line))]) == is_noticed


@pytest.mark.any_database
def test_what_runs_on_either_database_has_its_own_by_its_name(request, database_url):
    if not request.config.getoption("--every-database"):
        kind = kind_for(request.node.originalname)
        assert database_url.startswith(getattr(kind, "values", [kind])[0])


def test_both_databases_are_seen_where_either_would_do():
    names = [node.name for node in on_either()]
    share = sum(kind_for(name) == "sqlite" for name in names) / len(names)
    assert len(names) > 500 and 0.4 < share < 0.6


def test_what_meets_at_once_or_breaks_a_constraint_runs_on_both_databases():
    assert [
        node.name
        for node in on_either()
        if re.search("ThreadPool|Barrier|IntegrityError", ast.unparse(node))
    ] == []


def on_either():
    """Tests that run on one of the two databases."""
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        if "\npytestmark" not in text or "pytest.mark.any_database" not in text:
            continue
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks = " ".join(map(ast.unparse, node.decorator_list))
                if "both_databases" not in marks and "one_database" not in marks:
                    yield node


def test_only_what_restores_signals_starts_a_process_that_goes_on():
    assert [
        str(path.relative_to(HERE))
        for path in MODULES
        if path != WAITS and "subprocess.Popen(" in path.read_text(encoding="utf-8")
    ] == ["test_suite.py"]


@pytest.mark.parametrize(
    "code",
    [
        "from surveyapp.jobs.worker import _work",
        "from matplotlib._pylab_helpers import Gcf",
        "from surveyapp import jobs; jobs._work()",
        "monkeypatch.setattr(jobs, '_work', None)",
        "monkeypatch.setattr('surveyapp.jobs._work', None)",
    ],
)
def test_a_private_name_is_noticed(code):
    assert [*private_names(ast.parse(code))]
