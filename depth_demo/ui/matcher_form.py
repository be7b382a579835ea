"""The form of the stereo matchers, drawn from their settings, and handlers that take it as one argument."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, cast

import gradio as gr
from gradio.components import Component

from depth_demo.stereo.controls import Control, controls
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.stereo.matcher import MATCHERS, Matcher, default_matcher, matcher_of

R = TypeVar("R")
CHOICE = "matcher"  # name of the field that chooses a matcher
MAX_OFFERED_DISPARITIES = controls(default_matcher().settings_type)["num_disparities"].shown_to


@dataclasses.dataclass(frozen=True, slots=True)
class MatcherInputs:
    """The fields of all matchers' settings.

    Attributes:
        default: Of the default matcher, in the order of its settings.
        more: The choice of a matcher and the fields of the others; empty while there is only one matcher.
    """

    default: list[Component]
    more: list[Component]

    @property
    def all(self) -> list[Component]:
        """All fields, in the order of `form_names`."""
        return [*self.default, *self.more]


def matcher_inputs() -> MatcherInputs:
    """Lay out a field for each setting of each matcher; those of the chosen matcher are shown."""
    default, *others = MATCHERS.values()
    if not others:
        return MatcherInputs(_draw_settings(default), [])
    titles = [(matcher.title, matcher.name) for matcher in MATCHERS.values()]
    choice = gr.Dropdown(titles, value=default.name, label="Matcher")
    groups, forms = [], []
    for matcher in MATCHERS.values():
        with gr.Column(visible=matcher is default) as group:
            forms.append(_draw_settings(matcher))
        groups.append(group)
    choice.change(
        lambda chosen: [gr.Column(visible=name == chosen) for name in MATCHERS],
        choice, groups, queue=False, show_progress="hidden", api_visibility="private",
    )  # fmt: skip
    return MatcherInputs(forms[0], [choice, *(field for form in forms[1:] for field in form)])


def _draw_settings(matcher: Matcher[Any]) -> list[Component]:
    """Lay out one matcher's fields: the main ones in a row, the others folded and two in a row."""
    defaults, listed = matcher.settings_type(), controls(matcher.settings_type)
    main, folded = ([name for name, control in listed.items() if control.folded is hidden] for hidden in (False, True))
    drawn: dict[str, Component] = {}

    def draw_row(names: Sequence[str]) -> None:
        with gr.Row():
            drawn.update({name: _draw(listed[name], getattr(defaults, name)) for name in names})

    draw_row(main)
    with gr.Accordion("All matcher settings", open=False):
        for start in range(0, len(folded), 2):
            draw_row(folded[start : start + 2])
    return [drawn[name] for name in listed]


def _draw(control: Control, value: Any) -> Component:  # noqa: ANN401
    words: dict[str, Any] = {"label": control.title, "info": control.info, "min_width": 120}
    match control.kind:
        case "choice":
            return gr.Dropdown(list(control.choices), value=value, **words)
        case "slider":
            return gr.Slider(
                control.low, control.shown_to, value, step=control.step, precision=0 if control.step else None, **words
            )  # fmt: skip
        case "number":
            return gr.Number(value, precision=0 if control.step else None, **words)


def form_names() -> list[str]:
    """Return the names of all fields of `MatcherInputs`, as the endpoints have them."""
    default, *others = (list(_names(matcher).values()) for matcher in MATCHERS.values())
    return [*default, *([CHOICE] if others else []), *(name for other in others for name in other)]


def range_names() -> list[str]:
    """Return the names of the fields for min_disparity and num_disparities of each matcher, the default one's first."""
    return [_names(matcher)[setting] for matcher in MATCHERS.values() for setting in ("min_disparity", "num_disparities")]


def range_fields(matcher: MatcherInputs) -> list[Component]:
    """Return the fields of `range_names`."""
    fields = dict(zip(form_names(), matcher.all, strict=True))
    return [fields[name] for name in range_names()]


def _names(matcher: Matcher[Any]) -> dict[str, str]:
    """Return the field's name for each setting: its own for the default matcher, else with the matcher's name before."""
    prefix = "" if matcher is default_matcher() else f"{matcher.name}_"
    return {setting: f"{prefix}{setting}" for setting in controls(matcher.settings_type)}


def settings_from(values: Sequence[Any]) -> MatcherSettings:
    """Build the settings of the chosen matcher.

    Args:
        values: Of all fields, in the order of `form_names`.

    Raises:
        ValueError: If the matcher does not accept them.
    """
    given = dict(zip(form_names(), values, strict=True))
    matcher = MATCHERS[given.get(CHOICE, default_matcher().name)]
    settings: MatcherSettings = matcher.settings_type(**{setting: given[name] for setting, name in _names(matcher).items()})
    return settings


def form_values(settings: MatcherSettings) -> list[object]:
    """Return what the fields hold, in the order of `form_names`, so that `settings_from` returns these settings.

    A number above what a slider shows is cut to it.
    """
    own = matcher_of(settings)
    values: dict[str, object] = {CHOICE: own.name}
    for matcher in MATCHERS.values():
        of = settings if matcher is own else matcher.settings_type()
        for setting, name in _names(matcher).items():
            control, value = controls(matcher.settings_type)[setting], getattr(of, setting)
            values[name] = min(value, control.shown_to) if control.kind == "slider" else value
    return [values[name] for name in form_names()]


def with_settings(handler: Callable[..., R]) -> Callable[..., R]:
    """Let a handler take one `settings: MatcherSettings` where page and API have a field for each setting.

    The default matcher's fields take the place of `settings`. The others stand at the end, before Gradio's `progress`.
    In the docstring a line for each field takes the place of that on `settings`.
    """
    signature = inspect.signature(handler)
    default, *others = MATCHERS.values()
    more = [_parameter(CHOICE, default.name, "str"), *(each for other in others for each in _parameters(other))]
    expanded: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        if parameter.name == "settings":
            expanded += _parameters(default, given=parameter.default is not inspect.Parameter.empty)
        elif parameter.name == "progress":
            expanded += [*(more if others else []), parameter]
        else:
            expanded.append(parameter)
    flat = signature.replace(parameters=expanded)

    def gathered(args: tuple[object, ...], kwargs: dict[str, object]) -> dict[str, Any]:
        bound = flat.bind(*args, **kwargs)
        bound.apply_defaults()
        settings = settings_from([bound.arguments.pop(name) for name in form_names()])
        return bound.arguments | {"settings": settings}

    @functools.wraps(handler)
    def wrapped(*args: object, **kwargs: object) -> R:
        return handler(**gathered(args, kwargs))

    @functools.wraps(handler)
    def streamed(*args: object, **kwargs: object) -> Iterator[object]:
        yield from cast(Iterator[object], handler(**gathered(args, kwargs)))

    outer: Any = streamed if inspect.isgeneratorfunction(handler) else wrapped
    outer.__signature__ = flat
    outer.__doc__ = re.sub(r"^( *)settings: .*$", _lines_on_fields, outer.__doc__ or "", flags=re.MULTILINE)
    return cast(Callable[..., R], outer)


def _lines_on_fields(entry: re.Match[str]) -> str:
    """Return a docstring's lines on all fields, indented as the entry that they replace."""
    words = {
        name: control.explained
        for matcher in MATCHERS.values()
        for name, control in zip(_names(matcher).values(), controls(matcher.settings_type).values(), strict=True)
    }
    if len(MATCHERS) > 1:
        words[CHOICE] = f"Which settings count, and what matches: {', '.join(MATCHERS)}."
    return "\n".join(f"{entry[1]}{name}: {words[name]}" for name in form_names())


def _parameters(matcher: Matcher[Any], *, given: bool = True) -> list[inspect.Parameter]:
    """Return a parameter for each setting, with its default if any is given."""
    fields = zip(_names(matcher).values(), dataclasses.fields(matcher.settings_type), strict=True)
    return [_parameter(name, field.default if given else inspect.Parameter.empty, field.type) for name, field in fields]


def _parameter(name: str, default: object, annotation: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation)
