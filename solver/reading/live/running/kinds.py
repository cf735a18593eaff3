"""Functions of PyTorch by what a run does with them, where they are no operations."""

from __future__ import annotations

import operator


def names(text: str) -> frozenset[str]:
    """The names that a text lists."""
    return frozenset(text.split())


#: They change no size and no value that a network would name.
TRANSPARENT = names("""
    float half double bfloat16 long int short bool to type type_as contiguous detach detach_ clone
    requires_grad_ cpu cuda alias positive resolve_conj resolve_neg
""")
#: They tell of a tensor what no size depends on.
TELLING = names("""
    dim ndimension element_size is_floating_point is_complex is_contiguous get_device stride
    has_names storage_offset is_signed __len__ __hash__ __repr__ __str__ __format__ __dir__
    data_ptr is_same_size is_tensor is_pinned is_shared _is_view is_conj is_neg is_inference
    get_default_dtype __reduce_ex__ layout size_bytes nbytes
""")
#: They hand out elements, which a run does not have.
VALUES = names("""
    item tolist numpy __int__ __float__ __bool__ __index__ __array__ __complex__ is_nonzero equal
    allclose __contains__ nonzero unique unique_consecutive masked_select argwhere
""")
#: Of these, what gives a truth: a program may do the same whichever it is.
TRUTHS = names("__bool__ __contains__ is_nonzero equal allclose")
#: PyTorch has no shapes for these without values, or only slowly.
BY_RULE = names("lstm gru rnn istft")
#: What comes out of these has the type that goes in, where that is one; PyTorch is slow to say so.
PLAIN = names("""
    add sub mul div truediv iadd isub imul itruediv relu gelu silu sigmoid tanh hardswish leaky_relu
    batch_norm group_norm layer_norm instance_norm interpolate
""")
#: Operators, of which methods such as radd and iadd are named.
OPERATORS = {
    name: getattr(operator, f"__{name}__")
    for name in names("add sub mul truediv floordiv mod pow matmul and or xor lshift rshift")
}


def stem(name: str) -> str:
    """The operator of a method that is named after it with one letter more.

    >>> stem("__radd__"), stem("__imul__")
    ('add', 'mul')
    """
    return name.strip("_")[1:]
