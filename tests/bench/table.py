"""Figures and how they are printed: one line each, with what it should be and how far it is from that."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One thing measured. `goal` is an ideal or a limit; `most` or `least` says when their ratio is good enough."""

    name: str
    measured: float
    unit: str = ""
    goal: float | None = None
    most: float | None = None
    least: float | None = None

    @property
    def ratio(self) -> float | None:
        """The measured over the goal. A goal of 0 is met by 0."""
        if self.goal is None:
            return None
        if self.goal == 0:
            return 0.0 if self.measured == 0 else float("inf")
        return self.measured / self.goal

    @property
    def verdict(self) -> str:
        ratio = self.ratio
        if ratio is None or (self.most is None and self.least is None):
            return ""
        met = (self.most is None or ratio <= self.most) and (self.least is None or ratio >= self.least)
        wanted = f"at most {self.most:g}" if self.most is not None else f"at least {self.least:.2g}"
        return f"{'met' if met else 'MISSED'} ({wanted})"


def shown(number: float | None) -> str:
    """With about three digits, and no more."""
    if number is None:
        return ""
    if number == int(number) or abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.1f}" if abs(number) >= 100 else f"{number:.2f}" if abs(number) >= 1 else f"{number:.3f}"


def table(results: Iterable[tuple[str, str, Sequence[Figure]]]) -> str:
    """All figures, in blocks of one bench on one engine."""
    lines = [("figure", "measured", "", "goal", "ratio", "verdict")]
    for bench, engine, figures in results:
        lines.append((f"--- {bench}, {engine}", "", "", "", "", ""))
        for one in figures:
            lines.append(
                (one.name, shown(one.measured), one.unit, shown(one.goal), shown(one.ratio), one.verdict),
            )
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(words: Sequence[str], widths: Sequence[int]) -> str:
    parts = [
        word.rjust(width) if number in {1, 3, 4} else word.ljust(width)
        for number, (word, width) in enumerate(zip(words, widths, strict=True))
    ]
    return "  ".join(parts).rstrip()


def spread(name: str, samples: Sequence[float], *, goal: float | None = None) -> list[Figure]:
    """Median, 95th percentile and worst of samples in seconds; the goal is the percentile's."""
    ordered = sorted(samples)
    return [
        Figure(name=f"{name}, p50", measured=percentile(ordered, 0.5), unit="s"),
        Figure(name=f"{name}, p95", measured=percentile(ordered, 0.95), unit="s", goal=goal, most=goal and 1.0),
        Figure(name=f"{name}, worst of {len(ordered)}", measured=ordered[-1], unit="s"),
    ]


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that this share of the sorted samples does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """Where this was measured, and whether it was busy with something else."""
    load = " ".join(f"{number:.2f}" for number in os.getloadavg())
    name = next((line.partition(": ")[2] for line in _cpu_lines() if line.startswith("model name")), platform.machine())
    return (
        f"{len(os.sched_getaffinity(0))} cores ({name.strip()}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; load before (1, 5, 15 minutes): {load}"
    )


def _cpu_lines() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []
