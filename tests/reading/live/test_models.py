"""A few models of each package that is installed, against what was recorded of them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.live,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch"),
]

MODELS = Path(__file__).parents[2] / "data" / "models"
#: Quick ones, each of another kind: branches on sizes, positions, ties of axes, tokens, sound.
SMALL = [
    "torchvision:squeezenet1_1",
    "torchvision:vit_b_32",
    "torchvision:mvit_v1_b",
    "timm:resnet18",
    "timm:pvt_v2_b0",
    "timm:pit_ti_224",
    "smp:FPN_resnet18",
    "monai:ViT",
    "monai:VQVAE",
    "monai:UNETR",
    "diffusers:UNet2DConditionModel",
    "diffusers:SD3Transformer2DModel",
    "transformers:BertModel",
    "transformers:Dinov2Model",
    "transformers:BeitModel",
    "codec:dac",
    "codec:vocos",
    "torchaudio:ConformerLayer",
    "torchaudio:MFCC",
    "ultralytics:yolov8n_cls",
]


@pytest.mark.parametrize("name", SMALL)
def test_is_read_whole(name, monkeypatch):
    """Each recorded size is answered, rightly, and each parameter counts once."""
    monkeypatch.syspath_prepend(str(MODELS))
    import judge
    import models

    model = next(each for each in models.MODELS if each.name == name)
    for root in models.roots(model.make):
        pytest.importorskip(root)
        models.imported(root, model.make)
    rows = map(json.loads, judge.TRUTH.read_text(encoding="utf-8").splitlines())
    judge.TRUTHS.update({row["model"]: row for row in rows})
    assert judge.judge(model).said == {}
