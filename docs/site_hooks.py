"""Pages of the site that are made while it is built: the API, lists, a picture."""

import sys
from collections import defaultdict
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

import draw_architecture  # noqa: E402

import item_bank  # noqa: E402
import psychometrics  # noqa: E402


def on_files(files, config):
    """Add a page for each family of calls, two lists and the architecture."""
    picture = ROOT / "build" / "architecture.svg"
    picture.parent.mkdir(exist_ok=True)
    draw_architecture.draw(picture)
    made = {
        "decisions/index.md": _listing("Decisions", ROOT / "docs/decisions"),
        "methods/index.md": _listing("Methods", ROOT / "docs/methods"),
        **_api(),
    }
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    files.append(
        File.generated(config, "architecture.svg", content=picture.read_bytes())
    )
    return files


def _listing(title, folder):
    rows = [
        f"- [{path.read_text().splitlines()[0].lstrip('# ')}]({path.name})"
        for path in sorted(folder.glob("*.md"))
    ]
    return "\n".join([f"# {title}", "", *rows, ""])


def _api():
    """{path: text} of the reference, a page for each folder of the library."""
    families = defaultdict(list)
    for name in psychometrics.__all__:
        thing = getattr(psychometrics, name)
        home = getattr(thing, "__module__", None)
        if home is not None and not name.isupper():
            families[home.split(".")[1]].append(f"{home}.{thing.__name__}")
    families["simulate"] = ["psychometrics.simulate"]
    families["adaptive"] = ["psychometrics.adaptive"]
    pages = {
        f"api/{family}.md": _page(f"psychometrics: {family}", names)
        for family, names in sorted(families.items())
    }
    pages["api/item_bank.md"] = _page(
        "item_bank", [f"item_bank.{name}" for name in item_bank.__all__]
    )
    links = [f"- [{Path(path).stem}]({Path(path).name})" for path in pages]
    pages["api/index.md"] = "\n".join(
        [
            "# API reference",
            "",
            "Made from the docstrings, a page a family.",
            "",
            *links,
        ]
    )
    return pages


def _page(title, names):
    return "\n".join([f"# {title}", "", *(f"::: {name}\n" for name in names)])
