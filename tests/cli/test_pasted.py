"""`convsolver size` of a layer as it stands in a program, against PyTorch, and full shapes."""

from __future__ import annotations

import pytest
from cli_fixtures import line, run

torch = pytest.importorskip("torch")

LAYERS = (
    "MaxPool2d(3,2,1)",
    "Conv2d(3,64,7,2,3)",
    "self.down = nn.Conv2d(3, 8, (3, 5), stride=2)",
    "nn.ConvTranspose2d(3, 4, 4, 2, 1, 1)",
    "nn.AvgPool2d(3, 2, ceil_mode=True)",
    "F.max_pool2d(x, 3, 2, 1)",
)


def ran(text, sizes):
    """What PyTorch gives for a layer of the list above."""
    x = torch.zeros(1, 3, *sizes)
    names = {"nn": torch.nn, "F": torch.nn.functional, "x": x, **vars(torch.nn)}
    made = eval(text.rpartition(" = ")[2], names)
    return [*(made if isinstance(made, torch.Tensor) else made(x)).shape[2:]]


@pytest.mark.parametrize("text", LAYERS)
def test_a_layer_is_that_layer_and_no_function_of_n(text):
    for sizes in ((112, 112), (30, 17), (9, 12)):
        asked = "x".join(map(str, sizes))
        wanted = "x".join(map(str, ran(text, sizes)))
        assert run("size", text, asked, "--brief").out == f"{asked} -> {wanted}\n"


@pytest.mark.parametrize(
    ("words", "output"),
    [
        ("'nn.max_pool2d(x, 3, 2, 1)' 7", "7 -> 4"),
        ("'MaxPool(3,2,1)' 112", "112 -> 56"),
        ("'nn.Upsample(scale_factor=2)' 9 7x9", "9 -> 18; 7x9 -> 14x18"),  # not of Paddle at 9
        ("'conv k3 s2 p1' 112 7", "112 -> 56; 7 -> 4"),
        ("'maxpool k3x2 s2 ceil' 112x7", "112x7 -> 56x4"),
        ("'MaxPool(3, stride=2, padding=1)' n 1", "n -> ceil(n/2); 1 -> 1"),
        ("'Conv2D(64, 3, padding=\"same\")' 7", "7 -> 7"),
        ("'MaxPool2D(3, 2, 1)' 7 --framework paddle", "7 -> 4"),
        ("'nn.Conv2d(3,8,(3,5))' hxw", "hxw -> h - 2 x w - 4"),
        ("'keras.layers.Conv2D(8,7,2,\"same\")' 1,224,220,3", "1,224,220,3 -> 1,112,110,8"),
        ("'nn.Conv2d(3,8,7,2,3)' 1,3,224,220", "1,3,224,220 -> 1,8,112,110"),
        ("conv 1,224,220,3 -k 7 -s 2 -p same --framework keras --out-channels 64", "1,112,110,64"),
        ("conv 1,224,220,3 -k 7 -s 2 -p 3 --framework jax --out-channels 64", "1,112,110,64"),
        ("conv 1,3,224,220 -k 7 -s 2 -p 3 --framework onnx --out-channels 64", "1,64,112,110"),
        ("conv 224,3 -k 3 --dim 1 --framework flax --out-channels 8", "222,8"),
    ],
)
def test_sizes_in_the_order_of_the_framework(words, output):
    assert line(f"convsolver size {words} --brief") == (0, output + "\n", "")


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ("size 'Conv2d(n, 3)' 7", "conv(n, k=3, s=2, p=1)"),
        ("prove 'MaxPool2d(3,2,1) == 4'", "maxpool(n, k=3, s=2, p=1)"),
        ("solve conv 'MaxPool2d(3,2,1)' 4", "maxpool(n, k=3, s=2, p=1)"),
        ("size 'MaxPool2d(3,2,1)' 7 --ceil-mode", "an expression tells its layers itself"),
        ("size 'MaxPool2D(3, 2, padding=1)' 7 --framework torch", "--from keras"),
    ],
)
def test_what_is_no_layer_is_refused_with_a_hint(words, right):
    ended = line(f"convsolver {words}")
    assert (ended.code, ended.out) == (2, "")
    assert right in ended.err


def test_frameworks_that_disagree_are_not_chosen_between():
    """Without a stride PyTorch's pooling has that of its kernel, and Flax's has 1."""
    ended = line("convsolver size 'nn.avg_pool(x, (2, 2))' 7")
    assert (ended.code, ended.out) == (2, "")
    assert "--framework" in ended.err
    words = "convsolver size 'nn.avg_pool(x, (2, 2))' 7 --brief --framework"
    assert (line(f"{words} torch").out, line(f"{words} flax").out) == ("7 -> 3\n", "7 -> 6\n")
