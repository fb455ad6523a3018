"""`prom print` writes for its user alone, beside the PDF the places of the boxes."""

import json

import pytest

from surveyapp.paper.box_positions import Layout

from ... import factories
from ..served import environment, typed
from .test_letters import LIST
from .test_printing import ADDRESSES

pytestmark = pytest.mark.one_database


@pytest.fixture
def printing(config, session, tmp_path):
    """Runs `prom print` for a campaign."""
    campaign = factories.make_campaign(session, **ADDRESSES)
    session.commit()

    def run(what, *arguments, out="out.pdf"):
        path = tmp_path / out
        said = typed(
            *("print", what, str(campaign.id), *arguments, "--out", str(path)),
            env=environment(config),
        )
        return said, path

    return run


def test_forms_are_written_with_the_places_of_their_boxes(printing):
    said, path = printing("forms", "--copies", "2", "--edition", "large_print")
    assert said.returncode == 0, said.stderr
    assert path.read_bytes().startswith(b"%PDF") and path.stat().st_mode & 0o77 == 0
    told = json.loads(path.with_suffix(".json").read_text())
    layout = Layout.from_dict(told["forms"][0])
    assert [copy["form_id"] for copy in told["copies"]] == [layout.form_id] * 2
    second, _ = printing("forms")
    assert second.returncode == 2 and "is there already" in second.stderr


def test_what_is_wrong_is_said_in_one_line_and_leaves_no_file(printing):
    said, path = printing("forms", "--perspective", "professional")
    assert said.returncode == 2
    assert "Choose who the form is for" in said.stderr
    assert not path.exists() and not path.with_suffix(".json").exists()


def test_letters_and_previews_come_from_the_command_line_too(printing, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text(LIST, encoding="utf-8")
    said, path = printing("letters", str(people), "--with-forms")
    assert said.returncode == 0 and path.exists(), said.stderr
    assert "Canary" not in said.stdout + said.stderr
    said, path = printing("preview", "--edition", "easy_read", out="look.pdf")
    assert said.returncode == 0 and path.exists(), said.stderr
