"""Every schedule as the command line would name it, required parameters included."""

from pathlib import Path

from lab.component import Chosen, Feedback, written
from lab.schedules import SCHEDULES

#: Schedules that need more than a value for each required parameter.
EXAMPLES = {"table": f"table:file={Path(__file__).with_name('rates.txt')}"}
NAMES = list(SCHEDULES.all())
#: Those that a series of losses tells enough, and those of them that listen to it.
REPLAYED = [name for name in NAMES if not set(SCHEDULES.find(name).hears) - {"loss"}]
FEEDBACK = [name for name in REPLAYED if isinstance(SCHEDULES.find(name), Feedback)]
#: Those that look at gradients.
RIVALS = [name for name in NAMES if name not in REPLAYED]


def example(name: str, **values: object) -> str:
    """The schedule's text with an example's value for each parameter that has no default."""
    if name in EXAMPLES:
        return EXAMPLES[name]
    required = {p.name: p.default for p in SCHEDULES.find(name).parameters if p.required}
    keys = [f"{key}={written(value)}" for key, value in (required | values).items()]
    return f"{name}:{','.join(keys)}" if keys else name


def chosen(name: str, **values: object) -> Chosen:
    """The schedule of `example`."""
    return SCHEDULES.choose(example(name, **values))
