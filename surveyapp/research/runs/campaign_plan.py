"""A plan beside a campaign: one to fill in, what it settles, what the answers lack."""

from ... import bank
from ...assessments import companions
from ...assessments.companions import score_columns
from ...assessments.side_answers import offered
from ...wording import counted
from ..exports.assessment_columns import COLUMNS
from ..files.plan_template import starting_plan

PERSON = "stands for one person of the answers, and says nothing about them"


def plan_to_fill_in(campaign, perspective):
    """A commented plan with the campaign's scales, columns and later times."""
    waves = {wave.kind: str(wave.number) for wave in reversed(campaign.waves)}
    scales = _instrument(campaign, perspective).scales
    return starting_plan(
        scales,
        columns=columns(campaign, perspective),
        waves=waves,
        companions={m.id: m.role for m in companions.measures(campaign)},
    )


def columns(campaign, perspective):
    """Every column of the answers before the items, and what it says."""
    form = _instrument(campaign, perspective)
    given = companions.measures(campaign)
    asked = [*offered(form), *companions.questions(given)]
    beside = {q.id: q.text[form.perspective] for q in asked}
    scored = {c: f"Score of {m.title}" for m in given for c in score_columns(m)}
    return {**COLUMNS, **beside, **scored}


def read_for(raw, name, campaign, perspective):
    """Read a plan that a run on this campaign can follow; InvalidPlan if none can."""
    from ..files.plans import parse_plan, refuse  # with the library

    plan = parse_plan(raw, name)
    refuse(name, plan.text, misfits(plan, _instrument(campaign, perspective)))
    return plan


def misfits(plan, instrument):
    """Pairs of a path in the plan and words: what would leave a run with no report."""
    items = {item.id: item for item in instrument.items}
    named = {("scales", name): plan.scales[name] for name in plan.scales or ()}
    for at, members in (named | {("reverse",): plan.reverse or ()}).items():
        absent = [member for member in members if member not in items]
        if absent:
            yield at, f"no question {', '.join(absent[:5])} in {instrument.ref}"
    codes = [int(v) for item in items.values() for v in item.responses.labels]
    low, high = plan.categories or (min(codes), max(codes))
    if low > min(codes) or high < max(codes):
        yield ("categories",), f"the answers run from {min(codes)} to {max(codes)}"
    if plan.groups == "person":
        yield ("groups",), PERSON
    for key in ("hypotheses", "change_hypotheses"):
        for n, stated in enumerate(getattr(plan, key)):
            if "person" in (stated.other, stated.groups):
                yield (key, n), f"person {PERSON}"


def settles(plan):
    """The choices of a run that the plan makes; the others it leaves open."""
    fields = {
        "scales": plan.scales,
        "structure": plan.scales,
        "groups": plan.groups,
        "waves": plan.occasions,
        "seed": plan.seed,
    }
    return tuple(name for name, stated in fields.items() if stated is not None)


def said(plan):
    """What a plan says in short, as pairs of name and words."""
    if plan.scales:
        n_items = len({item for members in plan.scales.values() for item in members})
        yield "Scales", f"{', '.join(plan.scales)}: {counted(n_items, 'question')}"
    if plan.groups:
        yield "Compared groups", plan.groups
    if plan.occasions:
        when = plan.occasions
        labels = {"first": when.baseline, "retest": when.retest}
        labels |= {"follow-up": when.follow_up}
        words = ", ".join(f"{name} {label}" for name, label in labels.items() if label)
        yield "Occasions", f"{when.column}: {words}"
    n = len(plan.hypotheses) + len(plan.change_hypotheses)
    if n:
        yield "Hypotheses", str(n)
    if plan.seed is not None:
        yield "Seed", str(plan.seed)
    if plan.registered:
        yield "Registered", plan.registered


def lacking(plan, campaign, perspective, *, waves, has_population):
    """Sentences on what the plan asks for that the answers of now cannot give.

    `waves` are those of which there are answers.
    """
    scales = plan.scales or _instrument(campaign, perspective).scales
    there = columns(campaign, perspective)
    yield from _absent("groups", [plan.groups], there)
    for stated in (*plan.hypotheses, *plan.change_hypotheses):
        what = f"hypothesis {stated.name}"
        yield from _absent(what, [stated.other], {**there, **scales})
        yield from _absent(what, [stated.groups], there)
        if stated.scale not in scales:
            yield f"{what}: no scale {stated.scale}"
    yield from _absent("stability question", [plan.stable and plan.stable.column])
    yield from _absent("transition question", [plan.anchor and plan.anchor.column])
    yield from _occasions(plan.occasions, waves)
    if plan.population and not has_population:
        yield f"population table: {plan.population} is not attached"


def _occasions(when, waves):
    if when is None:
        return
    yield from _absent("occasions", [when.person, when.column])
    if when.column == "wave":
        sent = {str(wave) for wave in waves}
        for name, label in (("retest", when.retest), ("follow-up", when.follow_up)):
            if label and label not in sent:
                yield f"{name}: nobody has sent answers of wave {label} yet"


def _absent(what, names, columns=COLUMNS):
    for name in names:
        if name and name not in columns:
            yield f"{what}: no column {name} in the answers"


def _instrument(campaign, perspective):
    return bank.instrument(campaign.instrument_ref(perspective))
