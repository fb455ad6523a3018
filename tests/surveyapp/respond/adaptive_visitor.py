"""A person who answers an adaptive form page after page, whatever is asked."""

import re

from sqlalchemy import select

from surveyapp.models import Assessment

from .visitor import Visitor

ITEM = re.compile(r'<input[^>]* name="([a-z_]+)" type="radio"')


class AdaptiveVisitor(Visitor):
    """Reads from each page which question it asks."""

    def begin(self, role="service_user", token="a-token", care_plan="yes"):
        super().begin(role, token)
        self.get("/survey/care-plan")
        self.post(care_plan=care_plan)
        return self.keep_code()

    @property
    def item(self):
        return ITEM.search(self.page)[1]

    @property
    def number(self):
        found = re.fullmatch(r"/survey/(\d+).*", self.path)
        return int(found[1]) if found else None

    def answer(self, value):
        return self.post(**{self.item: str(value)})

    def answer_on(self, value=2, most=20):
        """Answer until the questions are over; the items in the order asked."""
        asked = []
        while len(asked) < most:
            if "/pause" in self.path:
                self.get(f"/survey/{len(asked) + 1}")
            if self.number is None:
                break
            asked.append(self.item)
            self.answer(value(len(asked)) if callable(value) else value)
        return asked


def stored(session):
    """The newest assessment, as it is on disk."""
    session.rollback()
    newest = select(Assessment).order_by(Assessment.id.desc()).limit(1)
    return session.scalars(newest).one()
