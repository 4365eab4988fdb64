"""How figures are printed, with what must be reached and what is aimed at beside them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What a figure must reach and what is aimed at; `lower` where less is better."""

    must: float
    aim: float
    lower: bool = False

    def verdict(self, figure: float) -> str:
        sign = -1 if self.lower else 1
        if sign * figure >= sign * self.aim:
            return "aim"
        return "must" if sign * figure >= sign * self.must else "**no**"


@dataclass(frozen=True)
class Line:
    """A measured figure: of what, by which model, and in how many seconds of fitting."""

    protocol: str
    model: str
    metric: str
    figure: float
    goal: Goal | None = None
    seconds: float | None = None
    note: str = ""

    def markdown(self) -> str:
        goal = self.goal
        aims = ("", "", "") if goal is None else _goal_cells(goal, self.figure)
        seconds = "" if self.seconds is None else f"{self.seconds:.1f}"
        figure = f"{self.figure:.4f}{self.note and f' ({self.note})'}"
        cells = (self.protocol, self.model, self.metric, figure, *aims, seconds)
        return f"| {' | '.join(cells)} |"


def _goal_cells(goal: Goal, figure: float) -> tuple[str, str, str]:
    sign = "≤" if goal.lower else "≥"
    return f"{sign} {goal.must:g}", f"{sign} {goal.aim:g}", goal.verdict(figure)


HEADER = (
    "| protocol | model | metric | figure | must | aim | reached | seconds |\n" + "|---" * 8 + "|"
)
