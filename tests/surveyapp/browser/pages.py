"""Every page there is: who opens it, and where. A new one has to be put in here."""

# Endpoint -> address; numbers in braces are made by the test.
ANYONE = {
    "about.accessibility": "/about/accessibility",
    "about.cookies": "/about/cookies",
    "about.help_now": "/about/help-now",
    "about.privacy": "/about/privacy",
    "display.show": "/display/",
    "entry.finished": "/finished",
    "entry.front": "/",
    "entry.link": "/s/open-{campaign}",
    "entry.withdraw": "/withdraw",
    "entry.withdrawn": "/withdrawn",
    "security.login": "/staff/sign-in",
    "staff.link": "/staff/link/none",
}
STAFF = {
    "coordinator": {
        "asking.show": "/campaigns/{campaign}/asking/",
        "campaigns.index": "/campaigns/",
        "campaigns.show": "/campaigns/{campaign}",
        "comment_readers.show_readers": "/campaigns/{campaign}/comments/",
        "comments.blocks": "/comments/blocks",
        "comments.campaign": "/comments/campaigns/{campaign}",
        "comments.index": "/comments/",
        "comments.show": "/comments/{comment}",
        "companions.show": "/campaigns/{campaign}/beside/",
        "contacts.index": "/contacts/trust/{trust}",
        "contacts.show": "/contacts/{list}",
        "importing.index": "/imports/campaign/{campaign}",
        "importing.show": "/imports/{import}",
        "own_account.codes": "/staff/account/recovery-codes",
        "own_account.show": "/staff/account/",
        "lead_comments.show": "/tracking/{trust}/service_user/comments",
        "notices.preview": "/campaigns/{campaign}/notices/preview",
        "notices.show": "/campaigns/{campaign}/notices/",
        "keying.differences": "/keying/{differing}/differences",
        "keying.queue": "/keying/",
        "keying.rates": "/keying/rates",
        "keying.show": "/keying/{form}",
        "keying.show_page": "/keying/{form}/page/1",
        "preview.choose": "/preview/{campaign}/",
        "preview.show": "/preview/{campaign}/carer/ar-XB/words:easy_read.v1/survey/1",
        "printing.show": "/campaigns/{campaign}/paper/",
        "security.change_password": "/staff/password",
        "tracking.trust": "/tracking/{trust}/service_user",
        "waves.show": "/campaigns/{campaign}/waves/",
    },
    "lead": {"tracking.index": "/tracking/"},
    "researcher": {
        "research.index": "/research/",
        "runs.confirm_delete": "/research/runs/{run}/delete",
        "runs.index": "/research/runs/",
        "runs.new": "/research/campaigns/{campaign}/runs/service_user",
    },
    "administrator": {
        "accounts.confirm": "/admin/staff/{staff}/reset",
        "accounts.new": "/admin/trusts/{trust}/staff",
        "accounts.roles": "/admin/staff/{staff}/roles",
        "accounts.show": "/admin/staff/{staff}",
        "admin.audit": "/admin/audit",
        "admin.index": "/admin/",
    },
}
# Pages of the journey that somebody meets between the link and the thanks.
JOURNEY = {
    "respond.before_you_start",
    "respond.check",
    "respond.consent",
    "respond.done",
    "respond.extra",
    "respond.information",
    "respond.pause",
    "respond.role",
    "respond.show_care_plan",
    "respond.show_code",
    "respond.show_comment",
    "respond.show_helped",
    "respond.show_more",
    "respond.show_page",
}
# Beside the way; seen as a preview shows them.
PREVIEWED = {
    "respond.disagree": "survey/disagree",
    "respond.show_agreed": "survey/agreed",
    "respond.stop": "survey/stop",
    "entry.withdrawn": "withdrawn",
}
# Endpoint -> the module of tests whose own steps lead to it.
ELSEWHERE = {
    "entry.return_link": "test_every_page",
    "respond.for_whom": "test_every_page",
    "respond.not_for_you": "test_every_page",
    "respond.offer_all_questions": "test_every_page",
    "respond.show_since_last_time": "test_every_page",
    "respond.show_wants_plan": "test_every_page",
    "runs.compare": "test_runs",
    "runs.report": "test_runs",
    "runs.show": "test_runs",
    "security.mf_recovery": "test_every_page",
    "security.two_factor_setup": "test_every_page",
    "security.two_factor_token_validation": "test_every_page",
    "security.verify": "test_every_page",
}
# Nothing to look at: files, redirects, and what the sign-in never shows here.
NO_PAGE = {
    "api.health",
    "contacts.all_problems",
    "contacts.template",
    "display.choose_anew",
    "display.picture",
    "importing.all_problems",
    "importing.codebook",
    "importing.template",
    "printing.empty_list",
    "printing.layout",
    "printing.preview",
    "respond.index",
    "respond.saved",
    "respond.square_picture",
    "respond.square_svg",
    "runs.attached",
    "runs.download",
    "runs.held",
    "runs.plan_to_fill_in",
    "security.mf_recovery_codes",
    "security.tf_select",
    "security.two_factor_rescue",
    "staff.index",
    "static",
    "tracking.chart_csv",
    "tracking.chart_png",
    "tracking.chart_svg",
}


def listed():
    """Every endpoint that the tables above know."""
    found = {*ANYONE, *JOURNEY, *PREVIEWED, *ELSEWHERE, *NO_PAGE}
    return found.union(*STAFF.values())
