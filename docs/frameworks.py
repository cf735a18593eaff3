"""Write docs/frameworks.md: every table of it is printed from the tables of solver.frameworks.

    python docs/frameworks.py

The test of this page runs it and compares.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

from solver.frameworks import NAMES, framework
from solver.ground.shown import written
from solver.layers.row import Framework
from solver.render.forms.markdown import cell, table
from solver.render.frameworks import LETTERS, Chosen, gotchas, kinds, overview, sections
from solver.render.report import Code

PAGE = Path(__file__).with_suffix(".md")

_HEAD = """# Frameworks

What PyTorch, Keras, TensorFlow, JAX, Flax, Paddle, ONNX and Caffe call each operation, which
arguments its sizes depend on, which size comes out, and what surprises people.
[A script](frameworks.py) wrote this page from the tables that the code works with, and the
tests run it again.

`solver.layer` makes a layer in a framework's own words. It gives sizes for numbers and for every n,
and refuses what the framework refuses:

```pycon
>>> from solver.frameworks import layer
>>> down = layer("keras", "Conv2D", kernel_size=3, strides=2, padding="same")
>>> down.size((224, 225))
(112, 113)
>>> str(down.size_map())  # for every n
'ceil(n/2)'
>>> layer("onnx", "MaxPool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1).size([6, 7])
[3, 3]
>>> layer("torch", "ConvTranspose2d", kernel_size=3, stride=2, output_padding=2).size(7)
Traceback (most recent call last):
    ...
solver.errors.SolverError: output padding must be smaller than either stride or dilation
  received: output_padding 2, stride 2, dilation 1
  right:    output_padding at most 1

```

On the command line, a framework or an operation, in any framework's name for it, shows its part of
the tables:

```console
$ convsolver frameworks keras maxpool
__SHOWN__```

## What each calls it

N is the number of axes. An empty cell says that the tables have no operation of this kind only: a
depthwise convolution is a convolution in groups in PyTorch, JAX, Flax, Paddle and ONNX, for
instance. JAX's reduce_window is every pooling.

"""

_RULES = """
## Arguments, sizes and gotchas

Arguments are named as the framework names them, with its defaults; those that sizes do not depend
on are left out. Where TensorFlow and JAX take a kernel as an array, kernel_shape is the spatial
part of its shape. A default of None follows from another argument, or means that there is none.

__LETTERS__.
Sizes are those along one axis.
"""

#: What goes for all operations of a framework.
_NOTES = {
    "torch": "Padding is in numbers, alike at both ends; what does not fit is refused.",
    "keras": """Padding is in words; ZeroPadding and Cropping layers do the rest. Channels come
last. Sizes are those that Keras works out itself, whatever the backend.""",
    "tensorflow": """These are the operations of tf.nn. Padding is in words, or in pairs (begin,
end) for each axis where an operation takes them. Channels come last.""",
    "jax": """These are the operations of jax.lax, and jax.image.resize. Padding is in words, or in
pairs (low, high) for each axis. What does not fit gives size zero.""",
    "flax": "Layers of flax.linen and of flax.nnx are alike; the rules are JAX's.",
    "paddle": """Padding is in words or in numbers, at each end its own. Where no window fits,
Paddle divides towards zero, announces one and reads behind its input: such sizes are
refused here.""",
    "onnx": """Attributes have one entry per axis, pads all begins and then all ends. The rule is
the operator's text; where onnxruntime or shape inference differs, the notes of a layer say so.""",
    "caffe": """These are its poolings, whose windows are counted up, and clipped only where an axis
has padding. Sizes are told, and what a pooling is elsewhere; no answers are written in it.""",
}


def page() -> str:
    """Return the page."""
    tables = tuple(map(framework, NAMES))
    chosen = Chosen(tables, kinds(tables))
    parts = [
        _HEAD.replace("__SHOWN__", _shown("keras", "max pooling")),
        table(overview(chosen)) + "\n",
        _RULES.replace("__LETTERS__", fill(LETTERS, 100)),
    ]
    parts += [
        f"\n### {section.title[0].upper()}{section.title[1:]}\n\n{table(section.table())}\n"
        for section in sections(chosen)
    ]
    parts.append("\n## Framework by framework\n")
    parts += [_notes(each) for each in tables]
    return "".join(parts)


def _shown(name: str, kind: str) -> str:
    """What the command prints of a framework's operations of a kind."""
    return written(Chosen((framework(name),), (kind,)), "plain") + "\n"


def _notes(found: Framework) -> str:
    notes = (f"- {cell(Code(names))}: {cell(said)}\n" for said, names in gotchas(found).items())
    return f"\n### {found.title}\n\n{_NOTES[found.name]}\n\n{''.join(notes)}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
