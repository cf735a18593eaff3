"""The models, by family."""

from __future__ import annotations

from collections.abc import Iterator

from models import Model


def alike(family: str, make: str, inputs: str, sizes: str, names: str) -> Iterator[Model]:
    """Models that are made alike, but for their names."""
    for name in names.split():
        yield Model(f"{family}:{name}", make.format(name), inputs, sizes)


def each(family: str, inputs: str, sizes: str, made: dict[str, str]) -> Iterator[Model]:
    """Models that take the same, each with the line that makes it."""
    for name, make in made.items():
        yield Model(f"{family}:{name}", make, inputs, sizes)


TORCHVISION = "torchvision.models.{}(weights=None)"
VIDEO = "torchvision.models.video.{}(weights=None)"
TIMM = "timm.create_model('{}', pretrained=False)"
SMP = "segmentation_models_pytorch."
MONAI = "monai.networks.nets."
YOLO = "ultralytics.nn.tasks.DetectionModel('{}.yaml', verbose=False)"

MODELS = [
    *alike("torchvision", TORCHVISION, "1,3,h,w", "image", "swin_t"),
    *alike("torchvision", VIDEO, "1,3,t,h,w", "clip", "mvit_v2_s"),
    *alike(
        "timm",
        TIMM,
        "1,3,h,w",
        "image",
        """
        tf_efficientnet_b0 nest_tiny swin_tiny_patch4_window7_224 sequencer2d_s maxvit_tiny_tf_224
        mobilevit_xs convnext_atto vit_tiny_patch16_224
        """,
    ),
    *each(
        "smp",
        "1,3,h,w",
        "unet",
        {
            "FPN_resnet18": f"{SMP}FPN('resnet18', encoder_weights=None)",
            "Unet_mobilenetv3": f"{SMP}Unet('timm-mobilenetv3_small_100', encoder_weights=None)",
        },
    ),
    *each(
        "monai",
        "1,1,d,h,w",
        "volume",
        {"SwinUNETR": f"{MONAI}SwinUNETR(in_channels=1, out_channels=2, feature_size=12)"},
    ),
    *each(
        "diffusers",
        "sample=1,3,h,w; timestep=1",
        "small",
        {
            "UNet2DModel": "diffusers.UNet2DModel(block_out_channels=(32, 64, 64), "
            "down_block_types=('DownBlock2D', 'AttnDownBlock2D', 'DownBlock2D'), "
            "up_block_types=('UpBlock2D', 'AttnUpBlock2D', 'UpBlock2D'), layers_per_block=1)"
        },
    ),
    *each(
        "codec",
        "1,1,n",
        "sound",
        {
            "hf_encodec": "transformers.EncodecModel(transformers.EncodecConfig())",
            "hf_mimi": "transformers.MimiModel(transformers.MimiConfig(hidden_size=64, "
            "intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, "
            "num_key_value_heads=4, head_dim=16, upsample_groups=64))",
        },
    ),
    *each(
        "codec",
        "1,n",
        "sound",
        {
            "vocos": "vocos.pretrained.Vocos("
            "vocos.feature_extractors.MelSpectrogramFeatures(), "
            "vocos.models.VocosBackbone(100, 64, 128, 2), vocos.heads.ISTFTHead(64, 1024, 256))"
        },
    ),
    *each(
        "torchaudio",
        "1,2,n",
        "sound",
        {"hdemucs": "torchaudio.models.hdemucs_low(['drums', 'vocals'])"},
    ),
    *alike("ultralytics", YOLO, "1,3,h,w", "detect", "yolov8n yolo11n"),
]
