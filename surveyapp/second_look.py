"""A page that says what cannot be undone, before it is done."""

from flask import render_template


def ask(heading, facts, press, *, there, back, caption="", **beside):
    """What is about to happen, and the one button that does it.

    `facts` are sentences, `there` is where the button leads, `press` what it says,
    `back` is where somebody came from and what that is called. A `campaign` or `trust`
    among the rest gives the page its frame.
    """
    return render_template(
        "second_look.html",
        heading=heading,
        facts=facts,
        press=press,
        there=there,
        back=back,
        caption=caption,
        **beside,
    )
