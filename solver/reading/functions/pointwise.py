"""Functions that change values and keep every size: activations, normalizations, dropout."""

from __future__ import annotations

from math import prod
from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.merging import SplitPart
from solver.network.graph.operation import Pointwise
from solver.reading.functions.call import Call, Weight, Wire, ours, several
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.sizes import calculated, rounded
from solver.sizes.width import is_int


def _same(call: Call) -> Wire:
    return call.make(Pointwise(call.name, parameters=call.held))


def _in_order(call: Call) -> tuple[Wire, Wire]:
    """Read sort and its kin: the values, and where they were."""
    found = _same(call)
    return found, found


def _normal_weight(call: Call) -> Wire:
    """Read the weight that weight normalization works out."""
    return call.make(Pointwise(call.name), call.tensor(call["input"]))


def _masked(call: Call) -> tuple[Wire, Wire]:
    found = _same(call)
    return found, found


def _prelu(call: Call) -> Wire:
    count = call["num_parameters"]
    return call.make(Pointwise(call.name, parameters=count if is_int(count) else None))


def _slopes(call: Call) -> Wire:
    return call.make(Pointwise(call.name, parameters=call.learned("slope")))


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


def _whole(call: Call) -> Any:
    """Read what makes whole numbers, of the elements of a tensor or of sizes."""
    value = call["input"]
    if isinstance(value, (Wire, Weight)) or call["decimals"]:
        return _same(call)
    return rounded(call.name, value)


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
        acos acosh alpha angle arccos arccosh arcsin arcsinh arctan arctanh argsort astype
        asin asinh atan atanh bernoulli bfloat16 bitwise_not bool  byte cauchy cfloat
        chalf char clone conj conj_physical contiguous cos cosh cpu cuda cumprod cumsum deg2rad
        dequantize detach digamma double empty_like erf erfc erfinv exp exp2 expm1 exponential
        fill fill_diagonal fix float frac
        full_like geometric half i0 imag index_add index_copy index_fill index_put
        index_reduce int_repr invert isfinite isin isinf isnan isneginf isposinf isreal lgamma log
        log10 log1p log2 log_normal logcumsumexp logical_not logit long msort mvlgamma nan_to_num
        normal normalize ones_like pin_memory positive polygamma put quantize_per_tensor
        rad2deg rand_like randint_like randn_like random real reciprocal renorm requires_grad
        resolve_conj resolve_neg retain_grad rsqrt scatter scatter_add scatter_reduce
        select_scatter slice_scatter diagonal_scatter sgn short sign signbit sin sinc sinh
        sqrt square tan to to_dense tril triu trunc type type_as uniform
        zero zeros_like cholesky linalg_cholesky inverse linalg_inv
        matrix_exp linalg_matrix_exp matrix_power linalg_matrix_power(input, *values)
        """,
        op="abs cast clip exp log power rsqrt sqrt square stop_gradient negative(*values)",
        onnx="""
        Abs Acos Acosh Asin Asinh Atan Atanh Bernoulli BiasGelu BitwiseNot Cast CastLike Ceil Celu
        Clip Cos Cosh CumProd CumSum DequantizeLinear Elu Erf Exp FastGelu Floor Gelu HardSigmoid
        HardSwish Hardmax Identity IsInf IsNaN LRN LeakyRelu Log LogSoftmax LpNormalization
        MeanVarianceNormalization Mish Neg Not QuantizeLinear QuickGelu RandomNormalLike
        RandomUniformLike Reciprocal Relu Round ReverseSequence RotaryEmbedding Scatter
        ScatterElements ScatterND Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt
        Swish Tan Tanh ThresholdedRelu Trilu EyeLike Inverse QLinearSigmoid QLinearLeakyRelu
        QLinearSoftmax BiasAdd BiasSplitGelu SkipLayerNormalization SkipSimplifiedLayerNormalization
        SkipGroupNorm GroupNorm TensorScatter()(input, *values)
        """,
    ),
    TensorFunction(_in_order, function="sort cummax cummin frexp(*values)"),
    TensorFunction(_normal_weight, function="weight_norm(input, scale)"),
    TensorFunction(_masked, onnx="Dropout()(input, *values)"),
    TensorFunction(_slopes, onnx="PRelu()(input, slope)"),
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
    TensorFunction(_whole, function="floor int ceil abs absolute round(input, decimals=0)"),
)
