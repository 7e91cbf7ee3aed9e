"""Join the ES modules of the widgets into single texts.

The sources in ``js`` are plain ES modules with named imports from their siblings, and a browser
loads them as they are.
Two hosts need one text instead: a live notebook runs a widget from a string, which has no siblings,
and a page opened from a disk refuses module scripts.
Both texts come from the same joining: every module becomes one function scope, so that names of
different modules never meet.
Comments on lines of their own and indentation are left out, so no string may span lines and need
its indentation.

    import { linear } from "./draw.mjs";        const $draw = (() => { ... return { linear }; })();
    export const twice = (x) => 2 * x;     ->   const $dice = (() => { const { linear } = $draw; ...
                                                return { twice }; })();
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parent / "js"

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"\./(\w+)\.mjs";[ \t]*\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|class|function|async function) +(\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*|\bimport(?:\(|\.meta)", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*//.*\n|^[ \t]*/\*\*[\s\S]*?\*/\n", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """One ES module, taken apart.

    Attributes
    ----------
    name : str
        File name without ``.mjs``.
    imports : tuple of (str, str)
        Pairs of a sibling's name and the names taken from it, as a destructuring pattern.
    exports : tuple of str
        Exported names in the order of the source; ``default`` comes last.
    body : str
        The source without its import lines, ``export`` words, whole-line comments and indentation.
    """

    name: str
    imports: tuple[tuple[str, str], ...]
    exports: tuple[str, ...]
    body: str


def parse(name: str, source: str) -> Module:
    r"""Take one ES module apart.

    Parameters
    ----------
    name : str
        File name without ``.mjs``.
    source : str
        Text of the module.

    Returns
    -------
    Module
        Its imports, exports and body.

    Raises
    ------
    ValueError
        If the module uses a form of import or export that cannot be joined.

    Examples
    --------
    >>> parse("dice", 'import { a as b } from "./draw.mjs";\nexport const six = b;\n')
    Module(name='dice', imports=(('draw', 'a: b'),), exports=('six',), body='const six = b;\n')
    """
    source = _INDENT.sub("", _COMMENT.sub("", source))
    imports = tuple(
        (home, ", ".join(re.sub(r"\s+as\s+", ": ", part.strip()) for part in _parts(names)))
        for names, home in _IMPORT.findall(source)
    )
    exports = tuple(_EXPORT.findall(source)) + ("default",) * len(_DEFAULT.findall(source))
    body = _EXPORT.sub("", _IMPORT.sub("", source))
    body = _DEFAULT.sub("const $default = ", body)
    left_over = _LEFT_OVER.search(body)
    if left_over or len(set(exports)) < len(exports):
        line = left_over.group().strip() if left_over else "a name exported twice"
        raise ValueError(
            f"{name}.mjs holds {line!r}; a joined module needs named imports from './x.mjs', "
            "exports of one const, function or class each, and at most one default export."
        )
    return Module(name, imports, exports, body)


def _parts(names: str) -> list[str]:
    return [part for part in names.split(",") if part.strip()]


def ordered(entries: Iterable[str], folder: Path = SOURCES) -> list[Module]:
    """Return the entry modules and all that they import, dependencies first.

    Parameters
    ----------
    entries : iterable of str
        File names without ``.mjs``.
    folder : Path
        Folder of the modules.

    Returns
    -------
    list of Module
        Every module once, each after the modules that it imports.

    Raises
    ------
    ValueError
        If modules import each other in a circle or a module is missing.

    Examples
    --------
    >>> [module.name for module in ordered(["draw"])]
    ['draw']
    """
    done: dict[str, Module] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(
                f"modules import each other in a circle: {' -> '.join(path)} -> {name}."
            )
        if name in done:
            return
        file = folder / f"{name}.mjs"
        if not file.is_file():
            raise ValueError(
                f"module {name}.mjs is not in {folder}; it is asked for by {path or 'you'}."
            )
        module = parse(name, file.read_text("utf-8"))
        for home, _ in module.imports:
            visit(home, (*path, name))
        done[name] = module

    for entry in entries:
        visit(entry, ())
    return list(done.values())


def _scope(module: Module) -> str:
    taken = "".join(f"const {{ {names} }} = ${home};\n" for home, names in module.imports)
    given = ", ".join("default: $default" if name == "default" else name for name in module.exports)
    return f"const ${module.name} = (() => {{\n{taken}{module.body}return {{ {given} }};\n}})();\n"


def link(entry: str, folder: Path = SOURCES) -> str:
    r"""Join a widget's module and all that it imports into one ES module.

    Parameters
    ----------
    entry : str
        File name of the widget's module without ``.mjs``.
    folder : Path
        Folder of the modules.

    Returns
    -------
    str
        An ES module without imports; its default export is the entry's.

    Raises
    ------
    ValueError
        If the entry has no default export or a module cannot be joined.

    Examples
    --------
    >>> link("counts_times_tastes").endswith("export default $counts_times_tastes.default;\n")
    True
    """
    modules = ordered([entry], folder)
    if "default" not in modules[-1].exports:
        raise ValueError(f"{entry}.mjs has no default export; a widget's module needs one.")
    return "".join(map(_scope, modules)) + f"export default ${entry}.default;\n"


def static_script(folder: Path = SOURCES) -> str:
    """Join the host, the kit and every widget into one classic script.

    The script finds every ``div.ccmc-static`` of a page and brings it to life.
    It is no module, so it also works in a page opened from a disk.

    Parameters
    ----------
    folder : Path
        Folder of the modules; every module with a default export is a widget.

    Returns
    -------
    str
        The text of the script; the same text for the same sources.

    Raises
    ------
    ValueError
        If a module cannot be joined.

    Examples
    --------
    >>> static_script().startswith("(() => {")
    True
    """
    names = sorted(file.stem for file in folder.glob("*.mjs"))
    modules = ordered(["host", *names], folder)
    widgets = sorted(module.name for module in modules if "default" in module.exports)
    registry = ", ".join(f'"{name}.mjs": ${name}.default' for name in widgets)
    scopes = "".join(map(_scope, modules))
    return f'(() => {{\n"use strict";\n{scopes}$host.start({{ {registry} }});\n}})();\n'
