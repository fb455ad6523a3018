"""Files that a browser keeps under a name."""

from flask import Response


def file_of(body, mimetype, name):
    """A response that a browser keeps under a name, and neither shows nor runs."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype=mimetype, headers=headers)


def spreadsheet(text, name):
    """CSV text as a file; its first mark lets a spreadsheet read it as UTF-8."""
    return file_of(f"\ufeff{text}", "text/csv", name)
