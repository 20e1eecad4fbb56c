"""What a training took over from another one, in labelled lines: of a run's header, and of `dnnlab show`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..terminal.numbers import counted

Face = Mapping[str, Any]
MOST = 6  # names of layers that are listed one by one


def reuse_labels(face: Face) -> list[tuple[str, str]]:
    """(label, text) of each line. face: the content of reuse.json; {} for a training that began by itself."""
    if not face:
        return []
    layers, sums = face["layers"], face["numbers"]
    groups = {
        "taken": [fate for fate in layers if fate["taken"]],
        "new": [fate for fate in layers if not fate["taken"]],
        "left": face["left"],
        "frozen": [fate for fate in layers if fate["frozen"]],
    }
    lines = [("reuse", source_words(face["lineage"][0]))]
    lines += [("before", source_words(earlier)) for earlier in face["lineage"][1:]]
    lines += [(label, text) for label, found in groups.items() for text in group_texts(found)]
    lines += [("learns", stage_words(stage)) for stage in face["unfreeze"]]
    lines += [("cached", cache_words(face["cache"]))] if face["cache"] else []
    whole, later = sums["taken"] + sums["new"], sums["learn_later"]
    count = f"{sums['trained'] - later:,} of {counted(whole, 'number')}"
    lines.append(("trained", f"{count} at first, {sums['trained']:,} at last" if later else count))
    return lines + [("note", note) for note in face["notes"]]


def source_words(source: Face) -> str:
    """`20261122-041833-a-7f3a1c, best weights of epoch 12 (sha256 b3b3e329)`."""
    words = [source["name"]]
    if source["weights"]:
        words.append(f"{source['weights']} weights of epoch {source['epoch']}")
    return f"{', '.join(words)} (sha256 {source['sha256'][:8]})"


def group_texts(fates: Sequence[Face]) -> list[str]:
    """Layers with the same fate, and their numbers; a text for each reason."""
    reasons: dict[str, list[Face]] = {}
    for fate in fates:
        reasons.setdefault(fate["why"], []).append(fate)
    return [
        f"{names([fate['layer'] for fate in found])} "
        f"({counted(sum(fate['numbers'] for fate in found), 'number')}){f': {why}' if why else ''}"
        for why, found in reasons.items()
    ]


def stage_words(stage: Face) -> str:
    """`hidden2 from step 36 on, at 0.1 of the learning rate`."""
    rate = "" if stage["lr_factor"] == 1 else f", at {stage['lr_factor']:g} of the learning rate"
    return f"{names(stage['layers'])} from step {stage['step'] + 1:,} on{rate}"


def cache_words(cache: Face) -> str:
    """`the outputs of hidden2, in memory (0.3 MB)`, or why there is no cache."""
    if not cache["layers"]:
        return f"nothing: {cache['why']}"
    where = {"memory": "in memory", "disk": "on disk"}[cache["where"]]
    return f"the outputs of {cache['layers'][-1]}, {where} ({cache['bytes'] / 1e6:,.2f} MB)"


def names(layers: Sequence[str]) -> str:
    """`hidden1, hidden2`; of many layers the first, the last and their number."""
    if len(layers) <= MOST:
        return ", ".join(layers)
    return f"{', '.join(layers[: MOST // 2])} ... {layers[-1]}, {len(layers)} layers"
