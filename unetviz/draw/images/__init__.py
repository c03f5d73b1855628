"""Arrays as images: colours, boxes on them, feature maps."""
