"""The protocol of atopile's part picker, over the same snapshot as the native routes.

``mapping`` holds its endpoints and parameters as data, ``literals`` its sets of numbers and names,
``questions`` turns its queries into ours, ``component`` our parts into its; ``answers`` goes from
one to the other, with ``records`` out of the databases, and ``describe`` documents it.
"""
