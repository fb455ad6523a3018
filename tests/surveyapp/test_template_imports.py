"""What a template imports from another is there: jinja finds out when it is used."""

import re
from pathlib import Path

import surveyapp

TEMPLATES = Path(surveyapp.__file__).parent / "templates"
IMPORT = re.compile(
    r'{%-? from "([^"]+)" import ([^%]+?)(?: with(?:out)? context)? -?%}'
)
THERE = re.compile(r"{%-? (?:macro|set) (\w+)")


def test_whatever_a_template_imports_is_in_the_file_that_it_names():
    lacking, n = [], 0
    for path in TEMPLATES.rglob("*.html"):
        for source, names in IMPORT.findall(path.read_text(encoding="utf-8")):
            if not (TEMPLATES / source).exists():
                continue  # of the look, which is a package
            there = {*THERE.findall((TEMPLATES / source).read_text(encoding="utf-8"))}
            wanted = {name.split(" as ")[0].strip() for name in names.split(",")}
            n += len(wanted)
            lacking += [(path.name, source, name) for name in wanted - there]
    assert n > 50 and lacking == []
