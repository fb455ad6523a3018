"""The form's own words, beside those of the bank; a value goes where `%(n)s` is."""

from .. import bank, wording
from ..assessments.labels import HELPERS, TITLES

WORDS = {
    **{f"title_{kind}": title for kind, title in TITLES.items()},
    **{f"helper_{name}": label for name, label in HELPERS.items()},
    "keep": "These pages are for you to keep.",
    "keep_pages": "Keep pages 1 to %(last)s. Please send back the pages after them.",
    "ways": "Ways to answer",
    "on_paper": "On paper: fill in the pages that follow. Send them back. You need "
    "no stamp.",
    "online": "Online: point the camera of your phone at the square. Or go to the "
    "address below and type your code.",
    "with_someone": "By phone or with someone beside you: ask us. All ways count the "
    "same.",
    "address": "Address",
    "code": "Your code",
    "square": "A square code for the camera of a phone. It opens the survey online.",
    "questions": "Do you have questions? Ask us",
    "change_mind": "If you change your mind",
    "withdraw": "You can take back your answers at any time. You do not have to say "
    "why. Nothing else changes for you. Go to the address below and type your personal "
    "code. Or call us or write to us, and tell us the code. If you answer online, you "
    "get another code there.",
    "receipt": "Your personal code",
    "answers": "Your answers",
    "send_back": "Please send back this page and all the pages after it. Send them to:",
    "send_to": "When you have answered, send the pages after these to:",
    "how": "How to fill this in",
    "mark": "Put a cross in the box next to your answer, like this:",
    "mend": "If you make a mistake, fill in the whole box. Then put a cross in another "
    "box:",
    "crossed": "A box with a cross in it",
    "mended": "A box that is filled in, and a box with a cross in it",
    "pen": "Use a black or blue pen.",
    "leave_out": "You can leave out any question.",
    "rest": "Take a break when you like. You can go on another day.",
    "no_name": "Please do not write your name on this form.",
    "no_copy": "Please do not make copies of it. Each form has its own number.",
    "sides": "The first answers to a question go from one end to the other. If none "
    "of them fits, use one of the others.",
    "statement": "Put one cross in each row",
    "none_fits": "If none fits, use a small box:",
    "or_letter": "or",
    "agree": "Do you agree?",
    "each": "Put a cross at yes or no for each one. You can say yes to some and no to "
    "others.",
    "stop": "If you say no to the first one, please stop here. You do not have to send "
    "anything back.",
    "yes": "Yes",
    "no": "No",
    "before": "Before you start",
    "meanings": "What we mean by some words",
    "no_plan": "Only if there is no care plan.",
    "or": " or ",
    "go_to": "About the care plan, did you answer: %(answer)s? Then leave these out. "
    "Go on at question %(number)s.",
    "extra": "A few more questions",
    "extra_why": "You can leave out any of these. They help us see what gets in the "
    "way of good care, and if care is fair to everyone.",
    "helped": "Did someone help you to answer?",
    "helped_hint": "Any answer is fine. You can leave this out.",
    "comment": "Is there anything you would like to add?",
    "comment_hint": "You can leave this empty. Please do not write names, or anything "
    "that shows who you or someone else is.",
    "not_read": "Nobody reads this at once. If you need help now, call 111 and choose "
    "the mental health option.",
    "date": "What is the date today?",
    "day": "Day",
    "month": "Month",
    "year": "Year",
    "last": "The last questions",
    "end": "That was the last question. Thank you for your time. Please put these "
    "pages in an envelope, and send them to:",
    "help_line": "Need help now? Call 111 and choose the mental health option. "
    "Samaritans: call 116 123.",
    "form": "Form",
    "copy": "Copy",
    "page": "Page %(n)s of %(total)s",
    "dear": "Dear %(name)s",
    "invited": "We would like to know how far people have a say when physical health "
    "is talked about in mental health care. Will you tell us how it has been for you?",
    "for_whom": "This form is for people who can say yes to each of these:",
    "not_for_you": "If it is not for you, please do not fill it in. Thank you.",
    "choice": "It is your choice. Your care is the same if you say no. Staff who care "
    "for you will not see your answers.",
    "how_to_answer": "How to answer",
    "letter_paper": "On paper: fill in the form that came with this letter. Send it "
    "back. You need no stamp.",
    "not_again": "If you do not want letters from us, go to %(address)s and type your "
    "code. Or tell us. Please tell us too if you have moved.",
    "yours": "Thank you. From %(organisation)s",
    "specimen": "Preview: not for use",
    "no_address": "The address will be here.",
    "no_contact": "How to reach you will be here.",
}


def words_of(language, *, is_easy=False):
    """The form's own words in a language of the bank; English where it lacks them.

    In easy read they are those of the easier English that the pages use as well.
    """
    made_up = bank.made_up_language(language) is not None
    easier = wording.language("en-easy").texts if is_easy else {}
    texts = {name: easier.get(text, text) for name, text in WORDS.items()}
    if language.partition("-")[0] == "en" and not made_up:
        return texts
    turned = wording.language(language).turned
    return {name: turned(text) or text for name, text in texts.items()}
