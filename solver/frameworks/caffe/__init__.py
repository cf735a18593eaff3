"""Caffe: its pooling, which counts windows up."""
