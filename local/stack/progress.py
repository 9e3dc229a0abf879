"""Say on standard error what the stack is doing: coloured in a terminal, plain lines elsewhere."""

from rich.console import Console


class Progress:
    """Lines about what has been done."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True, quiet=quiet)

    def done(self, text: str) -> None:
        """Print what is ready."""
        self._console.print("[green]✓[/green]" if self._console.is_terminal else "-", end=" ")
        self._console.print(text, markup=False)

    def warn(self, text: str) -> None:
        """Print what the user ought to know."""
        self._console.print(text, style="yellow", markup=False)
