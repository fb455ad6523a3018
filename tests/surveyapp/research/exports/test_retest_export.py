"""From a second answering to the library's retest, by way of the export alone."""

import csv
import io
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.orm import Session

import psychometrics
from psychometrics.report import Occasion
from surveyapp import bank
from surveyapp.extensions import db
from surveyapp.models import BackgroundAnswer, Reply
from surveyapp.research.exports.export import tables
from surveyapp.research.files.codebook import read_codebook
from surveyapp.research.files.validation import who_improved, who_was_stable

from .... import factories
from ....conftest import empty

pytestmark = pytest.mark.any_database

FORM = bank.instrument("short_service_user.v1")
ITEMS = [item.id for item in FORM.items]
CUTS = np.array([-1.2, -0.4, 0.4, 1.2])
STABLE, CHANGED = 60, 20


def answers(theta, rng):
    """Categories 0 to 4 of thirty items that load .6 on theta."""
    noise = rng.standard_normal((len(theta), len(ITEMS)))
    latent = 0.6 * np.asarray(theta)[:, None] + 0.8 * noise
    return np.searchsorted(CUTS, latent)


def give(assessment, row, answer=None):
    replies = [Reply(i.id, i.version, value=int(v)) for i, v in zip(FORM.items, row)]
    assessment.record(replies, now=factories.LONG_AGO)
    if answer:
        row = BackgroundAnswer(question_id="stability", value=answer)
        assessment.background.append(row)


@pytest.fixture(scope="module")
def files(migrated_app):
    """The export of a campaign in which some changed between two times."""
    with migrated_app.app_context(), Session(db.engine) as session:
        campaign = answered_twice(session, np.random.default_rng(20260101))
        made = tables(session, campaign, "service_user")
    with migrated_app.app_context():
        empty(db.engine)
    return made


def answered_twice(session, rng):
    """A campaign whose people answered again; the last of them had changed."""
    campaign = factories.make_campaign(session)
    factories.make_wave(session, campaign)
    theta = rng.standard_normal(STABLE + CHANGED)
    later = theta.copy()
    later[STABLE:] = rng.standard_normal(CHANGED)
    at = factories.LONG_AGO + timedelta(days=2)
    both = zip(answers(theta, rng), answers(later, rng))
    for n, (first_row, second_row) in enumerate(both):
        first = factories.make_assessment(session, campaign, submitted_at=at)
        give(first, first_row)
        second = factories.make_assessment(
            session,
            campaign,
            respondent=first.respondent,
            wave=2,
            submitted_at=at + timedelta(days=14 + n % 7),
        )
        give(second, second_row, "no" if n < STABLE else "lot")
    session.commit()
    return campaign


def occasion(files, wave):
    rows = pd.read_csv(io.StringIO(files.responses)).set_index("person")
    return rows[rows["wave"] == wave]


def totals(rows):
    ranges = dict.fromkeys(ITEMS, (0, 4))
    scales = {"involvement": ITEMS}
    return psychometrics.score(rows[ITEMS], scales, categories=ranges).values[
        "involvement"
    ]


def test_reliability_of_the_export_is_that_of_the_truth(files, rng):
    first, second = occasion(files, 1), occasion(files, 2)
    stable = second["stability"] == "no"
    found = psychometrics.test_retest(totals(first), totals(second), stable=stable)
    assert (found.n, found.n_left_out) == (STABLE, CHANGED)
    many = rng.standard_normal(20_000)
    sums = [answers(many, rng).sum(axis=1) for _ in range(2)]
    truth = np.corrcoef(*sums)[0, 1]
    agreement = found.reliability.to_frame().loc["ICC2"]
    assert agreement["low"] < truth < agreement["high"]
    everybody = psychometrics.test_retest(totals(first), totals(second))
    assert everybody.sem > 1.3 * found.sem


def test_a_person_has_one_name_and_days_are_counted_from_the_first(files):
    first, second = occasion(files, 1), occasion(files, 2)
    assert first.index.is_unique and set(first.index) == set(second.index)
    assert set(second["days_since_first"]) == set(range(14, 21))
    assert first[["days_since_first", "stability"]].isna().all(axis=None)


def test_the_codebook_says_what_the_stability_answers_mean(files, tmp_path):
    rows = list(csv.DictReader(io.StringIO(files.codebook)))
    labels = {r["code"]: r["label"] for r in rows if r["column"] == "stability"}
    assert labels["no"] == "No, it has stayed the same"
    path = tmp_path / "codebook.csv"
    path.write_text(files.codebook)
    assert set(read_codebook(path).reasons) == set(ITEMS)


def test_a_first_time_that_was_withdrawn_leaves_the_second_without_days(app, session):
    campaign = factories.make_campaign(session)
    at = factories.LONG_AGO + timedelta(days=2)
    first = factories.make_assessment(
        session, campaign, submitted_at=at, withdrawn_at=at
    )
    given = {"respondent": first.respondent, "wave": 2}
    factories.make_assessment(session, campaign, submitted_at=at, **given)
    session.commit()
    with app.app_context():
        made = tables(session, campaign, "service_user")
    (row,) = csv.DictReader(io.StringIO(made.responses))
    assert (row["wave"], row["days_since_first"]) == ("2", "")


def test_an_export_alone_tells_a_report_who_was_stable():
    people = pd.Index(["a", "b", "c"])
    background = pd.DataFrame({"stability": ["no", "lot", None]}, index=people)
    retest = Occasion(pd.DataFrame(index=people), background)
    assert who_was_stable(retest).stable.tolist() == [True, False, False]
    nobody = Occasion(pd.DataFrame(index=people), background.assign(stability=None))
    assert who_was_stable(nobody).stable is None
    assert who_was_stable(None) is None


def test_who_said_the_same_in_the_second_version_was_stable():
    said = pd.DataFrame({"stability": ["same", "less", "more", pd.NA]})
    retest = Occasion(pd.DataFrame({"i": [1, 2, 3, 4]}), said)
    assert who_was_stable(retest).stable.tolist() == [True, False, False, False]


def test_a_change_that_does_not_matter_is_none_to_the_better():
    said = pd.DataFrame(
        {
            "transition": ["4", "3", "0", "4", "not_sure"],
            "transition_importance": ["not", "little", "not", pd.NA, "not"],
        }
    )
    found = who_improved(Occasion(pd.DataFrame({"i": range(5)}), said))
    assert found.anchor.tolist()[:4] == [2.0, 3.0, 0.0, 4.0]
    assert np.isnan(found.anchor[4]) and found.improved_from == 3
