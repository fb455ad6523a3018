"""Forms built from the instrument: what a browser sends becomes replies."""

from wtforms import Form, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, ValidationError

from ..assessments.labels import CHOOSE_ONE, HELPERS
from ..errors import InvalidAnswers
from ..models import Reply
from ..models.assessment import COMMENT_LENGTH
from ..wording import marked, say

TOO_LONG = marked("Your comment is too long. It can have 4000 letters at most")


class ChoiceField(RadioField):
    """Radio buttons with nothing chosen beforehand, which may be left alone."""

    def __init__(self, label, options, **given):
        choices = [SelectChoice(value=str(v), label=t) for v, t in options.items()]
        super().__init__(label, choices=choices, coerce=_text, **given)

    def pre_validate(self, form):
        if self.data is not None and self.data not in {c.value for c in self.choices}:
            raise ValidationError(CHOOSE_ONE)


class ChoicesField(SelectMultipleField):
    """Checkboxes, of which any number may be chosen."""

    def __init__(self, label, options, **given):
        choices = [SelectChoice(value=str(v), label=t) for v, t in options.items()]
        super().__init__(label, choices=choices, coerce=_text, **given)

    def pre_validate(self, form):
        if not set(self.data or ()) <= {c.value for c in self.choices}:
            raise ValidationError(CHOOSE_ONE)


def _text(value):
    """Values stay text; an empty one is none."""
    return None if value in (None, "") else str(value)


def make_form(fields, formdata=None, stored=None):
    """A form with these fields, filled from what was sent or else what is stored."""
    form_class = type("JourneyForm", (Form,), dict(fields))
    return form_class(formdata, data=stored or {})


def item_fields(instrument, items):
    """One field an item: the categories, then the reasons that this item offers."""
    for item in items:
        labels = item.responses.reason_labels
        offered = {reason: labels[reason] for reason in item.reasons}
        options = {**item.responses.labels, **offered}
        yield item.id, ChoiceField(instrument.stem(item), options)


def replies(items, form):
    """The replies in a valid form; an item left alone has none."""
    given = ((item, form[item.id].data) for item in items)
    return [_reply(item, text) for item, text in given if text is not None]


def replies_sent(items, formdata):
    """The replies to items in what was sent, without a form around them.

    InvalidAnswers where one is neither a category of its item nor a reason that the
    item offers.
    """
    sent = [(item, formdata[item.id]) for item in items if formdata.get(item.id)]
    wrong = [item.id for item, text in sent if not _is_offered(item, text)]
    if wrong:
        raise InvalidAnswers(dict.fromkeys(wrong, CHOOSE_ONE))
    return [_reply(item, text) for item, text in sent]


def _is_offered(item, text):
    return text in item.reasons or text in map(str, item.responses.labels)


def _reply(item, text):
    if text in item.reasons:
        return Reply(item.id, item.version, reason=text)
    return Reply(item.id, item.version, value=int(text))


def stored_replies(answers):
    """Stored answers as the text that their fields would send."""
    return {a.item_id: a.reason or str(a.value) for a in answers}


def stored_background(questions, rows):
    """Stored answers to the questions beside the items, as their fields hold them."""
    types = {question.id: question.type for question in questions}
    return {
        row.question_id: (
            row.value.split(";") if types[row.question_id] == "many" else row.value
        )
        for row in rows
        if row.question_id in types
    }


def question_fields(instrument, questions):
    """One field for each question beside the items, by its type."""
    for question in questions:
        yield question.id, _question_field(question, instrument.perspective)


def _question_field(question, perspective):
    label = question.text[perspective]
    if question.type == "many":
        return ChoicesField(label, question.options)
    if question.type == "one":
        return ChoiceField(label, question.options)
    return StringField(label, [Length(max=200)])


def side_answers(questions, form):
    """Each question beside the items with what was sent; codes of many in one text."""
    for question in questions:
        given = form[question.id].data or ""
        yield question, given if isinstance(given, str) else ";".join(given)


def statement_fields(statements):
    """Yes or no to each statement of consent, and neither beforehand."""
    for statement in statements:
        yield (
            statement.id,
            ChoiceField(statement.body, {"yes": say("Yes"), "no": say("No")}),
        )


def helped_fields():
    yield (
        "helped",
        ChoiceField(
            marked("Did someone help you to answer?"),
            {name: say(label) for name, label in HELPERS.items()},
        ),
    )


def comment_fields():
    yield (
        "comment",
        TextAreaField(
            marked("Is there anything you would like to add?"),
            [Length(max=COMMENT_LENGTH, message=TOO_LONG)],
        ),
    )
