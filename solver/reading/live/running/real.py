"""What PyTorch itself makes of tensors without elements: the shapes that formulas must meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.reading.live.running.program import leaves_of

#: Tensors made of sizes have elements up to so many.
LARGE = 1 << 16


class Real:
    """Hold a PyTorch and its tensors without elements.

    What depends on the input is on the meta device; constants stay as they are, and are put there
    where they meet it.
    """

    def __init__(self, torch: Any, carrier: Any) -> None:
        self.torch, self.carrier = torch, carrier
        self._metas: dict[int, tuple[Any, Any]] = {}

    def call(self, func: Any, args: Sequence[Any], words: Mapping[str, Any]) -> Any:
        """What PyTorch itself makes of it, on the meta device."""
        if any(self._abstract(x) for x in leaves_of([args, words])):
            return self._shapes(func, args, words)
        try:
            with self.torch.device("meta"):
                found = self._shapes(func, args, words)
        except (NotImplementedError, RuntimeError):  # values decide, or it says why itself
            found = None
        if any(self._large(x) for x in leaves_of([found])):
            return found
        return func(*map(self.bare, args), **{n: self.bare(each) for n, each in words.items()})

    def _shapes(self, func: Any, args: Sequence[Any], words: Mapping[str, Any]) -> Any:
        keep = getattr(func, "__name__", "") in ("__getitem__", "index_select")
        given = [self._plainly(each, keep and i > 0) for i, each in enumerate(args)]
        named = {name: self._plainly(each) for name, each in words.items()}
        if "device" in named:
            named["device"] = "meta"
        return func(*_indices(func, given), **named)

    def _large(self, value: Any) -> bool:
        """Tell whether a tensor has more elements than are worth having."""
        return isinstance(value, self.torch.Tensor) and value.numel() > LARGE

    def _abstract(self, value: Any) -> bool:
        """Tell whether a tensor has no elements: it depends on the input."""
        if isinstance(value, self.carrier):
            return bool(value.plain.is_meta)
        return isinstance(value, self.torch.Tensor) and bool(value.is_meta)

    def bare(self, value: Any) -> Any:
        """A value with tensors of PyTorch's own, where they are."""
        if type(value) in (tuple, list):
            return type(value)(map(self.bare, value))
        return value.plain if isinstance(value, self.carrier) else value

    def inside(self, func: Any, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """What a layer's own forward calls, on tensors of PyTorch alone."""
        name = getattr(func, "__name__", "?")
        tensors = [x for x in leaves_of([args, words]) if isinstance(x, self.torch.Tensor)]
        if not any(x.is_meta for x in tensors):
            if name.endswith("_") and not name.startswith("_") and tensors:
                return tensors[0]  # counts of batches, say: a model stays as it is
            return func(*args, **words)
        given = [self._plainly(each) for each in args]
        return func(*_indices(func, given), **{n: self._plainly(x) for n, x in words.items()})

    def _plainly(self, value: Any, constant: bool = False) -> Any:
        """A value with tensors of PyTorch's own on the meta device."""
        if isinstance(value, self.carrier):
            value = value.plain
        if isinstance(value, self.torch.Tensor):
            return value if constant or value.is_meta or value.dim() == 0 else self.meta(value)
        if type(value) in (tuple, list):
            return type(value)(self._plainly(each, constant) for each in value)
        if isinstance(value, self.torch.Size):
            return tuple(value)
        if type(value) is dict:
            return {name: self._plainly(each) for name, each in value.items()}
        return value

    def meta(self, tensor: Any) -> Any:
        """A tensor without elements that is like another one."""
        found = self._metas.get(id(tensor))
        if found is None:
            found = tensor, self.torch.empty_like(tensor, device="meta", requires_grad=False)
            self._metas[id(tensor)] = found
        return found[1]


def _indices(func: Any, args: list[Any]) -> list[Any]:
    """Arguments whose tokens are whole numbers, as an input's shape does not tell."""
    if getattr(func, "__name__", "") == "embedding" and args[0].is_floating_point():
        return [args[0].long(), *args[1:]]
    return args
