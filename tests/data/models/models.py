"""The models that live reading is judged by: how each is made, what goes in, and at which sizes.

`models.txt` lists them: a line with a family, the inputs and the name of the sizes to try stands
above models, each with its name and a line of Python that makes it. Nothing is downloaded. Inputs
are shapes with letters, separated by ";", each with the name of its argument and its type where it
needs one: "input_ids=long 1,n".
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

Sizes = tuple[int, ...]


class Model(NamedTuple):
    """Hold one model that is tried."""

    name: str
    make: str
    inputs: str
    sizes: str

    @property
    def family(self) -> str:
        return self.name.partition(":")[0]

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of its sizes, in order."""
        shapes = [shape for _, _, shape in self.arguments]
        return tuple(dict.fromkeys(x for shape in shapes for x in shape if isinstance(x, str)))

    @property
    def arguments(self) -> list[tuple[str, str, tuple[int | str, ...]]]:
        """The name, type and shape of each input; no name where it stands in its place."""
        found = []
        for one in self.inputs.split(";"):
            match = re.fullmatch(r"(?:(\w+)=)?(?:(long|bool) )?([\w,]+)", one.strip())
            assert match, one
            sizes = [each for each in match[3].split(",") if each]
            shape = tuple(int(x) if x.isdigit() else x for x in sizes)
            found.append((match[1] or "", match[2] or "", shape))
        return found

    @property
    def shape(self) -> Any:
        """Its inputs as `solver.read` takes them."""
        arguments = self.arguments
        if any(name for name, _, _ in arguments):
            return {name: shape for name, _, shape in arguments}
        return [shape for _, _, shape in arguments] if len(arguments) > 1 else arguments[0][2]

    def made(self) -> Any:
        """The model, in eval mode."""
        return eval(self.make, {x: imported(x, self.make) for x in roots(self.make)}).eval()

    def fed(
        self, sizes: Mapping[str, int], device: str = "cpu"
    ) -> tuple[list[Any], dict[str, Any]]:
        """Tensors of these sizes, in their places and by name."""
        import torch

        places, named = [], {}
        for name, kind, shape in self.arguments:
            known = [x if isinstance(x, int) else sizes[x] for x in shape]
            if kind == "long":
                tensor = torch.full(known, 2, device=device)
            elif kind == "bool":
                tensor = torch.ones(known, dtype=torch.bool, device=device)
            else:
                tensor = torch.rand(known, device=device)
            if name:
                named[name] = tensor
            else:
                places.append(tensor)
        return places, named


def roots(make: str) -> set[str]:
    """The packages that a line of Python names."""
    return set(re.findall(r"(?<![\w.])([a-z_]\w*)\.[A-Za-z_]", re.sub(r"'[^']*'", "''", make)))


def imported(root: str, make: str) -> Any:
    """A package, with those of its modules that a line of Python names."""
    for path in re.findall(rf"\b{root}((?:\.[a-z_]\w*)+)", make):
        name = root
        for part in path.split(".")[1:]:
            name += f".{part}"
            try:
                importlib.import_module(name)
            except ImportError:
                break
    return importlib.import_module(root)


def leaves(found: Any, name: str = "") -> list[tuple[str, Any]]:
    """The tensors of an output in order, each by the keys and places that lead to it."""
    import torch

    if isinstance(found, torch.Tensor):
        return [(name, found)]
    if isinstance(found, Mapping):
        items = list(found.items())
    elif isinstance(found, (list, tuple)):
        fields = getattr(found, "_fields", range(len(found)))
        items = list(zip(fields, found, strict=True))
    elif hasattr(found, "__dataclass_fields__"):
        items = [(each, getattr(found, each)) for each in found.__dataclass_fields__]
    elif found is None or isinstance(found, (bool, int, float, str)):
        return []
    else:
        raise TypeError(f"an output of type {type(found).__name__}")
    return [leaf for key, each in items for leaf in leaves(each, f"{name}.{key}".strip("."))]


def spread(text: str) -> tuple[Sizes, ...]:
    """Sizes as text: "32" is all axes alike, "32x48" is one for each."""
    return tuple(tuple(map(int, each.split("x"))) for each in text.split())


SIZES = {
    # images of networks that pool 5 times
    "image": spread("1 2 7 31 32 33 63 64 97 224 64x96 97x65 32x47"),
    "small": spread("1 2 7 15 16 17 31 32 33 64 32x48 33x65 64x40"),
    "unet": spread("1 2 7 16 31 32 33 48 64 96 32x64 64x33 96x32"),
    # images of networks that take one size
    "fixed": spread("1 7 32 64 192 223 224 225 240 256 224x256 192x224 223x225"),
    "large": spread("1 32 128 192 224 255 256 257 300 300x256 257x300"),
    "flow": spread("1 2 7 63 64 127 128 129 136 144 128x160 136x135 192x128"),
    "detect": spread("1 2 7 31 32 33 64 80 96 160 64x96 96x65 640x480"),
    "volume": spread("1 2 7 16 31 32 33 48 64 32x64x32 33x32x32 32x48x64"),
    "thin": spread("1 2 7 8 15 16 17 24 32 16x32x16 17x16x16 16x24x32"),
    "sound": spread("1 2 7 64 319 320 321 1000 1919 1920 4800 8000 16000 24001"),
    "frames": spread("1 2 7 8 15 16 33 50 100 101 257"),
    "tokens": spread("1 2 7 8 15 16 17 31 64 65 127 128"),
    "pairs": spread("1 2 7 16 63 64 65 9x12 64x1 1x64 65x3 3x65"),
    "little": spread("1 2 3 7 8 1x8x8 5x8x8 4x16x8 3x9x8 2x7x10"),
    "clip": spread(
        "1 7 14x224x192 16x224x224 16x224x225 16x223x224 17x224x224 15x224x224 8x112x112 5x65x33 "
        "2x224x224"
    ),
    "film": spread("1 2 7 8 16x32x32 4x64x64 5x65x33 8x112x112 2x33x31 14x40x64"),
}


def listed() -> Iterator[Model]:
    """All models, in the order of the list."""
    text = Path(__file__).with_name("models.txt").read_text(encoding="utf-8")
    for block in text.strip().split("\n\n"):
        head, *lines = block.splitlines()
        family, inputs, sizes = head.split(" | ")
        for name, make in (line.split(maxsplit=1) for line in lines):
            yield Model(f"{family}:{name}", make, inputs, sizes)


MODELS = list(listed())
