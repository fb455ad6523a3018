"""A lead with nine accomplices in each group, who works out what the tenth person said.

The accomplices' answers are known to the lead, as is how scores lie in the population.
All else is read from pages as they are served.
"""

import re
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import insert

from surveyapp.models import Assessment, Respondent, Score

MEAN, SD = 50.0, 23.0  # of the population; at an end where it would be beyond
GRID = np.arange(101.0)
NEAR, WIDE = 10, 20
STEP = 5
ROW = re.compile(
    r'<th scope="row">(\d+ \w+ \d+) to (\d+ \w+ \d+)</th>\s*<td>([^<]+)</td>'
    r"\s*<td>(\d+)</td>"
)
ENDS = {"under 5": 0.0, "over 95": 100.0}


def population(rng, size):
    """Scores of people who answer honestly."""
    return np.clip(rng.normal(MEAN, SD, size), 0, 100)


def prior():
    """How likely each whole score is, as the lead knows."""
    density = np.exp(-((GRID - MEAN) ** 2) / (2 * SD**2))
    density /= density.sum()
    beyond = population(np.random.default_rng(1), 20_000)
    density[0], density[-1] = (beyond < 0.5).mean(), (beyond > 99.5).mean()
    return density / density.sum()


def accomplices(rng, n):
    """What nine in each of `n` groups answer: half as it comes, half all in the middle.

    The latter puts the lead's best guesses where the population is.
    """
    scores = rng.uniform(0, 100, (n, 9))
    scores[::2] = 50.0
    return scores


def answer(session, campaign, teams, honest, others, *, first):
    """Ten people a day in each of the teams: the nine, and one who knows of nothing.

    `honest` is teams x days, `others` teams x days x nine; the numbers of the nine's
    assessments by team and day come back.
    """
    n = honest.size * 10
    respondents = [{"pseudonym": f"p{k}"} for k in range(n)]
    people = session.scalars(
        insert(Respondent).returning(Respondent.id, sort_by_parameter_order=True),
        respondents,
    ).all()
    every = np.concatenate([others, honest[..., None]], axis=-1).reshape(-1)
    rows = []
    for k, person in enumerate(people):
        team, day = divmod(k // 10, honest.shape[1])
        at = first + timedelta(days=day)
        rows.append(
            {
                "respondent_id": person,
                "campaign_id": campaign.id,
                "team_id": teams[team].id,
                "instrument_id": "short_service_user",
                "instrument_version": 1,
                "perspective": "service_user",
                "started_at": at,
                "submitted_at": at,
            }
        )
    numbers = session.scalars(
        insert(Assessment).returning(Assessment.id, sort_by_parameter_order=True), rows
    ).all()
    keep_scores(session, numbers, every)
    session.commit()
    return np.array(numbers).reshape(*honest.shape, 10)


def keep_scores(session, numbers, values, *, method="mean.v1", revision=1):
    """Scores of many assessments on the scale of everything."""
    known = {"scale": "involvement", "n_answered": 24, "n_applicable": 24}
    known |= {"instrument": "short_service_user.v1", "software_version": "0"}
    known |= {"method": method, "revision": revision}
    rows = [
        {"assessment_id": int(number), "value": float(value), **known}
        for number, value in zip(numbers, values)
    ]
    session.execute(insert(Score), rows)
    session.commit()


def read_points(page):
    """Team -> day -> figure, of every group that a page tells of."""
    found = {}
    for part in page.split('<span class="nhsuk-details__summary-text">Each group: ')[
        1:
    ]:
        team = part.partition("<")[0]
        figures = {}
        for first, last, value, n in ROW.findall(part):
            assert first == last and n == "10"
            day = datetime.strptime(last, "%d %B %Y").date()
            figures[day] = value_of(value)
        found[team] = figures
    return found


def value_of(text):
    """What a page says of one group, as a number."""
    return ENDS[text] if text in ENDS else float(text)


def guess(looks):
    """The most likely place of the tenth's score, and how much stays possible.

    `looks` are figures with the means that each score of the tenth would make; each
    was rounded by a draw of its own.
    """
    likely = np.ones(len(GRID))
    for figure, means in looks:
        likely *= np.clip(1 - np.abs(figure - means) / STEP, 0, 1)
    possible = GRID[likely > 1e-9]
    posterior = likely * prior()
    near = np.array([posterior[np.abs(GRID - g) <= NEAR].sum() for g in GRID])
    return GRID[near.argmax()], possible[-1] - possible[0]


def days_from(first, n):
    return [(first + timedelta(days=k)).date() for k in range(n)]
