"""Numbers that stand in files for what is no category: reasons, marks, the design."""

# Beyond every category, so that neither can be taken for the other.
REASON_CODES = {
    "do_not_know": 90,
    "did_not_happen": 91,
    "not_wanted": 92,
    "not_applicable": 93,
    "cannot_remember": 94,
    "prefer_not_to_say": 95,
}
# Marks on paper that are no single answer, as two people read them.
UNCLEAR_CODES = {"several_marked": 81, "between_boxes": 82, "illegible": 83}
UNCLEAR_LABELS = {
    "several_marked": "On paper: several boxes marked",
    "between_boxes": "On paper: marked between two boxes",
    "illegible": "On paper: cannot be read",
}
CODES = REASON_CODES | UNCLEAR_CODES
# The gate settled the item: as the lowest category, or as one that does not apply.
NO_PLAN = 96
NONE_WANTED = 98
GATE_CODES = {
    NO_PLAN: "No care plan, or not sure of one",
    NONE_WANTED: "No care plan, and none wanted",
}
NOT_ASKED = 97  # by design: other people are given the item
