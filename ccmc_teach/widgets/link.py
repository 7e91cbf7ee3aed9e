"""Join the ES modules of the widgets into single texts.

The sources in ``js`` are plain ES modules with named imports from their siblings, and a browser
loads them as they are.
Two hosts need joined texts instead: a live notebook runs a widget from a string, which has no
siblings, and a page opened from a disk refuses module scripts.
Both come from the same joining: every module becomes one function scope, so that names of
different modules never meet.
A page loads one script with what most widgets need, the kit, and one for each of its widgets.
The kit keeps its modules under a symbol of the window, so no global name appears.
Comments on lines of their own and indentation are left out, so no string may span lines and need
its indentation.

    import { linear } from "./draw.mjs";        const $draw = (() => { ... return { linear }; })();
    export const twice = (x) => 2 * x;     ->   const $dice = (() => { const { linear } = $draw; ...
                                                return { twice }; })();
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parent / "js"
KIT = "kit"
HOST = "host"

_SHELF = 'window[Symbol.for("ccmc")]'

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


def widgets(folder: Path = SOURCES) -> list[str]:
    """Return the names of all widgets: modules with a default export.

    Parameters
    ----------
    folder : Path
        Folder of the modules.

    Returns
    -------
    list of str
        File names without ``.mjs``, sorted.

    Raises
    ------
    ValueError
        If a module cannot be joined.

    Examples
    --------
    >>> "counts_times_tastes" in widgets()
    True
    """
    names = sorted(file.stem for file in folder.glob("*.mjs"))
    sources = ((name, (folder / f"{name}.mjs").read_text("utf-8")) for name in names)
    return [name for name, source in sources if "default" in parse(name, source).exports]


def static_scripts(folder: Path = SOURCES) -> dict[str, str]:
    """Join the modules into classic scripts: the kit, and one for each widget.

    The kit holds the host and every module that most widgets need.
    A widget's script holds the rest of what it needs, and works after the kit; where a few widgets
    share a module, each has its copy, so that the other pages do not carry it.
    A widget finds every ``div.ccmc-static`` of the page that names it and brings it to life.
    They are no modules, so they also work in a page opened from a disk.

    Parameters
    ----------
    folder : Path
        Folder of the modules.

    Returns
    -------
    dict of str
        Text of each script by its name, which is ``kit`` or the file name of the widget's module
        without ``.mjs``; the kit is first, the widgets are sorted.
        The same sources give the same texts.

    Raises
    ------
    ValueError
        If a module cannot be joined or a widget is called ``kit``.

    Examples
    --------
    >>> list(static_scripts())[:2]
    ['kit', 'assumption_switches']
    """
    needs = {name: ordered([name], folder) for name in widgets(folder)}
    if KIT in needs:
        raise ValueError(f"{KIT}.mjs is a widget; the name belongs to what all widgets share.")
    users = Counter(module.name for modules in needs.values() for module in modules)
    most = max(2, len(needs) // 2 + 1)
    kit = ordered([HOST, *sorted(name for name in users if users[name] >= most)], folder)
    scripts = {KIT: _kit_script(kit)}
    for name, modules in needs.items():
        scripts[name] = _widget_script(name, modules, {module.name for module in kit})
    return scripts


def _kit_script(kit: list[Module]) -> str:
    scopes = "".join(map(_scope, kit))
    given = ", ".join(f"${module.name}" for module in kit)
    return f'{_SHELF} ??= (() => {{\n"use strict";\n{scopes}return {{ {given} }};\n}})();\n'


def _widget_script(name: str, modules: list[Module], kit: set[str]) -> str:
    own = [module for module in modules if module.name not in kit]
    homes = {home for module in own for home, _ in module.imports}
    taken = ", ".join(f"${home}" for home in sorted(homes & kit | {HOST}))
    scopes = "".join(map(_scope, own))
    start = f'${HOST}.register("{name}.mjs", ${name}.default);'
    return f'(() => {{\n"use strict";\nconst {{ {taken} }} = {_SHELF};\n{scopes}{start}\n}})();\n'


def static_script(folder: Path = SOURCES) -> str:
    """Join the kit and all widgets into one classic script, for a page that holds any of them.

    Parameters
    ----------
    folder : Path
        Folder of the modules.

    Returns
    -------
    str
        The texts of `static_scripts`, one after the other.

    Raises
    ------
    ValueError
        If a module cannot be joined.

    Examples
    --------
    >>> static_script() == "".join(static_scripts().values())
    True
    """
    return "".join(static_scripts(folder).values())
