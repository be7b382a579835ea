"""What is saved is written when it is asked for: one button, then the download starts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from depth_demo.ui.inputs import in_sentences
from depth_demo.ui.outputs import Downloads
from depth_demo.ui.run import PRIVATE, SILENT

Save = Callable[[Path], Sequence[Path]]


def zipped(save: Save, what: str, folder: Path) -> list[Path]:
    """Write the files of `save` into one ZIP in this folder, named after the photo; return the first picture, then the ZIP."""
    paths = save(folder)
    first = paths[0]
    archive = folder / f"{first.name.removesuffix('_coloured.png').rpartition('_')[0]}_{what}.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for path in paths:
            target.write(path, path.name)
    for path in paths[1:]:
        path.unlink()
    return [first, archive]


def download_button(
    name: str,
    result: gr.State,
    save: Callable[..., Sequence[Path]],
    label: str,
    what: str,
    view: Sequence[gr.components.Component] = (),
) -> Downloads:
    """Lay out a button that writes a result's files, and the place where their archive stands.

    Args:
        name: Of the run.
        result: Holds the result.
        save: Takes the result, the values of `view` and a folder, and writes the files, a coloured picture first.
        label: Of the button.
        what: Ends the archive's name.
        view: Fields that decide how pictures in the files are drawn.
    """
    button = gr.Button(label, variant="secondary")
    files = Downloads(label="Files", file_count="multiple", interactive=False, elem_id=f"{name}-files")

    @in_sentences
    def write(found: Any, *values: object) -> object:  # noqa: ANN401
        if found is None:
            raise ValueError("There is no result yet: run it first.")
        return partial(zipped, partial(save, found, *values), what)

    written = button.click(write, [result, *view], files, **PRIVATE)
    written.success(js=f"() => depthDemo.download('{name}-files')", **SILENT)
    return files
