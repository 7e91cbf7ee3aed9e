"""Values that the configuration file of the book cannot express."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from course_site.digest import KERNEL_ENVIRONMENT, cache_folder

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

_PAIRS = ("nitpick_ignore", "nitpick_ignore_regex")


def pairs_as_tuples(app: Sphinx, config: Config) -> None:
    """Turn lists of pairs into tuples: YAML has none, and Sphinx compares with tuples."""
    for name in _PAIRS:
        config[name] = [tuple(pair) for pair in config[name]]


def key_the_cache(app: Sphinx, config: Config) -> None:
    """Keep results of cells apart whenever the package, the data or the lock differ."""
    if not config["nb_execution_cache_path"]:
        config["nb_execution_cache_path"] = str(cache_folder(Path(app.outdir).parent, app.srcdir))


def prepare_kernels(app: Sphinx, config: Config) -> None:
    """Let the kernels, which inherit this environment, write outputs for a static page."""
    os.environ.update(KERNEL_ENVIRONMENT)


def site_address(app: Sphinx, config: Config) -> None:
    """Derive the address of the published site from the one of the repository, if none is given."""
    if config["html_baseurl"]:
        return
    host, _, path = config["html_theme_options"].get("repository_url", "").partition("github.com/")
    owner, _, name = path.strip("/").partition("/")
    if host == "https://" and owner and name:
        config["html_baseurl"] = f"https://{owner}.github.io/{name}/"
        config["ogp_site_url"] = config["html_baseurl"]


def register(app: Sphinx) -> None:
    """Connect the room to Sphinx."""
    # Jupyter Book sets this value of a comment box that the course does not load.
    app.add_config_value("comments_config", {}, "html")
    for handler in (pairs_as_tuples, key_the_cache, prepare_kernels, site_address):
        app.connect("config-inited", handler, priority=900)
