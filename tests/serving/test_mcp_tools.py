"""The endpoints as an assistant finds them, by a client of the Model Context Protocol."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from depth_demo.monocular.models import TINY
from depth_demo.serving.mcp_tools import LONG_SIDE_PX, content_of, ending_of
from tests.conftest import PAIRS, started
from tests.support.handmade_clips import gif, sweep

PAIR = PAIRS[0]
QUICK: dict[str, Any] = {"mode": "SGBM_3WAY", "num_disparities": 32}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with started((), "tests/support/small_app.py", tmp_path_factory.mktemp("mcp"), {"HF_HUB_OFFLINE": "1"}) as served:
        yield served.url


class Assistant:
    """Somebody who knows the server's address only."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/gradio_api/mcp/"

    def tools(self) -> dict[str, Any]:
        async def listed(session: ClientSession) -> Any:
            return (await session.list_tools()).tools

        return {tool.name: tool for tool in asyncio.run(self._in_session(listed))}

    def call(self, tool: str, *, hears_progress: bool = False, **arguments: object) -> Any:
        async def hear(progress: float, total: float | None, message: str | None) -> None:
            pass

        async def called(session: ClientSession) -> Any:
            return await session.call_tool(tool, arguments, progress_callback=hear if hears_progress else None)

        return asyncio.run(self._in_session(called))

    async def _in_session(self, act: Any) -> Any:
        async with streamable_http_client(self.url) as (reading, writing, *_), ClientSession(reading, writing) as session:
            await session.initialize()
            return await act(session)


@pytest.fixture
def assistant(url: str) -> Assistant:
    return Assistant(url)


def as_data_url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


LEFT, RIGHT = as_data_url(PAIR.left.read_bytes()), as_data_url(PAIR.right.read_bytes())


def texts(answer: Any) -> list[str]:
    assert not answer.isError, answer.content
    return [part.text for part in answer.content if part.type == "text"]


def pictures(answer: Any) -> list[Image.Image]:
    return [Image.open(io.BytesIO(base64.b64decode(part.data))) for part in answer.content if part.type == "image"]


def addresses(answer: Any, name: str) -> list[str]:
    return [text.removeprefix(f"{name}: ") for text in texts(answer) if text.startswith(f"{name}: http")]


def test_tools_are_named_as_endpoints_and_say_all_that_a_reader_without_the_page_needs(assistant: Assistant) -> None:
    tools = assistant.tools()
    assert tools.keys() == {"estimate", "match", "rectify", "compare", "video", "score_data_set"}
    for tool in tools.values():
        assert "Web addresses are not fetched" in tool.description
        assert all(about.get("description") for about in tool.inputSchema["properties"].values())
    assert tools["estimate"].inputSchema["required"] == ["image"]
    assert tools["compare"].inputSchema["required"] == ["left"]
    assert tools["match"].inputSchema["properties"]["left"]["format"] == "data: URL, or path of an uploaded file"


@pytest.mark.parametrize("hears_progress", [True, False])
def test_a_pair_as_data_urls_is_answered_with_named_results_and_small_pictures(
    assistant: Assistant, *, hears_progress: bool
) -> None:
    answer = assistant.call("match", left=LEFT, right=RIGHT, hears_progress=hears_progress, **QUICK)
    assert any(text.startswith("summary: ") and "pixels matched" in text for text in texts(answer))
    assert max(max(picture.size) for picture in pictures(answer)) <= LONG_SIDE_PX
    assert len(addresses(answer, "left_and_disparity")) == len(pictures(answer)) == 2
    assert "left_disparity_px.npy" in " ".join(addresses(answer, "files"))


def test_a_clip_as_a_data_url_is_answered_with_a_video_and_its_flicker(assistant: Assistant) -> None:
    clip = f"data:image/gif;base64,{base64.b64encode(gif(sweep(3))).decode()}"
    answer = assistant.call("video", clip=clip, model=TINY.name)
    assert any(text.startswith("summary: **Flicker ") for text in texts(answer))
    assert [address.rpartition("/")[2] for address in addresses(answer, "files")] == ["clip_depth.mp4", "clip_depth.npz"]


def test_scores_come_as_a_table_and_without_a_truth(assistant: Assistant) -> None:
    answer = assistant.call("compare", left=LEFT, right=RIGHT, **QUICK)
    [scores] = [text for text in texts(answer) if text.startswith("scores:")]
    assert "| Score | Monocular | Stereo |" in scores
    assert "against the" in " ".join(texts(answer))


def test_an_upload_is_named_by_its_path_and_a_result_by_its_address(url: str, assistant: Assistant) -> None:
    sent = httpx.post(f"{url}/gradio_api/upload", files={"files": ("street.png", PAIR.left.read_bytes())}).json()[0]
    answer = assistant.call("estimate", image=sent)
    [coloured] = [address for address in addresses(answer, "files") if address.endswith("street_depth_coloured.png")]
    assert httpx.get(coloured).content.startswith(b"\x89PNG")
    again = assistant.call("estimate", image=coloured)
    assert any("street_depth_coloured_points.ply" in address for address in addresses(again, "files"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("https://example.org/street.png", "fetches no web addresses"),
        ("https://example.org/gradio_api/file=/etc/hostname", "never uploaded"),
        ("/etc/hostname", "never uploaded"),
        ("data:image/png;base64,iVBOR", "with all of its base64"),
    ],
)
def test_what_is_no_upload_is_refused_in_words(assistant: Assistant, given: str, words: str) -> None:
    answer = assistant.call("estimate", image=given)
    assert answer.isError
    assert words in answer.content[0].text


def test_every_call_is_a_session_of_its_own(url: str, assistant: Assistant) -> None:
    before = httpx.get(f"{url}/health").json()["sessions"]
    for _ in range(2):
        texts(assistant.call("estimate", image=LEFT))
    assert httpx.get(f"{url}/health").json()["sessions"] == before + 2


def test_a_data_url_is_bytes_and_an_ending() -> None:
    assert content_of("data:image/png;base64,QUJD") == b"ABC"
    assert ending_of("data:image/png;base64,QUJD") == ".png"
    assert not ending_of("data:application/x.numpy;base64,QUJD")
    with pytest.raises(ValueError, match="must be like data:image/png"):
        content_of("data:text/plain,ABC")
