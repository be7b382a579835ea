#!/usr/bin/env bash
# gradio 6.31.0: a tool with two results answers with the text of a Python list unless the caller asks for progress.
#
# A function with several outputs becomes an MCP tool. Called with a progress token, it answers as documented: an image for a
# picture, and a text for each other result. Called without one, as the protocol allows, all results arrive as one text, which
# is Python's repr of a list with a path of the server in it, and there is no image.
# Seen: with progress ['image', 'text', 'text'], without ['text'], which begins with "[{'path': '/".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check "gradio[mcp]==6.31.0" mcp==1.30.0 numpy==2.4.6
cd "$folder"
GRADIO_ANALYTICS_ENABLED=False GRADIO_TEMP_DIR="$folder" NO_PROXY='*' PYTHONWARNINGS=ignore "$folder/venv/bin/python" - <<'PY'
import asyncio

import gradio as gr
import numpy as np
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client


def draw(word: str):
    """Return a black picture and the length of a word."""
    return np.zeros((8, 8, 3), np.uint8), len(word)


with gr.Blocks() as demo:
    word, picture, length = gr.Textbox(), gr.Image(format="png"), gr.Number()
    gr.Button().click(draw, word, [picture, length], api_name="draw")
_, url, _ = demo.launch(mcp_server=True, prevent_thread_lock=True, quiet=True)


async def hear(progress, total, message):
    """Take notice of nothing."""


async def call(listener):
    async with streamablehttp_client(f"{url}gradio_api/mcp/") as (reading, writing, _):
        async with ClientSession(reading, writing) as session:
            await session.initialize()
            answer = await session.call_tool("draw", {"word": "depth"}, progress_callback=listener)
            return answer.content


with_progress, without = asyncio.run(call(hear)), asyncio.run(call(None))
print("with progress", [part.type for part in with_progress])
print("without", [part.type for part in without], without[0].text[:60])
demo.close()
assert [part.type for part in with_progress] == ["image", "text", "text"]
assert [part.type for part in without] == ["text"]
assert without[0].text.startswith("[{'path': '/")
PY
