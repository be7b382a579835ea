"""Addresses beside the page: previews of the examples, and what a program that watches the server may ask."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import quote

import cv2
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from depth_demo.examples import Example
from depth_demo.formats.photos import load_photo
from depth_demo.serving import mcp_tools
from depth_demo.serving.blocks import ServedBlocks
from depth_demo.ui.outputs import light_address_of
from depth_demo.ui.shared import Shared

LIGHT_QUALITY = 85
REPLICA_VARIABLE = "DEPTH_DEMO_REPLICA"


def routes(demo: ServedBlocks, shared: Shared, examples: Sequence[Example]) -> list[Route]:
    """Return all addresses beside the page."""
    previews = [Route(f"/examples/{quote(example.name)}.jpg", preview_of(example)) for example in examples]
    views = [
        Route(light_address_of(example, side), light_view_of(getattr(example, side)))
        for example in examples
        for side in ("left", "right")
    ]
    # The panel "Use via API" asks for these, whether they are there or not.
    asked = [Route("/monitoring/summary", answer_with({"functions": {}}))]
    if not mcp_tools.is_installed():
        asked.append(Route("/gradio_api/mcp/schema", answer_with([])))
    return [Route("/health", health_of(demo, shared)), *asked, *previews, *views]


def answer_with(content: object) -> Callable[[Request], Awaitable[JSONResponse]]:
    """Give everybody the same answer."""

    async def answer(request: Request) -> JSONResponse:  # noqa: ARG001
        return JSONResponse(content)

    return answer


def preview_of(example: Example) -> Callable[[Request], Awaitable[FileResponse]]:
    """Serve the small picture on an example's card."""

    async def preview(request: Request) -> FileResponse:  # noqa: ARG001
        return FileResponse(example.preview)

    return preview


def light_view_of(view: Path) -> Callable[[Request], Awaitable[Response]]:
    """Serve an example's view as a JPEG of its full size, which is encoded when it is first asked for."""

    @cache
    def encoded() -> bytes:
        pixels = cv2.cvtColor(load_photo(view).pixels, cv2.COLOR_RGB2BGR)
        return cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, LIGHT_QUALITY))[1].tobytes()

    async def light_view(request: Request) -> Response:  # noqa: ARG001
        content = await asyncio.to_thread(encoded)
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": "max-age=86400"})

    return light_view


def health_of(demo: ServedBlocks, shared: Shared) -> Callable[[Request], Awaitable[JSONResponse]]:
    """Answer GET /health to anybody: numbers, which model is loaded, and the name that this replica was given, if any.

    Without a name it is None: the name of the machine is nobody's business.
    """

    async def health(request: Request) -> JSONResponse:  # noqa: ARG001
        room, loaded = demo.waiting_room(), shared.shelf.loaded
        answer = {
            "ready": demo.is_running,
            "replica": os.environ.get(REPLICA_VARIABLE) or None,
            "model": loaded.spec.name if loaded else None,
            "device": loaded.device_name if loaded else None,
            "running": len(room.running()),
            "waiting": len(room.waiting()),
            "sessions": len(demo.sessions),
            "results_mb": round(demo.shelf.used_bytes / 1e6),
        }
        return JSONResponse(answer, 200 if demo.is_running else 503)

    return health
