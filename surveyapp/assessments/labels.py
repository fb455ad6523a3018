"""What the parts of an assessment are called, wherever they are shown or printed."""

from dataclasses import dataclass

from ..wording import marked

USUAL = "usual"  # words, colours and sizes as nobody chose otherwise
CHOOSE_ONE = marked("Choose one of the answers shown, or leave this one out")


@dataclass(frozen=True)
class Perspective:
    """One perspective: for staff in the singular and plural, and in its own words.

    `about` is what messages say that the survey is about.
    """

    one: str
    many: str
    role: str
    more: str
    about: str


PERSPECTIVES = {
    "service_user": Perspective(
        one="Service user",
        many="Service users",
        role=marked("I use, or have used, mental health services"),
        more=marked("More, if you use mental health services"),
        about="We want to know how much say you have when staff talk about your "
        "physical health. It is about your mental health care.",
    ),
    "carer": Perspective(
        one="Carer",
        many="Carers",
        role=marked("I care for someone who does: a relative, partner or friend"),
        more=marked("More, if you care for someone who does"),
        about="We want to know how much staff involve you when they talk about the "
        "physical health of the person you care for. It is about their mental "
        "health care.",
    ),
    "professional": Perspective(
        one="Professional",
        many="Professionals",
        role=marked("I work in mental health services"),
        more=marked("More, if you work in mental health services"),
        about="We want to know how you involve people when you talk with them "
        "about their physical health.",
    ),
}
TITLES = {
    "preference": marked("What you would like"),
    "context": marked("Things that can get in the way"),
    "background": marked("About you"),
    "health": marked("About your health"),
    "companion": marked("A few more questions"),
    "stability": marked("Since last time"),
    "transition": marked("Since last time"),
}
HELPERS = {
    "nobody": marked("No, I answered alone"),
    "family_or_friend": marked("A relative, partner or friend"),
    "staff": marked("Someone from the care team"),
    "other_staff": marked("Someone else from the staff"),
    "someone_else": marked("Someone else"),
}
