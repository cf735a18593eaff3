"""Print a formula sheet as a Python function on whole numbers: no import, no float."""

from __future__ import annotations

from solver.render.plan import AXES, WORDS, Sheet, Statement
from solver.sizes.expression import Expression, names
from solver.sizes.isolate import LEAST
from solver.sizes.normal import whole
from solver.sizes.operations import LETTERS
from solver.sizes.text import text


def python(sheet: Sheet) -> str:
    '''Return a sheet as the source of one function.

    >>> from solver.render.plan import plan
    >>> print(python(plan("maxpool", dim=1, hyperparameters={"dilation": 1})))
    def maxpool1d_size(L_in, kernel_size, stride=None, padding=0):
        """Return L_out (max pooling)."""
        stride = kernel_size if stride is None else stride
        L_out = (L_in + 2*padding - kernel_size)//stride + 1
        return L_out
    >>> print(python(plan("conv", letter="s", hyperparameters={"kernel_size": 1, "padding": 0})))
    def conv_s(i, o):
        """Return the least and greatest s, or None; a greatest of None is no bound."""
        if o == 1 and i >= 1:
            return max(1, i), None
        if o >= 2:
            least, greatest = max(1, (i - 1)//o + 1), (i - 1)//(o - 1)
            return (least, greatest) if least <= greatest else None
        return None
    '''
    lines = _sizes(sheet) if sheet.isolated is None else _bounds(sheet)
    return "\n".join(lines)


def _sizes(sheet: Sheet) -> list[str]:
    """The lines of a function from a layer to its output sizes."""
    textbook = sheet.style == "textbook"
    used = _used(sheet)
    parameters = [name for name in used if name == "i" or name.endswith("_in")]
    body = []
    for word in sheet.op.hyperparameters:
        name = word if textbook else LETTERS[word]
        default = sheet.defaults.get(word)
        if name not in used:
            continue
        if default == "kernel_size":
            kernel = default if textbook else LETTERS[default]
            if kernel in used or default not in sheet.given:
                parameters.append(f"{name}=None")
                body.append(f"{name} = {kernel} if {name} is None else {name}")
            else:
                parameters.append(f"{name}={_per_axis(sheet, sheet.given[default])}")
        elif default is None:
            parameters.append(name)
        else:
            parameters.append(f"{name}={_per_axis(sheet, (int(default),) * sheet.dim)}")
    sizes = ", ".join(statement.name for statement in sheet.statements)
    body += [f"{s.name} = {_source(s.lower)}" for s in sheet.statements]
    function = f"{sheet.op.name}{sheet.dim}d_size" if textbook else f"{sheet.op.name}_size"
    return [
        f"def {function}({', '.join(parameters)}):",
        f'    """Return {sizes} ({sheet.op.title})."""',
        *(f"    {line}" for line in body),
        f"    return {sizes}",
    ]


def _bounds(sheet: Sheet) -> list[str]:
    """The lines of a function from the other letters to the least and greatest value."""
    x = sheet.statements[0].name
    lines = [
        f"def {sheet.op.name}_{x}({', '.join(_used(sheet))}):",
        f'    """Return the least and greatest {x}, or None; a greatest of None is no bound."""',
    ]
    for statement in sheet.statements:
        case = _case(statement)
        if statement.when is None:
            lines += [f"    {line}" for line in case]
        else:
            lines.append(f"    if {_source(statement.when)}:")
            lines += [f"        {line}" for line in case]
    if statement.when is not None:
        lines.append("    return None")
    return lines


def _case(statement: Statement) -> list[str]:
    least = next(
        LEAST[letter] for letter, word in WORDS.items() if statement.name in (letter, word)
    )
    lower = _source(statement.lower)
    if statement.is_value:
        x = statement.name
        return [f"{x} = {lower}", f"return ({x}, {x}) if {x} >= {least} else None"]
    if lower != str(least):
        lower = f"max({least}, {lower})"
    if statement.upper is None:
        return [f"return {lower}, None"]
    return [
        f"least, greatest = {lower}, {_source(statement.upper)}",
        "return (least, greatest) if least <= greatest else None",
    ]


def _used(sheet: Sheet) -> list[str]:
    """The names the formulas depend on, without index, in the order of the letters."""
    trees = [
        tree for s in sheet.statements for tree in (s.when, s.lower, s.upper) if tree is not None
    ]
    found = {name.partition("[")[0] for tree in trees for name in names(tree)}
    sizes = [f"{axis}_in" for axis in AXES[sheet.dim]]
    return [name for name in (*sizes, *WORDS, *WORDS.values()) if name in found]


def _per_axis(sheet: Sheet, numbers: tuple[int, ...]) -> str:
    return str(numbers) if sheet.style == "textbook" and sheet.dim > 1 else str(numbers[0])


def _source(node: Expression) -> str:
    return text(whole(node))
