"""Draws the folders and the imports between them, as they are: part of `make docs`."""

import ast
from collections import Counter
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

ROOT = Path(__file__).parent.parent
FLOORS = ("assessments", "models", "table_files")
BASE = "the app's own modules"  # surveyapp/*.py: database, bank, scoring, links ...
GATHERING = ("surveyapp/__init__.py", "surveyapp/cli.py")  # they bind every feature


def room_of(name: str) -> str | None:
    """The box that a module belongs to; None outside the project."""
    parts = name.split(".")
    if parts[0] in ("psychometrics", "item_bank"):
        return parts[0]
    if parts[0] != "surveyapp":
        return None
    folder = len(parts) > 1 and (ROOT / "surveyapp" / parts[1]).is_dir()
    return parts[1] if folder else BASE


def imports() -> Counter[tuple[str, str]]:
    """How many modules of one box import from another."""
    arrows: Counter[tuple[str, str]] = Counter()
    for package in ("surveyapp", "psychometrics", "item_bank"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.relative_to(ROOT).as_posix() in GATHERING:
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            here = room_of(".".join(parts).removesuffix(".__init__"))
            for room in {room_of(name) for name in _imported(path, parts)}:
                if here and room and room != here:
                    arrows[here, room] += 1
    return arrows


def _imported(path, parts):
    package = list(parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def layers(arrows: Counter[tuple[str, str]]) -> list[list[str]]:
    """Features on top, then what they stand on."""
    rooms = {room for pair in arrows for room in pair}
    low = {*FLOORS, BASE, "psychometrics", "item_bank"}
    features = sorted(rooms - low)
    half = (len(features) + 1) // 2
    rows = [features[:half], features[half:], ["assessments", "table_files"]]
    rows += [[BASE, "models"], ["psychometrics", "item_bank"]]
    return [[room for room in row if room in rooms] for row in rows]


def draw(path: Path) -> Counter[tuple[str, str]]:
    """Write the picture to `path` and return the arrows that it shows."""
    arrows = imports()
    figure = Figure(figsize=(11, 7.5), layout="constrained")
    ax = figure.subplots()
    places = {}
    for y, row in enumerate(layers(arrows)):
        for k, room in enumerate(row):
            places[room] = ((k + 0.5) / len(row) * 10, -1.5 * y)
    for (here, there), n in arrows.items():
        between_features = places[here][1] >= -1.5 and places[there][1] >= -1.5
        ax.add_patch(
            FancyArrowPatch(
                places[here],
                places[there],
                arrowstyle="-|>",
                mutation_scale=10,
                shrinkA=22,
                shrinkB=22,
                linewidth=0.4 + 0.25 * n**0.5,
                linestyle="--" if between_features else "-",
                color="#d4351c" if between_features else "#7a8791",
                connectionstyle="arc3,rad=0.06",
                zorder=1,
            )
        )
    for room, (x, y) in places.items():
        box = {"boxstyle": "round,pad=0.5", "fc": "#e8f1f8", "ec": "#005eb8"}
        ax.text(x, y, room, ha="center", va="center", bbox=box, zorder=2)
    ax.set(xlim=(-0.3, 10.3), ylim=(-6.8, 0.8))
    ax.set_axis_off()
    figure.savefig(path, metadata={"Date": None})
    return arrows
