"""Functions that change values and keep every size: activations, normalizations, dropout."""

from __future__ import annotations

from math import prod
from typing import Any

from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.merging import SplitPart
from solver.network.graph.operation import Pointwise
from solver.reading.functions.call import Call, Wire, channels_first, ours, several
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.sizes import calculated, rounded


def _same(call: Call) -> Wire:
    return call.make(Pointwise(call.name, parameters=call.held))


def _masked(call: Call) -> tuple[Wire, Wire]:
    found = _same(call)
    return found, found


def _normalized(call: Call) -> Wire:
    """Read a normalization: a weight and a bias for each channel, where it has them."""
    weights = int(call["affine"] is not False) * 2
    if call["scale"] is not None:
        weights = int(call.flag("scale")) + int(call["center"] is True)
    return call.make(Pointwise(call.name, weights))


def _of_shape(call: Call) -> Wire:
    """Read a normalization over the last axes, whose sizes it is told."""
    count = prod(call.numbers("normalized_shape")) * (call["elementwise_affine"] is not False)
    both = call["bias"] is True
    return call.make(Pointwise(call.name, parameters=(1 + both) * count))


def _weighted(call: Call) -> Wire:
    """Read what is given its weights: a normalization, slopes."""
    return call.make(Pointwise(call.name, parameters=call.learned("scale", "bias")))


def _prelu(call: Call) -> Wire:
    count = call["num_parameters"]
    return call.make(Pointwise(call.name, parameters=count if type(count) is int else None))


def _keras_prelu(call: Call) -> Wire:
    """Read a slope for each element, but along the axes that share one."""
    if call.held is not None:
        return _same(call)
    shared = {ours(axis, call.rank) if call.last else axis for axis in several(call["shared_axes"])}
    own = [dim.number for axis, dim in enumerate(call.shape) if axis and axis not in shared]
    return call.make(Pointwise(call.name, parameters=prod(n or 0 for n in own)))


def _glu(call: Call) -> Wire:
    return call.make(SplitPart(2, 0, call.axis()))


def _negative(call: Call) -> Any:
    value = call["input"]
    return calculated("mul", [value, -1]) if isinstance(value, (int, float, Dim)) else _same(call)


def _floor(call: Call) -> Any:
    return _same(call) if isinstance(call["input"], Wire) else rounded(False, call["input"])


def _ceil(call: Call) -> Any:
    return _same(call) if isinstance(call["input"], Wire) else rounded(True, call["input"])


def _embedding(call: Call) -> Wire:
    """Read a table of vectors, one for each number."""
    count, width = call.number("num_embeddings"), call.number("embedding_dim")
    to = channels_first((*call.shape, Dim(width)), call.last)
    return call.make(Become("embedding", to, count * width))


ROWS = (
    TensorFunction(
        _same,
        every="""
        relu relu6 leaky_relu elu celu selu gelu silu swish mish hardswish hardsigmoid hard_sigmoid
        hard_silu hard_swish hardtanh hardshrink softshrink tanhshrink sigmoid log_sigmoid tanh
        softplus softsign softmax softmax2d log_softmax softmin threshold rrelu glumix activation
        identity dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout
        feature_dropout spatial_dropout1d spatial_dropout2d spatial_dropout3d gaussian_noise
        gaussian_dropout stochastic_depth drop_path drop_block2d local_response_norm
        gelu_activation silu_activation quick_gelu_activation new_gelu_activation relu_activation
        fast_gelu rescaling normalization random_flip random_rotation random_brightness
        random_contrast random_translation random_zoom hard_sigmoid_activation
        hard_swish_activation quant_stub dequant_stub memory_efficient_swish snake
        activity_regularization masking unit_normalization(*values)
        """,
        function="""
        abs absolute alpha batch_norm bfloat16 bool clamp clip clone contiguous cos cpu cuda cumsum
        detach double erf exp flip float group_norm half instance_norm layer_norm log log1p long
        masked_fill nan_to_num normalize ones_like rand_like randn_like empty_like zeros_like
        reciprocal requires_grad rms_norm roll round rsqrt sign sin sqrt square to tril triu type
        type_as(*values)
        """,
        op="abs cast clip exp log power rsqrt sqrt square stop_gradient negative(*values)",
        onnx="""
        Abs Acos Acosh Asin Asinh Atan Atanh Bernoulli BiasGelu BitwiseNot Cast CastLike Ceil Celu
        Clip Cos Cosh CumProd CumSum DequantizeLinear Elu Erf Exp FastGelu Floor Gelu HardSigmoid
        HardSwish Hardmax Identity IsInf IsNaN LRN LeakyRelu Log LogSoftmax LpNormalization
        MeanVarianceNormalization Mish Neg Not QuantizeLinear QuickGelu RandomNormalLike
        RandomUniformLike Reciprocal Relu Round ReverseSequence RotaryEmbedding Scatter
        ScatterElements ScatterND Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt
        Swish Tan Tanh ThresholdedRelu Trilu()(input, *values)
        """,
    ),
    TensorFunction(_masked, onnx="Dropout()(input, *values)"),
    TensorFunction(
        _weighted,
        onnx="""
        BatchNormalization InstanceNormalization GroupNormalization LayerNormalization
        RMSNormalization SimplifiedLayerNormalization()(input, scale, bias=None);
        PRelu()(input, scale)
        """,
    ),
    TensorFunction(
        _normalized,
        module="""
        BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm
            (num_features, eps=1e-05, momentum=0.1, affine=True);
        InstanceNorm1d InstanceNorm2d InstanceNorm3d
            (num_features, eps=1e-05, momentum=0.1, affine=False);
        LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d(eps=1e-05, momentum=0.1, affine=True);
        LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d
            (eps=1e-05, momentum=0.1, affine=True);
        GroupNorm(num_groups, num_channels, eps=1e-05, affine=True);
        LayerNorm2d FrozenBatchNorm2d BatchNormAct2d GRN GlobalResponseNorm Wav2Vec2LayerNorm
            (channels, affine=True)
        """,
        layer="""
        BatchNormalization(axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True);
        LayerNormalization(axis=-1, epsilon=0.001, center=True, scale=True);
        GroupNormalization(groups=32, axis=-1, epsilon=0.001, center=True, scale=True);
        RMSNormalization(axis=-1, epsilon=1e-06, scale=True)
        """,
    ),
    TensorFunction(
        _of_shape,
        module="""
        LayerNorm(normalized_shape, eps=1e-05, elementwise_affine=True, bias=True);
        RMSNorm(normalized_shape, eps=None, elementwise_affine=True)
        """,
    ),
    TensorFunction(
        _prelu,
        module="PReLU(num_parameters=1, init=0.25)",
        function="prelu(input, weight)",
    ),
    TensorFunction(
        _keras_prelu,
        layer="""
        PReLU(alpha_initializer='Zeros', alpha_regularizer=None, alpha_constraint=None,
            shared_axes=None)
        """,
    ),
    TensorFunction(_glu, module="GLU(dim=-1)", function="glu(input, dim=-1)"),
    TensorFunction(_negative, function="neg negative(input)"),
    TensorFunction(_floor, function="floor int(input)"),
    TensorFunction(_ceil, function="ceil(input)"),
    TensorFunction(
        _embedding,
        module="Embedding(num_embeddings, embedding_dim, padding_idx=None)",
        layer="Embedding(num_embeddings, embedding_dim)",
    ),
)
