"""The public endpoints as tools of the Model Context Protocol (MCP), for assistants that have never seen the page.

Gradio's own server is one client for all callers, so that it would keep everybody's files while it runs, and would count all
callers as one visitor. It takes files by web address only, and sends pictures at full size. These things differ here.
"""

from __future__ import annotations

import base64
import binascii
import importlib.util
import io
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio.mcp
from anyio.to_thread import run_sync
from gradio.mcp import GradioMCPServer
from gradio.processing_utils import save_bytes_to_cache
from gradio_client import Client
from PIL import Image

from depth_demo.serving.waiting_room import address_of

LONG_SIDE_PX = 640  # of a picture in an answer, whose whole is linked
HOW_TO_GIVE_FILES = (
    " A file is given as a data: URL, or as the path with which this server answers an upload: POST it to "
    "/gradio_api/upload as the form field 'files'. Web addresses are not fetched."
)
FILE_FORMAT = "data: URL, or path of an uploaded file"


def is_installed() -> bool:
    """Return whether the optional package `mcp` is there."""
    return importlib.util.find_spec("mcp") is not None


def serve_tools(folder: Path) -> None:
    """Have Gradio build `Tools` when it is launched with `mcp_server=True`.

    Args:
        folder: Where uploads are.
    """
    gradio.mcp.GradioMCPServer = partial(Tools, folder)  # type: ignore[assignment,misc]


class Caller(Client):  # type: ignore[misc]  # has no types
    """A client for one call, without the connection that tells that somebody is there: files stay for those without a page."""

    def _get_config(self) -> dict[str, Any]:
        return {**super()._get_config(), "connect_heartbeat": False}


class Tools(GradioMCPServer):
    """A tool for each public endpoint, by its name."""

    def __init__(self, folder: Path, blocks: Any) -> None:  # noqa: ANN401
        self._folder = folder
        super().__init__(blocks)

    def get_tool_to_endpoint(self) -> dict[str, str]:
        """Return each endpoint by the name of its tool, which begins with that of the Space if this is one."""
        return {
            self.valid_and_unique_tool_name(self.tool_prefix + name.lstrip("/"), set()): name
            for name in self.api_info["named_endpoints"]
        }

    @property
    def _file_data_tool_description(self) -> str:
        return HOW_TO_GIVE_FILES

    def simplify_filedata_schema(self, schema: dict[str, Any]) -> tuple[dict[str, Any], list[list[str | int]]]:
        """Return the schema with a string for each file, and where these are."""
        simplified, places = super().simplify_filedata_schema(schema)
        for name, *_ in places:
            simplified["properties"][name]["format"] = FILE_FORMAT
        return simplified, places

    def convert_strings_to_filedata(self, value: Any, filedata_positions: list[list[str | int]]) -> Any:  # noqa: ANN401
        """Return the arguments with what Gradio's client sends for files in place of strings.

        Raises:
            ValueError: If a data: URL cannot be read.
        """
        names = {name for name, *_ in filedata_positions}
        return {name: self._file(name, given) if name in names and given else given for name, given in value.items()}

    def _file(self, name: str, given: str) -> dict[str, object]:
        path = given
        if given.startswith("data:"):
            path = save_bytes_to_cache(content_of(given), f"{name}{ending_of(given)}", str(self._folder))
        # The client would read a path on its own machine, and leaves addresses alone; `serving.inputs` knows those of uploads.
        address = path if "://" in path else f"http://uploaded/gradio_api/file={path}"
        return {"path": address, "orig_name": Path(path).name, "meta": {"_type": "gradio.FileData"}}

    def _get_or_create_client(self) -> Client:
        """Return a client that calls on behalf of whoever called, and that nobody else uses."""
        request: Any = self.mcp_server.request_context.request
        told = {name: request.headers[name] for name in ("cookie", "authorization") if name in request.headers}
        return Caller(
            self.local_url or str(request.base_url),
            download_files=False,
            verbose=False,
            analytics_enabled=False,
            _skip_components=False,
            headers={**told, "x-gradio-user": "mcp", "x-forwarded-for": address_of(request)},
        )

    async def _execute_tool_without_progress(self, job: Any) -> list[Any]:  # noqa: ANN401
        """Return the results one by one; Gradio puts them into a list of one."""
        return list(await run_sync(job.result))

    async def _execute_tool_with_progress(self, job: Any, progress_token: str | int) -> list[Any]:  # type: ignore[override]  # noqa: ANN401
        """Tell how far the call is, and return its results; Gradio loses those that come before it begins to listen."""
        context, step = self.mcp_server.request_context, 0
        async for update in job:
            if update.type == "status":
                await context.session.send_progress_notification(
                    progress_token=progress_token,
                    progress=step,
                    message=self._format_progress_message(update),
                    related_request_id=str(context.request_id),
                )
                step += 1
        return list(await run_sync(job.result))

    def pop_returned_state(self, components: Any, data: Any) -> list[Any]:  # type: ignore[override]  # noqa: ANN401
        """Return each result with its name."""
        endpoint = next(fn.api_name for fn in self.blocks.fns.values() if fn.outputs is components)
        results = self.api_info["named_endpoints"][f"/{endpoint}"]["returns"]
        values = super().pop_returned_state(components, [*data])
        return [{"name": result["label"], "value": value} for result, value in zip(results, values, strict=True)]

    def postprocess_output_data(self, data: Any, root_url: str) -> list[Any]:  # noqa: ANN401
        """Return the results in words, with a small picture beside the address of each large one."""
        return [self._content(part) for result in data for part in parts_of(result["name"], result["value"], root_url)]

    def _content(self, part: str | bytes) -> Any:  # noqa: ANN401
        if isinstance(part, str):
            return self.types.TextContent(type="text", text=part)
        return self.types.ImageContent(type="image", data=base64.b64encode(part).decode(), mimeType="image/jpeg")


def content_of(data_url: str) -> bytes:
    """Return the bytes of a data: URL in base64.

    Raises:
        ValueError: If it is in another form.
    """
    head, _, body = data_url.partition(",")
    try:
        if head.endswith(";base64"):
            return base64.b64decode(body, validate=True)
    except binascii.Error:
        pass
    raise ValueError("A file as a data: URL must be like data:image/png;base64,iVBORw0K... with all of its base64.")


def ending_of(data_url: str) -> str:
    """Return the ending of a file's name by the type in a data: URL: ".png" of "data:image/png;base64,..."; "" for many."""
    kind = data_url.removeprefix("data:").partition(";")[0].rpartition("/")[2]
    return f".{kind}" if kind.isalnum() else ""


def parts_of(name: str, value: Any, root_url: str) -> Iterator[str | bytes]:  # noqa: ANN401
    """Yield one result of an endpoint as an assistant reads it: Markdown, addresses of files, and small JPEGs."""
    if value is None:
        return
    if isinstance(value, list):
        for item in value:
            yield from parts_of(name, item.get("image", item) if isinstance(item, dict) else item, root_url)
    elif not isinstance(value, dict):
        yield f"{name}: {value}"
    elif "headers" in value:
        yield f"{name}:\n\n{table_in_markdown(value)}"
    elif value.get("path"):
        yield f"{name}: {root_url}/gradio_api/file={value['path']}"
        picture = small_picture(Path(value["path"]))
        if picture and name != "files":
            yield picture


def table_in_markdown(table: Mapping[str, Any]) -> str:
    """Return a table as Gradio sends it, with its headers and rows."""
    rows = [table["headers"], ["---"] * len(table["headers"]), *table["data"]]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def small_picture(path: Path) -> bytes | None:
    """Return a JPEG of at most `LONG_SIDE_PX` of a picture that this app wrote; None for another file."""
    if path.suffix not in {".jpg", ".png"}:
        return None
    written = io.BytesIO()
    with Image.open(path) as picture:
        picture.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX))
        picture.convert("RGB").save(written, "JPEG", quality=85)
    return written.getvalue()
