"""Writes docs/methods/agreement.md from the differences that a test run recorded."""

import json
from pathlib import Path

from tests.golden.agreement import LEDGER

PAGE = Path("docs/methods/agreement.md")
HEAD = """# Agreement with R

The largest difference between this library and the reference values in
`tests/golden/` (R packages and versions: `tests/golden/provenance.yaml`), by
procedure, over every cell that the tests compare. `make agreement` runs the tests
and writes this page; the tests fail where a difference exceeds the tolerance.

| procedure | cells | largest difference | largest relative | tolerance |
| --- | ---: | ---: | ---: | --- |
"""


def rows():
    """One row a procedure: cells compared and the largest differences."""
    seen = {}
    for path in sorted(LEDGER.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            kept = seen.setdefault(row["procedure"], dict(row, cells=0))
            kept["cells"] += row["cells"]
            for key in ("absolute", "relative", "atol", "rtol"):
                kept[key] = max(kept[key], row[key])
    return [seen[name] for name in sorted(seen)]


def tolerance(row):
    parts = [f"{row['atol']:.0e}" if row["atol"] else ""]
    parts += [f"{row['rtol']:.0e} relative" if row["rtol"] else ""]
    return " + ".join(part for part in parts if part) or "0"


def main():
    lines = [
        f"| {r['procedure']} | {r['cells']} | {r['absolute']:.1e} "
        f"| {r['relative']:.1e} | {tolerance(r)} |"
        for r in rows()
    ]
    PAGE.write_text(HEAD + "\n".join(lines) + "\n")
    print(f"{PAGE}: {len(lines)} procedures")


if __name__ == "__main__":
    main()
