"""Says what pip-audit found; ends with 1 where a dependency has a known fault.

Where an index has no list of faults, pip-audit skips every package and calls that
"No known vulnerabilities": here it is said how many were not looked at, and the end
is 3.
"""

import json
import sys
from pathlib import Path

FAULT, NOT_LOOKED_AT = 1, 3


def told(report):
    """Lines about what has a fault, and about what was looked at at all."""
    found = report["dependencies"]
    faulty = [d for d in found if d.get("vulns")]
    for each in faulty:
        known = ", ".join(fault["id"] for fault in each["vulns"])
        yield f"{each['name']} {each['version']}: {known}"
    skipped = sum("skip_reason" in each for each in found)
    yield f"{len(found) - skipped} of {len(found)} dependencies were looked at."
    if skipped:
        yield f"audit: the index knows no faults of {skipped}: ask another one."


def main(name):
    text = Path(name).read_text() if Path(name).exists() else ""
    if not text:
        print("audit: pip-audit said nothing; dependencies were not looked at")
        return NOT_LOOKED_AT
    report = json.loads(text)
    print("\n".join(told(report)))
    if any(each.get("vulns") for each in report["dependencies"]):
        return FAULT
    is_whole = not any("skip_reason" in each for each in report["dependencies"])
    return 0 if is_whole else NOT_LOOKED_AT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
