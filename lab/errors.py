"""What can go wrong, as one clear line: what was given, what is allowed, the nearest match."""

from __future__ import annotations

from collections.abc import Iterable

from lab.interrupts import Terminated


class LabError(Exception):
    """Base of the laboratory's errors; `exit_code` is what the command line ends with."""

    exit_code = 1


class RequestError(LabError):
    """The request was wrong: a name, a key, a type, a range, a file. Exit code 2."""

    exit_code = 2


class WorkError(LabError):
    """The request was right and the work failed. Exit code 1."""


#: What goes up as it is through the code of a user: it is not that code's fault, or has its line.
PASSING = (LabError, KeyboardInterrupt, Terminated, MemoryError)
#: Characters of a message; what is longer is cut in its middle.
LONGEST = 2000


def said(error: BaseException) -> str:
    """An exception as `Type: text` in one line; the type alone where it has no text to give."""
    try:
        text = str(error)
    except PASSING:
        raise
    except BaseException:
        text = ""
    return " ".join(f"{type(error).__name__}: {text}".split()).removesuffix(":")


def one_line(text: str) -> str:
    """Text as one line that a terminal shows as it is, however it came about.

    Line ends become blanks, other control characters are written out: a name from a file of
    somebody else shall not move the cursor.
    """
    line = " ".join(text.split())
    if len(line) > LONGEST:
        cut = len(line) - LONGEST
        line = f"{line[: LONGEST // 2]} ... ({cut:,} characters) ... {line[-LONGEST // 2 :]}"
    return visible(line)


def visible(text: str) -> str:
    """Text with its control characters, line ends among them, written out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name that looks most like `name`, capital or not, or None."""
    import difflib

    folded = {allowed_name.lower(): allowed_name for allowed_name in allowed}
    matches = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.5)
    return folded[matches[0]] if matches else None


def unknown(kind: str, name: str, allowed: Iterable[str], where: str = "") -> RequestError:
    """The error for a name that is not among `allowed`."""
    names = sorted(allowed)
    match = nearest(name, names)
    hint = f"; did you mean {match!r}?" if match else ""
    return RequestError(
        f"unknown {kind} {name!r}{f' in {where}' if where else ''}{hint}"
        f" (allowed: {', '.join(names) if names else 'none'})"
    )
