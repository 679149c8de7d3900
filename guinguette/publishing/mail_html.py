"""An e-mail's text as a simple page in the site's colours.

It is made from the text alone, so that the two never say different things. Mail programs read inline styles and tables,
and little else; the colours are those of static/css/tokens.css.
"""

import re

from markupsafe import Markup, escape

from guinguette.publishing.mails import RULE, Mail

_LINK = re.compile(r"(?P<words>.+?)\s?:\s(?P<url>https?://\S+)")
_PAGE_HTML = Markup(
    '<!DOCTYPE html>\n<html lang="{locale}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light">'
    "<title>{subject}</title></head>"
    '<body style="margin:0;padding:0;background:#fff4dc">'
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#fff4dc"><tr>'
    '<td align="center" style="padding:16px">'
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
    'style="max-width:560px;background:#fffdf7;border:1px solid #e3cfa3">'
    '<tr><td style="padding:14px 24px;background:#11254d;border-bottom:4px solid #ffc640;color:#ffc640;'
    'font-family:Georgia,serif;font-size:18px">Guinguette mobile</td></tr>'
    '<tr><td style="padding:24px;color:#182038;font-size:17px;line-height:1.5;'
    'font-family:Verdana,Arial,sans-serif">\n{content}</td></tr>'
    '<tr><td style="padding:14px 24px;border-top:1px solid #e3cfa3;background:#f5e4c0;color:#4d5470;'
    'font-size:14px;line-height:1.5;font-family:Verdana,Arial,sans-serif">\n{end}</td></tr>'
    "</table></td></tr></table></body></html>\n"
)
_HEADLINE = Markup(
    '<h1 style="margin:0 0 16px;font-family:Georgia,serif;font-size:24px;line-height:1.25;'
    'font-weight:normal;color:#182038">{text}</h1>\n'
)
_PARAGRAPH = Markup('<p style="margin:0 0 16px">{text}</p>\n')
_BUTTON = Markup(
    '<p style="margin:0 0 8px"><a href="{url}" style="display:inline-block;padding:12px 20px;background:#8a1739;'
    'color:#fffdf7;text-decoration:none;border-radius:6px">{words}</a></p>\n'
)
_SMALL_LINK = Markup('<a href="{url}" style="color:#8a1739">{words}</a>')


def as_html(mail: Mail, *, locale: str) -> str:
    """Return the text of ``mail`` as a page: its first paragraph is the headline, its links are buttons."""
    body, _, end = mail.text.partition(f"\n{RULE}\n")
    headline, *paragraphs = [part for part in body.split("\n\n") if part.strip()] or [mail.subject]
    content = _HEADLINE.format(text=_lines(headline))
    for paragraph in paragraphs:
        links = [_LINK.fullmatch(line) for line in paragraph.splitlines()]
        if all(links):
            content += Markup("").join(_BUTTON.format(**link.groupdict()) for link in links if link)
        else:
            content += _PARAGRAPH.format(text=_lines(paragraph))
    return str(_PAGE_HTML.format(locale=locale, subject=mail.subject, content=content, end=_lines(end)))


def _lines(text: str) -> Markup:
    return Markup("<br>\n").join(_linked(line) for line in text.strip().splitlines())


def _linked(line: str) -> Markup:
    link = _LINK.fullmatch(line)
    return _SMALL_LINK.format(**link.groupdict()) if link else escape(line)
