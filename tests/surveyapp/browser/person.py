"""Someone who answers in a real browser, page after page, to the receipt."""

from surveyapp import bank


class Person:
    """Reads each page as it comes and does what it asks."""

    def __init__(self, page, link, role="service_user"):
        self.page, self.link, self.role = page, link, role
        self.care_plan = "not_sure"
        self.instrument = bank.instrument(f"short_{role}.v1")
        self.answers = {
            item.id: n % 5 for n, item in enumerate(self.instrument.items, start=2)
        }

    def press(self, name):
        """Press a button and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).first.click()

    def choose(self, name, value):
        self.page.locator(f'input[name="{name}"][value="{value}"]').check()

    def agree(self):
        """Yes to every statement on the page."""
        for yes in self.page.locator('input[name^="consent_"][value="yes"]').all():
            yes.check()

    def where(self):
        return self.page.url.partition("/survey/")[2].partition("?")[0]

    def endpoint(self, served):
        """The view that the application of `served` shows this page by."""
        app, address = served
        path = self.page.url.partition("?")[0].removeprefix(address)
        return app.url_map.bind("").match(path)[0]

    def begin(self, wants_plan="not_sure"):
        """From the link to the first question; yields each page on the way."""
        self.page.goto(self.link)
        yield "start"
        self.press("Start")
        yield "information"
        if self.page.locator('input[name="adult"]').count():  # of the second edition
            for question in ("adult", "recent_contact"):
                self.choose(question, "yes")
        self.press("Continue")
        yield "consent"
        self.agree()
        self.press("Continue")
        yield "role"
        self.choose("role", self.role)
        self.press("Continue")
        yield "before-you-start"
        self.choose("care_plan", self.care_plan)
        self.press("Continue")
        if self.where() == "wants-plan":
            yield "wants-plan"
            self.choose("wants_plan", wants_plan)
            self.press("Continue")
        yield "your-code"
        self.choose("device", "own")
        self.press("Continue")

    def answer(self):
        """Every question and every pause; yields each page before it is left."""
        items = self.instrument.items
        while (here := self.where()) != "more-1":
            yield here
            if here.startswith("pause"):
                self.press("Go on")
                continue
            item = items[int(here) - 1]
            self.choose(item.id, self.answers[item.id])
            self.press("Continue")

    def finish(self):
        """What comes beside the questions, and sending; yields each page."""
        yield "more-1"
        self.choose("preferred_involvement", "together")
        self.press("Continue")
        while (here := self.where()).startswith("more"):
            yield here
            self.press("Continue")
        yield "comment"
        self.choose("helped", "nobody")
        self.page.get_by_role("textbox").fill("Thank you")
        self.press("Continue")
        yield "check"
        self.press("Send my answers")
        yield "done"

    def walk(self):
        yield from self.begin()
        yield from self.answer()
        yield from self.finish()
