"""The arrows between the packages and inside the app, read from their imports."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WEB = {"flask", "sqlalchemy", "wtforms", "surveyapp"}
PACKAGES = ("psychometrics", "item_bank", "surveyapp")
FORBIDDEN = {
    "psychometrics": WEB | {"item_bank"},
    "item_bank": WEB | {"psychometrics", "numpy", "pandas", "scipy"},
}
BRIDGES = {
    "psychometrics": (
        "surveyapp/scoring.py",
        "surveyapp/research/",
        "surveyapp/tracking/",
        "surveyapp/demo.py",
    ),
    "item_bank": ("surveyapp/bank.py",),
}

# The rooms of the app that know nothing of one another. Access rules (`auth`) are
# for every room; what rooms share lies on the floor below, in `assessments`.
FEATURES = (
    "respond",
    "paper",
    "campaigns",
    "contacts",
    "tracking",
    "research",
    "admin",
    "auth",
    "jobs",
    "messaging",
    "operations",
    "surveillance",
)
# Where one room must meet another: the only module that may, and why.
MEETINGS = {
    ("campaigns.preview_views", "paper.print_options"): "the preview shows paper too",
    ("campaigns.preview_views", "respond.preferences"): "the same choices of display",
    ("campaigns.preview_views", "respond.preview"): "the pages that a person would see",
    ("campaigns.preview_views", "respond.preview_answers"): "what a form of them held",
    ("campaigns.import_services", "jobs.lifecycle"): "given up together with its job",
    ("contacts.services", "jobs.lifecycle"): "given up together with its job",
    ("research.runs.services", "jobs.lifecycle"): "a run is cancelled with its job",
    ("messaging.mailings", "paper.message_letters"): "letters are set as all others",
}
# What works on files alone, wherever they come from.
OFFLINE = ("surveyapp.research.files", "surveyapp.table_files")
# Below the scores lie the questions; what submits and adapts lies above them.
BELOW_SCORING = (
    "surveyapp.assessments.questions",
    "surveyapp.assessments.item_order",
    "surveyapp.assessments.journey",
    "surveyapp.assessments.labels",
    "surveyapp.assessments.codes",
)


@cache
def graph():
    """Module -> modules of ours that it imports, at the top or inside a function."""
    paths = {name_of(p): p for k in PACKAGES for p in modules(k)}
    return {
        name: {target for target in imported_modules(path, paths) if target in paths}
        - {name}
        for name, path in paths.items()
    }


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def path_of(module):
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imported_modules(path, known):
    """Names of the modules of our own that one imports; annotations alone do not."""
    name = name_of(path)
    here = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in runtime_nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = here.split(".")[: len(here.split(".")) - node.level + 1]
                base = ".".join([*up, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in known else base


def runtime_nodes(tree):
    """Every node that is not for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from runtime_nodes(node)


def feature_of(module):
    _, _, inside = module.partition("surveyapp.")
    room = inside.partition(".")[0]
    return room if room in FEATURES else None


def imported_names(path):
    """Top-level names of the absolute imports in one module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def modules(package):
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_library_packages_know_neither_the_app_nor_each_other(package):
    crossed = {
        str(path.relative_to(ROOT)): sorted(
            FORBIDDEN[package] & {*imported_names(path)}
        )
        for path in modules(package)
        if FORBIDDEN[package] & {*imported_names(path)}
    }
    assert crossed == {}


@pytest.mark.parametrize("package", sorted(BRIDGES))
def test_the_app_reaches_a_library_over_its_bridges_only(package):
    elsewhere = [
        str(path.relative_to(ROOT))
        for path in modules("surveyapp")
        if package in imported_names(path)
        and not str(path.relative_to(ROOT)).startswith(BRIDGES[package])
    ]
    assert elsewhere == []


def test_matplotlib_waits_until_something_is_drawn():
    eager = []
    for path in modules("psychometrics") + modules("surveyapp"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                text = ast.unparse(node)
                if "matplotlib" in text:
                    eager.append(f"{path.relative_to(ROOT)}: {text}")
    assert eager == []


def test_migrations_import_nothing_of_the_app():
    versions = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    assert [p.name for p in versions if "surveyapp" in imported_names(p)] == []


def run_before(module):
    """What one imports, and the packages around it, of which `__init__` runs first."""
    for target in graph()[module]:
        yield target
        around = target.rpartition(".")[0]
        while around and not f"{module}.".startswith(f"{around}."):
            if around in graph():
                yield around
            around = around.rpartition(".")[0]


def circles():
    """Groups of modules of which each reaches each other by imports (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(module):
        index[module] = low[module] = len(index)
        stack.append(module)
        for target in run_before(module):
            if target not in index:
                visit(target)
                low[module] = min(low[module], low[target])
            elif target in stack:
                low[module] = min(low[module], index[target])
        if low[module] == index[module]:
            members = [stack.pop()]
            while members[-1] != module:
                members.append(stack.pop())
            found.append(sorted(members))

    for module in graph():
        if module not in index:
            visit(module)
    return [members for members in found if len(members) > 1]


def test_no_imports_go_in_a_circle():
    assert circles() == []


def test_features_meet_at_their_listed_places_only():
    meetings = {
        (importing.removeprefix("surveyapp."), imported.removeprefix("surveyapp."))
        for importing, targets in graph().items()
        for imported in targets
        if feature_of(importing)
        and feature_of(imported) not in (None, "auth", feature_of(importing))
    }
    assert meetings == set(MEETINGS)
    assert len(MEETINGS) <= 10


def test_jobs_know_no_room_whose_work_they_do():
    reached = {t for m, found in graph().items() if "app.jobs" in m for t in found}
    assert {feature_of(target) for target in reached} <= {None, "jobs"}


def test_the_floor_of_assessments_knows_no_feature_and_no_flask():
    for module, targets in graph().items():
        if module.startswith("surveyapp.assessments"):
            assert [t for t in targets if feature_of(t)] == [], module
    for path in modules("surveyapp/assessments"):
        assert not {"flask", "flask_security", "wtforms"} & {*imported_names(path)}
    assert graph()["surveyapp.assessments"] == set()


def reached_from(room):
    """Every module of ours that a room imports, by itself or through others."""
    reached, waiting = set(), [m for m in graph() if m.startswith(room)]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += graph()[module]
    return reached


@pytest.mark.parametrize("room", OFFLINE)
def test_what_reads_files_needs_neither_the_application_nor_a_database(room):
    """Whoever installs the library alone can validate a file."""
    reached = reached_from(room) - {"surveyapp"}  # which imports Flask when it is run
    needing = {
        module
        for module in reached
        if {"flask", "flask_security", "wtforms", "sqlalchemy"}
        & {*imported_names(path_of(module))}
    }
    assert needing == set()


def test_questions_lie_below_scores_and_records_below_both():
    scoring = "surveyapp.scoring"
    assert "surveyapp.assessments.questions" in graph()[scoring]
    assert [m for m in BELOW_SCORING if scoring in graph()[m]] == []
    for module, targets in graph().items():
        if module.startswith("surveyapp.models"):
            assert [t for t in targets if "assessments" in t or t == scoring] == []


# What each room has of its own under the same name: the kinds of module there are.
KINDS_OF_MODULE = {"__init__", "commands", "forms", "presenter", "services", "views"}


def test_no_two_modules_of_the_app_share_a_name_that_is_no_kind():
    counts = Counter(path.stem for path in modules("surveyapp"))
    assert {name for name, n in counts.items() if n > 1} - KINDS_OF_MODULE == set()


def places(match):
    """Modules of the app in which some node of the source matches."""
    return {
        str(path.relative_to(ROOT))
        for path in modules("surveyapp")
        if any(match(node) for node in ast.walk(ast.parse(path.read_text())))
    }


def test_an_assessment_is_made_in_one_place():
    def makes(node):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        return called and node.func.id == "Assessment"

    assert places(makes) == {"surveyapp/assessments/start.py"}


def test_a_reference_is_taken_apart_in_one_place():
    def splits(node):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        ways = ("split", "rsplit", "partition", "rpartition")
        is_split = called and node.func.attr in ways
        return is_split and [ast.unparse(a) for a in node.args[:1]] == ["'.v'"]

    assert places(splits) == {"surveyapp/models/campaign.py"}


def test_perspectives_are_called_by_names_from_one_place():
    def labels(node):
        pairs = zip(node.keys, node.values) if isinstance(node, ast.Dict) else ()
        named = {
            key.value: value
            for key, value in pairs
            if isinstance(key, ast.Constant) and key.value == "service_user"
        }
        return any(not is_number(value) for value in named.values())

    def is_number(node):
        return isinstance(node, ast.Constant) and isinstance(node.value, int)

    assert places(labels) == {"surveyapp/assessments/labels.py"}
