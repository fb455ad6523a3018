"""The validation report as a page: no violation, no sideways scrolling."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from psychometrics import validation_report
from tests.golden.reference import BFI_SCALES, dataset


@pytest.mark.browser
def test_a_report_has_no_violation_on_a_phone_or_a_desk(new_page, tmp_path):
    scales = {name: BFI_SCALES[name] for name in "NC"}
    answers = dataset("bfi")[scales["N"] + scales["C"]].head(500)
    path = tmp_path / "report.html"
    path.write_text(
        validation_report(answers, scales=scales, n_replications=10).to_html()
    )
    page = new_page()
    for width in (320, 1000):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path.as_uri())
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
