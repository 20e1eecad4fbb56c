"""Verdicts of `doctor` in full, in short for the end of a training, and the report on an installation."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ...commands.doctor.doctor import Examined
from ...commands.doctor.installation import Fact
from ..terminal.numbers import counted, fitted
from ..terminal.text import clean, columns, labelled, next_lines

LABEL = 10  # columns of `   seen   `
SHORT = 10  # columns of ` warning  ` below a training
AT_THE_END = 2  # verdicts shown below a training
TRIED = 2  # proposals of each there
WORDS = {"note": "note", "warning": "warning", "critical": "CRITICAL"}

Told = Mapping[str, Any]


def doctor_lines(run: Examined, word: str, width: int, everything: bool = False) -> list[str]:
    """The heading, every verdict with its consequences, and the rules that found nothing.

    everything: also the details of consequences and the name of each rule.
    """
    diagnosis = run.diagnosis.json()
    lines = labelled("", head(run), indent=1, width=width)
    for verdict in diagnosis["verdicts"]:
        lines += (
            consequence(verdict, width, everything)
            if verdict["follows_from"]
            else verdict_lines(verdict, word, width)
        )
    lines += last_lines(run, width, everything)
    for problem in run.problems:
        lines += labelled("", f"damaged: {problem}", indent=1, width=width)
    return [*lines, *next_lines(following(diagnosis["verdicts"], word), width)]


def head(run: Examined) -> str:
    """`...-sigmoid20-c41d9e · stopped_early after 24 epochs · val_loss best 2.3027 at 4`."""
    name = run.path.name
    name = f"…{name[15:]}" if len(name) > 23 and name[:8].isdigit() else name
    value = (
        run.best.get("metrics", {}).get(run.monitor) if isinstance(run.best.get("metrics"), dict) else None
    )
    best = (
        f" · {run.monitor} best {fitted(value)} at {run.best.get('epoch')}"
        if isinstance(value, int | float)
        else ""
    )
    return f"{name} · {run.status} after {counted(run.epochs, 'epoch')}{best}"


def verdict_lines(verdict: Told, word: str, width: int) -> list[str]:
    """The title, what was seen, why it matters, what to do."""
    lines = labelled("", titled(verdict), indent=1, width=width)
    for i, text in enumerate(verdict["evidence"]):
        lines += labelled("  seen" if i == 0 else "", text, indent=LABEL, width=width)
    lines += labelled("  why", f"{verdict['why']} ({verdict['source']})", indent=LABEL, width=width)
    for i, item in enumerate(verdict["advice"]):
        lines += labelled("  do" if i == 0 else "", said(item), indent=LABEL, width=width)
        lines += (
            labelled("", item["command"], indent=LABEL, width=width, whole=True) if item["command"] else []
        )
    return lines


def titled(verdict: Told) -> str:
    """`CRITICAL vanishing_gradients, since epoch 1`."""
    since = f", since epoch {verdict['since_epoch']}" if verdict["since_epoch"] is not None else ""
    return f"{WORDS[verdict['severity']]} {verdict['name']}{since}"


def said(item: Told) -> str:
    """What to do and the lines of YAML for it."""
    return f"{item['do']}:  {'   '.join(item['yaml'].splitlines())}" if item["yaml"] else item["do"]


def consequence(verdict: Told, width: int, everything: bool) -> list[str]:
    """One line: it goes away with its cause. Those that are only notes are shown with everything."""
    if verdict["severity"] == "note" and not everything:
        return []
    lines = labelled("", f"{titled(verdict)}: follows from {verdict['follows_from']}", indent=1, width=width)
    return lines + (
        labelled("  seen", verdict["evidence"][0], indent=LABEL, width=width) if everything else []
    )


def last_lines(run: Examined, width: int, everything: bool) -> list[str]:
    """`19 others are fine (--all)`, or that nothing needs mending.

    everything: the name of each rule, and why some rules could not be applied.
    """
    diagnosis = run.diagnosis
    fine, skipped, hidden = (
        len(diagnosis.fine),
        len(diagnosis.skipped),
        consequences(diagnosis.json()["verdicts"]),
    )
    if not diagnosis.at_least("warning"):
        looked = fine + len(diagnosis.verdicts)
        words = f"nothing to mend: {looked} looked at"
    else:
        words = f"{counted(fine, 'other')} {'is' if fine == 1 else 'are'} fine"
    words += f", {skipped} could not be" if skipped else ""
    words += f", {counted(hidden, 'consequence')} not shown" if hidden and not everything else ""
    lines = labelled("", words + ("" if everything else " (--all)"), indent=1, width=width)
    if everything:
        lines += (
            labelled("  fine", "  ".join(diagnosis.fine), indent=LABEL, width=width) if diagnosis.fine else []
        )
        for i, (name, why) in enumerate(diagnosis.skipped.items()):
            lines += labelled("  skip" if i == 0 else "", f"{name}: {why}", indent=LABEL, width=width)
    return lines


def consequences(verdicts: Sequence[Told]) -> int:
    """How many consequences are only notes."""
    return sum(v["follows_from"] is not None and v["severity"] == "note" for v in verdicts)


def following(verdicts: Sequence[Told], word: str) -> list[str]:
    """The first command of the first verdict, and the page with all curves."""
    first = next(
        (
            item["command"]
            for v in verdicts
            if not v["follows_from"]
            for item in v["advice"]
            if item["command"]
        ),
        "",
    )
    return [first or f"dnnlab train {word} --seeds 3", f"dnnlab report {word}"]


def short_lines(verdicts: Any, word: str, width: int) -> list[str]:
    """Below a training: the first verdicts of warning or above in two lines each, and where to read the rest.

    verdicts: the list of verdicts.json, whatever is in it: a file may be damaged. word: RUN for the command
    that shows the rest.
    """
    causes = serious_causes(verdicts)
    lines = []
    for verdict in causes[:AT_THE_END]:
        since = (
            f" since epoch {verdict['since_epoch']}" if isinstance(verdict.get("since_epoch"), int) else ""
        )
        text = f"{verdict['name']}{since}: {verdict['evidence'][0]}"
        lines += labelled(WORDS[verdict["severity"]], text, indent=SHORT, width=width)
        lines += tries(verdict, width)
    left = len(causes) - AT_THE_END
    if left > 0:
        lines += labelled("", f"{left} more: dnnlab doctor {word}", indent=SHORT, width=width, whole=True)
    return lines


def serious_causes(verdicts: Any) -> list[Told]:
    """The verdicts of warning or above that follow from no other; of a damaged file what can be used."""
    usable = [v for v in verdicts if _usable(v)] if isinstance(verdicts, list) else []
    return [v for v in usable if v["severity"] != "note" and not v.get("follows_from")]


def mending_command(verdicts: Any, word: str) -> str:
    """The training command that the first verdict proposes, or "". word: RUN, quoted for the shell."""
    for verdict in serious_causes(verdicts)[:1]:
        advice = verdict.get("advice")
        for item in advice if isinstance(advice, list) else []:
            if isinstance(item, dict) and (changes := changes_of(item)):
                return f"dnnlab train {word} {shlex.join(changes)}"
    return ""


def tries(verdict: Told, width: int) -> list[str]:
    """`try  -s regularizers.dropout=0.2   or   -s normalization=batch`, on one line if it fits."""
    advice = verdict.get("advice")
    items = [item for item in advice if isinstance(item, dict)] if isinstance(advice, list) else []
    sets = (" ".join(f"-s {shlex.quote(change)}" for change in changes_of(item)) for item in items)
    changes = [words for words in sets if words][:TRIED]
    if not changes:
        return []
    together = "try  " + "   or   ".join(changes)
    if SHORT + columns(clean(together)) <= width:
        return labelled("", together, indent=SHORT, width=width, whole=True)
    lines = [f"try  {changes[0]}", *(f"or   {change}" for change in changes[1:])]
    return [line for text in lines for line in labelled("", text, indent=SHORT, width=width, whole=True)]


def changes_of(item: Told) -> list[str]:
    """KEY=VALUE of a proposal that is a training, none of another one."""
    try:
        words = shlex.split(str(item.get("command", "")))
    except ValueError:  # a damaged file: a quotation that does not end
        return []
    return [word for word in words[3:] if "=" in word] if words[:2] == ["dnnlab", "train"] else []


def _usable(verdict: Any) -> bool:
    return (
        isinstance(verdict, dict)
        and isinstance(verdict.get("name"), str)
        and verdict.get("severity") in WORDS
        and isinstance(verdict.get("evidence"), list)
        and bool(verdict["evidence"])
    )


def installation_lines(facts: Sequence[Fact], width: int) -> list[str]:
    """One line a fact; what cannot work in capitals, and what to type."""
    lines = []
    for fact in facts:
        label = fact.name.upper() if fact.well is False else fact.name
        lines += labelled(label, fact.text, indent=SHORT + 1, width=width)
        lines += labelled("", fact.advice, indent=SHORT + 1, width=width, whole=True) if fact.advice else []
    bad = sum(fact.well is False for fact in facts)
    words = f" {counted(bad, 'thing')} to mend" if bad else " nothing to mend"
    following = ["dnnlab new first.yaml"] if not bad else ["dnnlab doctor"]
    return [*lines, words, *next_lines(following, width)]
