"""The questions. Each POST stores its page, then redirects."""

from flask import g, redirect, render_template, request

from ..assessments import labels, notices
from ..assessments.journey import BEGIN, SINCE, WANTS_PLAN
from ..database import utc_now
from ..errors import InvalidAnswers, NotFound
from ..extensions import db
from ..wording import say
from . import forms, locale, page_cache, presenter, services, unsent_answers
from .blueprint import (
    address,
    ask_again,
    back_from,
    bp,
    given,
    instrument,
    journey,
    onwards,
    query_kept,
    sent,
)


@bp.get(f"/{BEGIN}")
def before_you_start(problems=None):
    """What the questions are about, what a few words mean, and the care plan."""
    route = journey()
    gate = instrument().gate
    return render_template(
        "respond/before_you_start.html",
        instrument=instrument(),
        at_most=route.at_most,
        n_all=route.n_all,
        question=care_plan_question(problems) if _is_asked_first(gate) else None,
        problems=problems,
        asks_again="ask" in request.args,
        following=address(route.after(BEGIN)),
        back=back_from(BEGIN),
    )


@bp.post(f"/{BEGIN}")
def begin_with_care_plan():
    """Store what was said of the care plan, with which the questions begin."""
    if not _is_asked_first(instrument().gate):
        raise NotFound()
    return _answer_care_plan(before_you_start, ".before_you_start")


def _is_asked_first(gate):
    return gate is not None and journey().gate_stop == BEGIN


def care_plan_question(problems):
    """Whether the person has a care plan; not sure is an answer."""
    gate = instrument().gate
    if gate is None:
        raise NotFound()
    return presenter.choice(
        "care_plan",
        gate.text,
        gate.options,
        given("care_plan", g.assessment.care_plan),
        (problems or {}).get("care_plan"),
    )


@bp.get("/care-plan")
def show_care_plan(problems=None):
    """The question alone: for who comes back, or changes the answer."""
    question = care_plan_question(problems)
    return render_template(
        "respond/care_plan.html",
        question=question,
        problems=problems,
        back=back_from(journey().gate_stop),
        asks_again="ask" in request.args,
    )


@bp.post("/care-plan")
def answer_care_plan():
    return _answer_care_plan(show_care_plan, ".show_care_plan")


def _answer_care_plan(show, endpoint):
    chosen = request.form.get("care_plan")
    try:
        following = services.save_care_plan(
            db.session, g.assessment.id, chosen, now=utc_now()
        )
    except InvalidAnswers as problem:
        return show(problem.problems), 422
    if not (chosen or g.assessment.care_plan) and "asked" not in request.form:
        return ask_again(endpoint)
    if following.stop == WANTS_PLAN:  # also from the check page: it follows from the no
        return redirect(address(following.stop) + query_kept(), 303)
    return onwards(following)


@bp.get(f"/{WANTS_PLAN}")
def show_wants_plan(problems=None):
    """Of who has no care plan: whether they would want one."""
    if WANTS_PLAN not in journey().stops:
        raise NotFound()
    asked = instrument().gate.follow_up
    question = presenter.choice(
        "wants_plan",
        asked.text,
        asked.options,
        given("wants_plan", g.assessment.wants_plan),
        (problems or {}).get("wants_plan"),
    )
    return render_template(
        "respond/care_plan.html",
        question=question,
        problems=problems,
        back=back_from(WANTS_PLAN),
        asks_again=False,
    )


@bp.post(f"/{WANTS_PLAN}")
def answer_wants_plan():
    chosen = request.form.get("wants_plan")
    try:
        following = services.save_wants_plan(
            db.session, g.assessment.id, chosen, now=utc_now()
        )
    except InvalidAnswers as problem:
        return show_wants_plan(problem.problems), 422
    return onwards(following)


@bp.get("/<int:page>")
def show_page(page, problems=None):
    """Show one page: the stored answers, or those just sent and what is wrong."""
    route = journey()
    items = route.page(page)
    if items is None:
        raise NotFound()
    stored = g.assessment.replies_to([item.id for item in items])
    replies, back = forms.stored_replies(stored), back_from(str(page))
    if page_cache.serves(route, page, replies):
        return page_cache.page(route, page, replies, back)
    fields = forms.item_fields(route.instrument, items)
    form = forms.make_form(fields, sent(), replies)
    view = presenter.item_page(
        route,
        page,
        form,
        back=back,
        asks_again="ask" in request.args,
        problems=problems,
        beside=unsent_answers.beside(route, items),
    )
    return render_template("respond/questions.html", page=view)


@bp.post("/<int:page>")
def answer_page(page):
    """Store one page of answers, then move on; ask once about what is left out."""
    try:
        following = services.save_page(
            g.get("connection", db.session),
            g.assessment,
            page,
            request.form,
            now=utc_now(),
        )
    except InvalidAnswers as problem:
        return show_page(page, problem.problems), 422
    if following.leaves_out and "asked" not in request.form:
        return ask_again(".show_page")
    return onwards(following)


@bp.get("/pause-<int:number>")
def pause(number):
    """After a block: what was given is kept, and one may stop."""
    stop = f"pause-{number}"
    route = journey()
    if stop not in route.stops:
        raise NotFound()
    return render_template(
        "respond/pause.html",
        following=address(route.after(stop)),
        back=address(route.before(stop)),
        n_left=presenter.n_left(route, stop),
        at_most=route.at_most,
    )


@bp.get("/more-<int:number>")
def show_more(number, problems=None):
    """A page of questions beside the items, all optional."""
    route = journey()
    if not 1 <= number <= len(route.more):
        raise NotFound()
    asked = route.more[number - 1]
    form = forms.make_form(
        forms.question_fields(route.instrument, asked),
        sent(),
        forms.stored_background(asked, g.assessment.background),
    )
    back = back_from(f"more-{number}")
    view = presenter.more_page(route, number, form, back=back, problems=problems)
    return render_template(
        "respond/questions.html",
        page=view,
        n_more=sum(map(len, route.more)) if number == 1 else 0,
        the_end=address("comment"),
    )


@bp.post("/more-<int:number>")
def answer_more(number):
    try:
        following = services.save_more(
            db.session, g.assessment.id, number, request.form, now=utc_now()
        )
    except InvalidAnswers as problem:
        return show_more(number, problem.problems), 422
    return onwards(following)


@bp.get(f"/{SINCE}")
def show_since_last_time(problems=None):
    """For who comes back: whether anything has changed."""
    route = journey()
    if not route.follow_up:
        raise NotFound()
    form = forms.make_form(
        forms.question_fields(route.instrument, route.follow_up),
        sent(),
        forms.stored_background(route.follow_up, g.assessment.background),
    )
    view = presenter.beside_page(
        route.follow_up, form, back=back_from(SINCE), problems=problems
    )
    return render_template("respond/questions.html", page=view)


@bp.post(f"/{SINCE}")
def answer_since_last_time():
    try:
        following = services.save_follow_up(
            db.session, g.assessment.id, request.form, now=utc_now()
        )
    except InvalidAnswers as problem:
        return show_since_last_time(problem.problems), 422
    return onwards(following)


@bp.get("/comment")
def show_comment(problems=None):
    """Who helped, and a free comment with a warning that nobody reads it at once."""
    stored = [c.text for c in g.assessment.comments]
    statement = notices.comment_statement(locale.reader_of(instrument()))
    said = {c.statement_id: c.given for c in g.assessment.consents}.get(statement.id)
    form = forms.make_form(
        [*forms.comment_fields(), *forms.statement_fields([statement])],
        sent(),
        {
            "comment": "".join(stored),
            statement.id: said if said is None else "yes" if said else "no",
        },
    )
    (question,) = presenter.statement_questions([statement], form, problems or {})
    helped = presenter.choice(
        "helped",
        say("Did someone help you to answer?"),
        presenter.in_words(labels.HELPERS),
        given("helped", g.assessment.assisted_by),
        (problems or {}).get("helped"),
        hint=say("Any answer is fine. You can leave this out."),
    )
    return render_template(
        "respond/comment.html",
        form=form,
        helped=helped,
        question=question,
        problems=problems,
        back=back_from("comment"),
    )


@bp.post("/comment")
def answer_comment():
    try:
        following = services.save_last_words(
            db.session, g.assessment.id, request.form, now=utc_now()
        )
    except InvalidAnswers as problem:
        return show_comment(problem.problems), 422
    return onwards(following)
