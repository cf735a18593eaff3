# ruff: noqa: E501
"""Small ONNX graphs of every kind, in the language of ONNX's own parser, and their inputs' axes.

    python tests/data/onnx/small_graphs.py

runs each in onnxruntime at many sizes and records the shapes that come out in small_graphs.jsonl.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
#: Sizes that letters take, in turn.
SIZES = ((8, 12, 5), (16, 16, 16), (7, 9, 4), (1, 1, 1), (2, 3, 2), (13, 10, 6), (32, 20, 3))

#: name: (opset, inputs, body). What is <...> is the header of the graph's own; y comes out.
GRAPHS: dict[str, tuple[int, str, str]] = {
    "conv weights in constants": (
        17,
        "float[1,3,h,w] x",
        "k = Constant<value = float[2,3,3,3] {W}>() c = Conv<pads=[1,1,1,1]>(x, k) y = Relu(c)",
    ),
    "flatten by shape": (
        13,
        "float[1,3,h,w] x",
        "s = Shape(x) z = Constant<value_int=0>() b = Gather(s, z) a = Constant<value_ints=[0]>() "
        "u = Unsqueeze(b, a) m = Constant<value_ints=[-1]>() t = Concat<axis=0>(u, m) "
        "y = Reshape(x, t)",
    ),
    "upsample to a skip": (
        13,
        "float[1,2,h,w] x",
        "p = MaxPool<kernel_shape=[2,2], strides=[2,2]>(x) s = Shape(x) q = Shape(p) "
        "a = Constant<value_ints=[0]>() b = Constant<value_ints=[2]>() "
        "e = Constant<value_ints=[4]>() hw = Slice(s, b, e, a) nc = Slice(q, a, b, a) "
        "t = Concat<axis=0>(nc, hw) r = Resize(p, "
        ", "
        ", t) y = Add(r, x)",
    ),
    "resize by computed scales": (
        10,
        "float[1,2,h,w] x",
        "s = Shape(x) f = Cast<to=1>(s) one = Constant<value = float[4] {1,1,2,2}>() "
        'm = Mul(f, one) g = Floor(m) q = Div(g, f) y = Resize<mode="nearest">(x, q)',
    ),
    "pad to a multiple": (
        13,
        "float[1,2,h,w] x",
        "s = Shape(x) b = Constant<value_ints=[2]>() e = Constant<value_ints=[4]>() "
        "a = Constant<value_ints=[0]>() hw = Slice(s, b, e, a) k = Constant<value_ints=[4,4]>() "
        "r = Mod(hw, k) d = Sub(k, r) p = Mod(d, k) z = Constant<value_ints=[0,0,0,0,0,0]>() "
        "t = Concat<axis=0>(z, p) y = Pad(x, t)",
    ),
    "pad to a multiple by ceil": (
        13,
        "float[1,2,h,w] x",
        "s = Shape(x) b = Constant<value_ints=[2]>() e = Constant<value_ints=[4]>() "
        "a = Constant<value_ints=[0]>() hw = Slice(s, b, e, a) f = Cast<to=1>(hw) "
        "k = Constant<value_float=8.0>() q = Div(f, k) c = Ceil(q) m = Mul(c, k) i = Cast<to=7>(m) "
        "p = Sub(i, hw) z = Constant<value_ints=[0,0,0,0,0,0]>() t = Concat<axis=0>(z, p) "
        'y = Pad<mode="edge">(x, t)',
    ),
    "reflect demands": (
        13,
        "float[1,2,h,w] x",
        't = Constant<value_ints=[0,0,3,1,0,0,2,1]>() y = Pad<mode="reflect">(x, t)',
    ),
    "crop to an even size": (
        13,
        "float[1,2,h,w] x",
        "s = Shape(x) b = Constant<value_ints=[2]>() e = Constant<value_ints=[4]>() "
        "a = Constant<value_ints=[0]>() hw = Slice(s, b, e, a) two = Constant<value_ints=[2,2]>() "
        "q = Div(hw, two) m = Mul(q, two) z = Constant<value_ints=[0,0]>() "
        "ax = Constant<value_ints=[2,3]>() y = Slice(x, z, m, ax)",
    ),
    "slices that clamp": (
        13,
        "float[1,2,h,w] x",
        "b = Constant<value_ints=[-5,1]>() e = Constant<value_ints=[9223372036854775807,4]>() "
        "a = Constant<value_ints=[2,3]>() y = Slice(x, b, e, a)",
    ),
    "slices backwards": (
        13,
        "float[1,2,h,w] x",
        "b = Constant<value_ints=[-1,6]>() e = Constant<value_ints=[-9223372036854775807,1]>() "
        "a = Constant<value_ints=[2,3]>() s = Constant<value_ints=[-1,-2]>() y = Slice(x, b, e, a, s)",
    ),
    "slice of old opsets": (
        7,
        "float[1,2,h,w] x",
        "y = Slice<axes=[2,3], starts=[1,0], ends=[-1,9223372036854775807]>(x)",
    ),
    "window partition": (
        13,
        "float[1,h,w,4] x",
        "s = Shape(x) i1 = Constant<value_ints=[1]>() i2 = Constant<value_ints=[2]>() "
        "a = Constant<value_ints=[0]>() hh = Gather<axis=0>(s, i1) ww = Gather<axis=0>(s, i2) "
        "k = Constant<value_ints=[4]>() hq = Div(hh, k) wq = Div(ww, k) "
        "one = Constant<value_ints=[1]>() t = Concat<axis=0>(one, hq, k, wq, k, k) "
        "r = Reshape(x, t) p = Transpose<perm=[0,1,3,2,4,5]>(r) "
        "m = Constant<value_ints=[-1,16,4]>() y = Reshape(p, m)",
    ),
    "positions by range": (
        13,
        "int64[1,n] x",
        "s = Shape(x) i = Constant<value_int=1>() n = Gather(s, i) z = Constant<value_int=0>() "
        "r = Range(z, n, i) a = Constant<value_ints=[0]>() u = Unsqueeze(r, a) y = Add(x, u)",
    ),
    "causal mask": (
        17,
        "float[1,n,8] x",
        "s = Shape<start=1, end=2>(x) t = Concat<axis=0>(s, s) m = ConstantOfShape(t) "
        "u = Trilu(m) p = Transpose<perm=[0,2,1]>(x) q = MatMul(x, p) y = Add(q, u)",
    ),
    "expand by where": (
        13,
        "float[1,1,h,w] x",
        "s = Shape(x) t = Constant<value_ints=[2,4,-1,-1]>() m = Constant<value_ints=[-1,-1,-1,-1]>() "
        "e = Equal(t, m) o = Constant<value_ints=[1,1,1,1]>() p = Where(e, o, t) y = Expand(x, p)",
    ),
    "branch on an even size": (
        13,
        "float[1,2,h,w] x",
        "s = Shape(x) i = Constant<value_int=2>() n = Gather(s, i) r = Mod(n, i) "
        "z = Constant<value_int=0>() c = Equal(r, z) "
        "y = If(c) <then_branch = a () => (float v) { v = Relu(x) }, "
        "else_branch = b () => (float v) { p = Constant<value_ints=[0,0,0,0,0,0,1,0]>() v = Pad(x, p) }>",
    ),
    "branches that agree": (
        13,
        "float[1,2,h,w] x, bool c",
        "y = If(c) <then_branch = a () => (float v) { v = Relu(x) }, "
        "else_branch = b () => (float v) { v = Sigmoid(x) }>",
    ),
    "loop of three": (
        13,
        "float[1,2,h,w] x",
        "m = Constant<value_int=3>() t = Constant<value = bool {1}>() "
        "y = Loop(m, t, x) <body = b (int64 i, bool c, float[1,2,p,q] v) => (bool d, float[1,2,r,s] u) "
        "{ d = Identity(c) u = MaxPool<kernel_shape=[2,2]>(v) }>",
    ),
    "loop that collects": (
        13,
        "float[t,4] x",
        "s = Shape(x) z = Constant<value_int=0>() m = Gather(s, z) t = Constant<value = bool {1}>() "
        "k = Constant<value = float[1,4] {0,0,0,0}>() "
        "l, y = Loop(m, t, k) <body = b (int64 i, bool c, float[1,4] v) => (bool d, float[1,4] u, float[1,4] o) "
        "{ d = Identity(c) g = Gather(x, i) u = Add(v, g) o = Identity(u) }>",
    ),
    "split unevenly": (18, "float[1,h,w] x", "a, y = Split<axis=1, num_outputs=2>(x)"),
    "split evenly": (13, "float[1,h,w] x", "a, y = Split<axis=1>(x)"),
    "split by sizes": (
        13,
        "float[1,h,w] x",
        "s = Constant<value_ints=[3,5]>() a, y = Split<axis=1>(x, s)",
    ),
    "transposed to a shape": (
        13,
        "float[1,2,h,w] x",
        "k = Constant<value = float[2,3,3,3] {W}>() "
        "y = ConvTranspose<strides=[2,2], output_shape=[15,23]>(x, k)",
    ),
    "transposed same": (
        13,
        "float[1,2,h,w] x",
        "k = Constant<value = float[2,3,3,3] {W}>() "
        'y = ConvTranspose<strides=[2,2], auto_pad="SAME_UPPER">(x, k)',
    ),
    "keeps the aspect": (
        18,
        "float[1,2,h,w] x",
        "z = Constant<value_ints=[10,10]>() "
        'y = Resize<axes=[2,3], keep_aspect_ratio_policy="not_larger">(x, '
        ", "
        ", z)",
    ),
    "pool in ceil mode": (
        13,
        "float[1,2,h,w] x",
        "y = MaxPool<kernel_shape=[3,3], strides=[2,2], ceil_mode=1, pads=[1,1,1,1]>(x)",
    ),
    "pool same": (
        13,
        "float[1,2,h,w] x",
        'y = AveragePool<kernel_shape=[3,3], strides=[2,2], auto_pad="SAME_LOWER">(x)',
    ),
    "quantised": (
        13,
        "float[1,2,h,w] x",
        "q, s, z = DynamicQuantizeLinear(x) k = Constant<value = uint8[4,2,3,3] {W}>() "
        "zk = Constant<value = uint8 {0}>() c = ConvInteger(q, k, z, zk) f = Cast<to=1>(c) "
        "y = Mul(f, s)",
    ),
    "quantised matrices": (
        13,
        "float[1,n,4] x",
        "q, s, z = DynamicQuantizeLinear(x) k = Constant<value = uint8[4,6] {W}>() "
        "zk = Constant<value = uint8 {0}>() c = MatMulInteger(q, k, z, zk) f = Cast<to=1>(c) "
        "y = Mul(f, s)",
    ),
    "lstm with states": (
        14,
        "float[t,1,4] x, float[2,1,3] a",
        "k = Constant<value = float[2,12,4] {W}>() r = Constant<value = float[2,12,3] {W}>() "
        'o, y = LSTM<hidden_size=3, direction="bidirectional">(x, k, r, '
        ", "
        ", a, a)",
    ),
    "gru over time": (
        14,
        "float[t,1,4] x",
        "k = Constant<value = float[1,9,4] {W}>() r = Constant<value = float[1,9,3] {W}>() "
        "o, l = GRU<hidden_size=3>(x, k, r) a = Constant<value_ints=[1]>() y = Squeeze(o, a)",
    ),
    "rnn of a width": (
        14,
        "float[t,1,m] x",
        "k = Constant<value = float[1,3,4] {W}>() r = Constant<value = float[1,3,3] {W}>() "
        "y, l = RNN<hidden_size=3>(x, k, r)",
    ),
    "channels last": (
        13,
        "float[1,h,w,3] x",
        "t = Transpose<perm=[0,3,1,2]>(x) k = Constant<value = float[4,3,3,3] {W}>() "
        'c = Conv<strides=[2,2], auto_pad="SAME_UPPER">(t, k) r = Relu(c) '
        "b = Transpose<perm=[0,2,3,1]>(r) y = ReduceMean<axes=[1,2], keepdims=0>(b)",
    ),
    "space to batch": (
        13,
        "float[1,2,h,w] x",
        "d = SpaceToDepth<blocksize=2>(x) y = DepthToSpace<blocksize=2>(d)",
    ),
    "shuffle by shapes": (
        13,
        "float[1,4,h,w] x",
        "s = Shape(x) b = Constant<value_ints=[2]>() e = Constant<value_ints=[4]>() "
        "a = Constant<value_ints=[0]>() hw = Slice(s, b, e, a) c = Constant<value_ints=[1,2,2]>() "
        "t = Concat<axis=0>(c, hw) r = Reshape(x, t) p = Transpose<perm=[0,2,1,3,4]>(r) "
        "d = Constant<value_ints=[1,4]>() u = Concat<axis=0>(d, hw) y = Reshape(p, u)",
    ),
    "rows of a table": (
        13,
        "int64[1,n] x",
        "k = Constant<value = float[40,6] {W}>() y = Gather(k, x)",
    ),
    "places of a range": (
        13,
        "float[1,n,4] x",
        "s = Shape(x) i = Constant<value_int=1>() n = Gather(s, i) z = Constant<value_int=0>() "
        "two = Constant<value_int=2>() r = Range(z, n, two) y = Gather<axis=1>(x, r)",
    ),
    "top of half": (
        13,
        "float[1,n] x",
        "s = Shape(x) i = Constant<value_ints=[1]>() n = Gather(s, i) two = Constant<value_ints=[2]>() "
        "k = Div(n, two) y, p = TopK(x, k)",
    ),
    "product of sizes": (
        13,
        "float[1,3,h,w] x",
        "s = Shape(x) b = Constant<value_ints=[2]>() e = Constant<value_ints=[4]>() "
        "a = Constant<value_ints=[0]>() hw = Slice(s, b, e, a) p = ReduceProd<keepdims=1>(hw) "
        "c = Constant<value_ints=[1,3]>() t = Concat<axis=0>(c, p) r = Reshape(x, t) "
        "y = Transpose<perm=[0,2,1]>(r)",
    ),
    "least of both": (
        13,
        "float[1,2,h,w] x",
        "s = Shape(x) i = Constant<value_ints=[2]>() j = Constant<value_ints=[3]>() "
        "hh = Gather(s, i) ww = Gather(s, j) m = Min(hh, ww) mm = Concat<axis=0>(m, m) "
        "z = Constant<value_ints=[0,0]>() a = Constant<value_ints=[2,3]>() y = Slice(x, z, mm, a)",
    ),
    "sequence at": (
        13,
        "float[1,4,n] x",
        "k = Constant<value_int=2>() q = SplitToSequence<axis=1>(x, k) i = Constant<value_int=-1>() "
        "y = SequenceAt(q, i)",
    ),
    "sequence joined": (
        13,
        "float[1,4,n] x",
        "q = SequenceConstruct(x, x, x) y = ConcatFromSequence<axis=0, new_axis=1>(q)",
    ),
    "scan over steps": (
        13,
        "float[t,3] x",
        "k = Constant<value = float[3] {0,0,0}>() "
        "l, y = Scan(k, x) <num_scan_inputs=1, body = b (float[3] v, float[3] e) => (float[3] u, float[3] o) "
        "{ u = Add(v, e) o = Identity(u) }>",
    ),
    "einsum of heads": (
        13,
        "float[1,n,8] x",
        "t = Constant<value_ints=[1,-1,2,4]>() q = Reshape(x, t) "
        'y = Einsum<equation="bihd,bjhd->bhij">(q, q)',
    ),
    "norm of a width": (
        17,
        "float[1,n,m] x",
        "k = Constant<value = float[8] {W}>() y = LayerNormalization(x, k, k)",
    ),
    "instance norm": (
        13,
        "float[1,3,h,w] x",
        "k = Constant<value = float[3] {W}>() y = InstanceNormalization(x, k, k)",
    ),
    "gemm after pool": (
        13,
        "float[1,3,h,w] x",
        "p = GlobalAveragePool(x) f = Flatten(p) k = Constant<value = float[5,3] {W}>() "
        "y = Gemm<transB=1>(f, k)",
    ),
    "gemm of a fixed size": (
        13,
        "float[1,2,h,w] x",
        "f = Flatten(x) k = Constant<value = float[5,32] {W}>() y = Gemm<transB=1>(f, k)",
    ),
    "columns to image": (
        18,
        "float[1,8,n] x",
        "s = Constant<value_ints=[5,5]>() k = Constant<value_ints=[2,2]>() y = Col2Im(x, s, k)",
    ),
    "frames": (
        17,
        "float[1,n,1] x",
        "k = Constant<value_int=2>() l = Constant<value_int=4>() y = STFT(x, k, , l)",
    ),
    "hour glass": (
        13,
        "float[1,2,h,w] x",
        "k = Constant<value = float[2,2,3,3] {W}>() "
        "a = Conv<strides=[2,2], pads=[1,1,1,1]>(x, k) b = Conv<strides=[2,2], pads=[1,1,1,1]>(a, k) "
        "s = Constant<value = float[4] {1,1,2,2}>() u = Resize(b, "
        ", s) v = Add(u, a) "
        "t = Resize(v, "
        ", s) y = Concat<axis=1>(t, x)",
    ),
    "grid sample": (16, "float[1,2,h,w] x, float[1,5,n,2] g", "y = GridSample(x, g)"),
    "tile by sizes": (
        13,
        "float[1,n] x",
        "s = Shape(x) y = Tile(x, s)",
    ),
    "one hot": (
        13,
        "int64[1,n] x",
        "d = Constant<value_int=7>() v = Constant<value = float[2] {0,1}>() y = OneHot(x, d, v)",
    ),
    "gather by rows": (
        13,
        "float[1,n,4] x",
        "i = Constant<value = int64[3,2] {0,0,0,0,0,0}>() y = GatherND(x, i)",
    ),
    "centre": (
        18,
        "float[1,2,h,w] x",
        "s = Constant<value_ints=[6,6]>() y = CenterCropPad<axes=[2,3]>(x, s)",
    ),
    "function of its own": (
        17,
        "float[1,3,h,w] x",
        "y = own.twice(x)",
    ),
    "two of one name": (13, "float[1,n,4] x, float[1,n,4] z", "y = Concat<axis=1>(x, z)"),
    "cumulative": (13, "float[1,n] x", "i = Constant<value_int=1>() y = CumSum(x, i)"),
    "squeeze all": (13, "float[1,1,n] x", "y = Squeeze(x)"),
    "gather at places that must be there": (
        17,
        "float[1,3,h,w] x",
        "i = Constant<value_ints=[0,5,-7]>() y = Gather<axis=2>(x, i)",
    ),
    "split into too many": (
        18,
        "float[1,3,h,w] x",
        "a, b, c, y = Split<axis=2, num_outputs=4>(x)",
    ),
    "loop without a condition": (
        17,
        "float[1,3,h,w] x",
        "m = Constant<value_int=2>() y = Loop(m, , x) <body = b (int64 i, bool c, float[1,3,p,q] v) => "
        "(bool d, float[1,3,r,s] u) { d = Identity(c) "
        "u = MaxPool<kernel_shape=[3,3], pads=[1,1,1,1], strides=[2,2]>(v) }>",
    ),
    "wrap around often": (
        19,
        "float[1,3,h,w] x",
        "s = Shape<start=2>(x) z = Constant<value_ints=[0,0]>() t = Concat<axis=0>(z, s, z, s) "
        'p = Pad<mode="wrap">(x, t) f = Constant<value_ints=[0,0,0,9,0,0,0,9]>() '
        'y = Pad<mode="wrap">(p, f)',
    ),
    "number by a size": (
        17,
        "float[1,3,h,w] x",
        "s = Shape<start=2,end=3>(x) c = Constant<value_ints=[-2]>() e = Constant<value_ints=[3]>() "
        "a = Constant<value_ints=[2]>() z = Constant<value_ints=[0]>() m = Mod(c, s) n = Mod(e, s) "
        "p = Slice(x, m, s, a) q = Slice(x, z, m, a) o = Slice(x, n, s, a) y = Concat<axis=2>(p, q, o)",
    ),
    "reshape to halves": (
        17,
        "float[1,3,h,w] x",
        "s = Shape<start=2>(x) k = Constant<value_ints=[2]>() q = Div(s, k) e = Mul(q, k) "
        "z = Constant<value_ints=[0,0]>() a = Constant<value_ints=[2,3]>() c = Slice(x, z, e, a) "
        "h, w = Split(q) b = Constant<value_ints=[1,3]>() t = Concat<axis=0>(b, h, k, w, k) "
        "y = Reshape(c, t)",
    ),
    "reshape of nothing": (
        17,
        "float[1,3,h,w] x",
        "s = Shape<start=2>(x) k = Constant<value_ints=[2]>() q = Div(s, k) e = Mul(q, k) "
        "z = Constant<value_ints=[0,0]>() a = Constant<value_ints=[2,3]>() c = Slice(x, z, e, a) "
        "h, w = Split(q) b = Constant<value_ints=[1,3]>() t = Concat<axis=0>(b, h, k, w, k) "
        "y = Reshape<allowzero=1>(c, t)",
    ),
    "numbers before sizes": (
        17,
        "float[1,3,h,w] x",
        "s = Shape<start=2>(x) f = Cast<to=1>(s) k = Constant<value_float=2.5>() m = Mul(k, f) "
        "a = Add(k, m) g = Floor(a) e = Sub(g, f) l = Less(k, e) w = Where(l, e, k) "
        "i = Cast<to=7>(w) o = Constant<value_float=1.0>() y = Expand(o, i)",
    ),
    "what a float leaves": (
        17,
        "float[1,3,h,w] x",
        "s = Shape<start=2>(x) f = Cast<to=1>(s) k = Constant<value_float=4.0>() "
        "m = Mod<fmod=1>(f, k) a = Add(k, m) i = Cast<to=7>(a) o = Constant<value_float=1.0>() "
        "y = Expand(o, i)",
    ),
    "gather before the end": (
        17,
        "float[1,3,h,w] x",
        "s = Shape<start=2,end=3>(x) k = Constant<value_ints=[3]>() i = Sub(s, k) "
        "y = Gather<axis=2>(x, i)",
    ),
}
FUNCTION = """
<opset_import: ["" : 17], domain: "own"> twice (x) => (y) { a = MaxPool<kernel_shape=[2,2]>(x)
y = MaxPool<kernel_shape=[2,2]>(a) }
"""


def model(name: str) -> Any:
    """The model of a graph."""
    import onnx

    opset, inputs, body = GRAPHS[name]
    text = f'<ir_version: 9, opset_import: ["" : {opset}, "own" : 1]> g ({inputs}) => (float y) {{'
    while "{W}" in body:
        head, _, rest = body.partition("{W}")
        shape = head[head.rindex("[") + 1 : head.rindex("]")]
        count = 1
        for size in shape.split(","):
            count *= int(size)
        body = f"{head}{{{','.join(['0'] * count)}}}{rest}"
    found = onnx.parser.parse_model(f"{text} {body} }}")
    found.graph.output[0].type.Clear()
    if "own." in body:
        found.functions.append(onnx.parser.parse_function(FUNCTION))
    return found


def letters(proto: Any) -> list[str]:
    """The names of the axes of all inputs, in order."""
    dims = (dim for each in proto.graph.input for dim in each.type.tensor_type.shape.dim)
    return list(dict.fromkeys(str(dim.dim_param) for dim in dims if dim.dim_param))


def record() -> None:
    import numpy
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    lines = []
    for name in GRAPHS:
        proto = model(name)
        session = onnxruntime.InferenceSession(proto.SerializeToString())
        rows = []
        for sizes in SIZES:
            values = dict(zip(letters(proto), sizes, strict=False))
            given = {}
            for each in proto.graph.input:
                kind = each.type.tensor_type
                shape = [values.get(dim.dim_param, dim.dim_value) for dim in kind.shape.dim]
                of = {1: "float32", 7: "int64", 9: "bool"}[kind.elem_type]
                given[each.name] = numpy.zeros(shape, of)
            try:
                out = [list(each.shape) for each in session.run(None, given)]
            except Exception:
                out = None
            rows.append([list(values.values()), out])
        lines.append(json.dumps({"graph": name, "rows": rows}, separators=(",", ":")))
    (HERE / "small_graphs.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
