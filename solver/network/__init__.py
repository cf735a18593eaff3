"""Whole networks: sizes for every n, valid inputs, what is read, what it costs, what is wrong."""

from solver.network.coverage import coverage as coverage
from solver.network.field import fields as fields
from solver.network.graph import Network as Network
from solver.network.graph import Node as Node
from solver.network.streaming import streaming as streaming
from solver.network.tensor import Tensor as Tensor
from solver.network.tensor import add as add
from solver.network.tensor import concat as concat
from solver.network.tensor import crop as crop
from solver.network.tensor import flatten as flatten
from solver.network.tensor import global_pool as global_pool
from solver.network.tensor import linear as linear
from solver.network.tensor import pad as pad
from solver.network.tensor import pad_like as pad_like
from solver.network.tensor import pointwise as pointwise
from solver.network.tensor import reshape as reshape
from solver.network.tensor import resize as resize
from solver.network.tensor import split as split
from solver.network.tensor import trace as trace
from solver.network.tensor import upsample as upsample
from solver.network.tiling import bioimage as bioimage
from solver.network.tiling import tiling as tiling
from solver.network.tiling import torch_export_dim as torch_export_dim
from solver.network.unread import unread as unread
from solver.network.valid import valid as valid
