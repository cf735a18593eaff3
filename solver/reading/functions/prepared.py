"""A layer that a program has made: what it has under its names, and what is changed in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.layer import Layer
from solver.reading.functions import linear, windows
from solver.reading.functions.call import Call, Nodes
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.signature import Signature, bound, known, parse
from solver.sizes.width import is_int


class Named(NamedTuple):
    """Hold a function, and how it is called by one of its names, and by whom."""

    function: TensorFunction
    signature: Signature
    face: str


#: What convolutions of PyTorch have along each axis, and what layers have where nothing is said.
_ALONG = ("kernel_size", "stride", "padding", "dilation", "output_padding")
_USUAL = {"groups": 1, "padding": 0, "dilation": 1, "output_padding": 0, "padding_mode": "zeros"}
_USUAL |= {"ceil_mode": False, "return_indices": False}
#: Weights that are matrices, by the words for their rows and columns.
_MATRICES = {
    "linear": ("out_features", "in_features"),
    "embedding": ("num_embeddings", "embedding_dim"),
}
#: What a convolution of PyTorch pads by that is not with zeros.
_PADS = "_reversed_padding_repeated_twice"


class Prepared(NamedTuple):
    """Hold a layer: a function, and the arguments of its first bracket.

    given: by the words of the rules.
    """

    name: str
    named: Named
    given: Mapping[str, Any]

    @property
    def function(self) -> TensorFunction:
        return self.named.function

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tensors that it is called on."""
        signature = self.named.signature
        if self.named.face in ("function", "op"):
            return tuple(name for name in signature.arguments if known(name) not in self.given)
        return signature.inputs or ("input",)

    @property
    def layer(self) -> Any:
        """The layer of a framework's table that it is, or the unknown one; else None."""
        return self.given.get("layer")

    @property
    def linear(self) -> bool:
        """Tell whether it multiplies the last axis, of as many features as it says."""
        return self.function in linear.LINEAR

    @property
    def features(self) -> int | None:
        """The channels or features that a layer must get, where it says so."""
        layer = self.layer
        if layer is not None:
            return getattr(layer, "before", None)
        told = ("in_features", "num_features", "num_channels")
        found = next((self.given[word] for word in told if word in self.given), None)
        return found if is_int(found) and found > 0 else None

    def attribute(self, name: str) -> Any:
        """What a module of PyTorch has under a name: conv.kernel_size; None of others.

        >>> from solver.reading.functions.table import prepared
        >>> conv = prepared("nn.Conv1d", [3, 64, 7], {})
        >>> conv.attribute("kernel_size"), conv.attribute("stride"), conv.attribute("groups")
        ((7,), (1,), 1)
        """
        layer = self.layer
        if not isinstance(layer, Layer):
            value = self.given.get(known(name), self.named.signature.defaults.get(known(name)))
            return value if isinstance(value, (int, float, str)) else None
        given, weights = layer.arguments.get(name), layer.row.kind.weights
        if layer.framework.name != "torch" or name not in layer.row.arguments:
            return given
        if layer.axes and weights and name in _ALONG and not isinstance(given, str):
            found = layer.values(layer.axes).get(name, (0,) * layer.axes)
            return tuple(each[0] if name == "padding" else each for each in found)
        if given is None and name == "stride":
            given = layer.arguments.get("kernel_size")
        if name == "scale_factor":
            return _as_float(given)
        return _USUAL.get(name) if given is None else given

    @property
    def biased(self) -> bool:
        """Tell whether it has a bias, as far as it says."""
        held = self.given if self.layer is None else getattr(self.layer, "arguments", {})
        return bool(held.get("bias", True))

    def weight(self, name: str) -> tuple[int, ...] | None:
        """The shape of a weight or bias, as PyTorch has it; None where it is not told.

        >>> from solver.reading.functions.table import prepared
        >>> prepared("nn.Conv1d", [3, 64, 7], {}).weight("weight")
        (64, 3, 7)
        """
        layer = self.layer
        if self.name in _MATRICES and (name == "weight" or (name == "bias" and self.linear)):
            rows, columns = (self.given.get(word) for word in _MATRICES[self.name])
            if name == "bias":
                return (rows,) if is_int(rows) and self.biased else None
            return (rows, columns) if is_int(rows) and is_int(columns) else None
        if layer is None and name in ("weight", "bias") and "norm" in self.name.lower():
            return self._of_norm(name)
        if not isinstance(layer, Layer) or not layer.axes or not layer.row.kind.weights:
            return None
        before, after = layer.channels.before, layer.channels.after
        if layer.framework.name != "torch" or before is None or after is None:
            return None
        if name == "bias":
            return (after,) if self.biased else None
        groups = layer.arguments.get("groups", 1)
        ends = (before, after // groups) if layer.row.kind.transposed else (after, before // groups)
        return (*ends, *layer.values(layer.axes)["kernel_size"])

    def _of_norm(self, name: str) -> tuple[int, ...] | None:
        """The shape of a weight or bias of a normalization, which is known where it has one."""
        usual = self.named.signature.defaults
        affine = next((word for word in ("affine", "elementwise_affine") if word in usual), None)
        if affine is None or not self.given.get(affine, usual[affine]):
            return None
        if name == "bias" and not self.biased:
            return None
        told = self.given.get("normalized_shape", self.features)
        found = (told,) if is_int(told) else tuple(told or ())
        return found if found and all(map(is_int, found)) else None

    def changed(self, name: str, value: Any) -> Prepared | None:
        """The layer where what a module has under a name is set; None where that is not followed.

        >>> from solver.reading.functions.table import prepared
        >>> conv = prepared("nn.Conv1d", [3, 64, 7], {})
        >>> conv.changed("stride", (2,)).attribute("stride"), conv.changed("groups", 3)
        ((2,), None)
        """
        layer, word = self.layer, known(name)
        if layer is None:
            told = name in self.named.signature.arguments
            return self._replace(given={**self.given, word: value}) if told else self
        if not isinstance(layer, Layer) or name not in layer.row.arguments:
            return self if isinstance(layer, Layer) and name != _PADS else None
        weighted, own = layer.row.kind.weights is not None, dict[str, Any]()
        if name in ("kernel_size", "groups", "padding_mode") and weighted:
            return None  # its weights stay as they are
        if layer.arguments.get("padding_mode", "zeros") != "zeros":
            return None
        if name == "kernel_size" and layer.arguments.get("stride") is None:
            own["stride"] = self.attribute("stride")
        value = value is not None if name == "bias" else value
        try:
            return table_layer(self.name, layer.changed(**own, **{name: value}))
        except SolverError:
            return None

    def weighted(self, shape: tuple[int, ...] | None) -> Prepared | None:
        """The layer with a weight of another shape; None where that is not followed.

        >>> from solver.reading.functions.table import prepared
        >>> wide = prepared("nn.Conv1d", [3, 64, 7], {}).weighted((8, 3, 5))
        >>> wide.attribute("kernel_size"), wide.weight("weight")
        ((5,), (8, 3, 5))
        """
        before, layer = self.weight("weight"), self.layer
        if shape == before or (before is None and not isinstance(layer, Layer)):
            return self
        if shape is None or before is None or len(shape) != len(before):
            return self if before is None and layer.row.kind.weights is None else None
        if layer is None:
            told = dict(zip(_MATRICES[self.name], shape, strict=True))
            return self._replace(given={**self.given, **told})
        groups = layer.arguments.get("groups", 1)
        first, second, *kernel = shape
        if layer.row.kind.transposed:
            first, second = second * groups, first
        else:
            second *= groups
        words = {"out_channels": first, "in_channels": second, "kernel_size": tuple(kernel)}
        try:
            return table_layer(self.name, layer.changed(**words))
        except SolverError:
            return None

    def of(
        self,
        nodes: Nodes,
        args: Sequence[Any],
        words: Mapping[str, Any],
        last: bool = False,
        held: int | None = None,
    ) -> Call:
        """The call of the layer on tensors."""
        signature = self.named.signature
        given = {**self.given, **bound(self.names, signature.rest, args, words)}
        rule = self.function.rule
        return Call(nodes, self.name, rule, given, signature.defaults, last, held)


def table_layer(name: str, layer: Any) -> Prepared:
    """A layer of a framework's table, ready to be called."""
    return Prepared(name, Named(windows.LAYER, _LAYER, "module"), {"layer": layer})


_LAYER = parse(windows.LAYER.module)


def _as_float(value: Any) -> Any:
    """A factor as Upsample keeps it."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_as_float, value))
    return float(value) if isinstance(value, (int, float)) else value
