"""The one base class of errors that are meant for a person."""


class SommelierError(Exception):
    """Something the user can act on: its text says what is wrong, which value, and what would do.

    Entry points print it on one line and exit with status 1; anything else is a defect and keeps
    its traceback.
    """
