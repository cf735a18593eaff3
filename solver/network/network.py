"""A network that answers: its sizes in words, what is known of it as text."""

from __future__ import annotations

from solver.ground.shown import Reported
from solver.network.graph.graph import Graph
from solver.network.graph.summary import formula


class Network(Reported, Graph):
    """Be a network: nodes in order, and which of them come out.

    >>> from solver import Conv, trace
    >>> print(str(trace(Conv(3, padding=1), axes=1)).partition("\\n")[0])
    n -> n, for every n >= 1
    """

    def formula(self, name: str = "") -> str:
        """Return the sizes of the output, or of the node of a name, for every n.

        >>> from solver import Conv, trace
        >>> trace(Conv(7, stride=2, padding=3)).formula()
        'ceil(n/2)'
        """
        return formula(self, self.find(name) if name else self.outputs[0])
