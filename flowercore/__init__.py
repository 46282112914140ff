"""Flower Lab without a screen: transfer learning on folders of photos.

Importing this package imports neither TensorFlow nor Streamlit.
"""

__version__ = "0.1.0"
