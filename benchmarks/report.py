"""The common form in which every benchmark prints what it measured.

With ``--json`` a benchmark's output is one JSON object, and what is for people goes to standard error:
``{"benchmark": name, "figures": {figure: {"value", "unit", "aim", "better"}}, "context": {...}}``.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal, TextIO

type Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure."""

    value: float | None
    """None where the run could not measure it; such a figure never meets its aim."""
    unit: str
    """``share`` (0..1), ``ms``, ``pairs/s`` and so on."""
    aim: float | None
    """What is asked for; None where the figure is only to be told."""
    better: Better = "higher"

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached; None where there is none."""
        if self.aim is None:
            return None
        if self.value is None:
            return False
        return self.value >= self.aim if self.better == "higher" else self.value <= self.aim


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def emit(
    name: str,
    figures: Mapping[str, Figure],
    context: Mapping[str, object],
    as_json: bool,
    *,
    out: TextIO | None = None,
) -> None:
    """Print the figures: a table for people or, with ``as_json``, the common form.

    Args:
        name: the benchmark's name, as in ``python -m benchmarks.<name>``.
        figures: by name, in the order to be printed.
        context: whatever a reader needs to judge the figures: baselines, sizes, machine. Must be JSON.
        as_json: whether to print JSON; the table goes to standard error then.
        out: where to print; standard output by default.
    """
    stream = out or sys.stdout
    table = sys.stderr if as_json else stream
    width = max((len(figure) for figure in figures), default=0)
    for figure_name, figure in figures.items():
        sign = ">=" if figure.better == "higher" else "<="
        aim = f"  aim {sign} {_number(figure.aim)}" if figure.aim is not None else ""
        verdict = {True: "  reached", False: "  missed", None: ""}[figure.met]
        print(f"{figure_name:<{width}}  {_number(figure.value):>10} {figure.unit}{aim}{verdict}", file=table)
    if as_json:
        document = {
            "benchmark": name,
            "figures": {figure_name: asdict(figure) for figure_name, figure in figures.items()},
            "context": dict(context),
        }
        print(json.dumps(document, ensure_ascii=False), file=stream)
