r"""Formulas for a paper: the size of a layer, one letter of it, and the answer to a question.

Prints:
    o = \left\lfloor \frac{i + 2p - d(k - 1) - 1}{s} \right\rfloor + 1
    o = \left\lfloor \frac{i - 1}{s} \right\rfloor + 1
    a = o + 2p - (i - 1)s - d(k - 1) - 1
    s = 2 \\ p = \left\lfloor \frac{k - 1}{2} \right\rfloor
"""

from solver import Conv, formula, solve
from solver.render.family import family

print(formula("conv", style="compact"))
print(formula("conv", style="compact", kernel_size=3, padding=1))
print(formula("deconv", letter="output_padding"))
print(r" \\ ".join(family(solve(Conv, "n", "n/2", dilation=1))))
