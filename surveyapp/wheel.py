"""How setuptools packs the three packages; nothing here is used when they run."""

import shutil
from pathlib import Path

from setuptools.command.build_py import build_py

STEPS = Path("migrations")


class BuildWithMigrations(build_py):
    """Packs the database's steps inside `surveyapp`, where `extensions` looks for them.

    In a checkout they stay at the top; a top-level package of that name would take it
    from whatever else is installed.
    """

    def run(self):
        """Copy the steps into what is packed; an editable install finds its own."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "surveyapp" / STEPS
            shutil.rmtree(target, ignore_errors=True)
            unwanted = shutil.ignore_patterns("__pycache__")
            shutil.copytree(STEPS, target, ignore=unwanted)

    def get_source_files(self):
        """What a source archive needs as well."""
        steps = (path for path in STEPS.rglob("*") if path.is_file())
        steps = [str(path) for path in steps if "__pycache__" not in path.parts]
        return [*super().get_source_files(), *steps]
