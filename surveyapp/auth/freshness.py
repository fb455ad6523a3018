"""How long a sign-in is taken as proof of who sits there, before it is asked again."""

from datetime import timedelta

from flask_security import auth_required

AGAIN_AFTER, GRACE = timedelta(minutes=15), timedelta(minutes=5)
fresh = auth_required("session", within=lambda: AGAIN_AFTER, grace=lambda: GRACE)
