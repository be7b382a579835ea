"""What programs are told of the endpoints: the words of the handlers' docstrings, in place of those on components."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from depth_demo.serving.gradio_internals import docstring_parts


def describe(endpoint: Any, handler: Callable[..., Any]) -> None:  # noqa: ANN401
    """Describe the parameters and results of an endpoint by the sections Args and Returns of its handler's docstring.

    Args:
        endpoint: As Gradio describes it; is changed.
        handler: Whose docstring has one line for each parameter, and `name: words` for each result.

    Raises:
        ValueError: If the docstring tells of another number of results.
    """
    parameters, results = docstring_parts(handler)
    for parameter in endpoint["parameters"]:
        _say(parameter, parameters.get(parameter["parameter_name"], ""))
    for result, line in zip(endpoint["returns"], results, strict=True) if results else ():
        result["label"], _, words = line.partition(": ")
        _say(result, words)


def _say(about: dict[str, Any], words: str) -> None:
    about["python_type"] = about["python_type"] | {"description": words}
    told = {name: value for name, value in about["type"].items() if name != "additional_description"}
    about["type"] = told | {"description": words}
