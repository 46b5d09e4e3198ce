"""Images of a kustomization: which are set, and the text of the file with nothing else changed."""

from towpath.documents.kustomize_images.edit import set_images
from towpath.documents.kustomize_images.images import ImageSetting

__all__ = ("ImageSetting", "set_images")
