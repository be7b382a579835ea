"""The paper that a report is written on: one HTML file without scripts, fonts or requests, for screen, phone and A4.

Every function takes plain text and escapes it; only `Html` goes through as it is.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable
from io import BytesIO

from PIL import Image

from depth_demo.geometry import RgbImage

JPEG_QUALITY = 85
# The page may show what it carries and nothing else, so that a mistake here cannot become a request.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
:root { --ink: #1b2430; --soft: #5b6673; --paper: #fff; --card: #f4f6f9; --line: #dce2e9; --link: #2f55c8;
  --monocular: rgb(86, 180, 233); --stereo: rgb(230, 159, 0); --fused: rgb(0, 158, 115); }
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --ink: #e7ebf0; --soft: #a3adb9; --paper: #12161c; --card: #1b2129; --line: #323b46;
    --link: #8fb0ff; }
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; -webkit-text-size-adjust: 100%;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body { max-width: 1080px; margin: 0 auto; padding: 0 20px 48px; overflow-wrap: break-word; }
header { padding: 36px 0 8px; }
header::before { content: ""; display: block; height: 5px; border-radius: 3px; margin-bottom: 24px;
  background: linear-gradient(90deg, var(--monocular) 50%, var(--stereo) 50%); }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 44px 0 8px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 6px; }
p { margin: 0 0 10px; max-width: 76ch; }
a { color: var(--link); }
.kicker, .lead, figcaption, small { color: var(--soft); }
.kicker { font-weight: 600; margin: 0 0 4px; }
.warning { border-left: 4px solid var(--stereo); padding: 6px 12px; background: var(--card); max-width: none; }
.grid { display: grid; grid-template-columns: 1fr 1fr; gap: 18px; margin-top: 14px; }
.grid.words > :first-child:nth-last-child(odd) { grid-column: 1 / -1; }
.grid.four { grid-template-columns: repeat(4, 1fr); gap: 12px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; min-width: 0; }
.card > :last-child { margin-bottom: 0; }
.card small { display: block; line-height: 1.4; margin-top: 6px; }
.value { display: flex; justify-content: space-between; gap: 8px; }
.value span { white-space: nowrap; }
.value b { font-size: 1.15rem; font-variant-numeric: tabular-nums; }
.monocular::before, .stereo::before, .fused::before { content: ""; display: inline-block; width: .7em; height: .7em;
  border-radius: 2px; margin-right: .45em; }
.monocular::before { background: var(--monocular); }
.stereo::before { background: var(--stereo); }
.fused::before { background: var(--fused); }
figure { margin: 0; min-width: 0; break-inside: avoid; }
figure img { display: block; width: 100%; height: auto; border-radius: 8px; border: 1px solid var(--line); cursor: zoom-in; }
figure input { position: absolute; opacity: 0; }
figure input:focus-visible + img { outline: 3px solid var(--link); }
figure:has(input:checked) { grid-column: 1 / -1; }
figure:has(input:checked) img { cursor: zoom-out; }
figcaption { font-size: .92rem; line-height: 1.45; margin-top: 6px; }
figcaption b { color: var(--ink); }
.chip { border-radius: 4px; padding: 1px 7px; font-weight: 700; font-size: .86rem; }
table { border-collapse: collapse; width: 100%; margin-top: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-size: .86rem; }
tbody th { font-weight: 600; }
tr { break-inside: avoid; }
.scores td:not(:last-child), .scores th:not(:first-child):not(:last-child) { white-space: nowrap; }
.scores td:last-child { color: var(--soft); }
.scroll { overflow-x: auto; }
.numbers td { white-space: nowrap; }
.facts { margin-top: 0; font-size: .92rem; }
.facts th { width: 42%; font-weight: 400; color: var(--soft); }
.facts tr:last-child > * { border-bottom: 0; }
.facts td { overflow-wrap: anywhere; }
.regions th { width: 38%; }
.regions small { display: block; font-size: .84rem; font-weight: 400; line-height: 1.4; }
.bar { display: grid; grid-template-columns: 5.6rem 1fr 3.4rem; align-items: center; gap: .5rem; font-size: .92rem; }
.bar svg { width: 100%; height: .85em; display: block; background: var(--card); border-radius: 2px; }
.bar b { text-align: right; white-space: nowrap; }
.bar + small { margin: 0 0 5px 6.1rem; }
footer { margin-top: 40px; color: var(--soft); font-size: .92rem; }
@media screen and (width < 720px) {
  body { padding: 0 14px 32px; }
  header { padding-top: 20px; }
  h1 { font-size: 1.6rem; }
  .grid { grid-template-columns: 1fr; }
  .grid.four { grid-template-columns: 1fr 1fr; }
  .scores thead { display: none; }
  .scores tr { display: grid; grid-template-columns: 1fr auto auto auto; padding: 6px 0;
    border-bottom: 1px solid var(--line); }
  .scores th, .scores td { border: 0; padding: 1px 14px 1px 0; }
  .scores td:last-child { grid-column: 1 / -1; font-size: .92rem; }
  .regions thead { display: none; }
  .regions th, .regions td { display: block; width: auto; padding-right: 0; }
  .regions th { border-bottom: 0; padding-bottom: 0; }
}
@media screen and (width < 480px) { .grid.four { grid-template-columns: 1fr; } }
@page { size: A4; margin: 14mm 13mm; }
@media print {
  html { font-size: 9pt; }
  .value b { font-size: 1rem; }
  body { max-width: none; padding: 0; }
  header { padding-top: 0; }
  h2, h3 { break-after: avoid; }
  h2 { margin-top: 24px; }
  .lead { break-after: avoid; }
  .card, .scores { break-inside: avoid; }
  td, th { padding-top: 4px; padding-bottom: 4px; }
  .grid { gap: 10px; }
  a { color: inherit; }
}
"""


class Html(str):
    """Markup that is ready for the page."""

    __slots__ = ()


def text(content: str) -> Html:
    """Plain text, or markup as it is."""
    return content if isinstance(content, Html) else Html(html.escape(content))


def page(title: str, *parts: Html) -> str:
    """The whole file."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{joined(parts)}\n</body>\n</html>\n"
    )


def joined(parts: Iterable[Html]) -> Html:
    return Html("\n".join(parts))


def block(tag: str, *parts: str, style: str = "") -> Html:
    """An element of the class `style` around texts and markup."""
    opening = f'{tag} class="{style}"' if style else tag
    return Html(f"<{opening}>{''.join(text(part) for part in parts)}</{tag}>")


def section(title: str, lead: str, *parts: Html) -> Html:
    return block("section", block("h2", title), block("p", emphasised(lead), style="lead"), *parts)


def paragraphs(markdown: str) -> list[Html]:
    """Paragraphs of text in which **this** is bold."""
    return [block("p", emphasised(part)) for part in markdown.split("\n\n")]


def emphasised(markdown: str) -> Html:
    return Html(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text(markdown)))


def link(address: str, words: str) -> Html:
    return Html(f'<a href="{text(address)}">{text(words)}</a>')


def figure(source: Html, alt: str, *caption: str) -> Html:
    """A picture that grows over the page's width by a click, and back."""
    box = f'<label><input type="checkbox" aria-label="Enlarge: {text(alt)}"><img src="{source}" alt="{text(alt)}"></label>'
    return block("figure", Html(box), block("figcaption", *caption))


def photo_source(picture: RgbImage) -> Html:
    """(H, W, 3) uint8 RGB as a JPEG inside an address."""
    return _source(picture, "jpeg", quality=JPEG_QUALITY)


def map_source(picture: RgbImage) -> Html:
    """(H, W, 3) uint8 RGB, every pixel kept, as a lossless WebP inside an address: half of a PNG."""
    return _source(picture, "webp", lossless=True, method=0, quality=0)  # quality: effort


def _source(picture: RgbImage, form: str, **options: int) -> Html:
    stream = BytesIO()
    Image.fromarray(picture).save(stream, form, **options)
    return Html(f"data:image/{form};base64,{base64.b64encode(stream.getvalue()).decode('ascii')}")


def table(style: str, headers: Iterable[str], rows: Iterable[Iterable[str]]) -> Html:
    """The first cell of a row is its heading."""
    head = block("tr", *(block("th", header) for header in headers))
    return block("table", block("thead", head), block("tbody", *(_row(row) for row in rows)), style=style)


def facts(title: str, rows: Iterable[tuple[str, str]]) -> Html:
    """A card of names and values."""
    return block("div", block("h3", title), block("table", *(_row(row) for row in rows), style="facts"), style="card")


def _row(cells: Iterable[str]) -> Html:
    heading, *others = cells
    return block("tr", block("th", heading), *(block("td", cell) for cell in others))
