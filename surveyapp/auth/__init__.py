"""Staff sign-in, second factor and sessions."""


def init_app(app):
    """Bound in a later step."""
