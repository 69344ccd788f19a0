"""The catalogue that parts come from: kinds of ready files, and its digest."""
