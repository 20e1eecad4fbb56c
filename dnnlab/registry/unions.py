"""Keys with alternatives, such as `PositiveInt | Literal["full"]`: words first, one error for all.

Pydantic reports one error for each member of a union, and writes the member's type into the address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError, WrapValidator
from pydantic_core import PydanticCustomError

from .problems import expectation, is_range


def either(arguments: tuple[Any, ...], strict: Callable[[Any], Any]) -> Any:
    """The annotation of a union: words (literals, `none` for None) are accepted, other values are checked.

    arguments: the members. strict: makes one member strict.
    """
    words = tuple(word for a in arguments if get_origin(a) is Literal for word in get_args(a))
    optional = type(None) in arguments
    others = tuple(strict(a) for a in arguments if get_origin(a) is not Literal and a is not type(None))
    inner: Any = Union[others] if others else Literal[words]  # noqa: UP007 (the members are only known here)
    named = (*(words if others else ()), *(("none",) if optional else ()))

    def check(raw: Any, handler: Callable[[Any], Any]) -> Any:
        if optional and (raw is None or (isinstance(raw, str) and raw == "none")):
            return None
        if any(type(raw) is type(word) and raw == word for word in words):
            return raw
        try:
            return handler(raw)
        except ValidationError as error:
            gathered = _gather(error.errors(include_url=False), named, alone=len(others) < 2)
            if gathered is None:
                raise
            raise gathered from None

    return Annotated[inner, WrapValidator(check)]


def _gather(
    items: Sequence[Mapping[str, Any]], words: tuple[Any, ...], *, alone: bool
) -> PydanticCustomError | None:
    """One error for the whole value.

    None if the errors lie inside the value, such as a wrong key of a part: then they say more as they are.
    """
    if alone and any(item["loc"] for item in items):
        return None
    for item in items:
        if item["type"] in ("unknown_part", "part_form"):
            return PydanticCustomError(item["type"], item["type"], {**item["ctx"], "words": words})
    texts = [expectation(item).partition("; did you mean ") for item in items]
    expected = dict.fromkeys([*(text for text, _, _ in texts), *(str(word) for word in words)])
    question = "".join(sign + rest for _, sign, rest in texts)
    code = "out_of_range" if is_range(items[0]) else "wrong_type"
    return PydanticCustomError(
        "value", "value", {"expected": " or ".join(expected) + question, "code": code, "words": words}
    )
