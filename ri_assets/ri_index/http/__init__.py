"""The RI Index over HTTP, read-only, for apps in other languages.

A path is a method of `RIIndex`, its parameters are the method's arguments, and what
comes back are the method's records as JSON. Belongs here: what HTTP adds (forms, pages,
ETags, tokens, problems). Does not belong here: answering, which is `RIIndex`.
"""
