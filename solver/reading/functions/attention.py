"""Attention: with matrices of its own or without, and what is made of it."""

from __future__ import annotations

from solver.errors import SolverError
from solver.network.graph.attention import Attend, MultiHead
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.reading.functions.call import Call, Unclear, Weight, Wire, leaves
from solver.reading.functions.row import TensorFunction


def _attention(call: Call) -> tuple[Wire, Wire | None]:
    """Read MultiheadAttention: what comes out is as the queries are."""
    width = call.number("embed_dim")
    keys, values = call["kdim"] or width, call["vdim"] or width
    biases = 4 * width if call["bias"] is True else 0
    biases += 2 * width if call["add_bias_kv"] else 0
    held = width * (2 * width + keys + values) + biases
    held = held if call.held is None else call.held
    return _with_heads(call, (width, keys, values), bool(call["batch_first"]), held)


def _attention_of(call: Call) -> tuple[Wire, Wire | None]:
    """Read the function of MultiheadAttention, which is given its weights."""
    width = call.number("embed_dim")
    names = ("k_proj_weight", "v_proj_weight")
    apart = call["use_separate_proj_weight"] is True
    keys, values = (call.numbers_of(call[name])[1] if apart else width for name in names)
    held = sum(each.parameters for each in leaves(call.given) if isinstance(each, Weight))
    return _with_heads(call, (width, keys, values), False, held)


def _with_heads(
    call: Call, widths: tuple[int, int, int], first: bool, held: int
) -> tuple[Wire, Wire | None]:
    heads = call.number("num_heads")
    if heads < 1 or widths[0] % heads:
        raise SolverError("embed_dim must be divisible by num_heads", f"{widths[0]} and {heads}")
    wires = [call.x, *(call.tensor(call[name] or call.x) for name in ("key", "value"))]
    found = call.make(MultiHead(widths, first, held), *wires)
    query, key = (call.nodes.shapes[wire.at] for wire in wires[:2])
    if call["need_weights"] is False or query is None or key is None:
        return found, None
    time = int(first and len(query) > 2)
    batch = query[1 - time : 2 - time] if len(query) > 2 else ()
    each = () if call["average_attn_weights"] is not False else (Dim(heads),)
    more = bool(call["add_bias_kv"]) + bool(call["add_zero_attn"]) + (call["bias_k"] is not None)
    to = (*batch, *each, query[time], key[time] + more)
    return found, call.nodes.beside(Become("attention weights", to))


def _keras_attention(call: Call) -> Wire:
    heads, width = call.number("num_heads"), call.number("key_dim")
    deep = width if call["value_dim"] is None else call.number("value_dim")
    shape = call.shape
    own = (shape[1] if call.last and len(shape) > 2 else shape[-1]).number
    if own is None:
        raise Unclear
    biases = (2 * heads * width + heads * deep + own) if call.flag("use_bias") else 0
    held = own * heads * (2 * width + 2 * deep) + biases
    return call.make(Become("attention", shape, held if call.held is None else call.held))


def _flax_attention(call: Call) -> Wire:
    """Read attention of Flax, as wide as what it takes."""
    shape = call.shape
    own = (shape[1] if call.last and len(shape) > 2 else shape[-1]).number
    if own is None:
        raise Unclear
    return call.make(Become("attention", shape, 4 * own * (own + 1)))


def _keras_dot(call: Call) -> Wire:
    """Read Attention and AdditiveAttention of Keras: values and keys are as wide as queries."""
    query, *others = (call.tensor(each) for each in leaves(call["input"]))
    shape, shapes = call.shape_of(query), {call.shape_of(each) for each in others}
    own = {each[1 if call.last else -1] for each in (shape, *shapes)}
    wide = next(iter(own)).number
    if len(shapes) != 1 or len(own) > 1 or wide is None or len(shape) != 3:
        raise Unclear
    held = (wide if call.name == "additiveattention" else 1) * call.flag("use_scale")
    return call.make(Become("attention", shape, held), query, *others)


def _dot_product(call: Call) -> Wire:
    """Read attention without weights: as long as the queries, and as wide as the values."""
    wires = [call.x, call.tensor(call["key"]), call.tensor(call["value"])]
    if call["attn_mask"] is not None:
        wires.append(call.tensor(call["attn_mask"]))
    return call.make(Attend(bool(call["enable_gqa"])), *wires)


def _dot_product_node(call: Call) -> Wire:
    """Read Attention of ONNX, which may have the heads behind each other, in fewer of the keys."""
    query, value = call.x, call.tensor(call["value"])
    shape = call.shape_of(value)
    wide = shape[-1]
    if len(shape) != call.rank:
        raise Unclear
    if call["q_num_heads"] and len(shape) == 3:
        each, rest = divmod(wide.number or 0, call.number("kv_num_heads"))
        if not each or rest:
            raise Unclear
        wide = Dim(each * call.number("q_num_heads"))
    to = (*call.shape[:-1], wide)
    return call.make(Become("attention", to), query, call.tensor(call["key"]), value)


def _encoder_layer(call: Call) -> Wire:
    """Read a layer of an encoder: what comes out is as what goes in, which must be as wide."""
    return _transformed(call, _weights(call, 1), call.x, call.x)


def _decoder_layer(call: Call) -> Wire:
    """Read a layer of a decoder: what comes out is as the target, which asks the memory."""
    query, key = (call.tensor(call[word]) for word in ("tgt", "memory"))
    return _transformed(call, _weights(call, 2), query, key)


def _transformer(call: Call) -> Wire:
    """Read a whole transformer, of layers of both kinds and a norm behind each."""
    if call["custom_encoder"] is not None or call["custom_decoder"] is not None:
        raise Unclear
    numbers = {1: call.number("num_encoder_layers"), 2: call.number("num_decoder_layers")}
    held = sum(count * _weights(call, kind) for kind, count in numbers.items())
    held += 4 * call.number("d_model")
    return _transformed(call, held, *(call.tensor(call[word]) for word in ("tgt", "src")))


def _weights(call: Call, attentions: int) -> int:
    """How many weights a layer of a transformer has, with so many attentions and their norms."""
    width, inner = call.number("d_model"), call.number("dim_feedforward")
    return attentions * (4 * width * width + 6 * width) + 2 * width * inner + 3 * width + inner


def _transformed(call: Call, held: int, query: Wire, key: Wire) -> Wire:
    width, held = call.number("d_model"), held if call.held is None else call.held
    return call.make(MultiHead((width,) * 3, bool(call["batch_first"]), held), query, key, key)


ROWS = (
    TensorFunction(
        _attention,
        module="""
        MultiheadAttention(embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False,
            add_zero_attn=False, kdim=None, vdim=None, batch_first=False)
            (query, key=None, value=None, key_padding_mask=None, need_weights=True,
            attn_mask=None, average_attn_weights=True)
        """,
    ),
    TensorFunction(
        _attention_of,
        function="""
        multi_head_attention_forward(query, key, value, embed_dim, num_heads, in_proj_weight,
            in_proj_bias, bias_k, bias_v, add_zero_attn, dropout_p, out_proj_weight, out_proj_bias,
            training=True, key_padding_mask=None, need_weights=True, attn_mask=None,
            use_separate_proj_weight=False, q_proj_weight=None, k_proj_weight=None,
            v_proj_weight=None, static_k=None, static_v=None, average_attn_weights=True)
        """,
    ),
    TensorFunction(
        _keras_attention,
        layer="""
        MultiHeadAttention(num_heads, key_dim, value_dim=None, dropout=0.0, use_bias=True)
            (query, value=None, key=None)
        """,
    ),
    TensorFunction(
        _keras_dot,
        layer="""
        Attention(use_scale=False, score_mode='dot', dropout=0.0)(inputs);
        AdditiveAttention(use_scale=True, dropout=0.0)(inputs)
        """,
    ),
    TensorFunction(
        _flax_attention,
        layer="MultiHeadDotProductAttention(num_heads, in_features=None)(query, key=None)",
    ),
    TensorFunction(
        _dot_product,
        function="""
        scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0,
            is_causal=False, scale=None, enable_gqa=False)
        """,
    ),
    TensorFunction(
        _dot_product_node,
        onnx="Attention(q_num_heads=None, kv_num_heads=None)(query, key, value)",
    ),
    TensorFunction(
        _decoder_layer,
        module="""
        TransformerDecoderLayer(d_model, nhead, dim_feedforward=2048, dropout=0.1,
            activation='relu', layer_norm_eps=1e-05, batch_first=False)(tgt, memory)
        """,
    ),
    TensorFunction(
        _transformer,
        module="""
        Transformer(d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6,
            dim_feedforward=2048, dropout=0.1, activation='relu', custom_encoder=None,
            custom_decoder=None, layer_norm_eps=1e-05, batch_first=False)(src, tgt)
        """,
    ),
    TensorFunction(
        _encoder_layer,
        module="""
        TransformerEncoderLayer(d_model, nhead, dim_feedforward=2048, dropout=0.1,
            activation='relu', layer_norm_eps=1e-05, batch_first=False)(src)
        """,
    ),
)
