"""Say why an upload cannot be read."""


class UnreadableError(Exception):
    """A file, or the upload as a whole, cannot be read. Its text is for the person."""


class StepOverError(Exception):
    """The time of this step is over: another one goes on behind what was committed."""


class BudgetError(UnreadableError):
    """A limit of the upload is reached: reading ends, whatever else is in it."""


class OutOfTimeError(BudgetError):
    """Reading takes longer than it may."""
