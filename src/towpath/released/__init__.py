"""Looks at repositories for what was released: commits by the mirrors, labels of images by their registries."""
