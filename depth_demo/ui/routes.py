"""Addresses beside the page: previews of the examples, and what a program that watches the server may ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Route

from depth_demo.examples import Example
from depth_demo.serving.blocks import ServedBlocks
from depth_demo.ui.models import SHELF


def routes(demo: ServedBlocks, examples: Sequence[Example]) -> list[Route]:
    """All of them."""
    previews = [Route(f"/examples/{quote(example.name)}.jpg", preview_of(example)) for example in examples]
    return [Route("/health", health_of(demo)), *previews]


def preview_of(example: Example) -> Callable[[Request], Awaitable[FileResponse]]:
    """The small picture on an example's card."""

    async def preview(request: Request) -> FileResponse:  # noqa: ARG001
        return FileResponse(example.preview)

    return preview


def health_of(demo: ServedBlocks) -> Callable[[Request], Awaitable[JSONResponse]]:
    """The answer to GET /health, to anybody: numbers, and which model is loaded."""

    async def health(request: Request) -> JSONResponse:  # noqa: ARG001
        room, loaded = demo.waiting_room(), SHELF.loaded
        answer = {
            "ready": demo.is_running,
            "model": loaded.spec.name if loaded else None,
            "device": loaded.device_name if loaded else None,
            "running": len(room.running()),
            "waiting": len(room.waiting()),
            "sessions": len(demo.sessions),
            "results_mb": round(demo.shelf.used_bytes / 1e6),
        }
        return JSONResponse(answer, 200 if demo.is_running else 503)

    return health
