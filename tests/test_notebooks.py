"""Every notebook runs from a clean kernel, in order, and is stored without outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_a_clean_kernel(path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("MPLBACKEND", "agg")
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=None, kernel_name="python3")
    done = client.execute(cwd=str(path.parent))
    ran = [cell for cell in done.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in ran] == [*range(1, len(ran) + 1)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs_and_defines_little(path):
    cells = nbformat.read(path, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert code and all(not c.outputs and c.execution_count is None for c in code)
    assert all("def " not in c.source and "class " not in c.source for c in code)
    assert cells[0].cell_type == "markdown" and cells[0].source.startswith("# ")


def test_the_stories_are_numbered_without_a_gap():
    numbers = [int(path.stem.split("_")[0]) for path in NOTEBOOKS]
    assert numbers == [*range(1, len(NOTEBOOKS) + 1)]
