"""The Flask application: create_app reads out the architecture, in order.

Flask itself is imported inside, because the build step imports this package
before anything is installed.
"""

from datetime import time, timedelta

__version__ = "0.1.0"


def create_app(config=None):
    """Build the application from a Config; by default from the environment's."""
    from . import (
        auth,
        compression,
        encryption,
        error_handlers,
        extensions,
        guard,
        headers,
        logs,
        look,
        own_forms,
        request,
        sent_once,
        signed_session,
        templating,
        uploads,
        wording,
    )
    from .config import Config
    from .jobs.registry import register, schedule
    from .operations import erasures
    from .operations.counters import Counters
    from .operations.health import Probe

    config = config or Config.from_environment()
    app = request.Application(__name__, instance_path=str(config.instance.resolve()))
    app.config.update(config.flask(), PROM=config)

    headers.trust_proxies(app, config.proxies)
    request.init_app(app)
    uploads.init_app(app)
    signed_session.init_app(app)

    extensions.db.init_app(app)
    extensions.migrate.init_app(app, extensions.db)
    with app.app_context():
        encryption.bind(extensions.db.engine, config)
    extensions.csrf.init_app(app)

    logs.init_app(app)
    headers.init_app(app)
    compression.init_app(app)
    error_handlers.init_app(app)
    look.init_app(app)
    own_forms.init_app(app)
    templating.init_app(app)
    sent_once.init_app(app)
    wording.init_app(app)
    auth.init_app(app)

    for feature in _features():
        app.register_blueprint(feature)
    for kind, perform in _jobs().items():
        register(kind, perform)
    schedule("figures", at=time(2, 30))  # when a day is surely over
    schedule("stops", at=time(2, 45))
    schedule("unsent_answers", at=time(3, 30))
    schedule("messages", every=timedelta(minutes=1))
    schedule("reminders", at=time(3, 15))
    schedule("retention", at=time(3, 45))
    schedule("printed_files", at=time(3, 50))
    schedule("unconfirmed_lists", at=time(4))
    app.extensions["prom.probe"] = Probe(config)
    app.extensions["prom.counters"] = Counters(app.blueprints)
    guard.init_app(app)
    return app


def _features():
    """Every folder of pages; each blueprint says who may enter."""
    from .admin.account_views import bp as accounts
    from .admin.audit_views import bp as audit
    from .admin.place_views import bp as places
    from .admin.views import bp as admin
    from .auth.own_account import bp as own_account
    from .auth.provider_views import bp as provider
    from .auth.views import bp as staff
    from .campaigns.asking_views import bp as asking
    from .campaigns.companion_views import bp as companions
    from .campaigns.import_views import bp as importing
    from .campaigns.life_views import bp as life
    from .campaigns.link_views import bp as links
    from .campaigns.notice_views import bp as notices
    from .campaigns.open_link_views import bp as open_links
    from .campaigns.preview_views import bp as preview
    from .campaigns.settings_views import bp as settings
    from .campaigns.views import bp as campaigns
    from .campaigns.wave_views import bp as waves
    from .contacts.person_views import bp as person
    from .contacts.views import bp as contacts
    from .messaging.callback_views import bp as callbacks
    from .messaging.outbox_views import bp as outbox
    from .messaging.reminder_views import bp as reminders
    from .messaging.thanks_views import bp as thanks
    from .messaging.views import bp as messages
    from .operations.views import bp as operations
    from .paper.keying_views import bp as keying
    from .paper.printing_views import bp as printing
    from .research.runs.views import bp as runs
    from .research.views import bp as research
    from .respond.pages import BLUEPRINTS
    from .tracking.comment_views import bp as comments
    from .tracking.comment_views import readers as comment_readers
    from .tracking.figure_pages import bp as tracking
    from .tracking.improvement_views import bp as improvement
    from .tracking.lead_comments import bp as lead_comments
    from .tracking.response_views import bp as responses
    from .tracking.target_views import bp as targets

    return [
        *BLUEPRINTS,
        staff,
        provider,
        own_account,
        campaigns,
        links,
        open_links,
        preview,
        notices,
        life,
        settings,
        responses,
        asking,
        companions,
        waves,
        importing,
        contacts,
        person,
        messages,
        outbox,
        reminders,
        thanks,
        callbacks,
        keying,
        printing,
        tracking,
        lead_comments,
        comments,
        comment_readers,
        improvement,
        targets,
        research,
        runs,
        admin,
        accounts,
        places,
        audit,
        operations,
    ]


def _jobs():
    """Every kind of job; what it needs is imported when one is done."""
    from .assessments.reminders import note_who_needs_none
    from .assessments.retention import delete_what_has_had_its_time
    from .assessments.unsent import delete_unsent_answers
    from .campaigns.import_jobs import go_on_with_import
    from .contacts.contact_jobs import forget_unconfirmed_lists, go_on_with_contacts
    from .messaging.mailing_jobs import make_mailing
    from .messaging.message_jobs import send_messages
    from .print_files import delete_old
    from .research.runs.jobs import validate
    from .tracking.release_jobs import count_stops, release_figures

    return {
        "validation": validate,
        "answer_import": go_on_with_import,
        "contact_import": go_on_with_contacts,
        "unconfirmed_lists": forget_unconfirmed_lists,
        "unsent_answers": delete_unsent_answers,
        "figures": release_figures,
        "stops": count_stops,
        "mailing": make_mailing,
        "messages": send_messages,
        "printed_files": delete_old,
        "reminders": note_who_needs_none,
        "retention": delete_what_has_had_its_time,
    }
