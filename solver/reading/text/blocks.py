"""Blocks that are known by the names in a printout: where they branch, and how branches meet.

Names are those of torchvision and of many networks written after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from solver.ground.named import NamedTuple
from solver.reading.text.printout import Module
from solver.sizes.width import is_int

#: Modules that do nothing when they are empty.
CONTAINERS = ("Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict")
_BESIDE = (
    r"^(down_?sample|short_?cut\d*|skip(_?conv\d*|_connection|_proj)?|proj_?(shortcut|skip)"
    r"|residual(_conv|_layer|_proj)?|res_?(conv|skip|proj)|identity_?(conv|downsample)"
    r"|conv_?(shortcut|skip)|match_dimensions)$"
)
_RESIDUAL = r"(?i)residual|^(basic_?block|bottle_?neck|mbconv|fusedmbconv|cnblock|res(net)?_?block)"
_EXCITES = r"(?i)^(squeeze_?(and_?)?excit|se_?(module|layer|block)$)"
_DENSE = r"(?i)^_?dense_?layer"
_AUXILIARY = r"(?i)^(aux\d*|auxlogits|aux_?(classifier|head|logits)\d*)$"
_BRANCH = r"(?i)^(branch_?\w*?|b\d)(_(\d+)([ab])?)?$"
_SPLIT = "branches"
#: Layers whose channels or features are printed.
_WIDE = frozenset(("Conv1d", "Conv2d", "Conv3d", "Linear"))
_POOLING = r"(?i)pool"
_MOST = 1000


class Plan(NamedTuple):
    """Say how a tensor goes through a block.

    trunk: modules one after the other. branches: behind the trunk, to be concatenated. besides: a
    module that takes what the block takes, to be added. meets: what the end does with what went in:
    "add", "append" or "multiply". pools_first: whether a global pooling stands in front. pool: the
    kernel size and stride of a max pooling that is a branch and is not printed.
    """

    trunk: Sequence[Module] = ()
    branches: Sequence[Sequence[Module]] = ()
    besides: Module | None = None
    meets: str = ""
    pools_first: bool = False
    pool: tuple[int, int] | None = None


def is_auxiliary(module: Module) -> bool:
    """Tell whether a module is a second head that only training uses."""
    return re.match(_AUXILIARY, module.name) is not None


def plan(module: Module, children: Sequence[Module]) -> Plan:
    """How a tensor goes through a module with these children.

    >>> names = ["squeeze", "squeeze_activation", "expand1x1", "expand3x3"]
    >>> found = plan(Module("0", "Fire", 1), [Module(name, "Conv2d", 1) for name in names])
    >>> [len(found.trunk), [[each.name for each in branch] for branch in found.branches]]
    [2, [['expand1x1'], ['expand3x3']]]
    """
    kind = module.kind
    if kind == _SPLIT:
        return Plan((), [[child] for child in children], meets="concat")
    if kind in CONTAINERS:
        return Plan(children)
    besides = [child for child in children if re.match(_BESIDE, child.name)]
    if len(besides) == 1 and len(children) > 1:
        return Plan([child for child in children if child is not besides[0]], (), besides[0])
    if re.match(_EXCITES, kind):
        pools = any(re.search(_POOLING, child.name + child.kind) for child in children)
        return Plan(children, meets="multiply", pools_first=not pools)
    if re.match(_DENSE, kind):
        return Plan(children, meets="append")
    expands = [child for child in children if child.name.startswith("expand")]
    if kind.startswith("Fire") and expands:
        trunk = [child for child in children if child not in expands]
        return Plan(trunk, _by_stem(expands, "_"), meets="concat")
    if len(children) > 1 and all(re.match(_BRANCH, child.name) for child in children):
        return _branched(module, children)
    return Plan(children, meets="add" if re.search(_RESIDUAL, kind) else "")


def width(module: Module) -> int | None:
    """The channels or features that the first layer in a module takes, where it tells.

    >>> width(Module("a", "Linear", 1, "in_features=8, out_features=4"))
    8
    """
    for each in _within(module):
        if each.kind in _WIDE and (given := each.arguments()):
            plain, named = given
            found = plain[0] if plain else named.get("in_features")
            return found if is_int(found) else None
    return None


def channels(module: Module) -> tuple[int | None, int | None]:
    """The channels that the first convolution in a module takes, and that the last gives."""
    given = (each.arguments() for each in _within(module) if re.match(r"Conv[123]d$", each.kind))
    found = [args for args, _ in filter(None, given)]
    numbers = [pair for args in found if len(pair := [n for n in args if is_int(n)]) == 2]
    return (numbers[0][0], numbers[-1][1]) if numbers else (None, None)


def _within(module: Module) -> Iterator[Module]:
    """A module and those inside, in order, as many as can be looked at."""
    stack = [module]
    for _ in range(_MOST):
        if not stack:
            return
        each = stack.pop()
        yield each
        stack.extend(reversed(each.children))


def _by_stem(children: Sequence[Module], mark: str) -> list[list[Module]]:
    found: dict[str, list[Module]] = {}
    for child in children:
        found.setdefault(child.name.partition(mark)[0], []).append(child)
    return list(found.values())


def _branched(module: Module, children: Sequence[Module]) -> Plan:
    """Return branches by their names: branch5x5_1 and branch5x5_2 follow each other.

    An a and a b, such as branch3x3_2a and branch3x3_2b, split once more.
    """
    stems: dict[str, list[tuple[Module, str]]] = {}
    for child in children:
        found = re.match(_BRANCH, child.name)
        assert found is not None
        stems.setdefault(found[1], []).append((child, found[4] or ""))
    if len(stems) == 1 and len(children) > 1:  # branch_0, branch_1: numbers tell branches apart
        return Plan((), [[child] for child in children], meets="concat")
    branches: list[list[Module]] = []
    for parts in stems.values():
        trunk = [child for child, letter in parts if not letter]
        twins = [child for child, letter in parts if letter]
        if twins:
            trunk = [*trunk, Module("", _SPLIT, twins[0].line, children=twins)]
        branches.append(trunk)
    # torchvision's InceptionB and InceptionD pool in a branch without a module of its own.
    pooled = any("pool" in child.name for child in children)
    pool = (3, 2) if module.kind in ("InceptionB", "InceptionD") and not pooled else None
    return Plan((), branches, meets="concat", pool=pool)
