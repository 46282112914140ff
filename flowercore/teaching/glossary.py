"""What each technical word of the dashboard means, for somebody who has just left school."""

from __future__ import annotations

TERMS: dict[str, str] = {
    "accuracy": "The share of photos that a model names rightly. On test photos it tells how good "
    "the model is; on training photos only how well it has learned them by heart.",
    "activation": "A number that a layer of a network gives for one place of a photo: how much of "
    "what the filter looks for is there.",
    "augmentation": "Changed copies of the training photos, mirrored, cropped, turned or in other "
    "light, so that the model learns what does not matter.",
    "backbone": "A large network without its last layer, trained on a million pictures before. It "
    "turns a photo into features.",
    "balanced accuracy": "The mean of what is found of each class: small classes count as much as "
    "large ones.",
    "batch normalization": "A layer that shifts and scales its input to a fixed mean and spread. "
    "While training it may use those of the batch; afterwards it uses the ones it has noted.",
    "batch size": "How many photos the model looks at before it changes its weights once.",
    "bias": "A number that is added to each sum of a layer, whatever the photo: it moves the point "
    "from which on the layer answers.",
    "calibration": "Making the probabilities honest: of all photos that get 80 %, eight in ten "
    "should be named rightly.",
    "calibration error": "How far apart “how sure” and “how often right” lie, on average over the "
    "photos, in bins of equal mass. Few photos alone make some of it.",
    "channel": "One of the numbers at each place: red, green and blue in a photo, one for each "
    "filter in a feature map.",
    "class": "One of the names that a model can give: daisy, dandelion, rose, sunflower or tulip.",
    "class activation map": "A picture of which places of a photo spoke for a class: the class's "
    "weights over the last feature map.",
    "class weights": "Counting photos of a rare class more, so that it is not drowned by the "
    "others.",
    "confidence interval": "The range in which an accuracy would lie on many photos like these, 19 "
    "times of 20. Few photos make it wide.",
    "confusion matrix": "A table of what the model says (columns) for what the photos are (rows). "
    "What lies off its diagonal are the mistakes.",
    "convolution": "Sliding a small square of weights, the kernel, over a picture and writing "
    "down at each place how well it fits there.",
    "covariance pooling": "Giving the head not only how much there is of each feature in a photo, "
    "but also which of them occur together at one place.",
    "cross-entropy": "The loss of a classifier: minus the logarithm of the probability that it "
    "gave to the true class. Sure and wrong costs most.",
    "cross-validation": "Testing on each part of the photos in turn with a model that learned from "
    "all the others, so that every photo is a test photo once.",
    "depthwise convolution": "A convolution of each channel by itself: it looks at the places "
    "around, and mixes no channels.",
    "depthwise separable convolution": "A convolution in two steps: first each channel by itself "
    "over the places, then all channels together at each place. Far fewer weights.",
    "dropout": "Switching off some features at random while training, so that the model relies on "
    "no single one.",
    "early stopping": "Ending the training when the validation loss has stopped falling, and "
    "keeping the best weights.",
    "epoch": "One pass over all training photos.",
    "F1": "Precision and recall in one number: their harmonic mean, which is high only when both "
    "are.",
    "feature": "A number that the backbone gives for a photo, such as how much of a certain "
    "pattern is in it. EfficientNet-Lite0 gives 1,280 of them.",
    "feature map": "What a layer gives for a photo: a coarse picture for each of its filters, "
    "bright where the filter found what it looks for.",
    "filter": "A kernel over all channels together with its bias. A layer has many, and each gives "
    "one channel of the next feature map.",
    "fine-tuning": "Training the last blocks of the backbone further, in small steps, after the "
    "head has learned. Slower than the head alone, and often better.",
    "frozen": "A layer whose weights do not change while training.",
    "global average pooling": "Averaging each feature map over all its places: where something is "
    "no longer counts, only how much of it there is.",
    "head": "The last layer, which turns features into a probability for each class. It is what is "
    "trained here first.",
    "ImageNet": "1.2 million photos in a thousand classes. Backbones are trained on it before they "
    "come here.",
    "Inception module": "A part of a network in which several narrow convolutions, the towers, "
    "look at the same map side by side, each at some of its channels.",
    "kernel": "The small square of weights that a convolution slides over a picture.",
    "L2 regularization": "A price on large weights, so that the model does not cling to details of "
    "the training photos.",
    "label": "The class that a person gave a photo. It can be wrong.",
    "label smoothing": "Asking for a little less than 100 % for the true class while training, so "
    "that the model does not become too sure.",
    "learning curve": "How accuracy grows with the number of photos that are learned from. Where "
    "it still rises, more photos would help.",
    "learning rate": "How large a step the weights take after each batch. Too small is slow, too "
    "large goes astray.",
    "learning-rate schedule": "How the learning rate changes from epoch to epoch: constant, "
    "falling along a cosine, or reduced when the validation loss no longer falls.",
    "log loss": "The mean cross-entropy of some photos, in nats: 0 for a model that is always "
    "right and sure.",
    "logit": "The head's raw number for a class, before softmax makes a probability of it.",
    "loss": "How wrong the model is, as one number that training makes smaller. Here it is the "
    "cross-entropy.",
    "macro F1": "The mean of the classes' F1: high only when what it calls a class is one, and "
    "what is one is found.",
    "max pooling": "Keeping the largest number of each small square of a feature map: it makes the "
    "map smaller and says that something is there, not exactly where.",
    "mixup": "Blending pairs of photos and of their labels while training.",
    "model": "All that turns a photo into an answer: backbone and head with their weights.",
    "multiply-add": "One multiplication and one addition, the unit in which a network's work is "
    "counted.",
    "optimizer": "The rule by which the weights are changed after each batch, such as Adam or "
    "stochastic gradient descent.",
    "overfitting": "Learning the training photos by heart: their loss still falls while that of "
    "the validation photos rises.",
    "padding": "Rows of zeros around a picture, so that the kernel fits at its edge too.",
    "parameter": "A number that training can set, also called weight.",
    "pointwise convolution": "A convolution with a kernel of one pixel: it mixes the channels at "
    "each place.",
    "precision": "Of the photos that the model called daisy, the share that are daisies.",
    "preprocessing": "What happens to pixels before the first layer: resizing, scaling, shifting. "
    "A backbone needs that with which it was trained.",
    "pretrained": "Trained before, on other pictures.",
    "recall": "Of all daisies, the share that the model called daisy.",
    "receptive field": "The part of the photo that one place of a feature map can have seen.",
    "ReLU6": "What follows most convolutions here: a number below 0 becomes 0, one above 6 becomes "
    "6. Without such a bend, all layers together could do no more than one.",
    "residual connection": "A shortcut that adds a block's input to its output: the block learns "
    "only what should change.",
    "run": "One training with its settings, its curves, its weights and its results.",
    "seed": "The number from which all random choices follow: the same seed, the same result.",
    "separable convolution": "See depthwise separable convolution.",
    "sharpness-aware minimization": "Before each step, looking nearby for where the loss is "
    "highest and going down from there: weights in a wide valley are less learned by heart.",
    "softmax": "The formula that turns logits into probabilities: all between 0 and 1, together 1.",
    "split": "How the photos are divided into those to learn from, those to watch the training "
    "with, and those to test on.",
    "standardisation": "Taking off the mean of all training pixels and dividing by their standard "
    "deviation.",
    "stride": "How many pixels the kernel moves from one place to the next. A stride of 2 halves "
    "the picture.",
    "temperature": "One number by which all logits are divided to make the probabilities honest. "
    "It changes no answer.",
    "test photos": "Photos that are kept apart until the end: what the model says of them is its "
    "result.",
    "training photos": "Photos that the weights are fitted to.",
    "transfer learning": "Using what a network learned on other pictures for a new task, so that "
    "few photos and little time are enough.",
    "validation photos": "Photos that nothing is fitted to, by which the training is watched and "
    "settings are chosen.",
    "weight averaging": "Keeping a moving average of the weights instead of the last ones, which "
    "jump about.",
}
"""By the word; the meaning is Markdown in a sentence or two."""


def meaning(word: str) -> str:
    """Return what a word means.

    Args:
        word: One of the words of `TERMS`.

    Raises:
        KeyError: If it is none of them: a page that explains a word must name one that is here.
    """
    return TERMS[word]
