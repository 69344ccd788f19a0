"""The protocol of jlcsearch, which tscircuit and others ask, over the same snapshot.

``table`` says what a list is made of, ``tables`` holds all lists as data, ``question`` turns a
request's parameters into conditions, ``packages`` its spellings of packages into ours, ``lists``
answers, and ``routes`` hangs it all on the server.
"""
