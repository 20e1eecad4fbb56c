"""The kinds of parts: what each is called with, which flags it may carry and which keys all its parts share.

A kind's name is its key in YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Any, Literal

from .annotations import Part
from .bound import Bound
from .model import Section, yaml_default
from .plain import UNWRITTEN
from .values import Duration, Fraction, NonNegative, Positive, PositiveInt, Value


@dataclass(frozen=True, repr=False)
class Share(Value):
    """The rows of a split: a share in (0, 1), a count, or `{first: 5000}` for the first rows."""

    raw: float | int | dict[str, int]

    @classmethod
    def parse(cls, raw: Any) -> Share:
        """Read a share, a count or `{first: count}`."""
        number = isinstance(raw, int | float) and not isinstance(raw, bool)
        share = number and 0 < raw < 1
        count = number and raw >= 1 and (isinstance(raw, int) or raw.is_integer())
        first = (
            isinstance(raw, dict)
            and set(raw) == {"first"}
            and isinstance(raw["first"], int)
            and not isinstance(raw["first"], bool)
        )
        if share or count or (first and raw["first"] >= 1):
            return cls(int(raw) if count and not share else raw)
        raise ValueError("a share between 0 and 1 (0.2), a count of rows (5000) or {first: 5000}")

    def plain(self) -> Any:
        """The share as it was written."""
        return self.raw

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """A number above 0, or `{first: count}`."""
        first = {
            "type": "object",
            "properties": {"first": {"type": "integer", "minimum": 1}},
            "required": ["first"],
        }
        return {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, first]}

    def __repr__(self) -> str:
        return f"Share({self.raw!r})"

    def __str__(self) -> str:
        return f"{{first: {self.raw['first']}}}" if isinstance(self.raw, dict) else str(self.raw)

    def __hash__(self) -> int:
        return hash(str(self.raw))


class LayerKeys(Section):
    """What is different in one layer, or in the layers that a pattern of `per_layer` matches.

    A key that is not written follows the net.
    """

    activation: Annotated[Bound, Part("activation")] = UNWRITTEN
    """the activation of this layer."""
    initializer: Annotated[Bound, Part("initializer")] = UNWRITTEN
    """how the weights of this layer begin."""
    normalization: Annotated[Bound, Part("normalization")] | None = UNWRITTEN
    """the normalization of this layer; none: it has none, whatever the net has."""
    dropout: Fraction = UNWRITTEN
    """dropout rate."""
    l1: NonNegative = UNWRITTEN
    """strength of the L1 penalty."""
    l2: NonNegative = UNWRITTEN
    """strength of the L2 penalty."""
    max_norm: Positive = UNWRITTEN
    """largest norm of a unit's incoming weights."""
    lr_factor: NonNegative = UNWRITTEN
    """multiplies the learning rate."""
    frozen: bool = UNWRITTEN
    """weights and running statistics stay."""


class NormalizationKeys(Section):
    """Where a normalization acts."""

    position: Literal["before_activation", "after_activation"] = "before_activation"
    """the place of the module in a layer."""
    on_input: bool = False
    """whether the net's inputs are normalized by one more."""


class ScheduleKeys(Section):
    """The start of a schedule."""

    warmup: Duration | None = None
    """the rate rises linearly from 0 over this time; the schedule itself runs on underneath."""


class DataKeys(Section):
    """How rows are split, limited, balanced, scaled and augmented.

    The split depends on split_seed, never on seed. Validation and test stay as they are under `limit` and
    `balance`.
    """

    validation: Share | None = Share(0.2)
    """rows of the validation split."""
    test: Share | None = Share(0.2)
    """rows of the test split."""
    split_seed: int = 0
    """draws the splits and the rows of `limit`."""
    stratify: bool = True
    """whether every split gets the same share of each class."""
    limit: PositiveInt | None = None
    """training rows that are kept, drawn with split_seed after the split; excludes limit_per_class."""
    limit_per_class: PositiveInt | None = None
    """training rows of each class that are kept, drawn with split_seed; excludes limit."""
    classes: list[int | str] | None = None
    """only rows of these classes (by label or number), relabelled 0, 1, ... in this order."""
    balance: Literal["weights", "sampling"] | None = None
    """weights: every class counts alike in the training loss and metrics, row by row with n / (classes *
    n_of_its_class); sampling: the rows of an epoch are drawn with replacement so that all classes are
    equally likely. Validation and test stay as they are."""
    scale: Literal["standardize", "unit"] | None = "standardize"
    """how inputs are scaled, by numbers of the training rows; standardize: mean 0 and deviation 1; unit: 0 to
    1."""
    scale_per: Literal["feature", "channel", "auto"] = "auto"
    """whether each feature or each channel has a scale of its own; auto: by the shape of the inputs."""
    target_scale: Literal["standardize"] | None = None
    """standardize: the net learns real targets with the mean and deviation of the training rows taken out;
    metrics stay in the targets' own units."""
    in_memory: Literal["auto"] | bool = "auto"
    """whether the scaled inputs are kept in memory (true) or read and scaled batch by batch (false), which
    gives the same bits; auto: in memory if they take at most half of what is free."""
    augment: list[Annotated[Bound, Part("augment")]] = yaml_default([])
    """augmentations of the training images, in this order; under an autoencoder the target is moved and
    recoloured like its image."""


@dataclass(frozen=True)
class Kind:
    """One kind of parts."""

    name: str
    """The name, which is the key in YAML."""
    runtime: tuple[str, ...]
    """The positional parameters of its parts."""
    flags: Mapping[str, Any] = field(default_factory=dict)
    """The flags that its parts may set, with their defaults."""
    common: type[Section] | None = None
    """The keys that all its parts share."""
    variants: Mapping[tuple[str, Any], tuple[str, ...]] = field(default_factory=dict)
    """Flag and value -> other positional parameters, such as ("form", "weight") -> ("layer",).

    Parts of a variant take no common keys.
    """

    def runtime_for(self, flags: Mapping[str, Any]) -> tuple[str, ...]:
        """The positional parameters of a part with these flags."""
        return next(
            (names for (flag, value), names in self.variants.items() if flags.get(flag) == value),
            self.runtime,
        )

    def common_for(self, flags: Mapping[str, Any]) -> type[Section] | None:
        """The shared keys of a part with these flags."""
        return None if any(flags.get(flag) == value for flag, value in self.variants) else self.common


_TABLE = (
    # flat: (low, high), the outputs beyond which it is nearly flat, None if there are none. dies: its output
    # and its slope can both be 0. neutral: it changes nothing, which users may call `none`.
    Kind(
        "activation",
        ("width",),
        {"widens": 1, "initializer": "glorot_uniform", "flat": None, "dies": False, "neutral": False},
    ),
    Kind(
        "initializer",
        ("weight", "fans", "generator"),
        # variance: variance times fan_in of the weights, also as a function of the keys; None: not fixed.
        {"after_build": False, "variance": 0.0},
        variants={("after_build", True): ("net", "batch")},
    ),
    Kind(
        "normalization",
        ("channels", "spatial_dims"),
        # holds (of the form "weight"): regularizer -> what it acts on in such a layer, so that it acts on the
        # weight in use; other regularizers are refused.
        {"form": "module", "cancels_bias": False, "holds": {}},
        NormalizationKeys,
        {("form", "weight"): ("layer",)},
    ),
    Kind("layer", ("in_shape", "make"), {"prefix": None, "has": frozenset()}, LayerKeys),
    Kind("architecture", ("in_shape", "outputs", "make"), {"target": "task", "has": frozenset()}),
    # chance: how the loss of the best constant answer is found: the "entropy" of the classes, C - 1 times the
    # key "margin", or, of numbers, the mean ("square") or the median ("absolute": it grows with the distance,
    # "median") as the answer.
    Kind("loss", ("task",), {"targets": frozenset(), "one_output": False, "chance": None}),
    # lacks: (rows, rows of each class or label, their names) -> the text of what a split lacks to be measured
    # on, or "".
    # by_class: always answering with the largest class does not make it good.
    Kind("metrics", ("task",), {"better": "max", "targets": frozenset(), "lacks": None, "by_class": False}),
    # finds_steps: it adapts the length of its steps, beginning with lr. adds_l2: weight_decay * w of a group
    # is added to the gradient. by_sign: it uses only the sign of a gradient.
    Kind(
        "optimizer",
        ("groups",),
        {
            "closure": False,
            "full_batch": False,
            "finds_steps": False,
            "adds_l2": False,
            "by_sign": False,
            "groups": True,
            "min_ndim": 0,
        },
    ),
    # peak, start, floor: its keys of the largest rate (or of a list of all rates), of the rate that it rises
    # from and of the rate that it falls to. starts_at_lr: without its start key it rises from optimizer.lr.
    # jumps: its key of the times at which the rate changes, if it does not before, also as a function of the
    # keys.
    Kind(
        "schedule",
        ("base", "total_steps", "steps_per_epoch"),
        {
            "needs_total": False,
            "observes": False,
            "peak": None,
            "start": None,
            "floor": None,
            "starts_at_lr": False,
            "jumps": None,
            "neutral": False,
        },
        ScheduleKeys,
    ),
    # takes_measure: it takes the keyword `measure`; with False it may leave the norm out.
    Kind(
        "gradient_clipping",
        (),
        {"needs_table": False, "takes_measure": False},
        variants={("needs_table", True): ("table",)},
    ),
    # sets_rate: its keys (start, rate), if it keeps the learning rate constant from some time on. on_weights:
    # the terms by which it acts on weights in use (see `holds`). on_length: it "limits" or "fixes" the length
    # of a unit's weights. suffix: what the metrics of an average end with, by default its name.
    Kind(
        "regularizers",
        ("table",),
        {
            "effect": None,
            "makes": None,
            "mixes_rows": False,
            "place": None,
            "acts_on": None,
            "pools": None,
            "sets_rate": None,
            "on_weights": frozenset(),
            "on_length": None,
            "suffix": None,
        },
    ),
    # files: the keys that name files or folders.
    Kind("data", ("folder",), {"download": False, "oriented": False, "files": ()}, DataKeys),
    # disturbs: it hides or blurs, and an autoencoder's target stays as it is. Augmentations that move or
    # recolour an image act on the target too.
    Kind(
        "augment",
        (),
        {"may_change_label": False, "rgb": False, "fits": False, "check": None, "disturbs": False},
        variants={("fits", True): ("colors",)},
    ),
    # logging_key: the key of the section `logging` that sets its interval; others are set in logging.probes.
    # large_rows: its rows are so large that auto logs fewer of them.
    Kind(
        "probe",
        (),
        {
            "file": None,
            "needs": frozenset(),
            "targets": frozenset(),
            "logging_key": None,
            "large_rows": False,
        },
    ),
)


def _with_traits(kind: Kind) -> Kind:
    """The kind with the flag `traits` if it has words for it."""
    return replace(kind, flags={**kind.flags, "traits": frozenset()}) if kind.name in TRAITS else kind


TRAITS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "activation": {
            "self_normalizing": "it keeps mean 0 and variance 1, and needs dropout that does so too"
        },
        "initializer": {
            "equal": "all weights of a layer begin alike",
            "small_sums": "sums stay in the steep part of a sigmoid",
        },
        "normalization": {"running": "evaluation uses running statistics of the training batches"},
        "layer": {"drops": "its first key is the share that it drops", "normalizes": "it normalizes"},
        "architecture": {
            "own_layers": "each of its layers has an activation and an initializer of its own",
            "normalizes": "it normalizes unless the config says otherwise",
            "widths": "its key `hidden` is a list of units that can be raised",
            "light": "its gradients cost little, also on images: checks take more rows",
        },
        "loss": {
            "entropy": "a constant answer has the entropy of the classes",
            "shares": "the outputs are shares of the classes, which can be smoothed",
            "margins": "a constant answer has a margin for each wrong class",
            "squared": "it grows with the square of small errors",
            "variance": "a constant answer has the variance of the targets",
        },
        "schedule": {
            "rises_again": "the rate falls and rises in turn, which throws the loss up",
            "whole": "it is of use only if all epochs are trained",
        },
        "gradient_clipping": {"one_norm": "it limits the norm of all gradients together to `threshold`"},
        "regularizers": {
            "drops": "its first key is the share of units that it drops",
            "drops_plainly": "it multiplies by noise of mean 1 and variance p / (1 - p), p being that share",
            "drops_weights": "its first key is the share of weights that it drops",
            "noise": "its first key is the size of noise on the inputs",
            "smooths": "it makes the targets less sure",
            "shrinks": "it pulls all weights to 0 by the strengths in its keys",
        },
    }
)
"""Kind -> the words of its flag `traits` -> their meaning.

`doctor` and other readers of runs know parts by them.
"""

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: _with_traits(kind) for kind in _TABLE})
EFFECTS = frozenset({"inside", "batch", "penalty", "constraint", "average", "stop"})
