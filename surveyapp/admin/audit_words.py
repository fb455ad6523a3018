"""What the record's codes of actions and things mean, in words for whoever reads it."""

# Where an action's name begins -> what it is about, as the filter offers it.
KINDS = {
    "staff": "Sign-in and staff accounts",
    "trust": "Trusts",
    "team": "Teams",
    "campaign": "Campaigns",
    "wave": "Later waves",
    "link": "Links",
    "open_link": "Open links",
    "poster": "Posters and cards",
    "personal_links": "Personal links",
    "letters": "Letters",
    "forms": "Printed forms",
    "keying": "Keyed forms",
    "visit": "Answers written down by staff",
    "contacts": "Lists of people",
    "contact": "People on a list",
    "plan": "Plans of messages",
    "reminders": "Who needs no reminder",
    "message": "Messages",
    "messages": "Messages in bulk",
    "message_text": "Wordings of messages",
    "mailing": "Files for a mailing house",
    "import": "Answers brought in",
    "answers": "Answers taken out or deleted",
    "exposure": "How often items were asked",
    "validation": "Validation runs",
    "improvement_note": "What leads tried",
    "comments": "Who reads comments, and those let out",
    "comment": "Comments read",
    "target": "Targets of charts",
    "step": "Step changes of charts",
    "assessment": "Withdrawals",
    "invitation": "Withdrawals before sending",
    "consent": "Consent",
    "audit": "This record",
    "backup": "Backups",
    "keys": "Keys",
}
WORDS = {
    "staff.created": "Made an account",
    "staff.signed_in": "Signed in",
    "staff.sign_in_failed": "Wrong password",
    "staff.code_failed": "Wrong code, after the right password",
    "staff.recovery_code_failed": "Wrong recovery code, after the right password",
    "staff.recovery_code_used": "Used a recovery code",
    "staff.recovery_codes_made": "Made new recovery codes",
    "staff.password_changed": "Changed the password",
    "staff.second_factor_changed": "Set up an authenticator",
    "staff.provider_linked": "Signed in through the organisation for the first time",
    "staff.provider_refused": "Came from the organisation's sign-in without an account",
    "staff.reset": "Reset how somebody signs in",
    "staff.password_reset": "Reset somebody's password",
    "staff.factor_reset": "Reset somebody's second factor",
    "staff.invited_again": "Invited somebody again",
    "staff.enabled": "Enabled an account",
    "staff.disabled": "Disabled an account",
    "staff.role_given": "Gave a role",
    "staff.role_taken": "Took a role away",
    "trust.created": "Made a trust",
    "trust.changed": "Changed a trust's name or code",
    "trust.closed": "Closed a trust",
    "trust.reopened": "Opened a trust again",
    "team.created": "Made a team",
    "team.changed": "Changed a team's name or code",
    "team.closed": "Closed a team",
    "team.reopened": "Opened a team again",
    "team.merged": "Merged a team into another",
    "campaign.made": "Made a campaign",
    "campaign.opened": "Opened a campaign",
    "campaign.notices": "Changed what a campaign's notices say",
    "campaign.addresses": "Changed the addresses on paper",
    "campaign.companions_chosen": "Chose the measures beside the form",
    "campaign.asking_chosen": "Chose how the form is asked",
    "wave.added": "Added a later wave",
    "wave.listed": "Listed who is asked again",
    "improvement_note.written": "Noted what was tried",
    "improvement_note.changed": "Changed a note of what was tried",
    "improvement_note.ended": "Closed a note of what was tried",
    "improvement_note.resumed": "Opened a note of what was tried again",
    "open_link.made": "Made an open link",
    "poster.printed": "Printed a poster or cards of an open link",
    "personal_links.made": "Made personal links",
    "personal_links.closed": "Closed personal links",
    "personal_links.made_anew": "Made personal links anew, and closed the old ones",
    "link.cancelled": "Cancelled a link",
    "letters.printed": "Printed letters",
    "forms.printed": "Printed forms",
    "forms.printed_again": "Printed a form again",
    "keying.begun": "Began to key a form",
    "keying.first_done": "Finished the first reading of a form",
    "keying.second_begun": "Began the second reading of a form",
    "keying.second_done": "Finished the second reading of a form",
    "keying.handed_back": "Gave a reading up",
    "keying.resolved": "Settled where two readings differed",
    "keying.agreed": "Both readings of a form agree",
    "keying.removed": "Removed a form that must not count",
    "visit.assisted": "Began to write down a person's answers",
    "contacts.received": "Received a list of people",
    "contacts.checked": "Checked a list of people",
    "contacts.confirmed": "Confirmed a list of people",
    "contacts.finished": "Finished bringing a list of people in",
    "contacts.undone": "Took a list of people out again",
    "reminders.listed": "Listed who needs no reminder",
    "reminders.got": "Got a file of who needs no reminder",
    "contact.looked_up": "Looked for a person on the lists",
    "contact.seen": "Looked at what is held of a person",
    "contact.got": "Got all that is held of a person, as a file",
    "contact.said_no": "Noted that a person asked for no more messages",
    "contact.erased": "Erased a person from the lists",
    "contact.let_back": "Let lists bring in somebody again who was erased",
    "contact.opted_out": "Somebody said that no more should come",
    "plan.made": "Made a plan of messages",
    "plan.changed": "Changed the plan of messages",
    "plan.begun": "Let messages go by the plan",
    "plan.paused": "Paused the plan of messages",
    "message_text.changed": "Changed what messages say",
    "message_text.tested": "Sent a test message to their own box",
    "message_text.seen": "Said that a message was read and is right",
    "message.went": "Said that an uncertain message went",
    "message.sent_again": "Had a message sent again",
    "message.printed_anew": "Had a lost letter printed anew, and closed its codes",
    "message.came_back": "Noted that a message came back",
    "messages.cancelled": "Cancelled the messages that waited",
    "mailing.asked": "Had letters or a file of messages made",
    "mailing.downloaded": "Had a file of letters or messages",
    "mailing.posted": "Said that letters or messages were posted",
    "mailing.cancelled": "Gave up letters or a file of messages",
    "contacts.expired": "Deleted contacts whose time was over",
    "answers.exported": "Exported answers",
    "answers.expired": "Deleted answers whose time was over",
    "exposure.exported": "Exported how often items were asked",
    "validation.asked": "Asked for a validation run",
    "validation.cancelled": "Cancelled a validation run",
    "validation.kept": "Kept the report of a validation run",
    "validation.read": "Opened a file of a validation run",
    "validation.deleted": "Deleted a validation run",
    "import.checked": "Checked a file of answers",
    "import.confirmed": "Confirmed a file of answers",
    "import.finished": "Finished bringing answers in",
    "import.cancelled": "Cancelled bringing answers in",
    "import.undone": "Took answers that were brought in out again",
    "comments.readers": "Named who reads a campaign's comments",
    "comments.let_out": "Let leads read the comments of a block",
    "comments.taken_back": "Took the comments of a block back from leads",
    "comment.read": "Kept what came of a comment",
    "target.set": "Set a target",
    "target.closed": "Closed a target",
    "step.set": "Made the limits of a chart anew from a day on",
    "step.undone": "Undid a step change of a chart",
    "assessment.withdrawn": "Withdrew answers",
    "invitation.withdrawn": "Withdrew before sending",
    "consent.changed": "Changed what was agreed to",
    "backup.made": "Made a backup",
    "backup.restored": "Put a backup back",
    "keys.rotated": "Encrypted personal data with the newest key",
    "audit.accepted": "Went on with the record after its end was lost",
    "audit.exported": "Downloaded this record",
}
# Whoever acts without an account.
ACTORS = {
    "respondent": "A respondent",
    "command line": "The command line",
    "system": "The service itself",
    "unknown": "Somebody who was not let in",
}
# Whose names may be shown, and what to call the others, whose numbers are all there is.
THINGS = {
    "assessment": "Answers",
    "invitation": "Invitation",
    "keyed_form": "Paper form",
    "import": "File of answers",
    "validation_run": "Validation run",
}
INSTALLATION = "The installation"


def kind_of(action):
    return action.partition(".")[0]


def name_of_kind(kind):
    """What a kind of event is about, as the filter offers it."""
    return KINDS.get(kind) or _readable(kind)


def words_of(action):
    """What was done, in words; from its own name where nobody has written any."""
    if action in WORDS:
        return WORDS[action]
    kind, _, done = action.partition(".")
    return f"{_readable(kind)}: {done.replace('_', ' ')}"


def thing(kind, number):
    """A thing without a name that may be shown, by kind and number."""
    return f"{THINGS.get(kind) or _readable(kind)} {number}".strip()


def _readable(name):
    return name.replace("_", " ").capitalize()
