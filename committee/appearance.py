"""How an organisation looks on its pages: its name, two colours and a logo, from its profile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from committee.profile import profile_path, read_profile
from store.errors import Misconfigured
from store.settings import Settings

MAIN, ACCENT = "#1f4e5f", "#1f5fa8"
"""Where a profile names none."""
LEAST_CONTRAST = 4.5
"""Of white text on a colour, and of a colour as text on white (WCAG 2.2, 1.4.3)."""
LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
MOST_LOGO_BYTES = 200_000
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture and its media type."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Appearance:
    """What pages show of the organisation that they serve."""

    name: str
    main: str
    accent: str
    logo: Logo | None


def read_appearance(settings: Settings) -> Appearance:
    """The appearance that the profile asks for. Raises Misconfigured for colours that are hard to read, or a wrong logo."""
    path = profile_path(settings)
    profile = read_profile(path)
    wanted = profile.get("appearance", {})
    return Appearance(
        name=profile["organization"]["name"],
        main=_colour(path, "main", wanted.get("main", MAIN)),
        accent=_colour(path, "accent", wanted.get("accent", ACCENT)),
        logo=_logo(path, wanted["logo"]) if "logo" in wanted else None,
    )


def contrast_with_white(colour: str) -> float:
    """The ratio of WCAG 2.2 between `#rrggbb` and white, from 1 (white) to 21 (black)."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)


def _colour(path: Path, name: str, colour: str) -> str:
    if not _COLOUR.fullmatch(colour):
        raise Misconfigured(f"{path.name}: appearance.{name} is '{colour}'. Write a colour like {MAIN}.")
    ratio = contrast_with_white(colour)
    if ratio < LEAST_CONTRAST:
        raise Misconfigured(
            f"{path.name}: appearance.{name} {colour} is too light to be read beside white ({ratio:.1f}:1). "
            f"Choose a darker one, of at least {LEAST_CONTRAST}:1."
        )
    return colour


def _logo(path: Path, name: str) -> Logo:
    found = path.parent / name
    media_type = LOGO_TYPES.get(found.suffix.lower())
    if media_type is None or found.parent != path.parent:
        raise Misconfigured(f"{path.name}: appearance.logo is '{name}'. Name an .svg or .png file beside the profile.")
    try:
        content = found.read_bytes()
    except OSError as problem:
        raise Misconfigured(f"{path.name}: the logo {name} cannot be read: {problem.strerror}.") from problem
    if len(content) > MOST_LOGO_BYTES:
        raise Misconfigured(
            f"{path.name}: the logo {name} is larger than {MOST_LOGO_BYTES // 1000} kB. Make it smaller."
        )
    return Logo(content, media_type)
