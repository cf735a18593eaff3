"""A statement that is not followed makes unknown what it may change, of whatever kind it is."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from solver.errors import SolverError
from solver.network.graph.operation import Unknown
from solver.reading import read

NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv1d(1, 1, 3)
        self.parts = nn.ModuleList([nn.Conv1d(1, 1, 2)])
        ks, d, k, s = [3, 5], {{"k": 3}}, 3, {{3}}
        {statement}
        self.a = nn.Sequential(nn.Conv1d(1, 1, ks[0]), nn.Conv1d(1, 1, d["k"]), nn.Conv1d(1, 1, k))
        self.b = nn.Sequential(self.c, *self.parts, *(nn.Conv1d(1, 1, k) for k in s))
    def forward(self, x):
        return self.b(self.a(x))
net = Net()
"""
#: Each changes something, if FLAG is what nobody knows.
STATEMENTS = r"""
if FLAG: ks.reverse()
if FLAG: k = 5
if FLAG > 2: d["k"] = 2
if FLAG: self.c.stride = (2,)
if FLAG: self.c = nn.Conv1d(1, 1, 9)
if FLAG: self.parts.append(nn.ReLU())
if FLAG: s.add(4)
for _ in FLAG: ks.append(1); ks[0] = 2
for k in FLAG: pass
for m in FLAG: m.stride = 2
for ks[0] in FLAG: pass
while FLAG: d.update(k=2)
with FLAG as k: pass
with FLAG() as (k, ks): pass
del ks[FLAG]
if FLAG: del self.c
ks[FLAG] = 1
ks += FLAG
d |= FLAG
k += FLAG
k = FLAG
k: int = FLAG
ks, d = FLAG
(k := FLAG)
setattr(self.c, FLAG, 2)
setattr(self, FLAG, None)
match FLAG:\n            case 1: ks.clear()
match FLAG:\n            case k: pass
match FLAG:\n            case [k, *ks]: pass
try: ks.pop(FLAG)\n        except ValueError: pass
def ks(): return 3
class d: k = 3
import d
from lib import k
exec("k = 5")
list.reverse(ks)
FLAG(ks)
FLAG.change(self)
FLAG.change(self.c)
FLAG.change(d)
[ks.append(1) for _ in FLAG]
{ks.pop() for _ in FLAG}
{1: ks.pop() for _ in FLAG}
list(ks.pop() for _ in FLAG)
0 if FLAG else ks.pop(0)
FLAG and ks.pop(0)
FLAG or d.clear()
FLAG and (k := 7)
ks.insert(FLAG, 2)
ks.extend(FLAG)
ks.sort(key=FLAG)
ks.pop(FLAG)
ks.remove(FLAG)
d.update(FLAG)
d.pop(FLAG)
d.setdefault(FLAG, 2)
d.update({FLAG: 2})
s.update(FLAG)
self.parts.extend(FLAG)
self.parts.insert(FLAG, nn.ReLU())
self._modules.pop("c")
self.__dict__.update(FLAG)
async def f(): pass\n        await f(ks)
"""
LINES = [line.replace("\\n", "\n") for line in STATEMENTS.strip().split("\n")]


@pytest.mark.parametrize("statement", LINES)
def test_what_may_be_changed_is_not_known(statement):
    text = NET.format(statement=statement)
    try:
        network = read(text, axes=1, channels=1)
    except SolverError:
        return  # nor is anything said
    assert any(isinstance(node.operation, Unknown) for node in network.nodes), network


def kinds(of: type) -> set[str]:
    """The kinds of statements or expressions of Python."""
    return {each.__name__ for each in of.__subclasses__() if not each.__name__.startswith("_")}


def test_every_kind_is_followed_or_lost():
    """What is not worked out is lost, and not left out: nothing stands for no change."""
    from solver.reading.text.program import ProgramReader

    known = {name.removeprefix("_") for name in dir(ProgramReader)}
    lost = {"AsyncFunctionDef", "AsyncFor", "AsyncWith", "TryStar", "TypeAlias"}
    assert kinds(ast.stmt) - known <= lost
    parts = {"FormattedValue", "Slice"}  # of others, and kinds that no longer are
    old = {"Num", "Str", "Bytes", "NameConstant", "Ellipsis", "TemplateStr", "Interpolation"}
    assert kinds(ast.expr) - known <= parts | old


def test_a_statement_in_forward_makes_what_it_reads_and_gives_unknown():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv1d(1, 2, 3), nn.Conv1d(2, 2, 3)
    def forward(self, x):
        x = self.a(x)
        if FLAG:
            x = self.b(x)
        return self.b(x)
"""
    network = read(text, channels=1)
    shapes: Any = network.at(20).shapes
    assert [node.name for node in network.nodes] == ["input", "a", "not_followed", "b"]
    assert [shape is None for shape in shapes] == [False, False, True, True]
    assert any("not followed: FLAG" in note for note in network.notes)


BY_SIZES = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.MaxPool2d(2)
        self.convs = nn.Sequential(nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 3))
        {}
    def wide(self, module):
        if isinstance(module, nn.Conv2d):
            module.padding = (1, 1)
    def forward(self, x):
        n = x.shape[-1]
        return {}
"""


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("self.pool.register_forward_hook(shift)", "self.pool(x)"),
        ("self.convs.register_forward_pre_hook(shift)", "self.convs(x)"),
        ("self.convs[0].weight = nn.Parameter(shift)", "self.convs(x)"),
        ("self.convs[0].__dict__.update(stride=(2, 2))", "self.convs(x)"),
        ("self.convs[0].forward = shift", "self.convs(x)"),
        ("pass", "x[..., 1:] if f'{n}' == '8' else x"),
        ("pass", "x[..., 1:] if '%d' % n == '8' else x"),
        ("pass", "x[..., 1:] if str(n) == '8' else x"),
    ],
)
def test_what_is_not_seen_is_not_known(first, last):
    network = read(BY_SIZES.format(first, last), 2, 3)
    assert network.sizes(network.outputs[0]) is None


def test_what_is_applied_to_every_module_changes_it():
    for line in ("self.apply(self.wide)", "self.convs.apply(self.wide)"):
        assert read(BY_SIZES.format(line, "self.convs(x)"), 2, 3).formula() == "n"
