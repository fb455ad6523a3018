"""Nine accomplices in each group of ten learn hardly more than who guesses blindly."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pypdf
import pytest

from surveyapp.bank import SCALES
from surveyapp.models import Answer, Assessment, Score
from surveyapp.tracking.nightly_release import release_trust

from .. import factories
from . import accomplices as attack
from .people import DRAWS, People, make_trust
from .signing_in import sign_in

FIRST = datetime(2025, 7, 1, 12, tzinfo=UTC)
RESCORED = 0.96  # of each score, and two points more


class Attack:
    """Groups of several teams, and what a lead makes of the pages about them."""

    def __init__(self, client, session, n_teams, n_days, rng):
        self.client, self.session = client, session
        self.campaign = factories.make_campaign(session)
        self.trust = self.campaign.trust
        self.campaign.teams += [
            factories.make_team(session, self.trust, f"Team {n}")
            for n in range(1, n_teams)
        ]
        self.teams = self.campaign.teams
        shape = n_teams, n_days
        self.honest = attack.population(rng, shape)
        scores = attack.accomplices(rng, n_teams * n_days)
        self.others = scores.reshape(*shape, 9)
        of = session, self.campaign, self.teams, self.honest, self.others
        self.numbers = attack.answer(*of, first=FIRST)
        self.days = attack.days_from(FIRST, n_days)
        sign_in(client, session, "lead", self.trust)
        self.nights = FIRST + timedelta(days=n_days)

    def release(self):
        release_trust(self.session, self.trust.id, now=self.nights, draws=DRAWS)
        self.session.commit()

    def pages(self):
        """Every page on figures that the lead can open, by its series."""
        address = f"/tracking/{self.trust.id}/service_user"
        page = self.client.get(address).text
        links = map(unescape, re.findall(r'href="([^"]*series=[^"]+)"', page))
        by_series = {}
        for link in links:
            query = parse_qs(urlsplit(link).query)
            if "team" not in query and urlsplit(link).path == address:
                by_series.setdefault(query["series"][0], link)
        address = [*by_series.values()] or [address]
        return [self.every_team(each) for each in address]

    def every_team(self, address):
        """The pages about each team, one after the other."""
        path, _, query = address.partition("?")
        asked = parse_qs(query)
        return "".join(
            self.client.get(path, query_string=asked | {"team": team.id}).text
            for team in self.teams
        )

    def charts(self):
        """Team -> figures in the file of its chart, of the newest series."""
        address = f"/tracking/{self.trust.id}/service_user/chart.csv"
        files = {
            team.name: self.client.get(address, query_string={"team": team.id}).text
            for team in self.teams
        }
        return {
            team: [
                attack.value_of(row["mean"]) for row in csv.DictReader(text.split("\n"))
            ]
            for team, text in files.items()
        }

    def reports(self):
        """(Team, period, rows) of each report for a board that the lead can get."""
        address = f"/tracking/{self.trust.id}/service_user/board"
        for team in self.teams:
            asked = {"team": team.id, "whole": "yes"}
            page = self.client.get(address, query_string=asked).text
            offered = re.findall(r'<option value="(\d{4}(?:-\d\d)?|)"', page)
            for period in dict.fromkeys(offered):
                asked["period"] = period
                text = self.client.get(f"{address}.csv", query_string=asked).text
                yield team.name, period, list(csv.DictReader(text.split("\n")))

    def printed(self, team):
        """The figures in the PDF of a team's report, in the order of its days."""
        address = f"/tracking/{self.trust.id}/service_user/board.pdf"
        asked = {"team": team.id, "whole": "yes"}
        pdf = io.BytesIO(self.client.get(address, query_string=asked).data)
        text = "\n".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
        found = re.findall(r"\d \w{3} \d{4}\s+10\s+(under 5|over 95|\d+)\s", text)
        return [attack.value_of(each) for each in found]

    def withdraw(self, teams):
        """The nine of all days of some teams withdraw, after their figures came out."""
        gone = self.numbers[teams, :, :9].reshape(-1).tolist()
        update = {"withdrawn_at": self.nights}
        self.session.query(Assessment).where(Assessment.id.in_(gone)).update(update)
        self.session.commit()

    def score_anew(self):
        values = np.concatenate([self.others, self.honest[..., None]], axis=-1)
        attack.keep_scores(
            self.session,
            self.numbers.reshape(-1),
            (RESCORED * values + 2).reshape(-1),
            method="mean.v2",
            revision=2,
        )

    def learned(self, before, anew):
        """Share of right guesses, and of groups of which much stays possible.

        `before` and `anew` are what pages told of scores as they were, and anew.
        """
        right, wide = [], []
        for t, team in enumerate(self.teams):
            for d, day in enumerate(self.days):
                figure = before[team.name][day]
                means = (self.others[t, d].sum() + attack.GRID) / 10
                looks = [(figure, means)]
                later = anew.get(team.name, {}).get(day)
                if later is not None and not {figure, later} & {0, 100}:
                    looks.append((later - figure, (RESCORED - 1) * means + 2))
                best, width = attack.guess(looks)
                right.append(abs(best - self.honest[t, d]) <= attack.NEAR)
                wide.append(width >= attack.WIDE)
        return np.mean(right), np.mean(wide)


def holds(client, session, rng, n_teams, n_days):
    """Guesses before and after accomplices withdrew and all was scored anew."""
    world = Attack(client, session, n_teams, n_days, rng)
    world.release()
    (page,) = world.pages()
    before = attack.read_points(page)
    teams = client.get(f"/tracking/{world.trust.id}/service_user/teams").text
    assert sum(map(len, before.values())) == n_teams * n_days
    sums_of_groups(teams, before)
    assert world.charts() == {
        team: [figures[day] for day in sorted(figures)]
        for team, figures in before.items()
    }
    reports_of_groups(world, before)
    world.withdraw(slice(0, n_teams, 2))
    world.score_anew()
    world.release()
    anew, same = map(attack.read_points, world.pages())
    assert same == before
    # Who left half of the groups shall not show in a second figure of them.
    assert set(anew) == {team.name for team in world.teams[1::2]}
    blind = np.mean(np.abs(world.honest - attack.MEAN) <= attack.NEAR)
    once = world.learned(before, {})
    twice = world.learned(before, anew)
    print(f"blind {blind:.3f}; near, wide: {once}, after rescoring {twice}")
    for right, wide in (once, twice):
        assert right <= 0.55 and wide >= 0.98


def reports_of_groups(world, points):
    """Every mean for a board is made of groups that stand on the page too."""
    for team, period, (whole, *rows) in world.reports():
        year, _, month = period.partition("-")
        inside = [
            value
            for day, value in sorted(points[team].items())
            if year in ("", str(day.year))
            and month in ("", f"{day.month - (day.month - 1) % 3:02d}")
        ]
        assert float(whole["mean"]) == pytest.approx(np.mean(inside), abs=0.051)
        assert int(whole["people"]) == 10 * len(inside)
        told = [row["mean"] for row in rows if row["part"] == "chart"]
        assert [attack.value_of(mean) for mean in told] == inside
    figures = points[world.teams[0].name]
    assert world.printed(world.teams[0]) == [figures[day] for day in sorted(figures)]


def sums_of_groups(page, points):
    """Every mean of a team, quarter or trust is made of groups that stand there too."""
    cells = re.findall(
        r'scope="row">([^<]+)</th>((?:\s*<td class="nhsuk-table__cell">.*?</td>)+)',
        page,
    )
    told = {name: re.findall(r">([\d.]+)<br>.*?n = (\d+)", row) for name, row in cells}
    for team, figures in points.items():
        quarters = {}
        for day, value in figures.items():
            quarters.setdefault((day.year, (day.month - 1) // 3), []).append(value)
        wanted = [*(quarters[q] for q in sorted(quarters)), [*figures.values()]]
        assert [float(mean) for mean, _ in told[team]] == pytest.approx(
            [np.mean(values) for values in wanted], abs=0.051
        )
        assert [int(n) for _, n in told[team]] == [10 * len(v) for v in wanted]


@pytest.mark.one_database
def test_nine_accomplices_hardly_learn_what_the_tenth_said(client, session, rng):
    holds(client, session, rng, n_teams=6, n_days=50)


@pytest.mark.slow
@pytest.mark.one_database
def test_nine_accomplices_in_two_thousand_groups(client, session, rng):
    holds(client, session, rng, n_teams=20, n_days=100)


def everything(client, start):
    """Address -> content of whatever a lead finds by following links."""
    found, open_ = {}, [start]
    while open_:
        address = open_.pop()
        response = client.get(address)
        assert response.status_code == 200, address
        # Tokens of forms and scripts differ from look to look.
        found[address] = re.sub(rb'(nonce|value)="[^"]*"', b"", response.data)
        if response.mimetype == "text/html":
            links = map(
                unescape, re.findall(r'href="(/tracking/[^"#]+)"', response.text)
            )
            open_ += [link for link in links if link not in {*found, *open_}]
    return found


@pytest.mark.one_database
def test_whatever_a_lead_can_open_is_made_of_what_was_let_out_alone(
    client, session, rng
):
    """Other answers and scores of the same people change no page and no file."""
    people = People(session, make_trust(session))
    made = people.invited(rng.uniform(20, 60, 80), scales=SCALES)
    made += people.invited(rng.uniform(20, 60, 30), "Moorside", scales=SCALES)
    known = {"item_version": 1, "version": 1, "source": "web", "answered_at": FIRST}
    for one in made:
        one.answers.append(Answer(item_id="trust_listened", value=3, **known))
    session.commit()
    people.release()
    sign_in(client, session, "lead", people.trust)
    start = f"/tracking/{people.trust.id}/service_user"
    before = everything(client, start)
    kinds = {urlsplit(address).path.rpartition("/")[2] for address in before}
    assert {"items", "teams", "trust", "items.csv", "funnel.svg", "chart.png"} <= kinds
    session.query(Score).update({"value": 1.0})
    session.query(Answer).update({"value": 0})
    session.query(Assessment).update({"care_plan": "no"})
    session.commit()
    after = everything(client, start)
    assert [
        address for address in before if after.get(address) != before[address]
    ] == []


def test_the_attack_would_uncover_people_behind_means_that_are_not_rounded(rng):
    """That the guesses above fail is the rounding's doing."""
    honest, others = attack.population(rng, 50), attack.accomplices(rng, 50)
    exact = (others.sum(axis=1) + honest) / 10
    fine = np.floor(exact / 0.5 + rng.random(50)) * 0.5
    near = []
    for figure, known, truth in zip(fine, others.sum(axis=1), honest):
        best = attack.GRID[np.abs((known + attack.GRID) / 10 - figure).argmin()]
        near.append(abs(best - truth) <= attack.NEAR)
    assert np.mean(near) == 1
