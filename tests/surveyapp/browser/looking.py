"""What is asked of every page in a real browser, of survey and staff pages alike."""

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Every rule is looked at; of those that hold, nothing is gathered.
OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"]}
# How far anything reaches past either edge, leaving out what only screen readers meet.
REACH = """(() => {
    const seen = [...document.querySelectorAll("body *")].filter(
        e => !e.closest(".nhsuk-u-visually-hidden, .nhsuk-skip-link, .app-wide *"));
    const boxes = seen.map(e => e.getBoundingClientRect()).filter(b => b.width > 1);
    const right = Math.max(...boxes.map(b => Math.ceil(b.right)));
    const left = Math.min(...boxes.map(b => Math.floor(b.left)));
    return Math.max(right, innerWidth - left, document.documentElement.scrollWidth);
})()"""
# Success criterion 2.5.8: 24 by 24, or in a sentence, or with room around it.
SMALL_TARGETS = """(() => {
    const targets = [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary"
    )].filter(e => e.checkVisibility()
        && !e.closest(".nhsuk-skip-link, [aria-hidden=true]"));
    const box = new Map(targets.map(e => [e, e.getBoundingClientRect()]));
    const isSmall = e => box.get(e).width < 24 || box.get(e).height < 24;
    const inSentence = e => e.matches("a") && [...e.parentElement.childNodes].some(
        n => n.nodeType === 3 && n.textContent.trim().length > 3);
    const middle = e => [
        box.get(e).x + box.get(e).width / 2, box.get(e).y + box.get(e).height / 2];
    const isCrowded = e => targets.some(other => {
        if (other === e || other.contains(e) || e.contains(other)) return false;
        const [x, y] = middle(e), b = box.get(other);
        const dx = Math.max(b.left - x, 0, x - b.right);
        const dy = Math.max(b.top - y, 0, y - b.bottom);
        return Math.hypot(dx, dy) < 12;
    });
    return targets.filter(e => isSmall(e) && !inSentence(e) && isCrowded(e))
        .map(e => e.outerHTML.slice(0, 90));
})()"""
# In forced colours only borders, outlines and text keep the shape of a control,
# unless the browser draws it.
LOST_CONTROLS = """(() => {
    const has = (style, side) => style[`border${side}Style`] !== "none"
        && parseFloat(style[`border${side}Width`]) > 0;
    const bounded = style => has(style, "Bottom") || has(style, "Top")
        || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0);
    const seen = e => bounded(getComputedStyle(e))
        || getComputedStyle(e).textDecorationLine.includes("underline");
    const label = e => e.id
        && document.querySelector(`label[for="${CSS.escape(e.id)}"]`);
    const native = e => e.matches("[type=radio], [type=checkbox], [type=file]")
        && getComputedStyle(e).opacity > 0;
    const drawn = e => native(e) || seen(e) || (label(e)
        && bounded(getComputedStyle(label(e), "::before")));
    return [...document.querySelectorAll(
        "button, input:not([type=hidden]), select, textarea"
    )].filter(e => e.checkVisibility() && !e.ariaHidden && !drawn(e))
        .map(e => e.outerHTML.slice(0, 90));
})()"""
LOST_FOCUS = """(() => {
    const outline = (e, part) => {
        const style = getComputedStyle(e, part);
        return style.outlineStyle === "auto"  // the browser's own ring
            || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
    };
    const label = e => e.id
        && document.querySelector(`label[for="${CSS.escape(e.id)}"]`);
    return [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary"
    )].filter(e => {
        if (!e.checkVisibility() || e.ariaHidden) return false;
        e.focus({preventScroll: true});
        return document.activeElement === e
            && !outline(e) && !(label(e) && outline(label(e), "::before"));
    }).map(e => e.outerHTML.slice(0, 90));
})()"""

# What the Tab key should reach: of a group of radios the chosen one or the ends.
REACHABLE = """(() => {
    const all = [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary,"
        + " [tabindex='0']"
    )].filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0);
    const groups = new Set();
    let n = 0;
    for (const e of all) {
        if (e.type !== "radio") n += 1;
        else if (!groups.has(e.name)) { groups.add(e.name); n += 1; }
    }
    return n;
})()"""
# Writes down what has the focus whenever it moves, in the order of the Tab key.
FOLLOW = """(() => {
    window.met = [];
    const every = [...document.querySelectorAll("*")];
    document.addEventListener("focusin", ({target: e}) => window.met.push(
        e.type === "radio" ? `radio ${e.name}` : String(every.indexOf(e))));
})()"""
# Each form without a button that sends it, or without a method of its own.
UNSENT = """[...document.forms].filter(form => !form.getAttribute("method")
    || !form.querySelector("button:not([type=button]), input[type=submit]")
).map(form => form.outerHTML.slice(0, 90))"""


def check_by_keyboard(page, where):
    """Tab reaches every control of a page just opened: nothing holds it back.

    It is looked at what had the focus once as many keys were pressed as may be needed.
    """
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    wanted = page.evaluate(REACHABLE)
    page.evaluate(FOLLOW)
    met = set()
    for n_keys in (wanted + 2, wanted + 8):
        for _ in range(n_keys if len(met) < wanted else 0):
            page.keyboard.press("Tab")
        met = set(page.evaluate("window.met"))
    assert len(met) >= wanted, f"{where}: {len(met)} of {wanted} by Tab"


def check_without_scripts(page, where):
    """The page says what it is for, and each form in it can be sent."""
    assert page.locator("h1").count() == 1, where
    unsent = page.evaluate(UNSENT)
    assert unsent == [], f"{where}: {unsent}"


def check(page, where):
    """No violation; nothing beyond the screen, too small, or lost in forced colours.

    The page is looked at with every part of it opened.
    """
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page, options=OPTIONS)
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"
    assert page.evaluate(REACH) <= page.viewport_size["width"], where
    _nothing(page.evaluate(SMALL_TARGETS), where)
    assert page.locator("h1").count() == 1, where
    check_in_forced_colours(page, where)


def alone(titles):
    """Titles that stand on two pages."""
    seen = list(titles.values())
    return {where: t for where, t in titles.items() if seen.count(t) > 1}


def _nothing(found, where):
    assert not found, f"{where}: {found}"


def check_in_forced_colours(page, where):
    """Each control keeps a border or an underline, and shows when it has the focus."""
    focused = page.evaluate_handle("document.activeElement")
    page.emulate_media(forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    _nothing(page.evaluate(LOST_CONTROLS), where)
    page.keyboard.press("Tab")  # whoever came by keyboard is shown the focus
    _nothing(page.evaluate(LOST_FOCUS), where)
    page.emulate_media(forced_colors="none")
    page.evaluate("was => was.focus()", focused)
