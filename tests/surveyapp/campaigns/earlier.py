"""Files of earlier answers, as tests make them."""

import csv
import io

from surveyapp import bank

ITEMS = [item.id for item in bank.instrument("short_service_user.v1").items]
ROW = {"date": "2025-03-27", "perspective": "service_user", "mode": "paper"}


def row(n=0, **changes):
    """One person's row with every item answered."""
    answers = {item: str((n + k) % 5) for k, item in enumerate(ITEMS)}
    return {"person": f"p{n}", **ROW, **answers, **changes}


def csv_of(*rows, **columns):
    """The bytes of a file with these rows."""
    header = list(dict.fromkeys(name for each in rows for name in each))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", **columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
