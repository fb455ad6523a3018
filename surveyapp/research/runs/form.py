"""What the form of a new run shows: what was typed, what is held, what it settles."""

from dataclasses import dataclass, field

from ... import bank
from ...assessments import few_asked
from ...assessments.queries import n_submitted, waves_sent
from ...calendar import local_time
from ...database import let_go
from ..files.invalid_plan import InvalidPlan
from . import attachments, campaign_plan, choices, services

FIELDS = ("scales", "structure", "groups", "waves", "seed", "counts")
LONGEST = 40


@dataclass(frozen=True)
class HeldPlan:
    """The plan that the next run follows: what it settles, says, and cannot have.

    `problem` is there instead where the campaign has changed so that it fits no more.
    """

    settled: tuple = ()
    said: tuple = ()
    lacking: tuple = ()
    problem: str = ""


@dataclass(frozen=True)
class RunForm:
    """One campaign and perspective, with what was typed and what is held for it."""

    campaign: object
    perspective: str
    n: int | None  # how many have sent; None where that would tell of few
    offered: tuple
    typed: object
    held: dict
    waves: set
    plan: HeldPlan | None
    groups: dict
    problems: dict = field(default_factory=dict)

    @property
    def chosen(self):
        """The prerequisites that are ticked; all on a form that is new."""
        return self.typed.getlist("scales") if self.typed else self.offered

    @property
    def counts(self):
        """Whether the plan counts before the form, after it, or not at all."""
        typed = self.typed.get("counts")
        return typed if typed in choices.FROM_PLAN else "plan"

    @property
    def settled(self):
        """The fields that are left to the plan, as things are chosen."""
        is_followed = self.plan is not None and self.counts == "plan"
        return self.plan.settled if is_followed else ()

    @property
    def attached(self):
        """What goes with the run."""
        without = {"plan"} if self.counts == "none" else set()
        return [file for kind, file in self.held.items() if kind not in without]

    def when(self, kind):
        """When it was attached; without how many had sent where that tells of few."""
        file = self.held[kind]
        is_told = self.n is not None
        return attachments.when(file) if is_told else local_time(file.attached_at)


def again(typed):
    """What was typed, for the address of the same form."""
    kept = {name: typed.getlist(name) for name in FIELDS}
    return {name: [v[:LONGEST] for v in values] for name, values in kept.items()}


def of(session, campaign, perspective, typed, problems=None):
    """The form as it stands."""
    held = attachments.held(session, campaign, perspective)
    for each in held.values():
        each.content, each.attached_by  # loaded: nothing is held while a plan is read
    is_told = not few_asked.tells_of_few(session, campaign)
    waves = waves_sent(session, campaign, perspective) if is_told else set()
    n = n_submitted(session, campaign, perspective) if is_told else None
    let_go(session)
    return RunForm(
        campaign=campaign,
        perspective=perspective,
        n=n,
        offered=services.prerequisites(campaign, perspective),
        typed=typed,
        held=held,
        waves=waves,
        plan=_plan(held, campaign, perspective, waves) if "plan" in held else None,
        groups=choices.groups_of(bank.instrument(campaign.instrument_ref(perspective))),
        problems=problems or {},
    )


def _plan(held, campaign, perspective, waves):
    raw, name = attachments.content(held["plan"]), held["plan"].name
    try:
        plan = campaign_plan.read_for(raw, name, campaign, perspective)
    except InvalidPlan as problem:
        return HeldPlan(problem=str(problem).splitlines()[0])
    has_population = "population" in held
    return HeldPlan(
        campaign_plan.settles(plan),
        tuple(campaign_plan.said(plan)),
        tuple(
            campaign_plan.lacking(
                plan, campaign, perspective, waves=waves, has_population=has_population
            )
        ),
    )
