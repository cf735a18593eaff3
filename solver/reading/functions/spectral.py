"""Fourier transforms: of whole axes, of short times, and back."""

from __future__ import annotations

from solver.frameworks import layer
from solver.network.graph.along import Frames, Transform
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Apply, Operation, in_shape
from solver.network.graph.shaping import Chain, Permute, Squeeze, Unsqueeze
from solver.reading.functions.call import Call, Wire, dim_of, several
from solver.reading.functions.row import TensorFunction
from solver.sizes.sizemap import SizeMap

_HALF = SizeMap.line(1, 2, 2)  # floor(n/2) + 1


def _transform(call: Call) -> Wire:
    """Read a transform along some axes, of which a real one halves the last."""
    name, shape = call.name.removeprefix("fft_"), call.shape
    sizes, axes = several(call["s"] if call["n"] is None else call["n"]), call["axis"]
    if axes is not None:
        axes = call.numbers("axis")
    elif name.endswith("n"):
        axes = tuple(range(-len(sizes or shape), 0))
    else:
        axes = (-2, -1) if name.endswith("2") else (-1,)
    given = [shape[in_shape(axis, shape)] for axis in axes]
    to = [
        dim_of(n) if n not in (None, -1) else dim
        for n, dim in zip(sizes or given, given, strict=True)
    ]
    if name.startswith(("rfft", "ihfft")):
        to[-1] = to[-1].through(_HALF)
    elif name.startswith(("irfft", "hfft")) and (not sizes or sizes[-1] in (None, -1)):
        to[-1] = (to[-1] + -1) * 2
    return call.make(Transform(name, tuple(axes), tuple(to)))


def _short_times(call: Call) -> Wire:
    """Read stft: frames of what is padded by half of one, and the transform of each."""
    long = call.number("n_fft")
    step = long // 4 if call["hop_length"] is None else call.number("hop_length")
    bins = long if call["onesided"] is False else long // 2 + 1
    rank, found = call.rank, call.x
    if rank == 1:
        found = call.make(Unsqueeze((0,)), found)
    if call["center"] is not False:
        mode = call["pad_mode"] or "reflect"
        pad = layer("torch", "pad", pad=(long // 2,) * 2, mode=mode)
        found = call.make(Apply(pad, 1), found)
    found = call.make(Frames(-1, long, step), found)
    found = call.make(Transform("stft", (-1,), (Dim(bins),)), found)
    found = call.make(Permute((0, 2, 1)), found)
    if rank == 1:
        found = call.make(Squeeze((0,)), found)
    if call["return_complex"] is True:
        return found
    return _beside(call, found)


def _beside(call: Call, x: Wire) -> Wire:
    """The two parts of complex numbers as a last axis."""
    return call.make(Chain((Unsqueeze((-1,)), Transform("parts", (-1,), (Dim(2),)))), x)


def _from_short_times(call: Call) -> Wire:
    """Read istft: frames that overlap make what they were taken of."""
    long = call.number("n_fft")
    step = long // 4 if call["hop_length"] is None else call.number("hop_length")
    bins = long if call["onesided"] is False else long // 2 + 1
    (*_, rows, times) = call.shape
    if rows.number is not None and call["onesided"] is None and rows.number == long:
        bins = long
    cut = 2 * (long // 2) if call["center"] is not False else 0
    length = (times + -1) * step + (long - cut)
    if call["length"] is not None:
        length = dim_of(call["length"])
    steps: tuple[Operation, ...] = (
        Transform("istft", (-2,), (Dim(1),), (bins,)),
        Squeeze((-2,)),
        Transform("istft", (-1,), (length,)),
    )
    return call.make(Chain(steps))


def _as_real(call: Call) -> Wire:
    return _beside(call, call.x)


def _as_complex(call: Call) -> Wire:
    pairs = Transform("complex", (-1,), (Dim(1),), (2,))
    return call.make(Chain((pairs, Squeeze((-1,)))))


ROWS = (
    TensorFunction(
        _transform,
        function="""
        fft ifft rfft irfft hfft ihfft fft_fft fft_ifft fft_rfft fft_irfft fft_hfft fft_ihfft
            (input, n=None, dim=None);
        fft2 ifft2 rfft2 irfft2 fftn ifftn rfftn irfftn fft_fft2 fft_ifft2 fft_rfft2 fft_irfft2
        fft_fftn fft_ifftn fft_rfftn fft_irfftn(input, s=None, dim=None)
        """,
    ),
    TensorFunction(
        _short_times,
        function="""
        stft(input, n_fft, hop_length=None, win_length=None, window=None, center=True,
            pad_mode='reflect', normalized=False, onesided=None, return_complex=None)
        """,
    ),
    TensorFunction(
        _from_short_times,
        function="""
        istft(input, n_fft, hop_length=None, win_length=None, window=None, center=True,
            normalized=False, onesided=None, length=None, return_complex=False)
        """,
    ),
    TensorFunction(_as_real, function="view_as_real(input)"),
    TensorFunction(_as_complex, function="view_as_complex(input)"),
)
