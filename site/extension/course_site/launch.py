"""A launch button on pages that are not notebooks, and the notice about one's own machine."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_LABEL = "launch-buttons"
_TEMPLATES = Path(__file__).parent / "templates"


def binder_address(binder: str, repository: str, branch: str, path: str) -> str:
    """Return the address that opens one file of the repository in JupyterLab on Binder.

    Parameters
    ----------
    binder, repository : str
        Addresses of the Binder service and of the repository on GitHub.
    branch, path : str
        Branch and path of the file inside the repository.

    Examples
    --------
    >>> binder_address("https://binder.example", "https://github.com/a/b", "main", "intro.md")
    'https://binder.example/v2/gh/a/b/main?urlpath=lab/tree/intro.md'
    """
    owner, name = PurePosixPath(repository).parts[-2:]
    return f"{binder.rstrip('/')}/v2/gh/{owner}/{name}/{branch}?urlpath=lab/tree/{path}"


def address_of_page(app: Sphinx, pagename: str) -> str:
    """Return the Binder address of a page of the book, or an empty text where there is none."""
    options = app.config["html_theme_options"]
    binder = options.get("launch_buttons", {}).get("binderhub_url")
    repository = options.get("repository_url")
    if not (binder and repository and pagename in app.env.found_docs):
        return ""
    source = Path(app.env.doc2path(pagename)).relative_to(app.srcdir).as_posix()
    return binder_address(binder, repository, options.get("repository_branch", "main"), source)


def name_addresses(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give the notice at the foot of a page the addresses that it names."""
    context["binder_address"] = address_of_page(app, pagename)
    context["repository_address"] = app.config["html_theme_options"].get("repository_url", "")


def offer_launch(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Add a launch button where the theme gave none, as it does on pages that run nothing."""
    address = context["binder_address"]
    buttons = context.get("header_buttons", [])
    if not address or any(button.get("label") == _LABEL for button in buttons):
        return
    binder = {"type": "link", "text": "Binder", "tooltip": "Launch on Binder", "url": address}
    buttons.insert(
        0,
        {
            "type": "group",
            "tooltip": "Launch interactive content",
            "icon": "fas fa-rocket",
            "buttons": [{**binder, "icon": "_static/images/logo_binder.svg"}],
            "label": _LABEL,
        },
    )


def add_templates(app: Sphinx, config: Any) -> None:
    """Let the theme find the notice that stands at the foot of every page."""
    config["templates_path"].append(str(_TEMPLATES))


def register(app: Sphinx) -> None:
    """Connect the room to Sphinx."""
    app.connect("config-inited", add_templates)
    # Before the theme drops templates that stay empty, and after it has made its own buttons.
    app.connect("html-page-context", name_addresses, priority=400)
    app.connect("html-page-context", offer_launch, priority=900)
