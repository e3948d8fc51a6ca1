"""The one error of whoever unpacks what is stored."""


class DamagedColumnError(Exception):
    """The bytes are no column of this form."""
