"""What is wrong with a page for somebody with a finger, a keyboard, a screen reader or tired eyes."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.sync_api import Page

_AXE = Path("node_modules/axe-core/axe.min.js")
#: On the tests that are about axe.
needs_axe = pytest.mark.skipif(not _AXE.is_file(), reason="axe-core is not installed: make install-test")

#: What axe has no rule for: text under 16 px, targets under 44 px, anything wider than the phone. A day of the big
#: calendar may write its weekday smaller: its name is read from the legend.
_MEASURES = """() => {
  const faults = [];
  if (document.documentElement.scrollWidth > innerWidth) faults.push("sideways scroll");
  for (const element of document.querySelectorAll("body *")) {
    const box = element.getBoundingClientRect();
    if (!box.width || element.closest(".vh, svg, .evit, .jour, sup")) continue;
    const speaks = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    const words = element.textContent.trim().slice(0, 30);
    if (speaks && parseFloat(getComputedStyle(element).fontSize) < 16) faults.push(`small: ${words}`);
    const touched = "a, button, summary, select, input:not([type=hidden], [type=checkbox], [type=radio])";
    if (element.matches(touched) && box.height < 44)
      faults.push(`target of ${Math.round(box.height)} px: ${words}`);
  }
  return faults;
}"""


def fits(page: Page) -> bool:
    """Tell whether the page in front of us, once it is there with its styles, needs no sideways scroll."""
    # a click that leaves for another page has only begun to: its document may not have begun either
    page.wait_for_load_state("load")
    return bool(page.locator("html").evaluate("html => html.scrollWidth <= window.innerWidth"))


def faults(page: Page) -> list[str]:
    """List what is wrong with the page in front of us; without what axe finds where it is not installed."""
    violations: list[str] = []
    if _AXE.is_file():
        page.evaluate(_AXE.read_text(encoding="utf-8"))
        violations = _axe(page)
    measured: list[str] = page.evaluate(_MEASURES)
    return violations + measured


def _axe(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """List what axe, which the page has loaded, finds by these rules (default: all)."""
    violations: list[str] = page.evaluate(
        "rules => axe.run(rules ? {runOnly: {type: 'rule', values: rules}} : {})"
        ".then(r => r.violations.map(v => v.id + ' ' + v.nodes.map(n => n.target).join(', ')))",
        rules,
    )
    return violations


def faults_by_day_and_night(page: Page, path: str) -> list[str]:
    """Open a page once and list what is wrong with it on a phone by day; at night; on the smallest phone; on a desk.

    Needs axe. What the scheme changes are colours, what the width changes are measures: no more is asked again.
    """
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="light")
    page.goto(path)
    found = faults(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {fault}" for fault in _axe(page, rules=["color-contrast", "link-in-text-block"])]
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"{width} px: {fault}" for fault in page.evaluate(_MEASURES)]
    return found


def faults_of(page: Page, paths: Iterable[str]) -> dict[str, list[str]]:
    """Open each path; return the faults of those that have any."""
    found = {}
    for path in paths:
        page.goto(path)
        found[path] = faults(page)
    return {path: each for path, each in found.items() if each}
