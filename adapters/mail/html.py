"""HTML mail as plain text."""

import re
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

from adapters.mail.display import fewer_blank_lines

if TYPE_CHECKING:
    from inscriptis.model.config import ParserConfig
    from inscriptis.model.html_document_state import HtmlDocumentState
    from inscriptis.model.html_element import HtmlElement

_HTML_CHARACTERS = 1_000_000
# libxml2 silently drops what lies deeper than 256 elements.
_DEEPEST = 150
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,500}\?>", re.IGNORECASE)
_NESTING = re.compile(r"<(/?)(?:div|table|span|font|blockquote|ul|ol)\b", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style|head|title|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_LINE_END = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table|/blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<[/!?a-zA-Z][^<>]*>?", re.DOTALL)
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)


def charset_of(html: bytes) -> str:
    """The charset that the document itself names, or ""."""
    found = _META_CHARSET.search(html[:4096])
    return found[1].decode("ascii", "replace") if found else ""


def html_to_text(html: str) -> str:
    """What a reader of the HTML sees, without hidden parts and without link targets. Never raises."""
    html = _DECLARATION.sub("", html[:_HTML_CHARACTERS]).replace("\x00", "")
    text = _plainly(html) if _is_too_deep(html) else _laid_out(html)
    text = text.replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "")
    return fewer_blank_lines(_TRAILING.sub("", text))


def _laid_out(html: str) -> str:
    # lxml comes in with it: only mail that needs it pays for the import.
    from inscriptis import get_text

    if not html.strip():
        return ""
    try:
        return str(get_text(html, _config()))
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, SyntaxError):
        return _plainly(html)


@cache
def _config() -> "ParserConfig":
    """Lines instead of columns and indents: the padding of a hostile table or list would fill the memory."""
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.html_properties import Display
    from inscriptis.model.config import ParserConfig
    from inscriptis.model.html_element import HtmlElement
    from inscriptis.model.tag import CustomHtmlTagHandlerMapping

    css = dict(CSS_PROFILES["strict"])
    for tag in ("table", "tr", "caption", "center", "dd", "dt", "ul", "ol"):
        css[tag] = HtmlElement(display=Display.block)
    tags = dict.fromkeys(("table", "tr"))
    ends = {**tags, "td": _space_after, "th": _space_after}
    starts = {**tags, "td": None, "th": None}
    config = ParserConfig(
        css=css,
        custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping(starts, ends),
    )
    config.attribute_handler.attribute_mapping = {"style": _apply_style}
    return config


def _space_after(state: "HtmlDocumentState") -> None:
    state.tags[-1].write(" ")


def _apply_style(style: str, element: "HtmlElement") -> None:
    """Of the style only what decides whether text is seen and where its lines end."""
    from inscriptis.model.css import CssParse

    for directive in style.lower().split(";"):
        key, _, value = directive.partition(":")
        key, value = key.strip(), value.replace("!important", "").strip()
        if key == "display" and value == "none":
            CssParse.attr_display(value, element)
        elif key == "white-space":
            CssParse.attr_white_space(value, element)


def _plainly(html: str) -> str:
    """The text between the tags: for documents that no tree should be made of."""
    html = _LINE_END.sub("\n", _HIDDEN.sub("", html))
    return unescape(_TAG.sub("", html))


def _is_too_deep(html: str) -> bool:
    depth = 0
    for match in _NESTING.finditer(html):
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > _DEEPEST:
            return True
    return False
